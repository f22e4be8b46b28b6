import { assert } from '../../base/assert.ts';
import type { Bank, Destination, GprOperand, Operand } from '../../npu/isa/instruction.ts';
import type { CodePosition } from '../ir.ts';
import { SCRATCH_INDEX } from './allocate.ts';
import type { PlacedInstruction } from './machine.ts';
import { moveInstruction } from './parallel-moves.ts';

/** Restricted operands reach 8 words of a local-memory pointer. */
export const RESTRICTED_WORDS = 8;

/**
 * Moves around a run of instructions that give it operands which it can have, through the scratch register of each
 * bank: sources before the run, results after it.
 */
export class OperandRepairs {
  before: PlacedInstruction[] = [];
  after: PlacedInstruction[] = [];
  position: CodePosition | undefined;
  /** What a scratch register holds during the run. */
  readonly scratch = new Map<Bank, string>();

  startRun(): void {
    this.before = [];
    this.after = [];
    this.scratch.clear();
  }

  /** Moves an operand into a scratch register before the current run. */
  repair(operand: Operand, bank: Bank): GprOperand {
    assert(operand.kind !== 'none', 'no operand to repair');
    const register: GprOperand = { kind: 'gpr', bank, index: SCRATCH_INDEX };
    const key = JSON.stringify(operand);
    const held = this.scratch.get(bank);
    if (held === key) return register;
    assert(held === undefined, 'two repairs into one scratch register');
    this.scratch.set(bank, key);
    this.before.push({
      instruction: moveInstruction(register, operand),
      label: undefined,
      glued: false,
      position: this.position,
    });
    return register;
  }

  /** Two sources that the instruction can have together. */
  sources(a: Operand, b: Operand, restricted: boolean): [Operand, Operand] {
    a = this.reachable(a, restricted, b);
    b = this.reachable(b, restricted, a);
    if (a.kind === 'gpr' && b.kind === 'gpr' && a.bank === b.bank) b = this.repair(b, other(a.bank));
    const onePort = (operand: Operand) => operand.kind === 'local_memory' || operand.kind === 'xfer';
    if (onePort(a) && a.kind === b.kind) b = this.repair(b, this.freeBank(b));
    if (a.kind === 'immediate' && b.kind === 'immediate') a = this.repair(a, 'A');
    return [a, b];
  }

  /** A local-memory word that a restricted operand cannot name goes through a scratch register. */
  reachable(operand: Operand, restricted: boolean, partner: Operand): Operand {
    if (!restricted || operand.kind !== 'local_memory' || operand.offset < RESTRICTED_WORDS) return operand;
    return this.repair(operand, partner.kind === 'gpr' ? other(partner.bank) : this.freeBank(operand));
  }

  /** Bank whose scratch register holds the operand already, or is free. */
  private freeBank(operand: Operand): Bank {
    const key = JSON.stringify(operand);
    if (this.scratch.get('B') === key) return 'B';
    return this.scratch.has('A') && this.scratch.get('A') !== key ? 'B' : 'A';
  }

  /** The destination; where the instruction cannot name it, a scratch register and a move after. */
  destination(place: Destination, restricted: boolean): Destination {
    if (!restricted || place.kind !== 'local_memory' || place.offset < RESTRICTED_WORDS) return place;
    const register: GprOperand = { kind: 'gpr', bank: 'A', index: SCRATCH_INDEX };
    this.moveAfter(place, register);
    return register;
  }

  moveAfter(place: Destination, register: Operand): void {
    const instruction = moveInstruction(place, register);
    this.after.push({ instruction, label: undefined, glued: false, position: this.position });
  }
}

export function other(bank: Bank): Bank {
  return bank === 'A' ? 'B' : 'A';
}
