import { expect, test } from 'vitest';
import { randomStream } from '../../base/random.ts';
import { reciprocal } from './divide-by-constant.ts';

/** The quotient as the emitted operations compute it, with all intermediate results cut to 32 bits. */
function quotient(n: number, divisor: number, width: number): number {
  const { multiplier, shift, add } = reciprocal(divisor, width);
  const product = BigInt(n) * BigInt(multiplier);
  if (!add) return Number(product >> BigInt(shift));
  const high = Number(product >> 32n);
  const half = (n - high) >>> 1;
  return (half + high) >>> (shift - 33);
}

test('every dividend of few bits', () => {
  for (const divisor of [3, 5, 6, 7, 9, 10, 11, 100, 171, 255]) {
    const wrong = Array.from({ length: 4096 }, (_, n) => n).filter(
      (n) => quotient(n, divisor, 12) !== Math.floor(n / divisor),
    );
    expect(wrong, `/ ${divisor}`).toEqual([]);
  }
});

test('edges of the quotient for random divisors and widths (seed 7)', () => {
  const random = randomStream(7, 'reciprocal');
  for (let round = 0; round < 4_000; round++) {
    const width = 2 + random.below(31);
    const divisor = 3 + random.below(Math.max(1, 2 ** Math.min(32, 1 + random.below(32)) - 3));
    if ((divisor & (divisor - 1)) === 0) continue;
    const largest = 2 ** width - 1;
    const multiple = divisor * Math.floor((random.unit() * largest) / divisor);
    for (const n of [0, 1, largest, multiple, multiple - 1, multiple + divisor - 1]) {
      if (n < 0 || n > largest) continue;
      expect(quotient(n, divisor, width), `${n} / ${divisor}, ${width} bits`).toBe(Math.floor(n / divisor));
    }
  }
});

test('a third of an octet is one short multiplication', () => {
  expect(reciprocal(3, 8)).toEqual({ multiplier: 171, shift: 9, add: false });
});

test('a seventh of a word needs the 33-bit multiplier', () => {
  expect(reciprocal(7, 32)).toEqual({ multiplier: 0x24924925, shift: 35, add: true });
});
