import { parseStringLiteral } from '../../1-preprocess/constants.ts';
import type { Expression, StaticAssertion } from '../../2-parse/micro-c/tree.ts';
import { rvalue } from './conversions.ts';
import type { Analysis } from './scopes.ts';
import type { TypedExpression } from './typed-tree.ts';
import { describeType, isScalar } from './types.ts';
import { constantValue, isPoison, poison } from './values.ts';

/** 6.5: the expression as it stands; arrays are still arrays, lvalues still lvalues. */
export function analyzeExpression(analysis: Analysis, expression: Expression): TypedExpression {
  return analysis.rules.expression(analysis, expression);
}

/** The expression as a value: an array is a pointer to its first element (6.3.2.1). */
export function analyzeValue(analysis: Analysis, expression: Expression): TypedExpression {
  return rvalue(analyzeExpression(analysis, expression));
}

/** 6.8.4.1: a controlling expression must be a scalar. */
export function analyzeCondition(analysis: Analysis, expression: Expression): TypedExpression {
  const condition = analyzeValue(analysis, expression);
  if (isScalar(condition.type)) return condition;
  const text = `a condition must be a number or a pointer, not ${describeType(condition.type)}`;
  analysis.diagnostics.error('type-not-scalar', expression.position, text);
  return poison(expression.position);
}

/** 6.6: the value of an integer constant expression; undefined (and reported) when it is none. */
export function analyzeConstant(analysis: Analysis, expression: Expression, what: string): bigint | undefined {
  const given = analyzeValue(analysis, expression);
  if (isPoison(given)) return undefined;
  const found = constantValue(given);
  if (found === undefined) {
    analysis.diagnostics.error('type-not-constant', expression.position, `the ${what} must be a constant`);
  }
  return found;
}

/** As `analyzeConstant`, silent: the caller says what is wrong with an expression that is no constant. */
export function constantIn(analysis: Analysis, expression: Expression): bigint | 'poison' | undefined {
  const given = analyzeValue(analysis, expression);
  return isPoison(given) ? 'poison' : constantValue(given);
}

/** C11 6.7.10 */
export function staticAssertion(analysis: Analysis, { condition, message, position }: StaticAssertion): void {
  const found = analyzeConstant(analysis, condition, 'condition of a static assertion');
  if (found !== 0n) return;
  const octets = message === undefined ? undefined : parseStringLiteral(message);
  const text = octets === undefined ? '' : `: ${new TextDecoder().decode(octets)}`;
  analysis.diagnostics.error('static-assertion', position, `the assertion does not hold${text}`);
}
