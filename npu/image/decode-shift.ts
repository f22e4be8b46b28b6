import {
  namesByCode,
  SHIFT_DOUBLE,
  SHIFT_LEFT,
  SHIFT_OPERATOR_ASR,
  SHIFT_OPERATOR_BYTE_ALIGN,
  SHIFT_OPERATOR_CODE,
  SHIFT_RIGHT,
  SHIFT_ROTATE,
} from '../isa/codes.ts';
import type { ContextMode, Instruction, Shift } from '../isa/instruction.ts';
import { restrictedOperand } from '../isa/operands.ts';
import { asDestination, asRegister, asSource, bit, bits, NONE, resultFlags } from './decode-field.ts';

const shiftNames = namesByCode(SHIFT_OPERATOR_CODE);

/** `alu_shf`, `dbl_shf`, `asr`, `byte_align`. */
export function decodeShift(word: number, contexts: ContextMode): Instruction | undefined {
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

/** `ld_field`, `ld_field_w_clr`. */
export function decodeLoadField(word: number, contexts: ContextMode): Instruction | undefined {
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
