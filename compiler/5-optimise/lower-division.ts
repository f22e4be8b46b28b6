import type { IrFunction, IrModule, Operand, Operation, OperationOf, Register } from '../ir.ts';
import { reciprocal } from './divide-by-constant.ts';
import { addDivisionRoutine, DIVISION_ROUTINE } from './division-routine.ts';
import { knownWidths } from './known-width.ts';

/**
 * The chip has no divide: a constant divisor becomes multiply and shift (when `strengthReduce`), anything else a call of
 * a bit-serial routine, which the module then carries once. After this pass no `divide` is left.
 */
export function lowerDivision(module: IrModule, strengthReduce: boolean): void {
  let routine = false;
  for (const function_ of [...module.functions.values()]) {
    const lowering = new DivisionLowering(function_, strengthReduce);
    lowering.run();
    routine ||= lowering.needsRoutine;
  }
  if (routine) addDivisionRoutine(module);
}

class DivisionLowering {
  needsRoutine = false;
  private readonly function: IrFunction;
  private readonly strengthReduce: boolean;
  /** As the function was before; undefined until there is a division. */
  private widths: readonly number[] | undefined;
  private output: Operation[] = [];
  private position: Operation['position'];

  constructor(function_: IrFunction, strengthReduce: boolean) {
    this.function = function_;
    this.strengthReduce = strengthReduce;
  }

  run(): void {
    for (const block of this.function.blocks) {
      if (!block.operations.some((operation) => operation.op === 'divide')) continue;
      this.widths ??= knownWidths(this.function);
      this.output = [];
      for (const operation of block.operations) {
        this.position = operation.position;
        if (operation.op === 'divide') this.divide(operation);
        else this.output.push(operation);
      }
      block.operations.splice(0, block.operations.length, ...this.output);
    }
  }

  private fresh(): Register {
    this.function.registers.push({ name: '' });
    return { kind: 'register', id: this.function.registers.length - 1 };
  }

  private binary(operator: OperationOf<'binary'>['operator'], left: Operand, right: Operand | number): Register {
    const target = this.fresh();
    const operand: Operand = typeof right === 'number' ? { kind: 'constant', value: right } : right;
    this.output.push({ op: 'binary', operator, target, left, right: operand, position: this.position });
    return target;
  }

  private copy(target: Register, source: Operand): void {
    this.output.push({ op: 'copy', target, source, position: this.position });
  }

  private divide(operation: OperationOf<'divide'>): void {
    const { operator, target, left, right } = operation;
    const divisor = right.kind === 'constant' && this.strengthReduce ? right.value : 0;
    const signed = operator === 'sdiv' || operator === 'srem';
    const wantsQuotient = operator === 'div' || operator === 'sdiv';
    if (divisor === 0) {
      this.call(operation, signed, wantsQuotient);
      return;
    }
    if (!signed) {
      if (!wantsQuotient && isPowerOfTwo(divisor)) {
        this.copy(target, this.binary('and', left, divisor - 1));
        return;
      }
      const quotient = this.unsignedQuotient(left, divisor, this.width(left));
      this.copy(target, wantsQuotient ? quotient : this.binary('sub', left, this.binary('mul', quotient, divisor)));
      return;
    }
    // |n| / |d| with the sign of n xor the sign of d: sign is 0 or 2^32 - 1, and (x ^ sign) - sign negates by it.
    const negative = (divisor | 0) < 0;
    const magnitude = negative ? -(divisor | 0) >>> 0 : divisor;
    const sign = this.binary('sar', left, 31);
    const absolute = this.binary('sub', this.binary('xor', left, sign), sign);
    const quotient = this.unsignedQuotient(absolute, magnitude, 32);
    const negated = this.binary('sub', this.binary('xor', quotient, sign), sign);
    if (wantsQuotient) {
      this.copy(target, negative ? this.binary('sub', { kind: 'constant', value: 0 }, negated) : negated);
    } else this.copy(target, this.binary('sub', left, this.binary('mul', negated, magnitude)));
  }

  private width(operand: Operand): number {
    if (operand.kind === 'register') return this.widths?.[operand.id] ?? 32;
    return 32;
  }

  private unsignedQuotient(left: Operand, divisor: number, width: number): Operand {
    if (divisor === 1) return left;
    if (isPowerOfTwo(divisor)) return this.binary('shr', left, 31 - Math.clz32(divisor));
    if (width < 32 && divisor >= 2 ** width) return { kind: 'constant', value: 0 };
    const { multiplier, shift, add } = reciprocal(divisor, Math.max(1, width));
    if (!add && width + 32 - Math.clz32(multiplier) <= 32) {
      return this.binary('shr', this.binary('mul', left, multiplier), shift);
    }
    const high = this.binary('mulhigh', left, multiplier);
    if (!add) {
      // A shift below 32 would need the low word too; a multiplier doubled often enough has a shift of 32 at least.
      if (shift >= 32) return shift === 32 ? high : this.binary('shr', high, shift - 32);
      const low = this.binary('mul', left, multiplier);
      const target = this.fresh();
      const amount: Operand = { kind: 'constant', value: shift };
      this.output.push({ op: 'funnel', target, high, low, amount, position: this.position });
      return target;
    }
    const half = this.binary('shr', this.binary('sub', left, high), 1);
    return this.binary('shr', this.binary('add', half, high), shift - 33);
  }

  private call(operation: OperationOf<'divide'>, signed: boolean, wantsQuotient: boolean): void {
    this.needsRoutine = true;
    const quotient = this.fresh();
    const remainder = this.fresh();
    let { left, right } = operation;
    let leftSign: Operand | undefined;
    let rightSign: Operand | undefined;
    if (signed) {
      const absolute = (value: Operand, sign: Operand) => this.binary('sub', this.binary('xor', value, sign), sign);
      leftSign = this.binary('sar', left, 31);
      rightSign = this.binary('sar', right, 31);
      left = absolute(left, leftSign);
      right = absolute(right, rightSign);
    }
    this.output.push({
      op: 'call',
      function: DIVISION_ROUTINE,
      arguments: [left, right],
      results: [quotient, remainder],
      position: this.position,
    });
    const result = wantsQuotient ? quotient : remainder;
    if (leftSign === undefined || rightSign === undefined) {
      this.copy(operation.target, result);
      return;
    }
    const sign = wantsQuotient ? this.binary('xor', leftSign, rightSign) : leftSign;
    this.copy(operation.target, this.binary('sub', this.binary('xor', result, sign), sign));
  }
}

function isPowerOfTwo(value: number): boolean {
  return value !== 0 && (value & (value - 1)) === 0;
}
