import { Fifo } from '../../base/fifo.ts';
import type { FrameQueue, WaitingFrame } from './frame-queue.ts';

/** Port ids of the ABI: what `$xfer_0` says of a received frame, and where a sent one goes. */
export const PORT_WIRE_0 = 0;
export const PORT_WIRE_1 = 1;
export const PORT_RDMA = 0x200;
export const PORT_HOST = 0x300;

/** A context of the NIC, as `core index * 8 + context`. */
export type ContextNumber = number;

export interface Assignment {
  readonly context: ContextNumber;
  readonly work: WaitingFrame;
}

/**
 * The one place where frames meet contexts: a frame goes to the context that has been idle longest; when none is, it
 * waits, and the queue says whose turn is next. Uniform over cores and work-conserving, as the NIC's firmware library
 * does it: never is a context idle while a frame waits.
 */
export class Dispatcher {
  private readonly idle = new Fifo<ContextNumber>();
  private waiting: FrameQueue;
  private arrivals = 0;
  /** Most frames that waited at once. */
  queueMaximum = 0;
  dropped = 0;

  constructor(queue: FrameQueue) {
    this.waiting = queue;
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

  /** A frame came to the NIC. @returns it with its arrival number; undefined when there is no place and it is lost */
  admit(frame: Omit<WaitingFrame, 'sequence'>): WaitingFrame | undefined {
    const sequence = this.arrivals++;
    if (this.waiting.admit(frame.lambda)) return { ...frame, sequence };
    this.dropped++;
    return undefined;
  }

  /** An admitted frame looks for a context. @returns who takes it, or undefined when it waits */
  arrive(work: WaitingFrame): Assignment | undefined {
    const { idle, waiting } = this;
    waiting.push(work);
    if (idle.length === 0) {
      this.queueMaximum = Math.max(this.queueMaximum, waiting.length);
      return undefined;
    }
    // Nothing waited, or no context would have been idle: it is this frame's turn.
    waiting.shift();
    return { context: idle.shift()!, work };
  }

  /** A context asks for work. @returns the frame whose turn it is; undefined: the context is idle from now on */
  join(context: ContextNumber): WaitingFrame | undefined {
    const work = this.waiting.shift();
    if (work === undefined) this.idle.push(context);
    return work;
  }

  /** Forgets idle contexts and waiting frames, and orders them anew: the firmware is being replaced. */
  reset(queue: FrameQueue): void {
    this.idle.clear();
    this.waiting.clear();
    this.waiting = queue;
  }
}
