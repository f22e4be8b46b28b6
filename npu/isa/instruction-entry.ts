/** What people want to know of an instruction, and where each of these facts is known from. */
export interface InstructionEntry {
  /** Mnemonics that share the row. */
  readonly names: readonly string[];
  /** Operands as objdump prints them: destination d, sources a, b, s, instruction .n. */
  readonly form: string;
  readonly effect: string;
  readonly conditionCodes: ConditionCodes;
  readonly cycles: string;
  readonly sources: InstructionSources;
  /** Instructions that the row describes, one of each of its names at least. */
  readonly examples: readonly string[];
}

/** What happens to N, Z, V and C. `no_cc` keeps them where it is allowed. */
export type ConditionCodes = keyof typeof CONDITION_CODES;

/** As the manual words them. */
export const CONDITION_CODES = {
  kept: '-',
  logic: 'N Z of the result, V = C = 0',
  arithmetic: 'N Z V C; C is the carry, after a subtraction "no borrow"',
  'load_cc logic': '-; with load_cc N Z of the result, V = C = 0',
  'last logic': '-; last and last2 N Z of the result, V = C = 0',
} as const;

/** Where each part of a row is known from. */
export interface InstructionSources {
  readonly form: readonly InstructionSource[];
  readonly effect: readonly InstructionSource[];
  readonly conditionCodes: readonly InstructionSource[];
  readonly cycles: readonly InstructionSource[];
}

/**
 * - `gnu`: GNU binutils 2.40, `opcodes/nfp-dis.c` and `include/opcode/nfp.h`: names, forms, encodings.
 * - `linux`: Linux `drivers/net/ethernet/netronome/nfp` (`nfp_asm.h`, `nfp_asm.c`, `bpf/jit.c`): encodings, and meaning by use.
 * - `krude`: Krude et al., CoNEXT 2021: cycles, validated on hardware.
 * - `firmware`: open Netronome nic-firmware, flowenv and nfd: meaning by use, and headers that say it.
 * - `ixp`: Intel's public hardware reference manual of the IXP2800, whose microengine this one continues.
 * - `inferred`: no public text says it; follows from the name, the form or the instructions beside it. Treat with care.
 */
export type InstructionSource = 'gnu' | 'linux' | 'krude' | 'firmware' | 'ixp' | 'inferred';
