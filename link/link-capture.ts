import type { FrameTap } from './frame-sink.ts';

/** Takes records in time order, as a capture file does. */
export interface CaptureSink {
  write(timePs: number, frame: Uint8Array): void;
}

/**
 * Merges the two directions of a link into one capture sorted by time. It sits at the link's first end: frames that
 * leave there carry their departure, frames that come in their arrival, as a capture on that machine would show.
 * Departures may lie ahead of now, so records wait until emulated time has passed them. At equal times the departing
 * frame goes first.
 */
export class LinkCapture {
  readonly departing: FrameTap;
  readonly arriving: FrameTap;
  private readonly sink: CaptureSink;
  private readonly departures = new FrameFifo();
  private readonly arrivals = new FrameFifo();

  constructor(sink: CaptureSink) {
    this.sink = sink;
    this.departing = this.departures;
    this.arriving = this.arrivals;
  }

  /** Records waiting to be written. */
  get waiting(): number {
    return this.departures.length + this.arrivals.length;
  }

  /** Writes every record before `horizonPs`. No frame before the horizon may still come; infinity at the end of the run. */
  writeUntil(horizonPs: number): void {
    const { departures, arrivals, sink } = this;
    for (;;) {
      const departurePs = departures.firstPs();
      const arrivalPs = arrivals.firstPs();
      const fifo = departurePs <= arrivalPs ? departures : arrivals;
      const timePs = fifo.firstPs();
      if (!(timePs < horizonPs)) return;
      sink.write(timePs, fifo.shift());
    }
  }
}

class FrameFifo implements FrameTap {
  private timesPs: number[] = [];
  private frames: Uint8Array[] = [];
  private first = 0;

  get length(): number {
    return this.frames.length - this.first;
  }

  frame(firstBitPs: number, frame: Uint8Array): void {
    this.timesPs.push(firstBitPs);
    this.frames.push(frame);
  }

  firstPs(): number {
    return this.first < this.timesPs.length ? (this.timesPs[this.first] as number) : Number.POSITIVE_INFINITY;
  }

  shift(): Uint8Array {
    const frame = this.frames[this.first++] as Uint8Array;
    if (this.first === this.frames.length) {
      this.frames = [];
      this.timesPs = [];
      this.first = 0;
    }
    return frame;
  }
}
