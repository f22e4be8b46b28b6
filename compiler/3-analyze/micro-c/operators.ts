import type { SourcePosition } from '../../../base/errors.ts';
import type { Expression } from '../../2-parse/micro-c/tree.ts';
import { addressSpace, convertTo, rvalue } from './conversions.ts';
import { analyzeCondition, analyzeExpression, analyzeValue } from './evaluate.ts';
import { commonFixed, convertFixed, fixedBinary } from './fixed-point.ts';
import type { Analysis } from './scopes.ts';
import type { TypedExpression } from './typed-tree.ts';
import {
  commonType,
  describeType,
  INT,
  isFunctionPointer,
  isInteger,
  type PointerType,
  promote,
  sameType,
  sizeOf,
} from './types.ts';
import { arithmetic, comparison, constantOf, convertInteger, isNull, isPoison, poison, value } from './values.ts';

type Binary = Extract<Expression, { kind: 'binary' }>;
const COMPARISONS: ReadonlySet<string> = new Set(['<', '>', '<=', '>=', '==', '!=']);

/** 6.5.5 to 6.5.12 */
export function binary(analysis: Analysis, expression: Binary): TypedExpression {
  const { position, operator } = expression;
  const left = analyzeValue(analysis, expression.left);
  const right = analyzeValue(analysis, expression.right);
  if (isPoison(left) || isPoison(right)) return poison(position);
  if (left.type.kind === 'pointer' || right.type.kind === 'pointer') {
    return pointerBinary(analysis, expression, left, right);
  }
  const fixed = fixedBinary(analysis, operator, left, right, position);
  if (fixed !== undefined) return fixed;
  if (!isInteger(left.type) || !isInteger(right.type)) {
    const wrong = isInteger(left.type) ? right : left;
    const text = `${operator} needs integers, not ${describeType(wrong.type)}`;
    analysis.diagnostics.error('type-not-integer', position, text);
    return poison(position);
  }
  if (operator === '<<' || operator === '>>') {
    const type = promote(left.type);
    const amount = convertInteger(right, INT);
    if (amount.kind === 'constant' && (amount.value < 0n || amount.value >= BigInt(type.bits))) {
      const text = `shift of a ${type.bits}-bit value by ${amount.value}`;
      analysis.diagnostics.warning('shift-out-of-range', position, text, 'C leaves the result undefined');
    }
    return arithmetic(operator, convertInteger(left, type), amount, type, position);
  }
  const type = commonType(left.type, right.type);
  const a = convertInteger(left, type);
  const b = convertInteger(right, type);
  if (COMPARISONS.has(operator)) return comparison(operator as '<', a, b, position);
  if (operator === '/' || operator === '%') {
    if (b.kind === 'constant' && b.value === 0n) {
      const text = a.kind === 'constant' ? 'division by zero in a constant expression' : 'division by zero';
      analysis.diagnostics.error('type-division-by-zero', position, text);
      return poison(position);
    }
  }
  return arithmetic(operator as '+', a, b, type, position);
}

function pointerBinary(
  analysis: Analysis,
  expression: Binary,
  left: TypedExpression,
  right: TypedExpression,
): TypedExpression {
  const { operator, position } = expression;
  if (operator === '+' && left.type.kind === 'pointer' && isInteger(right.type)) {
    return pointerAdd(analysis, left, right, false, position);
  }
  if (operator === '+' && right.type.kind === 'pointer' && isInteger(left.type)) {
    return pointerAdd(analysis, right, left, false, position);
  }
  if (operator === '-' && left.type.kind === 'pointer' && isInteger(right.type)) {
    return pointerAdd(analysis, left, right, true, position);
  }
  if (operator === '-' && left.type.kind === 'pointer' && right.type.kind === 'pointer') {
    const octets = sizeOf(left.type.to.type);
    if (octets !== undefined && sameType(left.type.to.type, right.type.to.type)) {
      const [a, b] = commonSpace(analysis, left, right, position);
      return { kind: 'pointer-difference', left: a, right: b, octets, ...value(INT, position) };
    }
  }
  if (COMPARISONS.has(operator)) {
    const compared = comparePointers(analysis, operator as '<', left, right, position);
    if (compared !== undefined) return compared;
  }
  const text = `${operator} between ${describeType(left.type)} and ${describeType(right.type)}`;
  analysis.diagnostics.error('type-bad-operands', position, text);
  return poison(position);
}

function comparePointers(
  analysis: Analysis,
  operator: '<' | '>' | '<=' | '>=' | '==' | '!=',
  left: TypedExpression,
  right: TypedExpression,
  position: SourcePosition,
): TypedExpression | undefined {
  const first = left.type.kind === 'pointer' ? left : convertNull(analysis, left, right, position);
  const second = right.type.kind === 'pointer' ? right : convertNull(analysis, right, left, position);
  if (first === undefined || second === undefined) return undefined;
  const [a, b] = commonSpace(analysis, first, second, position);
  if (a?.type.kind !== 'pointer' || b?.type.kind !== 'pointer') return undefined;
  if (addressSpace(a.type) !== addressSpace(b.type)) return undefined;
  return { kind: 'compare', operator, left: a, right: b, ...value(INT, position) };
}

/** Pointers of which one is into local memory and one is plain: both plain. */
function commonSpace(
  analysis: Analysis,
  left: TypedExpression,
  right: TypedExpression,
  position: SourcePosition,
): [TypedExpression, TypedExpression] {
  if (left.type.kind !== 'pointer' || right.type.kind !== 'pointer') return [left, right];
  const a = addressSpace(left.type);
  const b = addressSpace(right.type);
  if (a === 'lmem' && b === 'mem') {
    const target = { ...left.type, to: { ...left.type.to, memory: undefined } };
    return [convertTo(analysis, left, target, position, 'assignment'), right];
  }
  if (a === 'mem' && b === 'lmem') {
    const target = { ...right.type, to: { ...right.type.to, memory: undefined } };
    return [left, convertTo(analysis, right, target, position, 'assignment')];
  }
  return [left, right];
}

function convertNull(analysis: Analysis, operand: TypedExpression, like: TypedExpression, position: SourcePosition) {
  return isNull(operand) ? convertTo(analysis, operand, like.type, position, 'assignment') : undefined;
}

/** 6.5.6 pointer plus or minus integer */
export function pointerAdd(
  analysis: Analysis,
  pointer: TypedExpression,
  index: TypedExpression,
  subtract: boolean,
  position: SourcePosition,
): TypedExpression {
  const to = pointer.type.kind === 'pointer' ? pointer.type.to.type : undefined;
  // Counting in `void` octet by octet is what everybody's compilers do.
  const octets = to?.kind === 'void' ? 1 : to && sizeOf(to);
  if (octets === undefined || !isInteger(index.type)) {
    const text = octets === undefined ? `cannot count in ${describeType(pointer.type)}` : 'an index must be an integer';
    analysis.diagnostics.error('type-bad-operands', position, text);
    return pointer;
  }
  const converted = convertInteger(index, INT);
  if (converted.kind === 'constant' && converted.value === 0n) return pointer;
  return { kind: 'pointer-add', pointer, index: converted, octets, subtract, ...value(pointer.type, position) };
}

/** 6.5.13 and 6.5.14 */
export function logical(analysis: Analysis, expression: Extract<Expression, { kind: 'logical' }>): TypedExpression {
  const { operator, position } = expression;
  const left = analyzeCondition(analysis, expression.left);
  const right = analyzeCondition(analysis, expression.right);
  if (left.kind === 'constant') {
    const decides = (left.value !== 0n) === (operator === '||');
    if (decides) return constantOf(operator === '||' ? 1n : 0n, INT, position);
    if (right.kind === 'constant') return constantOf(right.value !== 0n ? 1n : 0n, INT, position);
  }
  return { kind: 'logical', operator, left, right, ...value(INT, position) };
}

/** 6.5.15 */
export function conditional(
  analysis: Analysis,
  expression: Extract<Expression, { kind: 'conditional' }>,
): TypedExpression {
  const { position } = expression;
  const condition = analyzeCondition(analysis, expression.condition);
  let then = rvalue(analyzeExpression(analysis, expression.then));
  let otherwise = rvalue(analyzeExpression(analysis, expression.otherwise));
  const fixed = commonFixed(then.type, otherwise.type);
  if (fixed !== undefined) {
    then = convertFixed(analysis, then, fixed);
    otherwise = convertFixed(analysis, otherwise, fixed);
  } else if (isInteger(then.type) && isInteger(otherwise.type)) {
    const type = commonType(then.type, otherwise.type);
    then = convertInteger(then, type);
    otherwise = convertInteger(otherwise, type);
  } else if (then.type.kind === 'pointer' && isInteger(otherwise.type) && !isPoison(otherwise)) {
    otherwise = convertTo(analysis, otherwise, then.type, otherwise.position, 'assignment');
  } else if (otherwise.type.kind === 'pointer' && isInteger(then.type) && !isPoison(then)) {
    then = convertTo(analysis, then, otherwise.type, then.position, 'assignment');
  } else if (then.type.kind === 'pointer' && otherwise.type.kind === 'pointer') {
    [then, otherwise] = commonSpace(analysis, then, otherwise, position);
    const composite = compositePointer(then.type as PointerType, otherwise.type as PointerType);
    if (composite === undefined) {
      const text = `${describeType(then.type)} or ${describeType(otherwise.type)} is no one type`;
      analysis.diagnostics.error('type-bad-operands', position, text);
      return poison(position);
    }
    then = convertTo(analysis, then, composite, then.position, 'cast');
    otherwise = convertTo(analysis, otherwise, composite, otherwise.position, 'cast');
  } else if (isPoison(then) || isPoison(otherwise)) {
    return poison(position);
  } else if (!sameType(then.type, otherwise.type)) {
    const text = `${describeType(then.type)} or ${describeType(otherwise.type)} is no one type`;
    analysis.diagnostics.error('type-bad-operands', position, text);
    return poison(position);
  }
  if (condition.kind === 'constant') return condition.value !== 0n ? then : otherwise;
  return { kind: 'conditional', condition, then, otherwise, ...value(then.type, position) };
}

/** 6.5.15 p6: `void *` if one is, const if one points to const. */
function compositePointer(a: PointerType, b: PointerType): PointerType | undefined {
  if (addressSpace(a) !== addressSpace(b)) return undefined;
  if (isFunctionPointer(a) || isFunctionPointer(b)) return sameType(a, b) ? a : undefined;
  const isConst = a.to.const || b.to.const;
  const either = a.to.type.kind === 'void' ? a : b.to.type.kind === 'void' ? b : sameType(a, b) ? a : undefined;
  return either && { ...either, to: { ...either.to, const: isConst } };
}
