import { BitSet } from '../bit-set.ts';
import { flowGraph } from '../flow-graph.ts';
import type { Block, IrFunction, IrModule, Operand, Operation } from '../ir.ts';
import { endSources, hasEffect, sourcesOf, targetsOf } from '../ir-walk.ts';

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

function sweepFunction({ blocks, registers }: IrFunction): boolean {
  const { successors, predecessors } = flowGraph(blocks);
  const uses = blocks.map(usesOf);
  const liveIn = blocks.map(() => new BitSet(registers.length));
  const live = new BitSet(registers.length);
  // From the last block backwards, again where what the successors need has grown.
  const dirty = new Uint8Array(blocks.length).fill(1);
  for (let left = dirty.length; left > 0; ) {
    for (let place = dirty.length - 1; place >= 0; place--) {
      if (dirty[place] === 0) continue;
      dirty[place] = 0;
      left--;
      live.clear();
      for (const successor of successors[place]!) live.union(liveIn[successor]!);
      walkBack(uses[place]!, live);
      if (!liveIn[place]!.union(live)) continue;
      for (const predecessor of predecessors[place]!) {
        if (dirty[predecessor] === 0) left++;
        dirty[predecessor] = 1;
      }
    }
  }
  let swept = false;
  blocks.forEach((block, place) => {
    live.clear();
    for (const successor of successors[place]!) live.union(liveIn[successor]!);
    const { operations } = block;
    const needed: Operation[] = [];
    walkBack(uses[place]!, live, (fromEnd) => needed.push(operations.at(-1 - fromEnd)!));
    if (needed.length === operations.length) return;
    swept = true;
    operations.splice(0, operations.length, ...needed.reverse());
  });
  return swept;
}

/**
 * Which registers a block's operations use, last first, gathered once since the analysis goes over blocks again and
 * again: the terminator's number of sources and these; then for each operation whether it has an effect, its numbers of
 * targets and sources, and these.
 */
type Uses = readonly number[];

function usesOf({ operations, end }: Block): Uses {
  const uses: number[] = [0];
  uses[0] = pushRegisters(uses, endSources(end));
  for (let i = operations.length - 1; i >= 0; i--) {
    const operation = operations[i]!;
    if (isSelfCopy(operation)) {
      uses.push(0, 0, 0);
      continue;
    }
    const targets = targetsOf(operation);
    const head = uses.push(hasEffect(operation) ? 1 : 0, targets.length, 0) - 1;
    for (const { id } of targets) uses.push(id);
    uses[head] = pushRegisters(uses, sourcesOf(operation));
  }
  return uses;
}

function isSelfCopy(operation: Operation): boolean {
  return operation.op === 'copy' && operation.source.kind === 'register' && operation.source.id === operation.target.id;
}

/** How many of the operands are registers. */
function pushRegisters(uses: number[], operands: readonly Operand[]): number {
  let count = 0;
  for (const operand of operands) {
    if (operand.kind !== 'register') continue;
    uses.push(operand.id);
    count++;
  }
  return count;
}

/**
 * Goes from what is live behind a block to what is live before it, as if what nothing needs were not there.
 * @param keep takes the numbers of operations that something needs, 0 for the last one
 */
function walkBack(uses: Uses, live: BitSet, keep?: (fromEnd: number) => void): void {
  let at = 1;
  for (const end = at + uses[0]!; at < end; at++) live.add(uses[at]!);
  for (let fromEnd = 0; at < uses.length; fromEnd++) {
    const sourcesStart = at + 3 + uses[at + 1]!;
    const next = sourcesStart + uses[at + 2]!;
    let isNeeded = uses[at] === 1;
    for (let i = at + 3; i < sourcesStart && !isNeeded; i++) isNeeded = live.has(uses[i]!);
    if (isNeeded) {
      for (let i = at + 3; i < sourcesStart; i++) live.delete(uses[i]!);
      for (let i = sourcesStart; i < next; i++) live.add(uses[i]!);
      keep?.(fromEnd);
    }
    at = next;
  }
}
