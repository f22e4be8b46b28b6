import { unreachable } from '../../base/assert.ts';
import { WORD_CLASS } from '../isa/codes.ts';
import type { ContextMode, Instruction } from '../isa/instruction.ts';
import { UNRESTRICTED_IMMEDIATE, usesExtendedPointer } from '../isa/operands.ts';
import { encodeAlu, encodeImmed, encodeMultiply } from './encode-alu.ts';
import { encodeBranch } from './encode-branch.ts';
import { encodeCommand } from './encode-command.ts';
import { field, flag, unrestrictedPair } from './encode-field.ts';
import { encodeLoadField, encodeShift } from './encode-shift.ts';

/**
 * The 45-bit word of an instruction that `verifyInstruction` accepted; anything else breaks an invariant. Field layouts:
 * Linux `nfp_asm.h` (OP_*) and GNU binutils 2.40 `opcodes/nfp-dis.c`. The 7 bits of error-correcting code above it belong
 * to the code store, not to the instruction: they are zero here (see `encode-ecc.ts`).
 */
export function encodeInstruction(instruction: Instruction, contexts: ContextMode = 8): number {
  switch (instruction.kind) {
    case 'alu':
    case 'unary':
    case 'cam_clear':
    case 'cam_lookup':
    case 'cam_write':
    case 'crc':
      return encodeAlu(instruction, contexts);
    case 'alu_shf':
    case 'dbl_shf':
    case 'asr':
    case 'byte_align':
      return encodeShift(instruction, contexts);
    case 'ld_field':
      return encodeLoadField(instruction, contexts);
    case 'immed':
      return encodeImmed(instruction, contexts);
    case 'nop':
      return WORD_CLASS.immed.base + field(UNRESTRICTED_IMMEDIATE, 0, 10) + field(UNRESTRICTED_IMMEDIATE, 10, 10);
    case 'mul_step':
      return encodeMultiply(instruction, contexts);
    case 'branch':
    case 'br_context':
    case 'br_state':
    case 'br_bit':
    case 'br_byte':
    case 'jump':
    case 'ctx_arb':
      return encodeBranch(instruction, contexts);
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
