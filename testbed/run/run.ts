import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { RunError } from '../../base/errors.ts';
import { PS_PER_S } from '../../base/units.ts';
import type { NetworkSpec, StampedInput } from '../../link/network.ts';
import type { ExternalSpec } from '../../link/supervision.ts';
import { systemCalls } from '../../link/system-calls.ts';
import { loadFaults, loadTopology, projectFolder } from '../../topology/load-topology.ts';
import type { RunInputs } from '../../topology/run-inputs.ts';
import type { WorkloadSummary } from '../../traffic-gen/latency.ts';
import { thisLauncher } from '../processes/launcher.ts';
import { canPin } from '../processes/pinning.ts';
import { nodeOrder, planProcesses } from '../processes/process-plan.ts';
import { runProcesses } from '../processes/supervisor.ts';
import { RunBundle } from '../results/bundle.ts';
import { runDigest } from '../results/digest.ts';
import { EndedEarly, orderOutcome, type RunOutcome } from '../results/outcome.ts';
import { deepestQueues } from '../results/queue-depths.ts';
import type { RunSummary } from '../results/report.ts';
import { requestTables } from '../results/request-tables.ts';
import { MANIFEST, type RunState, settleDeadRuns } from '../results/run-fate.ts';
import type { OutsideDoor } from '../serve/outside-door.ts';
import { printable } from '../terminal.ts';
import { ControlSocket } from './control-socket.ts';
import { type LiveChange, LiveFaults } from './live-faults.ts';
import { answersFor, EXTERNAL_JOURNAL } from './memcached-option.ts';
import { runInMemory } from './memory-run.ts';
import { openProgressDisplay, type ProgressDisplay } from './progress-display.ts';
import { prepareInputs } from './run-inputs.ts';
import {
  chooseDatagrams,
  choosePinning,
  choosePlacement,
  chooseToken,
  chooseWorkloads,
  type RunOptions,
} from './run-options.ts';
import { prepareProgram } from './run-program.ts';
import { describeViolations } from './violations.ts';

/**
 * One run from its options to its results folder.
 * @throws InputError before anything starts when something given is wrong; RunError when the run itself fails, after
 *   what was recorded has been written
 */
export async function run(options: RunOptions): Promise<RunSummary> {
  return await carry(options, inputsOf(options));
}

/** Something that goes on beside a run and gives it inputs until it is stopped. */
export interface Service {
  readonly door: OutsideDoor;
  /** The run is about to begin; its folder is there. */
  open(bundle: RunBundle): Promise<void>;
  /** Somebody asked for the end: takes nothing new, and closes the door when all that was taken is answered. */
  stop(): void;
  /** The run is over, whatever its end was. */
  close(): Promise<void>;
}

/** Where a run's inputs from outside come from; none in most runs. */
export interface Outside {
  readonly service?: Service;
  /** What came in the run that this one repeats. */
  readonly journal?: readonly StampedInput[];
  /** The answers of a server outside, in the run that this one repeats. */
  readonly answersFile?: string;
}

/**
 * Carries a run from its inputs to its results folder.
 * @throws as `run`
 */
export async function carry(options: RunOptions, given: RunInputs, outside: Outside = {}): Promise<RunSummary> {
  const inputs: RunInputs = options.memcached === undefined ? given : { ...given, memcached: 'real' };
  const answers = await answersFor(options, inputs.topology, outside.answersFile);
  const { service } = outside;
  const { topology, program } = inputs;
  const pinned =
    options.transport === 'udp' && choosePinning(options, program?.workloads ?? topology.workloads, canPin());
  const token =
    options.transport === 'udp'
      ? chooseToken(topology.placement, options, () => randomBytes(16).toString('hex'))
      : undefined;
  const bundle = RunBundle.open(options.out ?? defaultFolder(program?.name ?? topology.name), options.overwrite);
  for (const line of settleDeadRuns(dirname(bundle.folder))) process.stderr.write(`note: ${printable(line)}\n`);
  const external = answers && { ...answers, journalFile: join(bundle.folder, EXTERNAL_JOURNAL) };
  const startMs = performance.now();
  const manifest = manifestOf(options, inputs);
  const liveFaults = new LiveFaults(topology, topology.faults);
  const changes: LiveChange[] = [];
  const writeManifest = (state: RunState, outcome: { readonly digest?: string; readonly failure?: string }): void => {
    const live = changes.length === 0 ? {} : { liveFaults: changes };
    bundle.writeJson(MANIFEST, { version: 1, state, ...outcome, ...live, ...manifest });
  };
  writeManifest('started', {});
  liveFaults.onChange = (change) => {
    changes.push(change);
    bundle.writeFaults(liveFaults.all);
    writeManifest('started', {});
  };

  const display = openProgressDisplay(process.stderr, options.json);
  let isStopping = false;
  const stopOnSignal = () => {
    // Whoever asks twice does not want to wait for answers.
    if (service === undefined || isStopping) display.requestStop();
    else service.stop();
    isStopping = true;
  };
  process.on('SIGINT', stopOnSignal);
  process.on('SIGTERM', stopOnSignal);
  const control = new ControlSocket(bundle.folder, {
    status: () => ({
      topology: topology.name,
      wallSeconds: (performance.now() - startMs) / 1000,
      ...display.standing,
    }),
    stop: stopOnSignal,
    fault: (text, folder) => liveFaults.begin(text, folder),
    endFault: (name) => liveFaults.end(name),
  });
  try {
    await service?.open(bundle);
    const outcome = await execute(options, inputs, { pinned, token }, bundle, display, {
      ...outside,
      liveFaults,
      external,
    });
    liveFaults.close();
    bundle.writeOutcome(outcome, requestTables(topology, outcome.reports));
    const wallSeconds = (performance.now() - startMs) / 1000;
    const summary = summarise(options, inputs, outcome, pinned, wallSeconds, bundle.folder);
    bundle.writeJson('summary.json', summary);
    writeManifest(summary.failures.length === 0 ? 'complete' : 'failed', { digest: summary.digest });
    return summary;
  } catch (error) {
    const cause = error instanceof EndedEarly ? error.cause : (error as Error);
    writeManifest('failed', { failure: cause.message });
    if (error instanceof EndedEarly) {
      const outcome = orderOutcome(error.parts, nodeOrder(topology));
      bundle.writeOutcome(outcome, requestTables(topology, outcome.reports));
    }
    if (cause instanceof RunError) cause.message += `; what was recorded until then is in ${bundle.folder}`;
    throw cause;
  } finally {
    liveFaults.close();
    await service?.close();
    control.close();
    display.close();
    process.off('SIGINT', stopOnSignal);
    process.off('SIGTERM', stopOnSignal);
  }
}

/** What the models of a run are built from, as its options say. */
export function inputsOf(options: RunOptions): RunInputs {
  const read = loadTopology(options.topology);
  const faults = options.faults === undefined ? read.faults : loadFaults(options.faults, read);
  const loaded = { ...read, faults, placement: choosePlacement(read, options, availableParallelism()) };
  // It takes a second, and warnings may follow: a line of its own for whoever watches, before any bar.
  if (!options.json && process.stderr.isTTY) process.stderr.write('compiling ...\n');
  if (options.program !== undefined) return prepareProgram(loaded, options.program, options);
  return prepareInputs({ ...loaded, workloads: chooseWorkloads(loaded, options) }, options.image);
}

async function execute(
  options: RunOptions,
  inputs: RunInputs,
  { pinned, token }: { readonly pinned: boolean; readonly token: string | undefined },
  bundle: RunBundle,
  display: ProgressDisplay,
  {
    service,
    journal,
    liveFaults,
    external,
  }: Outside & {
    readonly liveFaults: LiveFaults;
    readonly external: ExternalSpec | undefined;
  },
): Promise<RunOutcome> {
  const nodes = nodeOrder(inputs.topology);
  const { links, faults } = inputs.topology;
  const inputsFromOutside = journal === undefined ? {} : { inputs: journal };
  const network: NetworkSpec = { nodes, links, seed: options.seed, faults, ...inputsFromOutside };
  const door = service?.door;
  const capture = options.capture ? { folder: bundle.captureFolder, precision: options.pcapPrecision } : undefined;
  if (options.transport === 'memory') {
    display.stage('building the nodes');
    return orderOutcome([await runInMemory(network, inputs, capture, display, door, liveFaults, external)], nodes);
  }
  const processes = planProcesses(inputs.topology, door?.nodes);
  display.stage(`starting ${processes.length} processes`);
  const parts = await runProcesses({
    processes,
    network,
    model: inputs,
    sourceFolders: inputs.firmware.sourceFolders,
    capture,
    dropDatagrams: options.dropDatagrams,
    datagrams: chooseDatagrams(options, systemCalls() !== undefined),
    pinnedCore: pinned ? 0 : undefined,
    moduleFolder: join(projectFolder(), 'dist'),
    placement: inputs.topology.placement,
    ...(token === undefined ? {} : { token }),
    observer: display,
    door,
    liveFaults,
    external,
  });
  return orderOutcome(parts, nodes);
}

function summarise(
  options: RunOptions,
  inputs: RunInputs,
  outcome: RunOutcome,
  pinned: boolean,
  wallSeconds: number,
  results: string,
): RunSummary {
  const workloads: WorkloadSummary[] = [];
  const failures: string[] = [];
  let firstPhasePs = outcome.endPs;
  for (const [node, report] of outcome.reports) {
    if (report.failure !== undefined) failures.push(`${node}: ${report.failure}`);
    const details = report.details as
      | { readonly workloads?: readonly WorkloadSummary[]; readonly phaseStartsPs?: Record<string, number> }
      | undefined;
    // The run is over: what has not been answered by now never will be.
    for (const workload of details?.workloads ?? []) {
      const { requests, completed, failed, failures: ended } = workload;
      const never = requests - completed - failed;
      workloads.push({
        ...workload,
        failed: requests - completed,
        failures: never === 0 ? ended : { ...ended, 'not-ended': never },
      });
    }
    for (const startPs of Object.values(details?.phaseStartsPs ?? {})) firstPhasePs = Math.min(firstPhasePs, startPs);
  }
  for (const { workload, requests, failed, failures: how } of workloads) {
    if (failed === 0) continue;
    const counts = Object.entries(how).map(([status, count]) => `${count} ${status}`);
    failures.push(`workload ${workload}: ${failed} of ${requests} requests failed: ${counts.join(', ')}`);
  }
  failures.push(...describeViolations(outcome.events, inputs.firmware.sourceFolders));
  const emulatedSeconds = outcome.endPs / PS_PER_S;
  return {
    topology: inputs.topology.name,
    seed: options.seed,
    transport: options.transport,
    clock: 'virtual',
    processes: options.transport === 'udp' ? inputs.topology.placement.processes.length : 1,
    pinned,
    workloads,
    frames: total(outcome.ports.map((port) => port.framesSent)),
    framesDropped: outcome.events.filter(({ event }) => event.kind === 'frame-dropped').length,
    emulatedSeconds,
    workloadSeconds: (outcome.endPs - firstPhasePs) / PS_PER_S,
    wallSeconds,
    speed: emulatedSeconds / wallSeconds,
    queues: deepestQueues(outcome.reports),
    digest: runDigest(outcome),
    results,
    datagramsSent: outcome.datagramsSent,
    datagramsResent: outcome.datagramsResent,
    failures,
  };
}

/** Everything that decides the run, without a default that nobody recorded. */
function manifestOf(options: RunOptions, inputs: RunInputs): Record<string, unknown> {
  const { octets, sha256, lambdaIds, sourceFolders } = inputs.firmware;
  const { token: _secret, ...recorded } = options;
  return {
    node: process.version,
    launcher: thisLauncher(),
    options: recorded,
    topology: inputs.topology,
    ...(inputs.program === undefined ? {} : { program: inputs.program }),
    firmware: { octets: octets.length, sha256: Buffer.from(sha256).toString('hex'), lambdaIds, sourceFolders },
  };
}

/** `results/four-workers-2026-01-31T12-00-00`: the wall clock names a folder and nothing else. */
function defaultFolder(topologyName: string): string {
  const now = new Date().toISOString().slice(0, 23).replaceAll(':', '-').replace('.', '-');
  return join(projectFolder(), 'results', `${topologyName}-${now}`);
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
