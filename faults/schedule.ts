import { NEVER_PS } from '../base/units.ts';
import type { Schedule } from './fault.ts';

/** Whether a fault is in force at an instant. */
export function isInForce(schedule: Schedule, timePs: number): boolean {
  return touches(schedule, timePs, timePs);
}

/** Whether a fault is in force at any moment from `fromPs` to `toPs`, both included. */
export function touches({ atPs, forPs, everyPs }: Schedule, fromPs: number, toPs: number): boolean {
  if (toPs < atPs) return false;
  const lengthPs = forPs ?? NEVER_PS;
  if (everyPs === undefined) return fromPs < atPs + lengthPs;
  // The last beginning that is not after the end of the stretch; those before it end earlier.
  const beginPs = atPs + Math.floor((toPs - atPs) / everyPs) * everyPs;
  return fromPs < beginPs + lengthPs;
}
