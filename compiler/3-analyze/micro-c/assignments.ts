import type { Expression } from '../../2-parse/micro-c/tree.ts';
import { convertTo, rvalue } from './conversions.ts';
import { analyzeExpression, analyzeValue } from './evaluate.ts';
import { fixedUpdate } from './fixed-point.ts';
import { rootVariable } from './roots.ts';
import type { Analysis } from './scopes.ts';
import type { TypedExpression } from './typed-tree.ts';
import { commonType, describeType, INT, isInteger, promote, sizeOf } from './types.ts';
import { constantOf, convertInteger, isPoison, poison, value } from './values.ts';

/** 6.5.16 */
export function assignment(analysis: Analysis, expression: Extract<Expression, { kind: 'assign' }>): TypedExpression {
  const { position, operator } = expression;
  const target = modifiable(analysis, analyzeExpression(analysis, expression.target), expression.target.position);
  const right = analyzeValue(analysis, expression.value);
  if (target === undefined) return poison(position);
  if (operator === undefined) {
    const converted = convertTo(analysis, right, target.type, expression.value.position, 'assignment');
    return { kind: 'assign', target, value: converted, ...value(target.type, position) };
  }
  return update(analysis, target, operator, right, position, 'new');
}

/** 6.5.2.4 and 6.5.3.1: `++` and `--` */
export function step(analysis: Analysis, expression: Extract<Expression, { kind: 'step' }>): TypedExpression {
  const { position } = expression;
  const target = modifiable(analysis, analyzeExpression(analysis, expression.operand), expression.operand.position);
  if (target === undefined) return poison(position);
  const operator = expression.delta === 1 ? '+' : '-';
  return update(analysis, target, operator, constantOf(1n, INT, position), position, expression.prefix ? 'new' : 'old');
}

type UpdateOperator = Extract<TypedExpression, { kind: 'update' }>['operator'];

function update(
  analysis: Analysis,
  target: TypedExpression,
  operator: NonNullable<Extract<Expression, { kind: 'assign' }>['operator']>,
  right: TypedExpression,
  position: Expression['position'],
  result: 'new' | 'old',
): TypedExpression {
  if (target.type.kind === 'pointer' && isInteger(right.type) && (operator === '+' || operator === '-')) {
    const octets = sizeOf(target.type.to.type) ?? (target.type.to.type.kind === 'void' ? 1 : undefined);
    if (octets === undefined) {
      analysis.diagnostics.error('type-bad-operands', position, `cannot count in ${describeType(target.type)}`);
      return poison(position);
    }
    const index = convertInteger(right, INT);
    return {
      kind: 'pointer-update',
      target,
      index,
      octets,
      subtract: operator === '-',
      result,
      ...value(target.type, position),
    };
  }
  if (isPoison(right)) return right;
  const fixed = ['+', '-', '*', '/'].includes(operator) ? fixedUpdate(analysis, target.type, right) : undefined;
  if (fixed !== undefined) {
    return { kind: 'update', operator: operator as '+', target, ...fixed, result, ...value(target.type, position) };
  }
  if (!isInteger(target.type) || !isInteger(right.type)) {
    const text = `${operator}= between ${describeType(target.type)} and ${describeType(right.type)}`;
    analysis.diagnostics.error('type-bad-operands', position, text);
    return poison(position);
  }
  const isShift = operator === '<<' || operator === '>>';
  const given = rvalue(target).type;
  const left = isInteger(given) ? given : target.type;
  const computeType = isShift ? promote(left) : commonType(left, right.type);
  const converted = convertInteger(right, isShift ? INT : computeType);
  if ((operator === '/' || operator === '%') && converted.kind === 'constant' && converted.value === 0n) {
    analysis.diagnostics.error('type-division-by-zero', position, 'division by zero');
  }
  return {
    kind: 'update',
    operator: operator as UpdateOperator,
    target,
    value: converted,
    computeType,
    result,
    ...value(target.type, position),
  };
}

/** 6.3.2.1: a modifiable lvalue, or undefined and a complaint. */
function modifiable(
  analysis: Analysis,
  target: TypedExpression,
  position: Expression['position'],
): TypedExpression | undefined {
  if (isPoison(target)) return undefined;
  if (!target.lvalue || target.type.kind === 'array' || target.kind === 'string') {
    analysis.diagnostics.error(
      'type-not-an-lvalue',
      position,
      `${describeType(target.type)} here cannot be assigned to`,
    );
    return undefined;
  }
  if (target.qualifiers?.const === true) {
    analysis.diagnostics.error('type-const', position, 'a const object cannot be assigned to');
    return undefined;
  }
  if (target.qualifiers?.memory === 'xread') {
    const hint = 'declare it __xwrite to send it, or copy it to a variable';
    analysis.diagnostics.error('type-read-register', position, 'read transfer registers cannot be written', hint);
    return undefined;
  }
  const root = rootVariable(target);
  if (root !== undefined) root.assignments++;
  return target;
}
