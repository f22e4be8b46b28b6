import { Fifo } from '../../base/fifo.ts';

/** A frame on its way to a context. */
export interface WaitingFrame {
  readonly port: number;
  readonly frame: Uint8Array;
  /** Arrival number, from 0. */
  readonly sequence: number;
  /** Lambda that it asks for: index in the image's list, -1 for none. */
  readonly lambda: number;
  /** Core cycles that the context may spend on it. */
  readonly budgetCycles: number;
}

/** The order in which frames that wait get contexts. */
export interface FrameQueue {
  /** Frames inside. */
  readonly length: number;
  /** Whether one more frame of a lambda has a place; it takes it, and `push` has to follow. */
  admit(lambda: number): boolean;
  push(work: WaitingFrame): void;
  /** The frame whose turn it is; undefined when none waits. */
  shift(): WaitingFrame | undefined;
  /** Forgets frames and places. */
  clear(): void;
}

/** In order of arrival. */
export class FifoFrames implements FrameQueue {
  private readonly frames = new Fifo<WaitingFrame>();
  private readonly places: number;
  private admitted = 0;

  constructor(places: number) {
    this.places = places;
  }

  get length(): number {
    return this.frames.length;
  }

  admit(): boolean {
    if (this.admitted >= this.places) return false;
    this.admitted++;
    return true;
  }

  push(work: WaitingFrame): void {
    this.frames.push(work);
  }

  shift(): WaitingFrame | undefined {
    if (this.frames.length > 0) this.admitted--;
    return this.frames.shift();
  }

  clear(): void {
    this.frames.clear();
    this.admitted = 0;
  }
}
