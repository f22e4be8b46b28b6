import type { Core } from './core.ts';

/**
 * One step of the multiplier. What it keeps between steps is the 64-bit sum of partial products: `start` clears it, and
 * step n (from 1) adds A times octet n - 1 of B, shifted to that octet's place. Each step takes A and B anew, as the
 * instruction names them each time; nothing of it survives a context switch.
 * @param shift 8 * (n - 1)
 * @param bitsOfA 24, 16 or 32: higher bits of A do not take part
 */
export function multiplyStep(core: Core, a: number, b: number, shift: number, bitsOfA: number): void {
  const multiplicand = bitsOfA === 32 ? a : a & ((1 << bitsOfA) - 1);
  const octet = (b >>> shift) & 0xff;
  // 32 by 8 bits give 40: the low word, and the octet above it, in small integers.
  const partialLow = Math.imul(multiplicand, octet);
  const partialHigh = ((multiplicand >>> 16) * octet + (((multiplicand & 0xffff) * octet) >>> 16)) >>> 16;
  const low = partialLow << shift;
  const high = shift === 0 ? partialHigh : (partialHigh << shift) | (partialLow >>> (32 - shift));
  const sum = (core.productLow + low) | 0;
  const carry = sum >>> 0 < low >>> 0 ? 1 : 0;
  core.productLow = sum;
  core.productHigh = (core.productHigh + high + carry) | 0;
}
