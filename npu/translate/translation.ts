import type { Program } from '../execution/program.ts';
import type { NicProfile } from '../profile.ts';
import { RegionEmitter } from './emit-region.ts';
import { findRegion } from './region-flow.ts';
import { isTranslated } from './translatable.ts';
import { EXPORT_RUN, IMPORT_MEMORY, IMPORT_MODULE } from './wasm-code.ts';

export interface Region {
  /** Octet addresses of the core's registers, local memory and contexts (`context-block.ts`), and the block to enter. */
  readonly run: (registers: number, localMemory: number, contexts: number, block: number) => void;
  /** Whether contexts may give the pipeline away within it. */
  readonly swaps: boolean;
  /** Whether it uses the multiplier, or a value read from a CSR. */
  readonly usesRareState: boolean;
}

/** The regions of a program that have been needed so far. */
export class Translation {
  private readonly program: Program;
  private readonly costs: NicProfile['costs'];
  private readonly memory: WebAssembly.Memory;
  private readonly worthwhileVisits: number;
  /** By instruction: the region that can be entered there, and as which of its blocks. */
  private readonly regions: (Region | undefined)[];
  readonly blocks: Int32Array;
  /** By instruction: 1 where the interpreter has to execute it. */
  private readonly untranslated: Uint8Array;
  /** By instruction: how often the interpreter has been asked to execute it for want of a region. */
  private readonly visits: Uint8Array;

  /** @param visits of an instruction, up to 255, before a region is made that begins there */
  constructor(program: Program, costs: NicProfile['costs'], memory: WebAssembly.Memory, visits: number) {
    this.worthwhileVisits = visits;
    this.program = program;
    this.costs = costs;
    this.memory = memory;
    const places = program.op.length;
    this.regions = new Array<Region | undefined>(places).fill(undefined);
    this.blocks = new Int32Array(places);
    this.visits = new Uint8Array(places);
    this.untranslated = Uint8Array.from({ length: places }, (_, i) => (isTranslated(program, i) ? 0 : 1));
  }

  /** The region that can be entered at an instruction; undefined while that is not worth its translation. */
  regionAt(place: number): Region | undefined {
    const region = this.regions[place];
    if (region !== undefined || this.untranslated[place] === 1) return region;
    if (++this.visits[place]! < this.worthwhileVisits) return undefined;
    return this.translate(place);
  }

  /** Translates the region that begins at an instruction. What other regions begin with stays theirs. */
  private translate(entry: number): Region {
    const blocks = findRegion(this.program, entry, (place) => this.regions[place] !== undefined);
    const emitter = new RegionEmitter(this.program, this.costs, blocks);
    const module = new WebAssembly.Module(emitter.emit());
    const { exports } = new WebAssembly.Instance(module, { [IMPORT_MODULE]: { [IMPORT_MEMORY]: this.memory } });
    const region: Region = {
      run: exports[EXPORT_RUN] as Region['run'],
      swaps: emitter.swaps,
      usesRareState: emitter.usesRareState,
    };
    for (const [index, { start }] of blocks.entries()) {
      this.regions[start] = region;
      this.blocks[start] = index;
    }
    return region;
  }
}
