import { describe, expect, it } from 'vitest';
import { QUANTUM_OCTETS, QueueScheduler } from './queue-scheduler.ts';

/** Serves queues that never run empty; `frameOctets` of each. @returns octets served, queue by queue */
function serve(scheduler: QueueScheduler, frameOctets: readonly number[], frames: number): number[] {
  const served = frameOctets.map(() => 0);
  for (let i = 0; i < frames; i++) {
    const queue = scheduler.pick(frameOctets);
    served[queue]! += frameOctets[queue]!;
  }
  return served;
}

describe('strict priority', () => {
  it('takes the first of the list that may send', () => {
    const scheduler = new QueueScheduler([{ weight: undefined }, { weight: undefined }, { weight: 1 }]);
    expect(scheduler.pick([100, 100, 100])).toBe(0);
    expect(scheduler.pick([0, 100, 100])).toBe(1);
    expect(scheduler.pick([0, 0, 100])).toBe(2);
    expect(scheduler.pick([0, 0, 0])).toBe(-1);
  });
});

describe('deficit round robin', () => {
  it.each([
    ['equal frames', [3, 1], [1_538, 1_538]],
    ['large against small frames', [1, 1], [1_538, 84]],
    ['three queues', [5, 2, 1], [700, 1_538, 84]],
    ['frames above the quantum', [1, 2], [9_258, 1_538]],
  ])('shares octets by weight within one quantum and one frame: %s', (_, weights, frameOctets) => {
    const scheduler = new QueueScheduler(weights.map((weight) => ({ weight })));
    for (let round = 1; round < 40; round++) {
      const served = serve(new QueueScheduler(weights.map((weight) => ({ weight }))), frameOctets, 97 * round);
      const shares = served.map((octets, queue) => octets / weights[queue]!);
      // Shreedhar and Varghese, theorem 2: what two backlogged queues got, by weight, differs by that much at most.
      const bound = QUANTUM_OCTETS + 2 * Math.max(...frameOctets.map((octets, queue) => octets / weights[queue]!));
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(bound);
    }
    expect(scheduler.pick(frameOctets)).toBeGreaterThanOrEqual(0);
  });

  it('lets an emptied queue save nothing', () => {
    const scheduler = new QueueScheduler([{ weight: 10 }, { weight: 1 }]);
    expect(scheduler.pick([100, 100])).toBe(0);
    scheduler.emptied(0);
    expect(scheduler.pick([0, 100])).toBe(1);
    // Its next turn begins with its quantum and without the rest of the first.
    let served = 0;
    while (scheduler.pick([1_542, 0]) === 0 && served < 10) served++;
    expect(served).toBe(10);
    const again = new QueueScheduler([{ weight: 2 }, { weight: 1 }]);
    again.pick([1_542, 1_542]);
    again.emptied(0);
    const order = Array.from({ length: 6 }, () => again.pick([1_542, 1_542]));
    expect(order).toEqual([1, 0, 0, 1, 0, 0]);
  });

  it('passes over a queue that may not send now', () => {
    const scheduler = new QueueScheduler([{ weight: 1 }, { weight: 1 }]);
    expect([1, 2, 3].map(() => scheduler.pick([0, 1_000]))).toEqual([1, 1, 1]);
  });
});
