import type { Expression } from '../../2-parse/micro-c/tree.ts';
import { typeOfName } from './declared-types.ts';
import { analyzeExpression, analyzeValue } from './evaluate.ts';
import type { Analysis } from './scopes.ts';
import type { TypedExpression } from './typed-tree.ts';
import { describeType, sameType, type Type } from './types.ts';
import { isPoison, poison } from './values.ts';

/**
 * 6.5.1.1 of C11: the expression whose type is the operand's, as a value; the others are not looked at. Types that have
 * one representation here are one type (`int` and `long`, `char` and `signed char`): the first that is named counts.
 */
export function genericSelection(
  analysis: Analysis,
  { operand, choices, position }: Extract<Expression, { kind: 'generic' }>,
): TypedExpression {
  const given = analyzeValue(analysis, operand);
  const typed = choices.map(({ type, value }) => ({
    type: type === undefined ? undefined : typeOfName(analysis, type).type,
    value,
  }));
  if (isPoison(given)) return poison(position);
  const chosen =
    typed.find(({ type }) => type !== undefined && isChosen(given.type, type, operand.kind === 'string')) ??
    typed.find(({ type }) => type === undefined);
  if (chosen !== undefined) return analyzeExpression(analysis, chosen.value);
  const text = `_Generic has nothing for ${describeType(given.type)}`;
  analysis.diagnostics.error('type-generic', position, text, 'add the type, or default:');
  return poison(position);
}

/** Pointers to const are not pointers to what is not; a pointer that names no memory stands for every memory. */
function isChosen(given: Type, named: Type, isLiteral: boolean): boolean {
  if (!sameType(given, named)) return false;
  if (given.kind !== 'pointer' || named.kind !== 'pointer') return true;
  const [from, to] = [given.to, named.to];
  // 6.4.5: the elements of a string literal are not const, although nobody may write to them.
  const isConst = from.const && !isLiteral;
  const reaches = to.memory === undefined || from.memory === to.memory;
  return isConst === to.const && reaches && isChosen(from.type, to.type, false);
}
