/** What an atomic does to a word. */
export const ATOMIC_READ = 0;
export const ATOMIC_WRITE = 1;
export const ATOMIC_ADD = 2;
export const ATOMIC_SUB = 3;
export const ATOMIC_SET = 4;
export const ATOMIC_CLEAR = 5;
export const ATOMIC_XOR = 6;
export const ATOMIC_ADD_SATURATE = 7;
export const ATOMIC_SUB_SATURATE = 8;
/** Writes if what is there equals the operand in the octets of the mask. */
export const ATOMIC_COMPARE = 9;

/** One word of a 32-bit atomic. @param mask bits that a compare looks at */
export function applyAtomic(atomic: number, old: number, operand: number, mask = -1): number {
  switch (atomic) {
    case ATOMIC_WRITE:
      return operand;
    case ATOMIC_ADD:
      return (old + operand) | 0;
    case ATOMIC_SUB:
      return (old - operand) | 0;
    case ATOMIC_SET:
      return old | operand;
    case ATOMIC_CLEAR:
      return old & ~operand;
    case ATOMIC_XOR:
      return old ^ operand;
    case ATOMIC_ADD_SATURATE:
      return Math.min((old >>> 0) + (operand >>> 0), 0xffff_ffff) | 0;
    case ATOMIC_SUB_SATURATE:
      return Math.max((old >>> 0) - (operand >>> 0), 0) | 0;
    case ATOMIC_COMPARE:
      return ((old ^ operand) & mask) === 0 ? operand : old;
    default:
      return old;
  }
}

/** 64 bits, rare: BigInt will do. */
export function applyAtomic64(atomic: number, old: bigint, operand: bigint): bigint {
  switch (atomic) {
    case ATOMIC_ADD:
      return BigInt.asUintN(64, old + operand);
    case ATOMIC_SUB:
      return BigInt.asUintN(64, old - operand);
    case ATOMIC_ADD_SATURATE:
      return old + operand > 0xffff_ffff_ffff_ffffn ? 0xffff_ffff_ffff_ffffn : old + operand;
    case ATOMIC_SUB_SATURATE:
      return old < operand ? 0n : old - operand;
    default:
      return old;
  }
}

/** The bits of the octets that a 4-bit mask names; bit 0 is the least significant octet (open flowenv, mem_atomic.h). */
export function bitsOfOctets(mask: number): number {
  let bits = 0;
  for (let octet = 0; octet < 4; octet++) if (((mask >> octet) & 1) === 1) bits |= 0xff << (8 * octet);
  return bits;
}
