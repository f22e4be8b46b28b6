/* Counts its requests over all cores of the NIC, and answers with how many there were before. */
__emem uint32_t requests;

int tally(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {
  PIF_PLUGIN_server_hdr_T *request = pif_plugin_hdr_get_server_hdr(headers);
  __xrw uint32_t count;
  count = 1;
  mem_test_add(&count, &requests);
  request->address = count;
  return PIF_PLUGIN_RETURN_FORWARD;
}
