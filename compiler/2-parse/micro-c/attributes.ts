import { assignmentExpression } from './expressions.ts';
import type { ParserState } from './scope.ts';
import type { Attribute } from './tree.ts';

/** `__attribute__((a, b(1)))` at the current token; which of them mean anything is the analysis' question. */
export function attributeList(state: ParserState): Attribute[] {
  const { tokens } = state;
  const found: Attribute[] = [];
  while (tokens.accept('__attribute__')) {
    tokens.expect('(', 'after __attribute__');
    tokens.expect('(', 'after __attribute__');
    while (!tokens.is(')')) {
      const { position, text } = tokens.expectIdentifier('the name of an attribute');
      const given: Attribute['arguments'][number][] = [];
      if (tokens.accept('(')) {
        while (!tokens.is(')')) {
          given.push(assignmentExpression(state));
          if (!tokens.accept(',')) break;
        }
        tokens.expect(')', 'after the arguments of the attribute');
      }
      found.push({ position, name: text.replace(/^__(\w+)__$/, '$1'), arguments: given });
      if (!tokens.accept(',')) break;
    }
    tokens.expect(')', 'after the attributes');
    tokens.expect(')', 'after the attributes');
  }
  return found;
}
