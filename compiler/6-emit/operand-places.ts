import { assert } from '../../base/assert.ts';
import type { GprOperand, LocalMemoryOperand, Operand, RegisterOperand } from '../../npu/isa/instruction.ts';
import type { Allocation, Place } from './allocate.ts';
import type { MachineFunction, MachineOperand } from './machine.ts';
import type { TransferAllocation } from './transfer.ts';

/** Everything that is decided about a function before its instructions are written down. */
export interface PlacedFunction {
  readonly function: MachineFunction;
  readonly allocation: Allocation;
  readonly transfers: TransferAllocation;
  /** First local-memory word of the function's spill frame. */
  spillBase: number;
  /** Number of the function's signal 0; signal 1 is for swaps. */
  signalBase: number;
}

const WINDOW_WORDS = 16;

/** Where the operands of a function lie: the registers and words of local memory that were decided on. */
export class OperandPlaces {
  private readonly placed: PlacedFunction;
  private readonly movingPointer: 1 | 3;

  constructor(placed: PlacedFunction, movingPointer: 1 | 3) {
    this.placed = placed;
    this.movingPointer = movingPointer;
  }

  resolve(operand: MachineOperand): Operand {
    switch (operand.kind) {
      case 'virtual': {
        const place = this.placed.allocation.places[operand.id];
        assert(place !== undefined, `virtual register ${operand.id} of ${this.placed.function.name} has no place`);
        return atPlace(place, this.placed.spillBase);
      }
      case 'transfer':
        return { kind: 'xfer', index: this.transferBase(operand.group) + operand.index };
      case 'local':
        return localWord(operand.word);
      case 'pointed':
        return { kind: 'local_memory', pointer: this.movingPointer, offset: 0, step: 0 };
      case 'immediate':
        return operand;
      case 'none':
        return { kind: 'none' };
    }
  }

  /** First transfer register of a group. */
  transferBase(group: number): number {
    const base = this.placed.transfers.bases[group];
    assert(base !== undefined, `transfer group ${group} of ${this.placed.function.name} has no place`);
    return base;
  }

  /** Whether anything reads or writes the virtual register. */
  has(id: number): boolean {
    return this.placed.allocation.places[id] !== undefined;
  }
}

/** @param spillBase first word of the spill frame of the place's function */
export function atPlace(place: Place, spillBase: number): GprOperand | LocalMemoryOperand {
  return place.kind === 'gpr' ? place : localWord(spillBase + place.word);
}

/** A word of the context's local memory that lies in the window of a fixed pointer. */
export function localWord(word: number): LocalMemoryOperand {
  const pointer = Math.floor(word / WINDOW_WORDS);
  assert(pointer <= 2, `local word ${word} is in no window`);
  return { kind: 'local_memory', pointer: pointer as 0 | 1 | 2, offset: word % WINDOW_WORDS, step: 0 };
}

export function asRegister(operand: Operand): RegisterOperand {
  assert(operand.kind !== 'none' && operand.kind !== 'immediate', 'a register is wanted');
  return operand;
}
