import type { TokenStream } from '../token-stream.ts';
import { constValue, currentBits, expression, fieldReference, headerReference } from './expressions.ts';
import type {
  ParserException,
  ParserReturn,
  ParserState,
  ParserStatement,
  SelectCase,
  SelectKey,
  SelectValue,
  ValueSet,
} from './tree.ts';

/** 4.5 parser_function_declaration */
export function parserState(tokens: TokenStream): ParserState {
  tokens.next();
  const name = tokens.expectIdentifier('the name of the parser state');
  tokens.expect('{', 'after the name of the parser state');
  const statements: ParserStatement[] = [];
  while (!tokens.is('return') && !tokens.is('parse_error')) statements.push(parserStatement(tokens));
  const end = parserReturn(tokens);
  tokens.expect('}', 'after the end of the parser state');
  return { kind: 'parser', position: name.position, name: name.text, statements, end };
}

/** 4.4 value_set_declaration */
export function valueSet(tokens: TokenStream): ValueSet {
  tokens.next();
  const name = tokens.expectIdentifier('the name of the value set');
  tokens.expect(';', 'after the value set');
  return { kind: 'value-set', position: name.position, name: name.text };
}

/** 4.7 parser_exception_declaration */
export function parserException(tokens: TokenStream): ParserException {
  tokens.next();
  const name = tokens.expectIdentifier('the name of the parser exception');
  tokens.expect('{', 'after the name of the parser exception');
  const statements: Extract<ParserStatement, { kind: 'set-metadata' }>[] = [];
  while (tokens.is('set_metadata')) statements.push(setMetadata(tokens));
  let control: ParserException['control'];
  if (!tokens.accept('parser_drop')) {
    tokens.expect('return', 'or set_metadata or parser_drop');
    const returned = tokens.expectIdentifier('a control');
    control = { name: returned.text, position: returned.position };
  }
  tokens.expect(';', 'at the end of the parser exception');
  tokens.expect('}', 'after the end of the parser exception');
  return { kind: 'parser-exception', position: name.position, name: name.text, statements, control };
}

function parserStatement(tokens: TokenStream): ParserStatement {
  const { position, text } = tokens.current;
  if (text === 'extract') {
    tokens.next();
    tokens.expect('(', 'after extract');
    const instance = headerReference(tokens, 'a header instance').name;
    tokens.expect(')', 'after the header instance');
    tokens.expect(';', 'after extract');
    return { kind: 'extract', position, instance };
  }
  if (text === 'set_metadata') return setMetadata(tokens);
  throw tokens.fault('parse-expected-token', `expected extract, set_metadata or return, found ${tokens.describe()}`);
}

function setMetadata(tokens: TokenStream): Extract<ParserStatement, { kind: 'set-metadata' }> {
  const { position } = tokens.next();
  tokens.expect('(', 'after set_metadata');
  const field = fieldReference(tokens);
  tokens.expect(',', 'between field and value');
  const value = expression(tokens);
  tokens.expect(')', 'after the value');
  tokens.expect(';', 'after set_metadata');
  return { kind: 'set-metadata', position, field, value };
}

function parserReturn(tokens: TokenStream): ParserReturn {
  const { position } = tokens;
  const returns = tokens.accept('return') !== undefined;
  // The grammar has it without `return`; programs have it with it as well.
  if (tokens.accept('parse_error')) {
    const name = tokens.expectIdentifier('a parser exception').text;
    tokens.expect(';', 'after the parser exception');
    return { kind: 'error', position, name };
  }
  if (!returns || !tokens.accept('select')) {
    const name = tokens.expectIdentifier('a parser state or control');
    tokens.expect(';', 'after return');
    return { kind: 'state', position: name.position, name: name.text };
  }
  tokens.expect('(', 'after select');
  const fields: SelectKey[] = [];
  do {
    fields.push(tokens.is('current') && tokens.peek().text === '(' ? currentBits(tokens) : fieldReference(tokens));
  } while (tokens.accept(','));
  tokens.expect(')', 'after the fields');
  tokens.expect('{', 'after select');
  const cases: SelectCase[] = [];
  while (!tokens.is('}')) cases.push(...selectCases(tokens, fields.length));
  tokens.next();
  tokens.accept(';');
  return { kind: 'select', position, fields, cases };
}

/** Values with one state behind them: one for each key, or alternatives, each of which is for the keys put together. */
function selectCases(tokens: TokenStream, keyCount: number): SelectCase[] {
  const { position } = tokens;
  let values: SelectValue[] | undefined;
  if (!tokens.accept('default')) {
    values = [];
    do values.push(selectValue(tokens));
    while (tokens.accept(','));
  }
  tokens.expect(':', 'after the value');
  const kind = tokens.accept('parse_error') ? 'error' : 'state';
  const name = tokens.expectIdentifier(kind === 'error' ? 'a parser exception' : 'a parser state or control');
  tokens.expect(';', 'after the case');
  const next = { kind, name: name.text, position: name.position } as const;
  if (values === undefined || (values.length === keyCount && keyCount > 1)) return [{ position, values, next }];
  return values.map((value) => ({ position, values: [value], next }));
}

function selectValue(tokens: TokenStream): SelectValue {
  if (tokens.current.kind === 'identifier') {
    const { text: name, position } = tokens.next();
    return { kind: 'value-set', name, position };
  }
  const value = constValue(tokens, 'a value to select by');
  return { kind: 'value', value, mask: tokens.accept('mask') ? constValue(tokens, 'a mask') : undefined };
}
