import type { SourcePosition } from '../../../base/errors.ts';
import { ASSEMBLY_WORDS, KEYWORDS, type ParserState, typeNameFollows } from './scope.ts';
import type { BinaryOperator, Expression, TypeName, UnaryOperator } from './tree.ts';

/** 6.5.17 expression */
export function expression(state: ParserState): Expression {
  let left = assignmentExpression(state);
  while (state.tokens.is(',')) {
    const { position } = state.tokens.next();
    left = { kind: 'comma', position, left, right: assignmentExpression(state) };
  }
  return left;
}

const ASSIGNMENTS: ReadonlyMap<string, BinaryOperator | undefined> = new Map([
  ['=', undefined],
  ...(['*', '/', '%', '+', '-', '<<', '>>', '&', '^', '|'] as const).map((each) => [`${each}=`, each] as const),
]);

/** 6.5.16 assignment-expression. Whether the left side can be assigned to is the analysis' question. */
export function assignmentExpression(state: ParserState): Expression {
  return state.tokens.nested(() => {
    const target = conditionalExpression(state);
    const { text, kind, position } = state.tokens.current;
    if (kind !== 'punctuator' || !ASSIGNMENTS.has(text)) return target;
    state.tokens.next();
    return { kind: 'assign', position, operator: ASSIGNMENTS.get(text), target, value: assignmentExpression(state) };
  });
}

/** 6.5.15 conditional-expression */
export function conditionalExpression(state: ParserState): Expression {
  const condition = binaryExpression(state, 1);
  if (!state.tokens.is('?')) return condition;
  const { position } = state.tokens.next();
  const then = state.tokens.nested(() => expression(state));
  state.tokens.expect(':', 'in the conditional expression');
  const otherwise = state.tokens.nested(() => conditionalExpression(state));
  return { kind: 'conditional', position, condition, then, otherwise };
}

/** 6.6 constant-expression; its value is computed by the analysis. */
export function constantExpression(state: ParserState): Expression {
  return state.tokens.nested(() => conditionalExpression(state));
}

/** 6.5.5 to 6.5.14 by precedence: from logical-OR (1) to multiplicative (10). */
const PRECEDENCE: Readonly<Record<string, number>> = {
  '||': 1,
  '&&': 2,
  '|': 3,
  '^': 4,
  '&': 5,
  '==': 6,
  '!=': 6,
  '<': 7,
  '>': 7,
  '<=': 7,
  '>=': 7,
  '<<': 8,
  '>>': 8,
  '+': 9,
  '-': 9,
  '*': 10,
  '/': 10,
  '%': 10,
};

function binaryExpression(state: ParserState, minimum: number): Expression {
  let left = castExpression(state);
  for (;;) {
    const { text, kind, position } = state.tokens.current;
    const precedence = kind === 'punctuator' ? PRECEDENCE[text] : undefined;
    if (precedence === undefined || precedence < minimum) return left;
    state.tokens.next();
    const right = state.tokens.nested(() => binaryExpression(state, precedence + 1));
    left =
      text === '&&' || text === '||'
        ? { kind: 'logical', position, operator: text, left, right }
        : { kind: 'binary', position, operator: text as BinaryOperator, left, right };
  }
}

/** 6.5.4 cast-expression */
function castExpression(state: ParserState): Expression {
  const { tokens } = state;
  if (!tokens.is('(') || !typeNameFollows(state)) return unaryExpression(state);
  const { position } = tokens.next();
  const type = state.grammar.typeName(state);
  tokens.expect(')', 'after the type of a cast');
  if (tokens.is('{')) return postfixes(state, compoundLiteral(state, position, type));
  return { kind: 'cast', position, type, operand: tokens.nested(() => castExpression(state)) };
}

/** 6.5.2.5, after the `)` */
function compoundLiteral(state: ParserState, position: SourcePosition, type: TypeName): Expression {
  return { kind: 'compound-literal', position, type, initializer: state.grammar.initializer(state) };
}

const UNARIES: ReadonlySet<string> = new Set(['&', '*', '+', '-', '~', '!']);

/** 6.5.3 unary-expression */
function unaryExpression(state: ParserState): Expression {
  const { tokens } = state;
  const { text, kind, position } = tokens.current;
  if (kind === 'punctuator' && (text === '++' || text === '--')) {
    tokens.next();
    const operand = tokens.nested(() => unaryExpression(state));
    return { kind: 'step', position, delta: text === '++' ? 1 : -1, prefix: true, operand };
  }
  if (kind === 'punctuator' && UNARIES.has(text)) {
    tokens.next();
    const operand = tokens.nested(() => castExpression(state));
    return { kind: 'unary', position, operator: text as UnaryOperator, operand };
  }
  if (tokens.is('sizeof')) return sizeofExpression(state);
  if (tokens.is('_Alignof') || tokens.is('__alignof__')) {
    tokens.next();
    tokens.expect('(', `after ${text}`);
    const of = state.grammar.typeName(state);
    tokens.expect(')', `after ${text}`);
    return { kind: 'alignof', position, of };
  }
  // Says that an extension follows; there is nobody to warn.
  if (text === '__extension__' && kind === 'identifier') {
    tokens.next();
    return tokens.nested(() => castExpression(state));
  }
  return postfixExpression(state);
}

function sizeofExpression(state: ParserState): Expression {
  const { tokens } = state;
  const { position } = tokens.next();
  if (tokens.is('(') && typeNameFollows(state)) {
    tokens.next();
    const type = state.grammar.typeName(state);
    tokens.expect(')', 'after sizeof');
    if (tokens.is('{')) {
      const operand = postfixes(state, compoundLiteral(state, position, type));
      return { kind: 'sizeof', position, operand };
    }
    return { kind: 'sizeof-type', position, type };
  }
  return { kind: 'sizeof', position, operand: tokens.nested(() => unaryExpression(state)) };
}

/** 6.5.2 postfix-expression */
function postfixExpression(state: ParserState): Expression {
  return postfixes(state, primaryExpression(state));
}

function postfixes(state: ParserState, first: Expression): Expression {
  const { tokens } = state;
  let operand = first;
  for (;;) {
    const { text, kind, position } = tokens.current;
    if (kind !== 'punctuator') return operand;
    if (text === '[') {
      tokens.next();
      const index = tokens.nested(() => expression(state));
      tokens.expect(']', 'after the index');
      operand = { kind: 'subscript', position: operand.position, array: operand, index };
    } else if (text === '(') {
      tokens.next();
      operand = { kind: 'call', position: operand.position, callee: operand, arguments: argumentList(state, position) };
    } else if (text === '.' || text === '->') {
      tokens.next();
      const name = tokens.expectIdentifier('the name of a member');
      operand = { kind: 'member', position: name.position, object: operand, name: name.text, arrow: text === '->' };
    } else if (text === '++' || text === '--') {
      tokens.next();
      operand = { kind: 'step', position, delta: text === '++' ? 1 : -1, prefix: false, operand };
    } else {
      return operand;
    }
  }
}

function argumentList(state: ParserState, open: SourcePosition): Expression[] {
  const { tokens } = state;
  const found: Expression[] = [];
  if (tokens.accept(')')) return found;
  do found.push(assignmentExpression(state));
  while (tokens.accept(','));
  tokens.expect(')', `to close the ( of column ${open.column}`);
  return found;
}

/** 6.5.1 primary-expression */
function primaryExpression(state: ParserState): Expression {
  const { tokens } = state;
  const { kind, text, position } = tokens.current;
  switch (kind) {
    case 'number':
      tokens.next();
      return { kind: isFloating(text) ? 'floating' : 'integer', position, text };
    case 'character':
      tokens.next();
      return { kind: 'character', position, text };
    case 'string': {
      const texts: string[] = [];
      while (tokens.current.kind === 'string') texts.push(tokens.next().text);
      return { kind: 'string', position, texts };
    }
    case 'identifier':
      if (ASSEMBLY_WORDS.has(text)) {
        const hint = 'write it in C, with the functions that the compiler knows (docs/micro-c.md)';
        throw tokens.fault('parse-unsupported', 'inline assembly is not supported', hint);
      }
      if (text === '_Generic') return genericSelection(state);
      if (KEYWORDS.has(text)) break;
      tokens.next();
      return { kind: 'name', position, name: text };
    case 'punctuator':
      if (text !== '(') break;
      tokens.next();
      if (tokens.is('{')) {
        const hint = 'write a function: static inline';
        throw tokens.fault('parse-unsupported', 'statements inside of expressions are not supported', hint);
      }
      return tokens.nested(() => {
        const inner = expression(state);
        tokens.expect(')', `to close the ( of column ${position.column}`);
        return inner;
      });
  }
  throw tokens.fault('parse-expected-expression', `expected an expression, found ${tokens.describe()}`);
}

/** 6.5.1.1 of C11 */
function genericSelection(state: ParserState): Expression {
  const { tokens } = state;
  const { position } = tokens.next();
  tokens.expect('(', 'after _Generic');
  const operand = assignmentExpression(state);
  const choices: Extract<Expression, { kind: 'generic' }>['choices'][number][] = [];
  do {
    tokens.expect(',', 'before the next type of _Generic');
    const at = tokens.current.position;
    const type = tokens.accept('default') === undefined ? state.grammar.typeName(state) : undefined;
    tokens.expect(':', 'after the type');
    choices.push({ position: at, type, value: assignmentExpression(state) });
  } while (!tokens.is(')'));
  tokens.next();
  return { kind: 'generic', position, operand, choices };
}

/** 6.4.4.2: a decimal point or an exponent. */
function isFloating(text: string): boolean {
  if (/^0[xX]/.test(text)) return /[.pP]/.test(text);
  return /^(\d*\.\d*|\d+(?=[eE]))([eE][+-]?\d+)?[fFlL]?$/.test(text) && /\d/.test(text);
}
