/**
 * What the interpreter switches on. One number an operation; ranges matter nowhere, so that a translating engine can
 * use the same table.
 */
export const OP_NOP = 0;
// alu
export const OP_B = 1;
export const OP_NOT_B = 2;
export const OP_ADD = 3;
export const OP_ADD8 = 4;
export const OP_ADD16 = 5;
export const OP_ADD_CARRY = 6;
export const OP_SUB = 7;
export const OP_SUB_CARRY = 8;
export const OP_REVERSE_SUB = 9;
export const OP_AND = 10;
export const OP_NOT_A_AND = 11;
export const OP_AND_NOT_B = 12;
export const OP_OR = 13;
export const OP_XOR = 14;
// alu_shf: one for the common shifts of B alone, one for all the rest
export const OP_SHIFT_LEFT = 15;
export const OP_SHIFT_RIGHT = 16;
export const OP_ALU_SHIFT = 17;
export const OP_DOUBLE_SHIFT = 18;
export const OP_DOUBLE_SHIFT_INDIRECT = 19;
export const OP_ARITHMETIC_SHIFT = 20;
export const OP_ARITHMETIC_SHIFT_INDIRECT = 21;
// others with a result
export const OP_IMMED = 22;
export const OP_IMMED_PART = 23;
export const OP_IMMED_CSR = 24;
export const OP_LOAD_FIELD = 25;
export const OP_MUL_START = 26;
export const OP_MUL_STEP = 27;
export const OP_MUL_LAST = 28;
export const OP_MUL_LAST2 = 29;
export const OP_FFS = 30;
export const OP_POP_COUNT = 31;
// control
export const OP_BR = 32;
export const OP_BEQ = 33;
export const OP_BNE = 34;
export const OP_BMI = 35;
export const OP_BPL = 36;
export const OP_BCS = 37;
export const OP_BCC = 38;
export const OP_BVS = 39;
export const OP_BVC = 40;
export const OP_BGE = 41;
export const OP_BLT = 42;
export const OP_BLE = 43;
export const OP_BGT = 44;
export const OP_BR_CTX = 45;
export const OP_BR_NOT_CTX = 46;
export const OP_BR_SIGNAL = 47;
export const OP_BR_NOT_SIGNAL = 48;
export const OP_BR_BSET = 49;
export const OP_BR_BCLR = 50;
export const OP_BR_BYTE_EQUAL = 51;
export const OP_BR_BYTE_NOT_EQUAL = 52;
export const OP_JUMP = 53;
export const OP_CTX_ARB = 54;
export const OP_CSR_READ = 55;
export const OP_CSR_WRITE = 56;
export const OP_COMMAND = 57;
// places that no program writes: the swap after deferred instructions, and what lies behind the last instruction
export const OP_SWAP_NOW = 58;
export const OP_END_OF_CODE = 59;

// the rarer ones
export const OP_LOAD_FIELD_DOUBLE = 60;
export const OP_POP_COUNT_STEP = 61;
export const OP_BYTE_ALIGN_BIG = 62;
export const OP_BYTE_ALIGN_LITTLE = 63;
export const OP_CRC = 64;
export const OP_CAM_CLEAR = 65;
export const OP_CAM_LOOKUP = 66;
export const OP_CAM_WRITE = 67;
export const OP_CAM_WRITE_STATE = 68;
export const OP_CAM_READ_TAG = 69;
export const OP_CAM_READ_STATE = 70;
export const OP_BR_INPUT_STATE = 71;
export const OP_BR_NOT_INPUT_STATE = 72;
/** With `predicate_cc`: executes `program.predicated[i]` or nothing. */
export const OP_PREDICATED = 73;
export const OPERATIONS = 74;

/** How `OP_ALU_SHIFT` and `OP_LOAD_FIELD` shift B. */
export const SHIFT_ROTATE = 0;
export const SHIFT_LEFT = 1;
export const SHIFT_RIGHT = 2;
export const SHIFT_LEFT_INDIRECT = 3;
export const SHIFT_RIGHT_INDIRECT = 4;

/** Bit of a `ctx_arb` that waits for the events that CSR ActCtxWkpEvt holds; below it lie the CSR's own bits. */
export const EVENTS_OF_CSR = 1 << 17;
