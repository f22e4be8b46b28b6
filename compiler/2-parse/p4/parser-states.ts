import type { TokenStream } from '../token-stream.ts';
import { constValue, expression, fieldReference } from './expressions.ts';
import type { FieldReference, ParserReturn, ParserState, ParserStatement, SelectCase } from './tree.ts';

/** 4.3 parser_function_declaration */
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

function parserStatement(tokens: TokenStream): ParserStatement {
  const { position, text } = tokens.current;
  if (text === 'extract') {
    tokens.next();
    tokens.expect('(', 'after extract');
    const instance = tokens.expectIdentifier('a header instance').text;
    tokens.expect(')', 'after the header instance');
    tokens.expect(';', 'after extract');
    return { kind: 'extract', position, instance };
  }
  if (text === 'set_metadata') {
    tokens.next();
    tokens.expect('(', 'after set_metadata');
    const field = fieldReference(tokens);
    tokens.expect(',', 'between field and value');
    const value = expression(tokens);
    tokens.expect(')', 'after the value');
    tokens.expect(';', 'after set_metadata');
    return { kind: 'set-metadata', position, field, value };
  }
  throw tokens.fault('parse-expected-token', `expected extract, set_metadata or return, found ${tokens.describe()}`);
}

function parserReturn(tokens: TokenStream): ParserReturn {
  const { position } = tokens;
  if (tokens.accept('parse_error')) {
    const name = tokens.expectIdentifier('a parser exception').text;
    tokens.expect(';', 'after the parser exception');
    return { kind: 'error', position, name };
  }
  tokens.next();
  if (!tokens.accept('select')) {
    const name = tokens.expectIdentifier('a parser state or control');
    tokens.expect(';', 'after return');
    return { kind: 'state', position: name.position, name: name.text };
  }
  tokens.expect('(', 'after select');
  const fields: FieldReference[] = [];
  do {
    if (tokens.is('current')) throw tokens.fault('parse-unsupported', 'current() is not supported', 'extract a header');
    fields.push(fieldReference(tokens));
  } while (tokens.accept(','));
  tokens.expect(')', 'after the fields');
  tokens.expect('{', 'after select');
  const cases: SelectCase[] = [];
  while (!tokens.is('}')) cases.push(selectCase(tokens, fields.length));
  tokens.next();
  tokens.accept(';');
  return { kind: 'select', position, fields, cases };
}

function selectCase(tokens: TokenStream, fieldCount: number): SelectCase {
  const { position } = tokens;
  let values: { value: bigint; mask: bigint | undefined }[] | undefined;
  if (!tokens.accept('default')) {
    values = [];
    do {
      const value = constValue(tokens, 'a value to select by');
      values.push({ value, mask: tokens.accept('mask') ? constValue(tokens, 'a mask') : undefined });
    } while (tokens.accept(','));
    if (values.length !== fieldCount) {
      const text = `${values.length} values for ${fieldCount} fields`;
      tokens.diagnostics.error('parse-select-values', position, text, 'separate them by commas, one for each field');
    }
  }
  tokens.expect(':', 'after the value');
  const state = tokens.expectIdentifier('a parser state or control').text;
  tokens.expect(';', 'after the case');
  return { position, values, state };
}
