import { BRANCH_CODE, BRANCH_CONTEXT_CODE, BRANCH_STATE_CODE, namesByCode } from '../isa/codes.ts';
import type { ContextMode, Defer, Instruction, RegisterOperand } from '../isa/instruction.ts';
import { isRestrictedImmediate, restrictedOperand, unrestrictedOperand } from '../isa/operands.ts';
import { asRegister, bit, bits } from './decode-field.ts';

const branchNames = namesByCode(BRANCH_CODE);
const branchContextNames = namesByCode(BRANCH_CONTEXT_CODE);
const branchStateNames = namesByCode(BRANCH_STATE_CODE);

/** Branches on condition codes, contexts, signals and states. */
export function decodeBranch(word: number): Instruction | undefined {
  const code = bits(word, 0, 5);
  const fields = branchFields(word);
  const operand = bits(word, 14, 4);
  const condition = branchNames.get(code);
  if (condition !== undefined) return { kind: 'branch', condition, ...fields };
  const contextTest = branchContextNames.get(code);
  if (contextTest !== undefined) return { kind: 'br_context', test: contextTest, operand, ...fields };
  const stateTest = branchStateNames.get(code);
  if (stateTest !== undefined) return { kind: 'br_state', test: stateTest, state: operand, ...fields };
  return undefined;
}

/** Defer slots and the 14-bit address of a branch. */
function branchFields(word: number): { target: number; defer: Defer } {
  return { target: bits(word, 40, 1) * 0x2000 + bits(word, 22, 13), defer: bits(word, 20, 2) as Defer };
}

/** `ctx_arb`. */
export function decodeContextArbitration(word: number): Instruction | undefined {
  const mask = bits(word, 0, 16);
  const { target, defer } = branchFields(word);
  const resumeAt = bit(word, 18) ? target : undefined;
  const any = bit(word, 16);
  const rest = { resumeAt, defer } as const;
  if (bit(word, 17)) return { kind: 'ctx_arb', wait: 'breakpoint', signals: [], any, ...rest };
  if (mask === 1) return { kind: 'ctx_arb', wait: 'voluntary', signals: [], any, ...rest };
  if (mask === 0) {
    if (bit(word, 19)) return { kind: 'ctx_arb', wait: 'none', signals: [], any, ...rest };
    return { kind: 'ctx_arb', wait: 'kill', signals: [], any: false, ...rest };
  }
  // Signal 0 does not exist: its bit beside others means nothing.
  const signals = [];
  for (let signal = 1; signal < 16; signal++) if (bit(mask, signal)) signals.push(signal);
  return { kind: 'ctx_arb', wait: 'signals', signals, any, ...rest };
}

/** The register of a register and immediate pair, and the immediate's low 7 bits. */
function decodeRestrictedPair(
  word: number,
  contexts: ContextMode,
): { source: RegisterOperand; immediate: number } | undefined {
  const codeA = bits(word, 0, 8);
  const codeB = bits(word, 10, 8);
  const immediateInA = isRestrictedImmediate(codeA);
  const extended = bit(word, 42);
  const source = asRegister(
    restrictedOperand(immediateInA ? codeB : codeA, immediateInA ? 'B' : 'A', extended, 0, contexts),
  );
  const immediate = restrictedOperand(immediateInA ? codeA : codeB, 'A', false, 0, contexts);
  if (source === undefined || immediate?.kind !== 'immediate') return undefined;
  return { source, immediate: immediate.value };
}

/** `br=byte`, `br!=byte`. */
export function decodeBranchByte(word: number, contexts: ContextMode): Instruction | undefined {
  const pair = decodeRestrictedPair(word, contexts);
  if (pair === undefined) return undefined;
  return {
    kind: 'br_byte',
    equal: bit(word, 19),
    source: pair.source,
    byte: bits(word, 8, 2),
    value: bits(word, 18, 1) * 0x80 + pair.immediate,
    ...branchFields(word),
  };
}

/** `br_bset`, `br_bclr`. */
export function decodeBranchBit(word: number, contexts: ContextMode): Instruction | undefined {
  const pair = decodeRestrictedPair(word, contexts);
  if (pair === undefined) return undefined;
  const tested = (pair.immediate - 1) & 0x1f;
  return { kind: 'br_bit', set: bit(word, 18), source: pair.source, bit: tested, ...branchFields(word) };
}

/** `jump`, `rtn`. */
export function decodeJump(word: number, contexts: ContextMode): Instruction | undefined {
  const extended = bit(word, 42);
  const a = unrestrictedOperand(bits(word, 0, 10), 'A', extended, contexts);
  const b = unrestrictedOperand(bits(word, 10, 10), 'B', extended, contexts);
  const immediate = a?.kind === 'immediate' ? a : b;
  const source = asRegister(a?.kind === 'immediate' ? b : a);
  if (source === undefined || immediate?.kind !== 'immediate') return undefined;
  const base = bits(word, 22, 9) * 256 + immediate.value;
  return { kind: 'jump', source, base, defer: bits(word, 20, 2) as Defer };
}
