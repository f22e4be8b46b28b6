import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DynamicBuffer } from './dynamic-buffer.ts';

describe('dynamic thresholds', () => {
  test('follow alpha x (pool - used) over a trace worked out by hand', () => {
    const buffer = new DynamicBuffer(10_000, [
      { alpha: 1, reserveOctets: 0 },
      { alpha: 0.5, reserveOctets: 1_000 },
    ]);
    const steps: [queue: number, octets: number, threshold: number, verdict: string][] = [
      [0, 3_000, 10_000, 'room'], // 3,000 of 10,000 used
      [0, 2_000, 7_000, 'room'], // 5,000 used; 5,000 <= 7,000 before it
      [0, 1_000, 5_000, 'dynamic-threshold'], // 6,000 > 1 x 5,000
      [1, 1_000, 2_500, 'room'], // all of it in the reserve: nothing of the pool
      [1, 2_500, 2_500, 'room'], // 2,500 <= 0.5 x 5,000; 7,500 used
      [1, 100, 1_250, 'dynamic-threshold'], // 2,600 > 0.5 x 2,500
      [0, 10, 2_500, 'dynamic-threshold'], // what the other queue took shrinks this one's threshold below what it has
    ];
    for (const [queue, octets, threshold, verdict] of steps) {
      expect(buffer.thresholdOctets(queue)).toBe(threshold);
      expect(buffer.verdict(queue, octets)).toBe(verdict);
      if (verdict === 'room') buffer.add(queue, octets);
    }
    expect(buffer.pooledOctets).toBe(7_500);
    buffer.remove(0, 5_000);
    expect(buffer.thresholdOctets(1)).toBe(3_750);
    expect(buffer.verdict(1, 1_250)).toBe('room');
  });

  test('one greedy queue settles at alpha / (1 + alpha) of the pool, two at alpha / (1 + 2 alpha) each', () => {
    // Choudhury and Hahne, equation 3.
    for (const alpha of [0.25, 0.5, 1, 2, 8]) {
      for (const queues of [1, 2, 5]) {
        const buffer = new DynamicBuffer(1_000_000, new Array(queues).fill({ alpha, reserveOctets: 0 }));
        const held = new Array<number>(queues).fill(0);
        for (let i = 0; i < 40_000; i++) {
          const queue = i % queues;
          if (buffer.verdict(queue, 100) !== 'room') continue;
          buffer.add(queue, 100);
          held[queue]! += 100;
        }
        const each = (1_000_000 * alpha) / (1 + queues * alpha);
        for (const octets of held) expect(Math.abs(octets - each)).toBeLessThanOrEqual(100 * (1 + alpha));
      }
    }
  });

  test('a queue without alpha may take all of the pool, and a reserve stays when the pool is full', () => {
    const buffer = new DynamicBuffer(5_000, [{ reserveOctets: 0 }, { reserveOctets: 2_000 }]);
    expect(buffer.verdict(0, 5_000)).toBe('room');
    buffer.add(0, 5_000);
    expect(buffer.verdict(0, 1)).toBe('shared-buffer-full');
    expect(buffer.verdict(1, 2_000)).toBe('room');
    buffer.add(1, 2_000);
    expect(buffer.verdict(1, 1)).toBe('shared-buffer-full');
  });

  test('the account is what the queues hold beyond their reserves, whatever comes and goes', () => {
    const step = fc.record({ queue: fc.nat(2), octets: fc.integer({ min: 60, max: 1_514 }), leaves: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const shares = [{ alpha: 1, reserveOctets: 3_000 }, { reserveOctets: 0 }, { alpha: 0.5, reserveOctets: 500 }];
        const buffer = new DynamicBuffer(20_000, shares);
        const held: number[][] = [[], [], []];
        for (const { queue, octets, leaves } of steps) {
          const first = held[queue]![0];
          if (leaves && first !== undefined) buffer.remove(queue, held[queue]!.shift()!);
          else if (buffer.verdict(queue, octets) === 'room') {
            buffer.add(queue, octets);
            held[queue]!.push(octets);
          }
          const sums = held.map((each) => each.reduce((sum, octetsOf) => sum + octetsOf, 0));
          const pooled = sums.reduce((sum, each, index) => sum + Math.max(0, each - shares[index]!.reserveOctets), 0);
          expect(buffer.pooledOctets).toBe(pooled);
          expect(pooled).toBeLessThanOrEqual(20_000);
        }
      }),
    );
  });
});
