import { assert } from '../../base/assert.ts';
import type { Destination, GprOperand, Instruction, Operand, RegisterOperand } from '../../npu/isa/instruction.ts';

/** One of several moves that happen at once: every source is read before any target is written. */
export type Move =
  | { readonly to: RegisterOperand; readonly from: RegisterOperand }
  | { readonly to: RegisterOperand; readonly constant: number };

/**
 * Puts simultaneous moves in an order in which no target is written before it was read, breaking cycles through the
 * scratch register. Targets are distinct. Constants come last, since nothing reads their targets any more then.
 */
export function orderMoves(moves: readonly Move[], scratch: GprOperand): Instruction[] {
  const key = (register: RegisterOperand) => JSON.stringify(register);
  const instructions: Instruction[] = [];
  const pending = moves
    .flatMap((move) => ('from' in move ? [{ to: move.to, from: move.from }] : []))
    .filter((move) => key(move.to) !== key(move.from));
  assert(new Set(moves.map((move) => key(move.to))).size === moves.length, 'two moves to one place');
  while (pending.length > 0) {
    const ready = pending.findIndex(
      (move) => !pending.some((other) => other !== move && key(other.from) === key(move.to)),
    );
    if (ready >= 0) {
      const [move] = pending.splice(ready, 1);
      instructions.push(moveInstruction(move!.to, move!.from));
      continue;
    }
    // Only cycles are left: free the first target by saving what it holds, for whoever reads it.
    const first = pending[0]!;
    instructions.push(moveInstruction(scratch, first.to));
    for (const [index, move] of pending.entries()) {
      if (key(move.from) === key(first.to)) pending[index] = { to: move.to, from: scratch };
    }
  }
  for (const move of moves) if ('constant' in move) instructions.push(...loadConstant(move.to, move.constant));
  return instructions;
}

/** One or two instructions that load a constant. */
export function loadConstant(destination: RegisterOperand, value: number): Instruction[] {
  const immed = (part: number, shift: 0 | 8 | 16, width: 'full' | 'word' = 'full'): Instruction => {
    return { kind: 'immed', width, destination, value: part, shift, writeBoth: false, predicate: false };
  };
  if (value <= 0xffff) return [immed(value, 0)];
  if ((value & 0xff0000ff) === 0) return [immed(value >>> 8, 8)];
  if ((value & 0xffff) === 0) return [immed(value >>> 16, 16)];
  if (value >= 0xffff0000) return [immed(value, 0)];
  return [immed(value & 0xffff, 0), immed(value >>> 16, 16, 'word')];
}

const NONE = { kind: 'none' } as const;
const FLAGS = { writeBoth: false, keepConditionCodes: true, predicate: false } as const;

/** A move that leaves the condition codes alone. */
export function moveInstruction(destination: Destination, source: Operand): Instruction {
  assert(source.kind !== 'none', 'a move of nothing');
  return { kind: 'alu', operator: 'B', destination, a: NONE, b: source, ...FLAGS };
}
