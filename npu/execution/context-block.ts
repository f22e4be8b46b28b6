/** Contexts that there is room for, whatever the mode. */
export const CONTEXTS = 8;
/** Signals of a context; there is no signal 0. */
export const SIGNALS = 16;
/** Local-memory pointers of a context. */
const POINTERS = 4;

/*
 * Where a core keeps what it knows of its contexts, in octets from the start of its block in the core memory: translated
 * code lets contexts take turns by itself. Cycles are 64-bit floats, all else 32-bit integers.
 */
export const READY = 0;
export const USED = READY + 8 * CONTEXTS;
export const BUDGET = USED + 8 * CONTEXTS;
export const SIGNAL_CYCLES = BUDGET + 8 * CONTEXTS;
export const POINTER_WRITTEN = SIGNAL_CYCLES + 8 * CONTEXTS * SIGNALS;
export const PC = POINTER_WRITTEN + 8 * CONTEXTS * POINTERS;
export const WAIT_ANY = PC + 4 * CONTEXTS;
export const WAKE_CYCLES = WAIT_ANY + 4 * CONTEXTS;
export const WAKE_EVENTS = WAKE_CYCLES + 4 * CONTEXTS;
export const POINTER = WAKE_EVENTS + 4 * CONTEXTS;
export const POINTER_OLD = POINTER + 4 * CONTEXTS * POINTERS;
/** A multiple of 8. */
export const CONTEXT_BLOCK_OCTETS = POINTER_OLD + 4 * CONTEXTS * POINTERS;

/** The same as arrays; see `Core` for what they mean. */
export interface ContextBlock {
  readonly ready: Float64Array;
  readonly used: Float64Array;
  readonly budget: Float64Array;
  readonly signals: Float64Array;
  readonly localPointerWritten: Float64Array;
  readonly pc: Int32Array;
  readonly waitAny: Int32Array;
  readonly wakeCycles: Int32Array;
  readonly wakeEvents: Int32Array;
  readonly localPointer: Int32Array;
  readonly localPointerOld: Int32Array;
}

/** @param at octet in the buffer where the block begins, a multiple of 8 */
export function viewContextBlock(buffer: ArrayBuffer, at: number): ContextBlock {
  const cycles = (offset: number, count: number) => new Float64Array(buffer, at + offset, count);
  const words = (offset: number, count: number) => new Int32Array(buffer, at + offset, count);
  return {
    ready: cycles(READY, CONTEXTS),
    used: cycles(USED, CONTEXTS),
    budget: cycles(BUDGET, CONTEXTS),
    signals: cycles(SIGNAL_CYCLES, CONTEXTS * SIGNALS),
    localPointerWritten: cycles(POINTER_WRITTEN, CONTEXTS * POINTERS),
    pc: words(PC, CONTEXTS),
    waitAny: words(WAIT_ANY, CONTEXTS),
    wakeCycles: words(WAKE_CYCLES, CONTEXTS),
    wakeEvents: words(WAKE_EVENTS, CONTEXTS),
    localPointer: words(POINTER, CONTEXTS * POINTERS),
    localPointerOld: words(POINTER_OLD, CONTEXTS * POINTERS),
  };
}
