import { FrameRing } from './frame-ring.ts';
import type { FrameTap } from './frame-sink.ts';

/** Takes records in time order, as a capture file does. */
export interface CaptureSink {
  write(timePs: number, frame: Uint8Array): void;
}

/** Records that may wait before those that nothing can precede are written. */
const WAITING_RECORDS = 64;

/**
 * Merges the two directions of a link into one capture sorted by time. It sits at the link's first end: frames that
 * leave there carry their departure, frames that come in their arrival, as a capture on that machine would show.
 * Departures may lie ahead of now, so records wait until emulated time or the frames after them in both directions have
 * passed them. At equal times the departing frame goes first.
 */
export class LinkCapture {
  readonly departing: FrameTap;
  readonly arriving: FrameTap;
  private readonly sink: CaptureSink;
  private readonly departures = new FrameRing();
  private readonly arrivals = new FrameRing();
  private lastDeparturePs = -1;
  private lastArrivalPs = -1;
  private arrivalsOvertake = false;

  constructor(sink: CaptureSink) {
    this.sink = sink;
    this.departing = {
      frame: (firstBitPs, frame) => {
        this.lastDeparturePs = firstBitPs;
        this.departures.push(firstBitPs, frame);
        if (this.departures.length >= WAITING_RECORDS) this.writePassed();
      },
    };
    this.arriving = {
      frame: (firstBitPs, frame) => {
        if (this.arrivalsOvertake) {
          this.arrivals.insert(firstBitPs, frame);
          return;
        }
        this.lastArrivalPs = firstBitPs;
        this.arrivals.push(firstBitPs, frame);
        if (this.arrivals.length >= WAITING_RECORDS) this.writePassed();
      },
    };
  }

  /** From now on arriving frames may overtake one another: none says anything of those to come. */
  expectOvertaking(): void {
    this.arrivalsOvertake = true;
    this.lastArrivalPs = Number.NEGATIVE_INFINITY;
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

  /**
   * Each direction comes in order, so that nothing goes before the last frame of either. Writing these soon lets frames
   * die young: thousands that waited for the next horizon cost a garbage collection as much as the rest of the capture.
   */
  private writePassed(): void {
    this.writeUntil(Math.min(this.lastDeparturePs, this.lastArrivalPs));
  }
}
