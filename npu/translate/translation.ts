import type { Program } from '../execution/program.ts';
import type { NicProfile } from '../profile.ts';
import { RegionEmitter } from './emit-region.ts';
import { findRegion } from './region-flow.ts';
import { isTranslated } from './translatable.ts';
import { EXPORT_RUN, IMPORT_MEMORY, IMPORT_MODULE } from './wasm-code.ts';

export interface Region {
  /** Octet addresses of the context's registers and of the core's local memory, and the block to enter. */
  readonly run: (registers: number, localMemory: number, block: number) => void;
  /** Local-memory pointers that it uses. */
  readonly pointers: readonly number[];
}

/** The regions of a program that have been needed so far. */
export class Translation {
  private readonly program: Program;
  private readonly costs: NicProfile['costs'];
  private readonly memory: WebAssembly.Memory;
  /** By instruction: the region that can be entered there, and as which of its blocks. */
  readonly regions: (Region | undefined)[];
  readonly blocks: Int32Array;
  /** By instruction: 1 where the interpreter has to execute it. */
  readonly untranslated: Uint8Array;

  constructor(program: Program, costs: NicProfile['costs'], memory: WebAssembly.Memory) {
    this.program = program;
    this.costs = costs;
    this.memory = memory;
    const places = program.op.length;
    this.regions = new Array<Region | undefined>(places).fill(undefined);
    this.blocks = new Int32Array(places);
    this.untranslated = Uint8Array.from({ length: places }, (_, i) => (isTranslated(program, i) ? 0 : 1));
  }

  /** Translates the region that begins at an instruction. */
  translate(entry: number): Region {
    const blocks = findRegion(this.program, entry);
    const emitter = new RegionEmitter(this.program, this.costs, blocks);
    const module = new WebAssembly.Module(emitter.emit());
    const { exports } = new WebAssembly.Instance(module, { [IMPORT_MODULE]: { [IMPORT_MEMORY]: this.memory } });
    const region: Region = { run: exports[EXPORT_RUN] as Region['run'], pointers: emitter.usedPointers };
    for (const [index, { start }] of blocks.entries()) {
      if (this.regions[start] !== undefined) continue;
      this.regions[start] = region;
      this.blocks[start] = index;
    }
    return region;
  }
}
