import { assert } from '../../base/assert.ts';

/** `value` in `width` bits from bit `lsb` on. Words have 45 bits, so they are sums in a number, exact up to 2^53. */
export function field(value: number, lsb: number, width: number): number {
  assert(Number.isInteger(value) && value >= 0 && value < 2 ** width, `${value} does not fit ${width} bits at ${lsb}`);
  return value * 2 ** lsb;
}

/** One bit. */
export function flag(set: boolean, bit: number): number {
  return set ? 2 ** bit : 0;
}
