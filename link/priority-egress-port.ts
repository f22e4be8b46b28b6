import { InvariantError } from '../base/assert.ts';
import { Fifo } from '../base/fifo.ts';
import { NEVER_PS } from '../base/units.ts';
import { parsePriorityPause } from '../packet/mac-control.ts';
import { PRIORITIES, type PriorityOf, priorityFunction } from '../packet/priority-map.ts';
import { MAC_CONTROL_PRIORITY, type NodeEvent, type Passage, type TimerHandle } from '../time/node.ts';
import type { Scheduler } from '../time/scheduler.ts';
import { MAXIMUM_FRAME_OCTETS, occupancyPs } from './ethernet-timing.ts';
import type { FrameSink, FrameTap } from './frame-sink.ts';
import { PauseState } from './pause-state.ts';
import type { PortQueueing } from './port-queueing.ts';
import { QueueScheduler } from './queue-scheduler.ts';
import type { EgressCounters, EgressPortOptions, PortConditions, QueueCounters, Transmitter } from './transmitter.ts';

/** Where the port lives, and what it reports to. */
export interface PortSurroundings {
  readonly scheduler: Scheduler;
  readonly nodeIndex: number;
  readonly sink: FrameSink;
  readonly taps: readonly FrameTap[];
  readonly record: (event: NodeEvent) => void;
}

interface Waiting {
  readonly frame: Uint8Array;
  readonly readyPs: number;
  readonly priority: number;
  readonly passage: Passage | undefined;
}

/** A frame that is decided and takes room until it has been sent. */
interface Leaving {
  readonly endPs: number;
  readonly octets: number;
  readonly isBounded: boolean;
  readonly queue: PortQueue;
}

/**
 * The transmitting side of a port with a queue for each class of priorities, flow control and an order of service. What
 * leaves next depends on what comes until then, so that departures are decided one at a time, `leadPs` before they
 * happen: one event a frame, where a FIFO port (egress-port.ts) needs none.
 */
export class PriorityEgressPort implements Transmitter {
  readonly name: string;
  readonly octetPs: number;
  readonly delayPs: number;
  private readonly boundOctets: number;
  private readonly queueing: PortQueueing;
  private readonly surroundings: PortSurroundings;
  private readonly priorityOf: PriorityOf;
  /** Queue of each priority; queue 0 holds MAC control frames, those of the specification follow. */
  private readonly queueOf = new Int8Array(PRIORITIES + 1);
  private readonly isLossless = new Uint8Array(PRIORITIES + 1);
  private readonly queues: PortQueue[];
  private readonly scheduling: QueueScheduler;
  private readonly headOctets: Float64Array;
  private readonly pauses: PauseState;
  private conditions: PortConditions | undefined;

  private freePs = 0;
  private readonly leaving = new Fifo<Leaving>();
  /** Of frames waiting or being sent; `boundedOctets` without those of lossless priorities. */
  private queuedOctets = 0;
  private boundedOctets = 0;
  private timer: TimerHandle = 0;
  private timerPs = NEVER_PS;

  private framesSent = 0;
  private octetsSent = 0;
  private framesDropped = 0;
  private octetsDropped = 0;
  private maximumQueueOctets = 0;
  private pfcRequests = 0;
  private pfcIndications = 0;
  private unknownOpcodes = 0;

  constructor(options: EgressPortOptions, queueing: PortQueueing, surroundings: PortSurroundings) {
    this.name = options.name;
    this.octetPs = options.octetPs;
    this.delayPs = options.delayPs;
    this.boundOctets = options.queueOctets;
    this.queueing = queueing;
    this.surroundings = surroundings;
    this.priorityOf = priorityFunction(queueing.priorities);
    this.queues = [{ priorities: [MAC_CONTROL_PRIORITY] }, ...queueing.queues].map(
      ({ priorities }, index) => new PortQueue(index, priorities),
    );
    for (const { index, priorities } of this.queues) for (const each of priorities) this.queueOf[each] = index;
    for (const priority of [...queueing.lossless, MAC_CONTROL_PRIORITY]) this.isLossless[priority] = 1;
    this.scheduling = new QueueScheduler([{ weight: undefined }, ...queueing.queues.map(({ weight }) => ({ weight }))]);
    this.headOctets = new Float64Array(this.queues.length);
    this.pauses = new PauseState(queueing.lossless, options.octetPs, queueing.stormPs);
  }

  impose(conditions: PortConditions): void {
    this.conditions = conditions;
  }

  get idleFromPs(): number {
    return this.freePs;
  }

  send(nowPs: number, frame: Uint8Array, notBeforePs: number, passage: Passage | undefined): boolean {
    const { length } = frame;
    if (length < 60 || length > MAXIMUM_FRAME_OCTETS)
      throw new InvariantError(`frame of ${length} octets at ${this.name}`);
    this.forgetSent(nowPs);
    const priority = passage === undefined ? this.priorityOf(frame) : passage.priority;
    const isBounded = this.isLossless[priority] === 0;
    if (isBounded && this.boundedOctets + length > this.boundAt(nowPs)) {
      this.framesDropped++;
      this.octetsDropped += length;
      return false;
    }
    if (priority === MAC_CONTROL_PRIORITY) this.pfcRequests++;
    if (isBounded) this.boundedOctets += length;
    this.queuedOctets += length;
    if (this.queuedOctets > this.maximumQueueOctets) this.maximumQueueOctets = this.queuedOctets;
    this.queues[this.queueOf[priority] as number]!.join({ frame, readyPs: notBeforePs, priority, passage });
    this.advance(nowPs);
    return true;
  }

  /** A MAC control frame has come in whole at this port. */
  receiveControl(nowPs: number, frame: Uint8Array): void {
    const parsed = parsePriorityPause(frame);
    if (!parsed.ok) {
      this.unknownOpcodes++;
      return;
    }
    this.pfcIndications++;
    for (const priority of this.pauses.receive(nowPs, parsed.value)) {
      this.surroundings.record({ kind: 'pfc-storm', port: this.name, priority });
    }
    this.advance(nowPs);
  }

  counters(): EgressCounters {
    const { framesSent, octetsSent, framesDropped, octetsDropped, maximumQueueOctets } = this;
    const counters = { framesSent, octetsSent, framesDropped, octetsDropped, maximumQueueOctets };
    const queues = this.queues.slice(1).map((queue) => queue.counters());
    if (this.queueing.lossless.length === 0) return { ...counters, queues };
    const nowPs = this.surroundings.scheduler.nowPs();
    const flowControl = {
      ieee8021PfcRequests: this.pfcRequests,
      ieee8021PfcIndications: this.pfcIndications,
      macControlUnknownOpcodes: this.unknownOpcodes,
      pausedPs: this.pauses.pausedPs(nowPs),
      pauseStorms: this.pauses.pauseStorms(nowPs),
    };
    return { ...counters, queues, flowControl };
  }

  private boundAt(nowPs: number): number {
    return this.conditions?.queueOctetsAt(nowPs, this.boundOctets) ?? this.boundOctets;
  }

  /** Decides what can be decided now, and comes back when the next departure is due for it. */
  private advance(nowPs: number): void {
    for (;;) {
      const departurePs = this.nextDeparturePs(nowPs);
      const decisionPs = departurePs - this.queueing.leadPs;
      if (decisionPs > nowPs) {
        this.comeBackAt(decisionPs);
        return;
      }
      this.decide(departurePs);
    }
  }

  /** The earliest departure that the line, the frames at the heads and their pauses allow; infinity without frames. */
  private nextDeparturePs(nowPs: number): number {
    let earliestPs = NEVER_PS;
    for (let i = 0; i < this.queues.length; i++) {
      const readyPs = this.readyPs(this.queues[i]!);
      if (readyPs < earliestPs) earliestPs = readyPs;
    }
    return Math.max(earliestPs, this.freePs, nowPs + this.queueing.leadPs);
  }

  /** When the frame at a queue's head may leave. */
  private readyPs({ waiting }: PortQueue): number {
    const { head } = waiting;
    if (head === undefined) return NEVER_PS;
    if (head.priority === MAC_CONTROL_PRIORITY) return head.readyPs;
    return Math.max(head.readyPs, this.pauses.untilPs[head.priority] as number);
  }

  private decide(departurePs: number): void {
    for (let i = 0; i < this.queues.length; i++) {
      const queue = this.queues[i]!;
      const mayGo = this.readyPs(queue) <= departurePs;
      this.headOctets[i] = mayGo ? occupancyPs(queue.waiting.head!.frame.length, this.octetPs) / this.octetPs : 0;
    }
    const queue = this.queues[this.scheduling.pick(this.headOctets)]!;
    const { frame, priority, passage } = queue.waiting.shift()!;
    if (queue.waiting.length === 0) this.scheduling.emptied(queue.index);
    const { sink, taps } = this.surroundings;
    const { conditions } = this;
    const octetPs = conditions === undefined ? this.octetPs : conditions.octetPsAt(departurePs, this.octetPs);
    this.freePs = departurePs + occupancyPs(frame.length, octetPs);
    const isBounded = this.isLossless[priority] === 0;
    this.leaving.push({ endPs: this.freePs, octets: frame.length, isBounded, queue });
    this.framesSent++;
    this.octetsSent += frame.length;
    passage?.leaves(this.freePs);
    for (let i = 0; i < taps.length; i++) taps[i]!.frame(departurePs, frame);
    if (conditions === undefined) sink.push(departurePs + this.delayPs, frame);
    else conditions.pass(departurePs, frame);
  }

  private comeBackAt(timePs: number): void {
    if (timePs === this.timerPs) return;
    const { scheduler, nodeIndex } = this.surroundings;
    scheduler.cancelTimer(this.timer);
    this.timerPs = timePs;
    this.timer = timePs === NEVER_PS ? 0 : scheduler.armPortTimer(nodeIndex, timePs, this.onTimer);
  }

  private readonly onTimer = (): void => {
    this.timerPs = NEVER_PS;
    this.timer = 0;
    this.advance(this.surroundings.scheduler.nowPs());
  };

  private forgetSent(nowPs: number): void {
    const { leaving } = this;
    for (let next = leaving.head; next !== undefined && next.endPs <= nowPs; next = leaving.head) {
      this.queuedOctets -= next.octets;
      if (next.isBounded) this.boundedOctets -= next.octets;
      next.queue.sent(next.octets);
      leaving.shift();
    }
  }
}

/** Frames of some priorities, first in first out. */
class PortQueue {
  readonly index: number;
  readonly priorities: readonly number[];
  readonly waiting = new Fifo<Waiting>();
  private queuedOctets = 0;
  private framesJoined = 0;
  private octetsJoined = 0;
  private maximumQueueOctets = 0;

  constructor(index: number, priorities: readonly number[]) {
    this.index = index;
    this.priorities = priorities;
  }

  join(frame: Waiting): void {
    const octets = frame.frame.length;
    this.waiting.push(frame);
    this.framesJoined++;
    this.octetsJoined += octets;
    this.queuedOctets += octets;
    if (this.queuedOctets > this.maximumQueueOctets) this.maximumQueueOctets = this.queuedOctets;
  }

  sent(octets: number): void {
    this.queuedOctets -= octets;
  }

  counters(): QueueCounters {
    const { priorities, framesJoined, octetsJoined, maximumQueueOctets } = this;
    return { priorities, framesJoined, octetsJoined, maximumQueueOctets };
  }
}
