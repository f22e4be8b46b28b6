import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DURATION, LENGTH, OCTETS, parseQuantity, RATE } from './quantities.ts';

test.each([
  ['500ns', DURATION, 500_000],
  ['1.5us', DURATION, 1_500_000],
  ['94.41ns', DURATION, 94_410],
  ['0.1ms', DURATION, 100_000_000],
  ['9007s', DURATION, 9_007_000_000_000_000],
  ['10G', RATE, 10_000_000_000],
  ['2.5G', RATE, 2_500_000_000],
  ['512KiB', OCTETS, 524_288],
  ['1.7MB', OCTETS, 1_700_000],
  ['3m', LENGTH, 3000],
])('%s', (text, kind, expected) => {
  expect(parseQuantity(text, kind)).toBe(expected);
});

test.each([
  ['0.5ps', DURATION],
  ['9008s', DURATION],
  ['-1ns', DURATION],
  ['1e3ns', DURATION],
  ['10', RATE],
  ['10g', RATE],
  ['1.B', OCTETS],
  ['', LENGTH],
])('%s is refused', (text, kind) => {
  expect(parseQuantity(text, kind)).toBeUndefined();
});

test('decimals of picoseconds convert exactly', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 53 - 1 }), (ps) => {
      const text = `${Math.floor(ps / 1000)}.${String(ps % 1000).padStart(3, '0')}ns`;
      expect(parseQuantity(text, DURATION)).toBe(ps);
    }),
  );
});
