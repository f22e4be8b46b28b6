import type { Block, IrFunction, Operation, Terminator } from '../ir.ts';

/**
 * Blocks in which a pass found nothing to do, as they were then: a pass that looks at one block at a time leaves them out
 * until another pass has changed them.
 */
export class SettledBlocks {
  private readonly blocks = new Map<Block, { readonly operations: readonly Operation[]; readonly end: Terminator }>();
  private readonly assumptions = new Map<IrFunction, string>();

  /** What the pass takes from the rest of the function: blocks that were settled under something else are not. */
  assume(function_: IrFunction, text: string): void {
    if (this.assumptions.get(function_) === text) return;
    this.assumptions.set(function_, text);
    for (const block of function_.blocks) this.blocks.delete(block);
  }

  has(block: Block): boolean {
    const settled = this.blocks.get(block);
    if (settled === undefined || settled.end !== block.end) return false;
    const { operations } = block;
    return (
      settled.operations.length === operations.length &&
      settled.operations.every((operation, index) => operation === operations[index])
    );
  }

  add(block: Block): void {
    this.blocks.set(block, { operations: [...block.operations], end: block.end });
  }
}
