import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MOST_SAMPLES, QueueSampler } from './queue-sampler.ts';

describe('samples of a queue', () => {
  test('have the depth at the end of each interval and the largest within, and leave out empty ones', () => {
    const sampler = new QueueSampler(100);
    sampler.change(10, 500);
    sampler.change(20, 1_500);
    sampler.change(90, 700);
    sampler.change(310, 0);
    sampler.change(1_050, 60);
    sampler.change(1_060, 0);
    expect(sampler.samples()).toEqual([
      { timePs: 100, periodPs: 100, octets: 700, maximumOctets: 1_500 },
      { timePs: 200, periodPs: 100, octets: 700, maximumOctets: 700 },
      { timePs: 300, periodPs: 100, octets: 700, maximumOctets: 700 },
      { timePs: 400, periodPs: 100, octets: 0, maximumOctets: 700 },
      { timePs: 1_100, periodPs: 100, octets: 0, maximumOctets: 60 },
    ]);
  });

  test('a long run makes intervals longer, not more, and loses no depth', () => {
    const sampler = new QueueSampler(100);
    for (let i = 0; i < 200_000; i++) sampler.change(i * 37, i === 123_456 ? 9_999 : 1 + (i % 500));
    const samples = sampler.samples();
    expect(samples.length).toBeLessThanOrEqual(MOST_SAMPLES + 1);
    expect(samples.length).toBeGreaterThan(MOST_SAMPLES / 4);
    expect(Math.max(...samples.map((each) => each.maximumOctets))).toBe(9_999);
    const deepest = samples.find((each) => each.maximumOctets === 9_999)!;
    expect(123_456 * 37).toBeGreaterThanOrEqual(deepest.timePs - deepest.periodPs);
    expect(123_456 * 37).toBeLessThan(deepest.timePs);
  });

  test('agree with a look at every instant, whatever the changes', () => {
    const change = fc.record({ afterPs: fc.integer({ min: 0, max: 350 }), octets: fc.integer({ min: 0, max: 5 }) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const sampler = new QueueSampler(100);
        const depths: number[] = [];
        let nowPs = 0;
        let depth = 0;
        const peaks = new Map<number, number>();
        const note = () => peaks.set(Math.floor(nowPs / 100), Math.max(depth, peaks.get(Math.floor(nowPs / 100)) ?? 0));
        for (const { afterPs, octets } of changes) {
          for (const endPs = nowPs + afterPs; nowPs < endPs; nowPs++) {
            depths[nowPs] = depth;
            note();
          }
          depth = octets;
          note();
          sampler.change(nowPs, octets);
        }
        const expected = [...peaks].filter(([, octets]) => octets > 0).map(([interval, octets]) => [interval, octets]);
        expect(sampler.samples().map((each) => [each.timePs / 100 - 1, each.maximumOctets])).toEqual(expected);
        for (const { timePs, octets } of sampler.samples().slice(0, -1)) expect(octets).toBe(depths[timePs - 1]);
      }),
    );
  });
});
