import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { NO_FAULTS } from '../../faults/fault.ts';
import type { DatagramSystem } from '../../link/supervision.ts';
import { systemCalls } from '../../link/system-calls.ts';
import { assemble } from '../../npu/assembler/assembler.ts';
import { writeFirmwareElf } from '../../npu/image/elf-write.ts';
import { encodeProgram } from '../../npu/image/encode.ts';
import { runInMemory } from '../../testbed/memory-run.ts';
import { orderOutcome } from '../../testbed/outcome.ts';
import { canPin } from '../../testbed/pinning.ts';
import { nodeOrder, planProcesses } from '../../testbed/process-plan.ts';
import { runProcesses } from '../../testbed/supervisor.ts';
import { loadTopology, projectFolder } from '../../topology/load-topology.ts';
import type { RunFirmware, RunInputs, RunLoad } from '../../topology/run-inputs.ts';
import { barePingPong } from './bare-ping-pong.ts';

/*
 * `npm run bench`: how fast the emulation itself is, with workers that answer at once. Wall-clock figures of this
 * machine at this moment: compare ratios within one table, not figures of two runs.
 */

interface Case {
  readonly name: string;
  readonly transport: 'memory' | 'udp';
  readonly gateway: boolean;
  readonly captures: boolean;
  readonly outstanding: number;
  readonly bodyOctets: number;
  readonly datagrams: DatagramSystem;
  readonly requests: number;
}

interface Measured {
  readonly requestsPerSecond: number;
  readonly hopsPerSecond: number;
  readonly datagramsPerRequest: number;
}

const REPETITIONS = Number(process.env.BENCH_REPETITIONS ?? 3);
/** A lambda request of 100 octets on the wire before FCS: 42 of Ethernet, IPv4 and UDP, 20 of lambda header. */
const SMALL_BODY = 38;
const LARGE_BODY = 65_536;
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
  memory('null lambda, direct', { outstanding: 1, requests: 200_000 }),
  memory('null lambda, direct', { outstanding: 56, requests: 200_000 }),
  memory('64 KB to the null lambda, direct', { outstanding: 1, requests: 3_000, bodyOctets: LARGE_BODY }),
  memory('64 KB to the null lambda, direct', { outstanding: 56, requests: 3_000, bodyOctets: LARGE_BODY }),
  memory('null lambda through the gateway', { outstanding: 1, requests: 100_000, gateway: true, captures: true }),
  memory('null lambda through the gateway', { outstanding: 56, requests: 100_000, gateway: true, captures: true }),
  ...(['native', 'dgram'] as const).flatMap((datagrams) => [
    udp('null lambda, direct', { datagrams, outstanding: 1, requests: 50_000 }),
    udp('null lambda, direct', { datagrams, outstanding: 56, requests: 50_000 }),
    udp('64 KB to the null lambda, direct', { datagrams, outstanding: 1, requests: 500, bodyOctets: LARGE_BODY }),
    udp('64 KB to the null lambda, direct', { datagrams, outstanding: 56, requests: 500, bodyOctets: LARGE_BODY }),
    udp('null lambda through the gateway', {
      datagrams,
      outstanding: 1,
      requests: 25_000,
      gateway: true,
      captures: true,
    }),
    udp('null lambda through the gateway', {
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

export async function bench(selection: string | undefined): Promise<void> {
  const table = new Table({
    head: [
      '',
      'case',
      'captures',
      'outstanding',
      'requests/s',
      'frame hops/s',
      'datagrams/request',
      'bare dgram/s',
      'of the bare bound',
    ],
    style: { head: [], border: [], compact: true },
  });
  for (const benchCase of CASES) {
    const label = `${transportOf(benchCase)} ${benchCase.name}`;
    if (selection !== undefined && !label.includes(selection)) continue;
    if (benchCase.transport === 'udp' && benchCase.datagrams === 'native' && systemCalls() === undefined) continue;
    process.stderr.write(`${label}, ${benchCase.outstanding} outstanding ...\n`);
    const runs: Measured[] = [];
    const bare: number[] = [];
    for (let repetition = 0; repetition < REPETITIONS; repetition++) {
      // The bound is measured beside every run, because the machine's speed drifts.
      if (benchCase.transport === 'udp') bare.push(await bareFor(benchCase));
      runs.push(await measure(benchCase));
    }
    table.push(rowOf(benchCase, runs, bare));
  }
  process.stdout.write(`${table.toString()}\n`);
  process.stdout.write(
    'Medians of three. The bare bound is what the same number of datagrams costs two processes that do nothing else,\n' +
      'all on one core; a request of n datagrams cannot be faster than n of them.\n',
  );
}

function transportOf({ transport, datagrams }: Case): string {
  return transport === 'memory' ? transport : `udp, ${datagrams}`;
}

async function bareFor(benchCase: Case): Promise<number> {
  return await barePingPong(benchCase.bodyOctets > 1_000 ? 60_000 : 200, Math.min(benchCase.outstanding, 8), 20_000);
}

function rowOf(benchCase: Case, runs: readonly Measured[], bare: readonly number[]): string[] {
  const requestsPerSecond = median(runs.map((run) => run.requestsPerSecond));
  const datagramsPerRequest = median(runs.map((run) => run.datagramsPerRequest));
  const ratios = runs.map((run, i) => (run.requestsPerSecond * run.datagramsPerRequest) / (bare[i] ?? Number.NaN));
  const isUdp = benchCase.transport === 'udp';
  return [
    transportOf(benchCase),
    benchCase.name,
    benchCase.captures ? 'on' : 'off',
    String(benchCase.outstanding),
    count(requestsPerSecond),
    count(median(runs.map((run) => run.hopsPerSecond))),
    isUdp ? datagramsPerRequest.toFixed(2) : '-',
    isUdp ? count(median(bare)) : '-',
    isUdp ? `${(100 * median(ratios)).toFixed(0)} %` : '-',
  ];
}

async function measure(benchCase: Case): Promise<Measured> {
  const inputs = inputsFor(benchCase);
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

function inputsFor(benchCase: Case): RunInputs {
  const topology = loadTopology('four-workers');
  const hosts = topology.hosts.map((host) => (host.role === 'worker' ? { ...host, backend: 'null' as const } : host));
  const lambda = topology.lambdas[0]!;
  const load: RunLoad = {
    requests: benchCase.requests,
    concurrency: benchCase.outstanding,
    bodyOctets: benchCase.bodyOctets,
    plainLimitOctets: 1_024,
    fragmentLimitOctets: LARGE_BODY,
    requestTimeoutPs: 1e11,
    retries: 3,
    ...(benchCase.gateway ? {} : { directWorkloadId: 1 }),
  };
  return {
    topology: { ...topology, hosts, lambdas: [lambda] },
    firmware: nullFirmware(lambda.name),
    content: { pages: [] },
    load,
  };
}

/** A null worker checks its firmware and then forgets it, so the shortest valid image will do. */
function nullFirmware(lambda: string): RunFirmware {
  const octets = writeFirmwareElf({
    contexts: 8,
    instructions: encodeProgram(assemble('ctx_arb[kill]', { file: 'null.asm' }).instructions),
    entry: 0,
    data: [],
    regions: [],
    lambdas: [{ name: lambda, id: 1 }],
    symbols: [],
    lines: [],
  });
  return { octets, sha256: createHash('sha256').update(octets).digest(), lambdaIds: { [lambda]: 1 } };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
