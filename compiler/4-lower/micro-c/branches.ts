import type { TypedExpression } from '../../3-analyze/micro-c/typed-tree.ts';
import { isFixed, isInteger } from '../../3-analyze/micro-c/types.ts';
import type { Operand } from '../../ir.ts';
import { lowerValue } from './evaluate.ts';
import { relationOf } from './integers.ts';
import { isTwoWords, type Lowering } from './lowering.ts';

/**
 * Ends the current block: to `yes` when the expression is not zero, else to `no`. Conditions are control flow as far as
 * they can be: `&&` and `||` make no truth values.
 */
export function branchOn(lowering: Lowering, expression: TypedExpression, yes: string, no: string): void {
  const { b } = lowering;
  switch (expression.kind) {
    case 'constant':
      b.at(expression.position).jump(expression.value !== 0n ? yes : no);
      return;
    case 'not':
      branchOn(lowering, expression.operand, no, yes);
      return;
    case 'logical': {
      const between = b.blockName(expression.operator === '&&' ? 'and' : 'or');
      if (expression.operator === '&&') branchOn(lowering, expression.left, between, no);
      else branchOn(lowering, expression.left, yes, between);
      b.startBlock(between);
      branchOn(lowering, expression.right, yes, no);
      return;
    }
    case 'compare':
      compare(lowering, expression, yes, no);
      return;
    case 'arithmetic':
      if (expression.operator === '&' && testsBit(lowering, expression, yes, no)) return;
      break;
  }
  const value = lowerValue(lowering, expression);
  b.at(expression.position);
  if (isTwoWords(expression.type)) {
    const { low, high } = lowering.pairOf(value);
    b.branch('ne', b.binary('or', low, high), 0, yes, no);
    return;
  }
  const word = lowering.wordOf(value);
  if (word.kind === 'constant') b.jump(word.value !== 0 ? yes : no);
  else b.branch('ne', word, 0, yes, no);
}

function compare(
  lowering: Lowering,
  expression: Extract<TypedExpression, { kind: 'compare' }>,
  yes: string,
  no: string,
): void {
  const { b } = lowering;
  const { type } = expression.left;
  const left = lowerValue(lowering, expression.left);
  const right = lowerValue(lowering, expression.right);
  const relation = relationOf(expression.operator, (isInteger(type) || isFixed(type)) && type.signed);
  b.at(expression.position);
  if (isTwoWords(type)) {
    const a = lowering.pairOf(left);
    const c = lowering.pairOf(right);
    b.branchWide(relation, [a.low, a.high], [c.low, c.high], yes, no);
    return;
  }
  const a = lowering.wordOf(left);
  const c = lowering.wordOf(right);
  const known = constantRelation(a, c, expression.operator);
  if (known === undefined) b.branch(relation, a, c, yes, no);
  else b.jump(known ? yes : no);
}

/** Equality of two constants, which inlined arguments give: the branch and its dead side disappear at once. */
function constantRelation(left: Operand, right: Operand, operator: string): boolean | undefined {
  if (left.kind !== 'constant' || right.kind !== 'constant') return undefined;
  if (operator === '==') return left.value === right.value;
  if (operator === '!=') return left.value !== right.value;
  return undefined;
}

/** `x & (1 << n)` as a condition is one instruction. */
function testsBit(
  lowering: Lowering,
  expression: Extract<TypedExpression, { kind: 'arithmetic' }>,
  yes: string,
  no: string,
): boolean {
  const { left, right, type } = expression;
  if (right.kind !== 'constant' || (isInteger(type) && type.bits === 64)) return false;
  const mask = Number(BigInt.asUintN(32, right.value));
  const bit = Math.log2(mask);
  if (!Number.isInteger(bit)) return false;
  const source = lowering.wordOf(lowerValue(lowering, left));
  lowering.b.at(expression.position);
  if (source.kind === 'constant') lowering.b.jump((source.value & mask) !== 0 ? yes : no);
  else lowering.b.branchBit(source, bit, yes, no);
  return true;
}
