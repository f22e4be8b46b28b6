import type { IntegerType } from '../../3-analyze/micro-c/types.ts';
import type { BinaryOperator, Operand, Relation } from '../../ir.ts';
import { constant } from '../../ir-builder.ts';
import { isZero, type Lowering } from './lowering.ts';
import { type Value, word } from './value.ts';
import { divideWide } from './wide-division.ts';

export type ArithmeticOperator = '*' | '/' | '%' | '+' | '-' | '<<' | '>>' | '&' | '^' | '|';

/** The low `bits` bits of a word, extended by the type's sign (6.3.1.3). Any width from 1 to 32 will do. */
export function extended(
  lowering: Lowering,
  operand: Operand,
  type: Pick<IntegerType, 'signed'> & { bits: number },
): Operand {
  const { b } = lowering;
  if (type.bits >= 32) return operand;
  if (operand.kind === 'constant') {
    const up = operand.value << (32 - type.bits);
    return constant(type.signed ? up >> (32 - type.bits) : up >>> (32 - type.bits));
  }
  if (!type.signed) return b.extract(operand, 0, type.bits);
  return b.binary('sar', b.binary('shl', operand, 32 - type.bits), 32 - type.bits);
}

/** 6.3.1.3: an integer value of one type as one of another. */
export function convertedInteger(lowering: Lowering, value: Value, from: IntegerType, to: IntegerType): Value {
  const { b } = lowering;
  if (to.boolean) {
    const { low, high } = lowering.pairOf(value);
    const any = from.bits === 64 ? b.binary('or', low, high) : low;
    return word(b.compare('ne', any, 0));
  }
  if (to.bits === 64) {
    if (from.bits === 64) return value;
    const low = lowering.wordOf(value);
    if (!from.signed) return { kind: 'pair', low, high: constant(0) };
    const high = low.kind === 'constant' ? constant(low.value >> 31) : b.binary('sar', low, 31);
    return { kind: 'pair', low, high };
  }
  const low = lowering.wordOf(value);
  const narrower = to.bits < from.bits || (to.bits === from.bits && to.signed !== from.signed);
  const widensSigned = from.signed && !to.signed && to.bits < 32;
  return word(narrower || widensSigned ? extended(lowering, low, to) : low);
}

const BINARY: Readonly<Partial<Record<ArithmeticOperator, BinaryOperator>>> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '&': 'and',
  '|': 'or',
  '^': 'xor',
  '<<': 'shl',
};

/** 6.5.5 to 6.5.12 in one type of 32 or 64 bits. A shift amount is a word. */
export function calculate(
  lowering: Lowering,
  operator: ArithmeticOperator,
  left: Value,
  right: Value,
  type: Pick<IntegerType, 'bits' | 'signed'>,
): Value {
  if (type.bits === 64) return calculateWide(lowering, operator, left, right, type.signed);
  const { b } = lowering;
  const a = lowering.wordOf(left);
  const c = lowering.wordOf(right);
  if (operator === '/') return word(b.divide(type.signed ? 'sdiv' : 'div', a, c));
  if (operator === '%') return word(b.divide(type.signed ? 'srem' : 'rem', a, c));
  const name = operator === '>>' ? (type.signed ? 'sar' : 'shr') : (BINARY[operator] as BinaryOperator);
  return word(b.binary(name, a, c));
}

function calculateWide(
  lowering: Lowering,
  operator: ArithmeticOperator,
  left: Value,
  right: Value,
  signed: boolean,
): Value {
  const { b } = lowering;
  const a = lowering.pairOf(left);
  if (operator === '<<' || operator === '>>') {
    return shiftWide(lowering, operator === '<<' ? 'shl' : signed ? 'sar' : 'shr', a, lowering.wordOf(right));
  }
  const c = lowering.pairOf(right);
  switch (operator) {
    case '+':
    case '-': {
      const [low, high] = b.wide(operator === '+' ? 'add' : 'sub', [a.low, a.high], [c.low, c.high]);
      return { kind: 'pair', low, high };
    }
    case '&':
    case '|':
    case '^': {
      const name = BINARY[operator] as BinaryOperator;
      return {
        kind: 'pair',
        low: bitwise(lowering, name, a.low, c.low),
        high: bitwise(lowering, name, a.high, c.high),
      };
    }
    case '*':
      return multiplyWide(lowering, a, c);
    default:
      return divideWide(lowering, operator, a, c, signed);
  }
}

interface Pair {
  readonly low: Operand;
  readonly high: Operand;
}

/** The low 64 bits of a product, whatever the signs. */
export function multiplyWide({ b }: Lowering, left: Pair, right: Pair): Value {
  const cross = b.add(b.binary('mul', left.low, right.high), b.binary('mul', left.high, right.low));
  const high = b.add(b.binary('mulhigh', left.low, right.low), cross);
  return { kind: 'pair', low: b.binary('mul', left.low, right.low), high };
}

/** Halves of 64-bit values are often zero: `(uint64_t)hi << 32 | lo` costs nothing. */
function bitwise(lowering: Lowering, name: BinaryOperator, left: Operand, right: Operand): Operand {
  if (isZero(left)) return name === 'and' ? left : right;
  if (isZero(right)) return name === 'and' ? right : left;
  return lowering.b.binary(name, left, right);
}

function shiftWide(
  lowering: Lowering,
  operator: 'shl' | 'shr' | 'sar',
  { low, high }: { low: Operand; high: Operand },
  amount: Operand,
): Value {
  const { b } = lowering;
  if (amount.kind === 'constant') return shiftWideBy(lowering, operator, low, high, amount.value & 63);
  const resultLow = b.register('shifted');
  const resultHigh = b.register('shifted.high');
  const far = b.blockName('shift.far');
  const near = b.blockName('shift.near');
  const done = b.blockName('shift.done');
  const within = b.binary('and', amount, 31);
  // Bits that cross from one word into the other; two steps, so that an amount of 0 moves none.
  const rest = b.binary('xor', within, 31);
  b.branchBit(amount, 5, far, near);
  b.startBlock(near);
  if (operator === 'shl') {
    const crossing = b.binary('shr', b.binary('shr', low, 1), rest);
    b.binary('or', b.binary('shl', high, within), crossing, resultHigh);
    b.binary('shl', low, within, resultLow);
  } else {
    const crossing = b.binary('shl', b.binary('shl', high, 1), rest);
    b.binary('or', b.binary('shr', low, within), crossing, resultLow);
    b.binary(operator, high, within, resultHigh);
  }
  b.jump(done);
  b.startBlock(far);
  if (operator === 'shl') {
    b.binary('shl', low, within, resultHigh);
    b.copy(0, resultLow);
  } else {
    b.binary(operator, high, within, resultLow);
    if (operator === 'sar') b.binary('sar', high, 31, resultHigh);
    else b.copy(0, resultHigh);
  }
  b.jump(done);
  b.startBlock(done);
  return { kind: 'pair', low: resultLow, high: resultHigh };
}

function shiftWideBy(
  lowering: Lowering,
  operator: 'shl' | 'shr' | 'sar',
  low: Operand,
  high: Operand,
  amount: number,
): Value {
  const { b } = lowering;
  if (amount === 0) return { kind: 'pair', low, high };
  const single = (name: 'shl' | 'shr' | 'sar', operand: Operand, by: number): Operand => {
    if (by === 0 || isZero(operand)) return operand;
    return b.binary(name, operand, by);
  };
  if (operator === 'shl') {
    if (amount >= 32) return { kind: 'pair', low: constant(0), high: single('shl', low, amount - 32) };
    const crossing = b.funnel(high, low, 32 - amount);
    return { kind: 'pair', low: single('shl', low, amount), high: crossing };
  }
  if (amount >= 32) {
    const rest = operator === 'sar' ? b.binary('sar', high, 31) : constant(0);
    return { kind: 'pair', low: single(operator, high, amount - 32), high: rest };
  }
  const crossing = b.funnel(high, low, amount);
  return { kind: 'pair', low: crossing, high: single(operator, high, amount) };
}

/** A 64-bit value shifted by a known amount, 0 to 63. */
export function shiftedWide(lowering: Lowering, operator: 'shl' | 'shr' | 'sar', value: Value, amount: number): Value {
  const { low, high } = lowering.pairOf(value);
  return shiftWideBy(lowering, operator, low, high, amount);
}

export type Comparison = '<' | '>' | '<=' | '>=' | '==' | '!=';

export function relationOf(operator: Comparison, signed: boolean): Relation {
  switch (operator) {
    case '==':
      return 'eq';
    case '!=':
      return 'ne';
    case '<':
      return signed ? 'slt' : 'ult';
    case '<=':
      return signed ? 'sle' : 'ule';
    case '>':
      return signed ? 'sgt' : 'ugt';
    case '>=':
      return signed ? 'sge' : 'uge';
  }
}
