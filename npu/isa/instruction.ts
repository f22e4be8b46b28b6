/**
 * Instructions of the NFP-6000 microengine as data: what the assembler and the compiler produce, the encoder turns into
 * an 8-octet word, the decoder gives back, and the execution engine runs. Names follow the text that GNU objdump prints.
 * Sources: GNU binutils 2.40 (`opcodes/nfp-dis.c`), Linux `drivers/net/ethernet/netronome/nfp/nfp_asm.h`.
 */

/** Contexts that share a core's registers: 8 of 16 + 16 GPRs, or 4 of 32 + 32. */
export type ContextMode = 4 | 8;
export type Bank = 'A' | 'B';

export interface GprOperand {
  readonly kind: 'gpr';
  readonly bank: Bank;
  /** Context-relative: 0..15 with 8 contexts, 0..31 with 4. */
  readonly index: number;
}

/** `@gprA_n`: a register of the core whatever the context, 0..127. */
export interface AbsoluteGprOperand {
  readonly kind: 'absolute_gpr';
  readonly bank: Bank;
  readonly index: number;
}

/** `$xfer_n`: as a source the transfer-in register, as a destination transfer-out. 0..31 (0..63 with 4 contexts). */
export interface XferOperand {
  readonly kind: 'xfer';
  readonly index: number;
}

/** `*$index`, `*$index++`, `*$index--`: the transfer register that T_INDEX names. */
export interface IndexedXferOperand {
  readonly kind: 'indexed_xfer';
  readonly step: -1 | 0 | 1;
}

/** `n$reg_n`: next-neighbour register, 0..15 (0..31 with 4 contexts). */
export interface NeighbourOperand {
  readonly kind: 'neighbour';
  readonly index: number;
}

/** `*n$index`, `*n$index++`: the next-neighbour ring. */
export interface IndexedNeighbourOperand {
  readonly kind: 'indexed_neighbour';
  readonly step: 0 | 1;
}

/** `*l$index1[2]`, `*l$index0++`: local memory through an index CSR. With a step the offset is 0. */
export interface LocalMemoryOperand {
  readonly kind: 'local_memory';
  readonly pointer: 0 | 1 | 2 | 3;
  /** Words; 0..15, and 0..7 where the instruction takes restricted operands (shift, field, byte and bit branches). */
  readonly offset: number;
  readonly step: -1 | 0 | 1;
}

/** 0..255 in most places, 0..127 as part of a command's address. */
export interface ImmediateOperand {
  readonly kind: 'immediate';
  readonly value: number;
}

/** `--`. */
export interface NoOperand {
  readonly kind: 'none';
}

export type RegisterOperand =
  | GprOperand
  | AbsoluteGprOperand
  | XferOperand
  | IndexedXferOperand
  | NeighbourOperand
  | IndexedNeighbourOperand
  | LocalMemoryOperand;
export type SourceOperand = RegisterOperand | ImmediateOperand;
export type Operand = SourceOperand | NoOperand;
export type Destination = RegisterOperand | NoOperand;

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

/** Deferred instructions after a branch that execute whether it is taken or not: 0..3. */
export type Defer = 0 | 1 | 2 | 3;

export type BranchCondition =
  | 'br'
  | 'beq'
  | 'bne'
  | 'bmi'
  | 'bpl'
  | 'bcs'
  | 'bcc'
  | 'bvs'
  | 'bvc'
  | 'bge'
  | 'blt'
  | 'ble'
  | 'bgt';

/** `br[.577], defer[2]`, `beq[.3]` ... `target` is an instruction index, 0..16383 everywhere below. */
export interface BranchInstruction {
  readonly kind: 'branch';
  readonly condition: BranchCondition;
  readonly target: number;
  readonly defer: Defer;
}

/** `br=ctx[3, .9]`, `br!=ctx[3, .9]`, `br_signal[2, .9]`, `br_!signal[2, .9]`. */
export interface BranchContextInstruction {
  readonly kind: 'br_context';
  readonly test: 'br=ctx' | 'br!=ctx' | 'br_signal' | 'br_!signal';
  /** Context 0..7 or signal 0..15. */
  readonly operand: number;
  readonly target: number;
  readonly defer: Defer;
}

/** `br_inp_state[nn_empty, .9]`, `br_cls_state[cls_ring2_status, .9]` and their negations; `state` 0..15. */
export interface BranchStateInstruction {
  readonly kind: 'br_state';
  readonly test: 'br_inp_state' | 'br_!inp_state' | 'br_cls_state' | 'br_!cls_state';
  readonly state: number;
  readonly target: number;
  readonly defer: Defer;
}

/** `br_bset[reg, bit, .9]`, `br_bclr[reg, bit, .9]`. */
export interface BranchBitInstruction {
  readonly kind: 'br_bit';
  readonly set: boolean;
  readonly source: RegisterOperand;
  /** 0..31. */
  readonly bit: number;
  readonly target: number;
  readonly defer: Defer;
}

/** `br=byte[reg, byte, value, .9]`, `br!=byte[...]`; byte 0 is the least significant. */
export interface BranchByteInstruction {
  readonly kind: 'br_byte';
  readonly equal: boolean;
  readonly source: RegisterOperand;
  /** 0..3. */
  readonly byte: number;
  /** 0..255. */
  readonly value: number;
  readonly target: number;
  readonly defer: Defer;
}

/** `jump[reg, .base]`: to base + reg, base 1..16383; `rtn[reg]` is the same with base 0. */
export interface JumpInstruction {
  readonly kind: 'jump';
  readonly source: RegisterOperand;
  readonly base: number;
  readonly defer: Defer;
}

/**
 * Gives the core to another context. `signals`: until all (or, with `any`, one) of them are there, which consumes them;
 * `voluntary`: until the core is free again; `kill`: for good; `none` (`--`) and `breakpoint` (`bpt`).
 */
export interface ContextArbitrationInstruction {
  readonly kind: 'ctx_arb';
  readonly wait: 'signals' | 'voluntary' | 'kill' | 'none' | 'breakpoint';
  /** Ascending, 1..15; empty unless `wait` is `signals`. */
  readonly signals: readonly number[];
  readonly any: boolean;
  /** `br[.n]`: where the context resumes; otherwise the next instruction. */
  readonly resumeAt: number | undefined;
  readonly defer: Defer;
}

/** `local_csr_rd[ActLMAddr0]`: the next instruction, `immed[d, 0]`, takes the value. `csr`: octet address, see `csr.ts`. */
export interface LocalCsrReadInstruction {
  readonly kind: 'local_csr_rd';
  readonly csr: number;
}

export interface LocalCsrWriteInstruction {
  readonly kind: 'local_csr_wr';
  readonly csr: number;
  readonly source: SourceOperand;
}

export type CommandTarget = 'mem' | 'cls' | 'ct' | 'nbi' | 'ila' | 'pcie' | 'arm' | 'crypto';

export type CommandSource =
  /** Registers only, or an immediate of 0..127. */
  RegisterOperand | ImmediateOperand;

/**
 * Where a command goes, and what the two register reads of the instruction give:
 * - `sum`: `a, b` -> 32-bit address a + b. `a` comes from bank A's port (no gprB), `b` from bank B's (no gprA).
 * - `shifted`: `base, <<8, offset` -> 40-bit address (base << 8) + offset; the two from different banks, either way round.
 * - `immediate`: a 16-bit address in the instruction.
 * - `third_party`: as `shifted`, but the data goes to or comes from the unit that `dataReference` (0..127) names.
 * - `immediate_data`: no address, 22 bits of data. `immediate_pair`: 16-bit address and 14 bits of data.
 */
export type CommandAddress =
  | { readonly kind: 'sum'; readonly a: CommandSource; readonly b: CommandSource }
  | { readonly kind: 'shifted'; readonly base: CommandSource; readonly offset: CommandSource }
  | { readonly kind: 'immediate'; readonly address: number }
  | {
      readonly kind: 'third_party';
      readonly dataReference: number;
      readonly base: CommandSource;
      readonly offset: CommandSource;
    }
  | { readonly kind: 'immediate_data'; readonly data: number }
  | { readonly kind: 'immediate_pair'; readonly address: number; readonly data: number };

/** `mem[read32, $xfer_0, gprA_2, <<8, gprB_3, 8], ctx_swap[sig1]` and the like for the other targets. */
export interface CommandInstruction {
  readonly kind: 'command';
  readonly target: CommandTarget;
  /** The mnemonic as objdump spells it, alternatives and all; see `commands.ts`. */
  readonly command: string;
  /** First transfer register, 0..63: transfer-in for data that returns, transfer-out for data that is sent. */
  readonly xfer: number;
  readonly address: CommandAddress;
  /** As printed, 1..8: the length field of the instruction plus 1, in units of the command (octets, words, ...). */
  readonly count: number;
  /** `indirect_ref`: the result of the instruction before overrides parts of the command. */
  readonly indirect: boolean;
  /** `swap` waits for the signal with other contexts running; `done` only raises it; `none` raises nothing. */
  readonly completion: 'swap' | 'done' | 'none';
  /** 1..15, or 0 for none (`ctx_swap[--]`). */
  readonly signal: number;
  /** Only with `swap`: 0..2. */
  readonly defer: 0 | 1 | 2;
}

export interface NopInstruction {
  readonly kind: 'nop';
}

export type Instruction =
  | AluInstruction
  | UnaryInstruction
  | CamClearInstruction
  | CamLookupInstruction
  | CamWriteInstruction
  | CrcInstruction
  | AluShiftInstruction
  | DoubleShiftInstruction
  | ArithmeticShiftInstruction
  | ByteAlignInstruction
  | ImmedInstruction
  | LoadFieldInstruction
  | MulStepInstruction
  | BranchInstruction
  | BranchContextInstruction
  | BranchStateInstruction
  | BranchBitInstruction
  | BranchByteInstruction
  | JumpInstruction
  | ContextArbitrationInstruction
  | LocalCsrReadInstruction
  | LocalCsrWriteInstruction
  | CommandInstruction
  | NopInstruction;

/** Highest instruction index that a branch can name plus 1: 14 bits. */
export const BRANCH_SPACE = 1 << 14;
/** Octets of an instruction in an image. */
export const INSTRUCTION_OCTETS = 8;
