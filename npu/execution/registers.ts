import { InputError } from '../../base/errors.ts';
import type { ContextMode, Operand } from '../isa/instruction.ts';

/**
 * Where registers lie. Each context has a block of words in the NIC's register file; most operands are an index into
 * the block of the running context, so that reading one costs one load. Immediates 0..255 lie in the block too.
 */
export const BLOCK_WORDS = 512;
export const GPR_A = 0;
export const GPR_B = 32;
export const XFER_IN = 64;
export const XFER_OUT = 128;
export const NEIGHBOUR = 192;
/** Where results without destination go. */
export const SINK = 224;
export const CONSTANTS = 256;
/** Contexts that the register file has room for, whatever the mode. */
export const CONTEXT_SLOTS = 8;
export const CORE_WORDS = BLOCK_WORDS * CONTEXT_SLOTS;

/** Codes from here on need `readSpecial` and `writeSpecial` of the core. */
export const SPECIAL = 512;
/** Local memory: + pointer * 64 + step * 16 + offset; step 0 none, 1 up, 2 down. */
export const LOCAL_MEMORY = SPECIAL;
export const STEP_UP = 1;
export const STEP_DOWN = 2;
/** Transfer register that T_INDEX names, and next-neighbour register that NNGet or NNPut does: + step. */
export const INDEXED_XFER = 0x400;
export const INDEXED_NEIGHBOUR = 0x410;
/** A word of the core's register file, whatever the context: + offset in the core's words. */
export const ABSOLUTE = 0x1000;
/** Destination in both banks: + number. */
export const BOTH_BANKS = 0x4000;

/** Next-neighbour registers of a core, over all contexts. */
export const NEIGHBOUR_REGISTERS = 128;

/** The local memory that a context may use without further declaration; the ABI's slice. */
export const LOCAL_MEMORY_WORDS = 1024;

/** Code of an operand that is read. `none` reads as 0, as the chip's encoding of `--` does. */
export function sourceCode(operand: Operand, contexts: ContextMode): number {
  switch (operand.kind) {
    case 'xfer':
      return XFER_IN + operand.index;
    case 'immediate':
      return CONSTANTS + operand.value;
    case 'none':
      return CONSTANTS;
    default:
      return registerCode(operand, contexts);
  }
}

/** Code of an operand that is written. */
export function destinationCode(operand: Operand, contexts: ContextMode, writeBoth: boolean): number {
  switch (operand.kind) {
    case 'xfer':
      return XFER_OUT + operand.index;
    case 'none':
      return SINK;
    case 'gpr':
      return writeBoth ? BOTH_BANKS + operand.index : registerCode(operand, contexts);
    case 'immediate':
      throw new InputError('npu-bad-operand', 'an immediate is no destination');
    default:
      return registerCode(operand, contexts);
  }
}

function registerCode(
  operand: Exclude<Operand, { kind: 'xfer' | 'immediate' | 'none' }>,
  contexts: ContextMode,
): number {
  switch (operand.kind) {
    case 'gpr':
      return (operand.bank === 'A' ? GPR_A : GPR_B) + operand.index;
    case 'neighbour':
      return NEIGHBOUR + operand.index;
    case 'local_memory':
      return LOCAL_MEMORY + operand.pointer * 64 + stepCode(operand.step) * 16 + operand.offset;
    case 'absolute_gpr': {
      const perContext = 128 / contexts;
      const context = Math.floor(operand.index / perContext);
      const bank = operand.bank === 'A' ? GPR_A : GPR_B;
      return ABSOLUTE + context * BLOCK_WORDS + bank + (operand.index % perContext);
    }
    case 'indexed_xfer':
      return INDEXED_XFER + stepCode(operand.step);
    case 'indexed_neighbour':
      return INDEXED_NEIGHBOUR + stepCode(operand.step);
  }
}

function stepCode(step: -1 | 0 | 1): number {
  return step === 1 ? STEP_UP : step === -1 ? STEP_DOWN : 0;
}

/** The index of an operand that has to be a plain register or constant of the running context. */
export function isPlain(code: number): boolean {
  return code < SPECIAL;
}
