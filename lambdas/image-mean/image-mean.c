/*
 * Reads a grey image that image-transformer left in NIC memory (flag KEEP). Request: u32 lease id (the gateway routes by
 * it), u32 slot, u32 octets. Answer: u32 count, u32 sum of the octets, u32 minimum, u32 maximum.
 */
#include "lnic.h"

/* The memory plan of the NIC (profile); the octets 39..32 of an EMEM address are 0x98. */
#ifndef SLOT_BASE
#define SLOT_BASE 0x10000000
#endif
#ifndef SLOT_COUNT
#define SLOT_COUNT 64
#endif
#ifndef SLOT_OCTETS
#define SLOT_OCTETS 0x80000
#endif
#ifndef SLOT_OUTPUT_OFFSET
#define SLOT_OUTPUT_OFFSET 0x60000
#endif
#define EMEM_HIGH 0x98

#define TAKE(octet) \
  { \
    uint32_t grey = (octet); \
    sum += grey; \
    if (grey < minimum) minimum = grey; \
    if (grey > maximum) maximum = grey; \
  }
#define TAKE4(word) \
  TAKE((word) >> 24) \
  TAKE(((word) >> 16) & 0xff) \
  TAKE(((word) >> 8) & 0xff) \
  TAKE((word) & 0xff)

int pif_plugin_image_mean(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {
  PIF_PLUGIN_lambda_hdr_T *lambda = pif_plugin_hdr_get_lambda_hdr(headers);
  __xread uint32_t request[3];
  __xwrite uint32_t answer[4];
  __emem uint8_t *from;
  uint32_t left;
  uint32_t sum = 0;
  uint32_t minimum = 255;
  uint32_t maximum = 0;

  if (!lnic_is_whole(headers) || lambda->length_ != sizeof(request)) {
    lnic_answer(headers, LNIC_BAD_REQUEST, 0);
    return PIF_PLUGIN_RETURN_FORWARD;
  }
  mem_read32(request, lnic_body(), sizeof(request));
  if (request[1] >= SLOT_COUNT || request[2] == 0 || request[2] > SLOT_OCTETS - SLOT_OUTPUT_OFFSET) {
    lnic_answer(headers, LNIC_BAD_REQUEST, 0);
    return PIF_PLUGIN_RETURN_FORWARD;
  }
  from = (__emem uint8_t *)(((uint64_t)EMEM_HIGH << 32) |
                            (SLOT_BASE + request[1] * SLOT_OCTETS + SLOT_OUTPUT_OFFSET));
  answer[0] = request[2];
  left = request[2];
  while (left >= 64) {
    __xread uint32_t block[16];
    mem_read32(block, from, 64);
    TAKE4(block[0]) TAKE4(block[1]) TAKE4(block[2]) TAKE4(block[3])
    TAKE4(block[4]) TAKE4(block[5]) TAKE4(block[6]) TAKE4(block[7])
    TAKE4(block[8]) TAKE4(block[9]) TAKE4(block[10]) TAKE4(block[11])
    TAKE4(block[12]) TAKE4(block[13]) TAKE4(block[14]) TAKE4(block[15])
    from += 64;
    left -= 64;
  }
  while (left > 0) {
    __xread uint32_t octet;
    mem_read8(&octet, from, 1);
    TAKE(octet >> 24)
    from += 1;
    left -= 1;
  }
  answer[1] = sum;
  answer[2] = minimum;
  answer[3] = maximum;
  mem_write32(answer, lnic_body(), sizeof(answer));
  lnic_answer(headers, LNIC_OK, sizeof(answer));
  return PIF_PLUGIN_RETURN_FORWARD;
}
