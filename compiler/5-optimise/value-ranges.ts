import { BitSet } from '../bit-set.ts';
import type { Block, IrFunction, Operand, Operation, Relation } from '../ir.ts';
import { blockMap, sourcesOf, successorsOf, targetsOf } from '../ir-walk.ts';
import { liveAfterBlocks } from './live-registers.ts';

/** The unsigned numbers that a register can hold at a place, both ends included. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

export const ANY: Range = { low: 0, high: 0xffffffff };
/**
 * Where a range still grows after so many visits of a block, it is taken to reach the next number that the function
 * compares with, where most loops end; and after the second so many, any number.
 */
const VISITS = 4;
const MORE_VISITS = 40;

/** Ranges by register; one that is absent can be any number. */
export type Ranges = Map<number, Range>;

export function rangeOf(operand: Operand, ranges: Ranges): Range {
  if (operand.kind === 'constant') return { low: operand.value, high: operand.value };
  return operand.kind === 'register' ? (ranges.get(operand.id) ?? ANY) : ANY;
}

/**
 * What is known at the start of each block, whatever path leads there: from constants, masks, shifts, fields and the
 * comparisons that branches made. Blocks that cannot be reached are absent.
 * @param asked registers whose ranges are wanted; of others, those are known that these or branches depend on
 */
export function valueRanges(function_: IrFunction, asked: Iterable<number>): Map<string, Ranges> {
  const blocks = blockMap(function_.blocks);
  const starts = new Map<string, Ranges>();
  const visits = new Map<string, number>();
  const limits = comparedNumbers(function_);
  const live = liveAfterBlocks(function_);
  const needed = neededFor(function_, asked);
  const followed = new Map(
    function_.blocks.map(({ name, operations }) => [
      name,
      operations.filter((operation) => targetsOf(operation).some(({ id }) => needed.has(id))),
    ]),
  );
  const first = function_.blocks[0]!.name;
  starts.set(first, new Map());
  const pending = [first];
  const queued = new Set(pending);
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    const block = blocks.get(name)!;
    const ranges: Ranges = new Map(starts.get(name));
    queued.delete(name);
    for (const operation of followed.get(name)!) follow(operation, ranges);
    for (const successor of successorsOf(block.end)) {
      const arriving = alongEdge(block, successor, ranges);
      if (arriving === undefined) continue;
      // Most registers are of one block; nobody asks for them later.
      for (const id of arriving.keys()) if (!live.get(name)!.has(id)) arriving.delete(id);
      const count = (visits.get(successor) ?? 0) + 1;
      visits.set(successor, count);
      const before = starts.get(successor);
      const joined =
        before === undefined
          ? arriving
          : join(before, arriving, count > MORE_VISITS ? [] : count > VISITS ? limits : undefined);
      if (before !== undefined && same(before, joined)) continue;
      starts.set(successor, joined);
      if (queued.has(successor)) continue;
      queued.add(successor);
      pending.push(successor);
    }
  }
  return starts;
}

/** Registers on which the ranges of those that are asked for depend, and which way branches go. */
function neededFor({ blocks, registers }: IrFunction, asked: Iterable<number>): BitSet {
  const definitions = new Map<number, Operation[]>();
  const needed = new BitSet(registers.length);
  const pending: number[] = [];
  const need = (id: number): void => {
    if (needed.has(id)) return;
    needed.add(id);
    pending.push(id);
  };
  const needOperand = (operand: Operand): void => {
    if (operand.kind === 'register') need(operand.id);
  };
  for (const { operations, end } of blocks) {
    for (const operation of operations) {
      for (const { id } of targetsOf(operation)) {
        const known = definitions.get(id);
        if (known === undefined) definitions.set(id, [operation]);
        else known.push(operation);
      }
    }
    if (end.op === 'branch') for (const operand of [end.left, end.right]) needOperand(operand);
  }
  for (const id of asked) need(id);
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    for (const operation of definitions.get(id) ?? []) sourcesOf(operation).forEach(needOperand);
  }
  return needed;
}

/** Numbers of comparisons and their neighbours, ascending. */
function comparedNumbers(function_: IrFunction): number[] {
  const numbers = new Set<number>();
  for (const { end } of function_.blocks) {
    if (end.op !== 'branch') continue;
    for (const operand of [end.left, end.right]) {
      if (operand.kind !== 'constant') continue;
      for (const near of [operand.value - 1, operand.value, operand.value + 1]) numbers.add(near);
    }
  }
  return [...numbers].filter((each) => each >= 0 && each <= ANY.high).sort((a, b) => a - b);
}

/** @param limits what a range that grows is taken to reach; absent: it grows as it does */
function join(one: Ranges, other: Ranges, limits: readonly number[] | undefined): Ranges {
  const joined: Ranges = new Map();
  for (const [id, a] of one) {
    const b = other.get(id);
    if (b === undefined) continue;
    const low = limits !== undefined && b.low < a.low ? 0 : Math.min(a.low, b.low);
    let high = Math.max(a.high, b.high);
    if (limits !== undefined && b.high > a.high) high = limits.find((each) => each >= b.high) ?? ANY.high;
    if (low > 0 || high < ANY.high) joined.set(id, { low, high });
  }
  return joined;
}

function same(one: Ranges, other: Ranges): boolean {
  if (one.size !== other.size) return false;
  for (const [id, { low, high }] of one) {
    const b = other.get(id);
    if (b === undefined || b.low !== low || b.high !== high) return false;
  }
  return true;
}

/** Changes `ranges` to what holds after the operation. */
export function follow(operation: Operation, ranges: Ranges): void {
  const result = resultOf(operation, ranges);
  for (const { id } of targetsOf(operation)) {
    if (result.low === 0 && result.high === ANY.high) ranges.delete(id);
    else ranges.set(id, result);
  }
}

function resultOf(operation: Operation, ranges: Ranges): Range {
  const [a = ANY, b = ANY] = sourcesOf(operation).map((operand) => rangeOf(operand, ranges));
  switch (operation.op) {
    case 'copy':
      return a;
    case 'compare':
      return { low: 0, high: 1 };
    case 'ffs':
      return { low: 0, high: 32 };
    case 'context_number':
      return { low: 0, high: 7 };
    case 'extract': {
      const mask = 2 ** operation.width - 1;
      if (operation.shift + operation.width === 32 || a.high < 2 ** (operation.shift + operation.width)) {
        return { low: a.low >>> operation.shift, high: a.high >>> operation.shift };
      }
      return { low: 0, high: mask };
    }
    case 'binary':
      return ofBinary(operation.operator, a, b);
    default:
      return ANY;
  }
}

function ofBinary(operator: Extract<Operation, { op: 'binary' }>['operator'], a: Range, b: Range): Range {
  switch (operator) {
    case 'add':
      return a.high + b.high > ANY.high ? ANY : { low: a.low + b.low, high: a.high + b.high };
    case 'sub':
      return a.low < b.high ? ANY : { low: a.low - b.high, high: a.high - b.low };
    case 'mul':
      return a.high * b.high > ANY.high ? ANY : { low: a.low * b.low, high: a.high * b.high };
    case 'and':
      return { low: 0, high: Math.min(a.high, b.high) };
    case 'or':
    case 'xor':
      return { low: 0, high: 2 ** Math.max(widthOf(a.high), widthOf(b.high)) - 1 };
    case 'shr':
      return b.low === b.high && b.low < 32
        ? { low: a.low >>> b.low, high: a.high >>> b.low }
        : { low: 0, high: a.high };
    case 'shl':
      if (b.low !== b.high || b.low >= 32 || a.high * 2 ** b.low > ANY.high) return ANY;
      return { low: a.low * 2 ** b.low, high: a.high * 2 ** b.low };
    default:
      return ANY;
  }
}

function widthOf(value: number): number {
  return 32 - Math.clz32(value);
}

const OPPOSITE: Readonly<Record<Relation, Relation>> = {
  eq: 'ne',
  ne: 'eq',
  ult: 'uge',
  uge: 'ult',
  ule: 'ugt',
  ugt: 'ule',
  slt: 'sge',
  sge: 'slt',
  sle: 'sgt',
  sgt: 'sle',
};
const MIRRORED: Readonly<Record<Relation, Relation>> = {
  eq: 'eq',
  ne: 'ne',
  ult: 'ugt',
  ugt: 'ult',
  ule: 'uge',
  uge: 'ule',
  slt: 'sgt',
  sgt: 'slt',
  sle: 'sge',
  sge: 'sle',
};

/** What holds when the block goes on there; undefined when it never does. */
function alongEdge({ end }: Block, successor: string, ranges: Ranges): Ranges | undefined {
  if (end.op !== 'branch' || end.taken === end.otherwise) return new Map(ranges);
  const relation = successor === end.taken ? end.relation : OPPOSITE[end.relation];
  const narrowed: Ranges = new Map(ranges);
  const [left, right] = [rangeOf(end.left, ranges), rangeOf(end.right, ranges)];
  const a = narrow(left, relation, right);
  const b = narrow(right, MIRRORED[relation], left);
  if (a.low > a.high || b.low > b.high) return undefined;
  if (end.left.kind === 'register') narrowed.set(end.left.id, a);
  if (end.right.kind === 'register') narrowed.set(end.right.id, b);
  return narrowed;
}

/** The part of `range` that has the relation to some number of `other`; empty (`low` above `high`) when none has. */
function narrow(range: Range, relation: Relation, other: Range): Range {
  const { low, high } = range;
  switch (relation) {
    case 'eq':
      return { low: Math.max(low, other.low), high: Math.min(high, other.high) };
    case 'ult':
      return { low, high: Math.min(high, other.high - 1) };
    case 'ule':
      return { low, high: Math.min(high, other.high) };
    case 'ugt':
      return { low: Math.max(low, other.low + 1), high };
    case 'uge':
      return { low: Math.max(low, other.low), high };
    case 'ne': {
      if (other.low !== other.high) return range;
      return { low: low === other.low ? low + 1 : low, high: high === other.low ? high - 1 : high };
    }
    case 'slt':
    case 'sle':
    case 'sgt':
    case 'sge':
      // Signed comparisons order like unsigned ones where neither side can be negative.
      if (high > 0x7fffffff || other.high > 0x7fffffff) return range;
      return narrow(range, relation.replace('s', 'u') as Relation, other);
  }
}
