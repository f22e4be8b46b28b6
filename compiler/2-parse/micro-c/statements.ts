import { staticAssertion } from './assertions.ts';
import { attributeList } from './attributes.ts';
import { constantExpression, expression } from './expressions.ts';
import { ASSERTION_WORDS, KEYWORDS, type ParserState, startsDeclaration } from './scope.ts';
import type { CompoundStatement, Declaration, Expression, Statement, StaticAssertion } from './tree.ts';

/** 6.8 statement */
export function statement(state: ParserState): Statement {
  return state.tokens.nested(() => {
    const { tokens } = state;
    const { kind, text } = tokens.current;
    if (tokens.is('{')) return compoundStatement(state);
    if (kind === 'identifier') {
      const parse = KEYWORD_STATEMENTS[text];
      if (parse !== undefined && KEYWORDS.has(text)) return parse(state);
      if (tokens.peek().text === ':' && !KEYWORDS.has(text)) return labeledStatement(state);
    }
    return expressionStatement(state);
  });
}

const KEYWORD_STATEMENTS: Readonly<Record<string, (state: ParserState) => Statement>> = {
  if: ifStatement,
  switch: switchStatement,
  case: caseStatement,
  default: defaultStatement,
  while: whileStatement,
  do: doStatement,
  for: forStatement,
  goto: gotoStatement,
  break: (state) => simpleJump(state, 'break'),
  continue: (state) => simpleJump(state, 'continue'),
  return: returnStatement,
};

/** 6.8.2 compound-statement; a statement that makes no sense is skipped, the ones after it are read. */
export function compoundStatement(state: ParserState): CompoundStatement {
  const { tokens, scope } = state;
  const { position } = tokens.expect('{', 'to begin a block');
  const items: (Statement | Declaration | StaticAssertion)[] = [];
  scope.enter();
  try {
    while (!tokens.is('}') && !tokens.atEnd) {
      if (tokens.current.kind === 'pragma') {
        const pragma = tokens.next();
        state.pragmas.push({ position: pragma.position, text: pragma.text });
        continue;
      }
      const item = tokens.recovering(() => blockItem(state));
      if (item !== undefined) items.push(item);
    }
    if (tokens.atEnd) {
      throw tokens.fault(
        'parse-expected-token',
        `expected } for the { of line ${position.line}, found the end of the file`,
      );
    }
    tokens.next();
  } finally {
    scope.leave();
  }
  return { kind: 'compound', position, items };
}

/** 6.8.2 block-item */
function blockItem(state: ParserState): Statement | Declaration | StaticAssertion {
  const { tokens } = state;
  if (ASSERTION_WORDS.has(tokens.current.text)) return staticAssertion(state);
  if (tokens.is('__extension__')) tokens.next();
  // `__attribute__((fallthrough));` is a statement, any other attribute begins a declaration.
  if (tokens.is('__attribute__') && tokens.peek(3).text.includes('fallthrough')) attributeList(state);
  return startsDeclaration(state) ? state.grammar.declaration(state) : statement(state);
}

/** 6.8.3 expression-statement */
function expressionStatement(state: ParserState): Statement {
  const { tokens } = state;
  const { position } = tokens;
  if (tokens.accept(';')) return { kind: 'expression', position, expression: undefined };
  const value = expression(state);
  tokens.expect(';', 'after the expression');
  return { kind: 'expression', position, expression: value };
}

function parenthesised(state: ParserState, after: string): Expression {
  state.tokens.expect('(', `after ${after}`);
  const value = expression(state);
  state.tokens.expect(')', 'after the condition');
  return value;
}

/** 6.8.4.1 */
function ifStatement(state: ParserState): Statement {
  const { position } = state.tokens.next();
  const condition = parenthesised(state, 'if');
  const then = statement(state);
  const otherwise = state.tokens.accept('else') ? statement(state) : undefined;
  return { kind: 'if', position, condition, then, otherwise };
}

/** 6.8.4.2 */
function switchStatement(state: ParserState): Statement {
  const { position } = state.tokens.next();
  const value = parenthesised(state, 'switch');
  return { kind: 'switch', position, value, body: statement(state) };
}

/** 6.8.1 */
function caseStatement(state: ParserState): Statement {
  const { tokens } = state;
  const { position } = tokens.next();
  const value = constantExpression(state);
  const to = tokens.accept('...') ? constantExpression(state) : undefined;
  tokens.expect(':', 'after the case');
  return { kind: 'case', position, value, to, body: labelledBody(state) };
}

function defaultStatement(state: ParserState): Statement {
  const { tokens } = state;
  const { position } = tokens.next();
  tokens.expect(':', 'after default');
  return { kind: 'default', position, body: labelledBody(state) };
}

function labeledStatement(state: ParserState): Statement {
  const { position, text } = state.tokens.next();
  state.tokens.next();
  attributeList(state);
  return { kind: 'label', position, label: text, body: labelledBody(state) };
}

/** The statement behind a label; at the end of a block there may be none (C23 6.8.1). */
function labelledBody(state: ParserState): Statement {
  const { tokens } = state;
  if (tokens.is('}')) return { kind: 'expression', position: tokens.position, expression: undefined };
  return statement(state);
}

/** 6.8.5 */
function whileStatement(state: ParserState): Statement {
  const { position } = state.tokens.next();
  const condition = parenthesised(state, 'while');
  return { kind: 'while', position, condition, body: statement(state) };
}

function doStatement(state: ParserState): Statement {
  const { tokens } = state;
  const { position } = tokens.next();
  const body = statement(state);
  tokens.expect('while', 'after the body of do');
  const condition = parenthesised(state, 'while');
  tokens.expect(';', 'after do ... while');
  return { kind: 'do', position, condition, body };
}

/** 6.8.5.3; a declaration in it has the scope of the loop. */
function forStatement(state: ParserState): Statement {
  const { tokens, scope } = state;
  const { position } = tokens.next();
  tokens.expect('(', 'after for');
  scope.enter();
  try {
    let initial: Expression | Declaration | undefined;
    if (startsDeclaration(state)) {
      initial = state.grammar.declaration(state);
    } else {
      initial = tokens.is(';') ? undefined : expression(state);
      tokens.expect(';', 'after the first part of for');
    }
    const condition = tokens.is(';') ? undefined : expression(state);
    tokens.expect(';', 'after the condition of for');
    const step = tokens.is(')') ? undefined : expression(state);
    tokens.expect(')', 'after for');
    return { kind: 'for', position, initial, condition, step, body: statement(state) };
  } finally {
    scope.leave();
  }
}

/** 6.8.6 */
function gotoStatement(state: ParserState): Statement {
  const { tokens } = state;
  const { position } = tokens.next();
  const label = tokens.expectIdentifier('a label').text;
  tokens.expect(';', 'after goto');
  return { kind: 'goto', position, label };
}

function simpleJump(state: ParserState, kind: 'break' | 'continue'): Statement {
  const { position } = state.tokens.next();
  state.tokens.expect(';', `after ${kind}`);
  return { kind, position };
}

function returnStatement(state: ParserState): Statement {
  const { tokens } = state;
  const { position } = tokens.next();
  const value = tokens.is(';') ? undefined : expression(state);
  tokens.expect(';', 'after return');
  return { kind: 'return', position, value };
}
