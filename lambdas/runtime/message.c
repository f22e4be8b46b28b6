/*
 * Messages of more than one packet. Fragments are gathered in EMEM, in any order; the one that completes the message
 * goes on to the lambda (paper section 4.2.1, D3). Slots are found by a hash of request id and sender: sets of four,
 * each set under a lock, because fragments of one message are handled by many contexts at once.
 */
#if defined(IMAGE_TRANSFORMER_ID) || defined(LNIC_LONG_MESSAGES)
#include "lnic.h"

#define SLOTS 64
#define WAYS 4
#define SETS (SLOTS / WAYS)
#define MESSAGE_OCTETS 32768
#define MAX_FRAGMENTS (MESSAGE_OCTETS / LNIC_FRAGMENT_OCTETS)

/*
 * `state` of a slot: how many fragments are being written, the length of the message, and the flag that its lambda runs.
 * Writers and lambda keep the slot from being given away.
 */
#define STATE_WRITERS 0xff
#define STATE_LENGTH 8
#define STATE_BUSY 0x80000000
#define STATE_HELD (STATE_BUSY | STATE_WRITERS)

/*
 * A slot is given away when nothing came for its message for a millisecond (ticks are 16 cycles of 633 MHz), or when it
 * has been held so long that its lambda must have been stopped.
 */
#define STALE_TICKS 39562
#define ABANDONED_TICKS 0x4000000

struct slot {
  uint32_t requestId;
  /* Address and UDP port; exact among the hosts of a /16 network. */
  uint32_t sender;
  /* Fragments that are in memory. */
  uint32_t seen;
  uint32_t state;
};

__emem __align64 struct slot slots[SLOTS];
__emem uint32_t set_locks[SETS];
/* When its last fragment came: which unfinished message must give way. */
__emem uint32_t slot_times[SLOTS];
/*
 * Lambdas read their message and write their answer here: exported, so that their code may. A burst may read behind the
 * last message.
 */
__export __emem __align128 uint8_t slot_bodies[SLOTS * MESSAGE_OCTETS + LNIC_BURST_OCTETS];
__export __emem __align128 uint8_t slot_answers[SLOTS * MESSAGE_OCTETS];

static inline void lock(uint32_t set) {
  __xrw uint32_t held;
  do {
    held = 1;
    mem_test_set(&held, &set_locks[set]);
  } while (held != 0);
}

static inline void unlock(uint32_t set) {
  __xwrite uint32_t free;
  free = 0;
  mem_write_atomic(&free, &set_locks[set]);
}

/* Copies a fragment from the frame to its place in the message. */
static inline void store_fragment(__emem uint8_t *to, uint32_t octets) {
  __ctm uint8_t *from = lnic_body();
  uint32_t left = octets;
  while (left > 0) {
    __xread uint32_t in[16];
    __xwrite uint32_t out[16];
    mem_read32(in, from, 64);
#define MOVE(i) out[i] = in[i]
#define MOVE4(i) MOVE(i); MOVE(i + 1); MOVE(i + 2); MOVE(i + 3)
    MOVE4(0); MOVE4(4); MOVE4(8); MOVE4(12);
    /* The last burst writes more than is left: a slot is a whole number of bursts. */
    mem_write32(out, to, 64);
    from += 64;
    to += 64;
    left = left > 64 ? left - 64 : 0;
  }
}

/* Gives a slot back, if it is still this message's. */
static inline void release(uint32_t slot) {
  __xwrite uint32_t empty[4];
  lock(slot / WAYS);
  empty[0] = 0;
  empty[1] = 0;
  empty[2] = 0;
  empty[3] = 0;
  mem_write32(empty, &slots[slot], 16);
  unlock(slot / WAYS);
}

/* 0 when this fragment completes its message, otherwise the frame is done with. */
static int gather(EXTRACTED_HEADERS_T *headers) {
  PIF_PLUGIN_lambda_hdr_T *lambda = pif_plugin_hdr_get_lambda_hdr(headers);
  uint32_t requestId = lambda->requestId;
  uint32_t sender = pif_plugin_hdr_get_ipv4(headers)->srcAddr ^ (pif_plugin_hdr_get_udp(headers)->srcPort << 16);
  uint32_t fragments = lambda->fragments;
  uint32_t fragment = lambda->fragment;
  uint32_t length = lambda->length_;
  uint32_t begin = fragment * LNIC_FRAGMENT_OCTETS;
  uint32_t octets;
  uint32_t hash;
  uint32_t set;
  uint32_t way;
  uint32_t slot;
  uint32_t all;
  __xread struct slot record;
  __xwrite struct slot changed;

  if (fragments > MAX_FRAGMENTS || fragment >= fragments || length > MESSAGE_OCTETS ||
      (length + LNIC_FRAGMENT_OCTETS - 1) / LNIC_FRAGMENT_OCTETS != fragments) {
    return PIF_PLUGIN_RETURN_DROP;
  }
  octets = length - begin;
  if (octets > LNIC_FRAGMENT_OCTETS) {
    octets = LNIC_FRAGMENT_OCTETS;
  }
  if (octets > lnic_body_octets(headers)) {
    return PIF_PLUGIN_RETURN_DROP;
  }

  hash = requestId ^ (requestId >> 8) ^ sender ^ (sender >> 8);
  set = hash % SETS;
  lock(set);
  {
    __xread struct slot found[WAYS];
    __xread uint32_t times[WAYS];
    uint32_t now = local_csr_read(local_csr_timestamp_low);
    uint32_t oldest = 0;
    uint32_t free = WAYS;
    uint32_t stale = WAYS;
    mem_read32(found, &slots[set * WAYS], sizeof(found));
    mem_read32(times, &slot_times[set * WAYS], sizeof(times));
    way = WAYS;
#define LOOK(i) \
    if (found[i].seen == 0 && found[i].state == 0) { \
      free = i; \
    } else if (found[i].requestId == requestId && found[i].sender == sender && \
               ((found[i].state >> STATE_LENGTH) & 0xffff) == length) { \
      way = i; \
    } else { \
      uint32_t age = now - times[i]; \
      uint32_t limit = (found[i].state & STATE_HELD) != 0 ? ABANDONED_TICKS : STALE_TICKS; \
      if (age >= limit && age >= oldest) { \
        oldest = age; \
        stale = i; \
      } \
    }
    LOOK(0)
    LOOK(1)
    LOOK(2)
    LOOK(3)
    if (way == WAYS) {
      /* A new message: an empty place, else that of a message that is given up. Without one its sender asks again. */
      way = free != WAYS ? free : stale;
      if (way != WAYS) {
        changed.requestId = requestId;
        changed.sender = sender;
        changed.seen = 0;
        changed.state = (length << STATE_LENGTH) | 1;
        mem_write32(&changed, &slots[set * WAYS + way], sizeof(changed));
      }
    } else {
      __xread struct slot own;
      mem_read32(&own, &slots[set * WAYS + way], sizeof(own));
      if ((own.state & STATE_BUSY) != 0 || ((own.seen >> fragment) & 1) != 0) {
        /* A copy of what is here, or of a message whose lambda runs. */
        way = WAYS;
      } else {
        changed.requestId = requestId;
        changed.sender = sender;
        changed.seen = own.seen;
        changed.state = own.state + 1;
        mem_write32(&changed, &slots[set * WAYS + way], sizeof(changed));
      }
    }
    if (way != WAYS) {
      __xwrite uint32_t time;
      time = now;
      mem_write32(&time, &slot_times[set * WAYS + way], 4);
    }
  }
  unlock(set);
  if (way == WAYS) {
    return PIF_PLUGIN_RETURN_DROP;
  }

  slot = set * WAYS + way;
  store_fragment(&slot_bodies[slot * MESSAGE_OCTETS + begin], octets);

  /* The fragment counts once it is in memory. */
  lock(set);
  mem_read32(&record, &slots[slot], sizeof(record));
  all = fragments == 32 ? 0xffffffff : (1 << fragments) - 1;
  {
    uint32_t seen = record.seen | (1 << fragment);
    uint32_t state = record.state - 1;
    int complete = seen == all && (record.state & STATE_BUSY) == 0;
    if (complete) {
      state |= STATE_BUSY;
    }
    changed.requestId = requestId;
    changed.sender = sender;
    changed.seen = seen;
    changed.state = state;
    mem_write32(&changed, &slots[slot], sizeof(changed));
    unlock(set);
    if (!complete) {
      return PIF_PLUGIN_RETURN_DROP;
    }
  }
  lnic_message.way = LNIC_BY_FRAGMENTS;
  lnic_message.octets = length;
  lnic_message.slot = slot;
  lnic_message.body = &slot_bodies[slot * MESSAGE_OCTETS];
  lnic_message.answer = &slot_answers[slot * MESSAGE_OCTETS];
  lnic_message.capacity = MESSAGE_OCTETS;
  return PIF_PLUGIN_RETURN_FORWARD;
}

/* Where the message of this request is; drops frames that do not complete one. */
int pif_plugin_receive_message(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {
  PIF_PLUGIN_lambda_hdr_T *lambda = pif_plugin_hdr_get_lambda_hdr(headers);
  if (pif_plugin_meta_get__standard_metadata__ingress_port(headers) == LNIC_PORT_RDMA) {
    /* The NIC's own event: the body says where the message lies (docs/lambdas.md). */
    __xread uint32_t place[6];
    mem_read32(place, lnic_body(), sizeof(place));
    lnic_message.way = LNIC_BY_RDMA;
    lnic_message.octets = place[2];
    lnic_message.capacity = place[5];
    lnic_message.body = (__mem __addr40 uint8_t *)(((uint64_t)place[0] << 32) | place[1]);
    lnic_message.answer = (__mem __addr40 uint8_t *)(((uint64_t)place[3] << 32) | place[4]);
    return PIF_PLUGIN_RETURN_FORWARD;
  }
  if (lambda->fragments > 1) {
    return gather(headers);
  }
  if (lambda->length_ > lnic_body_octets(headers)) {
    return PIF_PLUGIN_RETURN_DROP;
  }
  lnic_message.way = LNIC_BY_PACKET;
  lnic_message.octets = lambda->length_;
  lnic_message.capacity = LNIC_FRAGMENT_OCTETS;
  {
    /* The frame's address as all cores see it: CTM of this core's island. */
    uint32_t island = (local_csr_read(local_csr_active_ctx_sts) >> 25) & 0x3f;
    lnic_message.body = (__mem __addr40 uint8_t *)(((uint64_t)(0x80 | island) << 32) | (uint32_t)lnic_body());
  }
  lnic_message.answer = lnic_message.body;
  return PIF_PLUGIN_RETURN_FORWARD;
}

/*
 * Sends the answer the way the request came; its status and length are in the lambda header. From memory it goes out in
 * fragments, each with the headers that the reply action prepared.
 */
int pif_plugin_send_message(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {
  PIF_PLUGIN_lambda_hdr_T *lambda = pif_plugin_hdr_get_lambda_hdr(headers);
  PIF_PLUGIN_udp_T *udp = pif_plugin_hdr_get_udp(headers);
  PIF_PLUGIN_ipv4_T *ipv4 = pif_plugin_hdr_get_ipv4(headers);
  uint32_t octets = lambda->length_;
  uint32_t slot = lnic_message.slot;
  uint32_t fragment;
  uint32_t fragments;
  __mem __addr40 uint8_t *from;
  if (lnic_message.way == LNIC_BY_PACKET) {
    udp->length_ = octets + 28;
    ipv4->totalLen = octets + 48;
    return PIF_PLUGIN_RETURN_FORWARD;
  }
  if (lnic_message.way == LNIC_BY_RDMA) {
    /* The RDMA block takes the lambda header from this frame and the octets from memory. */
    udp->length_ = 28;
    ipv4->totalLen = 48;
    return PIF_PLUGIN_RETURN_FORWARD;
  }
  fragments = (octets + LNIC_FRAGMENT_OCTETS - 1) / LNIC_FRAGMENT_OCTETS;
  if (fragments == 0) {
    fragments = 1;
  }
  from = lnic_message.answer;
  lambda->fragments = fragments;
  for (fragment = 0; fragment < fragments; fragment++) {
    uint32_t here = octets > LNIC_FRAGMENT_OCTETS ? LNIC_FRAGMENT_OCTETS : octets;
    __ctm uint8_t *to = lnic_body();
    uint32_t left = here;
    while (left > 0) {
      __xread uint32_t in[16];
      __xwrite uint32_t out[16];
      mem_read32(in, from, 64);
      MOVE4(0); MOVE4(4); MOVE4(8); MOVE4(12);
      mem_write32(out, to, 64);
      from += 64;
      to += 64;
      left = left > 64 ? left - 64 : 0;
    }
    lambda->fragment = fragment;
    udp->length_ = here + 28;
    ipv4->totalLen = here + 48;
    lnic_transmit();
    octets -= here;
  }
  release(slot);
  return PIF_PLUGIN_RETURN_EXIT;
}
#endif
