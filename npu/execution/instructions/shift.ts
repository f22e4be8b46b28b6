import { type Handler, readA, readB, writeResultAndCodes } from '../handler.ts';
import * as op from '../opcodes.ts';

/** `alu_shf[d, --, B, b, <<n]`, the most frequent of its kind. */
export const shiftLeft: Handler = (world, core, i) => {
  writeResultAndCodes(world, core, i, readB(world, core, i) << world.program.x[i]!, 0, 0);
};

export const shiftRight: Handler = (world, core, i) => {
  writeResultAndCodes(world, core, i, (readB(world, core, i) >>> world.program.x[i]!) | 0, 0, 0);
};

/** `alu_shf` of any other operator and shift. */
export const aluShift: Handler = (world, core, i) => {
  const a = readA(world, core, i);
  const b = readB(world, core, i);
  const how = world.program.y[i]!;
  const shifted = shiftWord(b, how >>> 8, world.program.x[i]!, core.previousA);
  core.previousA = a;
  writeResultAndCodes(world, core, i, combine(how & 0xff, a, shifted), 0, 0);
};

export const doubleShift: Handler = (world, core, i) => {
  const a = readA(world, core, i);
  const b = readB(world, core, i);
  core.previousA = a;
  writeResultAndCodes(world, core, i, shiftDoubleWord(a, b, world.program.x[i]!), 0, 0);
};

export const doubleShiftIndirect: Handler = (world, core, i) => {
  const a = readA(world, core, i);
  const b = readB(world, core, i);
  const amount = core.previousA & 31;
  core.previousA = a;
  writeResultAndCodes(world, core, i, shiftDoubleWord(a, b, amount), 0, 0);
};

/** `asr`: the sign that fills is that of the result before, not the operand's (Linux jit.c, "Set signedness bit"). */
export const arithmeticShift: Handler = (world, core, i) => {
  const b = readB(world, core, i);
  writeResultAndCodes(world, core, i, fillFromLeft(b, world.program.x[i]!, core.previous), 0, 0);
};

export const arithmeticShiftIndirect: Handler = (world, core, i) => {
  const b = readB(world, core, i);
  writeResultAndCodes(world, core, i, fillFromLeft(b, core.previousA & 31, core.previous), 0, 0);
};

/**
 * @param kind `SHIFT_...`
 * @param previousA operand A of the instruction before, whose low 5 bits are the amount of an indirect shift
 */
export function shiftWord(value: number, kind: number, amount: number, previousA: number): number {
  switch (kind) {
    case op.SHIFT_ROTATE:
      return amount === 0 ? value : (value >>> amount) | (value << (32 - amount));
    case op.SHIFT_LEFT:
      return value << amount;
    case op.SHIFT_RIGHT:
      return (value >>> amount) | 0;
    case op.SHIFT_LEFT_INDIRECT:
      return value << (previousA & 31);
    default:
      return (value >>> (previousA & 31)) | 0;
  }
}

/** Low word of (high:low) >> amount; amount 0..31. */
export function shiftDoubleWord(high: number, low: number, amount: number): number {
  return amount === 0 ? low : (high << (32 - amount)) | (low >>> amount);
}

/** `value >>> amount`, filled with the sign of `sign`. */
export function fillFromLeft(value: number, amount: number, sign: number): number {
  return (value >>> amount) | (sign < 0 && amount !== 0 ? -1 << (32 - amount) : 0);
}

function combine(operator: number, a: number, b: number): number {
  switch (operator) {
    case op.OP_B:
      return b;
    case op.OP_NOT_B:
      return ~b;
    case op.OP_AND:
      return a & b;
    case op.OP_NOT_A_AND:
      return ~a & b;
    case op.OP_AND_NOT_B:
      return a & ~b;
    default:
      return a | b;
  }
}
