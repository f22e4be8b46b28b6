import { assert } from '../../base/assert.ts';
import type { BitSet } from '../bit-set.ts';
import type { Block, CodePosition, Operand, Operation, Register, Terminator } from '../ir.ts';
import { endSources, isPure, sourcesOf, targetsOf } from '../ir-walk.ts';

/** Operations that two blocks have in common at their ends, so that one copy can serve both. */
export interface CommonTail {
  /** What stays in each block before the tail. */
  readonly firstHead: Operation[];
  readonly secondHead: Operation[];
  /** The tail in the registers of the first block, with the positions of both. */
  readonly operations: Operation[];
  readonly end: Terminator;
  /** Before the tail, the second block hands over values in the first block's registers. */
  readonly handOver: readonly { readonly to: Register; readonly from: Register }[];
}

/** What an operation may change or look at beside registers; order within a kind is kept, loads of one kind commute. */
function touches(operation: Operation): 'nothing' | 'reads' | 'writes' {
  if (isPure(operation)) return 'nothing';
  const { op } = operation;
  return op === 'local_load' || op === 'local_load_at' || op === 'transfer_get' ? 'reads' : 'writes';
}

/** Commands act with the rights of the code's owner, so they are only shared within a file (decision 5). */
export function mayBeShared(first: Operation, second: Operation): boolean {
  if (touches(first) === 'nothing') return true;
  switch (first.op) {
    case 'local_load':
    case 'local_store':
    case 'transfer_get':
    case 'transfer_set':
      return true;
    default:
      return first.position !== undefined && first.position.file === second.position?.file;
  }
}

const shapes = new WeakMap<Operation | Terminator, string>();

/** Everything of an operation but its registers and position: operations of different shape are never the same. */
export function shapeOf(operation: Operation | Terminator): string {
  let shape = shapes.get(operation);
  if (shape === undefined) {
    shape = writtenShape(operation);
    shapes.set(operation, shape);
  }
  return shape;
}

function writtenShape(operation: Operation | Terminator): string {
  return JSON.stringify(operation, (key, value) => {
    if (key === 'position') return undefined;
    if (typeof value === 'object' && value !== null && value.kind === 'register') return 'r';
    return value;
  });
}

interface Side {
  readonly operations: readonly Operation[];
  readonly shapes: readonly string[];
  readonly reads: readonly (readonly number[])[];
  readonly writes: readonly (readonly number[])[];
  readonly matched: boolean[];
  /** Indexes of operations that nothing unmatched behind them depends on. */
  ready(): number[];
}

interface Footprint {
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  readonly kind: ReturnType<typeof touches>;
}

const footprints = new WeakMap<Operation, Footprint>();

function footprintOf(operation: Operation): Footprint {
  let footprint = footprints.get(operation);
  if (footprint === undefined) {
    const writes = targetsOf(operation).map(({ id }) => id);
    footprint = { reads: registersOf(sourcesOf(operation)), writes, kind: touches(operation) };
    footprints.set(operation, footprint);
  }
  return footprint;
}

function sideOf(block: Block): Side {
  const { operations } = block;
  const all = operations.map(footprintOf);
  const reads = all.map((each) => each.reads);
  const writes = all.map((each) => each.writes);
  const kinds = all.map(({ kind }) => kind);
  const matched = operations.map(() => false);
  return {
    operations,
    shapes: operations.map(shapeOf),
    reads,
    writes,
    matched,
    ready() {
      const found: number[] = [];
      const read = new Set<number>();
      const written = new Set<number>();
      let behind: 'nothing' | 'reads' | 'writes' = 'nothing';
      for (let i = operations.length - 1; i >= 0; i--) {
        if (matched[i]) continue;
        const blocked =
          writes[i]!.some((id) => read.has(id) || written.has(id)) ||
          reads[i]!.some((id) => written.has(id)) ||
          (kinds[i] === 'writes' && behind !== 'nothing') ||
          (kinds[i] === 'reads' && behind === 'writes');
        if (!blocked) found.push(i);
        for (const id of reads[i]!) read.add(id);
        for (const id of writes[i]!) written.add(id);
        if (kinds[i] === 'writes' || behind === 'nothing') behind = kinds[i] === 'nothing' ? behind : kinds[i]!;
      }
      return found;
    },
  };
}

function registersOf(operands: readonly Operand[]): number[] {
  return operands.flatMap((operand) => (operand.kind === 'register' ? [operand.id] : []));
}

/** Registers of the first block by those of the second, one to one. What is live behind the tail must be the same in both. */
class Renaming {
  readonly toSecond = new Map<number, number>();
  readonly toFirst = new Map<number, number>();
  private readonly live: BitSet;

  constructor(live: BitSet) {
    this.live = live;
  }

  /** Pairs registers; all or none. */
  pair(firsts: readonly number[], seconds: readonly number[]): boolean {
    if (firsts.length !== seconds.length) return false;
    const added: [number, number][] = [];
    for (const [i, first] of firsts.entries()) {
      const second = seconds[i]!;
      const known = this.toSecond.get(first);
      const back = this.toFirst.get(second);
      if (known === second && back === first) continue;
      const apart = first !== second && (this.live.has(first) || this.live.has(second));
      if (known !== undefined || back !== undefined || apart) {
        for (const [one, other] of added) {
          this.toSecond.delete(one);
          this.toFirst.delete(other);
        }
        return false;
      }
      this.toSecond.set(first, second);
      this.toFirst.set(second, first);
      added.push([first, second]);
    }
    return true;
  }
}

/**
 * The longest tail that was found by taking equal operations off the ends of two blocks with equal terminators, over
 * operations that do not depend on one another in whatever order they stand. Undefined when the tail cannot be shared.
 * @param live registers that are needed behind both blocks
 */
export function commonTail(first: Block, second: Block, live: BitSet): CommonTail | undefined {
  if (shapeOf(first.end) !== shapeOf(second.end)) return undefined;
  const renaming = new Renaming(live);
  if (!renaming.pair(registersOf(endSources(first.end)), registersOf(endSources(second.end)))) return undefined;
  const one = sideOf(first);
  const other = sideOf(second);
  const order: [number, number][] = [];
  for (let pair = nextPair(one, other, renaming); pair !== undefined; pair = nextPair(one, other, renaming)) {
    one.matched[pair[0]] = true;
    other.matched[pair[1]] = true;
    order.unshift(pair);
  }
  const operations = order.map(([i, j]): Operation => withBoth(one.operations[i]!, other.operations[j]!));
  const handOver = handedOver(operations, first.end, renaming);
  if (handOver === undefined) return undefined;
  return {
    firstHead: one.operations.filter((_, i) => !one.matched[i]),
    secondHead: other.operations.filter((_, i) => !other.matched[i]),
    operations,
    end: withBoth(first.end, second.end),
    handOver,
  };
}

function nextPair(one: Side, other: Side, renaming: Renaming): [number, number] | undefined {
  const candidates = other.ready();
  for (const i of one.ready()) {
    for (const j of candidates) {
      if (one.shapes[i] !== other.shapes[j] || !mayBeShared(one.operations[i]!, other.operations[j]!)) continue;
      const firsts = [...one.writes[i]!, ...one.reads[i]!];
      if (renaming.pair(firsts, [...other.writes[j]!, ...other.reads[j]!])) return [i, j];
    }
  }
  return undefined;
}

/** Values that the tail reads before it writes them, where the two blocks have them in different registers. */
function handedOver(
  operations: readonly Operation[],
  end: Terminator,
  renaming: Renaming,
): CommonTail['handOver'] | undefined {
  const written = new Set<number>();
  const needed = new Set<number>();
  const read = (operands: readonly Operand[]): void => {
    for (const id of registersOf(operands)) if (!written.has(id)) needed.add(id);
  };
  for (const operation of operations) {
    read(sourcesOf(operation));
    for (const { id } of targetsOf(operation)) written.add(id);
  }
  read(endSources(end));
  const pairs: { to: Register; from: Register }[] = [];
  for (const id of needed) {
    const from = renaming.toSecond.get(id);
    assert(from !== undefined, `register ${id} of a common tail`);
    if (from !== id) pairs.push({ to: { kind: 'register', id }, from: { kind: 'register', id: from } });
  }
  // One after the other: nothing may be read that was written before.
  const targets = new Set(pairs.map(({ to }) => to.id));
  return pairs.some(({ from }) => targets.has(from.id)) ? undefined : pairs;
}

/** The first operation, which now stands for the second one as well. */
export function withBoth<T extends Operation | Terminator>(first: T, second: T): T {
  return { ...first, position: bothPositions(first.position, second.position) };
}

function bothPositions(first: CodePosition | undefined, second: CodePosition | undefined): CodePosition | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  const all = [first, ...(first.also ?? []), second, ...(second.also ?? [])];
  const also = all.filter(
    ({ file, line }, i) => i > 0 && all.findIndex((each) => each.file === file && each.line === line) === i,
  );
  const { file, line, column } = first;
  if (also.length === 0) return { file, line, column };
  return { file, line, column, also: also.map(({ file, line, column }) => ({ file, line, column })) };
}
