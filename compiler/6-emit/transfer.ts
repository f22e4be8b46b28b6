import type { Diagnostics } from '../diagnostics.ts';
import { BitSet } from './liveness.ts';
import type { MachineFunction, MachineInstruction } from './machine.ts';

/**
 * Places transfer groups onto the context's 32 transfer registers. The in and out sides of a number are different
 * registers, so each side has its own interference; a group takes the same numbers on both.
 *
 * A side of a group is occupied from where it may first have been written to where it is last needed. With a signal
 * instead of a swap the engine works on the registers until the signal comes, so the `ctx_arb` that waits for it counts
 * as a use. As with GPRs, callees come first and groups that live across a call avoid what the callee touches.
 */
export interface TransferAllocation {
  /** First register of each group; undefined for a group without use. */
  readonly bases: readonly (number | undefined)[];
  /** Registers that the function or its callees write, by side. */
  readonly clobbersIn: number;
  readonly clobbersOut: number;
}

export const TRANSFER_REGISTERS = 32;

interface Effect {
  /** Side indexes: 2 * group for in, 2 * group + 1 for out. */
  readonly uses: number[];
  readonly writes: number[];
  /** Writes that replace all of a side. */
  readonly replaces: number[];
}

export function allocateTransfers(
  function_: MachineFunction,
  callees: ReadonlyMap<string, TransferAllocation>,
  diagnostics: Diagnostics,
): TransferAllocation {
  const sides = function_.groups.length * 2;
  const waits = groupsBySignal(function_);
  const occupied = occupancy(function_, sides, waits);

  const conflicts: Set<number>[] = function_.groups.map(() => new Set());
  const forbiddenIn = function_.groups.map(() => 0);
  const forbiddenOut = function_.groups.map(() => 0);
  const used = function_.groups.map(() => false);
  const visit = (live: BitSet, instruction: MachineInstruction | undefined): void => {
    const ins: number[] = [];
    const outs: number[] = [];
    live.forEach((side) => {
      ((side & 1) === 0 ? ins : outs).push(side >> 1);
      used[side >> 1] = true;
    });
    for (const list of [ins, outs]) {
      for (const a of list) for (const b of list) if (a !== b) conflicts[a]!.add(b);
    }
    if (instruction?.code.kind !== 'call') return;
    const callee = callees.get(instruction.code.function);
    if (callee === undefined) return;
    for (const group of ins) forbiddenIn[group]! |= callee.clobbersIn;
    for (const group of outs) forbiddenOut[group]! |= callee.clobbersOut;
  };
  occupied(visit);

  const bases = new Array<number | undefined>(function_.groups.length);
  let clobbersIn = 0;
  let clobbersOut = 0;
  const order = function_.groups.map((_, id) => id).filter((id) => used[id]);
  order.sort((a, b) => function_.groups[b]! - function_.groups[a]! || a - b);
  for (const group of order) {
    const words = function_.groups[group]!;
    let taken = forbiddenIn[group]! | forbiddenOut[group]!;
    for (const other of conflicts[group]!) {
      const base = bases[other];
      if (base !== undefined) taken |= registerMask(base, function_.groups[other]!);
    }
    let base = 0;
    while (base + words <= TRANSFER_REGISTERS && (taken & registerMask(base, words)) !== 0) base++;
    if (base + words > TRANSFER_REGISTERS) {
      const position = positionOfGroup(function_, group) ?? { file: function_.owner, line: 1, column: 1 };
      diagnostics.error(
        'link-transfer-registers-exceeded',
        position,
        `${function_.name} needs more than ${TRANSFER_REGISTERS} transfer registers at once`,
      );
      base = 0;
    }
    bases[group] = base;
    clobbersIn |= registerMask(base, words);
    clobbersOut |= registerMask(base, words);
  }
  for (const callee of callees.values()) {
    clobbersIn |= callee.clobbersIn;
    clobbersOut |= callee.clobbersOut;
  }
  return { bases, clobbersIn, clobbersOut };
}

function registerMask(base: number, words: number): number {
  const mask = words === 32 ? 0xffffffff : 2 ** words - 1;
  return (mask << base) | 0;
}

function positionOfGroup(function_: MachineFunction, group: number) {
  for (const block of function_.blocks) {
    for (const { code, position } of block.instructions) {
      if (code.kind === 'command' && code.group === group && position !== undefined) return position;
    }
  }
  return undefined;
}

/** Sides that a signal's commands work on until it comes. */
function groupsBySignal(function_: MachineFunction): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const block of function_.blocks) {
    for (const { code } of block.instructions) {
      if (code.kind !== 'command' || code.completion === 'swap' || code.group === undefined) continue;
      const list = groups.get(code.completion) ?? [];
      if (code.receives) list.push(2 * code.group);
      if (code.sends) list.push(2 * code.group + 1);
      groups.set(code.completion, list);
    }
  }
  return groups;
}

function effectOf(
  function_: MachineFunction,
  instruction: MachineInstruction,
  waits: ReadonlyMap<number, number[]>,
): Effect {
  const uses: number[] = [];
  const writes: number[] = [];
  const replaces: number[] = [];
  const { code, destination } = instruction;
  for (const operand of [instruction.a, instruction.b]) {
    if (operand.kind === 'transfer') uses.push(2 * operand.group);
  }
  if (destination.kind === 'transfer') {
    writes.push(2 * destination.group + 1);
    if (function_.groups[destination.group] === 1) replaces.push(2 * destination.group + 1);
  }
  if (code.kind === 'command' && code.group !== undefined) {
    if (code.sends) uses.push(2 * code.group + 1);
    if (code.receives) {
      writes.push(2 * code.group);
      if (code.words >= function_.groups[code.group]! && !code.indirect) replaces.push(2 * code.group);
    }
  }
  if (code.kind === 'ctx_arb') for (const signal of code.signals) uses.push(...(waits.get(signal) ?? []));
  return { uses, writes, replaces };
}

/**
 * Calls back with the sides that are occupied after each instruction, and at each write with what is written.
 */
function occupancy(
  function_: MachineFunction,
  sides: number,
  waits: ReadonlyMap<number, number[]>,
): (visit: (live: BitSet, instruction: MachineInstruction | undefined) => void) => void {
  const index = new Map(function_.blocks.map((block, position) => [block.label, position]));
  const effects = function_.blocks.map((block) =>
    block.instructions.map((instruction) => effectOf(function_, instruction, waits)),
  );
  const liveIn = function_.blocks.map(() => new BitSet(sides));
  const liveOut = function_.blocks.map(() => new BitSet(sides));
  const writtenIn = function_.blocks.map(() => new BitSet(sides));
  for (let changed = true; changed; ) {
    changed = false;
    for (let position = function_.blocks.length - 1; position >= 0; position--) {
      for (const successor of function_.blocks[position]!.successors) {
        liveOut[position]!.union(liveIn[index.get(successor)!]!);
      }
      const live = liveOut[position]!.copy();
      for (const effect of effects[position]!.toReversed()) {
        for (const side of effect.replaces) live.delete(side);
        for (const side of effect.uses) live.add(side);
      }
      if (liveIn[position]!.union(live)) changed = true;
    }
  }
  for (let changed = true; changed; ) {
    changed = false;
    function_.blocks.forEach((block, position) => {
      const written = writtenIn[position]!.copy();
      for (const effect of effects[position]!) for (const side of effect.writes) written.add(side);
      for (const successor of block.successors) if (writtenIn[index.get(successor)!]!.union(written)) changed = true;
    });
  }
  return (visit) => {
    function_.blocks.forEach((block, position) => {
      // Live after each instruction, backwards; then forwards with what may have been written.
      const after: BitSet[] = [];
      const live = liveOut[position]!.copy();
      for (const effect of effects[position]!.toReversed()) {
        after.push(live.copy());
        for (const side of effect.replaces) live.delete(side);
        for (const side of effect.uses) live.add(side);
      }
      after.reverse();
      const written = writtenIn[position]!.copy();
      const both = (set: BitSet): BitSet => {
        const result = set.copy();
        result.words.forEach((word, i) => {
          result.words[i] = word & written.words[i]!;
        });
        return result;
      };
      visit(both(live), undefined);
      block.instructions.forEach((instruction, i) => {
        const effect = effects[position]![i]!;
        for (const side of effect.writes) written.add(side);
        const now = both(after[i]!);
        // What is written counts even when nothing reads it: the register changes all the same. What an operation
        // uses and what it writes are there together.
        for (const side of effect.writes) now.add(side);
        visit(now, instruction);
      });
    });
  };
}
