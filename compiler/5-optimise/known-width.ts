import type { IrFunction, Operand, Operation } from '../ir.ts';
import { targetsOf } from '../ir-walk.ts';

/**
 * For every register the number of low bits that can be non-zero, whatever path the program takes: the largest over
 * all its definitions. Parameters and results of calls are taken as full words.
 */
export function knownWidths(function_: IrFunction): number[] {
  const widths = new Array<number>(function_.registers.length).fill(0);
  for (const parameter of function_.parameters) widths[parameter.id] = 32;
  const operations = function_.blocks.flatMap((block) => block.operations);
  // Widths only grow, so that the loop ends; most programs need two rounds.
  for (let changed = true; changed; ) {
    changed = false;
    for (const operation of operations) {
      const width = resultWidth(operation, widths);
      for (const target of targetsOf(operation)) {
        if (width > widths[target.id]!) {
          widths[target.id] = width;
          changed = true;
        }
      }
    }
  }
  return widths;
}

function resultWidth(operation: Operation, widths: readonly number[]): number {
  const of = (operand: Operand): number => {
    if (operand.kind === 'register') return widths[operand.id]!;
    return operand.kind === 'constant' ? 32 - Math.clz32(operand.value) : 32;
  };
  switch (operation.op) {
    case 'copy':
      return of(operation.source);
    case 'extract':
      return Math.max(0, Math.min(operation.width, of(operation.source) - operation.shift));
    case 'insert':
      return Math.max(of(operation.base), operation.shift + operation.width);
    case 'compare':
      return 1;
    case 'ffs':
      return 6;
    case 'context_number':
      return 3;
    case 'divide':
      return operation.operator === 'rem' && operation.right.kind === 'constant' && operation.right.value > 0
        ? Math.min(of(operation.left), 32 - Math.clz32(operation.right.value - 1))
        : operation.operator === 'div' && operation.right.kind === 'constant' && operation.right.value > 0
          ? of(operation.left)
          : 32;
    case 'binary': {
      const { operator, left, right } = operation;
      switch (operator) {
        case 'and':
          return Math.min(of(left), of(right));
        case 'or':
        case 'xor':
          return Math.max(of(left), of(right));
        case 'add':
          return Math.min(32, Math.max(of(left), of(right)) + 1);
        case 'mul':
          return Math.min(32, of(left) + of(right));
        case 'mulhigh':
          return Math.max(0, of(left) + of(right) - 32);
        case 'shl':
          return right.kind === 'constant' ? Math.min(32, of(left) + (right.value & 31)) : 32;
        case 'shr':
          return right.kind === 'constant' ? Math.max(0, of(left) - (right.value & 31)) : of(left);
        default:
          return 32;
      }
    }
    default:
      return 32;
  }
}
