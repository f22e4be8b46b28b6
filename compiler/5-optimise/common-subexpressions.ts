import type { Block, IrFunction, IrModule, Operand, Operation, Register } from '../ir.ts';
import { blockMap, mapSources, sourcesOf, successorsOf, targetsOf } from '../ir-walk.ts';

/**
 * An operation that computes again what a register still holds becomes a copy of it, on whatever path the block was
 * reached. Reads of transfer registers count within a block, while nothing can have changed the group: as operands of the
 * instructions near them they cost nothing.
 */
export function eliminateCommonSubexpressions(module: IrModule): boolean {
  let changed = false;
  for (const function_ of module.functions.values()) if (eliminateInFunction(function_)) changed = true;
  return changed;
}

function eliminateInFunction(function_: IrFunction): boolean {
  const blocks = blockMap(function_.blocks);
  const order = reversePostorder(function_);
  const predecessors = new Map<string, string[]>(order.map((name) => [name, []]));
  for (const name of order) {
    for (const successor of successorsOf(blocks.get(name)!.end)) predecessors.get(successor)!.push(name);
  }
  const atEnd = new Map<string, Known>();
  let changed = false;
  for (const name of order) {
    const before = name === order[0] ? new Known() : knownAtStart(name, predecessors, blocks, atEnd);
    if (eliminateInBlock(blocks.get(name)!, before)) changed = true;
    before.forgetTransfers();
    atEnd.set(name, before);
  }
  return changed;
}

/** What holds on every path to a block: of loops that it is the head of, what nothing in them writes. */
function knownAtStart(
  name: string,
  predecessors: ReadonlyMap<string, readonly string[]>,
  blocks: ReadonlyMap<string, Block>,
  atEnd: ReadonlyMap<string, Known>,
): Known {
  const own = predecessors.get(name)!;
  const [first, ...others] = own.flatMap((each) => atEnd.get(each) ?? []);
  if (first === undefined) return new Known();
  const known = first.copy();
  for (const other of others) known.keep(other);
  const pending = own.filter((each) => !atEnd.has(each));
  if (pending.length === 0) return known;
  const loop = new Set([name]);
  for (let inside = pending.pop(); inside !== undefined; inside = pending.pop()) {
    if (loop.has(inside)) continue;
    // A way into the loop that does not lead through its head.
    if (atEnd.has(inside)) return new Known();
    loop.add(inside);
    pending.push(...predecessors.get(inside)!);
  }
  for (const inside of loop) {
    for (const operation of blocks.get(inside)!.operations) for (const { id } of targetsOf(operation)) known.forget(id);
  }
  return known;
}

function reversePostorder(function_: IrFunction): string[] {
  const blocks = blockMap(function_.blocks);
  const done: string[] = [];
  const first = function_.blocks[0]!.name;
  const seen = new Set([first]);
  const stack = [{ name: first, next: 0 }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const successor = successorsOf(blocks.get(top.name)!.end)[top.next++];
    if (successor === undefined) {
      done.push(top.name);
      stack.pop();
    } else if (!seen.has(successor)) {
      seen.add(successor);
      stack.push({ name: successor, next: 0 });
    }
  }
  return done.reverse();
}

/** Which register holds the result of which operation, and the value of which other register. */
class Known {
  private readonly holders = new Map<string, Register>();
  /** Keys whose operation reads the register, or whose result it holds. */
  private readonly keysOf = new Map<number, string[]>();
  private transferKeys: string[] = [];

  holderOf(key: string): Register | undefined {
    return this.holders.get(key);
  }

  /** The operand, or the register that it was copied from. */
  original(operand: Operand): Operand {
    return this.holders.get(operandKey(operand)) ?? operand;
  }

  add(key: string, holder: Register, sources: readonly Operand[]): void {
    this.holders.set(key, holder);
    this.mention(holder.id, key);
    for (const source of sources) if (source.kind === 'register') this.mention(source.id, key);
    if (key.startsWith(TRANSFER)) this.transferKeys.push(key);
  }

  /** The register gets another value. */
  forget(id: number): void {
    for (const gone of this.keysOf.get(id) ?? []) this.holders.delete(gone);
    this.keysOf.delete(id);
  }

  forgetTransfers(): void {
    for (const gone of this.transferKeys) this.holders.delete(gone);
    this.transferKeys = [];
  }

  /** Only what is known in `other` as well. */
  keep(other: Known): void {
    for (const [key, { id }] of this.holders) if (other.holders.get(key)?.id !== id) this.holders.delete(key);
  }

  copy(): Known {
    const copy = new Known();
    for (const [key, holder] of this.holders) copy.holders.set(key, holder);
    for (const [id, keys] of this.keysOf) copy.keysOf.set(id, [...keys]);
    return copy;
  }

  private mention(id: number, key: string): void {
    const keys = this.keysOf.get(id);
    if (keys === undefined) this.keysOf.set(id, [key]);
    else keys.push(key);
  }
}

/** @param known what holds before the block; afterwards, what holds behind it */
function eliminateInBlock(block: Block, known: Known): boolean {
  let changed = false;
  block.operations.forEach((operation, index) => {
    const seen = mapSources(operation, (source) => known.original(source));
    const key = keyOf(seen);
    const holder = key === undefined ? undefined : known.holderOf(key);
    let next = operation;
    if (holder !== undefined && 'target' in operation) {
      next = { op: 'copy', target: operation.target, source: holder, position: operation.position };
      block.operations[index] = next;
      changed = true;
    }
    for (const target of targetsOf(next)) known.forget(target.id);
    if (CHANGES_TRANSFERS.has(next.op)) known.forgetTransfers();
    if (!('target' in next)) return;
    const { target } = next;
    if (next.op === 'copy') {
      const source = holder ?? (seen.op === 'copy' ? seen.source : next.source);
      if (source.kind === 'register' && source.id !== target.id) known.add(operandKey(target), source, [target]);
      return;
    }
    const sources = sourcesOf(seen);
    if (key === undefined || sources.some((source) => source.kind === 'register' && source.id === target.id)) return;
    known.add(key, target, sources);
  });
  return changed;
}

/** How keys of reads of transfer registers begin. */
const TRANSFER = 'transfer';

const CHANGES_TRANSFERS: ReadonlySet<Operation['op']> = new Set(['memory', 'receive', 'wait', 'signal_test']);

/** Equal for operations that compute the same; undefined for what is not shared. */
function keyOf(operation: Operation): string | undefined {
  switch (operation.op) {
    case 'not':
    case 'ffs':
      return `${operation.op} ${operandKey(operation.source)}`;
    case 'binary':
    case 'divide':
      return `${operation.operator} ${operandKey(operation.left)} ${operandKey(operation.right)}`;
    case 'compare':
      return `${operation.relation} ${operandKey(operation.left)} ${operandKey(operation.right)}`;
    case 'funnel':
      return `funnel ${operandKey(operation.high)} ${operandKey(operation.low)} ${operandKey(operation.amount)}`;
    case 'extract':
      return `extract ${operandKey(operation.source)} ${operation.shift} ${operation.width}`;
    case 'insert':
      return `insert ${operandKey(operation.base)} ${operandKey(operation.source)} ${operation.shift} ${operation.width}`;
    case 'local_address':
      return `local ${operation.local} ${operandKey(operation.index)}`;
    case 'transfer_get':
      return `${TRANSFER} ${operation.group} ${operandKey(operation.index)}`;
    case 'context_number':
      return operation.op;
    default:
      return undefined;
  }
}

function operandKey(operand: Operand): string {
  if (operand.kind === 'register') return `r${operand.id}`;
  return operand.kind === 'constant' ? String(operand.value) : `${operand.part}${operand.offset} ${operand.object}`;
}
