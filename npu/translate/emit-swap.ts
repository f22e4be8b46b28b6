import * as block from '../execution/context-block.ts';
import { NEVER } from '../execution/core.ts';
import { ANY, SIGNAL_BITS, VOLUNTARY } from '../execution/instructions/arbitration.ts';
import * as op from '../execution/opcodes.ts';
import type { Program } from '../execution/program.ts';
import type { RegionEmitter } from './emit-region.ts';
import { emitWaitForAll } from './emit-signals.ts';
import { emitDeferred } from './emit-taken.ts';
import * as word from './pipeline-words.ts';
import * as local from './region-locals.ts';
import { emitContextLoads, emitContextStores, pushOfContext } from './state-transfer.ts';
import type { WasmCode } from './wasm-code.ts';
import * as wasm from './wasm-code.ts';

/**
 * Whether a region gives the pipeline away by itself at a `ctx_arb`: one that waits for nothing, or for all of its
 * signals. The interpreter does the others.
 */
export function isSwap(program: Program, i: number): boolean {
  if (program.op[i] !== op.OP_CTX_ARB) return false;
  const events = program.y[i]!;
  if ((events & op.EVENTS_OF_CSR) !== 0 || (events & ANY) !== 0) return false;
  return (events & (SIGNAL_BITS | VOLUNTARY)) !== 0;
}

/** `ctx_arb`: the deferred instructions, then the swap place. */
export function emitSwap(region: RegionEmitter, i: number, before: number): void {
  const { code, program, costs } = region;
  const swapPlace = { place: program.swapPlace };
  code.constant(i + 1).set(local.HELD);
  const last = emitDeferred(region, i, before, swapPlace);
  if (last === undefined) return;
  const { cycles, fresh } = last;
  if (!isSwap(program, i)) {
    region.leaveToInterpreter(swapPlace, cycles, fresh);
    return;
  }
  const events = program.y[i]!;
  if ((events & SIGNAL_BITS) === 0) region.pushCycle(cycles);
  else emitWaitForAll(region, events & SIGNAL_BITS, () => region.leaveToInterpreter(swapPlace, cycles, fresh));
  code.set(local.OWN_READY);
  region.advance(cycles);
  region.setFresh(fresh);
  code.constant(Math.max(0, costs.contextSwapCycles - program.defer[i]!)).set(local.SWAP_CYCLES);
  code.constant(program.x[i]!).set(local.RESUME_AT);
  code.constant(events).set(local.EVENTS);
  region.goToTurn();
}

/**
 * Emits what a swap leads to: the context waits, and the next one has the pipeline, as `Core.arbitrate` decides it, from
 * where it was. Leaves the region where that is not certain: behind `TURNS_UNTIL` somebody else may be ready, and who has
 * used up its budget is stopped.
 * @param goOn emits the way to `NEXT_PLACE`
 */
export function emitTurn(region: RegionEmitter, goOn: () => void): void {
  const { code } = region;
  pushOfContext(code, 4);
  code.get(local.RESUME_AT).store(block.PC);
  pushOfContext(code, 4);
  code.get(local.EVENTS).store(block.WAKE_EVENTS);
  pushOfContext(code, 8);
  code.get(local.OWN_READY).storeFloat(block.READY);

  const undecided = code.block();
  code.get(local.CYCLE).get(local.LIMIT).op(wasm.I32_GT_S).branchIf(undecided);
  code.get(local.CYCLE).get(local.SWAP_CYCLES).op(wasm.I32_ADD).tee(local.FREE);
  code.get(local.TURNS_UNTIL).op(wasm.I32_GT_S).branchIf(undecided);
  emitChoice(code);
  // From now on `VALUE` is the cycle in which the next stay begins.
  code.get(local.EARLIEST).get(local.NEXT).op(wasm.F64_SUB).truncate().tee(local.VALUE);
  code.get(local.TURNS_UNTIL).op(wasm.I32_GT_S).branchIf(undecided);
  emitEndOfStay(region);
  emitStartOfStay(code);
  goOn();
  code.end();
  code.constant(word.ENDED_WITH_SWAP).set(local.ENDING);
  // As the interpreter counts, behind the swap place.
  region.leave({ place: region.program.swapPlace + 1 }, 0, 'kept');
}

/** Sets `CHOSEN` to the context that is next and `EARLIEST` to the cycle in which it can have the pipeline. */
function emitChoice(code: WasmCode): void {
  code.get(local.NEXT).get(local.FREE).op(wasm.F64_CONVERT_I32_S, wasm.F64_ADD).set(local.FREE_AT);
  code.constantFloat(NEVER).set(local.EARLIEST);
  code.get(local.CONTEXT).set(local.CANDIDATE);
  const chosen = code.block();
  const search = code.loop();
  code.get(local.CANDIDATE).constant(1).op(wasm.I32_ADD);
  code
    .constant(block.CONTEXTS - 1)
    .op(wasm.I32_AND)
    .tee(local.CANDIDATE);
  code
    .constant(8)
    .op(wasm.I32_MUL)
    .get(local.CONTEXTS_BASE)
    .op(wasm.I32_ADD)
    .loadFloat(block.READY)
    .tee(local.OWN_READY);
  code.get(local.FREE_AT).op(wasm.F64_LE).if();
  code.get(local.FREE_AT).set(local.EARLIEST).get(local.CANDIDATE).set(local.CHOSEN).branch(chosen).end();
  code.get(local.OWN_READY).get(local.EARLIEST).op(wasm.F64_LT).if();
  code.get(local.OWN_READY).set(local.EARLIEST).get(local.CANDIDATE).set(local.CHOSEN).end();
  code.get(local.CANDIDATE).get(local.CONTEXT).op(wasm.I32_NE).branchIf(search);
  code.end().end();
}

/** Puts the cycles of the stay to account, as the interpreter's `leave` does, and the registers back. */
function emitEndOfStay(region: RegionEmitter): void {
  const { code } = region;
  code.get(local.CYCLE).get(local.STAY).op(wasm.I32_SUB).tee(local.STAY);
  code.get(local.BUSY).op(wasm.I32_ADD).set(local.BUSY);
  pushOfContext(code, 8);
  pushOfContext(code, 8);
  code.loadFloat(block.USED).get(local.STAY).op(wasm.F64_CONVERT_I32_S, wasm.F64_ADD).storeFloat(block.USED);
  code.get(local.SWAPS).constant(1).op(wasm.I32_ADD).set(local.SWAPS);
  code.get(local.VALUE).set(local.STAY);
  code.get(local.CHOSEN).get(local.CONTEXT).op(wasm.I32_NE).if();
  emitContextStores(code, region);
  code.get(local.CHOSEN).set(local.CONTEXT);
  emitContextLoads(code, region);
  code.end();
}

/** The context in `CONTEXT` has the pipeline from `STAY` on, as the interpreter's `enter` says. */
function emitStartOfStay(code: WasmCode): void {
  pushOfContext(code, 8);
  code.constantFloat(NEVER).storeFloat(block.READY);
  // LIMIT: the earlier of TURNS_UNTIL and of what is left of the budget.
  pushOfContext(code, 8);
  code.loadFloat(block.BUDGET);
  pushOfContext(code, 8);
  code.loadFloat(block.USED).op(wasm.F64_SUB);
  code.get(local.STAY).op(wasm.F64_CONVERT_I32_S, wasm.F64_ADD).truncate().tee(local.LIMIT);
  code.get(local.TURNS_UNTIL);
  code.get(local.LIMIT).get(local.TURNS_UNTIL).op(wasm.I32_LT_S, wasm.SELECT).set(local.LIMIT);
  pushOfContext(code, 4);
  code.load(block.WAKE_CYCLES).get(local.STAY).op(wasm.I32_ADD).set(local.CYCLE);
  pushOfContext(code, 4);
  code.constant(0).store(block.WAKE_CYCLES);
  code.constant(0).set(local.FRESH);
  pushOfContext(code, 4);
  code.load(block.PC).set(local.NEXT_PLACE);
}
