import type { Passage } from '../time/node.ts';

export interface EgressPortOptions {
  /** The sending port, such as `m1.eth0`. */
  readonly name: string;
  readonly octetPs: number;
  /** One-way delay of the link, ps. */
  readonly delayPs: number;
  /** Bound on the octets of frames waiting or being sent. */
  readonly queueOctets: number;
}

/** What faults make of a port and of its frames. */
export interface PortConditions {
  octetPsAt(timePs: number, lineOctetPs: number): number;
  queueOctetsAt(timePs: number, ownOctets: number): number;
  /** Takes a frame in the place of the link. */
  pass(departurePs: number, frame: Uint8Array): void;
}

export interface EgressCounters {
  readonly framesSent: number;
  readonly octetsSent: number;
  readonly framesDropped: number;
  readonly octetsDropped: number;
  readonly maximumQueueOctets: number;
  /** Of a port with several queues, in their order. */
  readonly queues?: readonly QueueCounters[];
  /** Of a port under priority-based flow control. */
  readonly flowControl?: FlowControlCounters;
}

export interface QueueCounters {
  readonly priorities: readonly number[];
  readonly framesJoined: number;
  readonly octetsJoined: number;
  readonly maximumQueueOctets: number;
}

/** The first two as in IEEE8021-PFC-MIB (IEEE 802.1Q-2018, 17.7.17). */
export interface FlowControlCounters {
  /** PFC frames sent. */
  readonly ieee8021PfcRequests: number;
  /** PFC frames received. */
  readonly ieee8021PfcIndications: number;
  /** MAC control frames of other kinds, received and discarded. */
  readonly macControlUnknownOpcodes: number;
  /** By priority: how long it was paused, ps. */
  readonly pausedPs: readonly number[];
  /** By priority: pauses without a break that exceeded the limit. */
  readonly pauseStorms: readonly number[];
}

/** The transmitting side of a port. */
export interface Transmitter {
  readonly name: string;
  readonly octetPs: number;
  readonly delayPs: number;
  /** Earliest instant at which a frame that is not decided yet can start, ps. */
  readonly idleFromPs: number;
  /**
   * Takes a frame for departure not before `notBeforePs` (at least `nowPs`).
   * @returns false when it did not fit and was dropped
   */
  send(nowPs: number, frame: Uint8Array, notBeforePs: number, passage: Passage | undefined): boolean;
  counters(): EgressCounters;
  /** From now on the port has faults. */
  impose(conditions: PortConditions): void;
}
