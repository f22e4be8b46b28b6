import type { SourcePosition } from '../../base/errors.ts';
import { BitSet } from '../bit-set.ts';
import type { MachineFunction, MachineInstruction } from './machine.ts';

/**
 * Places transfer groups onto the context's 32 transfer registers. The in and out sides of a number are different
 * registers, so each side has its own interference; a group takes the same numbers on both. Interference is by word, so
 * that a large group of which a command fills a part takes no more than that.
 *
 * A word of a side is occupied from where it may first have been written to where it is last needed. With a signal
 * instead of a swap the engine works on the registers until the signal comes, so the `ctx_arb` that waits for it counts
 * as a use. As with GPRs, callees come first and words that live across a call avoid what the callee touches.
 */
export interface TransferAllocation {
  /** First register of each group; undefined for a group without use. */
  readonly bases: readonly (number | undefined)[];
  /** Registers that the function or its callees may write, on either side. */
  readonly clobbers: number;
  /** A group that found no room, with where it is used. */
  readonly excess: { readonly position: SourcePosition | undefined } | undefined;
}

export const TRANSFER_REGISTERS = 32;

/** What an instruction does to words of sides, by their numbers (see `Words`). */
interface Effect {
  readonly uses: readonly number[];
  readonly writes: readonly number[];
  /** Of `writes`, those that surely happen, so that the old value is gone. */
  readonly replaces: readonly number[];
}

/** Numbers every word of every group on both sides. */
class Words {
  readonly count: number;
  private readonly starts: number[] = [];
  private readonly half: number;
  private readonly groupOf: number[] = [];

  constructor(groups: readonly number[]) {
    let next = 0;
    groups.forEach((words, group) => {
      this.starts.push(next);
      for (let i = 0; i < words; i++) this.groupOf.push(group);
      next += words;
    });
    this.half = next;
    this.count = 2 * next;
  }

  word(group: number, index: number, side: 'in' | 'out'): number {
    return this.starts[group]! + index + (side === 'in' ? 0 : this.half);
  }

  group(word: number): number {
    return this.groupOf[word % this.half]!;
  }

  index(word: number): number {
    return (word % this.half) - this.starts[this.group(word)]!;
  }

  sameSide(a: number, b: number): boolean {
    return a < this.half === b < this.half;
  }
}

export function allocateTransfers(
  function_: MachineFunction,
  callees: ReadonlyMap<string, TransferAllocation>,
): TransferAllocation {
  const words = new Words(function_.groups);
  const conflicts: Set<number>[] = Array.from({ length: words.count }, () => new Set<number>());
  const forbidden = new Int32Array(words.count);
  const used = function_.groups.map(() => false);
  walkOccupied(function_, words, (occupied, effect, instruction) => {
    for (const word of effect.writes) {
      used[words.group(word)] = true;
      const connect = (other: number): void => {
        if (!words.sameSide(word, other) || words.group(word) === words.group(other)) return;
        conflicts[word]!.add(other);
        conflicts[other]!.add(word);
      };
      occupied.forEach(connect);
      for (const other of effect.writes) connect(other);
    }
    for (const word of effect.uses) used[words.group(word)] = true;
    if (instruction.code.kind !== 'call') return;
    const callee = callees.get(instruction.code.function);
    if (callee === undefined) return;
    occupied.forEach((word) => {
      forbidden[word]! |= callee.clobbers;
    });
  });

  const bases = new Array<number | undefined>(function_.groups.length);
  let clobbers = 0;
  let excess: TransferAllocation['excess'];
  const order = function_.groups.map((_, id) => id).filter((id) => used[id]);
  order.sort((a, b) => function_.groups[b]! - function_.groups[a]! || a - b);
  const fits = (group: number, base: number): boolean => {
    for (const side of ['in', 'out'] as const) {
      for (let index = 0; index < function_.groups[group]!; index++) {
        const word = words.word(group, index, side);
        const register = base + index;
        if (((forbidden[word]! >>> register) & 1) === 1) return false;
        for (const other of conflicts[word]!) {
          const otherBase = bases[words.group(other)];
          if (otherBase !== undefined && otherBase + words.index(other) === register) return false;
        }
      }
    }
    return true;
  };
  for (const group of order) {
    const size = function_.groups[group]!;
    let base = 0;
    while (base + size <= TRANSFER_REGISTERS && !fits(group, base)) base++;
    if (base + size > TRANSFER_REGISTERS) {
      excess ??= { position: positionOfGroup(function_, group) };
      base = 0;
    }
    bases[group] = base;
    for (let index = 0; index < size; index++) clobbers |= 1 << (base + index);
  }
  for (const callee of callees.values()) clobbers |= callee.clobbers;
  return { bases, clobbers, excess };
}

function positionOfGroup(function_: MachineFunction, group: number): SourcePosition | undefined {
  for (const block of function_.blocks) {
    for (const { code, position } of block.instructions) {
      if (code.kind === 'command' && code.group === group && position !== undefined) return position;
    }
  }
  return undefined;
}

/** Words that a signal's commands work on until it comes. */
function wordsBySignal(function_: MachineFunction, words: Words): Map<number, number[]> {
  const bySignal = new Map<number, number[]>();
  for (const block of function_.blocks) {
    for (const { code } of block.instructions) {
      if (code.kind !== 'command' || typeof code.completion !== 'number' || code.group === undefined) continue;
      const list = bySignal.get(code.completion) ?? [];
      for (let i = 0; i < code.words; i++) {
        if (code.receives) list.push(words.word(code.group, code.first + i, 'in'));
        if (code.sends) list.push(words.word(code.group, code.first + i, 'out'));
      }
      bySignal.set(code.completion, list);
    }
  }
  return bySignal;
}

function effectOf(
  instruction: MachineInstruction,
  words: Words,
  bySignal: ReadonlyMap<number, readonly number[]>,
): Effect {
  const uses: number[] = [];
  const writes: number[] = [];
  const replaces: number[] = [];
  const { code, destination } = instruction;
  const operands = [instruction.a, instruction.b, ...(code.kind === 'call' ? code.arguments : [])];
  for (const operand of operands) {
    if (operand.kind === 'transfer') uses.push(words.word(operand.group, operand.index, 'in'));
  }
  if (destination.kind === 'transfer') {
    const word = words.word(destination.group, destination.index, 'out');
    writes.push(word);
    replaces.push(word);
  }
  if (code.kind === 'command' && code.group !== undefined) {
    for (let i = 0; i < code.words; i++) {
      if (code.sends) uses.push(words.word(code.group, code.first + i, 'out'));
      if (!code.receives) continue;
      const word = words.word(code.group, code.first + i, 'in');
      writes.push(word);
      if (code.exact) replaces.push(word);
    }
  }
  const signals = code.kind === 'ctx_arb' ? code.signals : code.kind === 'br_signal' ? [code.signal] : [];
  for (const signal of signals) uses.push(...(bySignal.get(signal) ?? []));
  return { uses, writes, replaces };
}

/** Calls back for every instruction that touches transfer registers, and every call, with what is occupied after it. */
function walkOccupied(
  function_: MachineFunction,
  words: Words,
  visit: (occupied: BitSet, effect: Effect, instruction: MachineInstruction) => void,
): void {
  const index = new Map(function_.blocks.map((block, position) => [block.label, position]));
  const bySignal = wordsBySignal(function_, words);
  const steps = function_.blocks.map((block) =>
    block.instructions
      .map((instruction) => ({ instruction, effect: effectOf(instruction, words, bySignal) }))
      .filter(({ instruction, effect }) => {
        return effect.uses.length + effect.writes.length > 0 || instruction.code.kind === 'call';
      }),
  );
  const back = (live: BitSet, effect: Effect): void => {
    for (const word of effect.replaces) live.delete(word);
    for (const word of effect.uses) live.add(word);
  };
  const liveIn = function_.blocks.map(() => new BitSet(words.count));
  const liveOut = function_.blocks.map(() => new BitSet(words.count));
  for (let changed = true; changed; ) {
    changed = false;
    for (let position = function_.blocks.length - 1; position >= 0; position--) {
      for (const successor of function_.blocks[position]!.successors) {
        liveOut[position]!.union(liveIn[index.get(successor)!]!);
      }
      const live = liveOut[position]!.copy();
      for (const { effect } of steps[position]!.toReversed()) back(live, effect);
      if (liveIn[position]!.union(live)) changed = true;
    }
  }
  const writtenIn = function_.blocks.map(() => new BitSet(words.count));
  for (let changed = true; changed; ) {
    changed = false;
    function_.blocks.forEach((block, position) => {
      const written = writtenIn[position]!.copy();
      for (const { effect } of steps[position]!) for (const word of effect.writes) written.add(word);
      for (const successor of block.successors) if (writtenIn[index.get(successor)!]!.union(written)) changed = true;
    });
  }
  function_.blocks.forEach((_, position) => {
    const after: BitSet[] = [];
    const live = liveOut[position]!.copy();
    for (const { effect } of steps[position]!.toReversed()) {
      after.push(live.copy());
      back(live, effect);
    }
    after.reverse();
    const written = writtenIn[position]!.copy();
    steps[position]!.forEach(({ instruction, effect }, step) => {
      for (const word of effect.writes) written.add(word);
      const occupied = after[step]!;
      occupied.intersect(written);
      visit(occupied, effect, instruction);
    });
  });
}
