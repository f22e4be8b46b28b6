import { InvariantError } from '../base/assert.ts';
import type { NodeModel } from '../time/node.ts';
import type { Scheduler } from '../time/scheduler.ts';
import { receptionPs } from './ethernet-timing.ts';
import type { FrameSink, FrameTap } from './frame-sink.ts';

/**
 * The receiving side of a port. Frames of a link arrive in order, so only the first waits in the event queue; the rest
 * wait here, which keeps that queue as short as the number of ports.
 */
export class IngressPort implements FrameSink {
  private readonly scheduler: Scheduler;
  private readonly nodeIndex: number;
  private readonly port: number;
  private readonly octetPs: number;
  private readonly taps: FrameTap[] = [];
  private model: NodeModel | undefined;
  private atLastBit = true;

  private frames: (Uint8Array | undefined)[] = new Array(64).fill(undefined);
  private stampsPs = new Float64Array(64);
  private first = 0;
  private waiting = 0;
  private lastStampPs = -1;

  constructor(scheduler: Scheduler, nodeIndex: number, port: number, octetPs: number) {
    this.scheduler = scheduler;
    this.nodeIndex = nodeIndex;
    this.port = port;
    this.octetPs = octetPs;
  }

  /** The model that gets the frames; once, before the first frame. */
  attach(model: NodeModel): void {
    this.model = model;
    this.atLastBit = model.receiveAt === 'last-bit';
  }

  addTap(tap: FrameTap): void {
    this.taps.push(tap);
  }

  push(firstBitPs: number, frame: Uint8Array): void {
    // Not by `assert`, whose message would be made for every frame: it costs more than the rest of this function.
    if (!(firstBitPs > this.lastStampPs)) {
      throw new InvariantError(`frame at ${firstBitPs} ps overtakes one at ${this.lastStampPs} ps`);
    }
    this.lastStampPs = firstBitPs;
    for (let i = 0; i < this.taps.length; i++) this.taps[i]!.frame(firstBitPs, frame);
    if (this.waiting === this.frames.length) this.growRing();
    const place = (this.first + this.waiting) & (this.frames.length - 1);
    this.frames[place] = frame;
    this.stampsPs[place] = firstBitPs;
    if (this.waiting++ === 0) this.scheduleFirst();
  }

  private scheduleFirst(): void {
    const stampPs = this.stampsPs[this.first] as number;
    const frame = this.frames[this.first] as Uint8Array;
    const timePs = this.atLastBit ? stampPs + receptionPs(frame.length, this.octetPs) : stampPs;
    this.scheduler.scheduleFrame(this.nodeIndex, this.port, timePs, this.deliverFirst);
  }

  private readonly deliverFirst = (): void => {
    const frame = this.frames[this.first] as Uint8Array;
    this.frames[this.first] = undefined;
    this.first = (this.first + 1) & (this.frames.length - 1);
    if (--this.waiting > 0) this.scheduleFirst();
    (this.model as NodeModel).onFrame(this.port, frame);
  };

  private growRing(): void {
    const size = this.frames.length;
    const frames: (Uint8Array | undefined)[] = new Array(size * 2).fill(undefined);
    const stampsPs = new Float64Array(size * 2);
    for (let i = 0; i < this.waiting; i++) {
      const place = (this.first + i) & (size - 1);
      frames[i] = this.frames[place];
      stampsPs[i] = this.stampsPs[place] as number;
    }
    this.frames = frames;
    this.stampsPs = stampsPs;
    this.first = 0;
  }
}
