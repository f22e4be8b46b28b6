/*
 * What a lambda finds on the NIC beside its headers: types, the body of its request, answers, long messages.
 * docs/lambdas.md describes it.
 */
#ifndef LNIC_H
#define LNIC_H

#include <pif_plugin.h>

typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t;
typedef signed char int8_t;
typedef short int16_t;
typedef int int32_t;
typedef long long int64_t;

/* Ports. */
#define LNIC_PORT_WIRE 0x0
#define LNIC_PORT_RDMA 0x200
#define LNIC_PORT_HOST 0x300

/* Flags and statuses of the lambda header. */
#define LNIC_FLAG_RESPONSE 0x0001
#define LNIC_FLAG_RDMA 0x0002
#define LNIC_FLAG_KEEP 0x0004
#define LNIC_OK 0
#define LNIC_NOT_FOUND 1
#define LNIC_BAD_REQUEST 2
#define LNIC_BACKEND_FAILURE 3

/* From the start of a frame to the body of a lambda message; and the most that one packet carries of it. */
#define LNIC_BODY_OFFSET 62
#define LNIC_FRAGMENT_OCTETS 1024
/* Headers from IPv4 to lambda header. */
#define LNIC_IP_OVERHEAD 48

/* Octets that a single command moves at most. */
#define LNIC_BURST_OCTETS 128

/* The body of the request in the frame, word aligned; the answer goes to the same place. */
static inline __ctm uint8_t *lnic_body(void) {
  return pif_pkt_info_global.pkt_buf + LNIC_BODY_OFFSET;
}

/* Octets of the body that are really in this frame: what the UDP header says, if the frame is as long. */
static inline uint32_t lnic_body_octets(EXTRACTED_HEADERS_T *headers) {
  uint32_t octets = pif_plugin_hdr_get_udp(headers)->length_;
  if (octets < LNIC_IP_OVERHEAD - 20 || octets + 34 > pif_pkt_info_global.pkt_len) {
    return 0;
  }
  return octets - (LNIC_IP_OVERHEAD - 20);
}

/* The whole request is in this frame. */
static inline int lnic_is_whole(EXTRACTED_HEADERS_T *headers) {
  PIF_PLUGIN_lambda_hdr_T *lambda = pif_plugin_hdr_get_lambda_hdr(headers);
  return lambda->fragments <= 1 && lambda->length_ <= lnic_body_octets(headers);
}

/* Status and length of an answer whose body is in the frame. */
static inline void lnic_answer(EXTRACTED_HEADERS_T *headers, uint32_t status, uint32_t octets) {
  PIF_PLUGIN_lambda_hdr_T *lambda = pif_plugin_hdr_get_lambda_hdr(headers);
  lambda->fragment = 0;
  lambda->fragments = 1;
  lambda->status = status;
  lambda->length_ = octets;
  pif_plugin_meta_set__pipeline__answerOctets(headers, octets);
}

/*
 * A message that may be longer than a packet: in the frame (one packet), gathered from fragments in EMEM, or written
 * there over RDMA. `receive_message` fills it in before the lambda runs; `send_message` answers the same way.
 */
#define LNIC_BY_PACKET 0
#define LNIC_BY_FRAGMENTS 1
#define LNIC_BY_RDMA 2

struct lnic_message {
  uint32_t way;
  uint32_t octets;
  /* Where the answer may be written, and how long it may be. */
  uint32_t capacity;
  uint32_t slot;
  __mem __addr40 uint8_t *body;
  __mem __addr40 uint8_t *answer;
};

extern __lmem struct lnic_message lnic_message;

/* Sends the frame that the headers describe, its body being in place. Used by the runtime; a lambda returns instead. */
void lnic_transmit(void);

#endif
