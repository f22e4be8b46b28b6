/*
 * A client of memcached (paper section 6.2 b). Request: u8 operation (0 get, 1 set), u8 key octets (1..24), u16 value
 * octets (0..64), key, value. It is two invocations, each run to completion: the first sends memcached a request and
 * leaves what it needs in EMEM; memcached's answer is a packet that runs the second, which answers the requester.
 * SET: status 0, no body. GET: the value in capitals, or status 1.
 */
#include "lnic.h"

#define OPERATION_GET 0
#define OPERATION_SET 1
#define MAX_KEY_OCTETS 24
#define MAX_VALUE_OCTETS 64

#define MEMCACHED_PORT 11211
/* UDP port of our requests; memcached's answers are known by their source port. */
#define CLIENT_PORT 49152
#define MEMCACHED_BODY_OFFSET 50

#define PENDING 1024

/* A request that waits for memcached. */
struct pending {
  /* Request id towards memcached, with the flag that it is open, and the operation. */
  uint32_t key;
  uint32_t macHigh;
  uint32_t macLow;
  uint32_t address;
  uint32_t port;
  uint32_t requestId;
  uint32_t unused0;
  uint32_t unused1;
};

#define KEY_OPEN 0x80000000
#define KEY_SET 0x40000000

__emem __align64 struct pending pending[PENDING];
__emem uint32_t requests;

/* A word with an octet below 0x21 or equal to 0x7f in its first `count` octets: no part of a memcached key. */
static inline uint32_t bad_key_word(uint32_t word, int count) {
  uint32_t bad;
  if (count <= 0) {
    return 0;
  }
  if (count < 4) {
    /* What lies behind the key must not be judged: letters instead. */
    uint32_t behind = 0xffffffff >> (8 * count);
    word = (word & ~behind) | (0x41414141 & behind);
  }
  bad = (word - 0x21212121) & ~word & 0x80808080;
  word ^= 0x7f7f7f7f;
  return bad | ((word - 0x01010101) & ~word & 0x80808080);
}

/* 32 octets, which is what a command with octet addresses moves at most. */
static inline void copy_half_value(__ctm uint8_t *from, __ctm uint8_t *to) {
  __xread uint32_t in[8];
  __xwrite uint32_t out[8];
  mem_read8(in, from, 32);
  out[0] = in[0];
  out[1] = in[1];
  out[2] = in[2];
  out[3] = in[3];
  out[4] = in[4];
  out[5] = in[5];
  out[6] = in[6];
  out[7] = in[7];
  mem_write8(out, to, 32);
}

/* Puts octets of a string behind one another in the words of a command. */
#define TEXT4(a, b, c, d) (((uint32_t)(a) << 24) | ((b) << 16) | ((c) << 8) | (d))

int pif_plugin_key_value_client(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {
  PIF_PLUGIN_ethernet_T *ethernet = pif_plugin_hdr_get_ethernet(headers);
  PIF_PLUGIN_ipv4_T *ipv4 = pif_plugin_hdr_get_ipv4(headers);
  PIF_PLUGIN_udp_T *udp = pif_plugin_hdr_get_udp(headers);
  PIF_PLUGIN_lambda_hdr_T *lambda = pif_plugin_hdr_get_lambda_hdr(headers);
  PIF_PLUGIN_memcached_hdr_T *memcached = pif_plugin_hdr_get_memcached_hdr(headers);
  __xread uint32_t request[1 + MAX_KEY_OCTETS / 4];
  __ctm uint8_t *text = pif_pkt_info_global.pkt_buf + MEMCACHED_BODY_OFFSET;
  uint32_t operation;
  uint32_t keyOctets;
  uint32_t valueOctets;
  uint32_t ticket;
  uint32_t octets;
  int bad;

  mem_read32(request, lnic_body(), sizeof(request));
  operation = request[0] >> 24;
  keyOctets = (request[0] >> 16) & 0xff;
  valueOctets = request[0] & 0xffff;
  bad = !lnic_is_whole(headers) || lambda->length_ < 4 || operation > OPERATION_SET || keyOctets == 0 ||
        keyOctets > MAX_KEY_OCTETS || valueOctets > MAX_VALUE_OCTETS ||
        lambda->length_ != 4 + keyOctets + (operation == OPERATION_SET ? valueOctets : 0);
  if (!bad) {
    /* A blank or a line end in the key would be a command of the requester's choice. */
    int count = keyOctets;
    bad = (bad_key_word(request[1], count) | bad_key_word(request[2], count - 4) | bad_key_word(request[3], count - 8) |
           bad_key_word(request[4], count - 12) | bad_key_word(request[5], count - 16) |
           bad_key_word(request[6], count - 20)) != 0;
  }
  if (bad) {
    lnic_answer(headers, LNIC_BAD_REQUEST, 0);
    /* This answer goes straight back: exchange the ends here, the match stage does the rest. */
    {
      uint32_t high = ethernet->__dstAddr_0;
      uint32_t low = ethernet->__dstAddr_1;
      uint32_t address = ipv4->dstAddr;
      uint32_t port = udp->dstPort;
      ethernet->__dstAddr_0 = (ethernet->__srcAddr_0 << 16) | (ethernet->__srcAddr_1 >> 16);
      ethernet->__dstAddr_1 = ethernet->__srcAddr_1;
      ethernet->__srcAddr_0 = high >> 16;
      ethernet->__srcAddr_1 = (high << 16) | low;
      ipv4->dstAddr = ipv4->srcAddr;
      ipv4->srcAddr = address;
      udp->dstPort = udp->srcPort;
      udp->srcPort = port;
    }
    ipv4->ttl = 64;
    pif_plugin_meta_set__standard_metadata__egress_spec(headers, pif_plugin_meta_get__standard_metadata__ingress_port(headers));
    return PIF_PLUGIN_RETURN_FORWARD;
  }

  {
    __xrw uint32_t taken;
    taken = 1;
    mem_test_add(&taken, &requests);
    ticket = taken & 0xffff;
  }
  {
    __xwrite struct pending entry;
    entry.key = KEY_OPEN | (operation == OPERATION_SET ? KEY_SET : 0) | ticket;
    entry.macHigh = ethernet->__srcAddr_0;
    entry.macLow = ethernet->__srcAddr_1;
    entry.address = ipv4->srcAddr;
    entry.port = udp->srcPort;
    entry.requestId = lambda->requestId;
    mem_write32(&entry, &pending[ticket % PENDING], 24);
  }

  /*
   * The command is written from left to right. It begins twelve octets before the request's key, so that nothing is
   * overwritten before it was read: the head of a SET ends where the value begins at the latest.
   */
  {
    __xwrite uint32_t verb;
    __xwrite uint32_t key[MAX_KEY_OCTETS / 4];
    verb = operation == OPERATION_SET ? TEXT4('s', 'e', 't', ' ') : TEXT4('g', 'e', 't', ' ');
    key[0] = request[1];
    key[1] = request[2];
    key[2] = request[3];
    key[3] = request[4];
    key[4] = request[5];
    key[5] = request[6];
    mem_write32(&verb, text, 4);
    mem_write8(key, text + 4, keyOctets);
  }
  octets = 4 + keyOctets;
  if (operation == OPERATION_SET) {
    __ctm uint8_t *from = lnic_body() + octets;
    __xwrite uint32_t head[3];
    uint32_t headOctets = 8;
    uint32_t tens = valueOctets / 10;
    uint32_t units = valueOctets % 10 + '0';
    head[0] = TEXT4(' ', '0', ' ', '0');
    if (tens > 0) {
      head[1] = TEXT4(' ', 0, 0, '\r') | ((tens + '0') << 16) | (units << 8);
      headOctets = 9;
    } else {
      head[1] = TEXT4(' ', 0, '\r', '\n') | (units << 16);
    }
    head[2] = TEXT4('\n', 0, 0, 0);
    mem_write8(head, text + octets, headOctets);
    octets += headOctets;
    copy_half_value(from, text + octets);
    if (valueOctets > 32) {
      copy_half_value(from + 32, text + octets + 32);
    }
    octets += valueOctets;
  }
  {
    __xwrite uint32_t end;
    end = TEXT4('\r', '\n', 0, 0);
    mem_write8(&end, text + octets, 2);
    octets += 2;
  }

  ethernet->__srcAddr_0 = ethernet->__dstAddr_0 >> 16;
  ethernet->__srcAddr_1 = (ethernet->__dstAddr_0 << 16) | ethernet->__dstAddr_1;
  ethernet->__dstAddr_0 = (MEMCACHED_MAC_HI << 16) | (MEMCACHED_MAC_LO >> 16);
  ethernet->__dstAddr_1 = MEMCACHED_MAC_LO & 0xffff;
  ipv4->srcAddr = ipv4->dstAddr;
  ipv4->dstAddr = MEMCACHED_ADDRESS;
  ipv4->ttl = 64;
  ipv4->totalLen = 20 + 8 + 8 + octets;
  udp->srcPort = CLIENT_PORT;
  udp->dstPort = MEMCACHED_PORT;
  udp->length_ = 8 + 8 + octets;
  memcached->requestId = ticket;
  memcached->sequence = 0;
  memcached->datagrams = 1;
  memcached->reserved = 0;
  pif_plugin_hdr_lambda_hdr_remove(headers);
  pif_plugin_hdr_memcached_hdr_add(headers);
  pif_plugin_meta_set__standard_metadata__egress_spec(headers, LNIC_PORT_WIRE);
  return PIF_PLUGIN_RETURN_FORWARD;
}

/* Capitals for the four octets of a word at once: 0x20 is taken from each that lies in a..z. */
static inline uint32_t capitals(uint32_t word) {
  uint32_t low = word & 0x7f7f7f7f;
  uint32_t from_a = low + 0x1f1f1f1f;
  uint32_t behind_z = low + 0x05050505;
  uint32_t letters = from_a & ~behind_z & ~word & 0x80808080;
  return word ^ (letters >> 2);
}

static inline void copy_half_capitals(__ctm uint8_t *from, __ctm uint8_t *to) {
  __xread uint32_t in[8];
  __xwrite uint32_t out[8];
  mem_read8(in, from, 32);
  out[0] = capitals(in[0]);
  out[1] = capitals(in[1]);
  out[2] = capitals(in[2]);
  out[3] = capitals(in[3]);
  out[4] = capitals(in[4]);
  out[5] = capitals(in[5]);
  out[6] = capitals(in[6]);
  out[7] = capitals(in[7]);
  mem_write32(out, to, 32);
}

/* Words of the beginning of memcached's answer. */
#define LINE_WORDS 8

int pif_plugin_key_value_client_answer(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {
  PIF_PLUGIN_ethernet_T *ethernet = pif_plugin_hdr_get_ethernet(headers);
  PIF_PLUGIN_ipv4_T *ipv4 = pif_plugin_hdr_get_ipv4(headers);
  PIF_PLUGIN_udp_T *udp = pif_plugin_hdr_get_udp(headers);
  PIF_PLUGIN_lambda_hdr_T *lambda = pif_plugin_hdr_get_lambda_hdr(headers);
  PIF_PLUGIN_memcached_hdr_T *memcached = pif_plugin_hdr_get_memcached_hdr(headers);
  __ctm uint8_t *text = pif_pkt_info_global.pkt_buf + MEMCACHED_BODY_OFFSET;
  __xread struct pending entry;
  __xread uint32_t line[LINE_WORDS];
  uint32_t octets;
  uint32_t status = LNIC_BACKEND_FAILURE;
  uint32_t answerOctets = 0;
  uint32_t ticket = memcached->requestId;
  uint32_t index = ticket % PENDING;

  if (ipv4->srcAddr != MEMCACHED_ADDRESS || udp->dstPort != CLIENT_PORT || udp->length_ < 16 ||
      udp->length_ + 34 > pif_pkt_info_global.pkt_len) {
    return PIF_PLUGIN_RETURN_FORWARD;
  }
  mem_read32(&entry, &pending[index], sizeof(entry));
  if ((entry.key & ~KEY_SET) != (KEY_OPEN | ticket)) {
    /* No request of ours, or one that was answered already. */
    return PIF_PLUGIN_RETURN_DROP;
  }
  octets = udp->length_ - 16;
  mem_read32(line, text, sizeof(line));
  if (memcached->sequence == 0 && memcached->datagrams == 1) {
    if ((entry.key & KEY_SET) != 0) {
      if (octets == 8 && line[0] == TEXT4('S', 'T', 'O', 'R') && line[1] == TEXT4('E', 'D', '\r', '\n')) {
        status = LNIC_OK;
      }
    } else if (octets == 5 && line[0] == TEXT4('E', 'N', 'D', '\r')) {
      status = LNIC_NOT_FOUND;
    } else if (octets > 14 && line[0] == TEXT4('V', 'A', 'L', 'U') && (line[1] >> 16) == (('E' << 8) | ' ')) {
      /* VALUE <key> <flags> <octets>\r\n: the third blank is before the length. */
      __lmem uint32_t head[18];
      uint32_t at = 6;
      uint32_t blanks = 0;
      uint32_t length = 0;
      uint32_t octet = 0;
      int digits = 0;
      {
        __xread uint32_t more[8];
        mem_read32(more, text + 32, sizeof(more));
#define HEAD(i) head[i] = line[i]; head[8 + i] = more[i]
        HEAD(0); HEAD(1); HEAD(2); HEAD(3); HEAD(4); HEAD(5); HEAD(6); HEAD(7);
      }
      while (at < 63) {
        octet = (head[at / 4] >> (24 - 8 * (at % 4))) & 0xff;
        at++;
        if (octet == '\r') {
          break;
        }
        if (octet == ' ') {
          blanks++;
        } else if (blanks == 2) {
          if (octet < '0' || octet > '9' || digits == 4) {
            blanks = 9;
          } else {
            length = length * 10 + (octet - '0');
            digits++;
          }
        }
      }
      /* Behind the line feed come the value, \r\n and END\r\n. */
      at++;
      if (octet == '\r' && blanks == 2 && digits > 0 && length <= MAX_VALUE_OCTETS && octets == at + length + 7) {
        copy_half_capitals(text + at, lnic_body());
        if (length > 32) {
          copy_half_capitals(text + at + 32, lnic_body() + 32);
        }
        status = LNIC_OK;
        answerOctets = length;
      }
    }
  }
  {
    /* A second copy of the answer must not be passed on. */
    __xwrite uint32_t closed;
    closed = 0;
    mem_write32(&closed, &pending[index], 4);
  }

  {
    uint32_t ownHigh = ethernet->__dstAddr_0;
    uint32_t ownLow = ethernet->__dstAddr_1;
    ethernet->__srcAddr_0 = ownHigh >> 16;
    ethernet->__srcAddr_1 = (ownHigh << 16) | ownLow;
  }
  ethernet->__dstAddr_0 = (entry.macHigh << 16) | (entry.macLow >> 16);
  ethernet->__dstAddr_1 = entry.macLow & 0xffff;
  ipv4->srcAddr = ipv4->dstAddr;
  ipv4->dstAddr = entry.address;
  ipv4->ttl = 64;
  udp->srcPort = 4369;
  udp->dstPort = entry.port;
  pif_plugin_hdr_memcached_hdr_remove(headers);
  pif_plugin_hdr_lambda_hdr_add(headers);
  lambda->wId = KEY_VALUE_CLIENT_ID;
  lambda->requestId = entry.requestId;
  lambda->flags = 0;
  lnic_answer(headers, status, answerOctets);
  pif_plugin_meta_set__standard_metadata__egress_spec(headers, pif_plugin_meta_get__standard_metadata__ingress_port(headers));
  return PIF_PLUGIN_RETURN_FORWARD;
}
