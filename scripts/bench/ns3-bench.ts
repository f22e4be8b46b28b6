import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatagramSystem } from '../../link/supervision.ts';
import { systemCalls } from '../../link/system-calls.ts';
import { projectFolder } from '../../topology/load-topology.ts';
import { grouped, median, type RatioRow } from './ratio-table.ts';
import { LARGE_MESSAGES, SMALL_MESSAGES, type StarLoad, type StarTimed } from './star.ts';
import { runStarOverProcesses } from './star-processes.ts';

/*
 * The star beside ns-3 (Debian's libns3-dev): the same star and the same messages, in turns; ours over UDP in seven
 * processes. Ours fingerprints every frame for the digest of the run meanwhile; ns-3 has nothing like it.
 */

const REPETITIONS = Number(process.env.BENCH_REPETITIONS ?? 3);

interface UdpCase extends StarLoad {
  readonly name: string;
  readonly aims: Readonly<Record<DatagramSystem, number | undefined>>;
}

/** A switch and six stations: seven processes. */
const SEVEN = { stations: 6 };
const OVER_UDP: readonly UdpCase[] = [
  {
    ...SMALL_MESSAGES,
    ...SEVEN,
    name: 'star, closed loop',
    messages: 20_000,
    outstanding: 1,
    aims: { native: undefined, dgram: undefined },
  },
  {
    ...SMALL_MESSAGES,
    ...SEVEN,
    name: 'star, 56 outstanding',
    messages: 100_000,
    outstanding: 56,
    aims: { native: 0.7, dgram: 0.3 },
  },
  ...[false, true].map((portsAreIndependent) => ({
    ...LARGE_MESSAGES,
    ...SEVEN,
    // The ports of the switch share no state, so that promises are made for each of them.
    name: portsAreIndependent ? '64 x 1,100, isolated' : '64 x 1,100 octets',
    outstanding: 1,
    portsAreIndependent,
    messages: portsAreIndependent ? 3_000 : 500,
    aims: portsAreIndependent ? { native: 3, dgram: 1.3 } : { native: undefined, dgram: undefined },
  })),
];

/** The star in seven processes beside ns-3 in one, in the cases whose names are selected. */
export async function sevenProcesses(
  isSelected: (name: string) => boolean,
  ns3: () => string | undefined,
): Promise<RatioRow[]> {
  const rows: RatioRow[] = [];
  for (const load of OVER_UDP) {
    for (const system of ['native', 'dgram'] as const) {
      const name = `udp, ${system}: ${load.name} / ns-3`;
      if (!isSelected(name) || (system === 'native' && systemCalls() === undefined)) continue;
      const program = ns3();
      if (program === undefined) return rows;
      process.stderr.write(`${name} ...\n`);
      rows.push(await besideSevenProcesses(name, load, system, program));
    }
  }
  return rows;
}

async function besideSevenProcesses(
  name: string,
  load: UdpCase,
  system: DatagramSystem,
  program: string,
): Promise<RatioRow> {
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
  const atLeast = load.aims[system];
  return {
    name,
    value: median(pairs.map(({ theirs, ours }) => ours / theirs)),
    unit: 'x',
    aim: atLeast === undefined ? undefined : { atLeast },
    figures:
      `${grouped(median(pairs.map(({ ours }) => ours)))} frame hops/s against ` +
      `${grouped(median(pairs.map(({ theirs }) => theirs)))}; ` +
      `${median(pairs.map(({ datagrams }) => datagrams)).toFixed(1)} datagrams a message; ` +
      `${median(pairs.map(({ byCpu }) => byCpu)).toFixed(2)} x by processor time`,
  };
}

/** @param measure is given the star for ns-3, compiled when first asked for; undefined where that is not possible */
export async function withNs3<T>(measure: (program: () => string | undefined) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'lambda-nic-ns3-'));
  let built: { readonly program: string | undefined } | undefined;
  try {
    return await measure(() => {
      built ??= { program: buildStar(folder) };
      return built.program;
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
  process.stderr.write(`ns-3 cannot be built here (Debian: apt-get install g++ libns3-dev): ${reason}\n`);
  return undefined;
}

/** @throws when a message is left without its answer */
export function runNs3(program: string, load: StarLoad): StarTimed {
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
