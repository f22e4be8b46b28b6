import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { RunError } from '../base/errors.ts';
import type { NetworkSpec, PresentCounters } from '../link/network.ts';
import type { RecordedEvent } from '../link/node-runtime.ts';
import type { CaptureSpec, DatagramSystem, FromProcess, ProcessResult, ToProcess } from '../link/supervision.ts';
import type { RunFirmware } from '../topology/run-inputs.ts';
import { EndedEarly, type RunPart } from './outcome.ts';
import type { OutsideDoor } from './outside-door.ts';
import { pinMainThread } from './pinning.ts';
import type { PlannedProcess } from './process-plan.ts';
import type { RunObserver } from './run-observer.ts';
import { TerminationDetector } from './termination.ts';
import { endlessLoopOf } from './violations.ts';

/** A process that says nothing for so long is taken for hung. */
const SILENCE_MS = 5_000;
/** A run whose emulated time stands still for so long is taken for stuck. */
const STANDSTILL_MS = 60_000;
const WATCH_MS = 250;
/** Seven processes load their code in a second or two; a machine under load needs more. */
const START_MS = 60_000;
const LEAVE_MS = 2_000;
/** How long a process may take to report when the run has ended early; a million rows take some seconds. */
const LAST_REPORT_MS = 10_000;

export interface SupervisorOptions {
  readonly processes: readonly PlannedProcess[];
  readonly network: NetworkSpec;
  readonly model: unknown;
  /** Of the model's firmware, for messages. */
  readonly sourceFolders?: RunFirmware['sourceFolders'];
  readonly capture: CaptureSpec | undefined;
  readonly dropDatagrams: number;
  readonly datagrams: DatagramSystem;
  /** Core that all processes share, or undefined to let the kernel spread them. */
  readonly pinnedCore: number | undefined;
  /** Folder of the compiled modules. */
  readonly moduleFolder: string;
  readonly observer: RunObserver;
  /** Where inputs come from while the run goes on; it ends once the door is closed and all is quiet. */
  readonly door?: OutsideDoor | undefined;
  /** How long a process may take to leave once it has reported, ms. */
  readonly leaveMs?: number;
}

/**
 * Runs the processes from their start to the last report. Whatever happens, none of them is left behind.
 * @throws RunError when they could not be started, EndedEarly when the run failed or was stopped after its start
 */
export async function runProcesses(options: SupervisorOptions): Promise<RunPart[]> {
  const supervisor = new Supervisor(options);
  try {
    return await supervisor.run();
  } finally {
    await supervisor.leaveNothing();
  }
}

class Supervisor {
  private readonly options: SupervisorOptions;
  private readonly children: Child[];
  private readonly detector: TerminationDetector;
  private readonly failed: Promise<never>;
  private fail: (error: RunError) => void = () => {};
  private over: () => void = () => {};
  private failing = false;
  private readonly looks = new Map<number, Look>();
  private lookRounds = 0;
  private hasTakenReports = false;

  constructor(options: SupervisorOptions) {
    this.options = options;
    this.detector = new TerminationDetector(options.processes.length);
    this.failed = new Promise((_, reject) => {
      this.fail = (error) => {
        this.failing = true;
        reject(error);
      };
    });
    // A failure may come while nothing awaits it yet.
    this.failed.catch(() => {});
    this.children = options.processes.map((planned) => new Child(planned, options, (error) => this.fail(error)));
    for (const child of this.children) child.onMessage = (message) => this.onMessage(child, message);
  }

  async run(): Promise<RunPart[]> {
    const runId = randomInt(2 ** 32 - 1);
    const startLimit = setTimeout(() => this.fail(this.notStarted()), START_MS);
    await this.all((child) => child.expect('listening'));
    const bound = this.all((child) => child.expect('bound'));
    for (const child of this.children) child.order({ type: 'spec', spec: this.specFor(child, runId) });
    const ports = await bound;
    const ready = this.all((child) => child.expect('ready'));
    this.children.forEach((child) => {
      const peers = child.planned.channels.map(({ peer }) => {
        const other = this.children.findIndex((candidate) => candidate.planned.name === peer);
        const channel = this.children[other]!.planned.channels.findIndex(
          ({ peer: back }) => back === child.planned.name,
        );
        return ports[other]!.ports[channel]!;
      });
      child.order({ type: 'peers', ports: peers });
    });
    await ready;
    clearTimeout(startLimit);
    const finished = new Promise<void>((resolve) => {
      this.over = resolve;
    });
    const startMs = performance.now();
    for (const child of this.children) child.order({ type: 'start' });
    this.options.door?.open({
      input: (node, input) => {
        this.children.find(({ planned }) => planned.nodes.includes(node))!.order({ type: 'input', node, input });
      },
      close: () => {
        for (const child of this.children) child.order({ type: 'close-input' });
      },
      look: () => this.look(),
    });
    const watch = setInterval(() => this.watch(), WATCH_MS);
    let runningMs = 0;
    try {
      await Promise.race([finished, this.failed]);
      clearInterval(watch);
      runningMs = performance.now() - startMs;
      for (const child of this.children) child.order({ type: 'finish' });
      await this.all((child) => child.expect('result'));
    } catch (error) {
      clearInterval(watch);
      await this.takeLastReports();
      throw new EndedEarly(error as Error, this.parts(performance.now() - startMs));
    }
    return this.parts(runningMs);
  }

  /** Asks all that still live for their report, and waits as long as one may come. */
  private async takeLastReports(): Promise<void> {
    this.hasTakenReports = true;
    const nowMs = performance.now();
    const responsive = this.children.filter((child) => nowMs - child.lastHeardMs <= SILENCE_MS);
    for (const child of responsive) child.order({ type: 'finish' });
    const deadline = new Promise<void>((resolve) => setTimeout(resolve, LAST_REPORT_MS).unref());
    await Promise.race([Promise.all(responsive.map((child) => child.exited)), deadline]);
  }

  private parts(runningMs: number): RunPart[] {
    return this.children.map((child) => child.part(runningMs));
  }

  /** Asks every process to leave, and ends the ones that do not. */
  async leaveNothing(): Promise<void> {
    if (!this.hasTakenReports) {
      for (const child of this.children) child.abort();
      const deadline = new Promise<void>((resolve) => setTimeout(resolve, this.options.leaveMs ?? LEAVE_MS).unref());
      await Promise.race([Promise.all(this.children.map((child) => child.exited)), deadline]);
    }
    for (const child of this.children) child.kill();
    await Promise.all(this.children.map((child) => child.exited));
  }

  private notStarted(): RunError {
    const late = this.children.filter((child) => !child.isReady).map((child) => child.planned.name);
    return new RunError('process-not-started', `process ${late.join(', ')} was not ready after ${START_MS / 1000} s`);
  }

  private specFor(child: Child, runId: number) {
    const { network, capture, dropDatagrams, datagrams, model } = this.options;
    return {
      runId,
      processName: child.planned.name,
      localNodes: child.planned.nodes,
      network,
      channels: child.planned.channels,
      reactionPs: child.planned.reactionPs,
      capture,
      dropDatagrams,
      datagrams,
      takesInput: child.planned.takesInput,
      model,
    };
  }

  private onMessage(child: Child, message: FromProcess): void {
    if (message.type === 'progress') {
      this.options.observer.progress(message.node, message.progress);
      if (message.progress.completed === message.progress.total) this.probe();
    } else if (message.type === 'output') {
      this.options.door?.onOutput(message.node, message.output);
    } else if (message.type === 'seen') {
      this.looks.get(message.round)?.add(child.planned.name, message.counters);
    } else if (message.type === 'stamped') {
      this.options.door?.onStamped(message.stamped);
    } else if (message.type === 'state') {
      const verdict = this.detector.answer(child.planned.name, message.round, message);
      if (verdict === 'over') this.over();
      else if (verdict === 'ask-again') this.probe();
      else if (verdict === 'busy') setTimeout(() => this.probe(), 20).unref();
    }
  }

  private async look(): Promise<readonly PresentCounters[]> {
    const round = ++this.lookRounds;
    const look = new Look(this.children.length);
    this.looks.set(round, look);
    for (const child of this.children) child.order({ type: 'look', round });
    try {
      return await Promise.race([look.complete, this.failed]);
    } finally {
      this.looks.delete(round);
    }
  }

  private probe(): void {
    if (this.failing) return;
    const round = this.detector.nextRound();
    for (const child of this.children) child.order({ type: 'probe', round });
  }

  private lastWatchMs = performance.now();
  private lastMoveMs = performance.now();
  private lastEmulated = '';

  private watch(): void {
    const { observer } = this.options;
    if (observer.stopRequested) {
      this.fail(new RunError('stopped', 'the run was stopped before its end'));
      return;
    }
    const nowMs = performance.now();
    // When this process itself was held up, silence of the others proves nothing.
    const heldUpMs = nowMs - this.lastWatchMs - WATCH_MS;
    this.lastWatchMs = nowMs;
    for (const child of this.children) {
      if (heldUpMs > WATCH_MS) child.lastHeardMs += heldUpMs;
      if (nowMs - child.lastHeardMs > SILENCE_MS) {
        const seconds = Math.round((nowMs - child.lastHeardMs) / 1000);
        this.fail(new RunError('process-hung', `process ${child.planned.name} has not responded for ${seconds} s`));
        return;
      }
    }
    observer.emulatedTime(Math.max(...this.children.map((child) => child.nowPs)));
    // Until the door is closed, standing still is what a run without work does.
    if (this.options.door?.isClosed === false) {
      this.lastMoveMs = nowMs;
      return;
    }
    const emulated = this.children.map((child) => child.nowPs).join();
    if (emulated !== this.lastEmulated) {
      this.lastEmulated = emulated;
      this.lastMoveMs = nowMs;
    } else if (nowMs - this.lastMoveMs > STANDSTILL_MS) {
      const states = this.children.map((child) => `${child.planned.name}: ${child.waitingFor}`).join('; ');
      this.fail(new RunError('run-stuck', `emulated time has stood still for ${STANDSTILL_MS / 1000} s (${states})`));
    } else {
      this.probe();
    }
  }

  private async all<T>(step: (child: Child) => Promise<T>): Promise<T[]> {
    return await Promise.race([Promise.all(this.children.map(step)), this.failed]);
  }
}

/** Answers of all processes to one question, in whatever order they come. */
class Look {
  readonly complete: Promise<readonly PresentCounters[]>;
  private readonly processes: number;
  private readonly answers = new Map<string, PresentCounters>();
  private resolve: (answers: readonly PresentCounters[]) => void = () => {};

  constructor(processes: number) {
    this.processes = processes;
    this.complete = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  add(process: string, counters: PresentCounters): void {
    this.answers.set(process, counters);
    if (this.answers.size === this.processes) this.resolve([...this.answers.values()]);
  }
}

class Child {
  readonly planned: PlannedProcess;
  readonly exited: Promise<void>;
  onMessage: (message: FromProcess) => void = () => {};
  nowPs = 0;
  waitingFor = '';
  lastHeardMs = performance.now();
  private readonly process: ChildProcess;
  private readonly pinnedCore: number | undefined;
  private readonly sourceFolders: RunFirmware['sourceFolders'];
  private readonly waiting = new Map<string, (message: FromProcess) => void>();
  private readonly early = new Map<string, FromProcess>();
  isReady = false;
  private events: RecordedEvent[] = [];
  private reported: ProcessResult | undefined;
  private isAlive = true;

  constructor(planned: PlannedProcess, options: SupervisorOptions, fail: (error: RunError) => void) {
    this.planned = planned;
    this.pinnedCore = options.pinnedCore;
    this.sourceFolders = options.sourceFolders;
    const nodeArguments = [
      '--enable-source-maps',
      '--max-semi-space-size=32',
      join(options.moduleFolder, planned.module),
      ...(planned.moduleArguments ?? []),
    ];
    this.process = spawn(process.execPath, nodeArguments, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
    this.process.on('message', (message: FromProcess) => this.receive(message, fail));
    // Sending to a process that has just died fails; its exit is reported below.
    this.process.on('error', (error) => {
      if (this.process.pid === undefined)
        fail(new RunError('process-not-started', `process ${planned.name}: ${error.message}`));
    });
    this.exited = new Promise((resolve) => {
      this.process.once('exit', (code, signal) => {
        this.isAlive = false;
        resolve();
        if (this.reported !== undefined) return;
        const how = signal === null ? `exited with status ${code}` : `was ended by ${signal}`;
        fail(new RunError('process-died', `process ${planned.name} ${how} before the run was over`));
      });
      this.process.once('error', () => resolve());
    });
  }

  order(order: ToProcess): void {
    if (this.isAlive && this.process.connected) this.process.send(order, () => {});
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
    if (this.isAlive) this.process.kill('SIGKILL');
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
          if (this.pinnedCore !== undefined) pinMainThread(this.process.pid!, this.pinnedCore);
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

const NOTHING_REPORTED = { reports: {}, ports: [], executedEvents: 0, datagramsSent: 0, datagramsResent: 0 };
