import type { NodeFault } from '../faults/fault.ts';
import type { NodeContext, NodeModel, NodeReport, OutsideInput, TimerHandle } from '../time/node.ts';
import type { Scheduler } from '../time/scheduler.ts';
import type { NodeRuntime, TimerGuard } from './node-runtime.ts';

/** Makes a node's model, at the start of the run and after each restart. */
export type BuildModel = (context: NodeContext) => NodeModel;

type State = 'running' | 'paused' | 'down';

/** What a paused node will do when it goes on. */
interface Deferred {
  /** Of a timer; 0 of a frame. */
  readonly timer: TimerHandle;
  readonly act: () => void;
}

/** A node as its faults see it. */
export interface StoppableNode {
  readonly runtime: NodeRuntime;
  readonly index: number;
  readonly build: BuildModel;
  /** The model that runs already. */
  readonly model: NodeModel;
}

/**
 * A node that stops on purpose, from the start of the run or from any later moment on. A crash ends its timers and all
 * that it knew; frames that reach it are lost until, after a restart, a new model begins. A pause keeps everything: what
 * comes meanwhile is done at its end, in the order in which it came. Frames that already wait in the node's ports leave
 * as planned, since ports are hardware of their own.
 */
export class FaultyNode implements NodeModel, TimerGuard {
  private readonly runtime: NodeRuntime;
  private readonly index: number;
  private readonly scheduler: Scheduler;
  private readonly build: BuildModel;
  private model: NodeModel;
  private state: State = 'running';
  private deferred: Deferred[] = [];
  /** Timers of models before the last crash never fire. */
  private life = 0;
  private framesLost = 0;

  constructor({ runtime, index, build, model }: StoppableNode, scheduler: Scheduler) {
    this.runtime = runtime;
    this.index = index;
    this.scheduler = scheduler;
    this.build = build;
    this.model = model;
    runtime.setGuard(this, (timer, callback) => this.guarded(() => timer, callback));
  }

  get receiveAt(): 'first-bit' | 'last-bit' {
    return this.model.receiveAt;
  }

  start(): void {
    this.model.start();
  }

  /** The node will be stopped at an instant that is still to come. */
  impose(fault: NodeFault): void {
    this.scheduler.scheduleFault(this.index, fault.atPs, () => this.strike(fault));
  }

  onFrame(port: number, frame: Uint8Array): void {
    if (this.state === 'running') this.model.onFrame(port, frame);
    else if (this.state === 'paused') this.deferred.push({ timer: 0, act: () => this.model.onFrame(port, frame) });
    else {
      this.framesLost++;
      const name = this.runtime.ports[port]!.name;
      this.runtime.record({ kind: 'frame-dropped', port: name, reason: 'node-down', octets: frame.length });
    }
  }

  onInput(input: OutsideInput): void {
    if (this.state === 'running') this.model.onInput?.(input);
    else if (this.state === 'paused') this.deferred.push({ timer: 0, act: () => this.model.onInput?.(input) });
    else this.runtime.tell({ id: input.id, kind: 'node-down' });
  }

  /** What the last model has to say. */
  report(): NodeReport {
    return { ...this.model.report(), counters: this.presentCounters() };
  }

  presentCounters(): NodeReport['counters'] {
    return {
      ...(this.model.presentCounters?.() ?? this.model.report().counters),
      framesLostWhileDown: this.framesLost,
    };
  }

  arm(timePs: number, callback: () => void): TimerHandle {
    const timer: TimerHandle = this.scheduler.armTimer(
      this.index,
      timePs,
      this.guarded(() => timer, callback),
    );
    return timer;
  }

  cancel(timer: TimerHandle): void {
    this.scheduler.cancelTimer(timer);
    if (this.deferred.length > 0) this.deferred = this.deferred.filter((deferred) => deferred.timer !== timer);
  }

  private guarded(timer: () => TimerHandle, callback: () => void): () => void {
    const { life } = this;
    return () => {
      if (life !== this.life) return;
      if (this.state === 'paused') this.deferred.push({ timer: timer(), act: callback });
      else callback();
    };
  }

  private strike({ name, kind, forPs }: NodeFault): void {
    const endPs = this.runtime.nowPs() + forPs;
    this.record(name, kind);
    if (kind === 'pause') {
      this.state = 'paused';
      this.scheduler.scheduleFault(this.index, endPs, () => this.goOn(name));
      return;
    }
    this.state = 'down';
    this.life++;
    this.deferred = [];
    if (kind === 'restart') this.scheduler.scheduleFault(this.index, endPs, () => this.beginAnew(name));
  }

  private goOn(name: string): void {
    this.state = 'running';
    this.record(name, 'resumed');
    // One by one: what is done first may cancel what comes after it.
    for (let next = this.deferred.shift(); next !== undefined; next = this.deferred.shift()) next.act();
  }

  private beginAnew(name: string): void {
    this.state = 'running';
    this.record(name, 'restarted');
    this.model = this.build(this.runtime);
    this.model.start();
  }

  private record(fault: string, reason: string): void {
    this.runtime.record({ kind: 'fault', fault, node: this.runtime.nodeName, reason });
  }
}
