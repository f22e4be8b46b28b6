import { CSR } from '../../npu/isa/csr.ts';
import type { ContextMode, Instruction, RegisterOperand } from '../../npu/isa/instruction.ts';
import { SCRATCH_INDEX } from './allocate.ts';

/** log2 of the octets of local memory that belong to a context: 4 KiB shared by 8 or 4 (firmware ABI). */
const CONTEXT_OCTETS_SHIFT: Readonly<Record<ContextMode, number>> = { 8: 9, 4: 10 };
const WINDOW_OCTETS = 64;
const WINDOW_CSRS = [CSR.ActLMAddr0, CSR.ActLMAddr1, CSR.ActLMAddr2];

/**
 * What every context runs first: its fixed local-memory pointers are set to the first 64-octet windows of its slice.
 * Pointers count octets; `ActCtxStatus` has the context's number in its low 3 bits.
 */
export function prologue(fixedPointers: number, contexts: ContextMode): Instruction[] {
  const base: RegisterOperand = { kind: 'gpr', bank: 'A', index: SCRATCH_INDEX };
  const flags = { writeBoth: false, keepConditionCodes: false, predicate: false } as const;
  const none = { kind: 'none' } as const;
  const instructions: Instruction[] = [
    { kind: 'local_csr_rd', csr: CSR.ActCtxStatus },
    { kind: 'immed', width: 'full', destination: base, value: 0, shift: 0, writeBoth: false, predicate: false },
    { kind: 'alu', operator: 'AND', destination: base, a: base, b: { kind: 'immediate', value: 7 }, ...flags },
    {
      kind: 'alu_shf',
      operator: 'B',
      destination: base,
      a: none,
      b: base,
      shift: { kind: 'left', amount: CONTEXT_OCTETS_SHIFT[contexts] },
      ...flags,
    },
  ];
  for (const [index, csr] of WINDOW_CSRS.slice(0, fixedPointers).entries()) {
    if (index > 0) {
      const step = { kind: 'immediate', value: WINDOW_OCTETS } as const;
      instructions.push({ kind: 'alu', operator: '+', destination: base, a: base, b: step, ...flags });
    }
    instructions.push({ kind: 'local_csr_wr', csr, source: base });
  }
  // The pointers may be used after the delay that the profile gives (3 cycles).
  for (let i = 0; i < 3; i++) instructions.push({ kind: 'nop' });
  return instructions;
}
