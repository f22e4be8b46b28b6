import type { NodeContext, TimerHandle } from '../../../time/node.ts';
import { IdQueue } from './id-queue.ts';

const NO_TIMER = 0;

/**
 * When requests time out. All requests of one attempt wait equally long, so that those of each attempt expire in the
 * order in which they were sent: a queue per attempt and one timer for all, instead of a timer a request. Entries of
 * requests that were answered meanwhile stay until their time has come and are passed over then.
 */
export class Deadlines {
  private readonly context: Pick<NodeContext, 'at' | 'cancel' | 'nowPs'>;
  private readonly queues: readonly IdQueue[];
  /** The instant at which a request's present attempt ends, or undefined when this entry no longer counts. */
  private readonly deadlineOf: (requestId: number, attempt: number) => number | undefined;
  private readonly expire: (requestId: number) => void;
  private timer: TimerHandle = NO_TIMER;
  private timerPs = 0;
  private readonly onTimer = (): void => this.fire();

  constructor(
    context: Pick<NodeContext, 'at' | 'cancel' | 'nowPs'>,
    attempts: number,
    deadlineOf: (requestId: number, attempt: number) => number | undefined,
    expire: (requestId: number) => void,
  ) {
    this.context = context;
    this.queues = Array.from({ length: attempts }, () => new IdQueue());
    this.deadlineOf = deadlineOf;
    this.expire = expire;
  }

  /** Watches an attempt; later calls for the same attempt have later deadlines. */
  watch(requestId: number, attempt: number, deadlinePs: number): void {
    (this.queues[attempt] as IdQueue).push(requestId);
    if (this.timer === NO_TIMER) this.arm(deadlinePs);
    else if (deadlinePs < this.timerPs) {
      this.context.cancel(this.timer);
      this.arm(deadlinePs);
    }
  }

  /** Nothing is outstanding: no timer is left behind to keep a finished run busy. */
  clear(): void {
    for (const queue of this.queues) queue.clear();
    if (this.timer !== NO_TIMER) this.context.cancel(this.timer);
    this.timer = NO_TIMER;
  }

  private arm(deadlinePs: number): void {
    this.timerPs = deadlinePs;
    this.timer = this.context.at(deadlinePs, this.onTimer);
  }

  private fire(): void {
    this.timer = NO_TIMER;
    const nowPs = this.context.nowPs();
    let earliestPs = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < this.queues.length; attempt++) {
      const queue = this.queues[attempt] as IdQueue;
      while (queue.length > 0) {
        const deadlinePs = this.deadlineOf(queue.peek(), attempt);
        if (deadlinePs === undefined) {
          queue.shift();
        } else if (deadlinePs <= nowPs) {
          this.expire(queue.shift());
        } else {
          earliestPs = Math.min(earliestPs, deadlinePs);
          break;
        }
      }
    }
    if (earliestPs === Number.POSITIVE_INFINITY) return;
    // `expire` may have watched the next attempt and armed the timer for it.
    if (this.timer === NO_TIMER) this.arm(earliestPs);
    else if (earliestPs < this.timerPs) {
      this.context.cancel(this.timer);
      this.arm(earliestPs);
    }
  }
}
