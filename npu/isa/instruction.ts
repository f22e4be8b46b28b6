import type {
  AluInstruction,
  AluShiftInstruction,
  ArithmeticShiftInstruction,
  ByteAlignInstruction,
  CamClearInstruction,
  CamLookupInstruction,
  CamWriteInstruction,
  CrcInstruction,
  DoubleShiftInstruction,
  ImmedInstruction,
  LoadFieldInstruction,
  MulStepInstruction,
  UnaryInstruction,
} from './instruction-alu.ts';
import type { CommandInstruction } from './instruction-command.ts';
import type {
  BranchBitInstruction,
  BranchByteInstruction,
  BranchContextInstruction,
  BranchInstruction,
  BranchStateInstruction,
  ContextArbitrationInstruction,
  JumpInstruction,
} from './instruction-flow.ts';
import type { SourceOperand } from './instruction-operands.ts';

export type * from './instruction-alu.ts';
export type * from './instruction-command.ts';
export type * from './instruction-flow.ts';
export type * from './instruction-operands.ts';

/**
 * Instructions of the NFP-6000 microengine as data: what the assembler and the compiler produce, the encoder turns into
 * an 8-octet word, the decoder gives back, and the execution engine runs. Names follow the text that GNU objdump prints.
 * Sources: GNU binutils 2.40 (`opcodes/nfp-dis.c`), Linux `drivers/net/ethernet/netronome/nfp/nfp_asm.h`.
 */

/** Contexts that share a core's registers: 8 of 16 + 16 GPRs, or 4 of 32 + 32. */
export type ContextMode = 4 | 8;

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
