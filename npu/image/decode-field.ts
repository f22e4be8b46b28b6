import type { Destination, Operand, RegisterOperand, ResultFlags, SourceOperand } from '../isa/instruction.ts';

/** `width` bits from bit `lsb` on of a word of up to 53 bits. */
export function bits(word: number, lsb: number, width: number): number {
  return Math.floor(word / 2 ** lsb) % 2 ** width;
}

/** One bit. */
export function bit(word: number, index: number): boolean {
  return Math.floor(word / 2 ** index) % 2 === 1;
}

export const NONE = { kind: 'none' } as const;

/** no_cc, gpr_wrboth and predicate_cc, which the words that write a result share. */
export function resultFlags(word: number): ResultFlags {
  return { writeBoth: bit(word, 41), keepConditionCodes: bit(word, 40), predicate: bit(word, 44) };
}

/** A code that stands for a destination: an immediate there means none. */
export function asDestination(operand: Operand | undefined): Destination | undefined {
  return operand?.kind === 'immediate' ? NONE : operand;
}

/** A code that stands for a source. */
export function asSource(operand: Operand | undefined): SourceOperand | undefined {
  return operand === undefined || operand.kind === 'none' ? undefined : operand;
}

/** A code that stands for a register. */
export function asRegister(operand: Operand | undefined): RegisterOperand | undefined {
  return operand === undefined || operand.kind === 'none' || operand.kind === 'immediate' ? undefined : operand;
}
