import { constantExpression } from './expressions.ts';
import type { ParserState } from './scope.ts';
import type { StaticAssertion } from './tree.ts';

/** C11 6.7.10 static_assert-declaration; the message may be left out, as in C23. */
export function staticAssertion(state: ParserState): StaticAssertion {
  const { tokens } = state;
  const { position, text } = tokens.next();
  tokens.expect('(', `after ${text}`);
  const condition = constantExpression(state);
  const texts: string[] = [];
  if (tokens.accept(',')) {
    if (tokens.current.kind !== 'string') {
      throw tokens.fault('parse-expected-token', `expected a string, found ${tokens.describe()}`);
    }
    while (tokens.current.kind === 'string') texts.push(tokens.next().text);
  }
  tokens.expect(')', 'after the assertion');
  tokens.expect(';', 'after the assertion');
  return { kind: 'static-assertion', position, condition, message: texts.length === 0 ? undefined : texts.join(' ') };
}
