import type { RegisterOperand } from './instruction-operands.ts';

/** Instructions that decide what executes next: branches, jumps, context swaps. */

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
