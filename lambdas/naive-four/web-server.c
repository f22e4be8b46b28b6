/* Serves short texts. Request: u32 page. Answer: the text of that page; the number counts modulo sixteen. */
#include <pif_plugin.h>

#define PAGES 16
#define PAGE_OCTETS 64
#define BODY_OFFSET 62
#define STATUS_OK 0
#define STATUS_BAD_REQUEST 2

struct page {
  unsigned int octets;
  unsigned char text[PAGE_OCTETS];
};

#define PAGE(string) { sizeof(string) - 1, string }

const struct page pages[PAGES] = {
  PAGE("home"),
  PAGE("about us"),
  PAGE("contact"),
  PAGE("{\"user\":\"guest\"}"),
  PAGE("{\"cart\":[],\"total\":0}"),
  PAGE("<html><body>hello</body></html>"),
  PAGE("<html><body>news</body></html>"),
  PAGE("<html><body>weather</body></html>"),
  PAGE("status: all cores idle"),
  PAGE("status: some cores busy"),
  PAGE("User-agent: *"),
  PAGE("The quick brown fox jumps over the lazy dog."),
  PAGE("Pack my box with five dozen liquor jugs."),
  PAGE("Not here"),
  PAGE("Moved to another page"),
  PAGE("bye"),
};

unsigned int visits[PAGES];

/* The whole request is in this frame. */
static inline int web_server_is_whole(EXTRACTED_HEADERS_T *headers, unsigned int octets) {
  PIF_PLUGIN_lambda_hdr_T *lambda = pif_plugin_hdr_get_lambda_hdr(headers);
  unsigned int udpOctets = pif_plugin_hdr_get_udp(headers)->length_;
  if (udpOctets < 28 || udpOctets + 34 > pif_pkt_info_global.pkt_len) {
    return 0;
  }
  return lambda->fragments <= 1 && lambda->length_ == octets && lambda->length_ <= udpOctets - 28;
}

static inline void web_server_answer(EXTRACTED_HEADERS_T *headers, unsigned int status, unsigned int octets) {
  PIF_PLUGIN_lambda_hdr_T *lambda = pif_plugin_hdr_get_lambda_hdr(headers);
  lambda->fragment = 0;
  lambda->fragments = 1;
  lambda->status = status;
  lambda->length_ = octets;
  pif_plugin_meta_set__pipeline__answerOctets(headers, octets);
}

int pif_plugin_web_server(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {
  __ctm unsigned char *body = pif_pkt_info_global.pkt_buf + BODY_OFFSET;
  __xread unsigned int number;
  __xread unsigned int page[1 + PAGE_OCTETS / 4];
  __xwrite unsigned int text[PAGE_OCTETS / 4];
  if (!web_server_is_whole(headers, 4)) {
    web_server_answer(headers, STATUS_BAD_REQUEST, 0);
    return PIF_PLUGIN_RETURN_FORWARD;
  }
  mem_read32(&number, body, 4);
  mem_incr32(&visits[number % PAGES]);
  mem_read32(page, &pages[number % PAGES], sizeof(struct page));
#define COPY(i) text[i] = page[1 + i]
  COPY(0); COPY(1); COPY(2); COPY(3);
  COPY(4); COPY(5); COPY(6); COPY(7);
  COPY(8); COPY(9); COPY(10); COPY(11);
  COPY(12); COPY(13); COPY(14); COPY(15);
  mem_write32(text, body, PAGE_OCTETS);
  web_server_answer(headers, STATUS_OK, page[0]);
  return PIF_PLUGIN_RETURN_FORWARD;
}
