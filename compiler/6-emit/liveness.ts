import { BitSet } from '../bit-set.ts';
import type { MachineFunction, MachineInstruction } from './machine.ts';
import { readsOf, writesOf } from './machine.ts';

/** Virtual registers that hold a value still needed at the end of each block, by block index. */
export function liveOut(function_: MachineFunction): BitSet[] {
  const size = function_.registerCount;
  const index = new Map(function_.blocks.map((block, position) => [block.label, position]));
  const gen = function_.blocks.map(() => new BitSet(size));
  const kill = function_.blocks.map(() => new BitSet(size));
  function_.blocks.forEach((block, position) => {
    for (const instruction of block.instructions) {
      for (const read of liveReads(function_, instruction)) if (!kill[position]!.has(read)) gen[position]!.add(read);
      for (const write of writesOf(instruction)) kill[position]!.add(write);
    }
  });
  const liveIn = gen.map((set) => set.copy());
  const out = function_.blocks.map(() => new BitSet(size));
  for (let changed = true; changed; ) {
    changed = false;
    for (let position = function_.blocks.length - 1; position >= 0; position--) {
      let grown = false;
      for (const successor of function_.blocks[position]!.successors) {
        if (out[position]!.union(liveIn[index.get(successor)!]!)) grown = true;
      }
      if (!grown) continue;
      const through = out[position]!.copy();
      kill[position]!.forEach((bit) => {
        through.delete(bit);
      });
      if (liveIn[position]!.union(through)) changed = true;
    }
  }
  return out;
}

/** As `readsOf`; a return also reads the result registers. */
export function liveReads(function_: MachineFunction, instruction: MachineInstruction): number[] {
  const reads = readsOf(instruction);
  if (instruction.code.kind === 'return') reads.push(...function_.results);
  return reads;
}
