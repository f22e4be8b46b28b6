import { pushCarry, pushOverflowSign, setFlags } from './flags.ts';
import * as word from './pipeline-words.ts';
import * as local from './region-locals.ts';
import type { WasmCode } from './wasm-code.ts';
import * as wasm from './wasm-code.ts';

/** What of a core's state a region uses. */
export interface UsedState {
  readonly registers: local.RegisterLocals;
  readonly pointers: readonly number[];
  /** Pointers of local memory, the multiplier, or a value read from a CSR. */
  readonly usesRareState: boolean;
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
  [word.HELD, local.HELD],
  [word.SLOTS, local.SLOTS],
  [word.SLOT_TARGET, local.SLOT_TARGET],
] as const;

/** Emits the start of a region: state and registers into locals. */
export function emitLoads(code: WasmCode, { registers, pointers, usesRareState }: UsedState): void {
  const take = (at: number, into: number): void => {
    pushWord(code, at);
    code.set(into);
  };
  for (const [at, into] of CARRIED) take(at, into);
  take(word.LIMIT, local.LIMIT);
  take(word.CONTEXT, local.CONTEXT);
  setFlags(
    code,
    () => pushWord(code, word.CARRY),
    () => pushWord(code, word.OVERFLOW),
  );
  for (const [register, into] of registers.loaded) {
    code.get(local.REGISTERS).load(4 * register);
    code.set(into);
  }
  if (!usesRareState) return;
  take(word.CSR_VALUE, local.CSR_VALUE);
  pushWord(code, word.PRODUCT_LOW);
  code.op(wasm.I64_EXTEND_I32_U);
  pushWord(code, word.PRODUCT_HIGH);
  code.op(wasm.I64_EXTEND_I32_U).constant64(32).op(wasm.I64_SHL, wasm.I64_OR).set(local.PRODUCT);
  for (const [at, into] of wordsOf(pointers)) take(at, into);
}

/** Emits the end of a region: what it may have changed goes back. */
export function emitStores(code: WasmCode, { registers, pointers, usesRareState }: UsedState): void {
  const putBack = (at: number, push: () => void): void => {
    code.constant(0);
    push();
    code.store(4 * at);
  };
  for (const [at, from] of [...CARRIED, ...ENDS]) putBack(at, () => code.get(from));
  putBack(word.CARRY, () => pushCarry(code));
  putBack(word.OVERFLOW, () => {
    pushOverflowSign(code);
    code.constant(31).op(wasm.I32_SHR_U);
  });
  for (const [register, from] of registers.stored) {
    code.get(local.REGISTERS).get(from);
    code.store(4 * register);
  }
  if (!usesRareState) return;
  putBack(word.CSR_VALUE, () => code.get(local.CSR_VALUE));
  putBack(word.PRODUCT_LOW, () => code.get(local.PRODUCT).op(wasm.I32_WRAP_I64));
  putBack(word.PRODUCT_HIGH, () => {
    code.get(local.PRODUCT).constant64(32).op(wasm.I64_SHR_U, wasm.I32_WRAP_I64);
  });
  for (const [at, from] of wordsOf(pointers)) putBack(at, () => code.get(from));
}

function pushWord(code: WasmCode, at: number): void {
  code.constant(0).load(4 * at);
}

/** Words and locals of local-memory pointers. */
function wordsOf(pointers: readonly number[]): (readonly [at: number, local: number])[] {
  return pointers.flatMap((pointer) => [
    [word.POINTER + pointer, local.POINTER + pointer] as const,
    [word.POINTER_OLD + pointer, local.POINTER_OLD + pointer] as const,
    [word.POINTER_SETTLED + pointer, local.POINTER_SETTLED + pointer] as const,
  ]);
}
