/** Port ids of the ABI: what `$xfer_0` says of a received frame, and where a sent one goes. */
export const PORT_WIRE_0 = 0;
export const PORT_WIRE_1 = 1;
export const PORT_RDMA = 0x200;
export const PORT_HOST = 0x300;

export interface WaitingFrame {
  readonly port: number;
  readonly frame: Uint8Array;
  /** Arrival number, from 0. */
  readonly sequence: number;
}

/** A context of the NIC, as `core index * 8 + context`. */
export type ContextNumber = number;

/**
 * The one work queue of the NIC: a frame goes to the context that has been idle longest; when none is, it waits in
 * arrival order. Uniform over cores and work-conserving, as the NIC's firmware library does it.
 */
export class Dispatcher {
  private readonly limitFrames: number;
  private readonly idle: Queue<ContextNumber>;
  private readonly waiting: Queue<WaitingFrame>;
  private arrivals = 0;
  /** Most frames that waited at once. */
  queueMaximum = 0;
  dropped = 0;

  /** @param limitFrames frames that may wait; more are dropped */
  constructor(limitFrames: number) {
    this.limitFrames = limitFrames;
    this.idle = new Queue();
    this.waiting = new Queue();
  }

  get idleContexts(): number {
    return this.idle.length;
  }

  get waitingFrames(): number {
    return this.waiting.length;
  }

  get framesArrived(): number {
    return this.arrivals;
  }

  /** A frame arrived. @returns who takes it, or undefined when it waits or was dropped */
  arrive(
    port: number,
    frame: Uint8Array,
  ): { readonly context: ContextNumber; readonly work: WaitingFrame } | undefined {
    const work = { port, frame, sequence: this.arrivals++ };
    const context = this.idle.shift();
    if (context !== undefined) return { context, work };
    if (this.waiting.length >= this.limitFrames) {
      this.dropped++;
      return undefined;
    }
    this.waiting.push(work);
    this.queueMaximum = Math.max(this.queueMaximum, this.waiting.length);
    return undefined;
  }

  /** A context asks for work. @returns the frame that has waited longest; undefined: the context is idle from now on */
  join(context: ContextNumber): WaitingFrame | undefined {
    const work = this.waiting.shift();
    if (work === undefined) this.idle.push(context);
    return work;
  }

  /** Forgets idle contexts and waiting frames: the firmware is being replaced. @returns frames that are lost */
  reset(): number {
    const lost = this.waiting.length;
    this.idle.clear();
    this.waiting.clear();
    return lost;
  }
}

/** First in, first out, without moving the rest at each step. */
class Queue<T> {
  private items: (T | undefined)[] = [];
  private head = 0;

  get length(): number {
    return this.items.length - this.head;
  }

  push(item: T): void {
    this.items.push(item);
  }

  shift(): T | undefined {
    if (this.head === this.items.length) return undefined;
    const item = this.items[this.head];
    this.items[this.head++] = undefined;
    if (this.head >= 1024 && this.head * 2 >= this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }

  clear(): void {
    this.items = [];
    this.head = 0;
  }
}
