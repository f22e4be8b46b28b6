import { type FlowGraph, flowGraph, postorder } from '../flow-graph.ts';
import type { Block, IrFunction, IrModule, Operation } from '../ir.ts';
import { targetsOf } from '../ir-walk.ts';
import { type Holders, KnownResults } from './known-results.ts';

/**
 * An operation that computes again what a register still holds becomes a copy of it, on whatever path the block was
 * reached. Reads of transfer registers count within a block, while nothing can have changed the group: as operands of the
 * instructions near them they cost nothing.
 */
export function eliminateCommonSubexpressions(module: IrModule): boolean {
  let changed = false;
  for (const function_ of module.functions.values()) if (new Elimination(function_).run()) changed = true;
  return changed;
}

class Elimination {
  private readonly blocks: readonly Block[];
  private readonly graph: FlowGraph;
  /** Reachable blocks, those that lead to a block before it, as far as loops allow. */
  private readonly order: readonly number[];
  private readonly known: KnownResults;
  /** By block that is done: what holds behind it, as long as a successor waits for that. */
  private readonly atEnd: (Holders | undefined)[] = [];
  /** By block: whether it waits, is done, or is not reached. */
  private readonly state: ('waits' | 'done' | undefined)[] = [];

  constructor({ blocks, registers }: IrFunction) {
    this.blocks = blocks;
    this.graph = flowGraph(blocks);
    this.order = postorder(this.graph).reverse();
    const operations = this.order.reduce((sum, place) => sum + blocks[place]!.operations.length, 0);
    this.known = new KnownResults(operations, registers.length);
    for (const place of this.order) this.state[place] = 'waits';
  }

  run(): boolean {
    let changed = false;
    for (const place of this.order) {
      this.known.enter(this.atStart(place));
      if (eliminateInBlock(this.blocks[place]!, this.known)) changed = true;
      this.atEnd[place] = this.known.leave();
      this.state[place] = 'done';
      for (const each of [place, ...this.graph.predecessors[place]!]) this.releaseUnless(each);
    }
    return changed;
  }

  /** Gives back what holds behind a block when no successor waits for it. */
  private releaseUnless(place: number): void {
    const holders = this.atEnd[place];
    if (holders === undefined || this.graph.successors[place]!.some((each) => this.state[each] === 'waits')) return;
    this.known.release(holders);
    this.atEnd[place] = undefined;
  }

  /** What holds on every path to a block: of loops that it is the head of, what nothing in them writes. */
  private atStart(place: number): Holders {
    const own = place === this.order[0] ? [] : this.graph.predecessors[place]!;
    const done = own.filter((each) => this.state[each] === 'done');
    const [first, ...others] = done.map((each) => this.atEnd[each]!);
    if (first === undefined) return this.known.nothing();
    const holders = this.known.copy(first);
    for (const other of others) this.known.keep(holders, other);
    const pending = own.filter((each) => this.state[each] === 'waits');
    if (pending.length === 0) return holders;
    const loop = new Set([place]);
    for (let inside = pending.pop(); inside !== undefined; inside = pending.pop()) {
      if (loop.has(inside)) continue;
      // A way into the loop that does not lead through its head.
      if (this.state[inside] === 'done') {
        this.known.release(holders);
        return this.known.nothing();
      }
      loop.add(inside);
      pending.push(...this.graph.predecessors[inside]!.filter((each) => this.state[each] !== undefined));
    }
    for (const inside of loop) {
      for (const operation of this.blocks[inside]!.operations) {
        for (const { id } of targetsOf(operation)) this.known.forgetIn(holders, id);
      }
    }
    return holders;
  }
}

/** @param known what holds before the block; afterwards, what holds behind it */
function eliminateInBlock(block: Block, known: KnownResults): boolean {
  let changed = false;
  const { operations } = block;
  for (const [index, operation] of operations.entries()) {
    if (operation.op === 'copy') {
      const { target, source } = operation;
      const original = known.original(source);
      known.forget(target.id);
      if (original.kind === 'register' && original.id !== target.id) known.addCopy(target.id, original);
      continue;
    }
    const key = known.keyOf(operation);
    const holder = key === undefined ? undefined : known.holderOf(key);
    for (const { id } of targetsOf(operation)) known.forget(id);
    if (changesTransfers(operation)) known.forgetTransfers();
    if (!('target' in operation)) continue;
    const { target, position } = operation;
    if (holder !== undefined) {
      operations[index] = { op: 'copy', target, source: holder, position };
      changed = true;
      if (holder.id !== target.id) known.addCopy(target.id, holder);
    } else if (key !== undefined && !known.reads(key, target.id)) known.add(key, target.id);
  }
  return changed;
}

function changesTransfers({ op }: Operation): boolean {
  return op === 'memory' || op === 'receive' || op === 'wait' || op === 'signal_test';
}
