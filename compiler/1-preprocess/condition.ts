import type { SourcePosition } from '../../base/errors.ts';
import type { Diagnostics } from '../diagnostics.ts';
import { parseCharacterConstant, parseIntegerConstant } from './constants.ts';
import type { Token } from './token.ts';

interface Binary {
  readonly precedence: number;
  readonly apply: (a: bigint, b: bigint) => bigint | undefined;
}

const truth = (value: boolean): bigint => (value ? 1n : 0n);
const BINARIES: ReadonlyMap<string, Binary> = new Map<string, Binary>([
  ['||', { precedence: 1, apply: (a, b) => truth(a !== 0n || b !== 0n) }],
  ['&&', { precedence: 2, apply: (a, b) => truth(a !== 0n && b !== 0n) }],
  ['|', { precedence: 3, apply: (a, b) => a | b }],
  ['^', { precedence: 4, apply: (a, b) => a ^ b }],
  ['&', { precedence: 5, apply: (a, b) => a & b }],
  ['==', { precedence: 6, apply: (a, b) => truth(a === b) }],
  ['!=', { precedence: 6, apply: (a, b) => truth(a !== b) }],
  ['<', { precedence: 7, apply: (a, b) => truth(a < b) }],
  ['>', { precedence: 7, apply: (a, b) => truth(a > b) }],
  ['<=', { precedence: 7, apply: (a, b) => truth(a <= b) }],
  ['>=', { precedence: 7, apply: (a, b) => truth(a >= b) }],
  ['<<', { precedence: 8, apply: (a, b) => BigInt.asIntN(64, a << (b & 63n)) }],
  ['>>', { precedence: 8, apply: (a, b) => a >> (b & 63n) }],
  ['+', { precedence: 9, apply: (a, b) => BigInt.asIntN(64, a + b) }],
  ['-', { precedence: 9, apply: (a, b) => BigInt.asIntN(64, a - b) }],
  ['*', { precedence: 10, apply: (a, b) => BigInt.asIntN(64, a * b) }],
  ['/', { precedence: 10, apply: (a, b) => (b === 0n ? undefined : a / b) }],
  ['%', { precedence: 10, apply: (a, b) => (b === 0n ? undefined : a % b) }],
]);

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
  const skipped = (skip: boolean, parse: () => bigint): bigint => {
    if (skip) skipping++;
    const value = parse();
    if (skip) skipping--;
    return value;
  };
  const fail = (position: SourcePosition, message: string): bigint => {
    if (!failed) diagnostics.error('pp-bad-condition', position, message);
    failed = true;
    return 0n;
  };
  const here = (): SourcePosition => tokens[at]?.position ?? tokens.at(-1)?.position ?? directive;
  const accept = (text: string): boolean => {
    if (tokens[at]?.text !== text) return false;
    at++;
    return true;
  };

  const conditional = (depth: number): bigint => {
    const condition = binary(1, depth);
    if (!accept('?')) return condition;
    const then = skipped(condition === 0n, () => conditional(depth + 1));
    if (!accept(':')) return fail(here(), 'expected : in the condition');
    const otherwise = skipped(condition !== 0n, () => conditional(depth + 1));
    return condition !== 0n ? then : otherwise;
  };
  const binary = (minimum: number, depth: number): bigint => {
    let left = unary(depth);
    for (;;) {
      const operator = BINARIES.get(tokens[at]?.text ?? '');
      if (operator === undefined || operator.precedence < minimum || failed) return left;
      const position = here();
      const decided = (operator.precedence === 2 && left === 0n) || (operator.precedence === 1 && left !== 0n);
      at++;
      const right = skipped(decided, () => binary(operator.precedence + 1, depth + 1));
      const value = operator.apply(left, right);
      if (value === undefined && skipping === 0) return fail(position, 'division by zero in the condition');
      left = value ?? 0n;
    }
  };
  const unary = (depth: number): bigint => {
    if (depth > MAX_DEPTH) return fail(here(), 'condition is nested too deeply');
    if (accept('!')) return truth(unary(depth + 1) === 0n);
    if (accept('-')) return BigInt.asIntN(64, -unary(depth + 1));
    if (accept('+')) return unary(depth + 1);
    if (accept('~')) return ~unary(depth + 1);
    if (accept('(')) {
      const value = conditional(depth + 1);
      if (!accept(')')) return fail(here(), 'expected ) in the condition');
      return value;
    }
    const token = tokens[at];
    if (token === undefined) return fail(here(), 'the condition ends too early');
    at++;
    if (token.kind === 'identifier') return 0n;
    const value =
      token.kind === 'number'
        ? parseIntegerConstant(token.text)?.value
        : token.kind === 'character'
          ? parseCharacterConstant(token.text)
          : undefined;
    return value ?? fail(token.position, `${token.text} cannot stand in a condition`);
  };

  if (tokens.length === 0) {
    fail(directive, 'the condition is empty');
    return false;
  }
  const value = conditional(0);
  if (!failed && at < tokens.length) fail(here(), `${tokens[at]?.text} is left over in the condition`);
  return !failed && value !== 0n;
}
