import type { Memory } from '../../memory/memory.ts';
import { ATOMIC_READ, applyAtomic, applyAtomic64, bitsOfOctets } from './arithmetic.ts';
import type { CommandPlan } from './plan.ts';

/** What an atomic works with, beside its memory. */
export interface AtomicData {
  readonly file: Int32Array;
  /** First transfer-in and transfer-out register, words of the file. */
  readonly transferIn: number;
  readonly transferOut: number;
  /** Operand of an `_imm` form. */
  readonly immediate: number;
  /** Octets of each 32-bit word that count, -1 for all: of the operand, or of a comparison. */
  readonly octetMask: number;
}

/** Carries an atomic out for `count` words or double words. */
export function atomicData(data: AtomicData, plan: CommandPlan, memory: Memory, address: number, count: number): void {
  const { file, transferIn, transferOut, immediate } = data;
  const bits = data.octetMask === -1 ? -1 : bitsOfOctets(data.octetMask);
  for (let i = 0; i < count; i++) {
    const at = address + 4 * i;
    const old = memory.readWord(at);
    const operand = plan.immediate ? immediate : file[transferOut + i]!;
    if (plan.returns) file[transferIn + i] = old;
    if (plan.atomic === ATOMIC_READ) continue;
    memory.writeWord(at, applyAtomic(plan.atomic, old, plan.compares ? operand : operand & bits, bits));
  }
}

/** As `atomicData`, of double words. */
export function atomicData64(
  data: AtomicData,
  plan: CommandPlan,
  memory: Memory,
  address: number,
  count: number,
): void {
  const { file, transferIn, transferOut, immediate } = data;
  for (let i = 0; i < count; i++) {
    const at = address + 8 * i;
    const old = join(memory.readWord(at), memory.readWord(at + 4));
    const operand = plan.immediate
      ? BigInt(immediate)
      : join(file[transferOut + 2 * i]!, file[transferOut + 2 * i + 1]!);
    const result = applyAtomic64(plan.atomic, old, operand);
    if (plan.returns) {
      file[transferIn + 2 * i] = Number(old >> 32n);
      file[transferIn + 2 * i + 1] = Number(old & 0xffff_ffffn);
    }
    memory.writeWord(at, Number(result >> 32n));
    memory.writeWord(at + 4, Number(result & 0xffff_ffffn));
  }
}

function join(high: number, low: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
