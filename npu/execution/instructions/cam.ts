import { writePointer } from '../csr.ts';
import { type Handler, readA, readB, writeResultAndCodes } from '../handler.ts';

export const camClear: Handler = (_world, core) => {
  core.cam.clear();
};

/** `x`: 0, or pointer + 1 of the local-memory pointer that takes the entry; `y`: the 1 KB of local memory it is in. */
export const camLookup: Handler = (world, core, i) => {
  const { x, y } = world.program;
  const result = core.cam.lookup(readA(world, core, i));
  if (x[i] !== 0) writePointer(world, core, core.current, x[i]! - 1, localMemoryOfEntry(y[i]!, (result >>> 3) & 15));
  writeResultAndCodes(world, core, i, result, 0, 0);
};

/** `y`: the state. */
export const camWrite: Handler = (world, core, i) => {
  const tag = readA(world, core, i);
  core.cam.write(readB(world, core, i) & 15, tag, world.program.y[i]!);
};

/** The order of use stays. */
export const camWriteState: Handler = (world, core, i) => {
  core.cam.states[readB(world, core, i) & 15] = world.program.y[i]!;
};

export const camReadTag: Handler = (world, core, i) => {
  writeResultAndCodes(world, core, i, core.cam.tags[readB(world, core, i) & 15]!, 0, 0);
};

/** *Inferred*: the state stands where a lookup puts it, in bits 11..8. */
export const camReadState: Handler = (world, core, i) => {
  writeResultAndCodes(world, core, i, core.cam.states[readB(world, core, i) & 15]! << 8, 0, 0);
};

/** *Inferred* from the fields' widths: 16 words an entry, 1 KB of local memory for all, which the instruction chooses. */
export function localMemoryOfEntry(block: number, entry: number): number {
  return (block << 10) | (entry << 6);
}
