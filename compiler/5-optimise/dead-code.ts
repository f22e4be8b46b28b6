import { BitSet } from '../bit-set.ts';
import type { IrFunction, IrModule } from '../ir.ts';
import { endSources, hasEffect, sourcesOf, successorsOf, targetsOf } from '../ir-walk.ts';

/** Removes operations without effect whose results nothing reads, and functions that nothing calls. */
export function eliminateDeadCode(module: IrModule): boolean {
  let changed = false;
  const reached = new Set<string>();
  const pending = [module.entry];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    const function_ = module.functions.get(name)!;
    if (sweepFunction(function_)) changed = true;
    for (const block of function_.blocks) {
      for (const operation of block.operations) if (operation.op === 'call') pending.push(operation.function);
    }
  }
  for (const name of [...module.functions.keys()]) {
    if (reached.has(name)) continue;
    module.functions.delete(name);
    changed = true;
  }
  return changed;
}

function sweepFunction(function_: IrFunction): boolean {
  const size = function_.registers.length;
  const index = new Map(function_.blocks.map((block, position) => [block.name, position]));
  const liveIn = function_.blocks.map(() => new BitSet(size));
  const liveAtEnd = (position: number): BitSet => {
    const live = new BitSet(size);
    const { end } = function_.blocks[position]!;
    for (const successor of successorsOf(end)) live.union(liveIn[index.get(successor)!]!);
    for (const source of endSources(end)) if (source.kind === 'register') live.add(source.id);
    return live;
  };
  /** Goes backwards over a block; `drop` is called for what nothing needs. */
  const walk = (position: number, drop: (operation: number) => void): BitSet => {
    const live = liveAtEnd(position);
    const { operations } = function_.blocks[position]!;
    for (let i = operations.length - 1; i >= 0; i--) {
      const operation = operations[i]!;
      const targets = targetsOf(operation);
      const selfCopy =
        operation.op === 'copy' && operation.source.kind === 'register' && operation.source.id === operation.target.id;
      if (selfCopy || (!hasEffect(operation) && !targets.some((target) => live.has(target.id)))) {
        drop(i);
        continue;
      }
      for (const target of targets) live.delete(target.id);
      for (const source of sourcesOf(operation)) if (source.kind === 'register') live.add(source.id);
    }
    return live;
  };
  const predecessors: number[][] = function_.blocks.map(() => []);
  function_.blocks.forEach((block, position) => {
    for (const successor of successorsOf(block.end)) predecessors[index.get(successor)!]!.push(position);
  });
  // From the last block backwards, again where what the successors need has grown.
  const dirty = function_.blocks.map(() => true);
  for (let left = dirty.length; left > 0; ) {
    for (let position = dirty.length - 1; position >= 0; position--) {
      if (!dirty[position]) continue;
      dirty[position] = false;
      left--;
      if (!liveIn[position]!.union(walk(position, () => {}))) continue;
      for (const predecessor of predecessors[position]!) {
        if (!dirty[predecessor]) left++;
        dirty[predecessor] = true;
      }
    }
  }
  let swept = false;
  function_.blocks.forEach((block, position) => {
    const dropped = new Set<number>();
    walk(position, (operation) => dropped.add(operation));
    if (dropped.size === 0) return;
    swept = true;
    const kept = block.operations.filter((_, i) => !dropped.has(i));
    block.operations.splice(0, block.operations.length, ...kept);
  });
  return swept;
}
