import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import type { DatagramSystem } from '../../link/supervision.ts';
import { systemCalls } from '../../link/system-calls.ts';
import { projectFolder } from '../../topology/load-topology.ts';
import { runStar, type StarLoad, type StarTimed } from './star.ts';
import { runStarOverProcesses } from './star-processes.ts';

/*
 * `npm run bench -- ns-3`: the network alone against ns-3 (Debian's libns3-dev) in one process: the same star and the same
 * messages, in turns; ours in one process as well, and in seven over UDP. Ours hashes every frame for the digest of the run meanwhile; ns-3 has nothing like it.
 */

const REPETITIONS = Number(process.env.BENCH_REPETITIONS ?? 3);
const STATIONS = 5;
const AIM = 8;

interface StarCase extends StarLoad {
  readonly name: string;
}

const SMALL = { stations: STATIONS, framesPerMessage: 1, frameOctets: 100, messages: 200_000 };
const LARGE = { stations: STATIONS, framesPerMessage: 64, frameOctets: 1_100, messages: 3_000 };
const CASES: readonly StarCase[] = [
  { ...SMALL, name: 'a frame and its answer, closed loop', outstanding: 1 },
  { ...SMALL, name: 'a frame and its answer, 56 outstanding', outstanding: 56 },
  { ...LARGE, name: '64 frames and an answer, closed loop', outstanding: 1 },
];

/** A switch and six stations: seven processes. */
const SEVEN = { stations: 6 };
const OVER_UDP: readonly (StarCase & { readonly aims: Readonly<Record<DatagramSystem, number | undefined>> })[] = [
  {
    ...SMALL,
    ...SEVEN,
    name: 'a frame and its answer, closed loop',
    messages: 20_000,
    outstanding: 1,
    aims: { native: undefined, dgram: undefined },
  },
  {
    ...SMALL,
    ...SEVEN,
    name: 'a frame and its answer, 56 outstanding',
    messages: 100_000,
    outstanding: 56,
    aims: { native: 0.7, dgram: 0.3 },
  },
  ...[false, true].map((portsAreIndependent) => ({
    ...LARGE,
    ...SEVEN,
    name: `64 frames and an answer, closed loop${portsAreIndependent ? ', independent ports' : ''}`,
    outstanding: 1,
    portsAreIndependent,
    messages: portsAreIndependent ? 3_000 : 500,
    aims: portsAreIndependent ? { native: 3, dgram: 1.3 } : { native: undefined, dgram: undefined },
  })),
];

/** Prints the tables, or says why there are none. */
export async function ns3Bench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lambda-nic-ns3-'));
  try {
    const program = buildStar(folder);
    if (program === undefined) return;
    const head = ['case', 'ns-3, frame hops/s', 'ours, frame hops/s', 'ratio', 'aim', ''];
    const table = new Table({ head, style: { head: [], border: [], compact: true } });
    // V8 has not optimised anything before the first runs; ns-3 comes compiled.
    for (const load of CASES) runStar(load);
    for (const load of CASES) {
      process.stderr.write(`${load.name} ...\n`);
      const pairs = Array.from({ length: REPETITIONS }, () => ({
        theirs: hopRate(runNs3(program, load)),
        ours: hopRate(runStar(load)),
      }));
      const ratio = median(pairs.map(({ theirs, ours }) => ours / theirs));
      table.push([
        load.name,
        count(median(pairs.map(({ theirs }) => theirs))),
        count(median(pairs.map(({ ours }) => ours))),
        `${ratio.toFixed(1)} x`,
        `>= ${AIM} x`,
        ratio >= AIM ? 'reached' : 'missed',
      ]);
    }
    process.stdout.write(`${table.toString()}\n${await overUdp(program)}\n`);
    process.stdout.write(`Medians of ${REPETITIONS}; each ratio is of two runs right after one another.\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same stars in seven processes, beside ns-3 in one. */
async function overUdp(program: string): Promise<string> {
  const head = [
    'seven processes over UDP',
    '',
    'ns-3, frame hops/s',
    'ours, frame hops/s',
    'datagrams/message',
    'ratio by processor time',
    'ratio',
    'aim',
    '',
  ];
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  for (const load of OVER_UDP) {
    for (const system of ['native', 'dgram'] as const) {
      if (system === 'native' && systemCalls() === undefined) continue;
      process.stderr.write(`seven processes, ${system}: ${load.name} ...\n`);
      const pairs: { theirs: number; ours: number; datagrams: number; byCpu: number }[] = [];
      for (let repetition = 0; repetition < REPETITIONS; repetition++) {
        const theirs = runNs3(program, load);
        const ours = await runStarOverProcesses(load, system);
        pairs.push({
          theirs: hopRate(theirs),
          ours: hopRate(ours),
          datagrams: ours.datagrams / load.messages,
          byCpu: ours.hops / ours.cpuSeconds / (theirs.hops / theirs.cpuSeconds),
        });
      }
      const ratio = median(pairs.map(({ theirs, ours }) => ours / theirs));
      const aim = load.aims[system];
      table.push([
        load.name,
        system === 'native' ? 'koffi' : system,
        count(median(pairs.map(({ theirs }) => theirs))),
        count(median(pairs.map(({ ours }) => ours))),
        median(pairs.map(({ datagrams }) => datagrams)).toFixed(1),
        `${median(pairs.map(({ byCpu }) => byCpu)).toFixed(2)} x`,
        `${ratio.toFixed(2)} x`,
        aim === undefined ? '' : `>= ${aim} x`,
        aim === undefined ? '' : ratio >= aim ? 'reached' : 'missed',
      ]);
    }
  }
  return table.toString();
}

/** Compiles the star for ns-3; undefined, with a line that says so, where ns-3 or a compiler is missing. */
function buildStar(folder: string): string | undefined {
  const program = join(folder, 'star');
  const source = join(projectFolder(), 'scripts', 'bench', 'ns3', 'star.cc');
  const libraries = ['core', 'network', 'csma', 'bridge'].map((name) => `-lns3-${name}`);
  process.stderr.write('compiling the star for ns-3 ...\n');
  const built = spawnSync('g++', ['-O2', '-std=c++17', source, '-o', program, ...libraries], { encoding: 'utf8' });
  if (built.status === 0) return program;
  const reason = built.error?.message ?? built.stderr.split('\n').find((line) => line.includes('error')) ?? '';
  process.stdout.write(`ns-3 cannot be built here (Debian: apt-get install g++ libns3-dev): ${reason}\n`);
  return undefined;
}

function runNs3(program: string, load: StarLoad): StarTimed {
  const headerOctets = 14;
  const printed = execFileSync(
    program,
    [
      `--nodes=${load.stations}`,
      `--outstanding=${load.outstanding}`,
      `--messages=${load.messages}`,
      `--frames=${load.framesPerMessage}`,
      `--octets=${load.frameOctets - headerOctets}`,
    ],
    { encoding: 'utf8' },
  );
  return JSON.parse(printed) as StarTimed;
}

function hopRate({ hops, seconds }: StarTimed): number {
  return hops / seconds;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
