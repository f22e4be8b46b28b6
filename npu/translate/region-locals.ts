import { CONSTANTS, SINK } from '../execution/registers.ts';

/** Parameters of a region's function: octets of the NPU's memory where the core's registers, local memory and
 * `context-block.ts` lie, and the block to begin with. */
export const FILE_BASE = 0;
export const LOCAL_MEMORY_BASE = 1;
export const CONTEXTS_BASE = 2;
export const ENTRY = 3;
export const PARAMETERS = 4;

/** The one 64-bit integer: what the multiplier has summed. */
export const PRODUCT = 4;
export const LOCALS64 = 1;

/** Cycles of the NIC, as floats: where `CYCLE` counts from; of a swap: see `emit-swap.ts`. */
export const NEXT = 5;
export const OWN_READY = 6;
export const FREE_AT = 7;
export const EARLIEST = 8;
export const FLOATS = 4;

// The pipeline, in 32-bit locals.
export const CYCLE = 9;
export const LIMIT = 10;
export const NEXT_PLACE = 11;
export const SLOTS = 12;
export const SLOT_TARGET = 13;
export const FRESH = 14;
/** N and Z come from the first; C and V of adding the other two words to the sum, as `flags.ts` says. */
export const RESULT = 15;
export const SUM = 16;
export const ADDEND_A = 17;
export const ADDEND_B = 18;
export const PREVIOUS = 19;
export const PREVIOUS_A = 20;
export const CSR_VALUE = 21;
export const CONTEXT = 22;
/** Octet address of the context's registers. */
export const REGISTERS = 23;
// Within one instruction.
export const VALUE = 24;
export const OPERAND_A = 25;
export const OPERAND_B = 26;
export const WORD = 27;
export const WORD_OF_RESULT = 28;
export const POINTER_VALUE = 29;
/** Where a `jump` goes when its deferred instructions are done. */
export const JUMP_TARGET = 30;
/** Why the region ends. */
export const ENDING = 31;
/** The `ctx_arb` that has been executed, plus 1. */
export const HELD = 32;
// Swaps, as in `pipeline-words.ts`, and what one needs: where the context goes on, what it waits for, who is looked at.
export const SWAP_CYCLES = 33;
export const TURNS_UNTIL = 34;
export const STAY = 35;
export const SWAPS = 36;
export const BUSY = 37;
export const FREE = 38;
export const RESUME_AT = 39;
export const EVENTS = 40;
export const CHOSEN = 41;
export const CANDIDATE = 42;
/** Four each, by pointer. */
export const POINTER = 43;
export const POINTER_OLD = 47;
export const POINTER_SETTLED = 51;
const FIRST_REGISTER = 55;

/** Which registers of the context the region keeps in locals. */
export class RegisterLocals {
  private readonly byCode = new Map<number, number>();
  private readonly written = new Set<number>();

  /** The local of a register that is read. */
  read(code: number): number {
    let local = this.byCode.get(code);
    if (local === undefined) {
      local = FIRST_REGISTER + this.byCode.size;
      this.byCode.set(code, local);
    }
    return local;
  }

  /** The local of a register that is written. */
  write(code: number): number {
    if (code !== SINK) this.written.add(code);
    return this.read(code);
  }

  /** 32-bit locals of the function. */
  get count(): number {
    return FIRST_REGISTER - PARAMETERS - LOCALS64 - FLOATS + this.byCode.size;
  }

  /** All registers to be loaded at the start: code and local. */
  get loaded(): readonly (readonly [code: number, local: number])[] {
    return [...this.byCode].filter(([code]) => code < CONSTANTS && code !== SINK);
  }

  /** Those to be stored at the end. */
  get stored(): readonly (readonly [code: number, local: number])[] {
    return this.loaded.filter(([code]) => this.written.has(code));
  }
}
