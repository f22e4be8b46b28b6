import { assert, unreachable } from '../../base/assert.ts';
import type { Bank, ContextMode, Operand } from './instruction.ts';

/**
 * Register and immediate operands in instruction words. *Unrestricted* operands have 10 bits (alu, immed, CSR, multiply,
 * jump); *restricted* ones 8 (shift, field, byte and bit branches, commands): no absolute or next-neighbour register
 * by number, smaller local-memory offsets, no post-increment there, and of an immediate only 7 bits (the eighth lies
 * elsewhere in the word, where there is one).
 * Sources: GNU binutils 2.40 `opcodes/nfp-dis.c`; Linux `nfp_asm.c` (which word "no operand" is).
 */

const UNRESTRICTED_ABSOLUTE = 0x080;
const UNRESTRICTED_INDEXED_XFER = 0x100;
const UNRESTRICTED_XFER = 0x180;
const UNRESTRICTED_XFER_UPPER = 0x040;
const UNRESTRICTED_LOCAL_MEMORY = 0x200;
const UNRESTRICTED_INDEXED_NEIGHBOUR = 0x240;
const UNRESTRICTED_NEIGHBOUR = 0x280;
/** Also "no destination". */
export const UNRESTRICTED_IMMEDIATE = 0x300;

const RESTRICTED_INDEXED_XFER = 0x40;
const RESTRICTED_INDEXED_NEIGHBOUR = 0x41;
const RESTRICTED_LOCAL_MEMORY = 0x50;
const RESTRICTED_XFER = 0x80;
const RESTRICTED_XFER_UPPER = 0x40;
/** Also "no destination". */
const RESTRICTED_IMMEDIATE = 0x20;

/** What both sources hold where the instruction reads none. */
const NO_SOURCE = 0;

/** Registers of a kind that one context names: GPRs of a bank, next-neighbour registers, half the transfer registers. */
export function registersPerContext(contexts: ContextMode): 16 | 32 {
  return contexts === 8 ? 16 : 32;
}

/** The bank that a GPR lies in; the other operands have none. */
export function bankOf(operand: Operand): Bank | undefined {
  return operand.kind === 'gpr' || operand.kind === 'absolute_gpr' ? operand.bank : undefined;
}

/** Whether the operand goes through local-memory pointer 2 or 3, which takes a bit of its own in the word. */
export function usesExtendedPointer(operand: Operand): boolean {
  return operand.kind === 'local_memory' && operand.pointer >= 2;
}

export interface PlacedSources {
  /** In the field of bank A. */
  readonly a: Operand;
  readonly b: Operand;
  /** The first operand of the text lies in bank B's field. */
  readonly swapped: boolean;
}

/** Puts the two sources of an instruction into the fields of their banks. */
export function placeSources(left: Operand, right: Operand): PlacedSources {
  const swapped = bankOf(left) === 'B' || bankOf(right) === 'A';
  const placed = swapped ? { a: right, b: left, swapped } : { a: left, b: right, swapped };
  assert(bankOf(placed.a) !== 'B' && bankOf(placed.b) !== 'A', 'two sources from one bank: verify before encoding');
  return placed;
}

function stepBits(step: -1 | 0 | 1): number {
  return step === 0 ? 0 : step === 1 ? 2 : 4;
}

/** 10-bit code of an operand. The bank of a GPR is not part of it. */
export function unrestrictedCode(operand: Operand, role: 'source' | 'destination', contexts: ContextMode): number {
  const registers = registersPerContext(contexts);
  switch (operand.kind) {
    case 'none':
      return role === 'destination' ? UNRESTRICTED_IMMEDIATE : NO_SOURCE;
    case 'gpr':
      return operand.index;
    case 'absolute_gpr':
      return UNRESTRICTED_ABSOLUTE + operand.index;
    case 'xfer':
      return operand.index < registers
        ? UNRESTRICTED_XFER + operand.index
        : UNRESTRICTED_XFER + UNRESTRICTED_XFER_UPPER + operand.index - registers;
    case 'indexed_xfer':
      return UNRESTRICTED_INDEXED_XFER + stepBits(operand.step);
    case 'neighbour':
      return UNRESTRICTED_NEIGHBOUR + operand.index;
    case 'indexed_neighbour':
      return UNRESTRICTED_INDEXED_NEIGHBOUR + stepBits(operand.step);
    case 'local_memory': {
      const pointer = UNRESTRICTED_LOCAL_MEMORY + (operand.pointer & 1) * 0x20;
      if (operand.step === 0) return pointer + operand.offset;
      return pointer + 0x10 + (operand.step === -1 ? 1 : 0);
    }
    case 'immediate':
      return UNRESTRICTED_IMMEDIATE + operand.value;
    default:
      return unreachable(operand);
  }
}

/**
 * The operand that a 10-bit code means, or undefined for a code that means nothing. An immediate stands for "none" in a
 * destination; the caller knows.
 * @param extended the word's bit that adds 2 to the local-memory pointer
 */
export function unrestrictedOperand(
  code: number,
  bank: Bank,
  extended: boolean,
  contexts: ContextMode,
): Operand | undefined {
  const registers = registersPerContext(contexts);
  const index = code & (registers - 1);
  switch (code >> 6) {
    case 0x0:
      return { kind: 'gpr', bank, index };
    case 0x2:
    case 0x3:
      return { kind: 'absolute_gpr', bank, index: code & 0x7f };
    case 0x4:
    case 0x5:
      return indexedXfer(code);
    case 0x6:
      return { kind: 'xfer', index };
    case 0x7:
      return { kind: 'xfer', index: registers + index };
    case 0x8: {
      const pointer = pointerOf((code >> 5) & 1, extended);
      if ((code & 0x10) === 0) return { kind: 'local_memory', pointer, offset: code & 0xf, step: 0 };
      return { kind: 'local_memory', pointer, offset: 0, step: (code & 1) === 1 ? -1 : 1 };
    }
    case 0x9:
      return { kind: 'indexed_neighbour', step: (code & 2) === 2 ? 1 : 0 };
    case 0xa:
      return { kind: 'neighbour', index };
    case 0xc:
    case 0xd:
    case 0xe:
    case 0xf:
      return { kind: 'immediate', value: code & 0xff };
    default:
      return undefined;
  }
}

/** 8-bit code of an operand; of an immediate the low 7 bits. */
export function restrictedCode(operand: Operand, role: 'source' | 'destination', contexts: ContextMode): number {
  const registers = registersPerContext(contexts);
  switch (operand.kind) {
    case 'none':
      return role === 'destination' ? RESTRICTED_IMMEDIATE : NO_SOURCE;
    case 'gpr':
      return operand.index;
    case 'xfer':
      return operand.index < registers
        ? RESTRICTED_XFER + operand.index
        : RESTRICTED_XFER + RESTRICTED_XFER_UPPER + operand.index - registers;
    case 'indexed_xfer':
      return RESTRICTED_INDEXED_XFER + stepBits(operand.step);
    case 'indexed_neighbour':
      return RESTRICTED_INDEXED_NEIGHBOUR + stepBits(operand.step);
    case 'local_memory':
      return RESTRICTED_LOCAL_MEMORY + (operand.pointer & 1) * 8 + operand.offset;
    case 'immediate':
      return RESTRICTED_IMMEDIATE + (operand.value & 0x1f) + (operand.value & 0x60) * 2;
    case 'absolute_gpr':
    case 'neighbour':
      assert(false, `${operand.kind} does not fit a restricted operand: verify before encoding`);
      break;
    default:
      return unreachable(operand);
  }
}

/** Whether an 8-bit code is an immediate (or no destination). */
export function isRestrictedImmediate(code: number): boolean {
  return (code & RESTRICTED_IMMEDIATE) !== 0;
}

/**
 * The operand that an 8-bit code means, or undefined.
 * @param immediateHigh bit 7 of an immediate
 */
export function restrictedOperand(
  code: number,
  bank: Bank,
  extended: boolean,
  immediateHigh: number,
  contexts: ContextMode,
): Operand | undefined {
  if (isRestrictedImmediate(code)) {
    return { kind: 'immediate', value: immediateHigh * 0x80 + ((code >> 1) & 0x60) + (code & 0x1f) };
  }
  const registers = registersPerContext(contexts);
  const index = code & (registers - 1);
  switch (code >> 4) {
    case 0x0:
    case 0x1:
      return { kind: 'gpr', bank, index };
    case 0x4:
      return (code & 1) === 0 ? indexedXfer(code) : { kind: 'indexed_neighbour', step: (code & 2) === 2 ? 1 : 0 };
    case 0x5:
      return { kind: 'local_memory', pointer: pointerOf((code >> 3) & 1, extended), offset: code & 7, step: 0 };
    case 0x8:
    case 0x9:
      return { kind: 'xfer', index };
    case 0xc:
    case 0xd:
      return { kind: 'xfer', index: registers + index };
    default:
      return undefined;
  }
}

function indexedXfer(code: number): Operand {
  const step = (code >> 1) & 3;
  return { kind: 'indexed_xfer', step: step === 1 ? 1 : step === 2 ? -1 : 0 };
}

function pointerOf(low: number, extended: boolean): 0 | 1 | 2 | 3 {
  return (extended ? 2 + low : low) as 0 | 1 | 2 | 3;
}
