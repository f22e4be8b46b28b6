import { buildPriorityPause, PAUSE_QUANTUM_OCTETS } from '../../packet/mac-control.ts';
import { PRIORITIES } from '../../packet/priority-map.ts';
import { MAC_CONTROL_PRIORITY, type NodeContext, type TimerHandle } from '../../time/node.ts';
import type { FlowControlSpec } from '../../topology/switch-options.ts';

/**
 * The receiving half of priority-based flow control (IEEE 802.1Q-2018 clause 36): what each port and priority has in the
 * buffer. Above XOFF the sender is told to pause, and told again while it lasts, before its pause runs out; at XON it
 * may go on. What was on its way when it was told has its place in the headroom.
 */
export class FlowControl {
  private readonly context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel' | 'send' | 'ports'>;
  private readonly spec: FlowControlSpec;
  private readonly latencyPs: number;
  private readonly macs: readonly number[];
  private readonly isLossless: readonly boolean[];
  /** By port and priority. */
  private readonly held: Float64Array;
  private readonly refreshTimers: Float64Array;

  /**
   * @param latencyPs from the decision to pause to the departure of the frame that says it
   * @param macs of the ports
   */
  constructor(
    context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel' | 'send' | 'ports'>,
    spec: FlowControlSpec,
    latencyPs: number,
    macs: readonly number[],
  ) {
    this.context = context;
    this.spec = spec;
    this.latencyPs = latencyPs;
    this.macs = macs;
    this.isLossless = Array.from({ length: PRIORITIES }, (_, priority) => spec.priorities.includes(priority));
    this.held = new Float64Array(macs.length * PRIORITIES);
    this.refreshTimers = new Float64Array(macs.length * PRIORITIES);
  }

  /** Whether frames of a priority are kept from loss. */
  protects(priority: number): boolean {
    return this.isLossless[priority] as boolean;
  }

  /** Whether a port's share has room for a frame. */
  hasRoom(port: number, priority: number, octets: number): boolean {
    const boundOctets = this.spec.xoffOctets + (this.spec.headroomOctets[port] as number);
    return (this.held[port * PRIORITIES + priority] as number) + octets <= boundOctets;
  }

  /** A frame that came in at a port takes its place in the buffer. */
  add(port: number, priority: number, octets: number): void {
    const place = port * PRIORITIES + priority;
    this.held[place]! += octets;
    if ((this.held[place] as number) > this.spec.xoffOctets && this.refreshTimers[place] === 0) {
      this.pause(port, priority);
    }
  }

  /** It has left the buffer. */
  remove(port: number, priority: number, octets: number): void {
    const place = port * PRIORITIES + priority;
    this.held[place]! -= octets;
    const timer: TimerHandle = this.refreshTimers[place] as number;
    if (timer === 0 || (this.held[place] as number) > this.spec.xonOctets) return;
    this.context.cancel(timer);
    this.refreshTimers[place] = 0;
    this.tell(port, priority, 0);
  }

  private pause(port: number, priority: number): void {
    const { quanta } = this.spec;
    this.tell(port, priority, quanta);
    // Told again after half of the time, so that no gap opens while the buffer does not drain.
    const halfPs = Math.ceil((quanta * PAUSE_QUANTUM_OCTETS * this.context.ports[port]!.octetPs) / 2);
    const again = this.context.at(this.context.nowPs() + halfPs, () => this.pause(port, priority));
    this.refreshTimers[port * PRIORITIES + priority] = again;
  }

  private tell(port: number, priority: number, quanta: number): void {
    const times = Array.from({ length: PRIORITIES }, (_, each) => (each === priority ? quanta : undefined));
    const frame = buildPriorityPause(this.macs[port] as number, times);
    this.context.send(port, frame, this.context.nowPs() + this.latencyPs, CONTROL);
  }
}

/** Control frames take no room in the shared buffer. */
const CONTROL = { priority: MAC_CONTROL_PRIORITY, leaves: () => {} };
