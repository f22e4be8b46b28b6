/*
 * RGBA to grey. An image comes in up to four packets of 1,024 octets, which are put together in memory; the packet that
 * completes it is answered, with an octet a pixel.
 */
#include <pif_plugin.h>

#define BODY_OFFSET 62
#define IMAGES 16
#define PACKET_OCTETS 1024
#define PACKETS 4
#define IMAGE_OCTETS (PACKETS * PACKET_OCTETS)
#define BURST_OCTETS 64
#define BURST_PIXELS (BURST_OCTETS / 4)
#define STATUS_OK 0
#define STATUS_BAD_REQUEST 2

unsigned char image[IMAGES * IMAGE_OCTETS];
unsigned int image_packets[IMAGES];

static inline unsigned int image_transformer_body_octets(EXTRACTED_HEADERS_T *headers) {
  unsigned int udpOctets = pif_plugin_hdr_get_udp(headers)->length_;
  if (udpOctets < 28 || udpOctets + 34 > pif_pkt_info_global.pkt_len) {
    return 0;
  }
  return udpOctets - 28;
}

static inline void image_transformer_answer(EXTRACTED_HEADERS_T *headers, unsigned int status, unsigned int octets) {
  PIF_PLUGIN_lambda_hdr_T *lambda = pif_plugin_hdr_get_lambda_hdr(headers);
  lambda->fragment = 0;
  lambda->fragments = 1;
  lambda->status = status;
  lambda->length_ = octets;
  pif_plugin_meta_set__pipeline__answerOctets(headers, octets);
}

#define CHANNEL(pixel, shift) ((((pixel) >> (shift)) & 0xff) / 3)
#define GREY(pixel) (CHANNEL(pixel, 24) + CHANNEL(pixel, 16) + CHANNEL(pixel, 8))
#define GREY4(i) \
  (GREY(pixels[i]) << 24) | (GREY(pixels[(i) + 1]) << 16) | (GREY(pixels[(i) + 2]) << 8) | GREY(pixels[(i) + 3])

int pif_plugin_image_transformer(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {
  PIF_PLUGIN_lambda_hdr_T *lambda = pif_plugin_hdr_get_lambda_hdr(headers);
  __ctm unsigned char *body = pif_pkt_info_global.pkt_buf + BODY_OFFSET;
  unsigned int slot = lambda->requestId % IMAGES;
  unsigned int packets = lambda->fragments;
  unsigned int packet = lambda->fragment;
  unsigned int octets = lambda->length_;
  unsigned int begin = slot * IMAGE_OCTETS + packet * PACKET_OCTETS;
  unsigned int here;
  unsigned int at;
  if (octets == 0 || octets > IMAGE_OCTETS || octets % 4 != 0 || packet >= packets ||
      packets != (octets + PACKET_OCTETS - 1) / PACKET_OCTETS) {
    image_transformer_answer(headers, STATUS_BAD_REQUEST, 0);
    return PIF_PLUGIN_RETURN_FORWARD;
  }
  here = octets - packet * PACKET_OCTETS;
  if (here > PACKET_OCTETS) {
    here = PACKET_OCTETS;
  }
  if (here > image_transformer_body_octets(headers)) {
    image_transformer_answer(headers, STATUS_BAD_REQUEST, 0);
    return PIF_PLUGIN_RETURN_FORWARD;
  }
  for (at = 0; at < here; at += BURST_OCTETS) {
    __xread unsigned int in[BURST_PIXELS];
    __xwrite unsigned int out[BURST_PIXELS];
    mem_read32(in, body + at, BURST_OCTETS);
#define MOVE(i) out[i] = in[i]
    MOVE(0); MOVE(1); MOVE(2); MOVE(3); MOVE(4); MOVE(5); MOVE(6); MOVE(7);
    MOVE(8); MOVE(9); MOVE(10); MOVE(11); MOVE(12); MOVE(13); MOVE(14); MOVE(15);
    mem_write32(out, &image[begin + at], BURST_OCTETS);
  }
  {
    __xrw unsigned int seen;
    seen = 1;
    mem_test_add(&seen, &image_packets[slot]);
    if (seen + 1 != packets) {
      return PIF_PLUGIN_RETURN_DROP;
    }
  }
  {
    __xwrite unsigned int none;
    none = 0;
    mem_write32(&none, &image_packets[slot], 4);
  }
  for (at = 0; at < octets; at += BURST_OCTETS) {
    __xread unsigned int pixels[BURST_PIXELS];
    __xwrite unsigned int grey[BURST_PIXELS / 4];
    mem_read32(pixels, &image[slot * IMAGE_OCTETS + at], BURST_OCTETS);
    grey[0] = GREY4(0);
    grey[1] = GREY4(4);
    grey[2] = GREY4(8);
    grey[3] = GREY4(12);
    mem_write8(grey, body + at / 4, BURST_OCTETS / 4);
  }
  image_transformer_answer(headers, STATUS_OK, octets / 4);
  return PIF_PLUGIN_RETURN_FORWARD;
}
