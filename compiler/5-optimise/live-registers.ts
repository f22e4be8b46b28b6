import { BitSet } from '../bit-set.ts';
import { flowGraph, postorder } from '../flow-graph.ts';
import type { IrFunction } from '../ir.ts';
import { endSources, sourcesOf, targetsOf } from '../ir-walk.ts';

/** Registers whose value is still needed at the end of each block, what its terminator reads not counted; by block name. */
export function liveAfterBlocks(function_: IrFunction): Map<string, BitSet> {
  const size = function_.registers.length;
  const { blocks } = function_;
  const graph = flowGraph(blocks);
  const { successors } = graph;
  const liveIn = blocks.map(() => new BitSet(size));
  const killed = blocks.map(() => new BitSet(size));
  blocks.forEach((block, position) => {
    const read = liveIn[position]!;
    const written = killed[position]!;
    for (const operation of block.operations) {
      for (const source of sourcesOf(operation)) {
        if (source.kind === 'register' && !written.has(source.id)) read.add(source.id);
      }
      for (const target of targetsOf(operation)) written.add(target.id);
    }
    for (const source of endSources(block.end)) {
      if (source.kind === 'register' && !written.has(source.id)) read.add(source.id);
    }
  });
  const out = blocks.map(() => new BitSet(size));
  // What is needed reaches every block soon.
  const order = postorder(graph, blocks.keys());
  for (let changed = true; changed; ) {
    changed = false;
    for (const position of order) {
      let grown = false;
      for (const successor of successors[position]!) if (out[position]!.union(liveIn[successor]!)) grown = true;
      if (!grown) continue;
      const through = out[position]!.copy();
      killed[position]!.forEach((bit) => {
        through.delete(bit);
      });
      if (liveIn[position]!.union(through)) changed = true;
    }
  }
  return new Map(blocks.map((block, position) => [block.name, out[position]!]));
}
