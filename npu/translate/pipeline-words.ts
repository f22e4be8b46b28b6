/*
 * Where a region finds the state of the pipeline, and leaves it: words from the start of the core memory on
 * (`SCRATCH_WORDS`). Cycles count from `NEXT`: from the start of the stay in which the region is entered.
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
/** The context that has the pipeline. */
export const CONTEXT = 14;
/** Out: why the region ended. */
export const ENDING = 15;
/** Out: the last `ctx_arb` that was executed, plus 1; 0 for none. */
export const HELD = 16;
/** Last cycle in which the region may give the pipeline to the next context by itself; -1: it must not. */
export const TURNS_UNTIL = 17;
/** Out: how often it did; since when the context of now has had the pipeline; the cycle in which it was free for it. */
export const SWAPS = 18;
export const STAY = 19;
export const FREE = 20;
/** Out: cycles of the stays that ended within the region. */
export const BUSY = 21;
/** Out, of a stay that ends with the region: what its swap costs. */
export const SWAP_CYCLES = 22;
/** A float of two words: the NIC's cycle that cycles count from. */
export const NEXT = 24;

/** The next instruction is in another region. */
export const ENDED_ELSEWHERE = 0;
/** A branch was taken behind the limit. */
export const ENDED_AT_LIMIT = 1;
/** The next instruction is the interpreter's. */
export const ENDED_FOR_INTERPRETER = 2;
/** The context has given the pipeline away; who has it next is not the region's to say. */
export const ENDED_WITH_SWAP = 3;
