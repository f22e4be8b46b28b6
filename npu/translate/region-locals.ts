import { CONSTANTS, SINK } from '../execution/registers.ts';

/** Parameters of a region's function, in octets of the NPU's memory, and the block to begin with. */
export const REGISTERS = 0;
export const LOCAL_MEMORY_BASE = 1;
export const ENTRY = 2;
export const PARAMETERS = 3;

/** The one 64-bit local: what the multiplier has summed. */
export const PRODUCT = 3;
export const LOCALS64 = 1;

// The pipeline, in 32-bit locals.
export const CYCLE = 4;
export const LIMIT = 5;
export const NEXT_PLACE = 6;
export const SLOTS = 7;
export const SLOT_TARGET = 8;
export const FRESH = 9;
/** N and Z come from the first; C and V of adding the other two words to the sum, as `flags.ts` says. */
export const RESULT = 10;
export const SUM = 11;
export const ADDEND_A = 12;
export const ADDEND_B = 13;
export const PREVIOUS = 14;
export const PREVIOUS_A = 15;
export const CSR_VALUE = 16;
export const CONTEXT = 17;
// Within one instruction.
export const VALUE = 18;
export const OPERAND_A = 19;
export const OPERAND_B = 20;
export const WORD = 21;
export const WORD_OF_RESULT = 22;
export const POINTER_VALUE = 23;
/** Why the region ends. */
export const ENDING = 24;
/** The `ctx_arb` that has been executed, plus 1. */
export const HELD = 25;
/** Four each, by pointer. */
export const POINTER = 26;
export const POINTER_OLD = 30;
export const POINTER_SETTLED = 34;
const FIRST_REGISTER = 38;

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
    return FIRST_REGISTER - PARAMETERS - LOCALS64 + this.byCode.size;
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
