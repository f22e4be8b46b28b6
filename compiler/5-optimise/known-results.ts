import type { Operand, Operation, Register } from '../ir.ts';

/** By the number of what is computed: the register that holds it and 1, or 0. */
export type Holders = Int32Array;

/** What keys of reads of transfer registers begin with. */
const TRANSFER = 'transfer';

/**
 * Which registers hold the result of which operation, or the value of which other register, at one place of a function
 * at a time. What is computed has a number, so that what holds at a place is one array, which blocks copy and compare.
 */
export class KnownResults {
  private readonly numbers = new Map<string, number>();
  /** By register: the number of "what this register was copied from". */
  private readonly copies: Int32Array;
  /** By register: what is computed from it. */
  private readonly readers: (number[] | undefined)[] = [];
  /** By register: what it has held somewhere. */
  private readonly held: (number[] | undefined)[] = [];
  /** By number: the registers that it is computed from. */
  private readonly sources: (readonly number[])[] = [];
  private readonly isTransfer: boolean[] = [];
  private readonly capacity: number;
  private readonly free: Holders[] = [];
  private holders: Holders = new Int32Array(0);
  /** Reads of transfer registers that are held here. */
  private transfers: number[] = [];
  /** Registers of the key that is being made. */
  private read: number[] = [];

  /** @param capacity how many operations there are: none computes more than one thing */
  constructor(capacity: number, registers: number) {
    this.capacity = capacity;
    this.copies = new Int32Array(registers).fill(-1);
  }

  // ---- what holds at the edges of blocks

  nothing(): Holders {
    return this.free.pop()?.fill(0) ?? new Int32Array(this.capacity);
  }

  copy(other: Holders): Holders {
    const copy = this.free.pop() ?? new Int32Array(this.capacity);
    copy.set(other);
    return copy;
  }

  /** Leaves in `holders` what is in `other` as well. */
  keep(holders: Holders, other: Holders): void {
    const count = this.sources.length;
    for (let number = 0; number < count; number++) if (holders[number] !== other[number]) holders[number] = 0;
  }

  /** The array may be used for another place. */
  release(holders: Holders): void {
    this.free.push(holders);
  }

  /** From here on, `holders` says what holds, and changes. */
  enter(holders: Holders): void {
    this.holders = holders;
  }

  /** What holds now, without what does not outlast a block. */
  leave(): Holders {
    this.forgetTransfers();
    return this.holders;
  }

  // ---- within a block

  /** The operand, or the register that it was copied from. */
  original(operand: Operand): Operand {
    if (operand.kind !== 'register') return operand;
    const copy = this.copies[operand.id]!;
    const holder = copy < 0 ? 0 : this.holders[copy]!;
    return holder === 0 ? operand : { kind: 'register', id: holder - 1 };
  }

  holderOf(number: number): Register | undefined {
    const holder = this.holders[number]!;
    return holder === 0 ? undefined : { kind: 'register', id: holder - 1 };
  }

  /** Whether it is computed from the register. */
  reads(number: number, id: number): boolean {
    return this.sources[number]!.includes(id);
  }

  add(number: number, holder: number): void {
    this.holders[number] = holder + 1;
    this.held[holder] ??= [];
    if (!this.held[holder].includes(number)) this.held[holder].push(number);
    if (this.isTransfer[number]) this.transfers.push(number);
  }

  /** The register is a copy of another from here on. */
  addCopy(id: number, { id: source }: Register): void {
    if (this.copies[id]! < 0) this.copies[id] = this.newNumber([id], false);
    this.add(this.copies[id]!, source);
  }

  /** The register gets another value. */
  forget(id: number): void {
    this.forgetIn(this.holders, id);
  }

  forgetIn(holders: Holders, id: number): void {
    for (const number of this.readers[id] ?? []) holders[number] = 0;
    for (const number of this.held[id] ?? []) if (holders[number] === id + 1) holders[number] = 0;
  }

  forgetTransfers(): void {
    for (const number of this.transfers) this.holders[number] = 0;
    this.transfers = [];
  }

  /** Equal for operations that compute the same here; undefined for what is not shared. */
  keyOf(operation: Operation): number | undefined {
    this.read = [];
    const text = this.text(operation);
    if (text === undefined) return undefined;
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    const number = this.newNumber(this.read, operation.op === 'transfer_get');
    this.numbers.set(text, number);
    return number;
  }

  private newNumber(sources: readonly number[], isTransfer: boolean): number {
    const number = this.sources.length;
    this.sources.push(sources);
    this.isTransfer.push(isTransfer);
    for (const id of sources) {
      this.readers[id] ??= [];
      this.readers[id].push(number);
    }
    return number;
  }

  private text(operation: Operation): string | undefined {
    switch (operation.op) {
      case 'not':
      case 'ffs':
        return `${operation.op} ${this.operand(operation.source)}`;
      case 'binary':
      case 'divide':
        return `${operation.operator} ${this.operand(operation.left)} ${this.operand(operation.right)}`;
      case 'compare':
        return `${operation.relation} ${this.operand(operation.left)} ${this.operand(operation.right)}`;
      case 'funnel': {
        const { high, low, amount } = operation;
        return `funnel ${this.operand(high)} ${this.operand(low)} ${this.operand(amount)}`;
      }
      case 'extract':
        return `extract ${this.operand(operation.source)} ${operation.shift} ${operation.width}`;
      case 'insert': {
        const { base, source, shift, width } = operation;
        return `insert ${this.operand(base)} ${this.operand(source)} ${shift} ${width}`;
      }
      case 'local_address':
        return `local ${operation.local} ${this.operand(operation.index)}`;
      case 'transfer_get':
        return `${TRANSFER} ${operation.group} ${this.operand(operation.index)}`;
      case 'context_number':
        return operation.op;
      default:
        return undefined;
    }
  }

  private operand(given: Operand): string {
    const operand = this.original(given);
    switch (operand.kind) {
      case 'register':
        this.read.push(operand.id);
        return `r${operand.id}`;
      case 'constant':
        return String(operand.value);
      case 'address':
        return `${operand.part}${operand.offset} ${operand.object}`;
    }
  }
}
