import type {
  AluOperator,
  BranchCondition,
  CrcBytes,
  CrcOperator,
  Instruction,
  MultiplySize,
  Shift,
  ShiftOperator,
} from '../../npu/isa/instruction.ts';
import type { CodePosition } from '../ir.ts';

/**
 * Machine code before registers are known: one element an instruction of the chip, with virtual registers, transfer
 * groups and local-memory words where the final instruction has registers. `select.ts` makes it, `allocate.ts` and
 * `transfer.ts` decide places, `rewrite.ts` turns it into instructions.
 */
export type MachineOperand =
  | { readonly kind: 'virtual'; readonly id: number }
  /** A word of a transfer group: in side as source, out side as destination. */
  | { readonly kind: 'transfer'; readonly group: number; readonly index: number }
  /** A word of the context's local memory that lies in a window of a fixed pointer. */
  | { readonly kind: 'local'; readonly word: number }
  /** The word that the moving local-memory pointer points at. */
  | { readonly kind: 'pointed' }
  /** 0..255; 0..127 in the address of a command. */
  | { readonly kind: 'immediate'; readonly value: number }
  | { readonly kind: 'none' };

export const NONE: MachineOperand = { kind: 'none' };

export function virtual(id: number): MachineOperand {
  return { kind: 'virtual', id };
}

export function immediate(value: number): MachineOperand {
  return { kind: 'immediate', value };
}

export type MachineCode =
  | { readonly kind: 'alu'; readonly operator: AluOperator }
  | { readonly kind: 'alu_shf'; readonly operator: ShiftOperator; readonly shift: Shift }
  | { readonly kind: 'dbl_shf'; readonly amount: number | 'indirect' }
  | { readonly kind: 'asr'; readonly amount: number | 'indirect' }
  | { readonly kind: 'ffs' }
  | {
      readonly kind: 'immed';
      readonly width: 'full' | 'word';
      readonly value: number;
      readonly shift: 0 | 8 | 16;
    }
  /** `local_csr_rd` and the `immed` that takes the value. */
  | { readonly kind: 'csr_rd'; readonly csr: number }
  /** `pointer`: the local-memory pointer that moves, whichever that is. */
  | { readonly kind: 'csr_wr'; readonly csr: number | 'pointer' }
  /** Octets of `b` that the mask names replace those of the destination, which is read too unless `clear`. */
  | { readonly kind: 'ld_field'; readonly clear: boolean; readonly mask: number; readonly shift: Shift }
  | {
      readonly kind: 'mul_step';
      readonly phase: 'start' | 'step1' | 'step2' | 'step3' | 'step4' | 'last' | 'last2';
      readonly size: MultiplySize;
    }
  | { readonly kind: 'branch'; readonly condition: BranchCondition; readonly label: string }
  | { readonly kind: 'br_bit'; readonly set: boolean; readonly bit: number; readonly label: string }
  | {
      readonly kind: 'br_byte';
      readonly equal: boolean;
      readonly byte: number;
      readonly value: number;
      readonly label: string;
    }
  | { readonly kind: 'return' }
  | {
      readonly kind: 'ctx_arb';
      readonly wait: 'signals' | 'any' | 'voluntary' | 'kill';
      readonly signals: readonly number[];
    }
  | { readonly kind: 'br_signal'; readonly signal: number; readonly label: string }
  | { readonly kind: 'crc'; readonly operator: CrcOperator; readonly littleEndian: boolean; readonly bytes: CrcBytes }
  | { readonly kind: 'cam_lookup' }
  | { readonly kind: 'cam_read'; readonly what: 'tag' | 'state' }
  /** `a`: the entry; `b`: its tag, if that changes. */
  | { readonly kind: 'cam_write'; readonly state: number }
  | { readonly kind: 'cam_clear' }
  | {
      readonly kind: 'command';
      readonly target: 'mem' | 'cls';
      readonly command: string;
      readonly form: 'sum' | 'shifted';
      /** Transfer words of the command; undefined for none. */
      readonly group: number | undefined;
      readonly first: number;
      /** Words that the command may touch from `first` on: for liveness. */
      readonly words: number;
      /** Whether it touches exactly these, not perhaps fewer. */
      readonly exact: boolean;
      readonly receives: boolean;
      readonly sends: boolean;
      readonly count: number;
      readonly indirect: boolean;
      /** Signals of the function are numbered from 0; the one for `swap` is the context's common one. */
      readonly completion: 'swap' | 'none' | number;
    }
  | { readonly kind: 'nop' }
  /** Arguments and results move in `rewrite.ts`, when both sides' places are known. */
  | {
      readonly kind: 'call';
      readonly function: string;
      readonly arguments: readonly MachineOperand[];
      readonly argumentConstants: readonly (number | undefined)[];
      readonly results: readonly MachineOperand[];
    };

export interface MachineInstruction {
  readonly code: MachineCode;
  readonly destination: MachineOperand;
  readonly a: MachineOperand;
  readonly b: MachineOperand;
  /** Must follow the instruction before without anything between: it takes flags-like state of it. */
  readonly glued: boolean;
  readonly position: CodePosition | undefined;
}

export interface MachineBlock {
  readonly label: string;
  instructions: MachineInstruction[];
  readonly successors: readonly string[];
  /** How often it probably runs, relative to the function's entry: for spill and bank decisions. */
  readonly weight: number;
}

export interface MachineFunction {
  readonly name: string;
  readonly owner: string;
  readonly blocks: MachineBlock[];
  registerCount: number;
  /** Virtual registers that hold the arguments at entry. */
  readonly parameters: readonly number[];
  /** Virtual registers that hold the results at return. */
  readonly results: readonly number[];
  /** Holds the return address; undefined in the entry function. */
  readonly link: number | undefined;
  /** Words of each transfer group. */
  readonly groups: readonly number[];
  readonly signalCount: number;
  /** The first of them has to be even. */
  readonly hasSignalPairs: boolean;
}

/** A final instruction whose branch target is still a label. */
export interface PlacedInstruction {
  readonly instruction: Instruction;
  /** Block that the instruction's target (or loaded address) names. */
  readonly label: string | undefined;
  readonly glued: boolean;
  readonly position: CodePosition | undefined;
}

/** Virtual registers that the instruction reads, `destination` included where it is merged into. */
export function readsOf(instruction: MachineInstruction): number[] {
  const reads: number[] = [];
  if (instruction.a.kind === 'virtual') reads.push(instruction.a.id);
  if (instruction.b.kind === 'virtual') reads.push(instruction.b.id);
  if (mergesDestination(instruction.code) && instruction.destination.kind === 'virtual') {
    reads.push(instruction.destination.id);
  }
  if (instruction.code.kind === 'call') {
    for (const argument of instruction.code.arguments) if (argument.kind === 'virtual') reads.push(argument.id);
  }
  return reads;
}

/** Virtual registers that the instruction writes. */
export function writesOf(instruction: MachineInstruction): number[] {
  const writes: number[] = [];
  if (instruction.destination.kind === 'virtual') writes.push(instruction.destination.id);
  if (instruction.code.kind === 'call') {
    for (const result of instruction.code.results) if (result.kind === 'virtual') writes.push(result.id);
  }
  return writes;
}

/** Whether the instruction keeps a part of what its destination held. */
export function mergesDestination(code: MachineCode): boolean {
  return (code.kind === 'ld_field' && !code.clear) || (code.kind === 'immed' && code.width === 'word');
}
