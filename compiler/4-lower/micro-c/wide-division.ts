import type { IrModule, Operand } from '../../ir.ts';
import { FunctionBuilder } from '../../ir-builder.ts';
import { isZero, type Lowering } from './lowering.ts';
import type { Value } from './value.ts';

interface Pair {
  readonly low: Operand;
  readonly high: Operand;
}

/** The routine that divides magnitudes: dividend and divisor to quotient and remainder, each low word first. */
export const WIDE_DIVISION = '__divide64';

/**
 * 64-bit `/` and `%` (6.5.5): a routine that the module carries once divides magnitudes, signs are put around it. By zero
 * it gives quotient 2^64 - 1 and remainder = dividend, as the 32-bit one; the least integer by -1 wraps.
 */
export function divideWide(lowering: Lowering, operator: '/' | '%', left: Pair, right: Pair, signed: boolean): Value {
  const { b } = lowering;
  const narrow = unsignedNarrow(lowering, operator, left, right);
  if (narrow !== undefined) return narrow;
  addWideDivision(lowering.shared.module);
  const quotient = { low: b.register('quotient'), high: b.register('quotient.high') };
  const rest = { low: b.register('rest'), high: b.register('rest.high') };
  const results = [quotient.low, quotient.high, rest.low, rest.high];
  const wanted = operator === '/' ? quotient : rest;
  if (!signed) {
    b.call(WIDE_DIVISION, [left.low, left.high, right.low, right.high], results);
    return { kind: 'pair', ...wanted };
  }
  const leftSign = b.binary('sar', left.high, 31);
  const rightSign = b.binary('sar', right.high, 31);
  const dividend = negatedIf(lowering, left, leftSign);
  const divisor = negatedIf(lowering, right, rightSign);
  b.call(WIDE_DIVISION, [dividend.low, dividend.high, divisor.low, divisor.high], results);
  const sign = operator === '/' ? b.binary('xor', leftSign, rightSign) : leftSign;
  return { kind: 'pair', ...negatedIf(lowering, wanted, sign) };
}

/** Both operands are known to be below 2^32: one word is divided. */
function unsignedNarrow(lowering: Lowering, operator: '/' | '%', left: Pair, right: Pair): Value | undefined {
  if (!isZero(left.high) || !isZero(right.high)) return undefined;
  const result = lowering.b.divide(operator === '/' ? 'div' : 'rem', left.low, right.low);
  return { kind: 'pair', low: result, high: left.high };
}

/** (x ^ sign) - sign, where sign is 0 or all ones: x or -x. */
export function negatedIf(lowering: Lowering, { low, high }: Pair, sign: Operand): Pair {
  const { b } = lowering;
  const [resultLow, resultHigh] = b.wide(
    'sub',
    [b.binary('xor', low, sign), b.binary('xor', high, sign)],
    [sign, sign],
  );
  return { low: resultLow, high: resultHigh };
}

/**
 * Restoring division, one bit a turn: the dividend moves left into the remainder while quotient bits follow it in. Two
 * numbers of one word go to the 32-bit division; a dividend without a high word skips half of the turns.
 */
export function addWideDivision(module: IrModule): void {
  if (module.functions.has(WIDE_DIVISION)) return;
  const { b, low, high, divisorLow, divisorHigh } = divisionRoutine(module, WIDE_DIVISION, 4);
  const quotientLow = b.copy(low);
  const quotientHigh = b.copy(high);
  const restLow = b.copy(0);
  const restHigh = b.copy(0);
  const count = b.copy(64);

  b.branch('ne', b.binary('or', high, divisorHigh), 0, 'long', 'short');
  b.startBlock('short');
  const quotient = b.divide('div', low, divisorLow);
  const rest = b.divide('rem', low, divisorLow);
  b.branch('ne', divisorLow, 0, 'shortDone', 'zero');
  b.startBlock('shortDone');
  b.return([quotient, 0, rest, 0]);
  b.startBlock('zero');
  b.return([0xffffffff, 0xffffffff, low, high]);

  b.startBlock('long');
  b.branch('ne', b.binary('or', divisorLow, divisorHigh), 0, 'start', 'zero');
  b.startBlock('start');
  b.branch('ne', high, 0, 'turn', 'half');
  b.startBlock('half');
  b.copy(low, quotientHigh);
  b.copy(0, quotientLow);
  b.copy(32, count);
  b.jump('turn');

  b.startBlock('turn');
  const top = b.binary('shr', restHigh, 31);
  b.funnel(restHigh, restLow, 31, restHigh);
  b.funnel(restLow, quotientHigh, 31, restLow);
  b.funnel(quotientHigh, quotientLow, 31, quotientHigh);
  b.binary('shl', quotientLow, 1, quotientLow);
  b.branch('ne', top, 0, 'subtract', 'compare');
  b.startBlock('compare');
  b.branchWide('ult', [restLow, restHigh], [divisorLow, divisorHigh], 'next', 'subtract');
  b.startBlock('subtract');
  b.wide('sub', [restLow, restHigh], [divisorLow, divisorHigh], [restLow, restHigh]);
  b.add(quotientLow, 1, quotientLow);
  b.jump('next');
  b.startBlock('next');
  b.sub(count, 1, count);
  b.branch('ne', count, 0, 'turn', 'done');
  b.startBlock('done');
  b.return([quotientLow, quotientHigh, restLow, restHigh]);
}

/** A function of the runtime that divides one number of two words by another; its body is to be written. */
export function divisionRoutine(module: IrModule, name: string, resultCount: number) {
  const parameterNames = ['low', 'high', 'divisor', 'divisor.high'];
  const b = new FunctionBuilder(module, { name, owner: 'runtime', parameterNames, resultCount, inline: 'never' });
  const [low, high, divisorLow, divisorHigh] = [b.parameter(0), b.parameter(1), b.parameter(2), b.parameter(3)];
  return { b, low, high, divisorLow, divisorHigh };
}
