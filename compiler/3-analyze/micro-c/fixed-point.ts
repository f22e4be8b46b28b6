import type { SourcePosition } from '../../../base/errors.ts';
import type { Diagnostics } from '../../diagnostics.ts';
import type { Analysis } from './scopes.ts';
import type { TypedExpression } from './typed-tree.ts';
import {
  DOUBLE,
  describeType,
  type FixedType,
  FLOAT,
  INT,
  type IntegerType,
  isFixed,
  isInteger,
  type Type,
} from './types.ts';
import { constantOf, poison, value } from './values.ts';

/**
 * Floating point as fixed point (`--lower`, paper section 3.1(b)): `float` is a 32-bit number with 16 bits behind the
 * point, `double` a 64-bit one with 32. Sums and comparisons are exact; a product is rounded, a quotient cut, to the
 * last of these bits; what is beyond the range wraps.
 */

/** What the report of a program's errors is made from. */
export interface FixedPointUse {
  used: SourcePosition | undefined;
  worst: { readonly error: number; readonly text: string; readonly position: SourcePosition } | undefined;
}

const OPERATORS: ReadonlySet<string> = new Set(['+', '-', '*', '/']);
const COMPARISONS: ReadonlySet<string> = new Set(['<', '>', '<=', '>=', '==', '!=']);

/** 6.4.4.2 */
export function floatingConstant(analysis: Analysis, text: string, position: SourcePosition): TypedExpression {
  if (!analysis.lower) {
    const hint = 'compile with the option --lower to get fixed-point numbers, or use scaled integers';
    analysis.diagnostics.error('lex-bad-constant', position, `${text}: the NIC has no floating point`, hint);
    return poison(position);
  }
  const type = /[fF]$/.test(text) && !/^0[xX]/.test(text) ? FLOAT : DOUBLE;
  const written = numberOf(text);
  const scaled = Math.round(written * 2 ** type.fraction);
  if (!Number.isFinite(written) || Math.abs(scaled) >= 2 ** (type.bits - 1)) {
    const hint = `${describeType(type)} has ${type.bits - type.fraction} bits before the point when it is lowered`;
    analysis.diagnostics.error('lower-fixed-range', position, `${text} is too large for fixed point`, hint);
    return poison(position);
  }
  note(analysis, Math.abs(scaled / 2 ** type.fraction - written), text, position);
  return { kind: 'constant', value: BigInt(scaled), ...value(type, position) };
}

function numberOf(text: string): number {
  const hexadecimal = /^0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?\d+)[fFlL]?$/.exec(text);
  if (hexadecimal === null) return Number(text.replace(/[fFlL]$/, ''));
  const [, whole = '', fraction = '', exponent = '0'] = hexadecimal;
  return Number.parseInt(`${whole}${fraction}` || '0', 16) * 2 ** (Number(exponent) - 4 * fraction.length);
}

function note(analysis: Analysis, error: number, text: string, position: SourcePosition): void {
  const { fixedPoint } = analysis.linkage;
  fixedPoint.used ??= position;
  if (error > (fixedPoint.worst?.error ?? 0)) fixedPoint.worst = { error, text, position };
}

/** One warning a program: what its numbers can be wrong by. */
export function reportFixedPoint({ used, worst }: FixedPointUse, diagnostics: Diagnostics): void {
  if (used === undefined) return;
  const bounds = `a product or quotient of float is off by at most ${ulp(FLOAT)}, of double by ${ulp(DOUBLE)}`;
  const constants =
    worst === undefined
      ? 'its constants are exact'
      : `of its constants ${worst.text} most, by ${worst.error.toPrecision(2)}`;
  const text = `floating point became fixed point: ${bounds}; ${constants}`;
  diagnostics.warning('fixed-point', worst?.position ?? used, text, 'docs/micro-c.md tells the ranges');
}

function ulp({ fraction }: FixedType): string {
  return (2 ** -fraction).toPrecision(2);
}

function isArithmetic(type: Type): boolean {
  return isInteger(type) || isFixed(type);
}

/** 6.3.1.8 where one of the types is floating. */
export function commonFixed(left: Type, right: Type): FixedType | undefined {
  if (!isArithmetic(left) || !isArithmetic(right)) return undefined;
  if (!isFixed(left) && !isFixed(right)) return undefined;
  return left === DOUBLE || right === DOUBLE ? DOUBLE : FLOAT;
}

/** An integer or a fixed-point number as fixed point of the type (6.3.1.4, 6.3.1.5). */
export function convertFixed(analysis: Analysis, operand: TypedExpression, type: FixedType): TypedExpression {
  const { type: from, position } = operand;
  if (from === type) return operand;
  analysis.linkage.fixedPoint.used ??= position;
  if (operand.kind !== 'constant') return { kind: 'convert', operand, ...value(type, position) };
  const shift = BigInt(type.fraction - (isFixed(from) ? from.fraction : 0));
  const half = shift < 0n ? 1n << (-shift - 1n) : 0n;
  const scaled = shift >= 0n ? operand.value << shift : (operand.value + half) >> -shift;
  if (BigInt.asIntN(type.bits, scaled) !== scaled) {
    const text = `the constant is too large for ${describeType(type)} as fixed point`;
    analysis.diagnostics.error('lower-fixed-range', position, text);
  }
  return { kind: 'constant', value: BigInt.asIntN(type.bits, scaled), ...value(type, position) };
}

/** 6.3.1.4: what is behind the point is dropped. */
export function fixedToInteger(operand: TypedExpression, type: IntegerType): TypedExpression {
  const { type: from, position } = operand;
  if (operand.kind !== 'constant' || !isFixed(from)) return { kind: 'convert', operand, ...value(type, position) };
  if (type.boolean) return constantOf(operand.value, type, position);
  return constantOf(operand.value / (1n << BigInt(from.fraction)), type, position);
}

/** Binary operators with a floating operand; undefined when there is none. */
export function fixedBinary(
  analysis: Analysis,
  operator: string,
  left: TypedExpression,
  right: TypedExpression,
  position: SourcePosition,
): TypedExpression | undefined {
  const type = commonFixed(left.type, right.type);
  if (type === undefined) return undefined;
  const a = convertFixed(analysis, left, type);
  const b = convertFixed(analysis, right, type);
  if (COMPARISONS.has(operator)) {
    if (operator === '==' || operator === '!=') {
      const text = `${operator} compares numbers that are rounded to ${ulp(type)}`;
      analysis.diagnostics.warning('fixed-point-equality', position, text, 'compare the difference with a bound');
    }
    if (a.kind === 'constant' && b.kind === 'constant') {
      return constantOf(compared(operator, a.value, b.value) ? 1n : 0n, INT, position);
    }
    return { kind: 'compare', operator: operator as '<', left: a, right: b, ...value(INT, position) };
  }
  if (!OPERATORS.has(operator)) {
    analysis.diagnostics.error('type-not-integer', position, `${operator} needs integers, not ${describeType(type)}`);
    return poison(position);
  }
  if (a.kind === 'constant' && b.kind === 'constant') {
    const folded = fold(operator, a.value, b.value, type);
    if (folded === undefined) {
      analysis.diagnostics.error('type-division-by-zero', position, 'division by zero in a constant expression');
      return poison(position);
    }
    return { kind: 'constant', value: BigInt.asIntN(type.bits, folded), ...value(type, position) };
  }
  return { kind: 'arithmetic', operator: operator as '+', left: a, right: b, ...value(type, position) };
}

function compared(operator: string, a: bigint, b: bigint): boolean {
  if (operator === '==' || operator === '!=') return (a === b) === (operator === '==');
  if (operator === '<' || operator === '>') return operator === '<' ? a < b : a > b;
  return operator === '<=' ? a <= b : a >= b;
}

function fold(operator: string, a: bigint, b: bigint, { fraction }: FixedType): bigint | undefined {
  const bits = BigInt(fraction);
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return (a * b + (1n << (bits - 1n))) >> bits;
    default:
      return b === 0n ? undefined : (a << bits) / b;
  }
}

/** The value of a compound assignment's right side and the type that it is computed in (6.5.16.2). */
export function fixedUpdate(
  analysis: Analysis,
  target: Type,
  right: TypedExpression,
): { readonly value: TypedExpression; readonly computeType: FixedType } | undefined {
  const computeType = commonFixed(target, right.type);
  return computeType && { value: convertFixed(analysis, right, computeType), computeType };
}
