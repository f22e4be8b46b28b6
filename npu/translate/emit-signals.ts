import * as block from '../execution/context-block.ts';
import { NEVER } from '../execution/core.ts';
import type { RegionEmitter } from './emit-region.ts';
import * as local from './region-locals.ts';
import { pushOfContext } from './state-transfer.ts';
import type { WasmCode } from './wasm-code.ts';
import * as wasm from './wasm-code.ts';

/** Pushes the cycle in which the last of the signals comes, and consumes them all; leaves the region if one may never. */
export function emitWaitForAll({ code }: RegionEmitter, mask: number, leave: () => void): void {
  const signals = Array.from({ length: block.SIGNALS }, (_, i) => i).filter((i) => ((mask >>> i) & 1) === 1);
  code.constantFloat(0);
  for (const signal of signals) {
    pushSignals(code);
    code.loadFloat(signalOffset(signal)).op(wasm.F64_MAX);
  }
  code.set(local.OWN_READY);
  code.get(local.OWN_READY).constantFloat(NEVER).op(wasm.F64_EQ).if();
  leave();
  code.end();
  for (const signal of signals) {
    pushSignals(code);
    code.constantFloat(NEVER).storeFloat(signalOffset(signal));
  }
  pushOfContext(code, 4);
  code.constant(0).store(block.WAIT_ANY);
  code.get(local.OWN_READY);
}

/** Pushes whether a signal has come (not 0), which consumes it. @param cycles from `CYCLE` to the instruction */
export function pushTakenSignal(region: RegionEmitter, signal: number, cycles: number): void {
  const { code } = region;
  pushSignals(code);
  code.loadFloat(signalOffset(signal));
  region.pushCycle(cycles);
  code.op(wasm.F64_LE).tee(local.VALUE).if();
  pushSignals(code);
  code.constantFloat(NEVER).storeFloat(signalOffset(signal)).end();
  code.get(local.VALUE);
}

function pushSignals(code: WasmCode): void {
  pushOfContext(code, 8 * block.SIGNALS);
}

function signalOffset(signal: number): number {
  return block.SIGNAL_CYCLES + 8 * signal;
}
