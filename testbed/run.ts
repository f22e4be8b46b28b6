import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { RunError } from '../base/errors.ts';
import { PS_PER_S } from '../base/units.ts';
import type { NetworkSpec } from '../link/network.ts';
import { loadTopology, projectFolder } from '../topology/load-topology.ts';
import type { RunInputs } from '../topology/run-inputs.ts';
import type { WorkloadSummary } from '../traffic-gen/latency.ts';
import { RunBundle } from './bundle.ts';
import { ControlSocket } from './control-socket.ts';
import { runDigest } from './digest.ts';
import { runInMemory } from './memory-run.ts';
import { orderOutcome, type RunOutcome } from './outcome.ts';
import { canPin } from './pinning.ts';
import { nodeOrder, planProcesses } from './process-plan.ts';
import { openProgressDisplay, type ProgressDisplay } from './progress-display.ts';
import type { RunSummary } from './report.ts';
import { prepareInputs } from './run-inputs.ts';
import { choosePinning, chooseWorkloads, type RunOptions } from './run-options.ts';
import { runProcesses } from './supervisor.ts';
import { describeViolations } from './violations.ts';

/**
 * One run from its options to its results folder.
 * @throws InputError before anything starts when something given is wrong; RunError when the run itself fails, after
 *   what was recorded has been written
 */
export async function run(options: RunOptions): Promise<RunSummary> {
  const loaded = loadTopology(options.topology);
  const topology = { ...loaded, workloads: chooseWorkloads(loaded, options) };
  const inputs = prepareInputs(topology, options.image);
  const pinned = options.transport === 'udp' && choosePinning(options, topology.workloads, canPin());
  const bundle = RunBundle.open(options.out ?? defaultFolder(topology.name), options.overwrite);
  const startMs = performance.now();
  const manifest = manifestOf(options, inputs);
  bundle.writeJson('manifest.json', { ...manifest, state: 'running' });

  const display = openProgressDisplay(process.stderr, options.json);
  const stopOnSignal = () => display.requestStop();
  process.on('SIGINT', stopOnSignal);
  process.on('SIGTERM', stopOnSignal);
  const control = new ControlSocket(bundle.folder, {
    status: () => ({ topology: topology.name, wallSeconds: (performance.now() - startMs) / 1000 }),
    stop: stopOnSignal,
  });
  try {
    const outcome = await execute(options, inputs, pinned, bundle, display);
    bundle.writeOutcome(outcome);
    const wallSeconds = (performance.now() - startMs) / 1000;
    const summary = summarise(options, inputs, outcome, pinned, wallSeconds, bundle.folder);
    bundle.writeJson('summary.json', summary);
    const state = summary.failures.length === 0 ? 'complete' : 'failed';
    bundle.writeJson('manifest.json', { ...manifest, state, digest: summary.digest });
    return summary;
  } catch (error) {
    bundle.writeJson('manifest.json', { ...manifest, state: 'failed', failure: (error as Error).message });
    if (error instanceof RunError) error.message += `; captures so far are in ${bundle.captureFolder}`;
    throw error;
  } finally {
    control.close();
    display.close();
    process.off('SIGINT', stopOnSignal);
    process.off('SIGTERM', stopOnSignal);
  }
}

async function execute(
  options: RunOptions,
  inputs: RunInputs,
  pinned: boolean,
  bundle: RunBundle,
  display: ProgressDisplay,
): Promise<RunOutcome> {
  const nodes = nodeOrder(inputs.topology);
  const network: NetworkSpec = { nodes, links: inputs.topology.links, seed: options.seed };
  const capture = options.capture ? { folder: bundle.captureFolder, precision: options.pcapPrecision } : undefined;
  if (options.transport === 'memory') {
    return orderOutcome([await runInMemory(network, inputs, capture, display)], nodes);
  }
  const parts = await runProcesses({
    processes: planProcesses(inputs.topology),
    network,
    model: inputs,
    sourceFolders: inputs.firmware.sourceFolders,
    capture,
    dropDatagrams: options.dropDatagrams,
    pinnedCore: pinned ? 0 : undefined,
    moduleFolder: join(projectFolder(), 'dist'),
    observer: display,
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
      workloads.push({ ...workload, failed: workload.requests - workload.completed });
    }
    for (const startPs of Object.values(details?.phaseStartsPs ?? {})) firstPhasePs = Math.min(firstPhasePs, startPs);
  }
  for (const { workload, requests, failed } of workloads) {
    if (failed > 0) failures.push(`workload ${workload}: ${failed} of ${requests} requests failed`);
  }
  failures.push(...describeViolations(outcome.events, inputs.firmware.sourceFolders));
  const emulatedSeconds = outcome.endPs / PS_PER_S;
  return {
    topology: inputs.topology.name,
    seed: options.seed,
    transport: options.transport,
    clock: 'virtual',
    processes: options.transport === 'udp' ? inputs.topology.processes.length : 1,
    pinned,
    workloads,
    frames: total(outcome.ports.map((port) => port.framesSent)),
    framesDropped: total(outcome.ports.map((port) => port.framesDropped)),
    emulatedSeconds,
    workloadSeconds: (outcome.endPs - firstPhasePs) / PS_PER_S,
    wallSeconds,
    speed: emulatedSeconds / wallSeconds,
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
  return {
    version: 1,
    node: process.version,
    options,
    topology: inputs.topology,
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
