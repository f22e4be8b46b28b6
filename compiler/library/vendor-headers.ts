/**
 * Headers that programs for the card include, by the names of the card's own. What the compiler knows itself
 * (`mem_read32`, `ctx_swap`, `ffs`, ...) needs no declaration; what is here is written with that.
 */
const NFP = `#pragma once
#include <stdint.h>
#include <stddef.h>
#define ctassert(condition) _Static_assert(condition, #condition)
#define __implicit_read(...) ((void)0)
#define __implicit_write(...) ((void)0)
`;

const ME = `#pragma once
#include <nfp.h>

static inline uint64_t me_tsc_read(void) {
  uint32_t high = local_csr_read(local_csr_timestamp_high);
  uint32_t low = local_csr_read(local_csr_timestamp_low);
  uint32_t after = local_csr_read(local_csr_timestamp_high);
  /* Between the two the low half may have begun again. */
  if (after != high) low = local_csr_read(local_csr_timestamp_low);
  return (uint64_t)after << 32 | low;
}

/* Other contexts run for at least so many cycles; the timestamp counts every sixteenth. */
static inline void sleep(uint32_t cycles) {
  uint32_t start = local_csr_read(local_csr_timestamp_low);
  while (local_csr_read(local_csr_timestamp_low) - start <= cycles >> 4) ctx_swap();
}
`;

/** Of 64 bits there are no atomic commands here: the low word, then what it carries over. */
const MEM_ATOMIC = `#pragma once
#include <nfp.h>

static inline void __add_wide(__mem void *address, uint64_t value) {
  __xrw uint32_t low[1];
  __xwrite uint32_t high[1];
  low[0] = (uint32_t)value;
  mem_test_add(low, (__mem uint8_t *)address + 4);
  uint32_t carried = (uint32_t)(value >> 32) + (low[0] + (uint32_t)value < (uint32_t)value);
  if (carried == 0) return;
  high[0] = carried;
  mem_add32(high, address);
}

static inline void mem_incr64(__mem void *address) { __add_wide(address, 1); }
`;

const ONLY_NFP = '#pragma once\n#include <nfp.h>\n';

/** By name. Those that a P4 program makes (`pif_plugin.h` and its like) come from there. */
export const VENDOR_HEADERS: Readonly<Record<string, string>> = {
  'nfp.h': NFP,
  'nfp_intrinsic.h': '#pragma once\n#include <nfp/me.h>\n#include <nfp/mem_atomic.h>\n',
  'nfp/types.h': ONLY_NFP,
  'nfp/me.h': ME,
  'nfp/mem_atomic.h': MEM_ATOMIC,
  'nfp/mem_bulk.h': ONLY_NFP,
  'nfp/cls.h': ONLY_NFP,
  'pkt_ops.h': ONLY_NFP,
  'memory.h': '#pragma once\n#include <string.h>\n',
};
