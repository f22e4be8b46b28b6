/*
 * Answers a number with the next one. Nothing else is written: ids, match stage, parser and answer come from the
 * workload manager, which sees that the lambda uses server_hdr.
 */
int next(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {
  PIF_PLUGIN_server_hdr_T *request = pif_plugin_hdr_get_server_hdr(headers);
  request->address = request->address + 1;
  return PIF_PLUGIN_RETURN_FORWARD;
}
