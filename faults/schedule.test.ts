import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Schedule } from './fault.ts';
import { isInForce, overlap, touches } from './schedule.ts';

const ONCE: Schedule = { atPs: 0, forPs: undefined, everyPs: undefined, untilPs: undefined };

describe('schedule', () => {
  it('lasts from its first instant to the one before its end', () => {
    const once = { atPs: 100, forPs: 50, everyPs: undefined, untilPs: undefined };
    expect([99, 100, 149, 150].map((timePs) => isInForce(once, timePs))).toEqual([false, true, true, false]);
  });

  it('lasts for ever without a length', () => {
    const forEver = { atPs: 100, forPs: undefined, everyPs: undefined, untilPs: undefined };
    expect([99, 100, 2 ** 50].map((timePs) => isInForce(forEver, timePs))).toEqual([false, true, true]);
  });

  it('begins again', () => {
    const repeated = { atPs: 100, forPs: 50, everyPs: 1000, untilPs: undefined };
    const times = [99, 149, 150, 1099, 1100, 1149, 1150, 5_000_120];
    expect(times.map((timePs) => isInForce(repeated, timePs))).toEqual([
      false,
      true,
      false,
      false,
      true,
      true,
      false,
      true,
    ]);
  });

  it('meets what begins before it and ends within or behind it', () => {
    const repeated = { atPs: 100, forPs: 50, everyPs: 1000, untilPs: undefined };
    expect(touches(repeated, 10, 99)).toBe(false);
    expect(touches(repeated, 10, 100)).toBe(true);
    expect(touches(repeated, 149, 900)).toBe(true);
    expect(touches(repeated, 150, 1099)).toBe(false);
    expect(touches(repeated, 150, 1100)).toBe(true);
  });

  it('is over for good at an instant', () => {
    const ended = { ...ONCE, atPs: 100, forPs: 50, everyPs: 1000, untilPs: 1120 };
    expect([149, 150, 1100, 1119, 1120, 2100].map((timePs) => isInForce(ended, timePs))).toEqual([
      true,
      false,
      true,
      true,
      false,
      false,
    ]);
    expect(touches(ended, 1120, 5000)).toBe(false);
    expect(touches(ended, 1119, 5000)).toBe(true);
    expect(touches({ ...ended, untilPs: 100 }, 0, 5000)).toBe(false);
  });
});

describe('two schedules overlap', () => {
  const instant = fc.integer({ min: 0, max: 40 });
  const schedule = fc
    .record({
      atPs: instant,
      forPs: fc.integer({ min: 1, max: 12 }),
      gapPs: fc.option(fc.integer({ min: 1, max: 12 })),
    })
    .map(({ atPs, forPs, gapPs }): Schedule => {
      return { ...ONCE, atPs, forPs, everyPs: gapPs === null ? undefined : forPs + gapPs };
    });
  const ended = fc.tuple(schedule, instant).map(([each, morePs]) => ({ ...each, untilPs: each.atPs + morePs }));

  it('when there is an instant at which both are in force', () => {
    fc.assert(
      fc.property(schedule, fc.oneof(schedule, ended), (a, b) => {
        // Two that repeat themselves are told as if neither ended.
        fc.pre(a.everyPs === undefined || b.everyPs === undefined || b.untilPs === undefined);
        // Longer than both take to begin and to meet in every way that they can.
        const meet = Array.from({ length: 1000 }, (_, timePs) => isInForce(a, timePs) && isInForce(b, timePs));
        expect(overlap(a, b)).toBe(meet.includes(true));
        expect(overlap(b, a)).toBe(meet.includes(true));
      }),
    );
  });
});
