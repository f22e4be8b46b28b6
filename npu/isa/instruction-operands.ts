/**
 * What instructions read and write, as the text of GNU objdump names it. Source: GNU binutils 2.40 `opcodes/nfp-dis.c`.
 */

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
