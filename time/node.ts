import type { RandomStream } from '../base/random.ts';
import type { ExternalQuestion } from './external.ts';

/**
 * The contract between a node's model and whatever runs it: one process, seven processes over UDP, or the wall clock.
 * A model is pure. It sees frames and timers, and acts only through its context; it never reads a clock, a socket, a
 * file or unseeded randomness. So the same model gives the same run in every mode.
 */
export interface NodeModel {
  /**
   * When the model wants a frame: at its first bit (a cut-through switch) or once its last bit is in (everyone who
   * reads the whole frame, as a store-and-forward switch, a host or a NIC does).
   */
  readonly receiveAt: 'first-bit' | 'last-bit';
  /** Called once, at emulated time zero, before any frame. Arm timers and send first frames here. */
  start(): void;
  /**
   * A frame arrived on a port. Octets start at the destination MAC and end before the FCS. Frames are immutable: keep
   * a reference as long as needed, never write into one that was received or sent.
   */
  onFrame(port: number, frame: Uint8Array): void;
  /** Something came to this node from outside the emulation, such as a person's request; see time/input-gate.ts. */
  onInput?(input: OutsideInput): void;
  /** Present where output ports share no state, so that emulated time may be ahead at one of them; see link/port-lead.ts. */
  readonly independence?: PortIndependence;
  /** What the node has to say at the end: plain JSON, collected into the run's results. Pure read, may be called often. */
  report(): NodeReport;
  /** The report's counters alone, for who looks at a run that goes on; absent where the whole report costs no more. */
  presentCounters?(): NodeReport['counters'];
}

/**
 * Of a node that hands each frame on by one port at most, and whose ports share no state: what a port sends follows from
 * the frames for it alone, in their order. Such a node has no timers, and counts only sums.
 */
export interface PortIndependence {
  /** The port that a frame leaves by; -1 when it leaves by none. */
  readonly egressOf: (ingress: number, frame: Uint8Array) => number;
  /** Whether any frame that comes in at one port leaves by another. */
  readonly reaches: (from: number, to: number) => boolean;
}

/** What comes to a node from outside: plain data, so that it can be journalled and given again. */
export interface OutsideInput {
  /** Names the input among all of a run; what is answered to it bears it, too. */
  readonly id: number;
  /** Kebab-case kind, such as `invoke`. */
  readonly kind: string;
  readonly [detail: string]: number | string | boolean | Uint8Array;
}

/** What a node tells the outside, mostly about an input. */
export interface OutsideOutput {
  readonly id: number;
  readonly kind: string;
  readonly [detail: string]: number | string | boolean | Uint8Array;
}

/** JSON that ends up in `results/<run>/nodes/<node>.json`; `rows` of requests go into the digest, by request id. */
export interface NodeReport {
  /** Named counters, such as `framesForwarded`; summed by nobody, shown as they are. */
  readonly counters: Readonly<Record<string, number>>;
  /** One row a request, in request-id order, each a flat record of numbers and strings; only clients and gateways have them. */
  readonly rows?: readonly RequestRow[];
  /** Depth of queues over time, of a switch that was asked for it. */
  readonly queueSamples?: readonly QueueSamples[];
  /** Anything else worth keeping, JSON-able and deterministic. */
  readonly details?: unknown;
  /** Present when this node saw the run fail (a wrong answer): one line that names the culprit. */
  readonly failure?: string;
}

export interface QueueSamples {
  readonly port: string;
  /** Priorities of the queue, or `all`. */
  readonly priorities: string;
  /** By time; intervals in which the queue was empty throughout are left out. */
  readonly samples: readonly QueueSample[];
}

export interface QueueSample {
  /** End of the interval. */
  readonly timePs: number;
  readonly periodPs: number;
  /** Depth at the end of the interval, and the largest within. */
  readonly octets: number;
  readonly maximumOctets: number;
}

export type RequestRow = Readonly<Record<string, number | string>>;

/** A pending timer, to cancel it. Never zero. */
export type TimerHandle = number;

export interface PortInfo {
  /** Name as in the topology, such as `m1.eth0`. */
  readonly name: string;
  readonly linkName: string;
  readonly rateBitsPerSecond: number;
  /** Time of one octet on this port, in ps: 800 at 10 Gb/s. */
  readonly octetPs: number;
}

/**
 * What a frame asks of a port that has several queues, and what it wants to know of it. A FIFO port looks at neither.
 */
export interface Passage {
  /** 0 to 7, highest last (IEEE 802.1Q-2018, 6.6), or `MAC_CONTROL_PRIORITY`. */
  readonly priority: number;
  /** The frame has its place on the wire; from `endPs` on it takes no memory. Called once, unless the frame was dropped. */
  leaves(endPs: number): void;
}

/** Of MAC control frames: ahead of every priority, never paused and never dropped. */
export const MAC_CONTROL_PRIORITY = 8;

export interface NodeContext {
  readonly nodeName: string;
  readonly ports: readonly PortInfo[];
  /** Emulated time, integer picoseconds since the run's epoch. */
  nowPs(): number;
  /**
   * Hands a frame to the port's egress queue. It departs when the queue before it has drained, and not before
   * `notBeforePs` (default: now). Calls on one port must come with non-decreasing `notBeforePs`.
   * @param frame from destination MAC to before the FCS, at least 60 octets; ownership passes, never write to it again
   * @param passage at a port with several queues; without one the port reads the priority from the frame
   * @returns false when the queue bound was exceeded and the frame was dropped (counted by the port)
   */
  send(port: number, frame: Uint8Array, notBeforePs?: number, passage?: Passage): boolean;
  /**
   * When the frame that a FIFO port took last will have left, gap included, ps: what limits the port's rate is in it. Of
   * a port with several queues, where a frame's `Passage` tells, it is so of the last that is decided.
   */
  busyUntilPs(port: number): number;
  /** Calls back at an absolute time, now or later. Ties: frames first, then timers in creation order. */
  at(timePs: number, callback: () => void): TimerHandle;
  /** Cancels a pending timer; one that fired or was cancelled before is ignored. */
  cancel(timer: TimerHandle): void;
  /** This node's random stream for one purpose; the same object at every call with the same name. */
  random(purpose: string): RandomStream;
  /** Notes something that a person will want to find later (a drop, a violation); one line of `events.jsonl`. */
  record(event: NodeEvent): void;
  /** Tells whoever gave an input; nobody hears it in a run without. */
  tell(output: OutsideOutput): void;
  /**
   * Asks the service outside the emulation that the run has for this node; questions are put in the order of these calls.
   * @param duePs when the answer is given, now or later, in the place of a timer that was armed now
   */
  external(question: ExternalQuestion, duePs: number, then: (answer: Uint8Array) => void): void;
  /** The node that carries the workload tells how far it is; `completed === total` ends the run once all is quiet. */
  progress(progress: WorkloadProgress): void;
}

export interface NodeEvent {
  /** Kebab-case kind, such as `frame-dropped`, `lambda-violation`. */
  readonly kind: string;
  readonly [detail: string]: number | string | boolean;
}

export interface WorkloadProgress {
  readonly workload: string;
  readonly completed: number;
  readonly total: number;
}
