/** From the even signal of a `SIGNAL_PAIR` to the odd one: no multiple of 4, as from one signal of an array to another. */
export const PAIR_ODD_OCTETS = 6;

/**
 * Headers that programs for the card include, by the names of the card's own. What the compiler knows itself
 * (`mem_read32`, `ctx_swap`, `ffs`, ...) needs no declaration; what is here is written with that.
 */
const NFP = `#pragma once
#include <stdint.h>
#include <stddef.h>
#define __dram __mem
#define __align(n) __attribute__((aligned(n)))
/* Of the two signals of a pair the odd one is none of an array's. */
typedef struct __attribute__((packed)) {
  unsigned int even;
  char __gap[${PAIR_ODD_OCTETS - 4}];
  unsigned int odd;
  char __end[2];
} __signal_pair;
#define SIGNAL_PAIR __lmem __signal_pair
#define ctassert(condition) _Static_assert(condition, #condition)
#define __implicit_read(...) ((void)0)
#define __implicit_write(...) ((void)0)
`;

/** Apart: plugins have it without asking, and may ask for `nfp/me.h` as well. */
const SLEEP = `#pragma once
#include <stdint.h>

/* Other contexts run for at least so many cycles; the timestamp counts every sixteenth. */
static inline void sleep(uint32_t cycles) {
  uint32_t start = local_csr_read(local_csr_timestamp_low);
  while (local_csr_read(local_csr_timestamp_low) - start <= cycles >> 4) ctx_swap();
}
`;

const ME = `#pragma once
#include <nfp.h>
#include <nfp/sleep.h>

static inline uint64_t me_tsc_read(void) {
  uint32_t high = local_csr_read(local_csr_timestamp_high);
  uint32_t low = local_csr_read(local_csr_timestamp_low);
  uint32_t after = local_csr_read(local_csr_timestamp_high);
  /* Between the two the low half may have begun again. */
  if (after != high) low = local_csr_read(local_csr_timestamp_low);
  return (uint64_t)after << 32 | low;
}

/* Island and number of the core within it, as commands to it name it. */
static inline unsigned int __ME(void) {
  unsigned int status = local_csr_read(local_csr_active_ctx_sts);
  return (status >> 25 & 0x3f) << 4 | (status >> 3 & 0xf);
}

static inline unsigned int __island(void) { return __ME() >> 4; }
static inline unsigned int __ctx(void) { return ctx(); }

typedef enum {
  crc_bytes_0_3,
  crc_bytes_0_2,
  crc_bytes_0_1,
  crc_byte_0,
  crc_bytes_1_3,
  crc_bytes_2_3,
  crc_byte_3
} crc_bytes_t;
#define crc_read() local_csr_read(local_csr_crc_remainder)
#define crc_write(value) local_csr_write(local_csr_crc_remainder, value)

typedef union {
  struct {
    unsigned int zeros1 : 20, state : 4, hit : 1, entry_num : 4, zeros2 : 3;
  };
  unsigned int value;
} cam_lookup_t;

static inline cam_lookup_t cam_lookup(unsigned int tag) {
  cam_lookup_t found;
  found.value = __cam_lookup(tag);
  return found;
}

static inline int bit_test(unsigned int data, unsigned int bit) { return data >> bit & 1; }

static inline int ffs64(unsigned long long data) {
  if (data == 0) return -1;
  return (unsigned int)data != 0 ? (int)ffs((unsigned int)data) : 32 + (int)ffs((unsigned int)(data >> 32));
}

static inline unsigned int pop_count(unsigned int data) {
  data -= data >> 1 & 0x55555555;
  data = (data & 0x33333333) + (data >> 2 & 0x33333333);
  return ((data + (data >> 4)) & 0x0f0f0f0f) * 0x01010101u >> 24;
}
`;

const MEM_ATOMIC = `#pragma once
#include <nfp.h>

static inline void mem_add32_imm(unsigned int value, __mem void *address) {
  __xwrite uint32_t word[1];
  word[0] = value;
  mem_add32(word, address);
}

static inline void mem_add64_imm(unsigned int value, __mem void *address) {
  __xwrite uint32_t words[2];
  words[0] = 0;
  words[1] = value;
  mem_add64(words, address, 8);
}

static inline void mem_bitset_imm(unsigned int value, __mem void *address) {
  __xwrite uint32_t word[1];
  word[0] = value;
  mem_bitset(word, address);
}

static inline void mem_bitclr_imm(unsigned int value, __mem void *address) {
  __xwrite uint32_t word[1];
  word[0] = value;
  mem_bitclr(word, address);
}
`;

/**
 * Rings of EMEM. The descriptor is the one that open flowenv's mem_ring.c writes: head, tail, type 2, page and count;
 * it lies where the ring's words will.
 */
const MEM_RING = `#pragma once
#include <nfp.h>

typedef unsigned int mem_ring_addr_t;
#define MEM_RING_DECLARE(name, entries) __export __emem __align((entries) * 4) unsigned int name[entries]
#define MEM_JOURNAL_DECLARE(name, entries) MEM_RING_DECLARE(name, entries)
#define MEM_WORKQ_DECLARE(name, entries) MEM_RING_DECLARE(name, entries)
#define MEM_RING_CONFIGURE(name, number) mem_ring_setup(number, name, sizeof(name))
#define MEM_JOURNAL_CONFIGURE(name, number) mem_ring_setup(number, name, sizeof(name))
#define MEM_WORKQ_CONFIGURE(name, number) mem_ring_setup(number, name, sizeof(name))

static inline mem_ring_addr_t mem_ring_get_addr(__mem void *base) {
  return (unsigned int)((uint64_t)base >> 8) & 0xff000000;
}

static inline mem_ring_addr_t mem_ring_setup(unsigned int number, __mem void *base, size_t size) {
  __xwrite uint32_t descriptor[4];
  uint64_t address = (uint64_t)base;
  uint32_t log = 0;
  /* The smallest ring has 512 words. */
  for (uint32_t rest = size >> 12; rest != 0; rest >>= 1) log++;
  descriptor[0] = log << 28 | ((uint32_t)address & 0x03fffffc);
  descriptor[1] = ((uint32_t)address & ~3u) | 2;
  descriptor[2] = ((uint32_t)(address >> 32) & 3) << 24;
  descriptor[3] = 0;
  mem_write32(descriptor, base, 16);
  __mem_ring_read_descriptor(base, number);
  return mem_ring_get_addr(base);
}

static inline mem_ring_addr_t mem_journal_setup(unsigned int number, __mem void *base, size_t size) {
  return mem_ring_setup(number, base, size);
}

static inline mem_ring_addr_t mem_workq_setup(unsigned int number, __mem void *base, size_t size) {
  return mem_ring_setup(number, base, size);
}

/* Octets that were there, or -1 when these do not fit. */
static inline int mem_ring_put(unsigned int number, mem_ring_addr_t queue, __xrw void *data, size_t size) {
  SIGNAL_PAIR done;
  __mem_ring_put(number, queue, data, size, size, sig_done, &done.even);
  wait_for_all(&done.even);
  uint32_t answer = ((__xrw uint32_t *)data)[0];
  return answer >> 31 ? (int)(answer << 2) : -1;
}

/* 0, or -1 when less is there: then nothing is taken. */
static inline int mem_ring_get(unsigned int number, mem_ring_addr_t queue, __xread void *data, size_t size) {
  SIGNAL_PAIR done;
  __mem_ring_get(number, queue, data, size, size, sig_done, &done.even);
  wait_for_all(&done.even);
  return signal_test(&done.odd) ? -1 : 0;
}

static inline int mem_ring_pop(unsigned int number, mem_ring_addr_t queue, __xread void *data, size_t size) {
  SIGNAL_PAIR done;
  __mem_ring_pop(number, queue, data, size, size, sig_done, &done.even);
  wait_for_all(&done.even);
  return signal_test(&done.odd) ? -1 : 0;
}

/* Octets in the ring. */
static inline size_t mem_ring_current_size(unsigned int number, mem_ring_addr_t queue) {
  __xread uint32_t descriptor[4];
  mem_ring_push_descriptor(number, queue, descriptor, 16);
  return (descriptor[2] & 0xffffff) << 2;
}
`;

/** Another context may use the core's remainder while a word is read, so that it is kept between the words. */
const HASH = `#pragma once
#include <nfp/me.h>

static inline uint32_t hash_me_crc32(const void *data, size_t octets, uint32_t start) {
  const uint32_t *words = data;
  for (size_t i = 0; i < octets / 4; i++) {
    uint32_t next = words[i];
    crc_write(start);
    crc_32_be(next, crc_bytes_0_3);
    start = crc_read();
  }
  return start;
}

static inline uint32_t hash_me_crc32c(const void *data, size_t octets, uint32_t start) {
  const uint32_t *words = data;
  for (size_t i = 0; i < octets / 4; i++) {
    uint32_t next = words[i];
    crc_write(start);
    crc_iscsi_be(next, crc_bytes_0_3);
    start = crc_read();
  }
  return start;
}
`;

/** Of registers, local memory and plain memory alike: macros, since a function's pointer has one address space. */
const REG_UTILS = `#pragma once
#include <nfp.h>
#define reg_zero(to, octets) reg_set(to, 0, octets)
#define reg_set(to, value, octets) \\
  do { \\
    for (size_t __i = 0; __i < (octets) / 4; __i++) ((to))[__i] = (value); \\
  } while (0)
#define reg_cp(to, from, octets) \\
  do { \\
    for (size_t __i = 0; __i < (octets) / 4; __i++) ((to))[__i] = ((from))[__i]; \\
  } while (0)
`;

const ONLY_NFP = '#pragma once\n#include <nfp.h>\n';

/** By name. Those that a P4 program makes (`pif_plugin.h` and its like) come from there. */
export const VENDOR_HEADERS: Readonly<Record<string, string>> = {
  'nfp.h': NFP,
  'nfp_intrinsic.h': '#pragma once\n#include <nfp/me.h>\n#include <nfp/mem_atomic.h>\n#include <nfp/mem_ring.h>\n',
  'types.h': ONLY_NFP,
  'nfp/types.h': ONLY_NFP,
  'nfp/me.h': ME,
  'nfp/sleep.h': SLEEP,
  'nfp/mem_atomic.h': MEM_ATOMIC,
  'mem_atomic.h': '#pragma once\n#include <nfp/mem_atomic.h>\n',
  'nfp/mem_bulk.h': ONLY_NFP,
  'nfp/mem_ring.h': MEM_RING,
  'nfp_mem_ring.h': '#pragma once\n#include <nfp/mem_ring.h>\n',
  'nfp_mem_workq.h': '#pragma once\n#include <nfp/mem_ring.h>\n',
  'nfp/cls.h': ONLY_NFP,
  'nfp_override.h': ONLY_NFP,
  'std/hash.h': HASH,
  'std/reg_utils.h': REG_UTILS,
  'pkt_ops.h': ONLY_NFP,
  'memory.h': '#pragma once\n#include <string.h>\n',
};
