import type { ShiftOperator } from '../../npu/isa/instruction.ts';
import { type MachineFunction, type MachineInstruction, type MachineOperand, readsOf, writesOf } from './machine.ts';

/**
 * Peepholes on what the selector made, within a block:
 * - a shift whose only use is an AND or OR right of it becomes part of that instruction (`alu_shf` does both);
 * - a test for zero of what the instruction just before computed goes away, since that set the condition codes.
 */
export function fuseShifts(function_: MachineFunction): void {
  const definitions = new Int32Array(function_.registerCount);
  const uses = new Int32Array(function_.registerCount);
  for (const block of function_.blocks) {
    for (const instruction of block.instructions) {
      for (const id of writesOf(instruction)) definitions[id]!++;
      for (const id of readsOf(instruction)) uses[id]!++;
    }
  }
  for (const id of [...function_.parameters, ...function_.results, function_.link]) {
    if (id !== undefined) definitions[id]! += 2;
  }
  for (const block of function_.blocks) {
    const list = block.instructions;
    for (let at = 0; at < list.length; at++) {
      const shift = fusedShift(list, at, definitions, uses);
      if (shift === undefined) continue;
      list.splice(shift, 1);
      at--;
    }
    for (let at = 1; at < list.length; at++) if (isNeedlessTest(list, at)) list.splice(at--, 1);
  }
}

const FUSIBLE: ReadonlySet<string> = new Set(['AND', 'OR', '~AND', 'AND~']);

/** Rewrites the instruction at `at` to include a shift made before; the index of the shift, which is then free. */
function fusedShift(
  list: MachineInstruction[],
  at: number,
  definitions: Int32Array,
  uses: Int32Array,
): number | undefined {
  const instruction = list[at]!;
  const { code } = instruction;
  if (code.kind !== 'alu' || !FUSIBLE.has(code.operator) || instruction.glued) return undefined;
  // What follows glued takes the A operand or the result of exactly this instruction.
  if (list[at + 1]?.glued === true) return undefined;
  const candidates: [MachineOperand, MachineOperand][] = [[instruction.a, instruction.b]];
  if (code.operator === 'AND' || code.operator === 'OR') candidates.push([instruction.b, instruction.a]);
  for (const [other, shifted] of candidates) {
    if (shifted.kind !== 'virtual' || definitions[shifted.id] !== 1 || uses[shifted.id] !== 1) continue;
    const found = findShift(list, at, shifted.id);
    if (found === undefined) continue;
    const source = list[found]!;
    if (source.code.kind !== 'alu_shf') continue;
    // Two words of transfer registers, or two immediates, do not go together.
    if (other.kind === source.b.kind && other.kind !== 'virtual') continue;
    list[at] = {
      ...instruction,
      code: { kind: 'alu_shf', operator: code.operator as ShiftOperator, shift: source.code.shift },
      a: other,
      b: source.b,
    };
    return found;
  }
  return undefined;
}

/** The plain shift before `at` that made the register, if what it shifts is still there. */
function findShift(list: readonly MachineInstruction[], at: number, id: number): number | undefined {
  let writtenSince = new Set<number>();
  for (let i = at - 1; i >= 0; i--) {
    const instruction = list[i]!;
    const { code, b, destination } = instruction;
    if (destination.kind === 'virtual' && destination.id === id) {
      if (code.kind !== 'alu_shf' || code.operator !== 'B' || instruction.glued) return undefined;
      if (code.shift.amount === 'indirect' || list[i + 1]?.glued === true) return undefined;
      if (b.kind === 'virtual') return writtenSince.has(b.id) ? undefined : i;
      return undefined;
    }
    writtenSince = new Set([...writtenSince, ...writesOf(instruction)]);
  }
  return undefined;
}

/** `alu[--, --, B, v]` for beq or bne right after an instruction that computed v and set the codes by it. */
function isNeedlessTest(list: readonly MachineInstruction[], at: number): boolean {
  const test = list[at]!;
  const before = list[at - 1]!;
  const branch = list[at + 1];
  if (test.code.kind !== 'alu' || test.code.operator !== 'B' || test.destination.kind !== 'none') return false;
  if (test.b.kind !== 'virtual' || test.glued) return false;
  if (branch?.code.kind !== 'branch' || branch.glued) return false;
  if (branch.code.condition !== 'beq' && branch.code.condition !== 'bne') return false;
  if (before.code.kind !== 'alu' && before.code.kind !== 'alu_shf') return false;
  // A plain move may vanish when both sides get one register; it sets no codes then.
  if (before.code.kind === 'alu' && before.code.operator === 'B') return false;
  return before.destination.kind === 'virtual' && before.destination.id === test.b.id;
}
