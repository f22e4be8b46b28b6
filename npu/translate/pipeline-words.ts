/*
 * Where a region finds the state of the pipeline, and leaves it: words from the start of the core memory on
 * (`SCRATCH_WORDS`). Cycles count from the start of the context's stay, as `core.elapsed` does.
 */

/** In: none. Out: the instruction that comes next. */
export const PLACE = 0;
/** Cycle of the next instruction. */
export const CYCLE = 1;
/** A branch that is taken and ends behind this cycle ends the region. */
export const LIMIT = 2;
/** Out: deferred instructions still to execute, and where to go then. */
export const SLOTS = 3;
export const SLOT_TARGET = 4;
/** Condition codes: the result that N and Z come from, and C and V. */
export const RESULT = 5;
export const CARRY = 6;
export const OVERFLOW = 7;
/** 1 when the instruction just before set them. */
export const FRESH = 8;
/** Result and A operand of the instruction before. */
export const PREVIOUS = 9;
export const PREVIOUS_A = 10;
export const PRODUCT_LOW = 11;
export const PRODUCT_HIGH = 12;
export const CSR_VALUE = 13;
export const CONTEXT = 14;
/** Out: why the region ended. */
export const ENDING = 15;
/** Out: the `ctx_arb` that waits for its deferred instructions, plus 1; 0 for none. */
export const HELD = 28;
/** By local-memory pointer: its value, the one before, and the last cycle in which that one still counts. */
export const POINTER = 16;
export const POINTER_OLD = 20;
export const POINTER_SETTLED = 24;

/** The next instruction is in another region. */
export const ENDED_ELSEWHERE = 0;
/** A branch was taken behind the limit. */
export const ENDED_AT_LIMIT = 1;
/** The next instruction is the interpreter's. */
export const ENDED_FOR_INTERPRETER = 2;
