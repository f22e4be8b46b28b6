import type { SourcePosition } from '../../base/errors.ts';
import type { Diagnostics } from '../diagnostics.ts';
import { parseCharacterConstant, parseIntegerConstant } from './constants.ts';
import type { Token } from './token.ts';

/** A value of `intmax_t` or `uintmax_t` (C99 6.10.1p4): 64 bits. */
interface Value {
  readonly value: bigint;
  readonly unsigned: boolean;
}

interface Binary {
  readonly precedence: number;
  /** Of operands that were converted to one type; undefined: division by zero. */
  readonly apply: (a: bigint, b: bigint) => bigint | undefined;
  /** The result is an int, whatever the operands are. */
  readonly relation?: true;
  /** The operands keep types of their own, and the left one's is the result's. */
  readonly shift?: true;
}

const truth = (value: boolean): bigint => (value ? 1n : 0n);
const ZERO: Value = { value: 0n, unsigned: false };
const OR = 1;
const AND = 2;
const BINARIES: ReadonlyMap<string, Binary> = new Map<string, Binary>([
  ['||', { precedence: OR, apply: (a, b) => truth(a !== 0n || b !== 0n), relation: true }],
  ['&&', { precedence: AND, apply: (a, b) => truth(a !== 0n && b !== 0n), relation: true }],
  ['|', { precedence: 3, apply: (a, b) => a | b }],
  ['^', { precedence: 4, apply: (a, b) => a ^ b }],
  ['&', { precedence: 5, apply: (a, b) => a & b }],
  ['==', { precedence: 6, apply: (a, b) => truth(a === b), relation: true }],
  ['!=', { precedence: 6, apply: (a, b) => truth(a !== b), relation: true }],
  ['<', { precedence: 7, apply: (a, b) => truth(a < b), relation: true }],
  ['>', { precedence: 7, apply: (a, b) => truth(a > b), relation: true }],
  ['<=', { precedence: 7, apply: (a, b) => truth(a <= b), relation: true }],
  ['>=', { precedence: 7, apply: (a, b) => truth(a >= b), relation: true }],
  ['<<', { precedence: 8, apply: shiftLeft, shift: true }],
  ['>>', { precedence: 8, apply: (a, b) => shiftLeft(a, -b), shift: true }],
  ['+', { precedence: 9, apply: (a, b) => a + b }],
  ['-', { precedence: 9, apply: (a, b) => a - b }],
  ['*', { precedence: 10, apply: (a, b) => a * b }],
  ['/', { precedence: 10, apply: (a, b) => (b === 0n ? undefined : a / b) }],
  ['%', { precedence: 10, apply: (a, b) => (b === 0n ? undefined : a % b) }],
]);

/** Amounts beyond the width take everything out, and negative ones shift the other way, as gcc has them. */
function shiftLeft(value: bigint, amount: bigint): bigint {
  if (amount >= 64n) return 0n;
  return amount >= 0n ? value << amount : value >> (amount < -64n ? 64n : -amount);
}

function wrapped(value: bigint, unsigned: boolean): Value {
  return { value: unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value), unsigned };
}

/** Nesting beyond this is a garbled file, and would only exhaust the stack. */
const MAX_DEPTH = 200;

/**
 * The controlling expression of `#if` (C99 6.10.1): `defined` is resolved and macros are expanded already, names that
 * are left count as 0. A bad expression is reported once and counts as false.
 */
export function evaluateCondition(
  tokens: readonly Token[],
  directive: SourcePosition,
  diagnostics: Diagnostics,
): boolean {
  let at = 0;
  let failed = false;
  /** How many operands around this one do not count: `0 && 1/0` and `1 ? 2 : 1/0` are fine. */
  let skipping = 0;
  const skipped = (skip: boolean, parse: () => Value): Value => {
    if (skip) skipping++;
    const value = parse();
    if (skip) skipping--;
    return value;
  };
  const fail = (position: SourcePosition, message: string): Value => {
    if (!failed) diagnostics.error('pp-bad-condition', position, message);
    failed = true;
    return ZERO;
  };
  const here = (): SourcePosition => tokens[at]?.position ?? tokens.at(-1)?.position ?? directive;
  const accept = (text: string): boolean => {
    if (tokens[at]?.text !== text) return false;
    at++;
    return true;
  };

  const conditional = (depth: number): Value => {
    const condition = binary(OR, depth);
    if (!accept('?')) return condition;
    const holds = condition.value !== 0n;
    const then = skipped(!holds, () => conditional(depth + 1));
    if (!accept(':')) return fail(here(), 'expected : in the condition');
    const otherwise = skipped(holds, () => conditional(depth + 1));
    return wrapped((holds ? then : otherwise).value, then.unsigned || otherwise.unsigned);
  };
  const binary = (minimum: number, depth: number): Value => {
    let left = unary(depth);
    for (;;) {
      const operator = BINARIES.get(tokens[at]?.text ?? '');
      if (operator === undefined || operator.precedence < minimum || failed) return left;
      const position = here();
      const { precedence } = operator;
      const decided = (precedence === AND && left.value === 0n) || (precedence === OR && left.value !== 0n);
      at++;
      const right = skipped(decided, () => binary(precedence + 1, depth + 1));
      const value = applied(operator, left, right);
      if (value === undefined && skipping === 0) return fail(position, 'division by zero in the condition');
      left = value ?? ZERO;
    }
  };
  const unary = (depth: number): Value => {
    if (depth > MAX_DEPTH) return fail(here(), 'condition is nested too deeply');
    if (accept('!')) return { value: truth(unary(depth + 1).value === 0n), unsigned: false };
    if (accept('-')) return changed(unary(depth + 1), (value) => -value);
    if (accept('+')) return unary(depth + 1);
    if (accept('~')) return changed(unary(depth + 1), (value) => ~value);
    if (accept('(')) {
      const value = conditional(depth + 1);
      if (!accept(')')) return fail(here(), 'expected ) in the condition');
      return value;
    }
    const token = tokens[at];
    if (token === undefined) return fail(here(), 'the condition ends too early');
    at++;
    return operandOf(token) ?? fail(token.position, `${token.text} cannot stand in a condition`);
  };

  if (tokens.length === 0) {
    fail(directive, 'the condition is empty');
    return false;
  }
  const { value } = conditional(0);
  if (!failed && at < tokens.length) fail(here(), `${tokens[at]?.text} is left over in the condition`);
  return !failed && value !== 0n;
}

function changed({ value, unsigned }: Value, change: (value: bigint) => bigint): Value {
  return wrapped(change(value), unsigned);
}

/** After the usual arithmetic conversions (6.3.1.8): one unsigned operand makes both so. */
function applied(operator: Binary, left: Value, right: Value): Value | undefined {
  const unsigned = left.unsigned || (right.unsigned && operator.shift !== true);
  const one = (value: bigint) => wrapped(value, unsigned).value;
  const result = operator.shift
    ? operator.apply(left.value, right.value)
    : operator.apply(one(left.value), one(right.value));
  if (result === undefined) return undefined;
  return wrapped(result, unsigned && operator.relation !== true);
}

function operandOf(token: Token): Value | undefined {
  if (token.kind === 'identifier') return ZERO;
  if (token.kind === 'character') {
    const value = parseCharacterConstant(token.text);
    return value === undefined ? undefined : { value, unsigned: false };
  }
  if (token.kind !== 'number') return undefined;
  const constant = parseIntegerConstant(token.text);
  if (constant === undefined) return undefined;
  return wrapped(constant.value, constant.unsigned || constant.value >= 1n << 63n);
}
