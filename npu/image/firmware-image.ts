import type { ContextMode } from '../isa/instruction.ts';

/** Memories that firmware can name. `ctm` and `cls` exist once an island, `local` once a core: data goes to each. */
export type FirmwareMemory = 'emem' | 'imem' | 'ctm' | 'cls' | 'local';

/** Owner of what belongs to no lambda: parser, match stage, receive and send, reassembly. */
export const RUNTIME_OWNER = 'runtime';

/** What the compiler links, the manager deploys and a NIC loads into every core. */
export interface FirmwareImage {
  readonly contexts: ContextMode;
  /** One word an instruction, in the chip's encoding (`encode.ts`). */
  readonly instructions: BigUint64Array;
  /** Instruction index where every context starts. */
  readonly entry: number;
  readonly data: readonly FirmwareData[];
  readonly regions: readonly FirmwareRegion[];
  readonly lambdas: readonly FirmwareLambda[];
  readonly symbols: readonly FirmwareSymbol[];
  /** Ascending by instruction; a line holds until the next entry. */
  readonly lines: readonly FirmwareLine[];
}

/** Octets that are in a memory when the firmware starts. What no data covers is zero. */
export interface FirmwareData {
  readonly memory: FirmwareMemory;
  /** Octet offset in the memory. */
  readonly address: number;
  readonly octets: Uint8Array;
}

/** A stretch of memory that an owner's code may touch. */
export interface FirmwareRegion {
  readonly name: string;
  /** A lambda's name or `RUNTIME_OWNER`. */
  readonly owner: string;
  readonly memory: FirmwareMemory;
  readonly address: number;
  readonly octets: number;
  readonly read: boolean;
  readonly write: boolean;
}

export interface FirmwareLambda {
  readonly name: string;
  /** The `wId` of requests, 1..2^32-1. */
  readonly id: number;
}

/** A function (`memory: 'code'`: address and size count instructions) or an object (octets). */
export interface FirmwareSymbol {
  readonly name: string;
  readonly owner: string;
  readonly memory: FirmwareMemory | 'code';
  readonly address: number;
  readonly size: number;
}

export interface FirmwareLine extends SourceLine {
  readonly instruction: number;
  /** Further lines that the instruction comes from: code that several have in common is kept once. */
  readonly also?: readonly SourceLine[];
}

export interface SourceLine {
  readonly file: string;
  readonly line: number;
}

/** `a.c:10`, of merged code `a.c:10 (also b.c:33)`. */
export function sourceText({ file, line, also = [] }: SourceLine & { readonly also?: readonly SourceLine[] }): string {
  const others = also.map((other) => `${other.file}:${other.line}`).join(', ');
  return `${file}:${line}${others === '' ? '' : ` (also ${others})`}`;
}
