import { describe, expect, it } from 'vitest';
import { isInForce, touches } from './schedule.ts';

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
});
