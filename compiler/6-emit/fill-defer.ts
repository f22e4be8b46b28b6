import type { Instruction, Operand } from '../../npu/isa/instruction.ts';
import { changesFlow } from '../../npu/isa/verify-program.ts';
import type { PlacedInstruction } from './machine.ts';

/**
 * Moves instructions from before a branch into the slots behind it, which a taken branch would waste: `br` loses 2
 * cycles, a branch on fresh condition codes or on a register 3. Only what the branch does not depend on moves, and
 * instructions keep their order among themselves.
 */
export function fillDefer(instructions: readonly PlacedInstruction[]): PlacedInstruction[] {
  const output: PlacedInstruction[] = [];
  /** Instructions of `output` from here on may move: none of them is a target or a slot of another branch. */
  let free = 0;
  for (let i = 0; i < instructions.length; i++) {
    const item = instructions[i]!;
    const { instruction } = item;
    output.push(item);
    if (!changesFlow(instruction)) continue;
    const filled = fillable(instruction) ? instruction.defer : 0;
    for (let slot = 0; slot < filled; slot++) output.push(instructions[++i]!);
    if (fillable(instruction)) fill(output, output.length - 1 - filled, free);
    free = output.length;
  }
  return output;
}

type Fillable = Extract<Instruction, { kind: 'branch' | 'br_bit' | 'br_byte' | 'jump' }>;

function fillable(instruction: Instruction): instruction is Fillable {
  return ['branch', 'br_bit', 'br_byte', 'jump'].includes(instruction.kind);
}

function fill(output: PlacedInstruction[], at: number, free: number): void {
  const branch = output[at]!.instruction as Fillable;
  const unconditional = branch.kind === 'branch' && branch.condition === 'br';
  let room = (unconditional ? 2 : 3) - branch.defer;
  // What stands between the candidates and the branch: the instruction that sets the condition codes.
  let last = at - 1;
  const needed: Operand[] = [];
  if (branch.kind !== 'branch') needed.push(branch.source);
  else if (!unconditional) {
    const test = output[last];
    if (test === undefined || last < free || test.instruction.kind !== 'alu' || test.glued) return;
    const { operator, destination, a, b } = test.instruction;
    if (destination.kind !== 'none' || operator === '-carry' || operator === '+carry') return;
    needed.push(a, b);
    last--;
  }
  let first = last + 1;
  while (room > 0 && first - 1 >= free && movable(output[first - 1]!.instruction, needed)) {
    first--;
    room--;
  }
  // What takes the carry of an instruction before may not lose it to the test.
  for (let i = first; i <= last; i++) if (usesCarry(output[i]!.instruction)) first = i + 1;
  // Not between two that belong together.
  while (first <= last && output[first]!.glued) first++;
  const count = last + 1 - first;
  if (count <= 0) return;
  // An instruction glued to its successor must not lose it either.
  if (output[last + 1]?.glued === true) return;
  const moved = output.splice(first, count);
  const place = at - count;
  const defer = (branch.defer + count) as Fillable['defer'];
  output[place] = { ...output[place]!, instruction: { ...branch, defer } };
  output.splice(place + 1, 0, ...moved);
}

function usesCarry(instruction: Instruction): boolean {
  return instruction.kind === 'alu' && (instruction.operator === '+carry' || instruction.operator === '-carry');
}

/** Whether the instruction may come after the branch: it neither branches nor changes what the branch looks at. */
function movable(instruction: Instruction, needed: readonly Operand[]): boolean {
  if (changesFlow(instruction) || instruction.kind === 'nop' || instruction.kind === 'local_csr_wr') return false;
  if (!('destination' in instruction)) return instruction.kind !== 'command';
  return !needed.some((operand) => overlaps(instruction.destination, operand));
}

function overlaps(destination: Operand, operand: Operand): boolean {
  switch (destination.kind) {
    case 'gpr':
      return operand.kind === 'gpr' && operand.bank === destination.bank && operand.index === destination.index;
    case 'local_memory':
      return operand.kind === 'local_memory';
    default:
      // Transfer registers are written on one side and read on the other.
      return false;
  }
}
