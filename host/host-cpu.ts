import { assert, InvariantError } from '../base/assert.ts';
import type { NodeContext } from '../time/node.ts';

/** What the processor needs of its node: the clock and timers. */
export type CpuContext = Pick<NodeContext, 'nowPs' | 'at'>;

/**
 * The hardware threads of a host as one queue with k servers: work starts in the order in which it came, on the
 * lowest-numbered idle thread or else on the one that is free first, and is never interrupted. Because every service time is known when
 * the work comes, its end is known too: a piece of work costs one timer at most, and none when it takes no time.
 */
export class HostCpu {
  private readonly context: CpuContext;
  /** When each thread has done everything that it was given. */
  private readonly freeAtPs: Float64Array;
  /** Work given to each thread so far, also that which still waits. */
  private readonly givenPs: Float64Array;
  private jobs = 0;
  private waited = 0;
  private longestWaitPs = 0;

  /** @param hardwareThreads from the host's profile, at least 1 */
  constructor(context: CpuContext, hardwareThreads: number) {
    assert(Number.isInteger(hardwareThreads) && hardwareThreads >= 1, `${hardwareThreads} hardware threads`);
    this.context = context;
    this.freeAtPs = new Float64Array(hardwareThreads);
    this.givenPs = new Float64Array(hardwareThreads);
  }

  get hardwareThreads(): number {
    return this.freeAtPs.length;
  }

  /**
   * Queues work of `servicePs` (integer picoseconds, from 0) and calls back when it is done: at once, before `run`
   * returns, when it takes no time and a thread is free.
   */
  run(servicePs: number, then: () => void): void {
    const nowPs = this.context.nowPs();
    const endPs = this.reserve(nowPs, servicePs);
    if (endPs === nowPs) then();
    else this.context.at(endPs, then);
  }

  /**
   * Takes the time on a thread without calling back, for a caller that has its own use for the end.
   * @returns the instant at which the work is done
   */
  occupy(servicePs: number): number {
    return this.reserve(this.context.nowPs(), servicePs);
  }

  /** Work done so far by one thread, in ps; what was given but lies in the future does not count. */
  threadBusyPs(thread: number): number {
    const freeAtPs = this.freeAtPs[thread];
    assert(freeAtPs !== undefined, `no hardware thread ${thread}`);
    // From now until it is free a thread has no gap, so what is still to do is that difference.
    return this.givenPs[thread]! - Math.max(0, freeAtPs - this.context.nowPs());
  }

  /** Work done so far by all threads, in ps. */
  busyPs(): number {
    let sum = 0;
    for (let thread = 0; thread < this.hardwareThreads; thread++) sum += this.threadBusyPs(thread);
    return sum;
  }

  /** Share of all thread time since time zero that was work: 0 to 1. */
  utilisation(): number {
    const nowPs = this.context.nowPs();
    return nowPs === 0 ? 0 : this.busyPs() / (nowPs * this.hardwareThreads);
  }

  /** Counters for a node's report. */
  counters(): Record<string, number> {
    return {
      cpuJobs: this.jobs,
      cpuJobsThatWaited: this.waited,
      cpuLongestWaitPs: this.longestWaitPs,
      cpuBusyPs: this.busyPs(),
    };
  }

  private reserve(nowPs: number, servicePs: number): number {
    if (!(Number.isInteger(servicePs) && servicePs >= 0)) refuseServiceTime(servicePs);
    this.jobs++;
    const freeAtPs = this.freeAtPs;
    let thread = 0;
    let earliestPs = freeAtPs[0]!;
    // A thread that is free now is as good as any: stop there, so that a quiet host looks at one.
    for (let i = 1; earliestPs > nowPs && i < freeAtPs.length; i++) {
      if (freeAtPs[i]! < earliestPs) {
        earliestPs = freeAtPs[i]!;
        thread = i;
      }
    }
    if (earliestPs > nowPs) {
      this.waited++;
      if (earliestPs - nowPs > this.longestWaitPs) this.longestWaitPs = earliestPs - nowPs;
    }
    const endPs = Math.max(nowPs, earliestPs) + servicePs;
    freeAtPs[thread] = endPs;
    this.givenPs[thread] = this.givenPs[thread]! + servicePs;
    return endPs;
  }
}

/** Apart for speed, see time/scheduler.ts. */
function refuseServiceTime(servicePs: number): never {
  throw new InvariantError(`service time ${servicePs} ps is not an integer from 0`);
}
