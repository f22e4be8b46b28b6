import { unreachable } from '../../base/assert.ts';
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
  UNARY_CODE,
  WORD_CLASS,
} from '../isa/codes.ts';
import type {
  AluInstruction,
  CamClearInstruction,
  CamLookupInstruction,
  CamWriteInstruction,
  ContextMode,
  CrcInstruction,
  Destination,
  ImmedInstruction,
  MulStepInstruction,
  Operand,
  ResultFlags,
  SourceOperand,
  UnaryInstruction,
} from '../isa/instruction.ts';
import {
  bankOf,
  placeSources,
  UNRESTRICTED_IMMEDIATE,
  unrestrictedCode,
  usesExtendedPointer,
} from '../isa/operands.ts';
import { field, flag, resultFields } from './encode-field.ts';

export type AluWord =
  | AluInstruction
  | UnaryInstruction
  | CamClearInstruction
  | CamLookupInstruction
  | CamWriteInstruction
  | CrcInstruction;

/** The word of `alu` and of what shares its form: bit counting, CAM, CRC. */
export function encodeAlu(instruction: AluWord, contexts: ContextMode): number {
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
    default:
      return unreachable(instruction);
  }
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

const IMMED_WIDTH_CODE = { full: 0, byte: 1, word: 2 } as const;

/** The word of `immed` and of its parts. */
export function encodeImmed(instruction: ImmedInstruction, contexts: ContextMode): number {
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

/** The word of a `mul_step`. */
export function encodeMultiply(instruction: MulStepInstruction, contexts: ContextMode): number {
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
