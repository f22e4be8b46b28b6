import { PS_PER_S } from '../base/units.ts';

/** The figures that a workload is judged by. All durations in integer picoseconds of emulated time. */
export interface WorkloadSummary {
  readonly workload: string;
  /** Requests that the workload is made of, issued or not. */
  readonly requests: number;
  /** Answered, and rightly. */
  readonly completed: number;
  /** Messages sent again, over all requests: attempts beyond the first. */
  readonly retransmitted: number;
  /** Given up, refused, or answered wrongly. */
  readonly failed: number;
  /** How many of these ended in which way: `no-answer`, `wrong-answer`, a status of the gateway, `not-ended`. */
  readonly failures: Readonly<Record<string, number>>;
  /** Of the completed requests; absent without any. */
  readonly latencyPs?: LatencyPercentiles;
  /** Completed requests per emulated second, from the first request's start to the last one's end. */
  readonly throughputPerSecond: number;
}

export interface LatencyPercentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/**
 * Exact percentiles of raw values by nearest rank: the smallest value that at least p of all values do not exceed. No
 * interpolation, so that every figure is a latency that some request had.
 * @param latenciesPs in any order, at least one
 */
export function latencyPercentiles(latenciesPs: ArrayLike<number>): LatencyPercentiles {
  const sorted = Float64Array.from(latenciesPs).sort();
  return {
    p50: nearestRank(sorted, 500),
    p90: nearestRank(sorted, 900),
    p99: nearestRank(sorted, 990),
    p999: nearestRank(sorted, 999),
    max: nearestRank(sorted, 1000),
  };
}

/** @param perMille the percentile in thousandths, 1 to 1,000: integers keep the rank exact */
export function nearestRank(sorted: Float64Array, perMille: number): number {
  const rank = Math.ceil((sorted.length * perMille) / 1000);
  const value = sorted[rank - 1];
  if (value === undefined) throw new RangeError('percentile of no values');
  return value;
}

/** Events a second of emulated time; 0 when no time has passed. */
export function ratePerSecond(count: number, durationPs: number): number {
  return durationPs > 0 ? (count * PS_PER_S) / durationPs : 0;
}
