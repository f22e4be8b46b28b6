import { unreachable } from '../../base/assert.ts';
import {
  SHIFT_DOUBLE,
  SHIFT_LEFT,
  SHIFT_OPERATOR_ASR,
  SHIFT_OPERATOR_BYTE_ALIGN,
  SHIFT_OPERATOR_CODE,
  SHIFT_RIGHT,
  SHIFT_ROTATE,
  WORD_CLASS,
} from '../isa/codes.ts';
import type {
  AluShiftInstruction,
  ArithmeticShiftInstruction,
  ByteAlignInstruction,
  ContextMode,
  Destination,
  DoubleShiftInstruction,
  LoadFieldInstruction,
  Operand,
  ResultFlags,
  Shift,
} from '../isa/instruction.ts';
import { bankOf, placeSources, restrictedCode, usesExtendedPointer } from '../isa/operands.ts';
import { field, flag, resultFields } from './encode-field.ts';

export type ShiftWord =
  | AluShiftInstruction
  | DoubleShiftInstruction
  | ArithmeticShiftInstruction
  | ByteAlignInstruction;

/** The word of an instruction that shifts what it computes with. */
export function encodeShift(instruction: ShiftWord, contexts: ContextMode): number {
  switch (instruction.kind) {
    case 'alu_shf': {
      const [control, amount] = shiftFields(instruction.shift);
      return shift(SHIFT_OPERATOR_CODE[instruction.operator], instruction, contexts, {
        left: instruction.a,
        right: instruction.b,
        control,
        amount,
      });
    }
    case 'dbl_shf':
      return shift(SHIFT_OPERATOR_CODE.B, instruction, contexts, {
        left: instruction.a,
        right: instruction.b,
        control: SHIFT_DOUBLE,
        amount: instruction.amount === 'indirect' ? 0 : instruction.amount,
      });
    case 'asr':
      return shift(SHIFT_OPERATOR_ASR, instruction, contexts, {
        left: { kind: 'none' },
        right: instruction.source,
        control: SHIFT_RIGHT,
        amount: instruction.amount === 'indirect' ? 0 : instruction.amount,
      });
    case 'byte_align': {
      // Little-endian alignment reads its source as first operand, big-endian as second.
      const none = { kind: 'none' } as const;
      const { littleEndian, source } = instruction;
      return shift(SHIFT_OPERATOR_BYTE_ALIGN, instruction, contexts, {
        left: littleEndian ? source : none,
        right: littleEndian ? none : source,
        control: littleEndian ? SHIFT_LEFT : SHIFT_RIGHT,
        amount: 0,
      });
    }
    default:
      return unreachable(instruction);
  }
}

interface ShiftOperands {
  readonly left: Operand;
  readonly right: Operand;
  readonly control: number;
  readonly amount: number;
}

function shift(
  code: number,
  instruction: ResultFlags & { readonly destination: Destination },
  contexts: ContextMode,
  operands: ShiftOperands,
): number {
  const { a, b, swapped } = placeSources(operands.left, operands.right);
  return (
    WORD_CLASS.aluShift.base +
    field(restrictedCode(a, 'source', contexts), 0, 8) +
    field(operands.control, 8, 2) +
    field(restrictedCode(b, 'source', contexts), 10, 8) +
    field(immediateHigh(a) | immediateHigh(b), 18, 1) +
    flag(swapped, 19) +
    field(restrictedCode(instruction.destination, 'destination', contexts), 20, 8) +
    field(operands.amount, 28, 5) +
    field(code, 33, 3) +
    flag(bankOf(instruction.destination) === 'B', 36) +
    flag(usesExtendedPointer(a) || usesExtendedPointer(b), 42) +
    resultFields(instruction, instruction.destination)
  );
}

function immediateHigh(operand: Operand): number {
  return operand.kind === 'immediate' ? operand.value >> 7 : 0;
}

/** The kind of shift and its amount: a left shift by n is coded 32 - n, so 0 is free for "indirect". */
function shiftFields(shift: Shift | { readonly kind: 'double'; readonly amount: number }): [number, number] {
  switch (shift.kind) {
    case 'rotate':
      return [SHIFT_ROTATE, shift.amount];
    case 'double':
      return [SHIFT_DOUBLE, shift.amount];
    case 'left':
      return [SHIFT_LEFT, shift.amount === 'indirect' ? 0 : 32 - shift.amount];
    case 'right':
      return [SHIFT_RIGHT, shift.amount === 'indirect' ? 0 : shift.amount];
    default:
      return unreachable(shift);
  }
}

/** The word of `ld_field` and `ld_field_w_clr`. */
export function encodeLoadField(instruction: LoadFieldInstruction, contexts: ContextMode): number {
  const { a, b, swapped } = placeSources(instruction.destination, instruction.source);
  const [control, amount] = shiftFields(instruction.shift);
  return (
    WORD_CLASS.loadField.base +
    field(restrictedCode(a, 'source', contexts), 0, 8) +
    field(control, 8, 2) +
    field(restrictedCode(b, 'source', contexts), 10, 8) +
    field(immediateHigh(instruction.source), 18, 1) +
    flag(swapped, 19) +
    flag(instruction.clear, 20) +
    field(instruction.mask, 24, 4) +
    field(amount, 28, 5) +
    flag(instruction.loadConditionCodes, 34) +
    flag(usesExtendedPointer(instruction.source), 42) +
    resultFields(instruction, instruction.destination)
  );
}
