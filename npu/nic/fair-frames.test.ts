import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FairFrames } from './fair-frames.ts';
import type { WaitingFrame } from './frame-queue.ts';

const MANY = 1_000_000;

function frame(lambda: number, sequence = 0): WaitingFrame {
  return { port: 0, frame: new Uint8Array(0), sequence, lambda, budgetCycles: 1 };
}

function put(queue: FairFrames, lambda: number, sequence = 0): boolean {
  if (!queue.admit(lambda)) return false;
  queue.push(frame(lambda, sequence));
  return true;
}

/** Lambdas in the order of service, until `count` were served. */
function serve(queue: FairFrames, count: number): number[] {
  return Array.from({ length: count }, () => queue.shift()!.lambda);
}

const count = (served: readonly number[], lambda: number) => served.filter((each) => each === lambda).length;

/** Weights of frames without lambda and of up to four lambdas. */
const weights = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 2, maxLength: 5 });

describe('start-time fair queueing', () => {
  test('over any stretch in which two flows wait, they differ by no more than one request of each, by weight', () => {
    // Goyal, Vin, Cheng 1996, theorem 1: |Wf/rf - Wm/rm| <= lf/rf + lm/rm; every request has length 1.
    fc.assert(
      fc.property(weights, fc.nat(200), (shares, skip) => {
        const queue = new FairFrames(MANY * 100, shares);
        const total = 1200;
        for (let i = 0; i < total; i++) for (const flow of shares.keys()) put(queue, flow - 1, i);
        serve(queue, skip);
        const served = serve(queue, total - 200);
        for (const end of [1, 7, 50, 333, served.length]) {
          const stretch = served.slice(0, end);
          for (const [f, wf] of shares.entries()) {
            for (const [m, wm] of shares.entries()) {
              const difference = Math.abs(count(stretch, f - 1) / wf - count(stretch, m - 1) / wm);
              expect(difference).toBeLessThanOrEqual((1 / wf + 1 / wm) * 1.001);
            }
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test('agrees with the definition for any arrivals and services: tags as fractions, least start tag first', () => {
    const step = fc.oneof(fc.record({ arrives: fc.nat(3) }), fc.constant('serve' as const));
    fc.assert(
      fc.property(
        fc.constantFrom([1, 2, 4, 8], [1, 1, 1, 1], [16, 4, 1, 2]),
        fc.array(step, { minLength: 100, maxLength: 200 }),
        (shares, steps) => {
          const queue = new FairFrames(MANY, shares);
          // Powers of two have exact fractions.
          let virtual = 0;
          const finish = shares.map(() => 0);
          const waiting: { flow: number; start: number; sequence: number }[] = [];
          for (const [sequence, what] of steps.entries()) {
            if (what === 'serve') {
              waiting.sort((a, b) => a.start - b.start || a.flow - b.flow || a.sequence - b.sequence);
              const expected = waiting.shift();
              if (expected !== undefined) virtual = expected.start;
              expect(queue.shift()?.sequence).toBe(expected?.sequence);
            } else {
              const flow = what.arrives;
              const start = Math.max(virtual, finish[flow]!);
              finish[flow] = start + 1 / shares[flow]!;
              waiting.push({ flow, start, sequence });
              put(queue, flow - 1, sequence);
            }
            expect(queue.length).toBe(waiting.length);
          }
        },
      ),
    );
  });

  test('who was idle has saved up nothing', () => {
    const queue = new FairFrames(MANY, [1, 1, 1]);
    for (let i = 0; i < 100; i++) put(queue, 0);
    serve(queue, 50);
    for (let i = 0; i < 50; i++) put(queue, 1);
    const served = serve(queue, 40);
    expect(Math.abs(count(served, 0) - count(served, 1))).toBeLessThanOrEqual(1);
  });

  test('within a flow frames keep their order', () => {
    const queue = new FairFrames(MANY, [1, 3, 2]);
    for (let i = 0; i < 30; i++) put(queue, i % 3 === 0 ? 0 : 1, i);
    const served = Array.from({ length: 30 }, () => queue.shift()!);
    for (const lambda of [0, 1]) {
      const sequences = served.filter((each) => each.lambda === lambda).map((each) => each.sequence);
      expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
    }
    expect(queue.shift()).toBeUndefined();
  });

  test('a flow that floods takes its own places alone', () => {
    const queue = new FairFrames(100, [1, 1, 2]);
    expect(Array.from({ length: 60 }, () => put(queue, 0)).filter((taken) => taken)).toHaveLength(25);
    expect(Array.from({ length: 60 }, () => put(queue, 1)).filter((taken) => taken)).toHaveLength(50);
    serve(queue, 75);
    expect(put(queue, 0)).toBe(true);
  });
});
