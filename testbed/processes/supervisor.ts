import { randomInt } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { assert } from '../../base/assert.ts';
import { RunError } from '../../base/errors.ts';
import type { NetworkSpec, PresentCounters } from '../../link/network.ts';
import type { CaptureSpec, DatagramSystem, ExternalSpec, FromProcess } from '../../link/supervision.ts';
import type { RunFirmware } from '../../topology/run-inputs.ts';
import type { Placement, PlacementHost } from '../../topology/types.ts';
import { EndedEarly, type RunPart } from '../results/outcome.ts';
import type { LiveFaults } from '../run/live-faults.ts';
import { RunHolder } from '../run/run-holder.ts';
import type { RunObserver } from '../run/run-observer.ts';
import type { OutsideDoor } from '../serve/outside-door.ts';
import { type ProcessLine, type ProcessLineEvents, startProcess } from './process-line.ts';
import type { PlannedProcess } from './process-plan.ts';
import { startRemoteProcess } from './remote-process.ts';
import { StartedHosts } from './started-hosts.ts';
import { SupervisedProcess } from './supervised-process.ts';
import { TerminationDetector } from './termination.ts';

/** A process that says nothing for so long is taken for hung. */
const SILENCE_MS = 5_000;
/** A run whose emulated time stands still for so long is taken for stuck. */
const STANDSTILL_MS = 60_000;
const WATCH_MS = 250;
const LOOPBACK = '127.0.0.1';
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
  readonly placement?: Pick<Placement, 'hosts' | 'address'>;
  /** What launcher and `testbed node` prove themselves by; needed where something runs on another machine. */
  readonly token?: string;
  /** Where faults come from while the run goes on. */
  readonly liveFaults?: LiveFaults | undefined;
  /** What one node asks outside the emulation. */
  readonly external?: ExternalSpec | undefined;
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
  private readonly children: SupervisedProcess[];
  private readonly detector: TerminationDetector;
  private readonly failed: Promise<never>;
  private readonly startedHosts: StartedHosts;
  private isStarting = true;
  private fail: (error: RunError) => void = () => {};
  private over: () => void = () => {};
  private failing = false;
  private readonly looks = new Map<number, Look>();
  private lookRounds = 0;
  private hasTakenReports = false;
  private holder: RunHolder | undefined;

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
    const used = this.placementHosts.filter(({ name }) => options.processes.some(({ host }) => host === name));
    assert(used.length === 0 || options.token !== undefined, 'no token for other machines');
    this.startedHosts = new StartedHosts(used, options.token ?? '', (host, reason) => {
      if (this.isStarting) this.fail(new RunError('host-not-started', `placement host ${host}: ${reason}`));
    });
    const run = randomInt(2 ** 32 - 1).toString(16);
    this.children = options.processes.map(
      (planned) =>
        new SupervisedProcess(planned, {
          pinnedCore: options.pinnedCore,
          sourceFolders: options.sourceFolders,
          open: (events) => this.open(planned, run, events),
          fail: (error) => this.fail(error),
        }),
    );
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
        const { planned } = this.children[other]!;
        const channel = planned.channels.findIndex(({ peer: back }) => back === child.planned.name);
        return { address: this.addressOf(planned), port: ports[other]!.ports[channel]! };
      });
      child.order({ type: 'peers', peers });
    });
    await ready;
    clearTimeout(startLimit);
    this.isStarting = false;
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
    if (this.options.liveFaults !== undefined) this.takeLiveFaults(this.options.liveFaults);
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

  /** Brings the run to a standstill whenever a fault is ordered. */
  private takeLiveFaults(liveFaults: LiveFaults): void {
    const holder = new RunHolder(this.children);
    this.holder = holder;
    let isHolding = false;
    liveFaults.onOrder = () => {
      if (isHolding) return;
      isHolding = true;
      const takeAll = async () => {
        while (liveFaults.hasOrders) {
          const held = await holder.hold();
          await holder.impose(liveFaults.decide(held), held);
          liveFaults.confirm();
          holder.goOn();
        }
      };
      takeAll().then(
        () => {
          isHolding = false;
        },
        (error: Error) => this.fail(new RunError('run-not-held', error.message)),
      );
    };
    if (liveFaults.hasOrders) liveFaults.onOrder();
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
    this.isStarting = false;
    await this.startedHosts.leaveNothing();
  }

  private get placementHosts(): readonly PlacementHost[] {
    return this.options.placement?.hosts ?? [];
  }

  private open(planned: PlannedProcess, run: string, events: ProcessLineEvents): ProcessLine {
    const { moduleFolder, token = '', capture } = this.options;
    const host = this.placementHosts.find(({ name }) => name === planned.host);
    if (host === undefined) return startProcess(planned, moduleFolder, events);
    const mayStillListen = (): boolean => this.startedHosts.isStarting(host.name);
    return startRemoteProcess(
      { name: planned.name, host, token, run, captureFolder: capture?.folder, mayStillListen },
      events,
    );
  }

  /** Where the other processes reach one. */
  private addressOf({ host }: PlannedProcess): string {
    const machine = this.placementHosts.find(({ name }) => name === host);
    return machine?.address ?? this.options.placement?.address ?? LOOPBACK;
  }

  private notStarted(): RunError {
    const late = this.children.filter((child) => !child.isReady).map((child) => child.planned.name);
    return new RunError('process-not-started', `process ${late.join(', ')} was not ready after ${START_MS / 1000} s`);
  }

  private specFor(child: SupervisedProcess, runId: number) {
    const { network, capture, dropDatagrams, datagrams, model, external } = this.options;
    return {
      runId,
      processName: child.planned.name,
      localNodes: child.planned.nodes,
      network,
      channels: child.planned.channels,
      capture,
      dropDatagrams,
      datagrams,
      address: this.addressOf(child.planned),
      takesInput: child.planned.takesInput,
      external: external !== undefined && child.planned.nodes.includes(external.node) ? external : undefined,
      model,
    };
  }

  private onMessage(child: SupervisedProcess, message: FromProcess): void {
    if (message.type === 'progress') {
      this.options.observer.progress(message.node, message.progress);
      if (message.progress.completed === message.progress.total) this.probe();
    } else if (message.type === 'output') {
      this.options.door?.onOutput(message.node, message.output);
    } else if (message.type === 'seen') {
      this.looks.get(message.round)?.add(child.planned.name, message.counters);
    } else if (message.type === 'stamped') {
      this.options.door?.onStamped(message.stamped);
    } else if (message.type === 'held' || message.type === 'imposed') {
      this.holder?.onMessage(message);
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

  private async all<T>(step: (child: SupervisedProcess) => Promise<T>): Promise<T[]> {
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
