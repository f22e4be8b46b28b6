import { assert } from '../../base/assert.ts';
import { assemble } from '../../npu/assembler/assembler.ts';
import type { CoreEngine } from '../../npu/execution/engine.ts';
import type { FirmwareRegion } from '../../npu/image/firmware-image.ts';
import { Npu } from '../../npu/nic/npu.ts';
import type { NicProfile } from '../../npu/profile.ts';
import { GREY_OFFSET, greyOf, IMAGE_OCTETS, IMAGE_PIXELS } from './npu-programs.ts';

const FOREVER = 1e15;

/** What is run. */
export interface Program {
  readonly text: string;
  /** Cores that run it. */
  readonly cores: number;
  /** Contexts of each that run it; absent: context 0 alone. */
  readonly contexts?: number;
  /** For a program that does not end. */
  readonly limitCycles?: number;
  /** Whether the first `cores` images in EMEM are made grey, which is checked. */
  readonly images?: boolean;
}

export interface Timed {
  readonly seconds: number;
  readonly cycles: number;
  readonly swaps: number;
}

/** Benchmarks run longer than any request may. */
export function withoutWatchdog(profile: NicProfile): NicProfile {
  return { ...profile, packet: { ...profile.packet, watchdogCycles: FOREVER } };
}

/** A NIC with one program, to be run again and again. */
export class BenchNic {
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
    if (this.cycle === 0 || program.limitCycles === undefined) this.startContexts();
    const start = performance.now();
    npu.run(this.cycle + (program.limitCycles ?? FOREVER));
    const seconds = (performance.now() - start) / 1_000;
    if (program.images === true) this.checkImages();
    const { core } = npu.inspect(0);
    this.cycle = program.limitCycles === undefined ? core.pipelineFree + 1 : core.next;
    return { seconds, cycles: this.busyCycles() - busyBefore, swaps: npu.counters.contextSwaps - swapsBefore };
  }

  private startContexts(): void {
    for (let core = 0; core < this.coreCount; core++) {
      for (let context = 0; context < (this.program.contexts ?? 1); context++) {
        this.npu.startContext(core, context, this.cycle);
      }
    }
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

/** A pixel of the image of a core. */
export function pixelOf(image: number, pixel: number): number {
  return Math.imul(pixel * 56 + image, 0x9e37_79b1);
}
