import * as block from '../execution/context-block.ts';
import { BLOCK_WORDS } from '../execution/registers.ts';
import type { NicProfile } from '../profile.ts';
import { pushCarry, pushOverflowSign, setFlags } from './flags.ts';
import * as word from './pipeline-words.ts';
import * as local from './region-locals.ts';
import type { WasmCode } from './wasm-code.ts';
import * as wasm from './wasm-code.ts';

/** What of a core's state a region uses. */
export interface UsedState {
  readonly costs: NicProfile['costs'];
  readonly registers: local.RegisterLocals;
  /** Pointers of local memory. */
  readonly pointers: readonly number[];
  /** The multiplier, or a value read from a CSR. */
  readonly usesRareState: boolean;
  /** Contexts may give the pipeline away within it. */
  readonly swaps: boolean;
}

/** Words of the pipeline's state that a region takes over and hands back as they are. */
const CARRIED = [
  [word.CYCLE, local.CYCLE],
  [word.RESULT, local.RESULT],
  [word.FRESH, local.FRESH],
  [word.PREVIOUS, local.PREVIOUS],
  [word.PREVIOUS_A, local.PREVIOUS_A],
] as const;

const ENDS = [
  [word.PLACE, local.NEXT_PLACE],
  [word.ENDING, local.ENDING],
  [word.SLOTS, local.SLOTS],
  [word.SLOT_TARGET, local.SLOT_TARGET],
] as const;

const ENDS_WITH_SWAPS = [
  [word.HELD, local.HELD],
  [word.SWAPS, local.SWAPS],
  [word.STAY, local.STAY],
  [word.FREE, local.FREE],
  [word.BUSY, local.BUSY],
  [word.SWAP_CYCLES, local.SWAP_CYCLES],
  [word.CONTEXT, local.CONTEXT],
] as const;

/** Emits the start of a region: state and registers into locals. */
export function emitLoads(code: WasmCode, used: UsedState): void {
  const take = (at: number, into: number): void => {
    pushWord(code, at);
    code.set(into);
  };
  for (const [at, into] of CARRIED) take(at, into);
  take(word.LIMIT, local.LIMIT);
  take(word.CONTEXT, local.CONTEXT);
  if (used.swaps) take(word.TURNS_UNTIL, local.TURNS_UNTIL);
  code
    .constant(0)
    .loadFloat(4 * word.NEXT)
    .set(local.NEXT);
  setFlags(
    code,
    () => pushWord(code, word.CARRY),
    () => pushWord(code, word.OVERFLOW),
  );
  emitContextLoads(code, used);
  if (!used.usesRareState) return;
  take(word.CSR_VALUE, local.CSR_VALUE);
  pushWord(code, word.PRODUCT_LOW);
  code.op(wasm.I64_EXTEND_I32_U);
  pushWord(code, word.PRODUCT_HIGH);
  code.op(wasm.I64_EXTEND_I32_U).constant64(32).op(wasm.I64_SHL, wasm.I64_OR).set(local.PRODUCT);
}

/** Emits the end of a region: what it may have changed goes back. */
export function emitStores(code: WasmCode, used: UsedState): void {
  const putBack = (at: number, push: () => void): void => {
    code.constant(0);
    push();
    code.store(4 * at);
  };
  const ends = used.swaps ? [...ENDS, ...ENDS_WITH_SWAPS] : ENDS;
  for (const [at, from] of [...CARRIED, ...ends]) putBack(at, () => code.get(from));
  putBack(word.CARRY, () => pushCarry(code));
  putBack(word.OVERFLOW, () => {
    pushOverflowSign(code);
    code.constant(31).op(wasm.I32_SHR_U);
  });
  emitContextStores(code, used);
  if (!used.usesRareState) return;
  putBack(word.CSR_VALUE, () => code.get(local.CSR_VALUE));
  putBack(word.PRODUCT_LOW, () => code.get(local.PRODUCT).op(wasm.I32_WRAP_I64));
  putBack(word.PRODUCT_HIGH, () => {
    code.get(local.PRODUCT).constant64(32).op(wasm.I64_SHR_U, wasm.I32_WRAP_I64);
  });
}

/** Emits what makes the registers and pointers of the context in `CONTEXT` those that the locals hold. */
export function emitContextLoads(code: WasmCode, { costs, registers, pointers }: UsedState): void {
  code
    .get(local.CONTEXT)
    .constant(4 * BLOCK_WORDS)
    .op(wasm.I32_MUL);
  code.get(local.FILE_BASE).op(wasm.I32_ADD).set(local.REGISTERS);
  for (const [register, into] of registers.loaded) {
    code.get(local.REGISTERS).load(4 * register);
    code.set(into);
  }
  for (const pointer of pointers) {
    pushOfContext(code, 16);
    code.load(block.POINTER + 4 * pointer).set(local.POINTER + pointer);
    pushOfContext(code, 16);
    code.load(block.POINTER_OLD + 4 * pointer).set(local.POINTER_OLD + pointer);
    pushOfContext(code, 32);
    code
      .loadFloat(block.POINTER_WRITTEN + 8 * pointer)
      .get(local.NEXT)
      .op(wasm.F64_SUB);
    code.constantFloat(costs.localMemoryPointerCycles).op(wasm.F64_ADD).truncate();
    code.set(local.POINTER_SETTLED + pointer);
  }
}

/** Emits what puts them back. The cycle of a pointer's write lies in memory already. */
export function emitContextStores(code: WasmCode, { registers, pointers }: UsedState): void {
  for (const [register, from] of registers.stored) {
    code.get(local.REGISTERS).get(from);
    code.store(4 * register);
  }
  for (const pointer of pointers) {
    pushOfContext(code, 16);
    code.get(local.POINTER + pointer).store(block.POINTER + 4 * pointer);
    pushOfContext(code, 16);
    code.get(local.POINTER_OLD + pointer).store(block.POINTER_OLD + 4 * pointer);
  }
}

/** Pushes the octet address of the running context's element of an array that begins at the core's block. */
export function pushOfContext(code: WasmCode, octetsPerContext: number): void {
  code.get(local.CONTEXT).constant(octetsPerContext).op(wasm.I32_MUL).get(local.CONTEXTS_BASE).op(wasm.I32_ADD);
}

function pushWord(code: WasmCode, at: number): void {
  code.constant(0).load(4 * at);
}
