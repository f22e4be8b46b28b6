import { parseIntegerConstant } from '../../1-preprocess/constants.ts';
import type { TokenStream } from '../token-stream.ts';
import type { FieldReference, P4BinaryOperator, P4Expression } from './tree.ts';

/** const_value: decimal, 0x, 0b, and with a width as `8w0xff` or `16'0x800`, whose width is not needed. */
export function constValue(tokens: TokenStream, what: string): bigint {
  const negative = tokens.accept('-') !== undefined;
  const { kind, text } = tokens.current;
  const constant = kind === 'number' ? parseIntegerConstant(text.replace(/^[0-9]+w(?=.)/, '')) : undefined;
  if (constant === undefined)
    throw tokens.fault('parse-expected-number', `expected ${what}, found ${tokens.describe()}`);
  tokens.next();
  return negative ? -constant.value : constant.value;
}

/** field_ref */
export function fieldReference(tokens: TokenStream): FieldReference {
  const instance = tokens.expectIdentifier('a header or metadata instance');
  tokens.expect('.', 'between instance and field');
  const field = tokens.expectIdentifier('a field');
  return { kind: 'field', position: instance.position, instance: instance.text, field: field.text };
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

/** bool_expr and exp of chapter 7, by precedence. */
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
  if (kind === 'number' || text === '-') return { kind: 'number', position, value: constValue(tokens, 'a number') };
  if (text === 'true' || text === 'false') {
    tokens.next();
    return { kind: 'number', position, value: text === 'true' ? 1n : 0n };
  }
  if (tokens.accept('(')) {
    const inner = tokens.nested(() => expression(tokens));
    tokens.expect(')', `to close the ( of column ${position.column}`);
    return inner;
  }
  if (text === 'valid' && tokens.peek().text === '(') {
    tokens.next();
    tokens.next();
    const instance = tokens.expectIdentifier('a header instance').text;
    tokens.expect(')', 'after the header instance');
    return { kind: 'valid', position, instance };
  }
  if (kind === 'identifier') return fieldReference(tokens);
  throw tokens.fault('parse-expected-expression', `expected an expression, found ${tokens.describe()}`);
}
