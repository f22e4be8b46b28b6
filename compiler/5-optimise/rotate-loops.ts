import type { Block, IrModule } from '../ir.ts';
import { blockMap } from '../ir-walk.ts';

/** A loop test of at most this many operations is worth a second copy. */
const TEST_OPERATIONS = 4;

/**
 * A loop that tests at its head jumps back there every turn. Where the head is only a short test, the jump becomes a
 * copy of it: one taken branch a turn instead of two.
 */
export function rotateLoops(module: IrModule): boolean {
  let changed = false;
  for (const function_ of module.functions.values()) {
    const blocks = blockMap(function_.blocks);
    const place = new Map(function_.blocks.map((block, index) => [block.name, index]));
    function_.blocks.forEach((block, index) => {
      if (block.end.op !== 'jump' || place.get(block.end.to)! > index) return;
      const head = blocks.get(block.end.to)!;
      if (head === block || !isShortTest(head)) return;
      block.operations.push(...head.operations);
      block.end = head.end;
      changed = true;
    });
  }
  return changed;
}

function isShortTest(block: Block): boolean {
  if (!('taken' in block.end) || block.operations.length > TEST_OPERATIONS) return false;
  return block.operations.every((operation) => operation.op !== 'call' && operation.op !== 'memory');
}
