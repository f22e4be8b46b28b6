import { InvariantError } from '../base/assert.ts';
import { isMacControl } from '../packet/mac-control.ts';
import type { NodeModel } from '../time/node.ts';
import type { PortHandle, Scheduler } from '../time/scheduler.ts';
import { receptionPs } from './ethernet-timing.ts';
import { FrameRing } from './frame-ring.ts';
import type { FrameSink, FrameTap } from './frame-sink.ts';

/** Takes MAC control frames at their last bit. */
export type ControlSink = (nowPs: number, frame: Uint8Array) => void;

/**
 * The receiving side of a port. Frames of a link arrive in order, so only the first waits in the event queue; the rest
 * wait here, which keeps that queue as short as the number of ports.
 */
export class IngressPort implements FrameSink {
  private readonly scheduler: Scheduler;
  /** In the scheduler. */
  readonly handle: PortHandle;
  private readonly port: number;
  private readonly octetPs: number;
  /** Faults of the link may let frames overtake one another, or double them. */
  private mayOvertake = false;
  private readonly taps: FrameTap[] = [];
  private model: NodeModel | undefined;
  private control: ControlSink | undefined;
  private atLastBit = true;

  /** By their first bits. */
  private readonly waiting = new FrameRing();
  private lastStampPs = -1;

  constructor(scheduler: Scheduler, nodeIndex: number, port: number, octetPs: number) {
    this.scheduler = scheduler;
    this.handle = scheduler.addPort(nodeIndex, port, () => this.deliverFirst());
    this.port = port;
    this.octetPs = octetPs;
  }

  /** From now on the link has faults. */
  expectOvertaking(): void {
    this.mayOvertake = true;
  }

  /** The model that gets the frames; before the first frame, or another that stands for the same. */
  attach(model: NodeModel): void {
    this.model = model;
    this.atLastBit = model.receiveAt === 'last-bit';
  }

  /** Who takes MAC control frames from now on; without it they go to the model as any other frame. */
  attachControl(control: ControlSink): void {
    this.control = control;
  }

  addTap(tap: FrameTap): void {
    this.taps.push(tap);
  }

  /** The frame that comes next; one must be waiting. */
  firstFrame(): Uint8Array {
    return this.waiting.firstFrame();
  }

  push(firstBitPs: number, frame: Uint8Array): void {
    for (let i = 0; i < this.taps.length; i++) this.taps[i]!.frame(firstBitPs, frame);
    if (this.mayOvertake) {
      if (!this.waiting.insert(firstBitPs, frame)) return;
      if (this.waiting.length > 1) this.scheduler.cancelFrame(this.handle);
      this.scheduleFirst();
      return;
    }
    if (!(firstBitPs > this.lastStampPs)) refuseOrder(firstBitPs, this.lastStampPs);
    this.lastStampPs = firstBitPs;
    this.waiting.push(firstBitPs, frame);
    if (this.waiting.length === 1) this.scheduleFirst();
  }

  private scheduleFirst(): void {
    const firstBitPs = this.waiting.firstPs();
    const frame = this.waiting.firstFrame();
    const wantsLastBit = this.atLastBit || this.isControl(frame);
    const completePs = wantsLastBit ? firstBitPs + receptionPs(frame.length, this.octetPs) : firstBitPs;
    // A frame that begins while another is still coming in, which only faults can do, is not done before that one.
    const nowPs = this.scheduler.nowPs();
    const timePs = completePs > nowPs ? completePs : nowPs;
    this.scheduler.scheduleFrame(this.handle, timePs);
  }

  private deliverFirst(): void {
    const frame = this.waiting.shift();
    if (this.waiting.length > 0) this.scheduleFirst();
    if (this.isControl(frame)) (this.control as ControlSink)(this.scheduler.nowPs(), frame);
    else (this.model as NodeModel).onFrame(this.port, frame);
  }

  private isControl(frame: Uint8Array): boolean {
    return this.control !== undefined && isMacControl(frame);
  }
}

/** Apart for speed, see time/scheduler.ts. */
function refuseOrder(firstBitPs: number, lastPs: number): never {
  throw new InvariantError(`frame at ${firstBitPs} ps overtakes one at ${lastPs} ps`);
}
