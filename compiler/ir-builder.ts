import { assert } from '../base/assert.ts';
import type { SourcePosition } from '../base/errors.ts';
import type {
  BinaryOperator,
  Block,
  Constant,
  CrcBytes,
  CrcOperator,
  DivisionOperator,
  IrFunction,
  IrModule,
  MemoryAddress,
  MemoryCommand,
  MemoryName,
  MemoryObject,
  ObjectAddress,
  Operand,
  Operation,
  Register,
  Relation,
  Terminator,
} from './ir.ts';

export function createModule(entry: string): IrModule {
  return { functions: new Map(), objects: new Map(), reserved: [], entry };
}

/** The word that a JavaScript number stands for: negative numbers become their two's complement. */
export function constant(value: number): Constant {
  return { kind: 'constant', value: value >>> 0 };
}

export function addressOf(object: string, part: 'low' | 'high' = 'low', offset = 0): ObjectAddress {
  return { kind: 'address', object, part, offset };
}

/** Adds a memory object; what is not given is: owner's own, EMEM by default rule, word aligned, zero, writable. */
export function addObject(
  module: IrModule,
  object: Pick<MemoryObject, 'name' | 'owner' | 'octets'> & Partial<MemoryObject>,
): MemoryObject {
  assert(!module.objects.has(object.name), `object ${object.name} twice`);
  const memory = object.memory ?? 'auto';
  const whole: MemoryObject = {
    memory,
    align: 4,
    initial: new Uint8Array(0),
    readOnly: false,
    exported: false,
    sharing: memory === 'ctm' || memory === 'cls' ? 'island' : 'nic',
    position: undefined,
    ...object,
  };
  module.objects.set(whole.name, whole);
  return whole;
}

/** Operands as a caller likes to write them: a number is a constant. */
export type OperandLike = Operand | number;

function operand(value: OperandLike): Operand {
  return typeof value === 'number' ? constant(value) : value;
}

/**
 * Builds one function block by block. `at(position)` says where the following operations come from. Operations go to
 * the current block; a terminator closes it, and `startBlock` opens the next.
 */
export class FunctionBuilder {
  readonly function: IrFunction;
  private current: Block | undefined;
  /** Where the operations that follow come from; `at` sets it. */
  position: SourcePosition | undefined;
  private blockNumber = 0;

  constructor(
    module: IrModule,
    settings: {
      name: string;
      owner: string;
      parameterNames?: readonly string[];
      resultCount?: number;
      inline?: IrFunction['inline'];
      position?: SourcePosition;
    },
  ) {
    assert(!module.functions.has(settings.name), `function ${settings.name} twice`);
    const registers = (settings.parameterNames ?? []).map((name) => ({ name }));
    this.function = {
      name: settings.name,
      owner: settings.owner,
      parameters: registers.map((_, id): Register => ({ kind: 'register', id })),
      resultCount: settings.resultCount ?? 0,
      blocks: [],
      registers,
      locals: [],
      groups: [],
      position: settings.position,
      inline: settings.inline ?? 'auto',
    };
    module.functions.set(settings.name, this.function);
    this.position = settings.position;
    this.startBlock('entry');
  }

  at(position: SourcePosition | undefined): this {
    this.position = position;
    return this;
  }

  parameter(index: number): Register {
    const register = this.function.parameters[index];
    assert(register !== undefined, `parameter ${index} of ${this.function.name}`);
    return register;
  }

  register(name = ''): Register {
    this.function.registers.push({ name });
    return { kind: 'register', id: this.function.registers.length - 1 };
  }

  /** A local-memory object; the answer is its id. */
  local(name: string, words: number): number {
    const id = this.function.locals.length;
    this.function.locals.push({ id, name, words });
    return id;
  }

  /** A group of transfer registers; the answer is its id. */
  group(words: number, name = ''): number {
    const id = this.function.groups.length;
    this.function.groups.push({ id, name, words });
    return id;
  }

  // ---- blocks

  /** A fresh name to branch to before the block exists. */
  blockName(hint = 'b'): string {
    this.blockNumber++;
    return `${hint}.${this.blockNumber}`;
  }

  /** Opens a block. When the block before is still open, control falls into this one. */
  startBlock(name: string = this.blockName()): string {
    if (this.current !== undefined) this.jump(name);
    const block: Block = { name, operations: [], end: { op: 'halt', position: this.position } };
    assert(!this.function.blocks.some((other) => other.name === name), `block ${name} twice`);
    this.function.blocks.push(block);
    this.current = block;
    return name;
  }

  /** Goes on at the end of a block that is closed already, until `leave`. */
  reopen(block: Block, position: SourcePosition | undefined): void {
    assert(this.current === undefined, 'no block is open');
    this.current = block;
    this.position = position;
  }

  /** Ends what `reopen` began; the block keeps its end. */
  leave(): void {
    this.current = undefined;
  }

  /** Ends the block as another one ended. */
  endWith(terminator: Terminator): void {
    this.end(terminator);
  }

  /** True between `startBlock` and a terminator: code put here can be reached. */
  isOpen(): boolean {
    return this.current !== undefined;
  }

  emit(operation: Operation): void {
    assert(this.current !== undefined, `operation ${operation.op} after the end of a block of ${this.function.name}`);
    this.current.operations.push(operation);
  }

  private end(terminator: Terminator): void {
    assert(this.current !== undefined, `second end of a block of ${this.function.name}`);
    this.current.end = terminator;
    this.current = undefined;
  }

  // ---- values

  copy(source: OperandLike, target = this.register()): Register {
    this.emit({ op: 'copy', target, source: operand(source), position: this.position });
    return target;
  }

  not(source: OperandLike, target = this.register()): Register {
    this.emit({ op: 'not', target, source: operand(source), position: this.position });
    return target;
  }

  binary(operator: BinaryOperator, left: OperandLike, right: OperandLike, target = this.register()): Register {
    const position = this.position;
    this.emit({ op: 'binary', operator, target, left: operand(left), right: operand(right), position });
    return target;
  }

  add(left: OperandLike, right: OperandLike, target?: Register): Register {
    return this.binary('add', left, right, target);
  }

  sub(left: OperandLike, right: OperandLike, target?: Register): Register {
    return this.binary('sub', left, right, target);
  }

  divide(operator: DivisionOperator, left: OperandLike, right: OperandLike, target = this.register()): Register {
    const position = this.position;
    this.emit({ op: 'divide', operator, target, left: operand(left), right: operand(right), position });
    return target;
  }

  /** 64-bit add or subtract; pairs are [low, high]. */
  wide(
    operator: 'add' | 'sub',
    left: readonly [OperandLike, OperandLike],
    right: readonly [OperandLike, OperandLike],
    target: readonly [Register, Register] = [this.register(), this.register()],
  ): readonly [Register, Register] {
    this.emit({
      op: 'wide',
      operator,
      targetLow: target[0],
      targetHigh: target[1],
      leftLow: operand(left[0]),
      leftHigh: operand(left[1]),
      rightLow: operand(right[0]),
      rightHigh: operand(right[1]),
      position: this.position,
    });
    return target;
  }

  funnel(high: OperandLike, low: OperandLike, amount: OperandLike, target = this.register()): Register {
    const position = this.position;
    this.emit({ op: 'funnel', target, high: operand(high), low: operand(low), amount: operand(amount), position });
    return target;
  }

  extract(source: OperandLike, shift: number, width: number, target = this.register()): Register {
    this.emit({ op: 'extract', target, source: operand(source), shift, width, position: this.position });
    return target;
  }

  insert(
    base: OperandLike,
    source: OperandLike,
    shift: number,
    width: number,
    target: Register = this.register(),
  ): Register {
    const position = this.position;
    this.emit({ op: 'insert', target, base: operand(base), source: operand(source), shift, width, position });
    return target;
  }

  compare(relation: Relation, left: OperandLike, right: OperandLike, target = this.register()): Register {
    const position = this.position;
    this.emit({ op: 'compare', relation, target, left: operand(left), right: operand(right), position });
    return target;
  }

  ffs(source: OperandLike, target = this.register()): Register {
    this.emit({ op: 'ffs', target, source: operand(source), position: this.position });
    return target;
  }

  // ---- local memory and transfer registers

  localLoad(local: number, index: OperandLike, target = this.register()): Register {
    this.emit({ op: 'local_load', target, local, index: operand(index), position: this.position });
    return target;
  }

  localStore(local: number, index: OperandLike, source: OperandLike): void {
    this.emit({ op: 'local_store', local, index: operand(index), source: operand(source), position: this.position });
  }

  localAddress(local: number, index: OperandLike = 0, target = this.register()): Register {
    this.emit({ op: 'local_address', target, local, index: operand(index), position: this.position });
    return target;
  }

  localLoadAt(address: OperandLike, target = this.register()): Register {
    this.emit({ op: 'local_load_at', target, address: operand(address), position: this.position });
    return target;
  }

  localStoreAt(address: OperandLike, source: OperandLike): void {
    this.emit({ op: 'local_store_at', address: operand(address), source: operand(source), position: this.position });
  }

  transferGet(group: number, index: OperandLike, target = this.register()): Register {
    this.emit({ op: 'transfer_get', target, group, index: operand(index), position: this.position });
    return target;
  }

  transferSet(group: number, index: OperandLike, source: OperandLike): void {
    this.emit({ op: 'transfer_set', group, index: operand(index), source: operand(source), position: this.position });
  }

  // ---- memory, packets, machine

  memory(
    command: MemoryCommand,
    address: MemoryAddress,
    settings: { group?: number; first?: number; count?: OperandLike; completion?: 'swap' | number } = {},
  ): void {
    this.emit({
      op: 'memory',
      command,
      address,
      group: settings.group,
      first: settings.first ?? 0,
      count: operand(settings.count ?? 1),
      completion: settings.completion ?? 'swap',
      position: this.position,
    });
  }

  wait(signals: readonly number[], any = false): void {
    this.emit({ op: 'wait', signals, any, position: this.position });
  }

  signalTest(signal: number, second: boolean, target = this.register()): Register {
    this.emit({ op: 'signal_test', target, signal, second, position: this.position });
    return target;
  }

  crc(operator: CrcOperator, littleEndian: boolean, bytes: CrcBytes, source: OperandLike): void {
    this.emit({ op: 'crc', operator, littleEndian, bytes, source: operand(source), position: this.position });
  }

  camLookup(source: OperandLike, target = this.register()): Register {
    this.emit({ op: 'cam_lookup', target, source: operand(source), position: this.position });
    return target;
  }

  camRead(what: 'tag' | 'state', source: OperandLike, target = this.register()): Register {
    this.emit({ op: 'cam_read', what, target, source: operand(source), position: this.position });
    return target;
  }

  camWrite(entry: OperandLike, tag: OperandLike | undefined, state: number): void {
    const written = tag === undefined ? undefined : operand(tag);
    this.emit({ op: 'cam_write', entry: operand(entry), tag: written, state, position: this.position });
  }

  camClear(): void {
    this.emit({ op: 'cam_clear', position: this.position });
  }

  receive(group: number): void {
    this.emit({ op: 'receive', group, position: this.position });
  }

  send(group: number): void {
    this.emit({ op: 'send', group, position: this.position });
  }

  csrRead(csr: string, target = this.register()): Register {
    this.emit({ op: 'csr_read', target, csr, position: this.position });
    return target;
  }

  csrWrite(csr: string, source: OperandLike): void {
    this.emit({ op: 'csr_write', csr, source: operand(source), position: this.position });
  }

  contextNumber(target = this.register()): Register {
    this.emit({ op: 'context_number', target, position: this.position });
    return target;
  }

  yield(): void {
    this.emit({ op: 'yield', position: this.position });
  }

  call(name: string, callArguments: readonly OperandLike[], results: readonly Register[] = []): void {
    const operands = callArguments.map(operand);
    this.emit({ op: 'call', function: name, arguments: operands, results, position: this.position });
  }

  // ---- terminators

  jump(to: string): void {
    this.end({ op: 'jump', to, position: this.position });
  }

  branch(relation: Relation, left: OperandLike, right: OperandLike, taken: string, otherwise: string): void {
    const position = this.position;
    this.end({ op: 'branch', relation, left: operand(left), right: operand(right), taken, otherwise, position });
  }

  /** Pairs are [low, high]. */
  branchWide(
    relation: Relation,
    left: readonly [OperandLike, OperandLike],
    right: readonly [OperandLike, OperandLike],
    taken: string,
    otherwise: string,
  ): void {
    this.end({
      op: 'branch_wide',
      relation,
      leftLow: operand(left[0]),
      leftHigh: operand(left[1]),
      rightLow: operand(right[0]),
      rightHigh: operand(right[1]),
      taken,
      otherwise,
      position: this.position,
    });
  }

  branchBit(source: OperandLike, bit: number, taken: string, otherwise: string): void {
    this.end({ op: 'branch_bit', source: operand(source), bit, taken, otherwise, position: this.position });
  }

  return(values: readonly OperandLike[] = []): void {
    this.end({ op: 'return', values: values.map(operand), position: this.position });
  }

  halt(): void {
    this.end({ op: 'halt', position: this.position });
  }
}

/** Address forms, short. */
export function atObject(object: string, offset: OperandLike = 0): MemoryAddress {
  return { form: 'object', object, offset: operand(offset) };
}

export function inMemory(memory: MemoryName, base: OperandLike, offset: OperandLike = 0): MemoryAddress {
  return { form: 'memory', memory, base: operand(base), offset: operand(offset) };
}

export function wideAddress(high: OperandLike, low: OperandLike): MemoryAddress {
  return { form: 'wide', high: operand(high), low: operand(low) };
}
