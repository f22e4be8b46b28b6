import { assert, InvariantError } from '../base/assert.ts';
import { MAXIMUM_FRAME_OCTETS, occupancyPs } from './ethernet-timing.ts';
import type { FrameSink, FrameTap } from './frame-sink.ts';
import type { EgressCounters, EgressPortOptions, PortConditions, Transmitter } from './transmitter.ts';

/**
 * The transmitting side of a port: one FIFO queue bounded in octets, serialised at line rate. A FIFO port's departures
 * are known as soon as a frame joins the queue, so the frame is stamped and handed on at once: no event a frame, and
 * the emulator can put many future frames into one datagram.
 */
export class EgressPort implements Transmitter {
  readonly name: string;
  readonly octetPs: number;
  readonly delayPs: number;
  private readonly queueBoundOctets: number;
  private readonly sink: FrameSink;
  private conditions: PortConditions | undefined;
  private readonly taps: readonly FrameTap[];

  private freePs = 0;
  private queuedOctets = 0;
  /** Frames not yet fully sent: when each ends and how long it is; a ring of a power of two. */
  private endPs = new Float64Array(64);
  private octets = new Int32Array(64);
  private first = 0;
  private waiting = 0;

  private framesSent = 0;
  private octetsSent = 0;
  private framesDropped = 0;
  private octetsDropped = 0;
  private maximumQueueOctets = 0;

  constructor(options: EgressPortOptions, sink: FrameSink, taps: readonly FrameTap[]) {
    assert(options.delayPs > 0, `link delay at ${options.name} must be positive: it is the lookahead`);
    this.name = options.name;
    this.octetPs = options.octetPs;
    this.delayPs = options.delayPs;
    this.queueBoundOctets = options.queueOctets;
    this.sink = sink;
    this.taps = taps;
  }

  impose(conditions: PortConditions): void {
    this.conditions = conditions;
  }

  /** Earliest instant at which another frame can start, ps. */
  get idleFromPs(): number {
    return this.freePs;
  }

  /**
   * Queues a frame for departure not before `notBeforePs` (at least `nowPs`).
   * @returns false when it did not fit and was dropped
   */
  send(nowPs: number, frame: Uint8Array, notBeforePs: number): boolean {
    const length = frame.length;
    if (length < 60 || length > MAXIMUM_FRAME_OCTETS) refuseLength(length, this.name);
    this.forgetSent(nowPs);
    const { conditions } = this;
    const boundOctets =
      conditions === undefined ? this.queueBoundOctets : conditions.queueOctetsAt(nowPs, this.queueBoundOctets);
    if (this.queuedOctets + length > boundOctets) {
      this.framesDropped++;
      this.octetsDropped += length;
      return false;
    }
    const departurePs = notBeforePs > this.freePs ? notBeforePs : this.freePs;
    const octetPs = conditions === undefined ? this.octetPs : conditions.octetPsAt(departurePs, this.octetPs);
    this.freePs = departurePs + occupancyPs(length, octetPs);
    this.remember(this.freePs, length);
    this.framesSent++;
    this.octetsSent += length;
    for (let i = 0; i < this.taps.length; i++) this.taps[i]!.frame(departurePs, frame);
    if (conditions === undefined) this.sink.push(departurePs + this.delayPs, frame);
    else conditions.pass(departurePs, frame);
    return true;
  }

  counters(): EgressCounters {
    return {
      framesSent: this.framesSent,
      octetsSent: this.octetsSent,
      framesDropped: this.framesDropped,
      octetsDropped: this.octetsDropped,
      maximumQueueOctets: this.maximumQueueOctets,
    };
  }

  private forgetSent(nowPs: number): void {
    const mask = this.endPs.length - 1;
    while (this.waiting > 0 && (this.endPs[this.first] as number) <= nowPs) {
      this.queuedOctets -= this.octets[this.first] as number;
      this.first = (this.first + 1) & mask;
      this.waiting--;
    }
  }

  private remember(endPs: number, length: number): void {
    if (this.waiting === this.endPs.length) this.growRing();
    const place = (this.first + this.waiting) & (this.endPs.length - 1);
    this.endPs[place] = endPs;
    this.octets[place] = length;
    this.waiting++;
    this.queuedOctets += length;
    if (this.queuedOctets > this.maximumQueueOctets) this.maximumQueueOctets = this.queuedOctets;
  }

  private growRing(): void {
    const size = this.endPs.length;
    const endPs = new Float64Array(size * 2);
    const octets = new Int32Array(size * 2);
    for (let i = 0; i < this.waiting; i++) {
      const place = (this.first + i) & (size - 1);
      endPs[i] = this.endPs[place] as number;
      octets[i] = this.octets[place] as number;
    }
    this.endPs = endPs;
    this.octets = octets;
    this.first = 0;
  }
}

/** Apart for speed, see time/scheduler.ts. */
function refuseLength(octets: number, port: string): never {
  throw new InvariantError(`frame of ${octets} octets at ${port}`);
}
