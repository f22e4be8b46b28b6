import Table from 'cli-table3';
import { assert } from '../../base/assert.ts';
import type { CoreEngine } from '../../npu/execution/engine.ts';
import { interpretCore } from '../../npu/execution/interpreter.ts';
import type { NicProfile } from '../../npu/profile.ts';
import { createTranslatingEngine } from '../../npu/translate/translating-engine.ts';
import { loadNicProfile } from '../../topology/load-topology.ts';
import { BenchNic, type Program, pixelOf, type Timed, withoutWatchdog } from './npu-bench-nic.ts';
import {
  greyByOctets,
  greyInBursts,
  greyOf,
  greyWithoutCommands,
  IMAGE_PIXELS,
  shortHandler,
  straightArithmetic,
} from './npu-programs.ts';

/*
 * `npm run bench -- npu [TEXT]`: how fast the NPU's engines execute, with TEXT only the cases whose name holds it. Ratios
 * of one run on one machine; the aims are those that the engines were built for.
 */

/** The fastest of so many runs counts: what others take of the machine is not the engine's. */
const REPETITIONS = 15;
/** Runs before those that count: V8 optimises meanwhile. */
const WARM_UP_MS = 1_500;
const HANDLER_CYCLES = 20_000_000;

/** What a case found, and whether it was aimed at. */
interface Finding {
  readonly measured: string;
  readonly reached: boolean;
}

interface Case {
  readonly name: string;
  readonly aim: string;
  measure(profile: NicProfile): Finding;
}

// What V8 learns of the interpreter would slow other cases down: the one that needs it comes last.
const CASES: readonly Case[] = [
  {
    name: 'grey 256 x 256, one context, no waits, against plain JavaScript',
    aim: '<= 2.5 x',
    measure: (profile) => againstPlainGrey(profile, { text: greyWithoutCommands(), cores: 1 }, 2.5),
  },
  {
    name: 'grey 256 x 256, one context, with waits for bursts of 128 octets from EMEM',
    aim: '<= 10 x',
    measure: (profile) => againstPlainGrey(profile, greyImages(greyInBursts(), 1), 10),
  },
  {
    name: 'invocations of a 40-instruction handler by one context',
    aim: '>= 10 million/s',
    measure: (profile) => invocations(profile, 1),
  },
  {
    name: 'invocations of a 40-instruction handler by eight contexts in turn',
    aim: '>= 10 million/s',
    measure: (profile) => invocations(profile, 8),
  },
  {
    name: 'an image on every core at once, bursts',
    aim: '<= 5 s',
    measure: (profile) => onEveryCore(profile, greyInBursts(), 5),
  },
  {
    name: `an image on every core at once, ${4 * IMAGE_PIXELS} single references each`,
    aim: '<= 60 s',
    measure: (profile) => onEveryCore(profile, greyByOctets(), 60),
  },
  {
    name: 'straight ALU code, translated against interpreted',
    aim: '>= 15 x',
    measure: translatedAgainstInterpreted,
  },
];

/** Prints the table of the NPU's speeds. */
export function npuBench(part = ''): void {
  const profile = withoutWatchdog(loadNicProfile('agilio-cx-2x10'));
  const table = new Table({ head: ['case', 'measured', 'aim', ''], style: { head: [], border: [], compact: true } });
  for (const { name, aim, measure } of CASES) {
    if (!name.includes(part)) continue;
    const { measured, reached } = measure(profile);
    process.stderr.write(`${name}: ${measured}\n`);
    table.push([name, measured, aim, reached ? 'reached' : 'missed']);
  }
  process.stdout.write(`${table.toString()}\n`);
}

function againstPlainGrey(profile: NicProfile, program: Program, atMost: number): Finding {
  const plain = timeOfPlainGrey();
  const { seconds } = fastestRun(profile, program, createTranslatingEngine(), WARM_UP_MS);
  const ratio = seconds / plain;
  const milliseconds = (value: number) => `${(1_000 * value).toFixed(2)} ms`;
  return {
    measured: `${ratio.toFixed(2)} x (${milliseconds(seconds)} against ${milliseconds(plain)})`,
    reached: ratio <= atMost,
  };
}

function invocations(profile: NicProfile, contexts: number): Finding {
  const handler: Program = { text: shortHandler(), cores: 1, contexts, limitCycles: HANDLER_CYCLES };
  const { swaps, seconds } = fastestRun(profile, handler, createTranslatingEngine(), WARM_UP_MS);
  return { measured: `${(swaps / seconds / 1e6).toFixed(1)} million/s`, reached: swaps / seconds >= 1e7 };
}

/** One run from a cold start. */
function onEveryCore(profile: NicProfile, text: string, atMostSeconds: number): Finding {
  const nic = new BenchNic(profile, greyImages(text, profile.coreCount), createTranslatingEngine());
  const { seconds } = nic.run();
  return {
    measured: `${seconds.toFixed(2)} s (${profile.coreCount} cores)`,
    reached: seconds <= atMostSeconds,
  };
}

function translatedAgainstInterpreted(profile: NicProfile): Finding {
  const straight = { text: straightArithmetic(900, 3_000), cores: 1 };
  const interpreted = fastestRun(profile, straight, interpretCore, 0, 3);
  const translated = fastestRun(profile, straight, createTranslatingEngine(), WARM_UP_MS);
  const speedUp = interpreted.seconds / translated.seconds;
  return {
    measured: `${speedUp.toFixed(1)} x (${rate(translated)} against ${rate(interpreted)} cycles/s)`,
    reached: speedUp >= 15,
  };
}

function greyImages(text: string, cores: number): Program {
  return { text, cores, images: true };
}

function rate({ cycles, seconds }: Timed): string {
  return `${(cycles / seconds / 1e6).toFixed(0)} M`;
}

function fastestRun(
  profile: NicProfile,
  program: Program,
  engine: CoreEngine,
  warmUpMs: number,
  repetitions = REPETITIONS,
): Timed {
  const nic = new BenchNic(profile, program, engine);
  const start = performance.now();
  while (performance.now() - start < warmUpMs) nic.run();
  return fastest(Array.from({ length: repetitions }, () => nic.run()));
}

/** The images' work as a loop over arrays, seconds. */
function timeOfPlainGrey(): number {
  const image = Int32Array.from({ length: IMAGE_PIXELS }, (_, pixel) => pixelOf(0, pixel));
  const grey = new Uint8Array(IMAGE_PIXELS);
  const times: number[] = [];
  for (let i = 0; i < 50; i++) {
    const start = performance.now();
    greyImage(image, grey);
    times.push((performance.now() - start) / 1_000);
  }
  assert(grey[1] === greyOf(pixelOf(0, 1)), 'the plain loop');
  return Math.min(...times);
}

function greyImage(image: Int32Array, grey: Uint8Array): void {
  for (let pixel = 0; pixel < image.length; pixel++) grey[pixel] = greyOf(image[pixel]!);
}

function fastest(runs: readonly Timed[]): Timed {
  return runs.reduce((best, run) => (run.seconds < best.seconds ? run : best));
}
