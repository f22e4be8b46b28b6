import * as local from './region-locals.ts';
import type { WasmCode } from './wasm-code.ts';
import * as wasm from './wasm-code.ts';

/*
 * Carry and overflow are computed only where somebody looks. What is kept is the addition that they come from: a sum S
 * and its addends A and B (of a subtraction: the complement), of which only the sign bits matter. Then
 *   C = ((A & B) | ((A | B) & ~S)) >>> 31    V = ((A ^ S) & (B ^ S)) >>> 31
 * and every C and V can be put back into that form.
 */

/** Pushes the carry, 0 or 1. */
export function pushCarry(code: WasmCode): void {
  code.get(local.ADDEND_A).get(local.ADDEND_B).op(wasm.I32_AND);
  code.get(local.ADDEND_A).get(local.ADDEND_B).op(wasm.I32_OR);
  code.get(local.SUM).constant(-1).op(wasm.I32_XOR, wasm.I32_AND, wasm.I32_OR);
  code.constant(31).op(wasm.I32_SHR_U);
}

/** Pushes the overflow in the sign bit of a word. */
export function pushOverflowSign(code: WasmCode): void {
  code.get(local.ADDEND_A).get(local.SUM).op(wasm.I32_XOR);
  code.get(local.ADDEND_B).get(local.SUM).op(wasm.I32_XOR, wasm.I32_AND);
}

/** Makes the kept form of a C and a V, each 0 or 1. */
export function setFlags(code: WasmCode, pushC: () => void, pushV: () => void): void {
  // C and V: both addends negative, the sum not. C alone: A negative. V alone: the sum negative.
  pushC();
  code.constant(31).op(wasm.I32_SHL).set(local.ADDEND_A);
  pushV();
  code.constant(31).op(wasm.I32_SHL).tee(local.SUM);
  code.get(local.ADDEND_A).op(wasm.I32_AND).tee(local.ADDEND_B);
  code.get(local.SUM).op(wasm.I32_XOR).set(local.SUM);
}
