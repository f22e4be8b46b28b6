import { PS_PER_NS, PS_PER_S } from '../base/units.ts';

/**
 * An instant as captures keep it. Seconds since 1970 do not fit picoseconds in a number, and captures of other tools
 * carry the wall clock, so both parts stay apart. Emulated time zero is 1970-01-01 00:00:00 UTC.
 */
export interface CaptureTime {
  readonly seconds: number;
  /** 0 to 999,999,999. */
  readonly nanoseconds: number;
}

export const NS_PER_S = 1_000_000_000;

/** Emulated picoseconds, cut (not rounded) to nanoseconds, so that order and `before` stay as they were. */
export function captureTime(timePs: number): CaptureTime {
  const seconds = Math.floor(timePs / PS_PER_S);
  return { seconds, nanoseconds: Math.floor((timePs - seconds * PS_PER_S) / PS_PER_NS) };
}

/** Negative when `one` is earlier. */
export function compareTimes(one: CaptureTime, other: CaptureTime): number {
  return one.seconds - other.seconds || one.nanoseconds - other.nanoseconds;
}

/** From one instant to another in nanoseconds; exact below 104 days. */
export function nanosecondsBetween(from: CaptureTime, to: CaptureTime): number {
  return (to.seconds - from.seconds) * NS_PER_S + to.nanoseconds - from.nanoseconds;
}

/** `12.000000345`: seconds with `digits` decimals, 6 or 9. */
export function formatCaptureTime(time: CaptureTime, digits = 9): string {
  return `${time.seconds}.${String(time.nanoseconds).padStart(9, '0').slice(0, digits)}`;
}
