import { NEVER_PS } from '../base/units.ts';
import type { Schedule } from './fault.ts';

/** Whether a fault is in force at an instant. */
export function isInForce(schedule: Schedule, timePs: number): boolean {
  return touches(schedule, timePs, timePs);
}

/** Whether a fault is in force at any moment from `fromPs` to `toPs`, both included. */
export function touches({ atPs, forPs, everyPs, untilPs }: Schedule, fromPs: number, toPs: number): boolean {
  const lastPs = untilPs !== undefined && untilPs <= toPs ? untilPs - 1 : toPs;
  if (lastPs < atPs || lastPs < fromPs) return false;
  const lengthPs = forPs ?? NEVER_PS;
  if (everyPs === undefined) return fromPs < atPs + lengthPs;
  // The last beginning that is not after the end of the stretch; those before it end earlier.
  const beginPs = atPs + Math.floor((lastPs - atPs) / everyPs) * everyPs;
  return fromPs < beginPs + lengthPs;
}

/**
 * Whether there is an instant at which both are in force. Of two that repeat themselves, which meet in every distance
 * that their periods' common divisor allows, it is told as if neither ended once both have begun.
 */
export function overlap(a: Schedule, b: Schedule): boolean {
  const fromPs = Math.max(a.atPs, b.atPs);
  const toPs = Math.min(endPs(a), endPs(b)) - 1;
  if (toPs < fromPs) return false;
  if (a.everyPs === undefined) return touches(b, fromPs, toPs);
  if (b.everyPs === undefined) return touches(a, fromPs, toPs);
  const commonPs = greatestCommonDivisor(a.everyPs, b.everyPs);
  const distancePs = modulo(b.atPs - a.atPs, commonPs);
  return distancePs < a.forPs! || commonPs - distancePs < b.forPs!;
}

/** First instant from which it is never in force again, ps; NEVER_PS without one. */
function endPs({ atPs, forPs, everyPs, untilPs = NEVER_PS }: Schedule): number {
  return everyPs === undefined ? Math.min(untilPs, atPs + (forPs ?? NEVER_PS)) : untilPs;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** From zero to below the divisor. */
function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
