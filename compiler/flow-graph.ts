import type { Block } from './ir.ts';
import { successorsOf } from './ir-walk.ts';

/** The blocks of a function as numbers, their places in its list, and the edges between them, none twice. */
export interface FlowGraph {
  readonly successors: readonly (readonly number[])[];
  readonly predecessors: readonly (readonly number[])[];
}

export function flowGraph(blocks: readonly Block[]): FlowGraph {
  const places = new Map(blocks.map(({ name }, place) => [name, place]));
  const successors = blocks.map(({ end }) => successorsOf(end).map((name) => places.get(name)!));
  const predecessors: number[][] = blocks.map(() => []);
  successors.forEach((list, place) => {
    for (const successor of list) predecessors[successor]!.push(place);
  });
  return { successors, predecessors };
}

/** Blocks that can be reached from `roots`, successors before what leads to them, as far as loops allow. */
export function postorder({ successors }: FlowGraph, roots: Iterable<number> = [0]): number[] {
  const order: number[] = [];
  const seen = new Uint8Array(successors.length);
  const path: number[] = [];
  /** How many successors of each block on the path were gone to. */
  const gone = new Int32Array(successors.length);
  for (const root of roots) {
    if (seen[root] === 1) continue;
    seen[root] = 1;
    path.push(root);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const following = successors[top]![gone[top]!++];
      if (following === undefined) {
        order.push(top);
        path.pop();
      } else if (seen[following] === 0) {
        seen[following] = 1;
        path.push(following);
      }
    }
  }
  return order;
}
