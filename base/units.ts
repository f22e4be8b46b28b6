/**
 * Emulated time is an integer number of picoseconds in a JavaScript number: exact up to 2^53 ps, about 2.5 hours.
 * Names end in their unit: `latencyPs`, `queueOctets`.
 */
export const PS_PER_NS = 1_000;
export const PS_PER_US = 1_000_000;
export const PS_PER_MS = 1_000_000_000;
export const PS_PER_S = 1_000_000_000_000;

/** Latest instant that is still exact as an integer. */
export const MAX_TIME_PS = Number.MAX_SAFE_INTEGER;

/** No event is pending: later than every instant. */
export const NEVER_PS = Number.POSITIVE_INFINITY;

/** A duration for people: `812 ps`, `3.20 us`, `1.25 ms`. Three significant digits. */
export function formatDurationPs(durationPs: number): string {
  if (!Number.isFinite(durationPs)) return 'never';
  const magnitude = Math.abs(durationPs);
  if (magnitude < PS_PER_NS) return `${durationPs} ps`;
  if (magnitude < PS_PER_US) return `${threeDigits(durationPs / PS_PER_NS)} ns`;
  if (magnitude < PS_PER_MS) return `${threeDigits(durationPs / PS_PER_US)} us`;
  if (magnitude < PS_PER_S) return `${threeDigits(durationPs / PS_PER_MS)} ms`;
  return `${threeDigits(durationPs / PS_PER_S)} s`;
}

/** An amount of octets for people, in binary units: `63.2 MiB`. */
export function formatOctets(octets: number): string {
  if (octets < 1024) return `${octets} B`;
  if (octets < 1024 ** 2) return `${threeDigits(octets / 1024)} KiB`;
  if (octets < 1024 ** 3) return `${threeDigits(octets / 1024 ** 2)} MiB`;
  return `${threeDigits(octets / 1024 ** 3)} GiB`;
}

function threeDigits(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 100) return value.toFixed(0);
  if (magnitude >= 10) return value.toFixed(1);
  return value.toFixed(2);
}
