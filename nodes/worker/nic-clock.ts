import type { ClockRatio } from '../../npu/profile.ts';

/**
 * Between emulated time and the NIC's count of clock cycles, both from the same zero. Exact: by quotient and remainder
 * of the rational clock, so that no error accumulates, however long the run.
 */
export class NicClock {
  private readonly cycles: number;
  private readonly picoseconds: number;

  /** `cycles` of them take exactly `picoseconds`; the product of the two is below 2^53 (checked by the profile). */
  constructor(ratio: ClockRatio) {
    this.cycles = ratio.cycles;
    this.picoseconds = ratio.picoseconds;
  }

  /** The first cycle that begins at or after an instant. */
  cycleFrom(timePs: number): number {
    const whole = Math.floor(timePs / this.picoseconds);
    const rest = timePs - whole * this.picoseconds;
    return whole * this.cycles + Math.ceil((rest * this.cycles) / this.picoseconds);
  }

  /** The last cycle that begins at or before an instant. */
  cycleUntil(timePs: number): number {
    const whole = Math.floor(timePs / this.picoseconds);
    const rest = timePs - whole * this.picoseconds;
    return whole * this.cycles + Math.floor((rest * this.cycles) / this.picoseconds);
  }

  /** The first picosecond at or after the beginning of a cycle; Infinity of Infinity. */
  timeOf(cycle: number): number {
    if (!Number.isFinite(cycle)) return cycle;
    const whole = Math.floor(cycle / this.cycles);
    const rest = cycle - whole * this.cycles;
    return whole * this.picoseconds + Math.ceil((rest * this.picoseconds) / this.cycles);
  }
}
