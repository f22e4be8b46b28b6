import { assert } from '../base/assert.ts';
import type {
  BinaryOperator,
  Block,
  DivisionOperator,
  IrFunction,
  IrModule,
  MemoryAddress,
  MemoryName,
  MemoryOperation,
  Operand,
  Operation,
  Register,
  Relation,
  Terminator,
} from './ir.ts';

/**
 * Runs IR directly: the oracle that emitted code is compared with. One context, no time. Everything outside the
 * context (memory, packets, CSRs) is the environment's.
 */
export interface IrEnvironment {
  /** `high` is the octet of address bits 39..32, or the name of an own-island memory. */
  readOctet(memory: MemoryName | number, address: number): number;
  writeOctet(memory: MemoryName | number, address: number, octet: number): void;
  /** Where an object lies. */
  placeOf(object: string): { memory: MemoryName; high: number; low: number };
  /** The four words of a received frame; undefined ends the run. */
  receive(): readonly number[] | undefined;
  send(first: number, second: number): void;
  readCsr(csr: string): number;
  writeCsr(csr: string, value: number): void;
  readonly contextNumber: number;
}

export interface IrRun {
  /** Why it stopped. */
  readonly stopped: 'halt' | 'receive' | 'limit';
  readonly operations: number;
}

class Stop extends Error {
  readonly reason: IrRun['stopped'];
  constructor(reason: IrRun['stopped']) {
    super(reason);
    this.reason = reason;
  }
}

/** Runs the module from its entry until it halts, wants a frame that there is not, or has run `operationLimit`. */
export function interpretModule(module: IrModule, environment: IrEnvironment, operationLimit = 1_000_000): IrRun {
  const machine = new Machine(module, environment, operationLimit);
  try {
    machine.call(module.entry, []);
  } catch (error) {
    if (error instanceof Stop) return { stopped: error.reason, operations: machine.operations };
    throw error;
  }
  throw new Error('the entry function returned');
}

interface Frame {
  readonly function: IrFunction;
  readonly blocks: Map<string, Block>;
  readonly registers: Uint32Array;
  readonly locals: readonly Uint32Array[];
  /** Octet address of each local object; unique over the call chain. */
  readonly localAddresses: readonly number[];
  readonly groupsIn: readonly Uint32Array[];
  /** Of commands that were not waited for; commands themselves take no time here. */
  readonly signals: Set<number>;
  readonly groupsOut: readonly Uint32Array[];
}

class Machine {
  operations = 0;
  private readonly module: IrModule;
  private readonly environment: IrEnvironment;
  private readonly operationLimit: number;
  private readonly frames: Frame[] = [];
  /** Local memory that pointers reach: octet address -> array and index. */
  private localTop = 0;

  constructor(module: IrModule, environment: IrEnvironment, operationLimit: number) {
    this.module = module;
    this.environment = environment;
    this.operationLimit = operationLimit;
  }

  call(name: string, values: readonly number[]): number[] {
    const function_ = this.module.functions.get(name);
    assert(function_ !== undefined, `function ${name}`);
    const localTop = this.localTop;
    const localAddresses = function_.locals.map((local) => {
      const address = this.localTop;
      this.localTop += local.words * 4;
      return address;
    });
    const frame: Frame = {
      function: function_,
      blocks: new Map(function_.blocks.map((block) => [block.name, block])),
      registers: new Uint32Array(function_.registers.length),
      locals: function_.locals.map((local) => new Uint32Array(local.words)),
      localAddresses,
      signals: new Set(),
      groupsIn: function_.groups.map((group) => new Uint32Array(group.words)),
      groupsOut: function_.groups.map((group) => new Uint32Array(group.words)),
    };
    function_.parameters.forEach((parameter, index) => {
      frame.registers[parameter.id] = values[index]!;
    });
    this.frames.push(frame);
    let block = function_.blocks[0]!;
    for (;;) {
      for (const operation of block.operations) this.operation(frame, operation);
      const next = this.end(frame, block.end);
      if (Array.isArray(next)) {
        this.frames.pop();
        this.localTop = localTop;
        return next;
      }
      block = frame.blocks.get(next)!;
    }
  }

  private count(): void {
    this.operations++;
    if (this.operations > this.operationLimit) throw new Stop('limit');
  }

  private value(frame: Frame, operand: Operand): number {
    switch (operand.kind) {
      case 'register':
        return frame.registers[operand.id]!;
      case 'constant':
        return operand.value;
      case 'address': {
        const place = this.environment.placeOf(operand.object);
        return operand.part === 'high' ? place.high : (place.low + operand.offset) >>> 0;
      }
    }
  }

  private operation(frame: Frame, operation: Operation): void {
    this.count();
    const value = (operand: Operand) => this.value(frame, operand);
    const set = (register: Register, word: number) => {
      frame.registers[register.id] = word;
    };
    switch (operation.op) {
      case 'copy':
        set(operation.target, value(operation.source));
        break;
      case 'not':
        set(operation.target, ~value(operation.source));
        break;
      case 'binary':
        set(operation.target, binary(operation.operator, value(operation.left), value(operation.right)));
        break;
      case 'divide':
        set(operation.target, divide(operation.operator, value(operation.left), value(operation.right)));
        break;
      case 'wide': {
        const left = join(value(operation.leftLow), value(operation.leftHigh));
        const right = join(value(operation.rightLow), value(operation.rightHigh));
        const result = BigInt.asUintN(64, operation.operator === 'add' ? left + right : left - right);
        set(operation.targetLow, Number(result & 0xffffffffn));
        set(operation.targetHigh, Number(result >> 32n));
        break;
      }
      case 'funnel': {
        const amount = BigInt(value(operation.amount) & 31);
        const shifted = join(value(operation.low), value(operation.high)) >> amount;
        set(operation.target, Number(shifted & 0xffffffffn));
        break;
      }
      case 'extract':
        set(operation.target, (value(operation.source) >>> operation.shift) & fieldMask(operation.width));
        break;
      case 'insert': {
        const mask = (fieldMask(operation.width) << operation.shift) >>> 0;
        const field = (value(operation.source) << operation.shift) & mask;
        set(operation.target, (value(operation.base) & ~mask) | field);
        break;
      }
      case 'compare':
        set(operation.target, holds(operation.relation, value(operation.left), value(operation.right)) ? 1 : 0);
        break;
      case 'ffs': {
        const source = value(operation.source);
        set(operation.target, source === 0 ? 32 : 31 - Math.clz32(source & -source));
        break;
      }
      case 'local_load':
        set(operation.target, frame.locals[operation.local]![value(operation.index)] ?? 0);
        break;
      case 'local_store':
        frame.locals[operation.local]![value(operation.index)] = value(operation.source);
        break;
      case 'local_address':
        set(operation.target, frame.localAddresses[operation.local]! + 4 * value(operation.index));
        break;
      case 'local_load_at': {
        const [words, index] = this.localAt(value(operation.address));
        set(operation.target, words[index]!);
        break;
      }
      case 'local_store_at': {
        const [words, index] = this.localAt(value(operation.address));
        words[index] = value(operation.source);
        break;
      }
      case 'transfer_get':
        set(operation.target, frame.groupsIn[operation.group]![value(operation.index)] ?? 0);
        break;
      case 'transfer_set':
        frame.groupsOut[operation.group]![value(operation.index)] = value(operation.source);
        break;
      case 'memory':
        this.memory(frame, operation);
        break;
      case 'receive': {
        const words = this.environment.receive();
        if (words === undefined) throw new Stop('receive');
        frame.groupsIn[operation.group]!.set(words.slice(0, 4));
        break;
      }
      case 'send': {
        const group = frame.groupsOut[operation.group]!;
        this.environment.send(group[0]!, group[1]!);
        break;
      }
      case 'csr_read':
        set(operation.target, this.environment.readCsr(operation.csr));
        break;
      case 'csr_write':
        this.environment.writeCsr(operation.csr, value(operation.source));
        break;
      case 'context_number':
        set(operation.target, this.environment.contextNumber);
        break;
      case 'wait':
        if (operation.any !== true) for (const signal of operation.signals) frame.signals.delete(signal);
        break;
      case 'signal_test':
        set(operation.target, Number(!operation.second && frame.signals.delete(operation.signal)));
        break;
      case 'yield':
        break;
      case 'crc':
      case 'cam_lookup':
      case 'cam_read':
      case 'cam_write':
      case 'cam_clear':
        throw new Error(`${operation.op} needs the units of a core`);
      case 'call': {
        const results = this.call(operation.function, operation.arguments.map(value));
        operation.results.forEach((register, index) => {
          set(register, results[index]!);
        });
      }
    }
  }

  private end(frame: Frame, end: Terminator): string | number[] {
    this.count();
    const value = (operand: Operand) => this.value(frame, operand);
    switch (end.op) {
      case 'jump':
        return end.to;
      case 'branch':
        return holds(end.relation, value(end.left), value(end.right)) ? end.taken : end.otherwise;
      case 'branch_wide': {
        const left = join(value(end.leftLow), value(end.leftHigh));
        const right = join(value(end.rightLow), value(end.rightHigh));
        return holdsWide(end.relation, left, right) ? end.taken : end.otherwise;
      }
      case 'branch_bit':
        return ((value(end.source) >>> end.bit) & 1) === 1 ? end.taken : end.otherwise;
      case 'branch_signal':
        return !end.second && frame.signals.delete(end.signal) ? end.taken : end.otherwise;
      case 'return':
        return end.values.map(value);
      case 'halt':
        throw new Stop('halt');
    }
  }

  private localAt(address: number): [Uint32Array, number] {
    for (const frame of this.frames) {
      for (const [id, words] of frame.locals.entries()) {
        const offset = address - frame.localAddresses[id]!;
        if (offset >= 0 && offset < words.length * 4) return [words, offset >>> 2];
      }
    }
    throw new Error(`local memory address ${address} is in no object`);
  }

  private memory(frame: Frame, operation: MemoryOperation): void {
    const [memory, address] = this.resolve(frame, operation.address);
    const read = (at: number) => this.environment.readOctet(memory, at >>> 0);
    const write = (at: number, octet: number) => this.environment.writeOctet(memory, at >>> 0, octet & 0xff);
    const readWord = (at: number) =>
      ((read(at) << 24) | (read(at + 1) << 16) | (read(at + 2) << 8) | read(at + 3)) >>> 0;
    const writeWord = (at: number, word: number) => {
      for (let octet = 0; octet < 4; octet++) write(at + octet, word >>> (24 - 8 * octet));
    };
    const inWords = operation.group === undefined ? undefined : frame.groupsIn[operation.group];
    const outWords = operation.group === undefined ? undefined : frame.groupsOut[operation.group];
    const first = operation.first;
    const count = this.value(frame, operation.count);
    if (operation.completion !== 'swap') frame.signals.add(operation.completion);
    switch (operation.command) {
      case 'read32':
      case 'read32_swap':
        for (let i = 0; i < count; i++) {
          const word = readWord(address + 4 * i);
          inWords![first + i] = operation.command === 'read32' ? word : swapOctets(word);
        }
        return;
      case 'write32':
      case 'write32_swap':
        for (let i = 0; i < count; i++) {
          const word = outWords![first + i]!;
          writeWord(address + 4 * i, operation.command === 'write32' ? word : swapOctets(word));
        }
        return;
      case 'read8':
        for (let i = 0; i < count; i++) {
          const shift = 24 - 8 * (i & 3);
          const word = first + (i >>> 2);
          // Octets of a word past the count are zero, as the NPU leaves them.
          const kept = (i & 3) === 0 ? 0 : inWords![word]!;
          inWords![word] = kept | (read(address + i) << shift);
        }
        return;
      case 'write8':
        for (let i = 0; i < count; i++) write(address + i, outWords![first + (i >>> 2)]! >>> (24 - 8 * (i & 3)));
        return;
    }
    const answers = operation.command === 'atomic_read' || operation.command === 'swap';
    const returns = answers || operation.command.startsWith('test_');
    if (operation.command.endsWith('64')) {
      for (let i = 0; i < count; i += 2) {
        const old = join(readWord(address + 4 * i + 4), readWord(address + 4 * i));
        const given = outWords === undefined ? 1n : join(outWords[first + i + 1]!, outWords[first + i]!);
        const next = /add|incr/.test(operation.command) ? old + given : old - given;
        writeWord(address + 4 * i, Number((next >> 32n) & 0xffffffffn));
        writeWord(address + 4 * i + 4, Number(next & 0xffffffffn));
        if (!returns) continue;
        inWords![first + i] = Number(old >> 32n);
        inWords![first + i + 1] = Number(old & 0xffffffffn);
      }
      return;
    }
    for (let i = 0; i < count; i++) {
      const old = readWord(address + 4 * i);
      const next = atomic(operation.command, old, outWords?.[first + i] ?? 0);
      if (next !== undefined) writeWord(address + 4 * i, next);
      if (returns) inWords![first + i] = old;
    }
  }

  private resolve(frame: Frame, address: MemoryAddress): [MemoryName | number, number] {
    switch (address.form) {
      case 'object': {
        const place = this.environment.placeOf(address.object);
        return [place.memory, (place.low + this.value(frame, address.offset)) >>> 0];
      }
      case 'memory':
        return [address.memory, (this.value(frame, address.base) + this.value(frame, address.offset)) >>> 0];
      case 'wide':
        return [this.value(frame, address.high) & 0xff, this.value(frame, address.low)];
    }
  }
}

function atomic(command: MemoryOperation['command'], old: number, given: number): number | undefined {
  switch (command) {
    case 'atomic_write':
    case 'swap':
      return given;
    case 'add':
    case 'test_add':
      return (old + given) >>> 0;
    case 'sub':
    case 'test_sub':
      return (old - given) >>> 0;
    case 'incr':
      return (old + 1) >>> 0;
    case 'decr':
      return (old - 1) >>> 0;
    case 'set':
    case 'test_set':
      return (old | given) >>> 0;
    case 'clr':
    case 'test_clr':
      return (old & ~given) >>> 0;
    case 'addsat':
    case 'test_addsat':
      return Math.min(old + given, 0xffffffff);
    case 'subsat':
    case 'test_subsat':
      return Math.max(old - given, 0);
    case 'xor':
    case 'test_xor':
      return (old ^ given) >>> 0;
    case 'atomic_read':
      return undefined;
    default:
      throw new Error(`${command} needs the engines of a NIC`);
  }
}

/** The meaning of every binary operator on unsigned 32-bit words; also what constant folding computes. */
export function binary(operator: BinaryOperator, left: number, right: number): number {
  switch (operator) {
    case 'add':
      return (left + right) >>> 0;
    case 'sub':
      return (left - right) >>> 0;
    case 'and':
      return (left & right) >>> 0;
    case 'or':
      return (left | right) >>> 0;
    case 'xor':
      return (left ^ right) >>> 0;
    case 'shl':
      return (left << (right & 31)) >>> 0;
    case 'shr':
      return left >>> (right & 31);
    case 'sar':
      return ((left | 0) >> (right & 31)) >>> 0;
    case 'rotr': {
      const amount = right & 31;
      return amount === 0 ? left : ((left >>> amount) | (left << (32 - amount))) >>> 0;
    }
    case 'mul':
      return Math.imul(left, right) >>> 0;
    case 'mulhigh':
      return Number((BigInt(left) * BigInt(right)) >> 32n);
  }
}

/** Division as the run-time routine computes it, division by zero included. */
export function divide(operator: DivisionOperator, left: number, right: number): number {
  switch (operator) {
    case 'div':
      return right === 0 ? 0xffffffff : Math.floor(left / right) >>> 0;
    case 'rem':
      return right === 0 ? left : left % right;
    case 'sdiv': {
      if (right === 0) return (left | 0) < 0 ? 1 : 0xffffffff;
      return Math.trunc((left | 0) / (right | 0)) >>> 0;
    }
    case 'srem':
      return right === 0 ? left : ((left | 0) % (right | 0)) >>> 0;
  }
}

export function holds(relation: Relation, left: number, right: number): boolean {
  switch (relation) {
    case 'eq':
      return left === right;
    case 'ne':
      return left !== right;
    case 'ult':
      return left < right;
    case 'ule':
      return left <= right;
    case 'ugt':
      return left > right;
    case 'uge':
      return left >= right;
    case 'slt':
      return (left | 0) < (right | 0);
    case 'sle':
      return (left | 0) <= (right | 0);
    case 'sgt':
      return (left | 0) > (right | 0);
    case 'sge':
      return (left | 0) >= (right | 0);
  }
}

export function holdsWide(relation: Relation, left: bigint, right: bigint): boolean {
  const signed = relation.startsWith('s');
  const a = signed ? BigInt.asIntN(64, left) : left;
  const b = signed ? BigInt.asIntN(64, right) : right;
  switch (relation) {
    case 'eq':
      return a === b;
    case 'ne':
      return a !== b;
    case 'ult':
    case 'slt':
      return a < b;
    case 'ule':
    case 'sle':
      return a <= b;
    case 'ugt':
    case 'sgt':
      return a > b;
    case 'uge':
    case 'sge':
      return a >= b;
  }
}

function join(low: number, high: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}

/** `width` low bits set; 1 <= width <= 32. */
export function fieldMask(width: number): number {
  return width === 32 ? 0xffffffff : 2 ** width - 1;
}

function swapOctets(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}
