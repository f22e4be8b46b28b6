import { performance } from 'node:perf_hooks';
import { RunError } from '../../base/errors.ts';
import type { RecordedEvent } from '../../link/node-runtime.ts';
import type { FromProcess, ProcessResult, ToProcess } from '../../link/supervision.ts';
import type { RunFirmware } from '../../topology/run-inputs.ts';
import type { RunPart } from '../results/outcome.ts';
import { endlessLoopOf } from '../run/violations.ts';
import { pinMainThread } from './pinning.ts';
import type { ProcessLine, ProcessLineEvents } from './process-line.ts';
import type { PlannedProcess } from './process-plan.ts';

export interface SupervisedProcessOptions {
  /** Core that the process's main thread is kept on, if it runs here. */
  readonly pinnedCore: number | undefined;
  /** Of the model's firmware, for messages. */
  readonly sourceFolders: RunFirmware['sourceFolders'];
  /** Starts it. */
  readonly open: (events: ProcessLineEvents) => ProcessLine;
  readonly fail: (error: RunError) => void;
}

/** A node process as the supervisor knows it: what it last said, what it reported, how it ended. */
export class SupervisedProcess {
  readonly planned: PlannedProcess;
  readonly exited: Promise<void>;
  onMessage: (message: FromProcess) => void = () => {};
  nowPs = 0;
  waitingFor = '';
  lastHeardMs = performance.now();
  private line!: ProcessLine;
  private readonly pinnedCore: number | undefined;
  private readonly sourceFolders: RunFirmware['sourceFolders'];
  private readonly waiting = new Map<string, (message: FromProcess) => void>();
  private readonly early = new Map<string, FromProcess>();
  isReady = false;
  private events: RecordedEvent[] = [];
  private reported: ProcessResult | undefined;

  constructor(planned: PlannedProcess, options: SupervisedProcessOptions) {
    this.planned = planned;
    this.pinnedCore = options.pinnedCore;
    this.sourceFolders = options.sourceFolders;
    const { fail } = options;
    this.exited = new Promise((resolve) => {
      this.line = options.open({
        message: (message) => this.receive(message, fail),
        ended: (how) => {
          resolve();
          if (this.reported !== undefined) return;
          fail(new RunError('process-died', `process ${planned.name} ${how} before the run was over`));
        },
        notStarted: (reason) => {
          resolve();
          fail(new RunError('process-not-started', `process ${planned.name} could not be started: ${reason}`));
        },
      });
    });
  }

  order(order: ToProcess): void {
    this.line.order(order);
  }

  /** The next message of a kind; each kind is awaited once. */
  async expect<K extends FromProcess['type']>(kind: K): Promise<Extract<FromProcess, { type: K }>> {
    const early = this.early.get(kind);
    const message = early ?? (await new Promise<FromProcess>((resolve) => this.waiting.set(kind, resolve)));
    return message as Extract<FromProcess, { type: K }>;
  }

  abort(): void {
    if (this.reported === undefined) this.order({ type: 'abort' });
  }

  /** The share of the run: all of it once the process has reported, before that its events so far. */
  part(runningMs: number): RunPart {
    const { reported, events } = this;
    return { ...(reported ?? NOTHING_REPORTED), endPs: reported?.endPs ?? this.nowPs, events, runningMs };
  }

  kill(): void {
    this.line.kill();
  }

  private receive(message: FromProcess, fail: (error: RunError) => void): void {
    this.lastHeardMs = performance.now();
    switch (message.type) {
      case 'failed':
        fail(new RunError('node-failed', `process ${this.planned.name} failed: ${message.message}`));
        return;
      case 'heartbeat':
        this.nowPs = message.nowPs;
        this.waitingFor = message.waitingFor;
        for (const event of message.events) {
          this.events.push(event);
          const endless = endlessLoopOf(event, this.sourceFolders);
          if (endless !== undefined) fail(new RunError('lambda-endless', endless));
        }
        return;
      case 'listening':
      case 'bound':
      case 'ready':
      case 'result': {
        if (message.type === 'ready') {
          this.isReady = true;
          const { pid } = this.line;
          if (this.pinnedCore !== undefined && pid !== undefined) pinMainThread(pid, this.pinnedCore);
        }
        if (message.type === 'result') {
          this.reported = message.result;
          this.events = [...this.events, ...message.events];
        }
        const waiting = this.waiting.get(message.type);
        if (waiting === undefined) this.early.set(message.type, message);
        else waiting(message);
        return;
      }
      default:
        this.onMessage(message);
    }
  }
}

const NOTHING_REPORTED = { reports: {}, ports: [], executedEvents: 0, cpuMs: 0, datagramsSent: 0, datagramsResent: 0 };
