/*
 * RGBA to grey (paper section 6.2 c). Message: u16 width, u16 height, then the pixels, four octets each. Answer: one
 * octet a pixel, R/3 + G/3 + B/3. The image may lie in the packet, in fragments gathered in EMEM, or come over RDMA.
 */
#include "lnic.h"

/* One burst of 128 octets is 32 pixels, which make 32 octets. */
#define BURST_PIXELS 32

#define CHANNEL(pixel, shift) ((((pixel) >> (shift)) & 0xff) / 3)
#define GREY(pixel) (CHANNEL(pixel, 24) + CHANNEL(pixel, 16) + CHANNEL(pixel, 8))
#define GREY4(i) \
  (GREY(pixels[i]) << 24) | (GREY(pixels[(i) + 1]) << 16) | (GREY(pixels[(i) + 2]) << 8) | GREY(pixels[(i) + 3])

int pif_plugin_image_transformer(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {
  __mem __addr40 uint8_t *from = lnic_message.body;
  __mem __addr40 uint8_t *to = lnic_message.answer;
  __xread uint32_t size;
  uint32_t left;
  uint32_t total;

  if (lnic_message.octets < 4) {
    lnic_answer(headers, LNIC_BAD_REQUEST, 0);
    return PIF_PLUGIN_RETURN_FORWARD;
  }
  mem_read32(&size, from, 4);
  total = (size >> 16) * (size & 0xffff);
  if (total > lnic_message.capacity || total * 4 + 4 != lnic_message.octets) {
    lnic_answer(headers, LNIC_BAD_REQUEST, 0);
    return PIF_PLUGIN_RETURN_FORWARD;
  }
  from += 4;
  for (left = total; left > 0; left -= BURST_PIXELS) {
    __xread uint32_t pixels[BURST_PIXELS];
    __xwrite uint32_t grey[BURST_PIXELS / 4];
    mem_read32(pixels, from, LNIC_BURST_OCTETS);
    grey[0] = GREY4(0);
    grey[1] = GREY4(4);
    grey[2] = GREY4(8);
    grey[3] = GREY4(12);
    grey[4] = GREY4(16);
    grey[5] = GREY4(20);
    grey[6] = GREY4(24);
    grey[7] = GREY4(28);
    if (left < BURST_PIXELS) {
      mem_write8(grey, to, left);
      break;
    }
    mem_write32(grey, to, BURST_PIXELS);
    from += LNIC_BURST_OCTETS;
    to += BURST_PIXELS;
  }
  lnic_answer(headers, LNIC_OK, total);
  return PIF_PLUGIN_RETURN_FORWARD;
}
