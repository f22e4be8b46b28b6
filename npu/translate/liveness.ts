import * as op from '../execution/opcodes.ts';
import type { Program } from '../execution/program.ts';
import type { RegionBlock } from './region-flow.ts';
import { isBranch, isLocalMemory, isTranslated } from './translatable.ts';

/** State of the pipeline that an instruction leaves and a later one may look at. */
export const CODES_LIVE = 1;
export const PREVIOUS_LIVE = 2;
export const PREVIOUS_A_LIVE = 4;
export const ALL_LIVE = 7;

/**
 * Which parts of the state each instruction of a block has to leave: not those that a later one replaces before
 * anybody can look. The region may end at each branch, and before an access to local memory.
 */
export function livenessOf(program: Program, block: RegionBlock): Uint8Array {
  const needs = new Uint8Array(block.end - block.start);
  let live = ALL_LIVE;
  for (let i = block.end - 1; i >= block.start; i--) {
    needs[i - block.start] = live;
    live = (live & ~replacedBy(program, i)) | usedBy(program, i);
  }
  return needs;
}

/** Whether the instruction sets condition codes. */
export function setsCodes(program: Program, i: number): boolean {
  return (replacedBy(program, i) & CODES_LIVE) !== 0;
}

function replacedBy(program: Program, i: number): number {
  const code = program.op[i]!;
  if (!givesResult(code)) return 0;
  const codes = program.keepConditionCodes[i] === 0 && !isPlainResult(code) ? CODES_LIVE : 0;
  return PREVIOUS_LIVE | codes | (replacesPreviousA(code) ? PREVIOUS_A_LIVE : 0);
}

function usedBy(program: Program, i: number): number {
  const code = program.op[i]!;
  if (!isTranslated(program, i) || isBranch(code)) return ALL_LIVE;
  if (code === op.OP_JUMP || code === op.OP_CTX_ARB) return ALL_LIVE;
  if ([program.a[i]!, program.b[i]!, program.destination[i]!].some(isLocalMemory)) return ALL_LIVE;
  switch (code) {
    case op.OP_ADD_CARRY:
    case op.OP_SUB_CARRY:
      return CODES_LIVE;
    case op.OP_ARITHMETIC_SHIFT:
      return PREVIOUS_LIVE;
    case op.OP_ARITHMETIC_SHIFT_INDIRECT:
      return PREVIOUS_LIVE | PREVIOUS_A_LIVE;
    case op.OP_ALU_SHIFT:
    case op.OP_LOAD_FIELD:
    case op.OP_DOUBLE_SHIFT_INDIRECT:
      return PREVIOUS_A_LIVE;
    default:
      return 0;
  }
}

/** Immediates and the like give a result and leave the codes alone. */
function isPlainResult(code: number): boolean {
  return code === op.OP_IMMED || code === op.OP_IMMED_PART || code === op.OP_IMMED_CSR;
}

/** Whether an operation of a region leaves a word, the result that the instruction behind it may look at. */
export function givesResult(code: number): boolean {
  switch (code) {
    case op.OP_NOP:
    case op.OP_MUL_START:
    case op.OP_MUL_STEP:
    case op.OP_CSR_READ:
    case op.OP_CSR_WRITE:
      return false;
    default:
      return code < op.OP_BR;
  }
}

/** Operations whose A operand an indirect shift behind them goes by. */
export function replacesPreviousA(code: number): boolean {
  switch (code) {
    case op.OP_ALU_SHIFT:
    case op.OP_DOUBLE_SHIFT:
    case op.OP_DOUBLE_SHIFT_INDIRECT:
      return true;
    default:
      return code >= op.OP_ADD && code <= op.OP_XOR;
  }
}
