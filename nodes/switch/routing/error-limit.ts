import { PS_PER_S } from '../../../base/units.ts';

/** Errors a second and at once; the figures of Linux (`icmp_msgs_per_sec`, `icmp_msgs_burst`). */
const PER_SECOND = 1_000;
const BURST = 50;
const INTERVAL_PS = PS_PER_S / PER_SECOND;

/** A router limits the rate of the errors that it sends (RFC 1812 section 4.3.2.8): a bucket of tokens. */
export class ErrorLimit {
  /** When the bucket would be full if nothing were taken. */
  private fullPs = 0;

  /** Whether an error may be sent now; takes a token. Instants do not decrease. */
  take(nowPs: number): boolean {
    if (this.fullPs < nowPs) this.fullPs = nowPs;
    if (this.fullPs + INTERVAL_PS > nowPs + BURST * INTERVAL_PS) return false;
    this.fullPs += INTERVAL_PS;
    return true;
  }
}
