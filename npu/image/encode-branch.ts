import { unreachable } from '../../base/assert.ts';
import {
  BRANCH_CODE,
  BRANCH_CONTEXT_CODE,
  BRANCH_NO_CONTEXT,
  BRANCH_PIPELINE_CONDITIONAL,
  BRANCH_STATE_CODE,
  WORD_CLASS,
} from '../isa/codes.ts';
import type {
  BranchBitInstruction,
  BranchByteInstruction,
  BranchContextInstruction,
  BranchInstruction,
  BranchStateInstruction,
  ContextArbitrationInstruction,
  ContextMode,
  JumpInstruction,
  RegisterOperand,
} from '../isa/instruction.ts';
import { placeSources, restrictedCode, usesExtendedPointer } from '../isa/operands.ts';
import { field, flag, unrestrictedPair } from './encode-field.ts';

export type BranchWord =
  | BranchInstruction
  | BranchContextInstruction
  | BranchStateInstruction
  | BranchBitInstruction
  | BranchByteInstruction
  | JumpInstruction
  | ContextArbitrationInstruction;

/** The word of a branch, a jump or a context swap. */
export function encodeBranch(instruction: BranchWord, contexts: ContextMode): number {
  switch (instruction.kind) {
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
    default:
      return unreachable(instruction);
  }
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
