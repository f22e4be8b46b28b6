import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { projectFolder } from '../../topology/load-topology.ts';
import { runStar, type StarLoad, type StarTimed } from './star.ts';

/*
 * `npm run bench -- ns-3`: the network alone against ns-3 (Debian's libns3-dev), one process each, the same star and the
 * same messages, in turns. Ours hashes every frame for the digest of the run meanwhile; ns-3 has nothing like it.
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

/** Prints the table, or says why there is none. */
export function ns3Bench(): void {
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
    process.stdout.write(
      `${table.toString()}\nMedians of ${REPETITIONS}; each ratio is of two runs right after one another.\n`,
    );
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
