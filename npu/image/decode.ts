import { ok, type Result, wireError } from '../../base/result.ts';
import { WORD_BITS, WORD_CLASS, type WordClass } from '../isa/codes.ts';
import { CSR_ADDRESS_RESERVED } from '../isa/csr.ts';
import { type ContextMode, INSTRUCTION_OCTETS, type Instruction } from '../isa/instruction.ts';
import { unrestrictedOperand } from '../isa/operands.ts';
import { verifyProgram } from '../isa/verify-program.ts';
import { decodeAlu, decodeImmed, decodeMultiply } from './decode-alu.ts';
import {
  decodeBranch,
  decodeBranchBit,
  decodeBranchByte,
  decodeContextArbitration,
  decodeJump,
} from './decode-branch.ts';
import { decodeCommand } from './decode-command.ts';
import { asSource, bit, bits } from './decode-field.ts';
import { decodeLoadField, decodeShift } from './decode-shift.ts';
import { eccOf } from './encode-ecc.ts';

/**
 * The instruction that a 45-bit word means, or undefined for a word that means none. Bits that the chip ignores are
 * ignored. The operand rules (`verifyInstruction`) are not checked here.
 */
export function decodeInstruction(word: number, contexts: ContextMode = 8): Instruction | undefined {
  // The order of objdump: some masks overlap.
  if (isOf(word, WORD_CLASS.command)) return decodeCommand(word, contexts);
  if (isOf(word, WORD_CLASS.aluShift)) return decodeShift(word, contexts);
  if (isOf(word, WORD_CLASS.alu)) return decodeAlu(word, contexts);
  if (isOf(word, WORD_CLASS.immed)) return decodeImmed(word, contexts);
  if (isOf(word, WORD_CLASS.loadField)) return decodeLoadField(word, contexts);
  if (isOf(word, WORD_CLASS.contextArbitration)) return decodeContextArbitration(word);
  if (isOf(word, WORD_CLASS.localCsr)) return decodeLocalCsr(word, contexts);
  if (isOf(word, WORD_CLASS.branch)) return decodeBranch(word);
  if (isOf(word, WORD_CLASS.branchByte)) return decodeBranchByte(word, contexts);
  if (isOf(word, WORD_CLASS.branchBit)) return decodeBranchBit(word, contexts);
  if (isOf(word, WORD_CLASS.branchAlu)) return decodeJump(word, contexts);
  if (isOf(word, WORD_CLASS.multiply)) return decodeMultiply(word, contexts);
  return undefined;
}

/**
 * The instructions of an image's words. The error-correcting code of a word is zero or right.
 * @returns errors `npu-word-invalid`, `npu-word-ecc` with the octet offset of the word
 */
export function decodeProgram(words: BigUint64Array, contexts: ContextMode = 8): Result<Instruction[]> {
  const instructions: Instruction[] = [];
  for (let i = 0; i < words.length; i++) {
    const value = words[i]!;
    const word = Number(value & ((1n << BigInt(WORD_BITS)) - 1n));
    const above = Number(value >> BigInt(WORD_BITS));
    const text = `instruction ${i}: 0x${value.toString(16)}`;
    if (above !== 0 && above !== eccOf(word)) {
      return wireError(
        'npu-word-ecc',
        `${text} has error-correcting code 0x${above.toString(16)}`,
        i * INSTRUCTION_OCTETS,
      );
    }
    const instruction = decodeInstruction(word, contexts);
    if (instruction === undefined) {
      return wireError('npu-word-invalid', `${text} is no instruction`, i * INSTRUCTION_OCTETS);
    }
    instructions.push(instruction);
  }
  return ok(instructions);
}

/**
 * As `decodeProgram`, for words that are to run: the program also keeps every rule of `verifyProgram`, whoever made it.
 * @returns beside the errors of `decodeProgram` those of the rules, `npu-...`, with the octet offset of the instruction
 */
export function decodeVerifiedProgram(words: BigUint64Array, contexts: ContextMode = 8): Result<Instruction[]> {
  const decoded = decodeProgram(words, contexts);
  const problem = decoded.ok ? verifyProgram(decoded.value, contexts)[0] : undefined;
  if (problem === undefined) return decoded;
  const { code, instruction, message } = problem;
  return wireError(code, `instruction ${instruction}: ${message}`, instruction * INSTRUCTION_OCTETS);
}

/** `word AND mask = base` on more than 32 bits. */
function isOf(word: number, wordClass: WordClass): boolean {
  const low = (word & wordClass.mask) >>> 0 === wordClass.base >>> 0;
  return low && ((word / 2 ** 32) & (wordClass.mask / 2 ** 32)) === Math.floor(wordClass.base / 2 ** 32);
}

function decodeLocalCsr(word: number, contexts: ContextMode): Instruction | undefined {
  const csr = bits(word, 22, 11) * 4;
  if (csr === CSR_ADDRESS_RESERVED) return undefined;
  if (!bit(word, 21)) return { kind: 'local_csr_rd', csr };
  const extended = bit(word, 42);
  const a = unrestrictedOperand(bits(word, 0, 10), 'A', extended, contexts);
  const b = unrestrictedOperand(bits(word, 10, 10), 'B', extended, contexts);
  const source = asSource(a?.kind === 'immediate' && b?.kind !== 'immediate' ? b : a);
  return source === undefined ? undefined : { kind: 'local_csr_wr', csr, source };
}
