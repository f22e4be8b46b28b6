import { assignmentExpression, constantExpression } from './expressions.ts';
import type { ParserState } from './scope.ts';
import type { Designator, Initializer, InitializerItem } from './tree.ts';

/** 6.7.8 initializer */
export function initializer(state: ParserState): Initializer {
  const { tokens } = state;
  const { position } = tokens;
  if (!tokens.is('{')) return { kind: 'expression', position, expression: assignmentExpression(state) };
  return tokens.nested(() => {
    tokens.next();
    const items: InitializerItem[] = [];
    while (!tokens.is('}')) {
      items.push({ designators: designation(state), initializer: initializer(state) });
      if (!tokens.accept(',')) break;
    }
    tokens.expect('}', 'after the initializers');
    return { kind: 'list', position, items };
  });
}

/** 6.7.8 designation: `.member[3] =` */
function designation(state: ParserState): Designator[] {
  const { tokens } = state;
  const found: Designator[] = [];
  for (;;) {
    const { position } = tokens;
    if (tokens.accept('.')) {
      found.push({ kind: 'member', position, name: tokens.expectIdentifier('the name of a member').text });
    } else if (tokens.accept('[')) {
      const index = constantExpression(state);
      const to = tokens.accept('...') ? constantExpression(state) : undefined;
      found.push({ kind: 'index', position, index, to });
      tokens.expect(']', 'after the index');
    } else {
      if (found.length > 0) tokens.expect('=', 'after the designator');
      return found;
    }
  }
}
