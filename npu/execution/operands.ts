import { couplingCycles, neighbourOf, putNeighbour } from './commands/cluster.ts';
import type { Core } from './core.ts';
import { stepIndex } from './csr.ts';
import type { ExecutionWorld } from './engine.ts';
import { NN_GET, NN_PUT, T_INDEX } from './index-registers.ts';
import {
  ABSOLUTE,
  BLOCK_WORDS,
  BOTH_BANKS,
  GPR_A,
  GPR_B,
  INDEXED_NEIGHBOUR,
  INDEXED_XFER,
  LOCAL_MEMORY,
  NEIGHBOUR,
  NEIGHBOUR_REGISTERS,
  STEP_DOWN,
  STEP_UP,
  XFER_IN,
  XFER_OUT,
} from './registers.ts';

const LOCAL_WORD_MASK = 1023;
const TRANSFER_REGISTERS = 256;
/**
 * Destinations of a program that says whose next-neighbour registers it writes: + the code of one of its own. Between the
 * codes of `registers.ts`.
 */
const NEIGHBOUR_SEND = 0x800;
/** NNsendConfig of CSR CtxEnables: this core. */
const SENDS_TO_ITSELF = 1 << 20;

/** The destination of such a program in place of a code of `destinationCode`. */
export function sendingDestination(code: number): number {
  const own = code >= NEIGHBOUR && code < NEIGHBOUR + NEIGHBOUR_REGISTERS / 4;
  return own || (code >= INDEXED_NEIGHBOUR && code < NEIGHBOUR_SEND) ? NEIGHBOUR_SEND + code : code;
}

/** Reads an operand that is no plain register of the context. @param instruction whose operand it is */
export function readSpecial(world: ExecutionWorld, core: Core, code: number, instruction: number): number {
  if (code >= ABSOLUTE) return world.file[core.fileBase + code - ABSOLUTE]!;
  if (code >= INDEXED_NEIGHBOUR) return world.file[neighbourWord(world, core, code, NN_GET)]!;
  if (code >= INDEXED_XFER) return world.file[transferWord(world, core, code, XFER_IN)]!;
  const word = localWord(world, core, code);
  if (mayTouch(world, core.current, instruction, word, false)) return world.local[core.localBase + word]!;
  core.fault ??= { kind: 'local-memory', instruction, memory: 'local', address: word * 4 };
  return 0;
}

/** Writes a result that goes to no plain register of the context. */
export function writeSpecial(
  world: ExecutionWorld,
  core: Core,
  code: number,
  value: number,
  instruction: number,
): void {
  if (code >= BOTH_BANKS) {
    const at = core.block + code - BOTH_BANKS;
    world.file[at + GPR_A] = value;
    world.file[at + GPR_B] = value;
  } else if (code >= ABSOLUTE) {
    world.file[core.fileBase + code - ABSOLUTE] = value;
  } else if (code >= NEIGHBOUR_SEND) {
    sendNeighbour(world, core, code - NEIGHBOUR_SEND, value);
  } else if (code >= INDEXED_NEIGHBOUR) {
    world.file[neighbourWord(world, core, code, NN_PUT)] = value;
  } else if (code >= INDEXED_XFER) {
    world.file[transferWord(world, core, code, XFER_OUT)] = value;
  } else {
    const word = localWord(world, core, code);
    if (mayTouch(world, core.current, instruction, word, true)) world.local[core.localBase + word] = value;
    else core.fault ??= { kind: 'local-memory', instruction, memory: 'local', address: word * 4 };
  }
}

/** The word that a local-memory operand names, and its pointer's step. */
function localWord(world: ExecutionWorld, core: Core, code: number): number {
  const how = code - LOCAL_MEMORY;
  const at = core.current * 4 + (how >>> 6);
  const settled = core.now > core.localPointerWritten[at]! + world.profile.costs.localMemoryPointerCycles;
  const pointers = settled ? core.localPointer : core.localPointerOld;
  const pointer = pointers[at]!;
  const step = (how >>> 4) & 3;
  if (step !== 0) pointers[at] = (pointer + (step === STEP_UP ? 4 : -4)) & 0xffc;
  return ((pointer >>> 2) + (how & 15)) & LOCAL_WORD_MASK;
}

/**
 * The transfer register that T_INDEX names: context * 32 + number (64 with 4 contexts), as nic-firmware computes it.
 * @param half `XFER_IN` or `XFER_OUT`
 */
function transferWord(world: ExecutionWorld, core: Core, code: number, half: number): number {
  const step = code - INDEXED_XFER;
  const index = stepIndex(world, core, T_INDEX, step === STEP_UP ? 1 : step === STEP_DOWN ? -1 : 0);
  return core.fileBase + registerOfContext(index, TRANSFER_REGISTERS / world.contexts) + half;
}

/** The own next-neighbour register that NNGet or NNPut names. */
function neighbourWord(world: ExecutionWorld, core: Core, code: number, which: number): number {
  const index = stepIndex(world, core, which, code - INDEXED_NEIGHBOUR);
  return core.fileBase + registerOfContext(index, NEIGHBOUR_REGISTERS / world.contexts) + NEIGHBOUR;
}

/** Offset in the core's file of a register that is counted over all contexts. */
function registerOfContext(index: number, perContext: number): number {
  return Math.floor(index / perContext) * BLOCK_WORDS + (index % perContext);
}

/** A context's own slice (512 octets of 8 contexts, 1,024 of 4), or a region that the image declares. */
function mayTouch(world: ExecutionWorld, context: number, instruction: number, word: number, write: boolean): boolean {
  if (Math.floor((word * world.contexts) / 1024) === context) return true;
  const rights = world.localRights[world.owners[instruction]!]!;
  return write ? rights.allowsWrite(word * 4, 4) : rights.allowsRead(word * 4, 4);
}

/**
 * A result for a next-neighbour register: its own, or that of the same number of the next core of the island, which it
 * reaches later; the last core of an island has no next. An indexed one goes to the end of that core's ring.
 */
function sendNeighbour(world: ExecutionWorld, core: Core, code: number, value: number): void {
  if ((core.neighbourConfiguration & SENDS_TO_ITSELF) !== 0) {
    if (code >= INDEXED_NEIGHBOUR) world.file[neighbourWord(world, core, code, NN_PUT)] = value;
    else world.file[core.block + code] = value;
    return;
  }
  const next = neighbourOf(world.cores, core, 1);
  if (next === undefined) return;
  const register = next.fileBase + core.current * BLOCK_WORDS + code;
  world.mail.post(next, core.now + couplingCycles(world.profile.memories), () => {
    if (code >= INDEXED_NEIGHBOUR) putNeighbour(world, next, value);
    else world.file[register] = value;
  });
}
