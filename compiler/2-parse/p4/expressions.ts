import { parseIntegerConstant } from '../../1-preprocess/constants.ts';
import type { TokenStream } from '../token-stream.ts';
import type { CurrentBits, FieldReference, P4BinaryOperator, P4Expression } from './tree.ts';

/** A number with the width that it was written with. */
export interface P4Constant {
  readonly value: bigint;
  readonly bits: number | undefined;
}

/** 1.5 const_value: decimal, `0x`, `0b`, a sign before them, a width as in `16'0x800` or `8w0xff`. */
export function constant(tokens: TokenStream, what: string): P4Constant {
  const negative = tokens.accept('-') !== undefined;
  if (!negative) tokens.accept('+');
  const { kind, text } = tokens.current;
  const [, width, digits] = /^(?:([0-9]+)[w'])?(.+)$/.exec(text) ?? [];
  const parsed = kind === 'number' && digits !== undefined ? parseIntegerConstant(digits) : undefined;
  if (parsed === undefined) throw tokens.fault('parse-expected-number', `expected ${what}, found ${tokens.describe()}`);
  if (width !== undefined && parsed.value >= 1n << BigInt(Math.min(Number(width), 4096))) {
    tokens.diagnostics.error('parse-bad-width', tokens.position, `${digits} has more than ${width} bits`);
  }
  tokens.next();
  return { value: negative ? -parsed.value : parsed.value, bits: width === undefined ? undefined : Number(width) };
}

export function constValue(tokens: TokenStream, what: string): bigint {
  return constant(tokens, what).value;
}

/** A number that counts something: not negative, at most 2^31 - 1. */
export function countValue(tokens: TokenStream, what: string): number {
  const { position } = tokens;
  const value = constValue(tokens, what);
  if (value >= 0n && value <= 0x7fffffffn) return Number(value);
  tokens.diagnostics.error('parse-bad-count', position, `${value} is no possible ${what.replace(/^an? /, '')}`);
  return 1;
}

/** header_ref: a name, or `name[index]`, which becomes one name. */
export function headerReference(
  tokens: TokenStream,
  what: string,
): { name: string; position: P4Expression['position'] } {
  const { text, position } = tokens.expectIdentifier(what);
  if (!tokens.accept('[')) return { name: text, position };
  const special = tokens.accept('last') ?? tokens.accept('next');
  const index = special?.text ?? String(constValue(tokens, 'an index, next or last'));
  tokens.expect(']', 'after the index');
  return { name: `${text}[${index}]`, position };
}

/** field_ref */
export function fieldReference(tokens: TokenStream): FieldReference {
  const { name, position } = headerReference(tokens, 'a header or metadata instance');
  tokens.expect('.', 'between instance and field');
  const field = tokens.expectIdentifier('a field');
  return { kind: 'field', position, instance: name, field: field.text };
}

/** A field, or a bare name. */
export function fieldOrName(tokens: TokenStream, what: string): Extract<P4Expression, { kind: 'field' | 'name' }> {
  const { name, position } = headerReference(tokens, what);
  if (!tokens.accept('.')) return { kind: 'name', position, name };
  return { kind: 'field', position, instance: name, field: tokens.expectIdentifier('a field').text };
}

/** `current(offset, width)`, the cursor being on `current`. */
export function currentBits(tokens: TokenStream): CurrentBits {
  const { position } = tokens.next();
  tokens.expect('(', 'after current');
  const offsetBits = countValue(tokens, 'an offset in bits');
  tokens.expect(',', 'between offset and width');
  const bits = countValue(tokens, 'a width in bits');
  tokens.expect(')', 'after the width');
  return { kind: 'current', position, offsetBits, bits };
}

const PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ['or', 1],
  ['||', 1],
  ['and', 2],
  ['&&', 2],
  ['==', 3],
  ['!=', 3],
  ['<', 4],
  ['<=', 4],
  ['>', 4],
  ['>=', 4],
  ['|', 5],
  ['^', 6],
  ['&', 7],
  ['<<', 8],
  ['>>', 8],
  ['+', 9],
  ['-', 9],
  ['*', 10],
]);

/** bool_expr and exp of section 12, by precedence. */
export function expression(tokens: TokenStream, minimum = 1): P4Expression {
  let left = unary(tokens);
  for (;;) {
    const { text, position, kind } = tokens.current;
    const precedence = kind === 'punctuator' || kind === 'identifier' ? PRECEDENCE.get(text) : undefined;
    if (precedence === undefined || precedence < minimum) return left;
    tokens.next();
    const right = tokens.nested(() => expression(tokens, precedence + 1));
    const operator = (text === '||' ? 'or' : text === '&&' ? 'and' : text) as P4BinaryOperator;
    left = { kind: 'binary', position, operator, left, right };
  }
}

function unary(tokens: TokenStream): P4Expression {
  const { text, position, kind } = tokens.current;
  if (text === 'not' || text === '!' || text === '~' || (text === '-' && tokens.peek().kind !== 'number')) {
    tokens.next();
    const operand = tokens.nested(() => unary(tokens));
    return { kind: 'unary', position, operator: text === '~' || text === '-' ? text : 'not', operand };
  }
  if (kind === 'number' || text === '-' || text === '+') {
    return { kind: 'number', position, ...constant(tokens, 'a number') };
  }
  if (text === 'true' || text === 'false') {
    tokens.next();
    return { kind: 'number', position, value: text === 'true' ? 1n : 0n, bits: undefined };
  }
  if (tokens.accept('(')) {
    const inner = tokens.nested(() => expression(tokens));
    tokens.expect(')', `to close the ( of column ${position.column}`);
    return inner;
  }
  if (text === 'valid' && tokens.peek().text === '(') {
    tokens.next();
    tokens.next();
    // 2.2.1: a field is valid when its header is.
    const named = fieldOrName(tokens, 'a header instance');
    tokens.expect(')', 'after the header instance');
    return { kind: 'valid', position, instance: named.kind === 'field' ? named.instance : named.name };
  }
  if (text === 'current' && tokens.peek().text === '(') return currentBits(tokens);
  if (kind === 'identifier') return fieldOrName(tokens, 'a field');
  throw tokens.fault('parse-expected-expression', `expected an expression, found ${tokens.describe()}`);
}
