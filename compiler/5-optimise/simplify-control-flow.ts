import type { Block, IrFunction, IrModule } from '../ir.ts';
import { blockMap, mapSuccessors, successorsOf } from '../ir-walk.ts';

/** Removes unreachable blocks, skips empty ones, joins a block with its only successor. */
export function simplifyControlFlow(module: IrModule): boolean {
  let changed = false;
  for (const function_ of module.functions.values()) {
    if (skipEmptyBlocks(function_)) changed = true;
    if (removeUnreachable(function_)) changed = true;
    if (joinBlocks(function_)) changed = true;
  }
  return changed;
}

function replaceBlocks(function_: IrFunction, blocks: readonly Block[]): void {
  function_.blocks.splice(0, function_.blocks.length, ...blocks);
}

/** A branch to a block that only jumps on goes to that jump's target. */
function skipEmptyBlocks(function_: IrFunction): boolean {
  const blocks = blockMap(function_.blocks);
  const finalTarget = (name: string): string => {
    const seen = new Set<string>();
    for (let at = name; ; ) {
      const block = blocks.get(at)!;
      if (block.operations.length > 0 || block.end.op !== 'jump' || seen.has(at)) return at;
      seen.add(at);
      at = block.end.to;
    }
  };
  let changed = false;
  for (const block of function_.blocks) {
    block.end = mapSuccessors(block.end, (name) => {
      const target = finalTarget(name);
      if (target !== name) changed = true;
      return target;
    });
    if ('taken' in block.end && block.end.taken === block.end.otherwise) {
      block.end = { op: 'jump', to: block.end.taken, position: block.end.position };
      changed = true;
    }
  }
  return changed;
}

function removeUnreachable(function_: IrFunction): boolean {
  const blocks = blockMap(function_.blocks);
  const reached = new Set<string>();
  const pending = [function_.blocks[0]!.name];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    pending.push(...successorsOf(blocks.get(name)!.end));
  }
  if (reached.size === function_.blocks.length) return false;
  replaceBlocks(
    function_,
    function_.blocks.filter((block) => reached.has(block.name)),
  );
  return true;
}

function joinBlocks(function_: IrFunction): boolean {
  const blocks = blockMap(function_.blocks);
  const predecessors = new Map<string, number>();
  for (const block of function_.blocks) {
    for (const successor of successorsOf(block.end)) {
      predecessors.set(successor, (predecessors.get(successor) ?? 0) + 1);
    }
  }
  const entry = function_.blocks[0]!.name;
  const gone = new Set<string>();
  for (const block of function_.blocks) {
    if (gone.has(block.name)) continue;
    while (block.end.op === 'jump') {
      const name = block.end.to;
      if (name === entry || name === block.name || predecessors.get(name) !== 1) break;
      const next = blocks.get(name)!;
      block.operations.push(...next.operations);
      block.end = next.end;
      gone.add(name);
    }
  }
  if (gone.size === 0) return false;
  replaceBlocks(
    function_,
    function_.blocks.filter((block) => !gone.has(block.name)),
  );
  return true;
}
