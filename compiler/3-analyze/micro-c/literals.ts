import type { Declarator, Expression } from '../../2-parse/micro-c/tree.ts';
import { localObject, newVariable, staticInitial } from './declarations.ts';
import { typeOfName } from './declared-types.ts';
import type { Analysis } from './scopes.ts';
import type { TypedExpression } from './typed-tree.ts';
import { alignOf } from './types.ts';
import { object } from './values.ts';

/** 6.5.2.5: an unnamed object; outside of functions with static storage. */
export function compoundLiteral(
  analysis: Analysis,
  expression: Extract<Expression, { kind: 'compound-literal' }>,
): TypedExpression {
  const { position, initializer } = expression;
  const type = typeOfName(analysis, expression.type);
  let declarator = analysis.unnamed.get(expression);
  if (declarator === undefined) {
    declarator = { position, name: undefined, derivations: [] } satisfies Declarator;
    analysis.unnamed.set(expression, declarator);
  }
  if (analysis.atFileScope) {
    const align = Math.max(alignOf(type.type), 4);
    const variable = newVariable(analysis, declarator, type, 'global', 'emem', align, 'literal');
    staticInitial(analysis, variable, initializer);
    analysis.linkage.globals.push(variable);
    return { kind: 'variable', variable, ...object({ ...variable.type, memory: variable.memory }, position) };
  }
  const made = localObject(analysis, { declarator, initializer }, type, undefined);
  const { variable } = made;
  variable.assignments++;
  return {
    kind: 'compound-literal',
    variable,
    made,
    ...object({ ...variable.type, memory: variable.memory }, position),
  };
}
