import type { FaultPlan } from '../faults/fault.ts';
import type { NodeReport, OutsideInput, OutsideOutput, WorkloadProgress } from '../time/node.ts';
import type { DatagramAddress } from './datagram-endpoint.ts';
import type { ExternalServer } from './external-connection.ts';
import type { NetworkSpec, PortReport, PresentCounters, StampedInput } from './network.ts';
import type { RecordedEvent } from './node-runtime.ts';
import type { HeldState, ProcessChannel } from './process-driver.ts';

/** Everything that a node process is told before it starts. `model` is for the factory of the node's own main. */
export interface ProcessSpec {
  readonly runId: number;
  readonly processName: string;
  readonly localNodes: readonly string[];
  readonly network: NetworkSpec;
  readonly channels: readonly ProcessChannel[];
  readonly capture: CaptureSpec | undefined;
  /** Share of datagrams dropped on purpose before they are sent, 0 to 1: tests the transport under the emulation. */
  readonly dropDatagrams: number;
  readonly datagrams: DatagramSystem;
  /** IPv4 address that peers reach this process by. */
  readonly address: string;
  /** Nodes of the process are given inputs while the run goes on. */
  readonly takesInput: boolean;
  /** Absent where no node of the process asks anything outside. */
  readonly external: ExternalSpec | undefined;
  readonly model: unknown;
}

/** A service outside the emulation that one node asks, and what becomes of its answers. */
export interface ExternalSpec {
  readonly node: string;
  /** The server itself, or the journal of an earlier run that answers in its place. */
  readonly source: ExternalServer | { readonly answersFile: string };
  /** File that gets every question with its answer. */
  readonly journalFile: string;
}

/** How datagrams are sent and received: by Node's `dgram`, or by system calls of our own; see link/datagram-endpoint.ts. */
export type DatagramSystem = 'dgram' | 'native';

export interface CaptureSpec {
  /** Existing folder that gets one file a link. */
  readonly folder: string;
  readonly precision: 'ns' | 'us';
}

/** What the nodes of one process have to say at the end of a run. */
export interface ProcessResult {
  readonly reports: Readonly<Record<string, NodeReport>>;
  readonly ports: readonly PortReport[];
  readonly endPs: number;
  readonly executedEvents: number;
  /** Processor time of the process from the start order on, ms. */
  readonly cpuMs: number;
  readonly datagramsSent: number;
  readonly datagramsResent: number;
}

export type ToProcess =
  | { readonly type: 'spec'; readonly spec: ProcessSpec }
  /** Where the peers are, one a channel. */
  | { readonly type: 'peers'; readonly peers: readonly DatagramAddress[] }
  | { readonly type: 'start' }
  /** Something from outside for a node of this process. */
  | { readonly type: 'input'; readonly node: string; readonly input: OutsideInput }
  /** No more inputs: the run may come to its end. */
  | { readonly type: 'close-input' }
  /** How do you stand? The run goes on. */
  | { readonly type: 'look'; readonly round: number }
  | { readonly type: 'probe'; readonly round: number }
  /** Execute nothing more, and say how far you are; again for how far you are now. */
  | { readonly type: 'hold'; readonly round: number }
  /** While held: take these faults, and forget all promises; nothing happens anywhere before `fromPs`. */
  | { readonly type: 'impose'; readonly round: number; readonly faults: FaultPlan; readonly fromPs: number }
  | { readonly type: 'go-on' }
  /** Report and leave. */
  | { readonly type: 'finish' }
  /** Leave without a report; captures are completed. */
  | { readonly type: 'abort' };

export type FromProcess =
  | { readonly type: 'listening' }
  | { readonly type: 'bound'; readonly ports: readonly number[] }
  | { readonly type: 'ready' }
  | {
      readonly type: 'heartbeat';
      readonly nowPs: number;
      readonly waitingFor: string;
      readonly events: readonly RecordedEvent[];
    }
  | { readonly type: 'progress'; readonly node: string; readonly progress: WorkloadProgress }
  /** The instant that an input was given. */
  | { readonly type: 'stamped'; readonly stamped: StampedInput }
  | { readonly type: 'seen'; readonly round: number; readonly counters: PresentCounters }
  | { readonly type: 'output'; readonly node: string; readonly output: OutsideOutput }
  | {
      readonly type: 'state';
      readonly round: number;
      readonly passive: boolean;
      readonly sent: readonly number[];
      readonly received: readonly number[];
    }
  /** `unboundFromPs`: by sending port, the first instant for which nothing has been decided. */
  | {
      readonly type: 'held';
      readonly round: number;
      readonly state: HeldState;
      readonly unboundFromPs: Readonly<Record<string, number>>;
    }
  | { readonly type: 'imposed'; readonly round: number }
  | { readonly type: 'result'; readonly result: ProcessResult; readonly events: readonly RecordedEvent[] }
  | { readonly type: 'failed'; readonly message: string };
