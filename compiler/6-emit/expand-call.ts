import { assert } from '../../base/assert.ts';
import type { GprOperand, Instruction } from '../../npu/isa/instruction.ts';
import type { CodePosition } from '../ir.ts';
import { SCRATCH_INDEX } from './allocate.ts';
import type { MachineCode, PlacedInstruction } from './machine.ts';
import { asRegister, atPlace, type OperandPlaces, type PlacedFunction } from './operand-places.ts';
import { type Move, orderMoves } from './parallel-moves.ts';

/**
 * A call as instructions. Before it: arguments to their places, the return address to the link register, the branch;
 * behind it, where the callee returns to: results to theirs.
 * @param back label of what comes behind
 */
export function expandCall(
  code: Extract<MachineCode, { kind: 'call' }>,
  places: OperandPlaces,
  callee: PlacedFunction,
  back: string,
  position: CodePosition | undefined,
): { readonly before: PlacedInstruction[]; readonly after: PlacedInstruction[] } {
  const { allocation, spillBase, function: called } = callee;
  const put = (instruction: Instruction, label?: string, glued = false): PlacedInstruction => {
    return { instruction, label, glued, position };
  };
  const inOrder = (moves: readonly Move[]): PlacedInstruction[] => {
    const scratch: GprOperand = { kind: 'gpr', bank: 'A', index: SCRATCH_INDEX };
    return orderMoves(moves, scratch).map((instruction) => put(instruction));
  };
  const moves = code.arguments.map((argument, index): Move => {
    const to = atPlace(allocation.places[called.parameters[index]!]!, spillBase);
    const constant = code.argumentConstants[index];
    return constant !== undefined ? { to, constant } : { to, from: asRegister(places.resolve(argument)) };
  });
  const { link } = called;
  assert(link !== undefined, 'the entry function is not called');
  const loadAddress: Instruction = {
    kind: 'immed',
    width: 'full',
    destination: atPlace(allocation.places[link]!, spillBase),
    value: 0,
    shift: 0,
    writeBoth: false,
    predicate: false,
  };
  // The load executes in the slot after the branch, whose pipeline bubble it fills.
  const branch: Instruction = { kind: 'branch', condition: 'br', target: 0, defer: 1 };
  const results = code.results.flatMap((result, index): Move[] => {
    if (result.kind !== 'virtual' || !places.has(result.id)) return [];
    const from = atPlace(allocation.places[called.results[index]!]!, spillBase);
    return [{ to: asRegister(places.resolve(result)), from }];
  });
  return {
    before: [...inOrder(moves), put(branch, called.blocks[0]!.label), put(loadAddress, back, true)],
    after: inOrder(results),
  };
}
