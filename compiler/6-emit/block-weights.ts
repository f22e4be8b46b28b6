import type { IrFunction } from '../ir.ts';
import { blockMap, successorsOf } from '../ir-walk.ts';

/** A loop body is taken to run this many times for each time that the loop is entered. */
const LOOP_FACTOR = 8;
const WEIGHT_MAX = LOOP_FACTOR ** 5;

/** How often each block probably runs for one run of the function: 8 times more for each loop around it. */
export function blockWeights(function_: IrFunction): Map<string, number> {
  const blocks = blockMap(function_.blocks);
  const predecessors = new Map<string, string[]>(function_.blocks.map((block) => [block.name, []]));
  for (const block of function_.blocks) {
    for (const successor of successorsOf(block.end)) predecessors.get(successor)!.push(block.name);
  }
  const weights = new Map(function_.blocks.map((block) => [block.name, 1]));
  for (const [from, header] of backEdges(function_.blocks[0]!.name, blocks)) {
    // Natural loop of the back edge: what reaches its source without passing the header.
    const body = new Set([header]);
    const pending = [from];
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (body.has(name)) continue;
      body.add(name);
      pending.push(...predecessors.get(name)!);
    }
    for (const name of body) weights.set(name, Math.min(WEIGHT_MAX, weights.get(name)! * LOOP_FACTOR));
  }
  return weights;
}

/** Edges to a block that is still open in a depth-first walk; one a header, so that `continue` adds no depth. */
function backEdges(entry: string, blocks: ReturnType<typeof blockMap>): [string, string][] {
  const edges = new Map<string, [string, string]>();
  const state = new Map<string, 'open' | 'done'>();
  const stack: { name: string; next: number }[] = [{ name: entry, next: 0 }];
  state.set(entry, 'open');
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    const successors = successorsOf(blocks.get(top.name)!.end);
    const successor = successors[top.next++];
    if (successor === undefined) {
      state.set(top.name, 'done');
      stack.pop();
    } else if (!state.has(successor)) {
      state.set(successor, 'open');
      stack.push({ name: successor, next: 0 });
    } else if (state.get(successor) === 'open' && !edges.has(successor)) edges.set(successor, [top.name, successor]);
  }
  return [...edges.values()];
}
