import { describe, expect, test } from 'vitest';
import { randomStream } from '../../base/random.ts';
import { occupancyPs } from '../../link/ethernet-timing.ts';
import { createMarker, RandomEarlyDetection } from './congestion-marker.ts';

const RED = { kind: 'red', minimumOctets: 10_000, maximumOctets: 30_000, probability: 0.1, weight: 0.002 } as const;

describe('marking at a threshold', () => {
  test('marks what finds more than the threshold in its queue', () => {
    const marker = createMarker({ kind: 'threshold', thresholdOctets: 65_000 }, 800, randomStream(1, 'x'));
    expect([0, 64_999, 65_000, 65_001].map((octets) => marker.arrives(octets, 0))).toEqual([false, false, false, true]);
  });
});

describe('random early detection', () => {
  /** Gaps between marks, in frames, at a depth that stays. */
  function gapsAt(depthOctets: number, frames: number): number[] {
    const red = new RandomEarlyDetection({ ...RED, weight: 1 }, 800, randomStream(7, 'red'));
    const gaps: number[] = [];
    let since = 0;
    for (let i = 0; i < frames; i++) {
      since++;
      if (!red.arrives(depthOctets, i)) continue;
      gaps.push(since);
      since = 0;
    }
    return gaps;
  }

  test.each([
    [12_000, 0.01],
    [20_000, 0.05],
    [15_000, 0.025],
  ])('at an average of %i octets gaps are spread evenly up to 1 / p = 1 / %f, over 100,000 frames', (depth, base) => {
    // Floyd and Jacobson, section 7, method 2: with the count, gaps are uniform from 1 to 1/p - 1 and not geometric.
    const longest = Math.ceil(1 / base) - 1;
    const gaps = gapsAt(depth, 100_000).slice(1);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(longest + 1);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const deviation = Math.sqrt((longest ** 2 - 1) / 12 / gaps.length);
    expect(Math.abs(mean - (longest + 1) / 2)).toBeLessThan(4 * deviation + 0.5);
    // Each third of the range holds a third of the gaps.
    for (let third = 0; third < 3; third++) {
      const inThird = gaps.filter((gap) => Math.floor((3 * (gap - 1)) / longest) === third).length;
      expect(inThird / gaps.length).toBeGreaterThan(1 / 3 - 0.06);
      expect(inThird / gaps.length).toBeLessThan(1 / 3 + 0.06);
    }
  });

  test('marks nothing below the minimum and everything from the maximum on', () => {
    expect(gapsAt(9_999, 10_000)).toEqual([]);
    expect(gapsAt(30_000, 1_000)).toEqual(new Array(1_000).fill(1));
  });

  test('averages with its weight: a step of depth d is 1 - (1 - w)^n of d after n frames', () => {
    const red = new RandomEarlyDetection(RED, 800, randomStream(1, 'red'));
    for (let n = 1; n <= 2_000; n++) {
      red.arrives(9_000, n);
      if (n % 500 === 0) expect(red.averageOctets).toBeCloseTo(9_000 * (1 - (1 - 0.002) ** n), 6);
    }
  });

  test('an idle time counts as so many frames of 500 octets with nothing queued', () => {
    const red = new RandomEarlyDetection({ ...RED, weight: 0.01 }, 800, randomStream(1, 'red'));
    for (let n = 0; n < 1_000; n++) red.arrives(9_000, 0);
    const before = red.averageOctets;
    red.emptied(1_000_000);
    red.arrives(0, 1_000_000 + 50 * occupancyPs(500, 800));
    expect(red.averageOctets).toBeCloseTo(before * 0.99 ** 50, 6);
  });

  test('is the same with the same seed and another with another', () => {
    const marks = (seed: number) => {
      const red = new RandomEarlyDetection({ ...RED, weight: 1 }, 800, randomStream(seed, 'red'));
      return Array.from({ length: 500 }, (_, i) => red.arrives(20_000, i));
    };
    expect(marks(1)).toEqual(marks(1));
    expect(marks(1)).not.toEqual(marks(2));
  });
});
