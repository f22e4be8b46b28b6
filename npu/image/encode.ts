import { assert, unreachable } from '../../base/assert.ts';
import {
  ALU_CODE,
  ALU_CODE_CAM_CLEAR,
  ALU_CODE_CAM_LOOKUP,
  ALU_CODE_CAM_WRITE,
  ALU_CODE_CAM_WRITE_STATE,
  ALU_CODE_CRC,
  BRANCH_CODE,
  BRANCH_CONTEXT_CODE,
  BRANCH_NO_CONTEXT,
  BRANCH_PIPELINE_CONDITIONAL,
  BRANCH_STATE_CODE,
  CRC_BYTES_CODE,
  CRC_CODE,
  MULTIPLY_SIZE_CODE,
  MULTIPLY_STEP_CODE,
  SHIFT_DOUBLE,
  SHIFT_LEFT,
  SHIFT_OPERATOR_ASR,
  SHIFT_OPERATOR_BYTE_ALIGN,
  SHIFT_OPERATOR_CODE,
  SHIFT_RIGHT,
  SHIFT_ROTATE,
  UNARY_CODE,
  WORD_CLASS,
} from '../isa/codes.ts';
import type {
  ContextMode,
  Destination,
  ImmedInstruction,
  Instruction,
  LoadFieldInstruction,
  MulStepInstruction,
  Operand,
  RegisterOperand,
  ResultFlags,
  Shift,
  SourceOperand,
} from '../isa/instruction.ts';
import {
  bankOf,
  placeSources,
  restrictedCode,
  UNRESTRICTED_IMMEDIATE,
  unrestrictedCode,
  usesExtendedPointer,
} from '../isa/operands.ts';
import { encodeCommand } from './encode-command.ts';
import { field, flag } from './encode-field.ts';

/**
 * The 45-bit word of an instruction that `verifyInstruction` accepted; anything else breaks an invariant. Field layouts:
 * Linux `nfp_asm.h` (OP_*) and GNU binutils 2.40 `opcodes/nfp-dis.c`. The 7 bits of error-correcting code above it belong
 * to the code store, not to the instruction: they are zero here (see `encode-ecc.ts`).
 */
export function encodeInstruction(instruction: Instruction, contexts: ContextMode = 8): number {
  switch (instruction.kind) {
    case 'alu':
      return alu(ALU_CODE[instruction.operator], instruction, contexts, {
        destination: instruction.destination,
        left: instruction.a,
        right: instruction.b,
      });
    case 'unary':
      return alu(UNARY_CODE[instruction.operator], instruction, contexts, {
        destination: instruction.destination,
        left: { kind: 'none' },
        right: instruction.source,
      });
    case 'cam_clear': {
      const none = { kind: 'none' } as const;
      return alu(ALU_CODE_CAM_CLEAR, instruction, contexts, { destination: none, left: none, right: none });
    }
    case 'cam_lookup': {
      const pointer = instruction.localMemory;
      const control =
        pointer === undefined
          ? 0
          : field((pointer.pointer & 1) + 1, 0, 2) + field(pointer.offset, 2, 2) + field(pointer.pointer >> 1, 4, 1);
      return aluWithControl(ALU_CODE_CAM_LOOKUP, instruction, contexts, instruction.source, control, 'second');
    }
    case 'cam_write': {
      const code = instruction.tag.kind === 'none' ? ALU_CODE_CAM_WRITE_STATE : ALU_CODE_CAM_WRITE;
      const state: Operand = { kind: 'immediate', value: field(instruction.state, 0, 4) };
      return alu(code, instruction, contexts, { destination: state, left: instruction.tag, right: instruction.entry });
    }
    case 'crc': {
      const control =
        UNRESTRICTED_IMMEDIATE +
        field(CRC_CODE[instruction.operator], 5, 3) +
        flag(instruction.bitSwap, 4) +
        flag(instruction.littleEndian, 3) +
        field(CRC_BYTES_CODE[instruction.bytes], 0, 3);
      return aluWithControl(ALU_CODE_CRC, instruction, contexts, instruction.source, control, 'first');
    }
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
    case 'immed':
      return immed(instruction, contexts);
    case 'nop':
      return WORD_CLASS.immed.base + field(UNRESTRICTED_IMMEDIATE, 0, 10) + field(UNRESTRICTED_IMMEDIATE, 10, 10);
    case 'ld_field':
      return loadField(instruction, contexts);
    case 'mul_step':
      return multiply(instruction, contexts);
    case 'branch': {
      const conditional = instruction.condition !== 'br';
      return (
        WORD_CLASS.branch.base +
        field(BRANCH_CODE[instruction.condition], 0, 5) +
        field(conditional ? BRANCH_PIPELINE_CONDITIONAL : 0, 8, 2) +
        field(BRANCH_NO_CONTEXT, 14, 4) +
        branchFields(instruction)
      );
    }
    case 'br_context':
      return (
        WORD_CLASS.branch.base +
        field(BRANCH_CONTEXT_CODE[instruction.test], 0, 5) +
        field(instruction.operand, 14, 4) +
        branchFields(instruction)
      );
    case 'br_state':
      return (
        WORD_CLASS.branch.base +
        field(BRANCH_STATE_CODE[instruction.test], 0, 5) +
        field(instruction.state, 14, 4) +
        branchFields(instruction)
      );
    case 'br_bit':
      // The bit is given as the right rotation that brings it to the top.
      return (
        WORD_CLASS.branchBit.base +
        restrictedPair(instruction.source, instruction.bit + 1, contexts) +
        flag(instruction.set, 18) +
        branchFields(instruction)
      );
    case 'br_byte':
      return (
        WORD_CLASS.branchByte.base +
        restrictedPair(instruction.source, instruction.value & 0x7f, contexts) +
        field(instruction.byte, 8, 2) +
        field(instruction.value >> 7, 18, 1) +
        flag(instruction.equal, 19) +
        branchFields(instruction)
      );
    case 'jump':
      return (
        WORD_CLASS.branchAlu.base +
        unrestrictedPair(instruction.source, instruction.base & 0xff, contexts) +
        field(instruction.defer, 20, 2) +
        field(instruction.base >> 8, 22, 9) +
        flag(usesExtendedPointer(instruction.source), 42)
      );
    case 'ctx_arb': {
      const mask =
        instruction.wait === 'voluntary' ? 1 : instruction.signals.reduce((bits, signal) => bits + 2 ** signal, 0);
      return (
        WORD_CLASS.contextArbitration.base +
        field(mask, 0, 16) +
        flag(instruction.any, 16) +
        flag(instruction.wait === 'breakpoint', 17) +
        flag(instruction.resumeAt !== undefined, 18) +
        flag(instruction.wait === 'none', 19) +
        branchFields({ target: instruction.resumeAt ?? 0, defer: instruction.defer })
      );
    }
    case 'local_csr_rd':
      return WORD_CLASS.localCsr.base + field(instruction.csr / 4, 22, 11);
    case 'local_csr_wr': {
      const { source } = instruction;
      return (
        WORD_CLASS.localCsr.base +
        unrestrictedPair(source, 0, contexts) +
        flag(true, 21) +
        field(instruction.csr / 4, 22, 11) +
        flag(usesExtendedPointer(source), 42)
      );
    }
    case 'command':
      return encodeCommand(instruction, contexts);
    default:
      return unreachable(instruction);
  }
}

/** The words of a program, one an instruction. */
export function encodeProgram(instructions: readonly Instruction[], contexts: ContextMode = 8): BigUint64Array {
  return BigUint64Array.from(instructions, (instruction) => BigInt(encodeInstruction(instruction, contexts)));
}

interface AluOperands {
  /** An immediate here is the state that `cam_write` puts where others have their destination. */
  readonly destination: Operand;
  readonly left: Operand;
  readonly right: Operand;
}

function alu(code: number, flags: ResultFlags, contexts: ContextMode, operands: AluOperands): number {
  const { a, b, swapped } = placeSources(operands.left, operands.right);
  return (
    aluCommon(code, operands.destination, flags, contexts) +
    field(unrestrictedCode(a, 'source', contexts), 0, 10) +
    field(unrestrictedCode(b, 'source', contexts), 10, 10) +
    flag(swapped, 30) +
    flag(usesExtendedPointer(a) || usesExtendedPointer(b), 42)
  );
}

/** As `alu`, with 10 control bits instead of the first or second operand. */
function aluWithControl(
  code: number,
  instruction: ResultFlags & { readonly destination: Destination },
  contexts: ContextMode,
  source: SourceOperand,
  control: number,
  controlIs: 'first' | 'second',
): number {
  const none = { kind: 'none' } as const;
  const { swapped } = controlIs === 'first' ? placeSources(none, source) : placeSources(source, none);
  const sourceInB = (controlIs === 'first') !== swapped;
  return (
    aluCommon(code, instruction.destination, instruction, contexts) +
    field(unrestrictedCode(source, 'source', contexts), sourceInB ? 10 : 0, 10) +
    field(control, sourceInB ? 0 : 10, 10) +
    flag(swapped, 30) +
    flag(usesExtendedPointer(source), 42)
  );
}

function aluCommon(code: number, destination: Operand, flags: ResultFlags, contexts: ContextMode): number {
  return (
    WORD_CLASS.alu.base +
    field(unrestrictedCode(destination, 'destination', contexts), 20, 10) +
    field(code, 31, 5) +
    flag(bankOf(destination) === 'B', 36) +
    resultFields(flags, destination)
  );
}

/** no_cc, gpr_wrboth, the destination's local-memory extension and predicate_cc. */
function resultFields(flags: Partial<ResultFlags>, destination: Operand): number {
  return (
    flag(flags.keepConditionCodes === true, 40) +
    flag(flags.writeBoth === true, 41) +
    flag(usesExtendedPointer(destination), 43) +
    flag(flags.predicate === true, 44)
  );
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

const IMMED_WIDTH_CODE = { full: 0, byte: 1, word: 2 } as const;

function immed(instruction: ImmedInstruction, contexts: ContextMode): number {
  const inverted = instruction.value > 0xffff;
  const value = inverted ? ~instruction.value & 0xffff : instruction.value;
  const { destination } = instruction;
  const code = unrestrictedCode(destination, 'destination', contexts);
  const low = UNRESTRICTED_IMMEDIATE + (value & 0xff);
  const inB = bankOf(destination) === 'B';
  return (
    WORD_CLASS.immed.base +
    field(inB ? low : code, 0, 10) +
    field(inB ? code : low, 10, 10) +
    field(value >> 8, 20, 8) +
    field(IMMED_WIDTH_CODE[instruction.width], 29, 2) +
    flag(inverted, 31) +
    field(instruction.shift / 8, 33, 2) +
    resultFields(instruction, destination)
  );
}

function loadField(instruction: LoadFieldInstruction, contexts: ContextMode): number {
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

function multiply(instruction: MulStepInstruction, contexts: ContextMode): number {
  const size = instruction.phase === 'start' ? 0 : MULTIPLY_SIZE_CODE[instruction.size];
  const step = instruction.phase === 'start' ? 0 : MULTIPLY_STEP_CODE[instruction.phase];
  const common = WORD_CLASS.multiply.base + field(step, 20, 3) + field(size, 31, 2);
  if ('destination' in instruction) {
    const { destination } = instruction;
    return (
      common +
      field(unrestrictedCode(destination, 'destination', contexts), 0, 10) +
      flag(bankOf(destination) === 'B', 23) +
      resultFields(instruction, destination)
    );
  }
  const { a, b, swapped } = placeSources(instruction.a, instruction.b);
  return (
    common +
    field(unrestrictedCode(a, 'source', contexts), 0, 10) +
    field(unrestrictedCode(b, 'source', contexts), 10, 10) +
    flag(swapped, 30) +
    flag(usesExtendedPointer(a) || usesExtendedPointer(b), 42) +
    resultFields(instruction, { kind: 'none' })
  );
}

/** Defer slots and the 14-bit target, whose top bit lies apart. */
function branchFields(branch: { readonly target: number; readonly defer: number }): number {
  return field(branch.defer, 20, 2) + field(branch.target & 0x1fff, 22, 13) + field(branch.target >> 13, 40, 1);
}

/** A register and a 7-bit immediate in the two source fields, the register in its bank's. */
function restrictedPair(source: RegisterOperand, immediate: number, contexts: ContextMode): number {
  const { a, b } = placeSources(source, { kind: 'immediate', value: immediate });
  return (
    field(restrictedCode(a, 'source', contexts), 0, 8) +
    field(restrictedCode(b, 'source', contexts), 10, 8) +
    flag(usesExtendedPointer(source), 42)
  );
}

function unrestrictedPair(source: SourceOperand, immediate: number, contexts: ContextMode): number {
  assert(immediate >= 0 && immediate <= 0xff, `immediate ${immediate} has more than 8 bits`);
  const { a, b } = placeSources(source, { kind: 'immediate', value: immediate });
  return field(unrestrictedCode(a, 'source', contexts), 0, 10) + field(unrestrictedCode(b, 'source', contexts), 10, 10);
}
