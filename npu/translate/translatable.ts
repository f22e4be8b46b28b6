import * as op from '../execution/opcodes.ts';
import type { Program } from '../execution/program.ts';
import { BOTH_BANKS, INDEXED_XFER, LOCAL_MEMORY } from '../execution/registers.ts';
import { CSR } from '../isa/csr.ts';

const POINTER_CSRS: readonly number[] = [CSR.ActLMAddr0, CSR.ActLMAddr1, CSR.ActLMAddr2, CSR.ActLMAddr3];

/** The local-memory pointer that a CSR holds, or -1. */
export function pointerOfCsr(csr: number): number {
  return POINTER_CSRS.indexOf(csr);
}

/** A local-memory operand, as an operand code. */
export function isLocalMemory(code: number): boolean {
  return code >= LOCAL_MEMORY && code < INDEXED_XFER;
}

/** Whether a local-memory operand moves its pointer. */
export function steps(code: number): boolean {
  return isLocalMemory(code) && ((code >>> 4) & 3) !== 0;
}

export function isBranch(code: number): boolean {
  return code >= op.OP_BR && code <= op.OP_BR_BYTE_NOT_EQUAL;
}

/**
 * Whether a region holds code for the instruction. The interpreter executes all others: commands, whatever
 * touches registers of other contexts, and rare forms.
 */
export function isTranslated(program: Program, i: number): boolean {
  const code = program.op[i]!;
  switch (code) {
    case op.OP_CTX_ARB:
      return true;
    case op.OP_JUMP:
      // Where it goes is known, and may be refused, only when the pointer has moved.
      return !isElsewhere(program.b[i]!) && !steps(program.b[i]!);
    case op.OP_CSR_READ:
      return pointerOfCsr(program.x[i]!) >= 0;
    case op.OP_CSR_WRITE:
      return pointerOfCsr(program.x[i]!) >= 0 && !isElsewhere(program.b[i]!);
    default:
      if (code >= op.OP_JUMP) return false;
  }
  const a = program.a[i]!;
  const b = program.b[i]!;
  const destination = program.destination[i]!;
  if (isElsewhere(a) || isElsewhere(b) || (isElsewhere(destination) && destination < BOTH_BANKS)) return false;
  // One local-memory operand a time when a pointer moves: the region leaves before it has changed anything.
  const local = [a, b, destination].filter(isLocalMemory);
  return local.length <= 1 || !local.some(steps);
}

/** Registers that may be those of another context, or change under the name of one that a local holds. */
function isElsewhere(code: number): boolean {
  return code >= INDEXED_XFER;
}
