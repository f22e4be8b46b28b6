import type { IrModule } from '../ir.ts';
import { FunctionBuilder } from '../ir-builder.ts';

/** Name of the routine: (dividend, divisor) -> (quotient, remainder), unsigned. */
export const DIVISION_ROUTINE = '__divide';

/**
 * Restoring division, one bit a turn, leading zeros skipped: the dividend moves left into the remainder while quotient
 * bits follow it in. Division by zero gives quotient 2^32 - 1 and remainder = dividend.
 */
export function addDivisionRoutine(module: IrModule): void {
  if (module.functions.has(DIVISION_ROUTINE)) return;
  const builder = new FunctionBuilder(module, {
    name: DIVISION_ROUTINE,
    owner: 'runtime',
    parameterNames: ['dividend', 'divisor'],
    resultCount: 2,
    inline: 'never',
  });
  const dividend = builder.parameter(0);
  const divisor = builder.parameter(1);
  const rest = builder.register('rest');
  const remainder = builder.register('remainder');
  const count = builder.register('count');
  const [zero, big, small, loop, subtract, next, done] = [
    'zero',
    'big',
    'small',
    'loop',
    'subtract',
    'next',
    'done',
  ] as const;

  builder.branch('eq', divisor, 0, zero, small);
  builder.startBlock(zero);
  builder.return([0xffffffff, dividend]);

  builder.startBlock(small);
  builder.copy(dividend, rest);
  builder.copy(0, remainder);
  builder.copy(32, count);
  // Half of the turns can be skipped for most numbers that programs divide.
  builder.branch('ult', dividend, 0x10000, big, loop);
  builder.startBlock(big);
  builder.binary('shl', rest, 16, rest);
  builder.copy(16, count);
  builder.jump(loop);

  builder.startBlock(loop);
  const top = builder.binary('shr', remainder, 31);
  builder.funnel(remainder, rest, 31, remainder);
  builder.binary('shl', rest, 1, rest);
  const above = builder.blockName('above');
  builder.branch('ne', top, 0, subtract, above);
  builder.startBlock(above);
  builder.branch('ult', remainder, divisor, next, subtract);

  builder.startBlock(subtract);
  builder.sub(remainder, divisor, remainder);
  builder.add(rest, 1, rest);
  builder.jump(next);

  builder.startBlock(next);
  builder.sub(count, 1, count);
  builder.branch('ne', count, 0, loop, done);
  builder.startBlock(done);
  builder.return([rest, remainder]);
}
