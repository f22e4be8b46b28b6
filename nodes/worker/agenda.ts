import { assert } from '../../base/assert.ts';
import { NEVER_PS } from '../../base/units.ts';
import type { NodeContext, TimerHandle } from '../../time/node.ts';

/** Something with a clock of its own that is run along: the NPU. */
export interface Machine {
  /** When it does something next, if nothing comes from outside; Infinity: never. */
  nextEventPs(): number;
  /** Runs it up to and including an instant. It may return earlier, when it did something that may come back to it. */
  runUntil(timePs: number): void;
}

interface Entry {
  readonly timePs: number;
  readonly order: number;
  callback: (() => void) | undefined;
}

/** Frames of an instant come before its timers. */
const TIMER_ORDER = 2 ** 52;

/**
 * What happens inside the worker, in the order of emulated time, with as few events of the node as possible.
 *
 * A frame takes effect inside only `inputPs` after it has arrived, and whatever is done inside reaches a port's queue
 * only `outputPs` later. So at node time T everything inside up to T + inputPs is certain, and nothing inside has to be
 * done before the node's time is `outputPs` later. Each event of the node therefore does a whole stretch of inner time,
 * up to inputPs + outputPs long, instead of one access to memory; and as its next event lies late, conservative time
 * lets the other nodes run further ahead.
 */
export class Agenda {
  private readonly context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel'>;
  private readonly inputPs: number;
  private readonly outputPs: number;
  private readonly machine: Machine;
  /** Binary heap by (time, order). */
  private readonly heap: Entry[] = [];
  private readonly handles = new Map<TimerHandle, Entry>();
  private innerPs = 0;
  private created = 0;
  private timer: TimerHandle | undefined;
  private timerPs = NEVER_PS;
  private running = false;

  /**
   * @param inputPs least delay from a frame's arrival at a port to its effect
   * @param outputPs least delay from anything inside to a port's queue
   */
  constructor(
    context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel'>,
    inputPs: number,
    outputPs: number,
    machine: Machine,
  ) {
    this.context = context;
    this.inputPs = inputPs;
    this.outputPs = outputPs;
    this.machine = machine;
  }

  /** Inner time: of what is being done. */
  nowPs(): number {
    return this.innerPs;
  }

  /** A frame arrived just now and takes effect after a delay of at least `inputPs`. */
  arrive(delayPs: number, callback: () => void): void {
    assert(delayPs >= this.inputPs, `an input delay of ${delayPs} ps is below ${this.inputPs} ps`);
    this.insert({ timePs: this.context.nowPs() + delayPs, order: this.created++, callback });
    this.arm();
  }

  /** A timer in inner time. */
  at(timePs: number, callback: () => void): TimerHandle {
    assert(timePs >= this.innerPs, `inner event at ${timePs} ps lies before ${this.innerPs} ps`);
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
    this.arm();
    return handle;
  }

  cancel(timer: TimerHandle): void {
    const entry = this.handles.get(timer);
    if (entry === undefined) return;
    entry.callback = undefined;
    this.handles.delete(timer);
  }

  /** Has the node wake up in time for what is next inside. */
  arm(): void {
    if (this.running) return;
    this.dropCancelled();
    const nextPs = Math.min(this.heap[0]?.timePs ?? NEVER_PS, this.machine.nextEventPs());
    const timerPs = nextPs === NEVER_PS ? NEVER_PS : Math.max(nextPs + this.outputPs, this.context.nowPs());
    if (timerPs === this.timerPs) return;
    if (this.timer !== undefined) this.context.cancel(this.timer);
    this.timer = timerPs === NEVER_PS ? undefined : this.context.at(timerPs, () => this.advance());
    this.timerPs = timerPs;
  }

  private advance(): void {
    this.timer = undefined;
    this.timerPs = NEVER_PS;
    this.running = true;
    const certainPs = this.context.nowPs() + this.inputPs;
    for (;;) {
      this.dropCancelled();
      const entryPs = this.heap[0]?.timePs ?? NEVER_PS;
      const machinePs = this.machine.nextEventPs();
      if (machinePs <= entryPs) {
        if (machinePs > certainPs) break;
        this.machine.runUntil(Math.min(entryPs, certainPs));
      } else {
        if (entryPs > certainPs) break;
        const entry = this.removeFirst();
        this.reach(entry.timePs);
        entry.callback?.();
      }
    }
    this.running = false;
    this.arm();
  }

  /** Inner time goes on; also for the machine's callbacks. */
  reach(timePs: number): void {
    assert(timePs >= this.innerPs, `inner time goes back from ${this.innerPs} ps to ${timePs} ps`);
    this.innerPs = timePs;
  }

  private dropCancelled(): void {
    while (this.heap.length > 0 && this.heap[0]!.callback === undefined) this.removeFirst();
  }

  private insert(entry: Entry): void {
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
