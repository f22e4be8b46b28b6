import type { Core } from './core.ts';

/**
 * One step of the multiplier. What it keeps between steps is the 64-bit sum of partial products: `start` clears it, and
 * step n (from 1) adds A times octet n - 1 of B, shifted to that octet's place. Each step takes A and B anew, as the
 * instruction names them each time; nothing of it survives a context switch.
 * @param shift 8 * (n - 1)
 * @param bitsOfA 24, 16 or 32: higher bits of A do not take part
 */
export function multiplyStep(core: Core, a: number, b: number, shift: number, bitsOfA: number): void {
  const multiplicand = bitsOfA === 32 ? a >>> 0 : a & ((1 << bitsOfA) - 1);
  // At most 32 + 8 bits: exact.
  const partial = multiplicand * ((b >>> shift) & 0xff);
  const partialLow = partial % 2 ** 32;
  const partialHigh = (partial - partialLow) / 2 ** 32;
  const low = shift === 0 ? partialLow : (partialLow << shift) >>> 0;
  const high = shift === 0 ? partialHigh : ((partialHigh << shift) | (partialLow >>> (32 - shift))) >>> 0;
  const sum = (core.productLow >>> 0) + low;
  core.productLow = sum | 0;
  core.productHigh = (core.productHigh + high + (sum > 0xffff_ffff ? 1 : 0)) | 0;
}
