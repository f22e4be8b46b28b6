import { ok, type Result, wireError } from '../../base/result.ts';
import {
  ALU_CODE,
  ALU_CODE_CAM_CLEAR,
  ALU_CODE_CAM_LOOKUP,
  ALU_CODE_CAM_WRITE,
  ALU_CODE_CAM_WRITE_STATE,
  ALU_CODE_CRC,
  BRANCH_CODE,
  BRANCH_CONTEXT_CODE,
  BRANCH_STATE_CODE,
  CRC_BYTES_CODE,
  CRC_CODE,
  MULTIPLY_SIZE_CODE,
  MULTIPLY_STEP_CODE,
  namesByCode,
  SHIFT_DOUBLE,
  SHIFT_LEFT,
  SHIFT_OPERATOR_ASR,
  SHIFT_OPERATOR_BYTE_ALIGN,
  SHIFT_OPERATOR_CODE,
  SHIFT_RIGHT,
  SHIFT_ROTATE,
  UNARY_CODE,
  WORD_BITS,
  WORD_CLASS,
  type WordClass,
} from '../isa/codes.ts';
import { CSR_ADDRESS_RESERVED } from '../isa/csr.ts';
import {
  type ContextMode,
  type Defer,
  type Destination,
  type ImmedInstruction,
  INSTRUCTION_OCTETS,
  type Instruction,
  type Operand,
  type RegisterOperand,
  type ResultFlags,
  type Shift,
  type SourceOperand,
} from '../isa/instruction.ts';
import { isRestrictedImmediate, restrictedOperand, unrestrictedOperand } from '../isa/operands.ts';
import { decodeCommand } from './decode-command.ts';
import { bit, bits } from './decode-field.ts';
import { eccOf } from './encode-ecc.ts';

const aluNames = namesByCode(ALU_CODE);
const unaryNames = namesByCode(UNARY_CODE);
const crcNames = namesByCode(CRC_CODE);
const crcBytesNames = namesByCode(CRC_BYTES_CODE);
const shiftNames = namesByCode(SHIFT_OPERATOR_CODE);
const branchNames = namesByCode(BRANCH_CODE);
const branchContextNames = namesByCode(BRANCH_CONTEXT_CODE);
const branchStateNames = namesByCode(BRANCH_STATE_CODE);
const multiplySizeNames = namesByCode(MULTIPLY_SIZE_CODE);
const multiplyStepNames = namesByCode(MULTIPLY_STEP_CODE);

const NONE = { kind: 'none' } as const;

/**
 * The instruction that a 45-bit word means, or undefined for a word that means none. Bits that the chip ignores are
 * ignored. The operand rules (`verifyInstruction`) are not checked here.
 */
export function decodeInstruction(word: number, contexts: ContextMode = 8): Instruction | undefined {
  // The order of objdump: some masks overlap.
  if (isOf(word, WORD_CLASS.command)) return decodeCommand(word, contexts);
  if (isOf(word, WORD_CLASS.aluShift)) return decodeShift(word, contexts);
  if (isOf(word, WORD_CLASS.alu)) return decodeAlu(word, contexts);
  if (isOf(word, WORD_CLASS.immed)) return decodeImmed(word, contexts);
  if (isOf(word, WORD_CLASS.loadField)) return decodeLoadField(word, contexts);
  if (isOf(word, WORD_CLASS.contextArbitration)) return decodeContextArbitration(word);
  if (isOf(word, WORD_CLASS.localCsr)) return decodeLocalCsr(word, contexts);
  if (isOf(word, WORD_CLASS.branch)) return decodeBranch(word);
  if (isOf(word, WORD_CLASS.branchByte)) return decodeBranchByte(word, contexts);
  if (isOf(word, WORD_CLASS.branchBit)) return decodeBranchBit(word, contexts);
  if (isOf(word, WORD_CLASS.branchAlu)) return decodeJump(word, contexts);
  if (isOf(word, WORD_CLASS.multiply)) return decodeMultiply(word, contexts);
  return undefined;
}

/**
 * The instructions of an image's words. The error-correcting code of a word is zero or right.
 * @returns errors `npu-word-invalid`, `npu-word-ecc` with the octet offset of the word
 */
export function decodeProgram(words: BigUint64Array, contexts: ContextMode = 8): Result<Instruction[]> {
  const instructions: Instruction[] = [];
  for (let i = 0; i < words.length; i++) {
    const value = words[i]!;
    const word = Number(value & ((1n << BigInt(WORD_BITS)) - 1n));
    const above = Number(value >> BigInt(WORD_BITS));
    const text = `instruction ${i}: 0x${value.toString(16)}`;
    if (above !== 0 && above !== eccOf(word)) {
      return wireError(
        'npu-word-ecc',
        `${text} has error-correcting code 0x${above.toString(16)}`,
        i * INSTRUCTION_OCTETS,
      );
    }
    const instruction = decodeInstruction(word, contexts);
    if (instruction === undefined) {
      return wireError('npu-word-invalid', `${text} is no instruction`, i * INSTRUCTION_OCTETS);
    }
    instructions.push(instruction);
  }
  return ok(instructions);
}

/** `word AND mask = base` on more than 32 bits. */
function isOf(word: number, wordClass: WordClass): boolean {
  const low = (word & wordClass.mask) >>> 0 === wordClass.base >>> 0;
  return low && ((word / 2 ** 32) & (wordClass.mask / 2 ** 32)) === Math.floor(wordClass.base / 2 ** 32);
}

function resultFlags(word: number): ResultFlags {
  return { writeBoth: bit(word, 41), keepConditionCodes: bit(word, 40), predicate: bit(word, 44) };
}

/** A code that stands for a destination: an immediate there means none. */
function asDestination(operand: Operand | undefined): Destination | undefined {
  return operand?.kind === 'immediate' ? NONE : operand;
}

function asSource(operand: Operand | undefined): SourceOperand | undefined {
  return operand === undefined || operand.kind === 'none' ? undefined : operand;
}

function asRegister(operand: Operand | undefined): RegisterOperand | undefined {
  return operand === undefined || operand.kind === 'none' || operand.kind === 'immediate' ? undefined : operand;
}

function decodeAlu(word: number, contexts: ContextMode): Instruction | undefined {
  const code = bits(word, 31, 5);
  const swapped = bit(word, 30);
  const codeA = bits(word, 0, 10);
  const codeB = bits(word, 10, 10);
  const extended = bit(word, 42);
  const first = unrestrictedOperand(swapped ? codeB : codeA, swapped ? 'B' : 'A', extended, contexts);
  const second = unrestrictedOperand(swapped ? codeA : codeB, swapped ? 'A' : 'B', extended, contexts);
  const destinationCode = bits(word, 20, 10);
  const destination = asDestination(
    unrestrictedOperand(destinationCode, bit(word, 36) ? 'B' : 'A', bit(word, 43), contexts),
  );
  const flags = resultFlags(word);
  const a = asSource(first);
  const b = asSource(second);

  if (code === ALU_CODE_CAM_CLEAR) return { kind: 'cam_clear', ...flags };
  if (code === ALU_CODE_CAM_LOOKUP) {
    if (a === undefined || destination === undefined) return undefined;
    const control = swapped ? codeA : codeB;
    const pointer = (bits(control, 1, 1) + 2 * bits(control, 4, 1)) as 0 | 1 | 2 | 3;
    const offset = bits(control, 2, 2) as 0 | 1 | 2 | 3;
    const localMemory = bits(control, 0, 2) === 0 ? undefined : { pointer, offset };
    return { kind: 'cam_lookup', destination, source: a, localMemory, ...flags };
  }
  if (code === ALU_CODE_CAM_WRITE || code === ALU_CODE_CAM_WRITE_STATE) {
    const tag = code === ALU_CODE_CAM_WRITE ? a : NONE;
    if (b === undefined || tag === undefined) return undefined;
    return { kind: 'cam_write', entry: b, tag, state: destinationCode & 0xf, ...flags };
  }
  if (code === ALU_CODE_CRC) {
    const control = swapped ? codeB : codeA;
    const operator = crcNames.get(bits(control, 5, 3));
    const bytes = crcBytesNames.get(bits(control, 0, 3));
    if (operator === undefined || bytes === undefined || destination === undefined || b === undefined) return undefined;
    const littleEndian = bit(control, 3);
    return { kind: 'crc', littleEndian, operator, destination, source: b, bytes, bitSwap: bit(control, 4), ...flags };
  }
  const unary = unaryNames.get(code);
  if (unary !== undefined) {
    const withoutDestination = unary === 'pop_count1' || unary === 'pop_count2';
    const target = withoutDestination ? NONE : destination;
    if (b === undefined || target === undefined) return undefined;
    return { kind: 'unary', operator: unary, destination: target, source: b, ...flags };
  }
  const operator = aluNames.get(code);
  const left = operator === 'B' || operator === '~B' ? NONE : a;
  if (operator === undefined || destination === undefined || left === undefined || b === undefined) return undefined;
  return { kind: 'alu', operator, destination, a: left, b, ...flags };
}

function decodeShift(word: number, contexts: ContextMode): Instruction | undefined {
  const code = bits(word, 33, 3);
  const control = bits(word, 8, 2);
  const amount = bits(word, 28, 5);
  const swapped = bit(word, 19);
  const extended = bit(word, 42);
  const high = bits(word, 18, 1);
  const codeA = bits(word, 0, 8);
  const codeB = bits(word, 10, 8);
  const first = restrictedOperand(swapped ? codeB : codeA, swapped ? 'B' : 'A', extended, high, contexts);
  const second = restrictedOperand(swapped ? codeA : codeB, swapped ? 'A' : 'B', extended, high, contexts);
  const destination = asDestination(
    restrictedOperand(bits(word, 20, 8), bit(word, 36) ? 'B' : 'A', bit(word, 43), 0, contexts),
  );
  if (destination === undefined) return undefined;
  const flags = resultFlags(word);
  const a = asSource(first);
  const b = asSource(second);

  if (code === SHIFT_OPERATOR_BYTE_ALIGN) {
    if (control !== SHIFT_LEFT && control !== SHIFT_RIGHT) return undefined;
    const littleEndian = control === SHIFT_LEFT;
    const source = littleEndian ? a : b;
    // This instruction has no bit for pointers 2 and 3.
    if (source === undefined || (source.kind === 'local_memory' && extended)) return undefined;
    return { kind: 'byte_align', littleEndian, destination, source, ...flags };
  }
  if (b === undefined) return undefined;
  if (code === SHIFT_OPERATOR_ASR) {
    if (control !== SHIFT_RIGHT) return undefined;
    return { kind: 'asr', destination, source: b, amount: amountOf(amount), ...flags };
  }
  if (control === SHIFT_DOUBLE) {
    if (a === undefined) return undefined;
    return { kind: 'dbl_shf', destination, a, b, amount: amountOf(amount), ...flags };
  }
  const operator = shiftNames.get(code);
  const left = operator === 'B' || operator === '~B' ? NONE : a;
  const shift = shiftOf(control, amount);
  if (operator === undefined || left === undefined || shift === undefined) return undefined;
  return { kind: 'alu_shf', operator, destination, a: left, b, shift, ...flags };
}

function amountOf(amount: number): number | 'indirect' {
  return amount === 0 ? 'indirect' : amount;
}

function shiftOf(control: number, amount: number): Shift | undefined {
  if (control === SHIFT_ROTATE) return { kind: 'rotate', amount };
  if (control === SHIFT_RIGHT) return { kind: 'right', amount: amountOf(amount) };
  if (control === SHIFT_LEFT) return { kind: 'left', amount: amount === 0 ? 'indirect' : 32 - amount };
  return undefined;
}

const IMMED_WIDTHS: readonly (ImmedInstruction['width'] | undefined)[] = ['full', 'byte', 'word', undefined];

function decodeImmed(word: number, contexts: ContextMode): Instruction | undefined {
  const extended = bit(word, 43);
  const a = unrestrictedOperand(bits(word, 0, 10), 'A', extended, contexts);
  const b = unrestrictedOperand(bits(word, 10, 10), 'B', extended, contexts);
  if (a === undefined || b === undefined) return undefined;
  const width = IMMED_WIDTHS[bits(word, 29, 2)];
  const shift = (bits(word, 33, 2) * 8) as 0 | 8 | 16 | 24;
  const low = b.kind === 'immediate' ? b : a;
  const register = b.kind === 'immediate' ? a : b;
  if (low.kind !== 'immediate') return undefined;
  let value = bits(word, 20, 8) * 256 + low.value;
  if (a.kind === 'immediate' && b.kind === 'immediate' && value === 0) return { kind: 'nop' };
  if (width === undefined || (width === 'full' && shift === 24) || (width === 'word' && shift % 16 !== 0)) {
    return undefined;
  }
  if (bit(word, 31)) value = ~value >>> 0;
  if (width === 'byte') value &= 0xff;
  if (width === 'word') value &= 0xffff;
  const destination = register.kind === 'immediate' ? NONE : register;
  const { writeBoth, predicate } = resultFlags(word);
  return { kind: 'immed', width, destination, value, shift, writeBoth, predicate };
}

function decodeLoadField(word: number, contexts: ContextMode): Instruction | undefined {
  const swapped = bit(word, 19);
  const codeA = bits(word, 0, 8);
  const codeB = bits(word, 10, 8);
  const high = bits(word, 18, 1);
  const destination = asRegister(
    restrictedOperand(swapped ? codeB : codeA, swapped ? 'B' : 'A', bit(word, 43), high, contexts),
  );
  const source = asSource(
    restrictedOperand(swapped ? codeA : codeB, swapped ? 'A' : 'B', bit(word, 42), high, contexts),
  );
  if (destination === undefined || source === undefined) return undefined;
  const amount = bits(word, 28, 5);
  const control = bits(word, 8, 2);
  const shift = control === SHIFT_DOUBLE ? ({ kind: 'double', amount } as const) : shiftOf(control, amount);
  if (shift === undefined) return undefined;
  return {
    kind: 'ld_field',
    clear: bit(word, 20),
    destination,
    mask: bits(word, 24, 4),
    source,
    shift,
    loadConditionCodes: bit(word, 34),
    writeBoth: bit(word, 41),
    predicate: bit(word, 44),
  };
}

/** Defer slots and the 14-bit address of a branch. */
function branchFields(word: number): { target: number; defer: Defer } {
  return { target: bits(word, 40, 1) * 0x2000 + bits(word, 22, 13), defer: bits(word, 20, 2) as Defer };
}

function decodeContextArbitration(word: number): Instruction | undefined {
  const mask = bits(word, 0, 16);
  const { target, defer } = branchFields(word);
  const resumeAt = bit(word, 18) ? target : undefined;
  const any = bit(word, 16);
  const rest = { resumeAt, defer } as const;
  if (bit(word, 17)) return { kind: 'ctx_arb', wait: 'breakpoint', signals: [], any, ...rest };
  if (mask === 1) return { kind: 'ctx_arb', wait: 'voluntary', signals: [], any, ...rest };
  if (mask === 0) {
    if (bit(word, 19)) return { kind: 'ctx_arb', wait: 'none', signals: [], any, ...rest };
    return { kind: 'ctx_arb', wait: 'kill', signals: [], any: false, ...rest };
  }
  // Signal 0 does not exist: its bit beside others means nothing.
  const signals = [];
  for (let signal = 1; signal < 16; signal++) if (bit(mask, signal)) signals.push(signal);
  return { kind: 'ctx_arb', wait: 'signals', signals, any, ...rest };
}

function decodeLocalCsr(word: number, contexts: ContextMode): Instruction | undefined {
  const csr = bits(word, 22, 11) * 4;
  if (csr === CSR_ADDRESS_RESERVED) return undefined;
  if (!bit(word, 21)) return { kind: 'local_csr_rd', csr };
  const extended = bit(word, 42);
  const a = unrestrictedOperand(bits(word, 0, 10), 'A', extended, contexts);
  const b = unrestrictedOperand(bits(word, 10, 10), 'B', extended, contexts);
  const source = asSource(a?.kind === 'immediate' && b?.kind !== 'immediate' ? b : a);
  return source === undefined ? undefined : { kind: 'local_csr_wr', csr, source };
}

function decodeBranch(word: number): Instruction | undefined {
  const code = bits(word, 0, 5);
  const fields = branchFields(word);
  const operand = bits(word, 14, 4);
  const condition = branchNames.get(code);
  if (condition !== undefined) return { kind: 'branch', condition, ...fields };
  const contextTest = branchContextNames.get(code);
  if (contextTest !== undefined) return { kind: 'br_context', test: contextTest, operand, ...fields };
  const stateTest = branchStateNames.get(code);
  if (stateTest !== undefined) return { kind: 'br_state', test: stateTest, state: operand, ...fields };
  return undefined;
}

/** The register of a register and immediate pair, and the immediate's low 7 bits. */
function decodeRestrictedPair(
  word: number,
  contexts: ContextMode,
): { source: RegisterOperand; immediate: number } | undefined {
  const codeA = bits(word, 0, 8);
  const codeB = bits(word, 10, 8);
  const immediateInA = isRestrictedImmediate(codeA);
  const extended = bit(word, 42);
  const source = asRegister(
    restrictedOperand(immediateInA ? codeB : codeA, immediateInA ? 'B' : 'A', extended, 0, contexts),
  );
  const immediate = restrictedOperand(immediateInA ? codeA : codeB, 'A', false, 0, contexts);
  if (source === undefined || immediate?.kind !== 'immediate') return undefined;
  return { source, immediate: immediate.value };
}

function decodeBranchByte(word: number, contexts: ContextMode): Instruction | undefined {
  const pair = decodeRestrictedPair(word, contexts);
  if (pair === undefined) return undefined;
  return {
    kind: 'br_byte',
    equal: bit(word, 19),
    source: pair.source,
    byte: bits(word, 8, 2),
    value: bits(word, 18, 1) * 0x80 + pair.immediate,
    ...branchFields(word),
  };
}

function decodeBranchBit(word: number, contexts: ContextMode): Instruction | undefined {
  const pair = decodeRestrictedPair(word, contexts);
  if (pair === undefined) return undefined;
  const tested = (pair.immediate - 1) & 0x1f;
  return { kind: 'br_bit', set: bit(word, 18), source: pair.source, bit: tested, ...branchFields(word) };
}

function decodeJump(word: number, contexts: ContextMode): Instruction | undefined {
  const extended = bit(word, 42);
  const a = unrestrictedOperand(bits(word, 0, 10), 'A', extended, contexts);
  const b = unrestrictedOperand(bits(word, 10, 10), 'B', extended, contexts);
  const immediate = a?.kind === 'immediate' ? a : b;
  const source = asRegister(a?.kind === 'immediate' ? b : a);
  if (source === undefined || immediate?.kind !== 'immediate') return undefined;
  const base = bits(word, 22, 9) * 256 + immediate.value;
  return { kind: 'jump', source, base, defer: bits(word, 20, 2) as Defer };
}

function decodeMultiply(word: number, contexts: ContextMode): Instruction | undefined {
  const step = bits(word, 20, 3);
  const size = bits(word, 31, 2);
  const flags = resultFlags(word);
  const codeA = bits(word, 0, 10);
  const codeB = bits(word, 10, 10);
  const phase = multiplyStepNames.get(step);
  if (phase === undefined) return undefined;
  if (phase === 'last' || phase === 'last2') {
    const sizeName = multiplySizeNames.get(size);
    const bank = bit(word, 23) ? 'B' : 'A';
    const code = bit(word, 30) ? codeB : codeA;
    const destination = asRegister(unrestrictedOperand(code, bank, bit(word, 43), contexts));
    if (sizeName === undefined || destination === undefined) return undefined;
    return { kind: 'mul_step', phase, size: sizeName, destination, ...flags };
  }
  const swapped = bit(word, 30);
  const extended = bit(word, 42);
  const a = asSource(unrestrictedOperand(swapped ? codeB : codeA, swapped ? 'B' : 'A', extended, contexts));
  const b = asSource(unrestrictedOperand(swapped ? codeA : codeB, swapped ? 'A' : 'B', extended, contexts));
  if (a === undefined || b === undefined) return undefined;
  const sizeName = multiplySizeNames.get(size);
  if (sizeName === undefined) return step === 0 ? { kind: 'mul_step', phase: 'start', a, b, ...flags } : undefined;
  return { kind: 'mul_step', phase, size: sizeName, a, b, ...flags };
}
