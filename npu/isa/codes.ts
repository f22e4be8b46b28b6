import type {
  AluOperator,
  BranchCondition,
  BranchContextInstruction,
  BranchStateInstruction,
  CrcBytes,
  CrcOperator,
  MulStepInstruction,
  MultiplySize,
  ShiftOperator,
  UnaryInstruction,
} from './instruction.ts';

/**
 * Numbers that stand for names in instruction words. Sources: GNU binutils 2.40 `include/opcode/nfp.h` and
 * `opcodes/nfp-dis.c`; Linux `nfp_asm.h`.
 */

/** A class of instructions: a word belongs to it when `word AND mask = base`. Masks as objdump applies them. */
export interface WordClass {
  readonly base: number;
  readonly mask: number;
}

export const WORD_CLASS = {
  command: { base: 0, mask: 0x008000000000 },
  aluShift: { base: 0x008000000000, mask: 0x00e000000000 },
  alu: { base: 0x00a000000000, mask: 0x00e000000000 },
  immed: { base: 0x00f000000000, mask: 0x01f900000000 },
  loadField: { base: 0x00c000000000, mask: 0x01fa00e00000 },
  contextArbitration: { base: 0x00e000000000, mask: 0x00f800000000 },
  localCsr: { base: 0x00fc00000000, mask: 0x01fe00100000 },
  branch: { base: 0x00d800000020, mask: 0x00f8000c3ce0 },
  branchByte: { base: 0x00c800000000, mask: 0x00f800000000 },
  branchBit: { base: 0x00d000000000, mask: 0x00f800080300 },
  branchAlu: { base: 0x00e800000000, mask: 0x00ff80000000 },
  multiply: { base: 0x00f800000000, mask: 0x00fe3f000000 },
} as const satisfies Record<string, WordClass>;

/** Bits of an instruction word without its error-correcting code. */
export const WORD_BITS = 45;

export const ALU_CODE: Record<AluOperator, number> = {
  B: 0,
  '+': 1,
  '~B': 4,
  '+16': 5,
  AND: 8,
  '+8': 9,
  '~AND': 12,
  '-carry': 13,
  'AND~': 16,
  '+carry': 17,
  OR: 20,
  '-': 21,
  XOR: 24,
  'B-A': 25,
};

/** The same field as `ALU_CODE`. */
export const UNARY_CODE: Record<UnaryInstruction['operator'], number> = {
  pop_count3: 3,
  pop_count1: 6,
  pop_count2: 7,
  ffs: 14,
  cam_read_tag: 15,
  cam_read_state: 31,
};

export const ALU_CODE_CAM_CLEAR = 11;
export const ALU_CODE_CRC = 18;
export const ALU_CODE_CAM_WRITE = 19;
export const ALU_CODE_CAM_LOOKUP = 23;
export const ALU_CODE_CAM_WRITE_STATE = 27;

export const CRC_CODE: Record<CrcOperator, number> = {
  '--': 0,
  crc_ccitt: 2,
  crc_32: 4,
  crc_iscsi: 5,
  crc_10: 6,
  crc_5: 7,
};

export const CRC_BYTES_CODE: Record<CrcBytes, number> = {
  bytes_0_3: 0,
  bytes_1_3: 1,
  bytes_2_3: 2,
  byte_3: 3,
  bytes_0_2: 4,
  bytes_0_1: 5,
  byte_0: 6,
};

export const SHIFT_OPERATOR_CODE: Record<ShiftOperator, number> = {
  B: 0,
  '~B': 1,
  AND: 2,
  '~AND': 3,
  'AND~': 4,
  OR: 5,
};
export const SHIFT_OPERATOR_ASR = 6;
export const SHIFT_OPERATOR_BYTE_ALIGN = 7;

export const SHIFT_ROTATE = 0;
export const SHIFT_RIGHT = 1;
export const SHIFT_LEFT = 2;
export const SHIFT_DOUBLE = 3;

export const BRANCH_CODE: Record<BranchCondition, number> = {
  beq: 0,
  bne: 1,
  bmi: 2,
  bpl: 3,
  bcs: 4,
  bcc: 5,
  bvs: 6,
  bvc: 7,
  bge: 8,
  blt: 9,
  ble: 10,
  bgt: 11,
  br: 24,
};

/** The same field as `BRANCH_CODE`. */
export const BRANCH_CONTEXT_CODE: Record<BranchContextInstruction['test'], number> = {
  'br=ctx': 16,
  'br!=ctx': 17,
  br_signal: 18,
  'br_!signal': 19,
};
export const BRANCH_STATE_CODE: Record<BranchStateInstruction['test'], number> = {
  br_inp_state: 20,
  'br_!inp_state': 21,
  br_cls_state: 22,
  'br_!cls_state': 23,
};

/** Names of the input states of `br_inp_state`, by number. */
export const INPUT_STATES: readonly string[] = [
  'nn_empty',
  'nn_full',
  ...Array.from({ length: 14 }, (_, ring) => `ctm_ring${ring}_status`),
];

/** What Linux puts into the context-or-signal field of branches that have none, and into the pipeline field. */
export const BRANCH_NO_CONTEXT = 2;
export const BRANCH_PIPELINE_CONDITIONAL = 1;

export const MULTIPLY_SIZE_CODE: Record<MultiplySize, number> = { '24x8': 1, '16x16': 2, '32x32': 3 };
export const MULTIPLY_STEP_CODE: Record<Exclude<MulStepInstruction['phase'], 'start'>, number> = {
  step1: 0,
  step2: 1,
  step3: 2,
  step4: 3,
  last: 4,
  last2: 5,
};

/** The names of a code table by number, for decoders. */
export function namesByCode<Name extends string>(codes: Readonly<Record<Name, number>>): ReadonlyMap<number, Name> {
  return new Map((Object.entries(codes) as [Name, number][]).map(([name, code]) => [code, name] as const));
}
