import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { NO_FAULTS } from '../../faults/fault.ts';
import type { DatagramSystem } from '../../link/supervision.ts';
import { systemCalls } from '../../link/system-calls.ts';
import { canPin } from '../../testbed/processes/pinning.ts';
import { nodeOrder, planProcesses } from '../../testbed/processes/process-plan.ts';
import { runProcesses } from '../../testbed/processes/supervisor.ts';
import { orderOutcome } from '../../testbed/results/outcome.ts';
import { runInMemory } from '../../testbed/run/memory-run.ts';
import { loadTopology, projectFolder } from '../../topology/load-topology.ts';
import { barePingPong } from './bare-ping-pong.ts';
import { sevenProcesses, withNs3 } from './ns3-bench.ts';
import { LARGE_BODY, type NullLoad, nullInputs, SMALL_BODY } from './null-load.ts';
import { oneProcess } from './one-process.ts';
import { grouped, median, type RatioRow, ratioTable, verdictOf } from './ratio-table.ts';

/*
 * `npm run bench`: how fast the emulation itself is. First ratios, each of things measured in turns, with what was aimed
 * at; then runs with workers that answer at once, in one process and in seven. Figures are of this machine at this moment.
 */

interface Case extends NullLoad {
  readonly name: string;
  readonly transport: 'memory' | 'udp';
  readonly captures: boolean;
  readonly datagrams: DatagramSystem;
}

interface Measured {
  readonly requestsPerSecond: number;
  readonly hopsPerSecond: number;
  readonly datagramsPerRequest: number;
}

const REPETITIONS = Number(process.env.BENCH_REPETITIONS ?? 3);
const SILENT = { stopRequested: false, progress() {}, emulatedTime() {} };

const DEFAULTS = {
  transport: 'memory',
  datagrams: 'dgram',
  gateway: false,
  captures: false,
  outstanding: 1,
  bodyOctets: SMALL_BODY,
} as const;

const CASES: readonly Case[] = [
  memory('direct', { outstanding: 1, requests: 200_000 }),
  memory('direct', { outstanding: 56, requests: 200_000 }),
  memory('64 KB, direct', { outstanding: 1, requests: 3_000, bodyOctets: LARGE_BODY }),
  memory('64 KB, direct', { outstanding: 56, requests: 3_000, bodyOctets: LARGE_BODY }),
  memory('gw', { outstanding: 1, requests: 100_000, gateway: true, captures: true }),
  memory('gw', { outstanding: 56, requests: 100_000, gateway: true, captures: true }),
  ...(['native', 'dgram'] as const).flatMap((datagrams) => [
    udp('direct', { datagrams, outstanding: 1, requests: 50_000 }),
    udp('direct', { datagrams, outstanding: 56, requests: 50_000 }),
    udp('64 KB, direct', { datagrams, outstanding: 1, requests: 500, bodyOctets: LARGE_BODY }),
    udp('64 KB, direct', { datagrams, outstanding: 56, requests: 500, bodyOctets: LARGE_BODY }),
    udp('gw', {
      datagrams,
      outstanding: 1,
      requests: 25_000,
      gateway: true,
      captures: true,
    }),
    udp('gw', {
      datagrams,
      outstanding: 56,
      requests: 25_000,
      gateway: true,
      captures: true,
    }),
  ]),
];

function memory(name: string, rest: Partial<Case> & Pick<Case, 'requests'>): Case {
  return { ...DEFAULTS, name, ...rest };
}

function udp(name: string, rest: Partial<Case> & Pick<Case, 'requests'>): Case {
  return { ...DEFAULTS, name, transport: 'udp', ...rest };
}

/** @param selection only the cases whose names hold it */
export async function bench(selection: string | undefined, asJson: boolean): Promise<void> {
  const isSelected = (name: string) => selection === undefined || name.includes(selection);
  const ratios = await withNs3(async (ns3) => [
    ...(await oneProcess(isSelected, ns3)),
    ...(await sevenProcesses(isSelected, ns3)),
  ]);
  if (!asJson && ratios.length > 0) process.stdout.write(`${ratioTable(ratios)}${AGAINST_WHAT}\n`);
  const runs: CaseFigures[] = [];
  for (const benchCase of CASES) {
    if (!isSelected(nameOf(benchCase))) continue;
    if (benchCase.transport === 'udp' && benchCase.datagrams === 'native' && systemCalls() === undefined) continue;
    runs.push(await repeat(benchCase));
  }
  if (asJson) process.stdout.write(`${JSON.stringify({ ratios: ratios.map(withVerdict), runs }, undefined, 2)}\n`);
  else if (runs.length > 0) process.stdout.write(runTable(runs));
  if (ratios.length + runs.length === 0) process.stdout.write(`no case has '${selection}' in its name\n`);
}

const AGAINST_WHAT =
  `Medians of ${REPETITIONS}, each ratio of two runs right after one another. ns-3 3.37 runs the\n` +
  'same star in one process (scripts/bench/ns3/star.cc) and counts frame hops a second\n' +
  'as we do; ours fingerprints every octet meanwhile. The full model is the default web\n' +
  'workload, captures off, against the ns-3 star with frames of the same mean length.\n';

function withVerdict(row: RatioRow): object {
  return { ...row, verdict: verdictOf(row) };
}

/** Medians of one case. */
interface CaseFigures extends Measured {
  readonly name: string;
  /** What two processes that do nothing else carry, datagrams a second; absent in one process. */
  readonly bareDatagramsPerSecond?: number;
  readonly ofBareBound?: number;
}

async function repeat(benchCase: Case): Promise<CaseFigures> {
  const name = nameOf(benchCase);
  process.stderr.write(`${name} ...\n`);
  const runs: Measured[] = [];
  const bare: number[] = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    // The bound is measured beside every run, because the machine's speed drifts.
    if (benchCase.transport === 'udp') bare.push(await bareFor(benchCase));
    runs.push(await measure(benchCase));
  }
  const ratios = runs.map((run, i) => (run.requestsPerSecond * run.datagramsPerRequest) / (bare[i] ?? Number.NaN));
  return {
    name,
    requestsPerSecond: median(runs.map((run) => run.requestsPerSecond)),
    hopsPerSecond: median(runs.map((run) => run.hopsPerSecond)),
    datagramsPerRequest: median(runs.map((run) => run.datagramsPerRequest)),
    ...(bare.length > 0 && { bareDatagramsPerSecond: median(bare), ofBareBound: median(ratios) }),
  };
}

function runTable(runs: readonly CaseFigures[]): string {
  const table = new Table({
    head: ['', 'requests/s', 'hops/s', 'dgrams', 'bound'],
    style: { head: [], border: [], compact: true },
  });
  for (const { name, requestsPerSecond, hopsPerSecond, datagramsPerRequest, ofBareBound } of runs) {
    table.push([
      name,
      grouped(requestsPerSecond),
      grouped(hopsPerSecond),
      ofBareBound === undefined ? '-' : datagramsPerRequest.toFixed(2),
      ofBareBound === undefined ? '-' : `${(100 * ofBareBound).toFixed(0)} %`,
    ]);
  }
  return (
    `${table.toString()}\nNull lambda, medians of ${REPETITIONS}; gw: through the gateway, captures on; 1, 56: outstanding.\n` +
    'dgrams: datagrams a request. bound: of what as many datagrams cost two processes\n' +
    'that do nothing else, all on one core.\n'
  );
}

function nameOf({ transport, datagrams, name, outstanding }: Case): string {
  const way = transport === 'memory' ? 'one process' : `udp, ${datagrams}`;
  return `${way}: ${name}, ${outstanding}`;
}

async function bareFor(benchCase: Case): Promise<number> {
  return await barePingPong(benchCase.bodyOctets > 1_000 ? 60_000 : 200, Math.min(benchCase.outstanding, 8), 20_000);
}

async function measure(benchCase: Case): Promise<Measured> {
  const inputs = nullInputs(loadTopology('four-workers'), benchCase);
  const nodes = nodeOrder(inputs.topology);
  const network = { nodes, links: inputs.topology.links, seed: 1, faults: NO_FAULTS };
  const folder = mkdtempSync(join(tmpdir(), 'lambda-nic-bench-'));
  try {
    const capture = benchCase.captures ? { folder, precision: 'ns' as const } : undefined;
    const parts =
      benchCase.transport === 'memory'
        ? [await runInMemory(network, inputs, capture, SILENT)]
        : await runProcesses({
            processes: planProcesses(inputs.topology),
            network,
            model: inputs,
            capture,
            dropDatagrams: 0,
            datagrams: benchCase.datagrams,
            pinnedCore: canPin() ? 0 : undefined,
            moduleFolder: join(projectFolder(), 'dist'),
            observer: SILENT,
          });
    const outcome = orderOutcome(parts, nodes);
    for (const [node, { failure }] of outcome.reports)
      if (failure !== undefined) throw new Error(`${node}: ${failure}`);
    // Starting seven processes is not the emulation's speed: the clock runs from the start order to the last event.
    const seconds = outcome.runningMs / 1000;
    const frames = outcome.ports.reduce((sum, port) => sum + port.framesSent, 0);
    return {
      requestsPerSecond: benchCase.requests / seconds,
      hopsPerSecond: frames / seconds,
      datagramsPerRequest: outcome.datagramsSent / benchCase.requests,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
