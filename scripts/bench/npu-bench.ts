import Table from 'cli-table3';
import { assert } from '../../base/assert.ts';
import { assemble } from '../../npu/assembler/assembler.ts';
import type { CoreEngine } from '../../npu/execution/engine.ts';
import { interpretCore } from '../../npu/execution/interpreter.ts';
import type { FirmwareRegion } from '../../npu/image/firmware-image.ts';
import { Npu } from '../../npu/nic/npu.ts';
import type { NicProfile } from '../../npu/profile.ts';
import { createTranslatingEngine } from '../../npu/translate/translating-engine.ts';
import { loadNicProfile } from '../../topology/load-topology.ts';
import {
  GREY_OFFSET,
  greyByOctets,
  greyInBursts,
  greyOf,
  greyWithoutCommands,
  IMAGE_OCTETS,
  IMAGE_PIXELS,
  shortHandler,
  straightArithmetic,
} from './npu-programs.ts';

/*
 * `npm run bench -- npu`: how fast the NPU's engines execute. Ratios of one run on one machine; the aims are those that
 * the engines were built for.
 */

/** The fastest of so many runs counts: what others take of the machine is not the engine's. */
const REPETITIONS = 15;
/** Runs before those that count: V8 optimises meanwhile. */
const WARM_UP_MS = 1_500;
const FOREVER = 1e15;
const HANDLER_CYCLES = 20_000_000;

interface Program {
  readonly text: string;
  /** Cores that run it, with context 0 each. */
  readonly cores: number;
  /** For a program that does not end. */
  readonly limitCycles?: number;
  /** Whether the first `cores` images in EMEM are made grey, which is checked. */
  readonly images?: boolean;
}

interface Timed {
  readonly seconds: number;
  readonly cycles: number;
  readonly swaps: number;
}

/** Prints the table of the NPU's speeds. */
export function npuBench(): void {
  const profile = withoutWatchdog(loadNicProfile('agilio-cx-2x10'));
  const table = new Table({ head: ['case', 'measured', 'aim', ''], style: { head: [], border: [], compact: true } });
  const row = (name: string, measured: string, aim: string, reached: boolean): void => {
    process.stderr.write(`${name}: ${measured}\n`);
    table.push([name, measured, aim, reached ? 'reached' : 'missed']);
  };

  const plain = timeOfPlainGrey();
  const milliseconds = (seconds: number) => `${(1_000 * seconds).toFixed(2)} ms`;
  const registersOnly = measure(
    profile,
    { text: greyWithoutCommands(), cores: 1 },
    createTranslatingEngine(),
    WARM_UP_MS,
  );
  const withoutWaits = registersOnly.seconds / plain;
  row(
    'grey 256 x 256, one context, no waits, against plain JavaScript',
    `${withoutWaits.toFixed(2)} x (${milliseconds(registersOnly.seconds)} against ${milliseconds(plain)})`,
    '<= 2.5 x',
    withoutWaits <= 2.5,
  );
  const bursts = measure(profile, greyImages(greyInBursts(), 1), createTranslatingEngine(), WARM_UP_MS);
  const withWaits = bursts.seconds / plain;
  row(
    'the same, with waits for bursts of 128 octets from EMEM',
    `${withWaits.toFixed(2)} x (${milliseconds(bursts.seconds)})`,
    '<= 10 x',
    withWaits <= 10,
  );

  const handler = { text: shortHandler(), cores: 1, limitCycles: HANDLER_CYCLES };
  const invocations = measure(profile, handler, createTranslatingEngine(), WARM_UP_MS);
  row(
    'invocations of a 40-instruction handler',
    `${(invocations.swaps / invocations.seconds / 1e6).toFixed(1)} million/s`,
    '>= 10 million/s',
    invocations.swaps / invocations.seconds >= 1e7,
  );

  const { coreCount } = profile;
  const many = new BenchNic(profile, greyImages(greyInBursts(), coreCount), createTranslatingEngine()).run();
  row(`${coreCount} images at once, bursts`, `${many.seconds.toFixed(2)} s`, '<= 5 s', many.seconds <= 5);
  const single = new BenchNic(profile, greyImages(greyByOctets(), coreCount), createTranslatingEngine()).run();
  const references = (4 * IMAGE_PIXELS * coreCount) / 1e6;
  row(
    `${coreCount} images at once, ${references.toFixed(1)} million single references`,
    `${single.seconds.toFixed(1)} s`,
    '<= 60 s',
    single.seconds <= 60,
  );
  // Last: what V8 learns of the interpreter would slow the other cases down.
  const straight = { text: straightArithmetic(900, 3_000), cores: 1 };
  const interpreted = measure(profile, straight, interpretCore, 0, 3);
  const translated = measure(profile, straight, createTranslatingEngine(), WARM_UP_MS);
  const speedUp = interpreted.seconds / translated.seconds;
  row(
    'straight ALU code, translated against interpreted',
    `${speedUp.toFixed(1)} x (${rate(translated)} against ${rate(interpreted)} cycles/s)`,
    '>= 15 x',
    speedUp >= 15,
  );

  process.stdout.write(`${table.toString()}\n`);
}

function greyImages(text: string, cores: number): Program {
  return { text, cores, images: true };
}

function rate({ cycles, seconds }: Timed): string {
  return `${(cycles / seconds / 1e6).toFixed(0)} M`;
}

/** Benchmarks run longer than any request may. */
function withoutWatchdog(profile: NicProfile): NicProfile {
  return { ...profile, packet: { ...profile.packet, watchdogCycles: FOREVER } };
}

/** A NIC with one program, to be run again and again. */
class BenchNic {
  private readonly program: Program;
  private readonly npu: Npu;
  private readonly coreCount: number;
  private cycle = 0;

  constructor(profile: NicProfile, program: Program, engine: CoreEngine) {
    const { instructions, errors } = assemble(program.text);
    assert(errors.length === 0, `a program of the benchmark: ${errors.join('; ')}`);
    const { octets } = profile.memories.emem;
    const regions: FirmwareRegion[] = [
      { name: 'emem', owner: 'runtime', memory: 'emem', address: 0, octets, read: true, write: true },
    ];
    this.program = program;
    this.coreCount = program.cores;
    this.npu = new Npu(profile, { onSend: () => undefined, onFault: (fault) => assert(false, fault.kind) }, engine);
    this.npu.loadProgram(
      { instructions, contexts: 8, entry: 0, data: [], regions, symbols: [], lines: [] },
      0,
      () => false,
    );
    if (program.images === true) this.drawImages();
  }

  run(): Timed {
    const { npu, program } = this;
    const busyBefore = this.busyCycles();
    const swapsBefore = npu.counters.contextSwaps;
    for (let core = 0; core < this.coreCount; core++) npu.startContext(core, 0, this.cycle);
    const start = performance.now();
    npu.run(this.cycle + (program.limitCycles ?? FOREVER));
    const seconds = (performance.now() - start) / 1_000;
    if (program.images === true) this.checkImages();
    const { core } = npu.inspect(0);
    this.cycle = program.limitCycles === undefined ? core.pipelineFree + 1 : core.next;
    return { seconds, cycles: this.busyCycles() - busyBefore, swaps: npu.counters.contextSwaps - swapsBefore };
  }

  private busyCycles(): number {
    return this.npu.busyCycles.reduce((sum, { cycles }) => sum + cycles, 0);
  }

  /** Octet addresses of the image of a core and of its grey image. */
  private placesOf(index: number): { readonly image: number; readonly grey: number } {
    const { core } = this.npu.inspect(index);
    const number = ((core.islandNumber & 7) << 4) | core.numberInIsland;
    return { image: number * IMAGE_OCTETS, grey: GREY_OFFSET + number * IMAGE_PIXELS };
  }

  private drawImages(): void {
    const emem = this.npu.memory('emem');
    for (let core = 0; core < this.coreCount; core++) {
      const { image } = this.placesOf(core);
      for (let pixel = 0; pixel < IMAGE_PIXELS; pixel++) emem.writeWord(image + 4 * pixel, pixelOf(core, pixel));
    }
  }

  private checkImages(): void {
    for (let core = 0; core < this.coreCount; core++) {
      const octets = this.npu.memory('emem').read(this.placesOf(core).grey, IMAGE_PIXELS);
      const wrong = octets.findIndex((grey, pixel) => grey !== greyOf(pixelOf(core, pixel)));
      assert(wrong < 0, `pixel ${wrong} of image ${core} is ${octets[wrong]}`);
    }
  }
}

function pixelOf(image: number, pixel: number): number {
  return Math.imul(pixel * 56 + image, 0x9e37_79b1);
}

function measure(
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
