import { blockWeights } from '../6-emit/block-weights.ts';
import type { BitSet } from '../bit-set.ts';
import type { Block, IrFunction, IrModule, Operation } from '../ir.ts';
import { successorsOf } from '../ir-walk.ts';
import { liveAfterBlocks } from './live-registers.ts';
import { type CommonTail, commonTail, shapeOf, withBoth } from './match-tails.ts';

/** Instructions that sharing must save at least; a jump costs one, and up to three cycles. */
const WORTHWHILE = 3;
/** Of the blocks with the same successors, each is compared with so many that have most operations in common with it. */
const CANDIDATES = 12;
/** Blocks that run this often for one packet are left alone: the loop over all packets counts 8, one in it 64. */
const INNER_LOOP_WEIGHT = 64;

/**
 * The paper's lambda coalescing (section 5.1): logic that several lambdas of an image have is kept once. Lambdas are one
 * function here, and go on with the same code when they are done (reply, routes, sending). So duplicates are found from
 * there backwards: equal ends of blocks with equal successors become one block, then the blocks before them may be equal,
 * and so on. Registers are renamed and independent operations reordered where that makes ends equal. Functions that are
 * the same are merged as well.
 */
export function coalesceLambdas(module: IrModule): boolean {
  let changed = mergeFunctions(module);
  for (const function_ of module.functions.values()) {
    const settled = new Map<string, string>();
    while (mergeTails(function_, settled)) changed = true;
  }
  return changed;
}

/**
 * Merges within each group of blocks with the same end.
 * @param settled groups in which nothing was found, by their end, as they were then: only what changes is looked at again
 */
function mergeTails(function_: IrFunction, settled: Map<string, string>): boolean {
  const live = liveAfterBlocks(function_);
  const weights = blockWeights(function_);
  const groups = new Map<string, Block[]>();
  for (const block of function_.blocks) {
    if (weights.get(block.name)! >= INNER_LOOP_WEIGHT) continue;
    const key = shapeOf(block.end);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [block]);
    else group.push(block);
  }
  let merged = false;
  for (const [key, group] of groups) {
    if (group.length < 2) continue;
    const state = group.map(({ name, operations }) => `${name} ${operations.length}`).join();
    if (settled.get(key) === state) continue;
    const compared = new Comparisons();
    const left = new Set(group);
    for (let best = bestOf(left, live, compared); best !== undefined; best = bestOf(left, live, compared)) {
      left.delete(best.first);
      left.delete(best.second);
      compared.forget(best.first);
      compared.forget(best.second);
      left.add(share(function_, best.first, best.second, best.tail));
      merged = true;
    }
    if (left.size === group.length) settled.set(key, state);
  }
  return merged;
}

interface Merge {
  readonly first: Block;
  readonly second: Block;
  readonly tail: CommonTail;
}

/** What comparing blocks of a group gave, as long as they stay as they are. */
class Comparisons {
  private readonly shapes = new Map<Block, ReadonlySet<string>>();
  private readonly counts = new Map<Block, Map<Block, number>>();
  private readonly tails = new Map<Block, Map<Block, CommonTail | undefined>>();

  /** How many shapes of operations two blocks have in common. */
  commonCount(first: Block, second: Block): number {
    const known = ofBlock(this.counts, first);
    let count = known.get(second);
    if (count === undefined) {
      count = commonCount(this.shapesOf(first), this.shapesOf(second));
      known.set(second, count);
    }
    return count;
  }

  /** @param needed registers whose values are needed behind both */
  commonTail(first: Block, second: Block, needed: BitSet): CommonTail | undefined {
    const known = ofBlock(this.tails, first);
    if (!known.has(second)) known.set(second, commonTail(first, second, needed));
    return known.get(second);
  }

  forget(block: Block): void {
    this.shapes.delete(block);
    for (const known of [this.counts, this.tails]) {
      known.delete(block);
      for (const others of known.values()) others.delete(block);
    }
  }

  private shapesOf(block: Block): ReadonlySet<string> {
    let shapes = this.shapes.get(block);
    if (shapes === undefined) {
      shapes = new Set(block.operations.map(shapeOf));
      this.shapes.set(block, shapes);
    }
    return shapes;
  }
}

function ofBlock<T>(known: Map<Block, Map<Block, T>>, block: Block): Map<Block, T> {
  let own = known.get(block);
  if (own === undefined) {
    own = new Map();
    known.set(block, own);
  }
  return own;
}

function bestOf(
  blocks: ReadonlySet<Block>,
  live: ReadonlyMap<string, BitSet>,
  compared: Comparisons,
): Merge | undefined {
  const group = [...blocks];
  // All of them have the same successors.
  const needed = live.get(group.find(({ name }) => live.has(name))?.name ?? '');
  let best: Merge | undefined;
  let most = WORTHWHILE - 1;
  for (const [i, first] of group.entries()) {
    const others = group
      .slice(i + 1)
      .map((second) => ({ second, common: compared.commonCount(first, second) }))
      .filter(({ second, common }) => common > 0 || bothEmpty(first, second))
      .sort((a, b) => b.common - a.common)
      .slice(0, CANDIDATES);
    for (const { second } of others) {
      const tail = needed && compared.commonTail(first, second, needed);
      const saved = tail === undefined ? 0 : savedBy(tail);
      if (tail === undefined || saved <= most) continue;
      most = saved;
      best = { first, second, tail };
    }
  }
  return best;
}

function bothEmpty(first: Block, second: Block): boolean {
  return first.operations.length === 0 && second.operations.length === 0;
}

function commonCount(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  let count = 0;
  for (const shape of one) if (other.has(shape)) count++;
  return count;
}

/** Instructions, roughly: one an operation; a conditional end takes two. The second block needs a jump if it stays. */
function savedBy({ operations, handOver, end, secondHead }: CommonTail): number {
  const conditional = successorsOf(end).length > 1 ? 2 : 0;
  const stays = secondHead.length + handOver.length > 0;
  if (!stays) return operations.length + conditional + WORTHWHILE;
  return operations.length - handOver.length + conditional - (conditional > 0 ? 1 : 0);
}

/** The tail goes into the first block's place; both blocks go on with it. Gives the block that is the tail. */
function share(function_: IrFunction, first: Block, second: Block, tail: CommonTail): Block {
  const position = tail.end.position;
  const copies = tail.handOver.map(({ to, from }): Operation => ({ op: 'copy', target: to, source: from, position }));
  if (tail.firstHead.length === 0) {
    // The first block is the tail.
    replace(first.operations, tail.operations);
    first.end = tail.end;
    replace(second.operations, [...tail.secondHead, ...copies]);
    second.end = { op: 'jump', to: first.name, position: second.end.position };
    return first;
  }
  const shared: Block = { name: uniqueName(function_, first.name), operations: tail.operations, end: tail.end };
  function_.blocks.splice(function_.blocks.indexOf(first) + 1, 0, shared);
  for (const [block, head] of [
    [first, tail.firstHead],
    [second, [...tail.secondHead, ...copies]],
  ] as const) {
    replace(block.operations, head);
    block.end = { op: 'jump', to: shared.name, position: block.end.position };
  }
  return shared;
}

function replace(list: Operation[], operations: readonly Operation[]): void {
  const next = [...operations];
  list.length = 0;
  for (const operation of next) list.push(operation);
}

function uniqueName(function_: IrFunction, base: string): string {
  const names = new Set(function_.blocks.map((block) => block.name));
  const stem = base.replace(/\+\d+$/, '');
  for (let number = 1; ; number++) if (!names.has(`${stem}+${number}`)) return `${stem}+${number}`;
}

/** Functions with the same text are one; calls of the others go to it. */
function mergeFunctions(module: IrModule): boolean {
  const kept = new Map<string, string>();
  const replaced = new Map<string, string>();
  for (const [name, function_] of module.functions) {
    if (name === module.entry) continue;
    const text = textOf(function_);
    const same = kept.get(text);
    if (same === undefined) kept.set(text, name);
    else {
      replaced.set(name, same);
      standForBoth(module.functions.get(same)!, function_);
    }
  }
  if (replaced.size === 0) return false;
  for (const function_ of module.functions.values()) {
    for (const block of function_.blocks) {
      block.operations.forEach((operation, index) => {
        const to = operation.op === 'call' ? replaced.get(operation.function) : undefined;
        if (operation.op === 'call' && to !== undefined) block.operations[index] = { ...operation, function: to };
      });
    }
  }
  for (const name of replaced.keys()) module.functions.delete(name);
  return true;
}

/** The first function's code comes from the second one's places, too. */
function standForBoth(first: IrFunction, second: IrFunction): void {
  for (const [i, block] of first.blocks.entries()) {
    const other = second.blocks[i]!;
    for (const [k, operation] of block.operations.entries()) {
      block.operations[k] = withBoth(operation, other.operations[k]!);
    }
    block.end = withBoth(block.end, other.end);
  }
}

/** The whole function but for names; the file of commands counts, since commands act with the rights of their owner. */
function textOf({ owner, parameters, resultCount, blocks, locals, groups, inline }: IrFunction): string {
  const numbers = new Map(blocks.map((block, number) => [block.name, number]));
  const text = (operation: object): string =>
    JSON.stringify(operation, (key, value) => {
      if (key === 'position') return undefined;
      if (key === 'to' || key === 'taken' || key === 'otherwise') return numbers.get(value);
      return value;
    });
  const body = blocks.map(({ operations, end }) => [...operations.map(text), text(end)]);
  const files = blocks.flatMap(({ operations }) =>
    operations.flatMap((each) => (isCommand(each) ? [each.position?.file ?? ''] : [])),
  );
  const words = [locals.map((each) => each.words), groups.map((each) => each.words)];
  const commander = files.length > 0 ? owner : '';
  return JSON.stringify([commander, parameters, resultCount, body, files, words, inline]);
}

function isCommand({ op }: Operation): boolean {
  return op === 'memory' || op === 'send' || op === 'receive' || op === 'csr_write' || op === 'csr_read';
}
