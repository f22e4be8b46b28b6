import { assert } from '../../base/assert.ts';
import { NEVER_PS } from '../../base/units.ts';
import type { NodeContext, TimerHandle } from '../../time/node.ts';

interface Entry {
  readonly timePs: number;
  readonly order: number;
  callback: (() => void) | undefined;
}

/** What arrives at an instant comes before the timers of that instant. */
const TIMER_ORDER = 2 ** 52;

/** Events of one part of the worker in the order of time, with that part's own clock. */
export class Lane {
  /** Called when an event was added from outside of a step. */
  onChange: () => void = () => {};
  /** Binary heap by (time, order). */
  private readonly heap: Entry[] = [];
  private readonly handles = new Map<TimerHandle, Entry>();
  private innerPs = 0;
  private created = 0;

  /** The lane's time: of what is being done, or was done last. */
  nowPs(): number {
    return this.innerPs;
  }

  /** Time goes on to an instant. */
  reach(timePs: number): void {
    assert(timePs >= this.innerPs, `inner time goes back from ${this.innerPs} ps to ${timePs} ps`);
    this.innerPs = timePs;
  }

  /** Something that comes in from outside at an instant. */
  arriveAt(timePs: number, callback: () => void): void {
    this.insert({ timePs, order: this.created++, callback });
  }

  /** A timer in the lane's time. */
  at(timePs: number, callback: () => void): TimerHandle {
    const handle = ++this.created;
    const entry = {
      timePs,
      order: TIMER_ORDER + handle,
      callback: () => {
        this.handles.delete(handle);
        callback();
      },
    };
    this.handles.set(handle, entry);
    this.insert(entry);
    return handle;
  }

  cancel(timer: TimerHandle): void {
    const entry = this.handles.get(timer);
    if (entry === undefined) return;
    entry.callback = undefined;
    this.handles.delete(timer);
  }

  /** Time of the next event; Infinity without one. */
  nextPs(): number {
    while (this.heap.length > 0 && this.heap[0]!.callback === undefined) this.removeFirst();
    return this.heap[0]?.timePs ?? NEVER_PS;
  }

  /** Does the next event. */
  step(): void {
    const entry = this.removeFirst();
    this.reach(entry.timePs);
    entry.callback?.();
  }

  private insert(entry: Entry): void {
    assert(entry.timePs >= this.innerPs, `inner event at ${entry.timePs} ps lies before ${this.innerPs} ps`);
    const { heap } = this;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
    this.onChange();
  }

  private removeFirst(): Entry {
    const { heap } = this;
    const first = heap[0]!;
    const last = heap.pop()!;
    const { length } = heap;
    if (length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.timePs < b.timePs || (a.timePs === b.timePs && a.order < b.order);
}

/** What lives in a lane sees it as its node. */
export type InnerContext = Pick<NodeContext, 'nowPs' | 'at' | 'cancel' | 'record'>;

/** A lane as the context of what lives in it; events of the record carry its time. */
export function innerContext(context: Pick<NodeContext, 'record'>, lane: Lane): InnerContext {
  return {
    nowPs: () => lane.nowPs(),
    at: (timePs, callback) => lane.at(timePs, callback),
    cancel: (timer) => lane.cancel(timer),
    record: (event) => context.record({ ...event, timePs: lane.nowPs() }),
  };
}
