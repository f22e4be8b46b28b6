import type { TypedExpression } from './typed-tree.ts';
import type { IntegerType } from './types.ts';

/**
 * Whether an assignment of a value to a type can lose bits that the value may have, signs aside: masks, shifts, narrow
 * fields and types are looked through, as those show that a program has thought of it.
 */
export function mayLoseBits(value: TypedExpression, target: IntegerType): boolean {
  return !target.boolean && significantBits(value) > target.bits;
}

/** Bits that a value needs at most, without its sign. */
function significantBits(value: TypedExpression): number {
  const { type } = value;
  if (type.kind !== 'integer') return 0;
  return Math.min(type.boolean ? 1 : type.bits, ownBits(value));
}

function ownBits(value: TypedExpression): number {
  switch (value.kind) {
    case 'constant':
      return (value.value < 0n ? -value.value - 1n : value.value).toString(2).length;
    case 'compare':
    case 'logical':
      return 1;
    case 'field':
      return value.field.bits?.width ?? 64;
    case 'convert':
      return significantBits(value.operand);
    case 'conditional':
      return Math.max(significantBits(value.then), significantBits(value.otherwise));
    case 'comma':
      return significantBits(value.right);
    case 'arithmetic': {
      const { operator, left, right } = value;
      const [a, b] = [significantBits(left), significantBits(right)];
      if (operator === '&') return Math.min(a, b);
      if (operator === '|' || operator === '^') return Math.max(a, b);
      if (operator === '%') return Math.min(a, b);
      if (operator === '/') return a;
      if (operator === '>>') return right.kind === 'constant' ? Math.max(a - Number(right.value), 0) : a;
      // Carries of sums and products of narrow values are what everybody cuts off.
      return operator === '<<' ? 64 : Math.max(a, b);
    }
    default:
      return 64;
  }
}
