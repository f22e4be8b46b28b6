import { BitSet } from './bit-set.ts';
import type { Block, IrFunction, Operation } from './ir.ts';
import { endSources, sourcesOf, successorsOf, targetsOf } from './ir-walk.ts';

/** For each call of one of `functions`: the registers whose values are wanted after it, its results left out. */
export function liveAcrossCalls(
  function_: IrFunction,
  functions: ReadonlySet<string>,
): ReadonlyMap<Operation, readonly number[]> {
  const size = function_.registers.length;
  const liveIn = new Map(function_.blocks.map(({ name }) => [name, new BitSet(size)]));
  const backwards = (block: Block, visit: (operation: Operation, live: BitSet) => void): BitSet => {
    const live = new BitSet(size);
    for (const to of successorsOf(block.end)) live.union(liveIn.get(to) ?? new BitSet(size));
    for (const source of endSources(block.end)) if (source.kind === 'register') live.add(source.id);
    for (const operation of [...block.operations].reverse()) {
      for (const { id } of targetsOf(operation)) live.delete(id);
      visit(operation, live);
      for (const source of sourcesOf(operation)) if (source.kind === 'register') live.add(source.id);
    }
    return live;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of [...function_.blocks].reverse()) {
      if (liveIn.get(block.name)?.union(backwards(block, () => undefined)) === true) changed = true;
    }
  }
  const found = new Map<Operation, readonly number[]>();
  for (const block of function_.blocks) {
    backwards(block, (operation, live) => {
      if (operation.op !== 'call' || !functions.has(operation.function)) return;
      const ids: number[] = [];
      live.forEach((id) => {
        ids.push(id);
      });
      found.set(operation, ids);
    });
  }
  return found;
}
