/**
 * Unsigned division by a constant as multiply and shift, exact for every dividend of `width` bits
 * (Granlund and Montgomery, "Division by invariant integers using multiplication", PLDI 1994, section 4).
 *
 * `multiplier` fits 32 bits: q = (multiplier * n) >> shift with a product of up to 64 bits. `add`: the true multiplier
 * is 2^32 + multiplier, so that q = (t + ((n - t) >> 1)) >> (shift - 33) with t = (multiplier * n) >> 32.
 */
export interface Reciprocal {
  readonly multiplier: number;
  readonly shift: number;
  readonly add: boolean;
}

/** @param divisor 3 .. 2^32 - 1, not a power of two @param width bits of the dividend, 1 .. 32 */
export function reciprocal(divisor: number, width: number): Reciprocal {
  const d = BigInt(divisor);
  const n = BigInt(width);
  // Smallest shift for which the rounded-up reciprocal is close enough: 2^s <= m * d <= 2^s + 2^(s - width).
  for (let shift = 0n; ; shift++) {
    const power = 1n << shift;
    const multiplier = (power + d - 1n) / d;
    if (shift >= n && multiplier * d - power <= 1n << (shift - n)) {
      if (multiplier < 1n << 32n) return { multiplier: Number(multiplier), shift: Number(shift), add: false };
      return { multiplier: Number(multiplier - (1n << 32n)), shift: Number(shift), add: true };
    }
  }
}
