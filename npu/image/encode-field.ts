import { assert } from '../../base/assert.ts';
import type { ContextMode, Operand, ResultFlags, SourceOperand } from '../isa/instruction.ts';
import { placeSources, unrestrictedCode, usesExtendedPointer } from '../isa/operands.ts';

/** `value` in `width` bits from bit `lsb` on. Words have 45 bits, so they are sums in a number, exact up to 2^53. */
export function field(value: number, lsb: number, width: number): number {
  assert(Number.isInteger(value) && value >= 0 && value < 2 ** width, `${value} does not fit ${width} bits at ${lsb}`);
  return value * 2 ** lsb;
}

/** One bit. */
export function flag(set: boolean, bit: number): number {
  return set ? 2 ** bit : 0;
}

/** no_cc, gpr_wrboth, the destination's local-memory extension and predicate_cc. */
export function resultFields(flags: Partial<ResultFlags>, destination: Operand): number {
  return (
    flag(flags.keepConditionCodes === true, 40) +
    flag(flags.writeBoth === true, 41) +
    flag(usesExtendedPointer(destination), 43) +
    flag(flags.predicate === true, 44)
  );
}

/** A register and an 8-bit immediate in the two unrestricted source fields, the register in its bank's. */
export function unrestrictedPair(source: SourceOperand, immediate: number, contexts: ContextMode): number {
  assert(immediate >= 0 && immediate <= 0xff, `immediate ${immediate} has more than 8 bits`);
  const { a, b } = placeSources(source, { kind: 'immediate', value: immediate });
  return field(unrestrictedCode(a, 'source', contexts), 0, 10) + field(unrestrictedCode(b, 'source', contexts), 10, 10);
}
