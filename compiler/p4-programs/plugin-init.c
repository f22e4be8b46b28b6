#include <pif_plugin.h>

__mem unsigned int once;
__mem unsigned int contexts;

int pif_plugin_init_master(void) {
  once = once + 1;
  return 0;
}

int pif_plugin_init(void) {
  mem_incr32(&contexts);
  return 0;
}

int pif_plugin_show(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {
  PIF_PLUGIN_word_T *word = pif_plugin_hdr_get_word(headers);
  word->mark = once;
  word->rest = contexts;
  return PIF_PLUGIN_RETURN_FORWARD;
}
