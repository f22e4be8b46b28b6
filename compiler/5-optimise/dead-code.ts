import { BitSet } from '../bit-set.ts';
import type { Block, IrFunction, IrModule, Operand, Operation } from '../ir.ts';
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
  const { blocks } = function_;
  const size = function_.registers.length;
  const index = new Map(blocks.map((block, position) => [block.name, position]));
  const successors = blocks.map(({ end }) => successorsOf(end).map((name) => index.get(name)!));
  const predecessors: number[][] = blocks.map(() => []);
  successors.forEach((list, position) => {
    for (const successor of list) predecessors[successor]!.push(position);
  });
  const codes = blocks.map(registersOf);
  const liveIn = blocks.map(() => new BitSet(size));
  const live = new BitSet(size);
  /** Goes backwards over a block with `live`; the numbers of operations that nothing needs go into `dropped`. */
  const walk = (position: number, dropped?: Set<number>): void => {
    live.clear();
    for (const successor of successors[position]!) live.union(liveIn[successor]!);
    const { operations, end } = codes[position]!;
    for (const id of end) live.add(id);
    for (let i = operations.length - 1; i >= 0; i--) {
      const { isKept, targets, sources } = operations[i]!;
      if (!isKept && !targets.some((id) => live.has(id))) {
        dropped?.add(i);
        continue;
      }
      for (const id of targets) live.delete(id);
      for (const id of sources) live.add(id);
    }
  };
  // From the last block backwards, again where what the successors need has grown.
  const dirty = blocks.map(() => true);
  for (let left = dirty.length; left > 0; ) {
    for (let position = dirty.length - 1; position >= 0; position--) {
      if (!dirty[position]) continue;
      dirty[position] = false;
      left--;
      walk(position);
      if (!liveIn[position]!.union(live)) continue;
      for (const predecessor of predecessors[position]!) {
        if (!dirty[predecessor]) left++;
        dirty[predecessor] = true;
      }
    }
  }
  let swept = false;
  blocks.forEach((block, position) => {
    const dropped = new Set<number>();
    walk(position, dropped);
    if (dropped.size === 0) return;
    swept = true;
    const kept = block.operations.filter((_, i) => !dropped.has(i));
    block.operations.splice(0, block.operations.length, ...kept);
  });
  return swept;
}

/** What the analysis needs of an operation, gathered once: it goes over blocks again and again. */
interface RegisterUse {
  /** It has an effect. */
  readonly isKept: boolean;
  readonly targets: readonly number[];
  readonly sources: readonly number[];
}

function registersOf(block: Block): { readonly operations: readonly RegisterUse[]; readonly end: readonly number[] } {
  return { operations: block.operations.map(useOf), end: idsOf(endSources(block.end)) };
}

function useOf(operation: Operation): RegisterUse {
  const { op } = operation;
  const selfCopy = op === 'copy' && operation.source.kind === 'register' && operation.source.id === operation.target.id;
  if (selfCopy) return { isKept: false, targets: [], sources: [] };
  const targets = targetsOf(operation).map(({ id }) => id);
  return { isKept: hasEffect(operation), targets, sources: idsOf(sourcesOf(operation)) };
}

function idsOf(operands: readonly Operand[]): number[] {
  const ids: number[] = [];
  for (const operand of operands) if (operand.kind === 'register') ids.push(operand.id);
  return ids;
}
