import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { RunError } from '../../base/errors.ts';
import { NEVER_PS } from '../../base/units.ts';
import { ExternalCalls } from '../../link/external-calls.ts';
import { Network, type NetworkSpec } from '../../link/network.ts';
import type { RecordedEvent } from '../../link/node-runtime.ts';
import { openExternal } from '../../link/open-external.ts';
import type { CaptureSpec, ExternalSpec } from '../../link/supervision.ts';
import { PcapFile } from '../../pcap/pcap-file.ts';
import { InputGate } from '../../time/input-gate.ts';
import type { NodeReport } from '../../time/node.ts';
import { Scheduler } from '../../time/scheduler.ts';
import type { RunInputs } from '../../topology/run-inputs.ts';
import { EndedEarly, type RunPart } from '../results/outcome.ts';
import type { OutsideDoor } from '../serve/outside-door.ts';
import type { LiveFaults } from './live-faults.ts';
import { createModel } from './node-registry.ts';
import type { RunObserver } from './run-observer.ts';
import { endlessLoopOf } from './violations.ts';

const SLICE_EVENTS = 20_000;
const YIELD_MS = 50;

/**
 * Runs every node in this process: the same models, one scheduler, no sockets. The fastest mode, and the reference.
 * @param door where inputs come from while the run goes on; it ends once the door is closed and all is quiet
 * @param liveFaults where faults come from while the run goes on
 * @param external what one node asks outside the emulation
 * @throws EndedEarly with what was recorded
 */
export async function runInMemory(
  spec: NetworkSpec,
  inputs: RunInputs,
  capture: CaptureSpec | undefined,
  observer: RunObserver,
  door?: OutsideDoor,
  liveFaults?: LiveFaults,
  external?: ExternalSpec,
): Promise<RunPart> {
  const scheduler = new Scheduler();
  const answers = new ExternalAnswers();
  const captures: PcapFile[] = [];
  const events: RecordedEvent[] = [];
  let endless: string | undefined;
  const network = new Network(spec, scheduler, {
    localNodes: new Set(spec.nodes),
    remoteSink: (linkIndex) => {
      throw new RunError('no-such-link', `link ${linkIndex} leaves the process`);
    },
    openCapture: (linkName) => {
      if (capture === undefined) return undefined;
      const file = PcapFile.create(join(capture.folder, `${linkName}.pcap`), { precision: capture.precision });
      captures.push(file);
      return file;
    },
    observer: {
      event: (event) => {
        events.push(event);
        endless ??= endlessLoopOf(event, inputs.firmware.sourceFolders);
      },
      progress: (node, progress) => observer.progress(node, progress),
      output: (node, output) => door?.onOutput(node, output),
    },
    externalCalls: answers.calls,
  });
  for (const node of network.runtimes.keys()) network.attach(node, (context) => createModel(node, context, inputs));
  const startMs = performance.now();
  const startCpu = process.cpuUsage();
  const outside = door === undefined ? undefined : new OutsideInputs(network, door);
  // An order ends the slice that is being executed.
  if (liveFaults !== undefined) liveFaults.onOrder = () => scheduler.lowerLimit(0);
  let failure: Error | undefined;
  try {
    if (external !== undefined) await answers.open(external);
    network.start();
    let turnMs = startMs;
    for (;;) {
      const limitPs = Math.min(outside?.gate.openUntilPs ?? NEVER_PS, answers.calls.heldPs);
      const isThrough = scheduler.run(limitPs, SLICE_EVENTS) < SLICE_EVENTS;
      if (liveFaults?.hasOrders === true) {
        network.impose(liveFaults.decide({ nowPs: scheduler.nowPs(), unboundFromPs: network.unboundFromPs() }));
        liveFaults.confirm();
      }
      const isIdle = scheduler.nextEventPs() === NEVER_PS;
      if (isIdle && (outside === undefined || outside.isOver)) break;
      network.writeCaptures(scheduler.nowPs(), false);
      if (endless !== undefined) throw new RunError('lambda-endless', endless);
      if (isThrough && !isIdle) outside?.gate.admit(scheduler.nextEventPs());
      const isHeld = isThrough && answers.calls.isWaiting;
      if (!isIdle && !isHeld && performance.now() - turnMs < YIELD_MS) continue;
      observer.emulatedTime(scheduler.nowPs());
      for (const file of captures) file.flush();
      answers.calls.flush();
      if (isHeld) await answers.next();
      else if (isIdle) await outside!.somethingNew();
      else await new Promise((resolve) => setImmediate(resolve));
      if (observer.stopRequested) throw new RunError('stopped', 'the run was stopped before its end');
      turnMs = performance.now();
    }
  } catch (error) {
    failure = error as Error;
  } finally {
    network.writeCaptures(NEVER_PS, true);
    for (const file of captures) file.close();
    answers.calls.close();
  }
  const runningMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(startCpu);
  const cpuMs = (user + system) / 1000;
  const reports: Record<string, NodeReport> = {};
  for (const node of spec.nodes) reports[node] = network.model(node).report();
  const part = {
    reports,
    ports: network.portReports(),
    events,
    endPs: scheduler.nowPs(),
    executedEvents: scheduler.executedEvents,
    datagramsSent: 0,
    datagramsResent: 0,
    cpuMs,
    runningMs,
  };
  if (failure !== undefined) throw new EndedEarly(failure, [part]);
  return part;
}

/** Longest that a run without work waits before it looks whether it was stopped, ms. */
const LONGEST_WAIT_MS = 200;

/** What comes through the door to the nodes of this process. */
class OutsideInputs {
  readonly gate = new InputGate();
  isOver = false;
  private wake: () => void = () => {};

  constructor(network: Network, door: OutsideDoor) {
    door.open({
      input: (node, input) => {
        const stamped = { timePs: this.gate.stamp(), node, input };
        network.input(stamped);
        door.onStamped(stamped);
        this.wake();
      },
      close: () => {
        this.isOver = true;
        this.gate.close();
        this.wake();
      },
      look: async () => [network.presentCounters()],
    });
  }

  /** Waits for an input, for the end, or for a moment. */
  async somethingNew(): Promise<void> {
    await momentOr((wake) => {
      this.wake = wake;
    });
  }
}

/** What is answered to nodes of this process from outside. */
class ExternalAnswers {
  readonly calls = new ExternalCalls();
  private failure: RunError | undefined;
  private wake: () => void = () => {};

  constructor() {
    this.calls.onAnswer = () => this.wake();
  }

  async open(external: ExternalSpec): Promise<void> {
    await openExternal(this.calls, external, (failure) => {
      this.failure = failure;
      this.wake();
    });
  }

  /**
   * Waits for an answer, or for a moment.
   * @throws RunError when none will come
   */
  async next(): Promise<void> {
    if (this.failure === undefined) {
      await momentOr((wake) => {
        this.wake = wake;
      });
    }
    if (this.failure !== undefined) throw this.failure;
  }
}

/** Waits until woken, at most a moment, so that somebody looks whether the run was stopped. */
async function momentOr(arrange: (wake: () => void) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    arrange(resolve);
    timer = setTimeout(resolve, LONGEST_WAIT_MS);
  });
  clearTimeout(timer);
}
