import { PS_PER_S } from '../../../base/units.ts';

/** Larger exptimes are Unix times (memcached `protocol.txt`, "Expiration times"): thirty days in seconds. */
const RELATIVE_LIMIT_SECONDS = 60 * 60 * 24 * 30;

/**
 * A fresh memcached starts its second count here, so that 0 can mean "never" and items of the first minute are
 * bumped like any other.
 */
const START_SECONDS = 62;

/**
 * memcached's notion of time: whole seconds since a little before its start, advanced on emulated time. Expiry is
 * therefore exact to the second and no finer, as in the original.
 */
export class MemcachedClock {
  private readonly nowPs: () => number;
  private readonly startedUnixSeconds: number;

  /**
   * @param nowPs emulated time in picoseconds
   * @param epochUnixSeconds the Unix time that emulated time zero stands for
   */
  constructor(nowPs: () => number, epochUnixSeconds: number) {
    this.nowPs = nowPs;
    this.startedUnixSeconds = epochUnixSeconds - START_SECONDS;
  }

  /** Seconds on memcached's own scale; at least START_SECONDS. */
  currentSeconds(): number {
    return START_SECONDS + Math.floor(this.nowPs() / PS_PER_S);
  }

  uptimeSeconds(): number {
    return this.currentSeconds() - START_SECONDS;
  }

  unixSeconds(): number {
    return this.unixSecondsOf(this.currentSeconds());
  }

  /** @param seconds on memcached's own scale */
  unixSecondsOf(seconds: number): number {
    return this.startedUnixSeconds + seconds;
  }

  /**
   * The exptime that a client sent, on memcached's scale: 0 = never, 1 = long gone.
   * @param exptime seconds from now (up to thirty days), a Unix time (above), or negative for "at once"
   */
  expirySeconds(exptime: number): number {
    if (exptime === 0) return 0;
    if (exptime < 0) return 1;
    if (exptime <= RELATIVE_LIMIT_SECONDS) return exptime + this.currentSeconds();
    return exptime <= this.startedUnixSeconds ? 1 : exptime - this.startedUnixSeconds;
  }
}
