import fc from 'fast-check';
import { expect, test } from 'vitest';
import { latencyPercentiles, nearestRank, ratePerSecond } from './latency.ts';

test('of 1,000 values 1 to 1,000 the percentiles are the values themselves', () => {
  const values = Array.from({ length: 1000 }, (_, i) => 1000 - i);
  expect(latencyPercentiles(values)).toEqual({ p50: 500, p90: 900, p99: 990, p999: 999, max: 1000 });
});

test('of few values they are values that occurred', () => {
  expect(latencyPercentiles([7])).toEqual({ p50: 7, p90: 7, p99: 7, p999: 7, max: 7 });
  expect(latencyPercentiles([30, 10, 20])).toEqual({ p50: 20, p90: 30, p99: 30, p999: 30, max: 30 });
});

test('nearest rank: the smallest value that at least p of all do not exceed', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(50), { minLength: 1, maxLength: 300 }),
      fc.integer({ min: 1, max: 1000 }),
      (values, perMille) => {
        const sorted = Float64Array.from(values).sort();
        const reached = (value: number): boolean =>
          values.filter((other) => other <= value).length * 1000 >= perMille * values.length;
        expect(nearestRank(sorted, perMille)).toBe([...sorted].find(reached));
      },
    ),
  );
});

test('rates are per emulated second', () => {
  expect(ratePerSecond(500, 250_000_000_000)).toBe(2000);
  expect(ratePerSecond(1, 0)).toBe(0);
});
