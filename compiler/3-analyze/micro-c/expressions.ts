import { parseCharacterConstant, parseIntegerConstant, parseStringLiteral } from '../../1-preprocess/constants.ts';
import type { Expression } from '../../2-parse/micro-c/tree.ts';
import { assignment, step } from './assignments.ts';
import { analyzeCall } from './calls.ts';
import { convertTo, rvalue } from './conversions.ts';
import { typeOfName } from './declared-types.ts';
import { analyzeCondition, analyzeValue } from './evaluate.ts';
import { floatingConstant } from './fixed-point.ts';
import { functionPointer } from './function-pointers.ts';
import { genericSelection } from './generic-selection.ts';
import { compoundLiteral } from './literals.ts';
import { binary, conditional, logical } from './operators.ts';
import { addressOf, dereference, member, subscript } from './places.ts';
import type { Analysis } from './scopes.ts';
import type { TypedExpression } from './typed-tree.ts';
import {
  alignOf,
  describeType,
  INT,
  type IntegerType,
  isFixed,
  isInteger,
  plain,
  promote,
  SIGNED_8,
  SIGNED_64,
  sameType,
  sizeOf,
  UNSIGNED,
  UNSIGNED_64,
  VOID,
} from './types.ts';
import { constantOf, convertInteger, isPoison, object, poison, value, wrap } from './values.ts';

/** 6.5: the expression as it stands; arrays are still arrays, lvalues still lvalues. */
export function analyzeExpression(analysis: Analysis, expression: Expression): TypedExpression {
  const { position } = expression;
  switch (expression.kind) {
    case 'integer':
      return integerConstant(analysis, expression);
    case 'floating':
      return floatingConstant(analysis, expression.text, position);
    case 'character': {
      const character = parseCharacterConstant(expression.text);
      if (character === undefined) {
        analysis.diagnostics.error('lex-bad-constant', position, `${expression.text} is no character constant`);
      }
      return constantOf(character ?? 0n, INT, position);
    }
    case 'string':
      return stringLiteral(analysis, expression);
    case 'name':
      return name(analysis, expression);
    case 'call':
      return analyzeCall(analysis, expression);
    case 'subscript':
      return subscript(analysis, expression);
    case 'member':
      return member(analysis, expression);
    case 'unary':
      return unary(analysis, expression);
    case 'step':
      return step(analysis, expression);
    case 'sizeof-type':
      return sizeConstant(analysis, typeOfName(analysis, expression.type).type, position);
    case 'sizeof':
      return sizeConstant(analysis, analyzeExpression(analysis, expression.operand).type, position);
    case 'generic':
      return genericSelection(analysis, expression);
    case 'alignof':
      return constantOf(BigInt(alignOf(typeOfName(analysis, expression.of).type)), UNSIGNED, position);
    case 'compound-literal':
      return compoundLiteral(analysis, expression);
    case 'cast':
      return cast(analysis, expression);
    case 'binary':
      return binary(analysis, expression);
    case 'logical':
      return logical(analysis, expression);
    case 'conditional':
      return conditional(analysis, expression);
    case 'assign':
      return assignment(analysis, expression);
    case 'comma': {
      const left = analyzeExpression(analysis, expression.left);
      const right = rvalue(analyzeExpression(analysis, expression.right));
      return { kind: 'comma', left, right, ...value(right.type, position) };
    }
  }
}

/** 6.4.4.1: the first type of the list that can hold the value. */
function integerConstant(analysis: Analysis, expression: Extract<Expression, { kind: 'integer' }>): TypedExpression {
  const { text, position } = expression;
  const constant = parseIntegerConstant(text);
  if (constant === undefined) {
    analysis.diagnostics.error('lex-bad-constant', position, `${text} is no integer constant`);
    return poison(position);
  }
  const candidates: IntegerType[] = [];
  if (!constant.longLong && !constant.unsigned) candidates.push(INT);
  if (!constant.longLong && (constant.unsigned || !constant.decimal)) candidates.push(UNSIGNED);
  if (!constant.unsigned) candidates.push(SIGNED_64);
  if (constant.unsigned || !constant.decimal) candidates.push(UNSIGNED_64);
  const type = candidates.find((candidate) => wrap(constant.value, candidate) === constant.value);
  if (type === undefined) analysis.diagnostics.error('lex-bad-constant', position, `${text} does not fit into 64 bits`);
  return constantOf(constant.value, type ?? UNSIGNED_64, position);
}

function stringLiteral(analysis: Analysis, expression: Extract<Expression, { kind: 'string' }>): TypedExpression {
  const octets: number[] = [];
  for (const text of expression.texts) {
    const part = parseStringLiteral(text);
    if (part === undefined) {
      analysis.diagnostics.error('lex-bad-constant', expression.position, `${text} is no string of octets`);
    } else {
      octets.push(...part);
    }
  }
  octets.push(0);
  const type = {
    kind: 'array',
    // 6.4.5: its elements are not const, but nobody may write to them; the NIC stops who does.
    of: { ...plain(SIGNED_8), memory: 'emem' },
    length: octets.length,
  } as const;
  const qualifiers = { ...plain(type), memory: 'emem' } as const;
  return { kind: 'string', octets: Uint8Array.from(octets), ...object(qualifiers, expression.position) };
}

/** 6.5.1 */
function name(analysis: Analysis, expression: Extract<Expression, { kind: 'name' }>): TypedExpression {
  const { position } = expression;
  const binding = analysis.lookUp(expression.name);
  switch (binding?.kind) {
    case 'variable': {
      const { variable } = binding;
      variable.uses++;
      return { kind: 'variable', variable, ...object({ ...variable.type, memory: variable.memory }, position) };
    }
    case 'enumerator':
      return constantOf(binding.value, INT, position);
    case 'function':
      return functionPointer(analysis, binding.function, position);
    case 'typedef':
      analysis.diagnostics.error('name-is-a-type', position, `${expression.name} is a type`);
      return poison(position);
    case undefined: {
      const similar = analysis.similarName(expression.name);
      const hint = similar === undefined ? undefined : `did you mean ${similar}?`;
      analysis.undeclared(position, `${expression.name} is not declared`, hint);
      return poison(position);
    }
  }
}

/** 6.5.3 */
function unary(analysis: Analysis, expression: Extract<Expression, { kind: 'unary' }>): TypedExpression {
  const { position, operator } = expression;
  if (operator === '&') {
    const { operand } = expression;
    const object =
      operand.kind === 'subscript' ? subscript(analysis, operand, true) : analyzeExpression(analysis, operand);
    return addressOf(analysis, object, position);
  }
  if (operator === '*') return dereference(analysis, analyzeValue(analysis, expression.operand), position);
  if (operator === '!') {
    const operand = analyzeCondition(analysis, expression.operand);
    if (operand.kind === 'constant') return constantOf(operand.value === 0n ? 1n : 0n, INT, position);
    return { kind: 'not', operand, ...value(INT, position) };
  }
  const operand = analyzeValue(analysis, expression.operand);
  if (isPoison(operand)) return operand;
  if (isFixed(operand.type) && operator !== '~') {
    if (operator === '+') return operand;
    if (operand.kind === 'constant') return { ...operand, value: BigInt.asIntN(operand.type.bits, -operand.value) };
    return { kind: 'negate', operand, ...value(operand.type, position) };
  }
  if (!isInteger(operand.type)) {
    analysis.diagnostics.error(
      'type-not-integer',
      position,
      `${operator} needs an integer, not ${describeType(operand.type)}`,
    );
    return poison(position);
  }
  const type = promote(operand.type);
  const promoted = convertInteger(operand, type);
  if (operator === '+') return promoted;
  if (promoted.kind === 'constant') {
    return constantOf(operator === '-' ? -promoted.value : ~promoted.value, type, position);
  }
  return { kind: operator === '-' ? 'negate' : 'complement', operand: promoted, ...value(type, position) };
}

function sizeConstant(
  analysis: Analysis,
  type: TypedExpression['type'],
  position: Expression['position'],
): TypedExpression {
  const octets = sizeOf(type);
  if (octets === undefined) {
    analysis.diagnostics.error('type-incomplete', position, `the size of ${describeType(type)} is not known`);
  }
  return constantOf(BigInt(octets ?? 1), UNSIGNED, position);
}

/** 6.5.4 */
function cast(analysis: Analysis, expression: Extract<Expression, { kind: 'cast' }>): TypedExpression {
  const target = typeOfName(analysis, expression.type);
  const operand = analyzeValue(analysis, expression.operand);
  if (target.type.kind === 'void') return { kind: 'convert', operand, ...value(VOID, expression.position) };
  // Not standard C, but everybody takes a cast of a structure to its own type.
  if (target.type.kind === 'record' && sameType(target.type, operand.type)) return operand;
  return convertTo(analysis, operand, target.type, expression.position, 'cast');
}
