import type { NodeContext, TimerHandle } from '../time/node.ts';

const NO_TIMER: TimerHandle = 0;
const INITIAL_CAPACITY = 64;

/**
 * When calls time out. Calls that wait equally long expire in the order in which they began, so a queue for each
 * duration and one timer for all serve instead of a timer a call, nearly all of which would be cancelled. An entry
 * whose call was answered meanwhile stays until its time has come and is passed over then.
 */
export class Timeouts {
  private readonly context: Pick<NodeContext, 'at' | 'cancel' | 'nowPs'>;
  private readonly isWaiting: (callId: number, deadlinePs: number) => boolean;
  private readonly expire: (callId: number) => void;
  /** One for each duration, the longest first. */
  private readonly queues: DeadlineQueue[] = [];
  private timer: TimerHandle = NO_TIMER;
  private timerPs = 0;
  private readonly onTimer = (): void => this.fire();

  /**
   * @param isWaiting whether a call's present attempt ends at this very instant
   * @param expire called when it does
   */
  constructor(
    context: Pick<NodeContext, 'at' | 'cancel' | 'nowPs'>,
    isWaiting: (callId: number, deadlinePs: number) => boolean,
    expire: (callId: number) => void,
  ) {
    this.context = context;
    this.isWaiting = isWaiting;
    this.expire = expire;
  }

  /** Watches a call from now on. @returns the instant at which it expires */
  watch(callId: number, durationPs: number): number {
    const deadlinePs = this.context.nowPs() + durationPs;
    this.queueFor(durationPs).push(callId, deadlinePs);
    this.armFor(deadlinePs);
    return deadlinePs;
  }

  /** No call is waiting: no timer is left behind to keep a finished run busy. */
  clear(): void {
    for (const queue of this.queues) queue.clear();
    if (this.timer !== NO_TIMER) this.context.cancel(this.timer);
    this.timer = NO_TIMER;
  }

  private fire(): void {
    this.timer = NO_TIMER;
    for (;;) {
      const queue = this.earliest();
      if (queue === undefined) return;
      if (queue.firstPs > this.context.nowPs()) {
        // `expire` may have begun the next attempt and armed the timer for it.
        this.armFor(queue.firstPs);
        return;
      }
      this.expire(queue.shift());
    }
  }

  /** The queue whose first entry expires first; at one instant the longest wait, which began first. */
  private earliest(): DeadlineQueue | undefined {
    let earliest: DeadlineQueue | undefined;
    for (const queue of this.queues) {
      while (queue.length > 0 && !this.isWaiting(queue.firstId, queue.firstPs)) queue.shift();
      if (queue.length > 0 && (earliest === undefined || queue.firstPs < earliest.firstPs)) earliest = queue;
    }
    return earliest;
  }

  private armFor(deadlinePs: number): void {
    if (this.timer !== NO_TIMER) {
      if (this.timerPs <= deadlinePs) return;
      this.context.cancel(this.timer);
    }
    this.timerPs = deadlinePs;
    this.timer = this.context.at(deadlinePs, this.onTimer);
  }

  private queueFor(durationPs: number): DeadlineQueue {
    for (const queue of this.queues) if (queue.durationPs === durationPs) return queue;
    const queue = new DeadlineQueue(durationPs);
    this.queues.push(queue);
    this.queues.sort((a, b) => b.durationPs - a.durationPs);
    return queue;
  }
}

/** Call ids with their deadlines, in order; a ring of a power of two. */
class DeadlineQueue {
  readonly durationPs: number;
  private ids = new Float64Array(INITIAL_CAPACITY);
  private deadlinesPs = new Float64Array(INITIAL_CAPACITY);
  private first = 0;
  private count = 0;

  constructor(durationPs: number) {
    this.durationPs = durationPs;
  }

  get length(): number {
    return this.count;
  }

  /** The two below mean nothing when the queue is empty. */
  get firstId(): number {
    return this.ids[this.first] as number;
  }

  get firstPs(): number {
    return this.deadlinesPs[this.first] as number;
  }

  push(id: number, deadlinePs: number): void {
    if (this.count === this.ids.length) this.grow();
    const place = (this.first + this.count) & (this.ids.length - 1);
    this.ids[place] = id;
    this.deadlinesPs[place] = deadlinePs;
    this.count++;
  }

  shift(): number {
    const id = this.firstId;
    this.first = (this.first + 1) & (this.ids.length - 1);
    this.count--;
    return id;
  }

  clear(): void {
    this.first = 0;
    this.count = 0;
  }

  private grow(): void {
    const size = this.ids.length;
    const ids = new Float64Array(size * 2);
    const deadlinesPs = new Float64Array(size * 2);
    for (let i = 0; i < this.count; i++) {
      const place = (this.first + i) & (size - 1);
      ids[i] = this.ids[place] as number;
      deadlinesPs[i] = this.deadlinesPs[place] as number;
    }
    this.ids = ids;
    this.deadlinesPs = deadlinesPs;
    this.first = 0;
  }
}
