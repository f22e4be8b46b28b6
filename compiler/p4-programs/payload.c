/* Looks for a word in the payload, through a pointer to any memory of the NIC, in pieces that one command moves. */
#include <nfp.h>
#include <nfp/mem_bulk.h>
#include <pif_plugin.h>

#define PIECE_WORDS 4

static __lmem uint8_t wanted[] = { 'n', 'i', 'c' };

int pif_plugin_find_word(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {
  PIF_PLUGIN_answer_T *answer = pif_plugin_hdr_get_answer(headers);
  __mem uint8_t *payload;
  __xread uint32_t piece[PIECE_WORDS];
  __lmem uint32_t words[PIECE_WORDS];
  uint32_t outside, left, seen = 0, progress = 0;

  outside = 0;
  if (pif_pkt_info_global.split) {
    outside = pif_pkt_info_global.pkt_len - (256 << pif_pkt_info_global.ctm_size) +
              PIF_PKT_SOP(pif_pkt_info_global.pkt_buf, pif_pkt_info_global.pkt_num);
  }
  payload = pif_pkt_info_global.pkt_buf;
  payload += pif_pkt_info_global.pkt_pl_off;
  left = pif_pkt_info_global.pkt_len - pif_pkt_info_global.pkt_pl_off - outside;
  for (;;) {
    while (left != 0) {
      uint32_t octets = left > sizeof(piece) ? sizeof(piece) : left;
      uint32_t i;
      mem_read8(piece, payload, octets);
      for (i = 0; i < PIECE_WORDS; i++) {
        words[i] = piece[i];
      }
      for (i = 0; i < octets; i++) {
        uint32_t octet = (words[i / 4] >> (24 - 8 * (i & 3))) & 0xff;
        progress = octet == wanted[progress] ? progress + 1 : octet == wanted[0];
        seen++;
        if (progress == sizeof(wanted)) {
          answer->found = 1;
          answer->at = seen - sizeof(wanted);
          return PIF_PLUGIN_RETURN_FORWARD;
        }
      }
      payload += octets;
      left -= octets;
    }
    if (outside == 0) {
      return PIF_PLUGIN_RETURN_FORWARD;
    }
    payload = (__mem void *)((uint64_t)pif_pkt_info_global.muptr << 11);
    payload += 256 << pif_pkt_info_global.ctm_size;
    left = outside;
    outside = 0;
  }
}
