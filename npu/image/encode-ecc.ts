import { WORD_BITS } from '../isa/codes.ts';

/**
 * Masks of the seven parity bits that protect a word in the code store. Source: Linux `nfp_asm.c`, which adds them when it
 * loads a program. Images may leave them out: objdump ignores them.
 */
const PARITY_MASKS: readonly number[] = [
  0x0ff800007fff, 0x11f801ff801f, 0x1e387e0781e1, 0x17cb8e388e22, 0x1af5b2c93244, 0x1f56d5525488, 0x0daf69a46910,
];

/** The 7-bit error-correcting code of a 45-bit word. */
export function eccOf(word: number): number {
  let ecc = 0;
  PARITY_MASKS.forEach((mask, i) => {
    const low = word & mask;
    const high = (word / 2 ** 32) & (mask / 2 ** 32);
    ecc |= parity(low ^ high) << i;
  });
  return ecc;
}

/** The word as the code store holds it: 45 bits of instruction, 7 of error-correcting code above. */
export function withEcc(word: number): bigint {
  return BigInt(word) + (BigInt(eccOf(word)) << BigInt(WORD_BITS));
}

function parity(value: number): number {
  value ^= value >>> 16;
  value ^= value >>> 8;
  value ^= value >>> 4;
  value ^= value >>> 2;
  value ^= value >>> 1;
  return value & 1;
}
