import type { Destination, Operand, RegisterOperand, SourceOperand } from './instruction-operands.ts';

/** Instructions that compute: alu and what shares its form, shifts, constants, fields, multiply. */

/** Options of the instructions that write a result. */
export interface ResultFlags {
  /** `gpr_wrboth`: the result goes to the same number in both banks. */
  readonly writeBoth: boolean;
  /** `no_cc`: the condition codes stay as they are. */
  readonly keepConditionCodes: boolean;
  /** `predicate_cc`: executed only when the condition that the CSR PredCC holds is met. */
  readonly predicate: boolean;
}

/** Operators of `alu`; `B` and `~B` take `--` as first operand. All of them set N Z V C unless `no_cc` is given. */
export type AluOperator =
  | 'B'
  | '~B'
  | '+'
  | '+8'
  | '+16'
  | '+carry'
  | '-'
  | '-carry'
  | 'B-A'
  | 'AND'
  | '~AND'
  | 'AND~'
  | 'OR'
  | 'XOR';

export interface AluInstruction extends ResultFlags {
  readonly kind: 'alu';
  readonly operator: AluOperator;
  readonly destination: Destination;
  readonly a: Operand;
  readonly b: SourceOperand;
}

/** `ffs[d, s]`, `pop_count1[s]`, `pop_count2[s]`, `pop_count3[d, s]`, `cam_read_tag[d, s]`, `cam_read_state[d, s]`. */
export interface UnaryInstruction extends ResultFlags {
  readonly kind: 'unary';
  readonly operator: 'ffs' | 'pop_count1' | 'pop_count2' | 'pop_count3' | 'cam_read_tag' | 'cam_read_state';
  /** `none` for `pop_count1` and `pop_count2`. */
  readonly destination: Destination;
  readonly source: SourceOperand;
}

export interface CamClearInstruction extends ResultFlags {
  readonly kind: 'cam_clear';
}

/** `cam_lookup[d, s], lm_addr1[2]`: the entry found also goes to a local-memory pointer. */
export interface CamLookupInstruction extends ResultFlags {
  readonly kind: 'cam_lookup';
  readonly destination: Destination;
  readonly source: SourceOperand;
  readonly localMemory: { readonly pointer: 0 | 1 | 2 | 3; readonly offset: 0 | 1 | 2 | 3 } | undefined;
}

/** `cam_write[entry, tag, state]`, `cam_write_state[entry, state]`: `entry` is a register that holds the entry's number. */
export interface CamWriteInstruction extends ResultFlags {
  readonly kind: 'cam_write';
  readonly entry: SourceOperand;
  /** `none` for `cam_write_state`. */
  readonly tag: Operand;
  /** 0..15. */
  readonly state: number;
}

export type CrcOperator = '--' | 'crc_ccitt' | 'crc_32' | 'crc_iscsi' | 'crc_10' | 'crc_5';

export type CrcBytes = 'bytes_0_3' | 'bytes_1_3' | 'bytes_2_3' | 'byte_3' | 'bytes_0_2' | 'bytes_0_1' | 'byte_0';

/** `crc_be[crc_32, d, s], bytes_0_2, bit_swap`: updates CRCRemainder, copies the source to the destination. */
export interface CrcInstruction extends ResultFlags {
  readonly kind: 'crc';
  readonly littleEndian: boolean;
  readonly operator: CrcOperator;
  readonly destination: Destination;
  readonly source: SourceOperand;
  readonly bytes: CrcBytes;
  readonly bitSwap: boolean;
}

/**
 * `rotate` right by 0..31 (`>>rot0` is "no shift"), `left` and `right` by 1..31, or by the low 5 bits of the A operand
 * of the instruction before (`indirect`).
 */
export type Shift =
  | { readonly kind: 'rotate'; readonly amount: number }
  | { readonly kind: 'left' | 'right'; readonly amount: number | 'indirect' };

export type ShiftOperator = 'B' | '~B' | 'AND' | '~AND' | 'AND~' | 'OR';

/** `alu_shf[d, a, OP, b, shift]`: the shift applies to b. `a` is `none` for `B` and `~B`. */
export interface AluShiftInstruction extends ResultFlags {
  readonly kind: 'alu_shf';
  readonly operator: ShiftOperator;
  readonly destination: Destination;
  readonly a: Operand;
  readonly b: SourceOperand;
  readonly shift: Shift;
}

/** `dbl_shf[d, a, b, >>n]`: low word of (a:b) >> n. */
export interface DoubleShiftInstruction extends ResultFlags {
  readonly kind: 'dbl_shf';
  readonly destination: Destination;
  readonly a: SourceOperand;
  readonly b: SourceOperand;
  /** 1..31. */
  readonly amount: number | 'indirect';
}

/** `asr[d, s, >>n]`. */
export interface ArithmeticShiftInstruction extends ResultFlags {
  readonly kind: 'asr';
  readonly destination: Destination;
  readonly source: SourceOperand;
  /** 1..31. */
  readonly amount: number | 'indirect';
}

/** `byte_align_be[d, s]`, `byte_align_le[d, s]`: by the CSR ByteIndex, with the word of the byte_align before. */
export interface ByteAlignInstruction extends ResultFlags {
  readonly kind: 'byte_align';
  readonly littleEndian: boolean;
  readonly destination: Destination;
  readonly source: SourceOperand;
}

/**
 * `immed[d, v, <<8]`: `value` 0..0xffff shifted left by 0, 8 or 16; or 0xffff0000..0xffffffff, the inverted form, whose
 * result is `(value << shift) | (2^shift - 1)`: the bits that the shift brings in are ones.
 * `immed_w0/w1[d, v]` (`width: 'word'`, shift 0 or 16) and `immed_b0..b3[d, v]` (`'byte'`, shift 0, 8, 16, 24) leave
 * the other octets of the destination as they are. After `local_csr_rd` an `immed[d, 0]` takes the CSR's value.
 * Condition codes stay. `load_addr[d, L]` is an `immed` of the instruction's index.
 */
export interface ImmedInstruction {
  readonly kind: 'immed';
  readonly width: 'full' | 'word' | 'byte';
  readonly destination: Destination;
  readonly value: number;
  readonly shift: 0 | 8 | 16 | 24;
  readonly writeBoth: boolean;
  readonly predicate: boolean;
}

/**
 * `ld_field[d, 0110, s, >>rot8]`: octets of the shifted source that the mask names replace those of the destination;
 * `ld_field_w_clr` clears the others. Mask bit 3 is the most significant octet. `load_cc` sets the condition codes.
 */
export interface LoadFieldInstruction {
  readonly kind: 'ld_field';
  readonly clear: boolean;
  readonly destination: RegisterOperand;
  /** 0..15. */
  readonly mask: number;
  readonly source: SourceOperand;
  /** `double` is objdump's `>>dblN` (0..31). */
  readonly shift: Shift | { readonly kind: 'double'; readonly amount: number };
  readonly loadConditionCodes: boolean;
  readonly writeBoth: boolean;
  readonly predicate: boolean;
}

export type MultiplySize = '24x8' | '16x16' | '32x32';

/** `mul_step[a, b], start`; `mul_step[a, b], 32x32_step1` ...; `mul_step[d, --], 32x32_last` (or `_last2`). */
export type MulStepInstruction = ResultFlags &
  (
    | {
        readonly kind: 'mul_step';
        readonly phase: 'start';
        readonly a: SourceOperand;
        readonly b: SourceOperand;
      }
    | {
        readonly kind: 'mul_step';
        readonly phase: 'step1' | 'step2' | 'step3' | 'step4';
        readonly size: MultiplySize;
        readonly a: SourceOperand;
        readonly b: SourceOperand;
      }
    | {
        readonly kind: 'mul_step';
        readonly phase: 'last' | 'last2';
        readonly size: MultiplySize;
        readonly destination: RegisterOperand;
      }
  );
