import type { IrFunction } from '../ir.ts';
import { raisesSignalPair } from './select-memory.ts';

/**
 * Signals of commands that send data and receive some. They raise a second signal, the odd one above theirs: it is
 * reserved, so that it wakes nobody, and not waited for, since the same signal may serve other commands as well.
 */
export function signalPairs(function_: IrFunction): ReadonlySet<number> {
  const pairs = new Set<number>();
  for (const { operations } of function_.blocks) {
    for (const operation of operations) {
      if (operation.op !== 'memory' || operation.completion === 'swap') continue;
      if (raisesSignalPair(operation.command)) pairs.add(operation.completion);
    }
  }
  return pairs;
}
