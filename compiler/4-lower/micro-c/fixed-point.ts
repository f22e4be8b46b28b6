import type { FixedType, IntegerType } from '../../3-analyze/micro-c/types.ts';
import { INT, SIGNED_64 } from '../../3-analyze/micro-c/types.ts';
import type { IrModule, Operand } from '../../ir.ts';
import { constant } from '../../ir-builder.ts';
import { convertedInteger, multiplyWide, shiftedWide } from './integers.ts';
import type { Lowering } from './lowering.ts';
import { type Value, word } from './value.ts';
import { addWideDivision, divideWide, divisionRoutine, negatedIf, WIDE_DIVISION } from './wide-division.ts';

const ROUTINE = '__divide_fixed';
/** Half of the last place of a product of two numbers with 16 bits behind the point. */
const HALF = 0x8000;

/** A number of any type as one of any other, where one of them is fixed point (6.3.1.4, 6.3.1.5). */
export function convertedNumber(
  lowering: Lowering,
  value: Value,
  from: IntegerType | FixedType,
  to: IntegerType | FixedType,
): Value {
  if (from.kind === 'integer') {
    return to.kind === 'integer' ? convertedInteger(lowering, value, from, to) : fromInteger(lowering, value, from, to);
  }
  if (to.kind === 'integer') return toInteger(lowering, value, from, to);
  if (from.bits === to.bits) return value;
  const { b } = lowering;
  if (to.bits === 64) return shiftedWide(lowering, 'shl', extended(lowering, value), 16);
  const { low, high } = lowering.pairOf(value);
  const [roundedLow, roundedHigh] = b.wide('add', [low, high], [HALF, 0]);
  return word(
    lowering.pairOf(shiftedWide(lowering, 'shr', { kind: 'pair', low: roundedLow, high: roundedHigh }, 16)).low,
  );
}

function extended(lowering: Lowering, value: Value): Value {
  return convertedInteger(lowering, value, INT, SIGNED_64);
}

function fromInteger(lowering: Lowering, value: Value, from: IntegerType, to: FixedType): Value {
  const { low } = lowering.pairOf(convertedInteger(lowering, value, from, SIGNED_64));
  if (to.bits === 32) return word(lowering.b.binary('shl', low, to.fraction));
  return { kind: 'pair', low: constant(0), high: low };
}

/** Towards zero: all that is behind the point is added to a negative number before it is cut off. */
function toInteger(lowering: Lowering, value: Value, from: FixedType, to: IntegerType): Value {
  const { b } = lowering;
  if (from.bits === 32) {
    const number = lowering.wordOf(value);
    if (to.boolean) return word(b.compare('ne', number, 0));
    const below = b.binary('shr', b.binary('sar', number, 31), 16);
    return convertedInteger(lowering, word(b.binary('sar', b.add(number, below), 16)), INT, to);
  }
  if (to.boolean) return convertedInteger(lowering, value, SIGNED_64, to);
  const { low, high } = lowering.pairOf(value);
  const [, whole] = b.wide('add', [low, high], [b.binary('sar', high, 31), 0]);
  return convertedInteger(lowering, word(whole), INT, to);
}

/** 6.5.5: a product is rounded to the nearest number (of `double` cut), a quotient cut towards zero. */
export function calculateFixed(
  lowering: Lowering,
  operator: '*' | '/',
  left: Value,
  right: Value,
  type: FixedType,
): Value {
  const { b } = lowering;
  if (type.bits === 32) {
    const [a, c] = [lowering.pairOf(extended(lowering, left)), lowering.pairOf(extended(lowering, right))];
    if (operator === '/') {
      const scaled = lowering.pairOf(shiftedWide(lowering, 'shl', { kind: 'pair', ...a }, 16));
      return word(lowering.pairOf(divideWide(lowering, '/', scaled, c, true)).low);
    }
    const product = lowering.pairOf(multiplyWide(lowering, a, c));
    const [low, high] = b.wide('add', [product.low, product.high], [HALF, 0]);
    return word(lowering.pairOf(shiftedWide(lowering, 'shr', { kind: 'pair', low, high }, 16)).low);
  }
  const [a, c] = [lowering.pairOf(left), lowering.pairOf(right)];
  if (operator === '/') return divideDouble(lowering, a, c);
  // (ah 2^32 + al) (ch 2^32 + cl) / 2^32, of which bits 63..0: the four products of halves at their places.
  const upper = lowering.pairOf(
    multiplyWide(lowering, signedHalf(lowering, a.high), { low: c.low, high: constant(0) }),
  );
  const lower = lowering.pairOf(
    multiplyWide(lowering, { low: a.low, high: constant(0) }, signedHalf(lowering, c.high)),
  );
  const [sumLow, sumHigh] = b.wide('add', [upper.low, upper.high], [lower.low, lower.high]);
  const [low, high] = b.wide(
    'add',
    [sumLow, sumHigh],
    [b.binary('mulhigh', a.low, c.low), b.binary('mul', a.high, c.high)],
  );
  return { kind: 'pair', low, high };
}

function signedHalf(lowering: Lowering, half: Operand): { low: Operand; high: Operand } {
  return { low: half, high: lowering.b.binary('sar', half, 31) };
}

function divideDouble(
  lowering: Lowering,
  left: { low: Operand; high: Operand },
  right: { low: Operand; high: Operand },
): Value {
  const { b, shared } = lowering;
  addRoutine(shared.module);
  const leftSign = b.binary('sar', left.high, 31);
  const rightSign = b.binary('sar', right.high, 31);
  const dividend = negatedIf(lowering, left, leftSign);
  const divisor = negatedIf(lowering, right, rightSign);
  const quotient = { low: b.register('quotient'), high: b.register('quotient.high') };
  const results = [quotient.low, quotient.high];
  b.call(ROUTINE, [dividend.low, dividend.high, divisor.low, divisor.high], results);
  return { kind: 'pair', ...negatedIf(lowering, quotient, b.binary('xor', leftSign, rightSign)) };
}

/** What is before the point by a division of 64 bits, the 32 bits behind it one by one from its remainder. */
function addRoutine(module: IrModule): void {
  if (module.functions.has(ROUTINE)) return;
  addWideDivision(module);
  const { b, low, high, divisorLow, divisorHigh } = divisionRoutine(module, ROUTINE, 2);
  const [whole, unused, restLow, restHigh] = [b.register('whole'), b.register(), b.register('rest'), b.register()];
  b.call(WIDE_DIVISION, [low, high, divisorLow, divisorHigh], [whole, unused, restLow, restHigh]);
  const fraction = b.copy(0);
  const count = b.copy(32);
  b.startBlock('turn');
  b.funnel(restHigh, restLow, 31, restHigh);
  b.binary('shl', restLow, 1, restLow);
  b.binary('shl', fraction, 1, fraction);
  b.branchWide('ult', [restLow, restHigh], [divisorLow, divisorHigh], 'next', 'subtract');
  b.startBlock('subtract');
  b.wide('sub', [restLow, restHigh], [divisorLow, divisorHigh], [restLow, restHigh]);
  b.add(fraction, 1, fraction);
  b.jump('next');
  b.startBlock('next');
  b.sub(count, 1, count);
  b.branch('ne', count, 0, 'turn', 'done');
  b.startBlock('done');
  b.return([fraction, whole]);
}
