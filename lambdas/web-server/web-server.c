/*
 * Serves short texts (paper section 6.2 a and Listing 2). Request: u32 page. Answer: the text of that page; there are
 * eight, and the number counts modulo eight.
 */
#include "lnic.h"

#define PAGES 8
#define PAGE_OCTETS 64

struct page {
  uint32_t octets;
  uint8_t text[PAGE_OCTETS];
};

#define PAGE(string) { sizeof(string) - 1, string }

/* Read by every request and small: in the internal memory, which answers sooner than the external one. */
__imem const struct page pages[PAGES] = {
  PAGE("home"),
  PAGE("<html><body><h1>lambda-NIC</h1></body></html>"),
  PAGE("Serverless functions on a programmable NIC."),
  PAGE("Match, then run to completion."),
  PAGE("GET /status 200 all cores idle"),
  PAGE("{\"user\":\"guest\",\"cart\":[],\"total\":0}"),
  PAGE("The quick brown fox jumps over the lazy dog, 64 octets in total."),
  PAGE("bye, and thank you for the packets"),
};

int pif_plugin_web_server(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {
  PIF_PLUGIN_lambda_hdr_T *lambda = pif_plugin_hdr_get_lambda_hdr(headers);
  __xread uint32_t number;
  __xread uint32_t page[1 + PAGE_OCTETS / 4];
  __xwrite uint32_t text[PAGE_OCTETS / 4];

  if (!lnic_is_whole(headers) || lambda->length_ != 4) {
    lnic_answer(headers, LNIC_BAD_REQUEST, 0);
    return PIF_PLUGIN_RETURN_FORWARD;
  }
  mem_read32(&number, lnic_body(), 4);
  mem_read32(page, &pages[number % PAGES], sizeof(struct page));
#define COPY(i) text[i] = page[1 + i]
  COPY(0); COPY(1); COPY(2); COPY(3);
  COPY(4); COPY(5); COPY(6); COPY(7);
  COPY(8); COPY(9); COPY(10); COPY(11);
  COPY(12); COPY(13); COPY(14); COPY(15);
  mem_write32(text, lnic_body(), PAGE_OCTETS);
  lnic_answer(headers, LNIC_OK, page[0]);
  return PIF_PLUGIN_RETURN_FORWARD;
}
