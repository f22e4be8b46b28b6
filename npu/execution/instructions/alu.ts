import { type Handler, readA, readB, writeResultAndCodes } from '../handler.ts';

// Sources: Linux nfp_asm.h (operators), GNU nfp-dis.c (names). Carry after a subtraction is "no borrow": a + ~b + 1.

export const passB: Handler = (world, core, i) => {
  writeResultAndCodes(world, core, i, readB(world, core, i), 0, 0);
};

export const passNotB: Handler = (world, core, i) => {
  writeResultAndCodes(world, core, i, ~readB(world, core, i), 0, 0);
};

export const add: Handler = (world, core, i) => {
  const a = readA(world, core, i);
  const b = readB(world, core, i);
  const result = (a + b) | 0;
  core.previousA = a;
  writeResultAndCodes(world, core, i, result, carryOfSum(a, result), overflowOfSum(a, b, result));
};

export const addLowOctet: Handler = (world, core, i) => {
  const a = readA(world, core, i);
  const b = readB(world, core, i) & 0xff;
  const result = (a + b) | 0;
  core.previousA = a;
  writeResultAndCodes(world, core, i, result, carryOfSum(a, result), overflowOfSum(a, b, result));
};

export const addLowHalf: Handler = (world, core, i) => {
  const a = readA(world, core, i);
  const b = readB(world, core, i) & 0xffff;
  const result = (a + b) | 0;
  core.previousA = a;
  writeResultAndCodes(world, core, i, result, carryOfSum(a, result), overflowOfSum(a, b, result));
};

export const addWithCarry: Handler = (world, core, i) => {
  const a = readA(world, core, i);
  const b = readB(world, core, i);
  const { carry } = core;
  const result = (a + b + carry) | 0;
  core.previousA = a;
  const carryOut = (a >>> 0) + (b >>> 0) + carry > 0xffff_ffff ? 1 : 0;
  writeResultAndCodes(world, core, i, result, carryOut, overflowOfSum(a, b, result));
};

export const subtract: Handler = (world, core, i) => {
  const a = readA(world, core, i);
  const b = readB(world, core, i);
  const result = (a - b) | 0;
  core.previousA = a;
  writeResultAndCodes(world, core, i, result, a >>> 0 >= b >>> 0 ? 1 : 0, overflowOfDifference(a, b, result));
};

export const subtractWithCarry: Handler = (world, core, i) => {
  const a = readA(world, core, i);
  const b = readB(world, core, i);
  const { carry } = core;
  const result = (a - b - 1 + carry) | 0;
  core.previousA = a;
  const carryOut = (a >>> 0) - (b >>> 0) - 1 + carry >= 0 ? 1 : 0;
  writeResultAndCodes(world, core, i, result, carryOut, overflowOfDifference(a, b, result));
};

/** `B-A`. */
export const subtractReversed: Handler = (world, core, i) => {
  const a = readA(world, core, i);
  const b = readB(world, core, i);
  const result = (b - a) | 0;
  core.previousA = a;
  writeResultAndCodes(world, core, i, result, b >>> 0 >= a >>> 0 ? 1 : 0, overflowOfDifference(b, a, result));
};

export const and: Handler = (world, core, i) => {
  const a = readA(world, core, i);
  const b = readB(world, core, i);
  core.previousA = a;
  writeResultAndCodes(world, core, i, a & b, 0, 0);
};

export const notAAnd: Handler = (world, core, i) => {
  const a = readA(world, core, i);
  const b = readB(world, core, i);
  core.previousA = a;
  writeResultAndCodes(world, core, i, ~a & b, 0, 0);
};

export const andNotB: Handler = (world, core, i) => {
  const a = readA(world, core, i);
  const b = readB(world, core, i);
  core.previousA = a;
  writeResultAndCodes(world, core, i, a & ~b, 0, 0);
};

export const or: Handler = (world, core, i) => {
  const a = readA(world, core, i);
  const b = readB(world, core, i);
  core.previousA = a;
  writeResultAndCodes(world, core, i, a | b, 0, 0);
};

export const exclusiveOr: Handler = (world, core, i) => {
  const a = readA(world, core, i);
  const b = readB(world, core, i);
  core.previousA = a;
  writeResultAndCodes(world, core, i, a ^ b, 0, 0);
};

function carryOfSum(a: number, sum: number): number {
  return sum >>> 0 < a >>> 0 ? 1 : 0;
}

function overflowOfSum(a: number, b: number, sum: number): number {
  return ((a ^ sum) & (b ^ sum)) >>> 31;
}

/** Of a - b. */
function overflowOfDifference(a: number, b: number, difference: number): number {
  return ((a ^ b) & (a ^ difference)) >>> 31;
}
