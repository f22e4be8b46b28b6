import * as op from '../execution/opcodes.ts';
import type { RegionEmitter } from './emit-region.ts';
import { pushTakenSignal } from './emit-signals.ts';
import { pushCarry, pushOverflowSign } from './flags.ts';
import * as local from './region-locals.ts';
import type { WasmCode } from './wasm-code.ts';
import * as wasm from './wasm-code.ts';

/**
 * Pushes whether a branch is taken (not 0), for all that are translated but `OP_BR`.
 * @param cycles from the region's `CYCLE` to it
 */
export function pushCondition(region: RegionEmitter, i: number, cycles: number, pushB: () => void): void {
  const { code, program } = region;
  const y = program.y[i]!;
  switch (program.op[i]!) {
    case op.OP_BEQ:
      code.get(local.RESULT).op(wasm.I32_EQZ);
      return;
    case op.OP_BNE:
      code.get(local.RESULT);
      return;
    case op.OP_BMI:
      code.get(local.RESULT).constant(0).op(wasm.I32_LT_S);
      return;
    case op.OP_BPL:
      code.get(local.RESULT).constant(0).op(wasm.I32_GE_S);
      return;
    case op.OP_BCS:
      pushCarry(code);
      return;
    case op.OP_BCC:
      pushCarry(code);
      code.op(wasm.I32_EQZ);
      return;
    case op.OP_BVS:
      pushOverflowSign(code);
      code.constant(0).op(wasm.I32_LT_S);
      return;
    case op.OP_BVC:
      pushOverflowSign(code);
      code.constant(0).op(wasm.I32_GE_S);
      return;
    case op.OP_BGE:
      pushSignOverflow(code);
      code.constant(0).op(wasm.I32_GE_S);
      return;
    case op.OP_BLT:
      pushSignOverflow(code);
      code.constant(0).op(wasm.I32_LT_S);
      return;
    case op.OP_BLE:
      pushSignOverflow(code);
      code.constant(0).op(wasm.I32_LT_S).get(local.RESULT).op(wasm.I32_EQZ, wasm.I32_OR);
      return;
    case op.OP_BGT:
      pushSignOverflow(code);
      code.constant(0).op(wasm.I32_GE_S).get(local.RESULT).constant(0).op(wasm.I32_NE, wasm.I32_AND);
      return;
    case op.OP_BR_CTX:
      code.get(local.CONTEXT).constant(y).op(wasm.I32_EQ);
      return;
    case op.OP_BR_NOT_CTX:
      code.get(local.CONTEXT).constant(y).op(wasm.I32_NE);
      return;
    case op.OP_BR_SIGNAL:
      pushTakenSignal(region, y, cycles);
      return;
    case op.OP_BR_NOT_SIGNAL:
      pushTakenSignal(region, y, cycles);
      code.op(wasm.I32_EQZ);
      return;
    case op.OP_BR_BSET:
      pushB();
      code.constant(1 << y).op(wasm.I32_AND);
      return;
    case op.OP_BR_BCLR:
      pushB();
      code.constant(1 << y).op(wasm.I32_AND, wasm.I32_EQZ);
      return;
    default: {
      pushB();
      const equal = program.op[i] === op.OP_BR_BYTE_EQUAL;
      code
        .constant((y >>> 8) * 8)
        .op(wasm.I32_SHR_U)
        .constant(0xff)
        .op(wasm.I32_AND);
      code.constant(y & 0xff).op(equal ? wasm.I32_EQ : wasm.I32_NE);
    }
  }
}

/** Whether the pipeline refills fully when the branch is taken whatever came before: it tests a register. */
export function isAlwaysLate(code: number): boolean {
  return code >= op.OP_BR_BSET;
}

/** Whether that depends on the instruction just before: it tests condition codes. */
export function testsCodes(code: number): boolean {
  return code >= op.OP_BEQ && code <= op.OP_BGT;
}

/** N xor V in the sign bit. */
function pushSignOverflow(code: WasmCode): void {
  code.get(local.RESULT);
  pushOverflowSign(code);
  code.op(wasm.I32_XOR);
}
