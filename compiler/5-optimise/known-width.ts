import type { IrFunction, Operand, Operation } from '../ir.ts';
import { targetsOf } from '../ir-walk.ts';

/**
 * For every register the number of low bits that can be non-zero, whatever path the program takes: the largest over
 * all its definitions. Parameters and results of calls are taken as full words.
 */
export function knownWidths(function_: IrFunction): number[] {
  const widths = new Array<number>(function_.registers.length).fill(0);
  for (const parameter of function_.parameters) widths[parameter.id] = 32;
  const operations = function_.blocks.flatMap((block) =>
    block.operations.filter((operation) => targetsOf(operation).length > 0),
  );
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

function widthOf(operand: Operand, widths: readonly number[]): number {
  if (operand.kind === 'register') return widths[operand.id]!;
  return operand.kind === 'constant' ? 32 - Math.clz32(operand.value) : 32;
}

function resultWidth(operation: Operation, widths: readonly number[]): number {
  switch (operation.op) {
    case 'copy':
      return widthOf(operation.source, widths);
    case 'extract':
      return Math.max(0, Math.min(operation.width, widthOf(operation.source, widths) - operation.shift));
    case 'insert':
      return Math.max(widthOf(operation.base, widths), operation.shift + operation.width);
    case 'compare':
      return 1;
    case 'ffs':
      return 6;
    case 'context_number':
      return 3;
    case 'divide':
      return operation.operator === 'rem' && operation.right.kind === 'constant' && operation.right.value > 0
        ? Math.min(widthOf(operation.left, widths), 32 - Math.clz32(operation.right.value - 1))
        : operation.operator === 'div' && operation.right.kind === 'constant' && operation.right.value > 0
          ? widthOf(operation.left, widths)
          : 32;
    case 'binary': {
      const { operator, left, right } = operation;
      switch (operator) {
        case 'and':
          return Math.min(widthOf(left, widths), widthOf(right, widths));
        case 'or':
        case 'xor':
          return Math.max(widthOf(left, widths), widthOf(right, widths));
        case 'add':
          return Math.min(32, Math.max(widthOf(left, widths), widthOf(right, widths)) + 1);
        case 'mul':
          return Math.min(32, widthOf(left, widths) + widthOf(right, widths));
        case 'mulhigh':
          return Math.max(0, widthOf(left, widths) + widthOf(right, widths) - 32);
        case 'shl':
          return right.kind === 'constant' ? Math.min(32, widthOf(left, widths) + (right.value & 31)) : 32;
        case 'shr':
          return right.kind === 'constant'
            ? Math.max(0, widthOf(left, widths) - (right.value & 31))
            : widthOf(left, widths);
        default:
          return 32;
      }
    }
    default:
      return 32;
  }
}
