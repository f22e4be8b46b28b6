import type {
  AluOperator,
  BranchCondition,
  Defer,
  Destination,
  GprOperand,
  ImmediateOperand,
  Instruction,
  Operand,
  SourceOperand,
} from '../isa/instruction.ts';

/** Instructions and operands in few words, for programs that tests make. */

export const A = (index: number): GprOperand => ({ kind: 'gpr', bank: 'A', index });
export const B = (index: number): GprOperand => ({ kind: 'gpr', bank: 'B', index });
export const constant = (value: number): ImmediateOperand => ({ kind: 'immediate', value });
export const NONE = { kind: 'none' } as const;
const FLAGS = { writeBoth: false, keepConditionCodes: false, predicate: false } as const;

export function immed(destination: Destination, value: number, shift: 0 | 8 | 16): Instruction {
  return { kind: 'immed', width: 'full', destination, value, shift, writeBoth: false, predicate: false };
}

/** Replaces the upper half, `immed_w1`. */
export function upperHalf(destination: Destination, value: number): Instruction {
  return { kind: 'immed', width: 'word', destination, value, shift: 16, writeBoth: false, predicate: false };
}

/** Of an instruction, for a later `jump`. */
export function loadAddress(destination: Destination, target: number): Instruction {
  return immed(destination, target, 0);
}

export function alu(destination: Destination, a: Operand, operator: AluOperator, b: SourceOperand): Instruction {
  return { kind: 'alu', operator, destination, a, b, ...FLAGS };
}

export function branch(condition: BranchCondition, target: number, defer: Defer): Instruction {
  return { kind: 'branch', condition, target, defer };
}

export function arbitration(
  given: Partial<Omit<Extract<Instruction, { kind: 'ctx_arb' }>, 'kind'>> & {
    readonly wait: 'signals' | 'voluntary' | 'kill';
  },
): Instruction {
  return { kind: 'ctx_arb', signals: [], any: false, resumeAt: undefined, defer: 0, ...given };
}
