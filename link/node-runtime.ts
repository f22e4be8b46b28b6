import { InvariantError } from '../base/assert.ts';
import { type RandomStream, randomStream } from '../base/random.ts';
import type { ExternalQuestion } from '../time/external.ts';
import type {
  NodeContext,
  NodeEvent,
  OutsideOutput,
  Passage,
  PortInfo,
  TimerHandle,
  WorkloadProgress,
} from '../time/node.ts';
import type { Scheduler } from '../time/scheduler.ts';
import { ExternalCalls } from './external-calls.ts';
import type { Transmitter } from './transmitter.ts';

/** A node's event with its place in the run; the order (time, node, sequence) is the same in every mode. */
export interface RecordedEvent {
  readonly timePs: number;
  readonly node: string;
  readonly sequence: number;
  readonly event: NodeEvent;
}

/** Where a node's notes go. */
export interface NodeObserver {
  event(event: RecordedEvent): void;
  progress(node: string, progress: WorkloadProgress): void;
  /** Absent where nothing comes from outside. */
  output?(node: string, output: OutsideOutput): void;
}

/** Stands between a model's timers and the scheduler while the node may be stopped. */
export interface TimerGuard {
  arm(timePs: number, callback: () => void): TimerHandle;
  cancel(timer: TimerHandle): void;
}

/** Binds one model to the scheduler and to its egress ports. */
export class NodeRuntime implements NodeContext {
  readonly nodeName: string;
  readonly ports: readonly PortInfo[];
  private readonly nodeIndex: number;
  private readonly scheduler: Scheduler;
  private readonly egressPorts: readonly Transmitter[];
  private readonly seed: number;
  private readonly observer: NodeObserver;
  private readonly externalCalls: ExternalCalls;
  private readonly streams = new Map<string, RandomStream>();
  private eventsRecorded = 0;
  private guard: TimerGuard | undefined;

  constructor(
    identity: { readonly name: string; readonly index: number; readonly ports: readonly PortInfo[] },
    scheduler: Scheduler,
    egressPorts: readonly Transmitter[],
    seed: number,
    observer: NodeObserver,
    externalCalls: ExternalCalls = new ExternalCalls(),
  ) {
    this.nodeName = identity.name;
    this.nodeIndex = identity.index;
    this.ports = identity.ports;
    this.scheduler = scheduler;
    this.egressPorts = egressPorts;
    this.seed = seed;
    this.observer = observer;
    this.externalCalls = externalCalls;
  }

  nowPs(): number {
    return this.scheduler.nowPs();
  }

  send(port: number, frame: Uint8Array, notBeforePs?: number, passage?: Passage): boolean {
    const egressPort = this.egressPorts[port];
    if (egressPort === undefined) refusePort(this.nodeName, port);
    const nowPs = this.scheduler.nowPs();
    // A device with a clock of its own lags behind after a pause of its node; nothing leaves in the past.
    const fromPs = notBeforePs === undefined || notBeforePs < nowPs ? nowPs : notBeforePs;
    const sent = egressPort.send(nowPs, frame, fromPs, passage);
    if (!sent)
      this.record({ kind: 'frame-dropped', port: egressPort.name, reason: 'egress-queue-full', octets: frame.length });
    return sent;
  }

  busyUntilPs(port: number): number {
    return this.egressPorts[port]!.idleFromPs;
  }

  at(timePs: number, callback: () => void): TimerHandle {
    if (this.guard !== undefined) return this.guard.arm(timePs, callback);
    return this.scheduler.armTimer(this.nodeIndex, timePs, callback);
  }

  cancel(timer: TimerHandle): void {
    if (this.guard === undefined) this.scheduler.cancelTimer(timer);
    else this.guard.cancel(timer);
  }

  /**
   * From now on the model's timers go through a guard.
   * @param adopt makes of a timer that is pending one of the guard's
   */
  setGuard(guard: TimerGuard, adopt: (timer: TimerHandle, callback: () => void) => () => void): void {
    this.guard = guard;
    this.scheduler.replaceTimers(this.nodeIndex, adopt);
  }

  random(purpose: string): RandomStream {
    let stream = this.streams.get(purpose);
    if (stream === undefined) {
      stream = randomStream(this.seed, `${this.nodeName}/${purpose}`);
      this.streams.set(purpose, stream);
    }
    return stream;
  }

  record(event: NodeEvent): void {
    const sequence = this.eventsRecorded++;
    this.observer.event({ timePs: this.scheduler.nowPs(), node: this.nodeName, sequence, event });
  }

  tell(output: OutsideOutput): void {
    this.observer.output?.(this.nodeName, output);
  }

  external(question: ExternalQuestion, duePs: number, then: (answer: Uint8Array) => void): void {
    const call = this.externalCalls.ask(this.nodeName, question, this.nowPs(), duePs);
    if (call.answer === undefined) this.scheduler.lowerLimit(duePs);
    this.at(duePs, () => {
      if (call.answer === undefined) refuseHaste(this.nodeName);
      else then(call.answer);
    });
  }

  progress(progress: WorkloadProgress): void {
    this.observer.progress(this.nodeName, progress);
  }
}

/** Apart for speed, see time/scheduler.ts. */
function refusePort(node: string, port: number): never {
  throw new InvariantError(`${node} has no port ${port}`);
}

function refuseHaste(node: string): never {
  throw new InvariantError(`${node} went on without the answer that it waits for`);
}
