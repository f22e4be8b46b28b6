#include <pif_plugin.h>

__mem unsigned int seen;

int pif_plugin_judge(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {
  PIF_PLUGIN_word_T *word = pif_plugin_hdr_get_word(headers);
  seen = seen + 1;
  word->mark = seen;
  if (word->key == 1) return PIF_PLUGIN_RETURN_DROP;
  return PIF_PLUGIN_RETURN_FORWARD;
}
