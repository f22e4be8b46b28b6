import { assert } from '../../../base/assert.ts';
import type { TypedExpression } from '../../3-analyze/micro-c/typed-tree.ts';
import {
  type FixedType,
  type IntegerType,
  isFunctionPointer,
  isWidePointer,
  sizeOf,
} from '../../3-analyze/micro-c/types.ts';
import type { Operand } from '../../ir.ts';
import { constant } from '../../ir-builder.ts';
import { load, store } from './access.ts';
import { bitsOf, isInPacked } from './bits.ts';
import { branchOn } from './branches.ts';
import { lowerCall } from './calls.ts';
import { ownIslandOctet } from './context-index.ts';
import { copyObject, isWordAligned } from './copy-objects.ts';
import { lowerPlace, lowerValue } from './evaluate.ts';
import { calculateFixed, convertedNumber } from './fixed-point.ts';
import { type ArithmeticOperator, calculate, convertedInteger, extended, shiftedWide } from './integers.ts';
import { lowerIntrinsic } from './intrinsics.ts';
import { isTwoWords, type Lowering } from './lowering.ts';
import { lowerPointerCall } from './pointer-calls.ts';
import { movedPlace, placeAt } from './pointers.ts';
import { NONE, type Place, type Value, word } from './value.ts';

/** The value of an expression. Operations carry the expression's position. */
export function lowerExpression(lowering: Lowering, expression: TypedExpression): Value {
  const { b } = lowering;
  const { position } = expression;
  if (expression.type.kind !== 'void' && expression.type.kind !== 'record') {
    const object = expression.lvalue && expression.type.kind !== 'array';
    if (object) return loadObject(lowering, expression);
  }
  b.at(position);
  switch (expression.kind) {
    case 'constant':
      return constantValue(lowering, expression);
    case 'string': // A string that is not an array's initial value is used by its address only.
    case 'variable':
    case 'dereference':
    case 'field':
    case 'compound-literal':
      return { kind: 'pointer', place: lowerPlace(lowering, expression) };
    case 'address':
      return { kind: 'pointer', place: lowerPlace(lowering, expression.object) };
    case 'decay':
      return { kind: 'pointer', place: lowerPlace(lowering, expression.array) };
    case 'negate': {
      const operand = lowerValue(lowering, expression.operand);
      const zero: Value = { kind: 'pair', low: constant(0), high: constant(0) };
      b.at(position);
      return calculate(lowering, '-', zero, operand, expression.type as IntegerType | FixedType);
    }
    case 'complement': {
      const operand = lowerValue(lowering, expression.operand);
      b.at(position);
      if (operand.kind === 'pair') return { kind: 'pair', low: b.not(operand.low), high: b.not(operand.high) };
      return word(b.not(lowering.wordOf(operand)));
    }
    case 'arithmetic': {
      const left = lowerValue(lowering, expression.left);
      const right = lowerValue(lowering, expression.right);
      b.at(position);
      return calculateNumber(lowering, expression.operator, left, right, expression.type as IntegerType | FixedType);
    }
    case 'not':
    case 'compare':
    case 'logical':
      return truthValue(lowering, expression);
    case 'pointer-add':
      return pointerAdd(lowering, expression);
    case 'pointer-difference': {
      const left = lowering.wordOf(lowerValue(lowering, expression.left));
      const right = lowering.wordOf(lowerValue(lowering, expression.right));
      const octets = b.at(position).sub(left, right);
      if (expression.octets === 1) return word(octets);
      const power = Math.log2(expression.octets);
      return word(
        Number.isInteger(power) ? b.binary('sar', octets, power) : b.divide('sdiv', octets, expression.octets),
      );
    }
    case 'conditional':
      return conditional(lowering, expression);
    case 'comma':
      lowerValue(lowering, expression.left);
      return lowerValue(lowering, expression.right);
    case 'convert':
      return convert(lowering, expression);
    case 'assign':
      return assign(lowering, expression);
    case 'update':
      return update(lowering, expression);
    case 'pointer-update':
      return pointerUpdate(lowering, expression);
    case 'call':
      return lowerCall(lowering, expression);
    case 'call-pointer':
      return lowerPointerCall(lowering, expression);
    case 'intrinsic':
      return lowerIntrinsic(lowering, expression);
  }
}

function loadObject(lowering: Lowering, expression: TypedExpression): Value {
  if (expression.kind === 'variable') {
    const bound = lowering.boundValue(expression.variable);
    if (bound !== undefined) return bound;
  }
  const place = lowerPlace(lowering, expression);
  lowering.b.at(expression.position);
  return load(lowering, place, expression.type, bitsOf(expression), expression.position);
}

function constantValue(lowering: Lowering, expression: Extract<TypedExpression, { kind: 'constant' }>): Value {
  const low = constant(Number(BigInt.asUintN(32, expression.value)));
  const high = constant(Number(BigInt.asUintN(32, expression.value >> 32n)));
  const { type } = expression;
  if (isFunctionPointer(type)) return word(low);
  if (type.kind === 'pointer') return { kind: 'pointer', place: placeAt(lowering, type, low, high) };
  return isTwoWords(type) ? { kind: 'pair', low, high } : word(low);
}

/** 0 or 1 from a condition, by the two ways through it. */
function truthValue(lowering: Lowering, expression: TypedExpression): Value {
  const { b } = lowering;
  const result = b.register('truth');
  const yes = b.blockName('true');
  const no = b.blockName('false');
  const done = b.blockName('join');
  branchOn(lowering, expression, yes, no);
  b.startBlock(yes);
  b.at(expression.position).copy(1, result);
  b.jump(done);
  b.startBlock(no);
  b.copy(0, result);
  b.jump(done);
  b.startBlock(done);
  return word(result);
}

function pointerAdd(lowering: Lowering, expression: Extract<TypedExpression, { kind: 'pointer-add' }>): Value {
  const pointer = lowerValue(lowering, expression.pointer);
  assert(pointer.kind === 'pointer', 'a pointer is moved');
  const index = lowering.wordOf(lowerValue(lowering, expression.index));
  lowering.b.at(expression.position);
  return { kind: 'pointer', place: moved(lowering, pointer.place, index, expression.octets, expression.subtract) };
}

function moved(lowering: Lowering, place: Place, index: Operand, octets: number, subtract: boolean): Place {
  if (!subtract) return movedPlace(lowering, place, index, octets);
  const negated = index.kind === 'constant' ? constant(-index.value) : lowering.b.sub(0, index);
  return movedPlace(lowering, place, negated, octets);
}

function conditional(lowering: Lowering, expression: Extract<TypedExpression, { kind: 'conditional' }>): Value {
  const { b } = lowering;
  const yes = b.blockName('then');
  const no = b.blockName('else');
  const done = b.blockName('join');
  branchOn(lowering, expression.condition, yes, no);
  const { type } = expression;
  const result =
    type.kind === 'void'
      ? undefined
      : type.kind === 'record'
        ? lowering.temporary(type.octets, expression.position)
        : lowering.newRegisters(type, 'chosen');
  for (const [block, side] of [
    [yes, expression.then],
    [no, expression.otherwise],
  ] as const) {
    b.startBlock(block);
    const found = lowerValue(lowering, side);
    if (result !== undefined) store(lowering, result, expression.type, found, undefined, side.position);
    b.jump(done);
  }
  b.startBlock(done);
  if (result === undefined) return NONE;
  if (type.kind === 'record') return { kind: 'pointer', place: result };
  return load(lowering, result, type, undefined, expression.position);
}

function convert(lowering: Lowering, expression: Extract<TypedExpression, { kind: 'convert' }>): Value {
  const { operand, type, position } = expression;
  const given = lowerValue(lowering, operand);
  lowering.b.at(position);
  if (type.kind === 'void') return NONE;
  if (isNumber(type) && isNumber(operand.type)) return convertedNumber(lowering, given, operand.type, type);
  if (type.kind === 'integer' && operand.type.kind === 'pointer') {
    const wide = isWidePointer(operand.type);
    const { low, high } = lowering.pairOf(given);
    const from: IntegerType = { kind: 'integer', bits: wide ? 64 : 32, signed: false, boolean: false };
    return convertedInteger(lowering, wide ? { kind: 'pair', low, high } : word(low), from, type);
  }
  if (isFunctionPointer(type)) return word(lowering.wordOf(given));
  if (
    type.kind === 'pointer' &&
    operand.type.kind === 'pointer' &&
    isWidePointer(type) &&
    !isWidePointer(operand.type)
  ) {
    const place = placeAt(lowering, type, lowering.wordOf(given), ownIslandOctet(lowering.b));
    return { kind: 'pointer', place };
  }
  if (type.kind === 'pointer' && given.kind !== 'pointer') {
    const { low, high } = lowering.pairOf(given);
    return { kind: 'pointer', place: placeAt(lowering, type, low, high) };
  }
  return given;
}

function assign(lowering: Lowering, expression: Extract<TypedExpression, { kind: 'assign' }>): Value {
  const { target, value, position } = expression;
  if (target.type.kind === 'record') {
    const from = lowerPlace(lowering, value);
    const to = lowerPlace(lowering, target);
    lowering.b.at(position);
    const aligned = isWordAligned(target.type) && !isInPacked(target) && !isInPacked(value);
    copyObject(lowering, from, to, sizeOf(target.type) ?? 0, aligned, position);
    return { kind: 'pointer', place: to };
  }
  const given = lowerValue(lowering, value);
  const place = lowerPlace(lowering, target);
  lowering.b.at(position);
  store(lowering, place, target.type, given, bitsOf(target), position);
  return given.kind === 'pointer' ? storedPointer(lowering, place, given, target) : stored(lowering, given, target);
}

/** A pointer's value may be reckoned from the registers that have just changed: `*(p = p + 1)`, `*++p`. */
function storedPointer(lowering: Lowering, place: Place, value: Value, { type, position }: TypedExpression): Value {
  return place.kind === 'register' ? load(lowering, place, type, undefined, position) : value;
}

/** 6.5.16 p3: an assignment's value is the target's, so of a bit-field what fits into it. */
function stored(lowering: Lowering, value: Value, target: TypedExpression): Value {
  const bits = bitsOf(target);
  if (bits === undefined || target.type.kind !== 'integer') return value;
  if (bits.width < 32 && value.kind === 'word') {
    return word(extended(lowering, value.operand, { signed: target.type.signed, bits: bits.width }));
  }
  if (bits.width >= 64 || target.type.bits !== 64) return value;
  const up = shiftedWide(lowering, 'shl', value, 64 - bits.width);
  return shiftedWide(lowering, target.type.signed ? 'sar' : 'shr', up, 64 - bits.width);
}

function update(lowering: Lowering, expression: Extract<TypedExpression, { kind: 'update' }>): Value {
  const { target, computeType, position, operator } = expression;
  const type = target.type as IntegerType | FixedType;
  const place = lowerPlace(lowering, target);
  const right = lowerValue(lowering, expression.value);
  lowering.b.at(position);
  let before = load(lowering, place, type, bitsOf(target), position);
  if (expression.result === 'old') before = lowering.frozen(before);
  const converted = convertedNumber(lowering, before, type, computeType);
  const computed = calculateNumber(lowering, operator, converted, right, computeType);
  const after = convertedNumber(lowering, computed, computeType, type);
  store(lowering, place, type, after, bitsOf(target), position);
  return expression.result === 'old' ? before : stored(lowering, after, target);
}

function pointerUpdate(lowering: Lowering, expression: Extract<TypedExpression, { kind: 'pointer-update' }>): Value {
  const { target, position } = expression;
  const place = lowerPlace(lowering, target);
  const index = lowering.wordOf(lowerValue(lowering, expression.index));
  lowering.b.at(position);
  let before = load(lowering, place, target.type, undefined, position);
  if (expression.result === 'old') before = lowering.frozen(before);
  assert(before.kind === 'pointer', 'a pointer is moved');
  const after: Value = {
    kind: 'pointer',
    place: moved(lowering, before.place, index, expression.octets, expression.subtract),
  };
  store(lowering, place, target.type, after, undefined, position);
  return expression.result === 'old' ? before : storedPointer(lowering, place, after, target);
}

function isNumber(type: TypedExpression['type']): type is IntegerType | FixedType {
  return type.kind === 'integer' || type.kind === 'fixed';
}

function calculateNumber(
  lowering: Lowering,
  operator: ArithmeticOperator,
  left: Value,
  right: Value,
  type: IntegerType | FixedType,
): Value {
  const scales = operator === '*' || operator === '/';
  if (type.kind === 'fixed' && scales) return calculateFixed(lowering, operator, left, right, type);
  return calculate(lowering, operator, left, right, type);
}
