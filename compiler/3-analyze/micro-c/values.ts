import type { SourcePosition } from '../../../base/errors.ts';
import type { TypedExpression } from './typed-tree.ts';
import { BOOLEAN, INT, type IntegerType, type QualifiedType, type Type, UNKNOWN } from './types.ts';

/** Wraps a value into an integer type, two's complement (6.3.1.3 and the implementation's rule for signed types). */
export function wrap(value: bigint, type: IntegerType): bigint {
  if (type.boolean) return value === 0n ? 0n : 1n;
  return type.signed ? BigInt.asIntN(type.bits, value) : BigInt.asUintN(type.bits, value);
}

export function constantOf(value: bigint, type: IntegerType, position: SourcePosition): TypedExpression {
  return { kind: 'constant', value: wrap(value, type), type, position, lvalue: false, qualifiers: undefined };
}

/** Stands for what was wrong and is reported. */
export function poison(position: SourcePosition): TypedExpression {
  return { kind: 'constant', value: 0n, type: UNKNOWN, position, lvalue: false, qualifiers: undefined };
}

export function isPoison(expression: TypedExpression): boolean {
  return expression.type === UNKNOWN;
}

/** The common part of a value (no lvalue) at a place. */
export function value(type: Type, position: SourcePosition) {
  return { type, position, lvalue: false as const, qualifiers: undefined };
}

/** The common part of an lvalue. */
export function object(qualifiers: QualifiedType, position: SourcePosition) {
  return { type: qualifiers.type, position, lvalue: true as const, qualifiers };
}

/** Converts an integer or a scalar to an integer type; constants convert now. */
export function convertInteger(operand: TypedExpression, type: IntegerType): TypedExpression {
  if (operand.kind === 'constant') return constantOf(operand.value, type, operand.position);
  const from = operand.type;
  if (
    from.kind === 'integer' &&
    from.bits === type.bits &&
    from.signed === type.signed &&
    from.boolean === type.boolean
  ) {
    return operand;
  }
  return { kind: 'convert', operand, ...value(type, operand.position) };
}

type Arithmetic = Extract<TypedExpression, { kind: 'arithmetic' }>['operator'];
type Comparison = Extract<TypedExpression, { kind: 'compare' }>['operator'];

/**
 * Both operands already have the type (6.5.5 to 6.5.12); a shift's right operand may have another one. A constant
 * divisor is not zero: that has been refused.
 */
export function arithmetic(
  operator: Arithmetic,
  left: TypedExpression,
  right: TypedExpression,
  type: IntegerType,
  position: SourcePosition,
): TypedExpression {
  if (left.kind === 'constant' && right.kind === 'constant') {
    return constantOf(foldArithmetic(operator, left.value, right.value, type), type, position);
  }
  return { kind: 'arithmetic', operator, left, right, ...value(type, position) };
}

function foldArithmetic(operator: Arithmetic, a: bigint, b: bigint, type: IntegerType): bigint {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '<<':
      return a << (b & BigInt(type.bits - 1));
    case '>>':
      return a >> (b & BigInt(type.bits - 1));
  }
}

export function comparison(
  operator: Comparison,
  left: TypedExpression,
  right: TypedExpression,
  position: SourcePosition,
): TypedExpression {
  if (left.kind === 'constant' && right.kind === 'constant') {
    return constantOf(foldComparison(operator, left.value, right.value) ? 1n : 0n, INT, position);
  }
  return { kind: 'compare', operator, left, right, ...value(INT, position) };
}

function foldComparison(operator: Comparison, a: bigint, b: bigint): boolean {
  switch (operator) {
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '<=':
      return a <= b;
    case '>=':
      return a >= b;
    case '==':
      return a === b;
    case '!=':
      return a !== b;
  }
}

/** The value of an integer constant expression (6.6); undefined when it is none. */
export function constantValue(expression: TypedExpression): bigint | undefined {
  return expression.kind === 'constant' && expression.type.kind === 'integer' ? expression.value : undefined;
}

/** 6.3.2.3: an integer constant 0, which is a null pointer. */
export function isNull(expression: TypedExpression): boolean {
  return expression.kind === 'constant' && expression.value === 0n && expression.type !== BOOLEAN;
}
