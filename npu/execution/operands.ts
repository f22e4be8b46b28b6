import type { Core } from './core.ts';
import type { ExecutionWorld } from './engine.ts';
import { ABSOLUTE, BLOCK_WORDS, BOTH_BANKS, GPR_A, GPR_B, LOCAL_MEMORY, STEP_UP } from './registers.ts';

const LOCAL_WORD_MASK = 1023;

/** Reads an operand that is no plain register of the context: absolute register or local memory. */
export function readSpecial(
  world: ExecutionWorld,
  core: Core,
  context: number,
  code: number,
  instruction: number,
  cycle: number,
): number {
  if (code >= ABSOLUTE) return world.file[core.fileBase + code - ABSOLUTE]!;
  const word = localWord(world, core, context, code, cycle);
  if (!mayTouch(world, context, instruction, word, false)) {
    core.fault ??= { kind: 'local-memory', instruction, memory: 'local', address: word * 4 };
    return 0;
  }
  return world.local[core.localBase + word]!;
}

/** Writes a result that goes to no plain register of the context. */
export function writeSpecial(
  world: ExecutionWorld,
  core: Core,
  context: number,
  code: number,
  value: number,
  instruction: number,
  cycle: number,
): void {
  if (code >= BOTH_BANKS) {
    const at = core.fileBase + context * BLOCK_WORDS + code - BOTH_BANKS;
    world.file[at + GPR_A] = value;
    world.file[at + GPR_B] = value;
  } else if (code >= ABSOLUTE) {
    world.file[core.fileBase + code - ABSOLUTE] = value;
  } else {
    const word = localWord(world, core, context, code, cycle);
    if (mayTouch(world, context, instruction, word, true)) world.local[core.localBase + word] = value;
    else core.fault ??= { kind: 'local-memory', instruction, memory: 'local', address: word * 4 };
  }
}

/** The word that a local-memory operand names, and its pointer's step. */
function localWord(world: ExecutionWorld, core: Core, context: number, code: number, cycle: number): number {
  const how = code - LOCAL_MEMORY;
  const at = context * 4 + (how >>> 6);
  const settled = cycle > core.localPointerWritten[at]! + world.profile.costs.localMemoryPointerCycles;
  const pointers = settled ? core.localPointer : core.localPointerOld;
  const pointer = pointers[at]!;
  const step = (how >>> 4) & 3;
  if (step !== 0) pointers[at] = (pointer + (step === STEP_UP ? 4 : -4)) & 0xffc;
  return ((pointer >>> 2) + (how & 15)) & LOCAL_WORD_MASK;
}

/** A context's own slice (512 octets of 8 contexts, 1,024 of 4), or a region that the image declares. */
function mayTouch(world: ExecutionWorld, context: number, instruction: number, word: number, write: boolean): boolean {
  if (Math.floor((word * world.contexts) / 1024) === context) return true;
  const rights = world.localRights[world.owners[instruction]!]!;
  return write ? rights.allowsWrite(word * 4, 4) : rights.allowsRead(word * 4, 4);
}
