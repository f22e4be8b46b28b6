import type { RandomStream } from '../base/random.ts';
import type { NodeFault } from '../faults/fault.ts';
import type {
  NodeContext,
  NodeEvent,
  NodeModel,
  NodeReport,
  OutsideInput,
  OutsideOutput,
  Passage,
  PortInfo,
  TimerHandle,
  WorkloadProgress,
} from '../time/node.ts';

/** Makes a node's model, at the start of the run and after each restart. */
export type BuildModel = (context: NodeContext) => NodeModel;

type State = 'running' | 'paused' | 'down';

/** What a paused node will do when it goes on. */
interface Deferred {
  /** Of a timer; 0 of a frame. */
  readonly timer: TimerHandle;
  readonly act: () => void;
}

/**
 * A node that stops on purpose. A crash ends its timers and all that it knew; frames that reach it are lost until, after
 * a restart, a new model begins. A pause keeps everything: what comes meanwhile is done at its end, in the order in which
 * it came. Frames that already wait in the node's ports leave as planned, since ports are hardware of their own.
 */
export class FaultyNode implements NodeModel {
  private readonly context: NodeContext;
  private readonly build: BuildModel;
  private readonly faults: readonly NodeFault[];
  private model: NodeModel;
  private state: State = 'running';
  private deferred: Deferred[] = [];
  /** Timers of models before the last crash never fire. */
  private life = 0;
  private framesLost = 0;

  constructor(context: NodeContext, build: BuildModel, faults: readonly NodeFault[]) {
    this.context = context;
    this.build = build;
    this.faults = faults;
    this.model = build(this.contextOfThisLife());
  }

  get receiveAt(): 'first-bit' | 'last-bit' {
    return this.model.receiveAt;
  }

  start(): void {
    for (const fault of this.faults) this.context.at(fault.atPs, () => this.strike(fault));
    this.model.start();
  }

  onFrame(port: number, frame: Uint8Array): void {
    if (this.state === 'running') this.model.onFrame(port, frame);
    else if (this.state === 'paused') this.deferred.push({ timer: 0, act: () => this.model.onFrame(port, frame) });
    else {
      this.framesLost++;
      const name = this.context.ports[port]!.name;
      this.context.record({ kind: 'frame-dropped', port: name, reason: 'node-down', octets: frame.length });
    }
  }

  onInput(input: OutsideInput): void {
    if (this.state === 'running') this.model.onInput?.(input);
    else if (this.state === 'paused') this.deferred.push({ timer: 0, act: () => this.model.onInput?.(input) });
    else this.context.tell({ id: input.id, kind: 'node-down' });
  }

  /** What the last model has to say. */
  report(): NodeReport {
    const report = this.model.report();
    return { ...report, counters: { ...report.counters, framesLostWhileDown: this.framesLost } };
  }

  private strike({ name, kind, forPs }: NodeFault): void {
    const nowPs = this.context.nowPs();
    this.context.record({ kind: 'fault', fault: name, node: this.context.nodeName, reason: kind });
    if (kind === 'pause') {
      this.state = 'paused';
      this.context.at(nowPs + forPs, () => this.goOn(name));
      return;
    }
    this.state = 'down';
    this.life++;
    this.deferred = [];
    if (kind === 'restart') this.context.at(nowPs + forPs, () => this.beginAnew(name));
  }

  private goOn(name: string): void {
    this.state = 'running';
    this.context.record({ kind: 'fault', fault: name, node: this.context.nodeName, reason: 'resumed' });
    // One by one: what is done first may cancel what comes after it.
    for (let next = this.deferred.shift(); next !== undefined; next = this.deferred.shift()) next.act();
  }

  private beginAnew(name: string): void {
    this.state = 'running';
    this.context.record({ kind: 'fault', fault: name, node: this.context.nodeName, reason: 'restarted' });
    this.model = this.build(this.contextOfThisLife());
    this.model.start();
  }

  private contextOfThisLife(): NodeContext {
    return new LifeContext(
      this.context,
      (timePs, callback) => this.arm(timePs, callback),
      (timer) => this.cancel(timer),
    );
  }

  private arm(timePs: number, callback: () => void): TimerHandle {
    const { life } = this;
    const timer = this.context.at(timePs, () => {
      if (life !== this.life) return;
      if (this.state === 'paused') this.deferred.push({ timer, act: callback });
      else callback();
    });
    return timer;
  }

  private cancel(timer: TimerHandle): void {
    this.context.cancel(timer);
    this.deferred = this.deferred.filter((deferred) => deferred.timer !== timer);
  }
}

/** The node's context as one life of its model sees it: timers end with that life. */
class LifeContext implements NodeContext {
  readonly nodeName: string;
  readonly ports: readonly PortInfo[];
  readonly at: (timePs: number, callback: () => void) => TimerHandle;
  readonly cancel: (timer: TimerHandle) => void;
  private readonly whole: NodeContext;

  constructor(whole: NodeContext, at: LifeContext['at'], cancel: LifeContext['cancel']) {
    this.whole = whole;
    this.nodeName = whole.nodeName;
    this.ports = whole.ports;
    this.at = at;
    this.cancel = cancel;
  }

  nowPs(): number {
    return this.whole.nowPs();
  }

  send(port: number, frame: Uint8Array, notBeforePs?: number, passage?: Passage): boolean {
    return this.whole.send(port, frame, notBeforePs, passage);
  }

  random(purpose: string): RandomStream {
    return this.whole.random(purpose);
  }

  record(event: NodeEvent): void {
    this.whole.record(event);
  }

  tell(output: OutsideOutput): void {
    this.whole.tell(output);
  }

  progress(progress: WorkloadProgress): void {
    this.whole.progress(progress);
  }
}
