import type { ContextMode } from '../isa/instruction.ts';
import type { InstructionProblem } from '../isa/verify-operands.ts';

/** What to do about an instruction that breaks a rule of the instruction set, or undefined where the rule says it. */
export function ruleHint(code: InstructionProblem['code'], contexts: ContextMode): string | undefined {
  if (code === 'npu-register-range' && contexts === 8)
    return 'with 4 contexts each of them has twice as many registers';
  return HINTS[code];
}

const HINTS: Readonly<Partial<Record<InstructionProblem['code'], string>>> = {
  'npu-same-bank': 'copy one to the other bank before: alu[gprB_1, --, B, gprA_1]; gpr_wrboth keeps a value in both',
  'npu-same-kind': 'copy one to a general-purpose register before',
  'npu-operand-kind': 'copy it to a general-purpose register before',
  'npu-immediate-range': 'load a larger number into a register before: immed, immed_w1',
  'npu-shift-range': 'shifts go by 1..31; >>rot0 leaves the operand as it is',
  'npu-count-range': 'a longer transfer takes its length from indirect_ref',
  'npu-transfer-range': 'begin at a lower transfer register or lower the count',
  'npu-branch-range': 'branch to a label',
  'npu-write-both': 'name a gprA or gprB register, or leave gpr_wrboth out',
  'npu-defer': 'the instructions after it execute first, as many as defer says: move some there, or lower the number',
  'npu-falls-off-end': 'end with br[...], jump, rtn or ctx_arb[kill]',
};
