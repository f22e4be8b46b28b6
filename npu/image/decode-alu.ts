import {
  ALU_CODE,
  ALU_CODE_CAM_CLEAR,
  ALU_CODE_CAM_LOOKUP,
  ALU_CODE_CAM_WRITE,
  ALU_CODE_CAM_WRITE_STATE,
  ALU_CODE_CRC,
  CRC_BYTES_CODE,
  CRC_CODE,
  MULTIPLY_SIZE_CODE,
  MULTIPLY_STEP_CODE,
  namesByCode,
  UNARY_CODE,
} from '../isa/codes.ts';
import type { ContextMode, ImmedInstruction, Instruction } from '../isa/instruction.ts';
import { unrestrictedOperand } from '../isa/operands.ts';
import { asDestination, asRegister, asSource, bit, bits, NONE, resultFlags } from './decode-field.ts';

const aluNames = namesByCode(ALU_CODE);
const unaryNames = namesByCode(UNARY_CODE);
const crcNames = namesByCode(CRC_CODE);
const crcBytesNames = namesByCode(CRC_BYTES_CODE);
const multiplySizeNames = namesByCode(MULTIPLY_SIZE_CODE);
const multiplyStepNames = namesByCode(MULTIPLY_STEP_CODE);

/** `alu`, bit counting, CAM, CRC. */
export function decodeAlu(word: number, contexts: ContextMode): Instruction | undefined {
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

const IMMED_WIDTHS: readonly (ImmedInstruction['width'] | undefined)[] = ['full', 'byte', 'word', undefined];

/** `immed`, its parts, and `nop`. */
export function decodeImmed(word: number, contexts: ContextMode): Instruction | undefined {
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
  if (width === undefined || (width === 'word' && shift % 16 !== 0)) {
    return undefined;
  }
  if (bit(word, 31)) value = ~value >>> 0;
  if (width === 'byte') value &= 0xff;
  if (width === 'word') value &= 0xffff;
  const destination = register.kind === 'immediate' ? NONE : register;
  const { writeBoth, predicate } = resultFlags(word);
  return { kind: 'immed', width, destination, value, shift, writeBoth, predicate };
}

/** `mul_step`. */
export function decodeMultiply(word: number, contexts: ContextMode): Instruction | undefined {
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
