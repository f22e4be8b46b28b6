/*
 * Writes a user's profile to memcached. Request: u32 user, u32 profile. The first invocation sets the key `u` and the user
 * in hexadecimal to the profile in hexadecimal; memcached's answer runs the second, which confirms.
 */
#include <pif_plugin.h>

#define BODY_OFFSET 62
#define MEMCACHED_BODY_OFFSET 50
#define MEMCACHED_PORT 11211
#define WRITER_PORT 49153
#define PENDING 256
#define STATUS_OK 0
#define STATUS_NOT_FOUND 1
#define STATUS_BAD_REQUEST 2
#define STATUS_BACKEND_FAILURE 3
#define OPEN 0x80000000

/* Who waits for memcached. */
struct profile_writer_pending {
  unsigned int ticket;
  unsigned int address;
  unsigned int port;
  unsigned int requestId;
};

struct profile_writer_pending profile_writer_pending[PENDING];
unsigned int profile_writer_requests;

#define TEXT4(a, b, c, d) (((unsigned int)(a) << 24) | ((b) << 16) | ((c) << 8) | (d))

/* The four low digits of a number in hexadecimal, as text. */
static inline unsigned int profile_writer_digits(unsigned int value) {
  unsigned int digits = ((value & 0xf000) << 12) | ((value & 0xf00) << 8) | ((value & 0xf0) << 4) | (value & 0xf);
  unsigned int letters = ((digits + 0x06060606) >> 4) & 0x01010101;
  return digits + 0x30303030 + letters * 39;
}

/* The whole request is in this frame. */
static inline int profile_writer_is_whole(EXTRACTED_HEADERS_T *headers, unsigned int octets) {
  PIF_PLUGIN_lambda_hdr_T *lambda = pif_plugin_hdr_get_lambda_hdr(headers);
  unsigned int udpOctets = pif_plugin_hdr_get_udp(headers)->length_;
  if (udpOctets < 28 || udpOctets + 34 > pif_pkt_info_global.pkt_len) {
    return 0;
  }
  return lambda->fragments <= 1 && lambda->length_ == octets && lambda->length_ <= udpOctets - 28;
}

static inline void profile_writer_answer(EXTRACTED_HEADERS_T *headers, unsigned int status, unsigned int octets) {
  PIF_PLUGIN_lambda_hdr_T *lambda = pif_plugin_hdr_get_lambda_hdr(headers);
  lambda->fragment = 0;
  lambda->fragments = 1;
  lambda->status = status;
  lambda->length_ = octets;
  pif_plugin_meta_set__pipeline__answerOctets(headers, octets);
}

/* Remembers who asked, and turns the packet into a request to memcached, `octets` of text long. */
static inline void profile_writer_query(EXTRACTED_HEADERS_T *headers, unsigned int octets) {
  PIF_PLUGIN_ipv4_T *ipv4 = pif_plugin_hdr_get_ipv4(headers);
  PIF_PLUGIN_udp_T *udp = pif_plugin_hdr_get_udp(headers);
  PIF_PLUGIN_lambda_hdr_T *lambda = pif_plugin_hdr_get_lambda_hdr(headers);
  PIF_PLUGIN_memcached_hdr_T *memcached = pif_plugin_hdr_get_memcached_hdr(headers);
  __xrw unsigned int taken;
  __xwrite struct profile_writer_pending entry;
  unsigned int ticket;
  taken = 1;
  mem_test_add(&taken, &profile_writer_requests);
  ticket = taken & 0xffff;
  entry.ticket = OPEN | ticket;
  entry.address = ipv4->srcAddr;
  entry.port = udp->srcPort;
  entry.requestId = lambda->requestId;
  mem_write32(&entry, &profile_writer_pending[ticket % PENDING], sizeof(entry));
  ipv4->srcAddr = ipv4->dstAddr;
  ipv4->dstAddr = MEMCACHED_ADDRESS;
  ipv4->ttl = 64;
  ipv4->totalLen = 20 + 8 + 8 + octets;
  udp->srcPort = WRITER_PORT;
  udp->dstPort = MEMCACHED_PORT;
  udp->length_ = 8 + 8 + octets;
  memcached->requestId = ticket;
  memcached->sequence = 0;
  memcached->datagrams = 1;
  memcached->reserved = 0;
  pif_plugin_hdr_lambda_hdr_remove(headers);
  pif_plugin_hdr_memcached_hdr_add(headers);
}

/* Finds who asked, and turns memcached's answer into the head of ours; 0 when nobody waits for it. */
static inline int profile_writer_find(EXTRACTED_HEADERS_T *headers) {
  PIF_PLUGIN_ipv4_T *ipv4 = pif_plugin_hdr_get_ipv4(headers);
  PIF_PLUGIN_udp_T *udp = pif_plugin_hdr_get_udp(headers);
  PIF_PLUGIN_lambda_hdr_T *lambda = pif_plugin_hdr_get_lambda_hdr(headers);
  PIF_PLUGIN_memcached_hdr_T *memcached = pif_plugin_hdr_get_memcached_hdr(headers);
  unsigned int ticket = memcached->requestId;
  __xread struct profile_writer_pending entry;
  __xwrite unsigned int closed;
  if (ipv4->srcAddr != MEMCACHED_ADDRESS || udp->length_ < 16 || udp->length_ + 34 > pif_pkt_info_global.pkt_len) {
    return 0;
  }
  mem_read32(&entry, &profile_writer_pending[ticket % PENDING], sizeof(entry));
  if (entry.ticket != (OPEN | ticket)) {
    return 0;
  }
  closed = 0;
  mem_write32(&closed, &profile_writer_pending[ticket % PENDING], 4);
  ipv4->srcAddr = ipv4->dstAddr;
  ipv4->dstAddr = entry.address;
  udp->srcPort = 4369;
  udp->dstPort = entry.port;
  pif_plugin_hdr_memcached_hdr_remove(headers);
  pif_plugin_hdr_lambda_hdr_add(headers);
  lambda->wId = PROFILE_WRITER_ID;
  lambda->requestId = entry.requestId;
  lambda->flags = 0;
  return 1;
}

int pif_plugin_profile_writer(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {
  __ctm unsigned char *body = pif_pkt_info_global.pkt_buf + BODY_OFFSET;
  __ctm unsigned char *text = pif_pkt_info_global.pkt_buf + MEMCACHED_BODY_OFFSET;
  __xread unsigned int request[2];
  __xwrite unsigned int command[8];
  if (!profile_writer_is_whole(headers, 8)) {
    PIF_PLUGIN_ipv4_T *ipv4 = pif_plugin_hdr_get_ipv4(headers);
    PIF_PLUGIN_udp_T *udp = pif_plugin_hdr_get_udp(headers);
    PIF_PLUGIN_lambda_hdr_T *lambda = pif_plugin_hdr_get_lambda_hdr(headers);
    unsigned int address = ipv4->dstAddr;
    unsigned int port = udp->dstPort;
    ipv4->dstAddr = ipv4->srcAddr;
    ipv4->srcAddr = address;
    ipv4->ttl = 64;
    ipv4->totalLen = 48;
    udp->dstPort = udp->srcPort;
    udp->srcPort = port;
    udp->length_ = 28;
    lambda->flags |= 1;
    profile_writer_answer(headers, STATUS_BAD_REQUEST, 0);
    return PIF_PLUGIN_RETURN_FORWARD;
  }
  mem_read32(request, body, 8);
  command[0] = TEXT4('s', 'e', 't', ' ');
  command[1] = TEXT4('u', 0, 0, 0) | (profile_writer_digits(request[0] >> 16) >> 8);
  command[2] = (profile_writer_digits(request[0] >> 16) << 24) | (profile_writer_digits(request[0]) >> 8);
  command[3] = (profile_writer_digits(request[0]) << 24) | TEXT4(0, ' ', '0', ' ');
  command[4] = TEXT4('0', ' ', '8', '\r');
  command[5] = TEXT4('\n', 0, 0, 0) | (profile_writer_digits(request[1] >> 16) >> 8);
  command[6] = (profile_writer_digits(request[1] >> 16) << 24) | (profile_writer_digits(request[1]) >> 8);
  command[7] = (profile_writer_digits(request[1]) << 24) | TEXT4(0, '\r', '\n', 0);
  mem_write8(command, text, 31);
  profile_writer_query(headers, 31);
  return PIF_PLUGIN_RETURN_FORWARD;
}

int pif_plugin_profile_writer_answer(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {
  __ctm unsigned char *text = pif_pkt_info_global.pkt_buf + MEMCACHED_BODY_OFFSET;
  __xread unsigned int line[2];
  if (!profile_writer_find(headers)) {
    return PIF_PLUGIN_RETURN_DROP;
  }
  mem_read8(line, text, 8);
  if (line[0] == TEXT4('S', 'T', 'O', 'R') && line[1] == TEXT4('E', 'D', '\r', '\n')) {
    profile_writer_answer(headers, STATUS_OK, 0);
  } else {
    profile_writer_answer(headers, STATUS_BACKEND_FAILURE, 0);
  }
  return PIF_PLUGIN_RETURN_FORWARD;
}
