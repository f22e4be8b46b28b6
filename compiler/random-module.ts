import { type RandomStream, randomStream } from '../base/random.ts';
import type { BinaryOperator, IrModule, Register, Relation } from './ir.ts';
import {
  addObject,
  atObject,
  createModule,
  FunctionBuilder,
  inMemory,
  type OperandLike,
  wideAddress,
} from './ir-builder.ts';

/**
 * Random programs for the property test "emitted code computes what the IR means": every operation of the IR, nested
 * control flow that always ends, subroutines, local memory, and as many live variables as asked for. The same seed
 * gives the same module.
 */
export interface RandomModuleShape {
  readonly seed: number;
  /** Variables that live through a function, beside temporaries. */
  readonly variables: number;
  readonly statements: number;
  readonly subroutines: number;
}

/** Words of a frame that the program takes as input and answers; they lie at frame octet 2, word aligned in memory. */
export const FRAME_WORDS = 16;
export const FRAME_WORDS_OFFSET = 2;

const RELATIONS: readonly Relation[] = ['eq', 'ne', 'ult', 'ule', 'ugt', 'uge', 'slt', 'sle', 'sgt', 'sge'];
const BINARY: readonly BinaryOperator[] = [
  'add',
  'sub',
  'and',
  'or',
  'xor',
  'shl',
  'shr',
  'sar',
  'rotr',
  'mul',
  'mulhigh',
];
const CONSTANTS = [0, 1, 2, 3, 7, 31, 32, 127, 128, 171, 255, 256, 1000, 65535, 65536, 0xff00, 0xff0000, 0x12345678];
const HIGH_CONSTANTS = [0x80000000, 0xffffffff, 0xfffffffe, 0xffff0000, 0xfffffc18, 0x7fffffff];
const DIVISORS = [1, 2, 3, 5, 7, 10, 16, 25, 100, 641, 65537, 0x7fffffff, 0x80000000, 0xffffffff];

export function randomModule(shape: RandomModuleShape): IrModule {
  const module = createModule('main');
  for (const memory of ['emem', 'imem', 'ctm'] as const) {
    const place = memory === 'ctm' ? {} : { fixedAddress: 0 };
    addObject(module, { name: `${memory}_table`, owner: 'lambda', octets: 256, memory, sharing: 'nic', ...place });
  }
  const initial = Uint8Array.from({ length: 64 }, (_, i) => (i * 37 + 11) & 0xff);
  addObject(module, { name: 'constants', owner: 'lambda', octets: 64, memory: 'cls', readOnly: true, initial });
  addObject(module, { name: 'anywhere', owner: 'lambda', octets: 64, readOnly: true, initial, sharing: 'island' });
  const random = randomStream(shape.seed, 'random-module');
  const callable: Callable[] = [];
  for (let i = 0; i < shape.subroutines; i++) {
    const parameters = random.below(4);
    const resultCount = random.below(3);
    const builder = new FunctionBuilder(module, {
      name: `subroutine${i}`,
      owner: 'lambda',
      parameterNames: Array.from({ length: parameters }, (_, p) => `p${p}`),
      resultCount,
    });
    const inputs = builder.function.parameters;
    const body = new Body(builder, random, [...callable], shape);
    body.fill(inputs, Math.ceil(shape.statements / 2));
    builder.return(Array.from({ length: resultCount }, () => body.value()));
    callable.push({ name: `subroutine${i}`, parameters, resultCount });
  }
  const builder = new FunctionBuilder(module, { name: 'main', owner: 'lambda' });
  const received = builder.group(4);
  const frame = builder.group(FRAME_WORDS);
  builder.startBlock('again');
  builder.receive(received);
  const info = builder.transferGet(received, 0);
  const address = builder.transferGet(received, 1);
  builder.memory('read32', inMemory('ctm', address, FRAME_WORDS_OFFSET), { group: frame, count: FRAME_WORDS });
  const inputs = Array.from({ length: 8 }, (_, i) => builder.transferGet(frame, i));
  const body = new Body(builder, random, callable, shape);
  body.fill(inputs, shape.statements);
  body.answer(frame);
  builder.memory('write32', inMemory('ctm', address, FRAME_WORDS_OFFSET), { group: frame, count: FRAME_WORDS });
  const sent = builder.group(2);
  builder.transferSet(sent, 0, info);
  builder.transferSet(sent, 1, address);
  builder.send(sent);
  builder.jump('again');
  return module;
}

interface Callable {
  readonly name: string;
  readonly parameters: number;
  readonly resultCount: number;
}

class Body {
  private readonly builder: FunctionBuilder;
  private random: RandomStream;
  private readonly callable: readonly Callable[];
  private readonly shape: RandomModuleShape;
  private readonly variables: Register[] = [];
  private readonly small: number;
  private readonly large: number;
  /** Of which no address is taken. */
  private readonly indexed: number;
  private readonly group: number;
  /** Each computes again, into another variable, what was computed before, of what its operands have become. */
  private readonly earlier: ((target: Register) => void)[] = [];
  private depth = 0;

  constructor(builder: FunctionBuilder, random: RandomStream, callable: readonly Callable[], shape: RandomModuleShape) {
    this.builder = builder;
    this.random = random;
    this.callable = callable;
    this.shape = shape;
    this.small = builder.local('small', 4);
    this.large = builder.local('large', 16);
    this.indexed = builder.local('indexed', 8);
    this.group = builder.group(8);
  }

  fill(inputs: readonly Register[], statements: number): void {
    const { builder, shape } = this;
    for (let i = 0; i < shape.variables; i++) {
      const input = inputs[i];
      this.variables.push(builder.copy(input ?? (i * 0x9e3779b9) >>> 0));
    }
    // Uninitialised memory and registers have no meaning: everything starts with a value.
    for (let i = 0; i < 4; i++) builder.localStore(this.small, i, i);
    for (let i = 0; i < 16; i++) builder.localStore(this.large, i, i * 3);
    for (let i = 0; i < 8; i++) builder.localStore(this.indexed, i, i * 5);
    for (let i = 0; i < 8; i++) builder.transferSet(this.group, i, i);
    builder.memory('read32', atObject('emem_table'), { group: this.group, count: 8 });
    for (let i = 0; i < statements; i++) this.statement();
  }

  /** Every variable and some memory, folded into the words of the frame. */
  answer(frame: number): void {
    const { builder } = this;
    for (let word = 0; word < FRAME_WORDS; word++) {
      let sum = builder.localLoad(this.large, word);
      for (let i = word; i < this.variables.length; i += FRAME_WORDS) {
        sum = builder.add(builder.binary('rotr', sum, 7), this.variables[i]!);
      }
      builder.transferSet(frame, word, sum);
    }
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.random.below(list.length)]!;
  }

  private variable(): Register {
    return this.pick(this.variables);
  }

  value(): OperandLike {
    const kind = this.random.below(6);
    if (kind === 0) return this.pick(CONSTANTS);
    if (kind === 1) return this.pick(HIGH_CONSTANTS);
    return this.variable();
  }

  private statement(): void {
    const { builder, random } = this;
    switch (random.below(24)) {
      case 0:
      case 1:
      case 2:
      case 3:
        this.pure();
        break;
      case 4:
        builder.divide(this.pick(['div', 'rem', 'sdiv', 'srem']), this.value(), this.pick(DIVISORS), this.variable());
        break;
      case 5:
        if (random.below(4) === 0) {
          builder.divide(this.pick(['div', 'rem', 'sdiv', 'srem']), this.value(), this.value(), this.variable());
        } else builder.divide('div', builder.extract(this.value(), 8, 8), 3, this.variable());
        break;
      case 6: {
        const low = this.variable();
        const high = this.variable();
        if (low.id === high.id) break;
        const pair = (): readonly [OperandLike, OperandLike] => [this.value(), this.value()];
        builder.wide(this.pick(['add', 'sub']), pair(), pair(), [low, high]);
        break;
      }
      case 7:
      case 8:
      case 9:
      case 10:
      case 11:
        this.again();
        break;
      case 12:
        this.local();
        break;
      case 13:
        this.transfer();
        break;
      case 14:
      case 15:
        this.memory();
        break;
      case 16:
        if (this.callable.length > 0) {
          const callee = this.pick(this.callable);
          const results = new Map<number, Register>();
          while (results.size < callee.resultCount) {
            const register = this.variable();
            results.set(register.id, register);
          }
          builder.call(
            callee.name,
            Array.from({ length: callee.parameters }, () => this.value()),
            [...results.values()],
          );
        }
        break;
      case 17:
      case 18:
        this.conditional();
        break;
      case 19:
        this.loop();
        break;
      case 20:
        builder.copy(this.value(), this.variable());
        break;
      case 21:
        if (random.below(3) === 0) builder.yield();
        else builder.binary('and', builder.contextNumber(), this.value(), this.variable());
        break;
      case 22:
        this.stepping();
        break;
      case 23:
        this.narrowing();
        break;
    }
  }

  /** What has no effect but its result, with operands that are kept for `again`. */
  private pure(): void {
    const { builder, random } = this;
    const made = this.pureOperation(this.value(), this.value());
    made(this.variable());
    this.earlier.push(made);
    if (this.earlier.length > 6) this.earlier.splice(random.below(6), 1);
    // Its operand another time, now that it may have changed.
    if (random.below(4) === 0) builder.add(this.variable(), 1 + random.below(3), this.variable());
  }

  private pureOperation(left: OperandLike, right: OperandLike): (target: Register) => void {
    const { builder, random } = this;
    switch (random.below(10)) {
      case 0: {
        const amount = random.below(2) === 0 ? random.below(32) : this.value();
        return (target) => builder.funnel(left, right, amount, target);
      }
      case 1:
      case 2: {
        const shift = random.below(4) === 0 ? random.below(32) : 8 * random.below(4);
        const width = 1 + random.below(32 - shift);
        const wide = random.below(2) === 0 ? Math.ceil(width / 8) * 8 : width;
        const fits = Math.min(wide, 32 - shift);
        if (random.below(2) === 0) return (target) => builder.extract(left, shift, fits, target);
        return (target) => builder.insert(left, right, shift, fits, target);
      }
      case 3: {
        const relation = this.pick(RELATIONS);
        return (target) => builder.compare(relation, left, right, target);
      }
      case 4:
        return random.below(2) === 0 ? (target) => builder.ffs(left, target) : (target) => builder.not(left, target);
      default: {
        const operator = this.pick(BINARY);
        return (target) => builder.binary(operator, left, right, target);
      }
    }
  }

  private again(): void {
    if (this.earlier.length === 0) this.pure();
    else this.pick(this.earlier)(this.variable());
  }

  /** Fields of fields and shifts by constants, as narrow types make them: most have one value that nobody else uses. */
  private narrowing(): void {
    const { builder, random } = this;
    let value: OperandLike = this.variable();
    for (let i = 1 + random.below(4); i > 0; i--) {
      const amount = random.below(4) === 0 ? random.below(32) : 8 * random.below(4);
      switch (random.below(4)) {
        case 0:
        case 1: {
          const shift = random.below(16);
          value = builder.extract(value, shift, 1 + random.below(32 - shift));
          break;
        }
        case 2:
          value = builder.binary('and', value, this.pick([0xff, 0xffff, 0xfff, 0xff00, 0xffffff00]));
          break;
        default:
          value = builder.binary(this.pick(['shl', 'shr', 'sar']), value, amount);
      }
    }
    builder.copy(value, this.variable());
  }

  /**
   * A loop that computes the same expressions in every turn, of operands of which one is changed between: before the
   * loop, at its top, behind the change, and after it. Of local memory the same with an address that moves.
   */
  private stepping(): void {
    const { builder, random } = this;
    if (this.depth >= 2) return;
    const moving = this.variable();
    const made = this.pureOperation(moving, this.value());
    const other = this.pureOperation(this.value(), moving);
    const step = this.pick([1, 4, 0x101, 0x80000000]);
    const counter = builder.copy(2 + random.below(3));
    const base = builder.binary('and', moving, 7);
    const head = builder.blockName('step');
    const done = builder.blockName('stepped');
    made(this.variable());
    builder.startBlock(head);
    this.depth++;
    made(this.variable());
    other(this.variable());
    if (random.below(2) === 0) this.conditional();
    const address = builder.localAddress(this.large, builder.add(base, counter));
    builder.localStoreAt(address, this.value());
    builder.add(moving, step, moving);
    if (random.below(2) === 0) made(this.variable());
    builder.localLoad(this.large, builder.add(base, counter), this.variable());
    builder.localStore(this.large, builder.add(builder.binary('and', moving, 7), counter), moving);
    this.statement();
    this.depth--;
    builder.sub(counter, 1, counter);
    builder.branch('ne', counter, 0, head, done);
    builder.startBlock(done);
    other(this.variable());
    made(this.variable());
  }

  private local(): void {
    const { builder, random } = this;
    const local = this.pick([this.small, this.large, this.indexed]);
    const words = local === this.small ? 4 : local === this.large ? 16 : 8;
    const index: OperandLike =
      random.below(2) === 0 ? random.below(words) : builder.binary('and', this.variable(), words - 1);
    switch (random.below(local === this.indexed ? 3 : 4)) {
      case 0:
      case 1:
        builder.localStore(local, index, this.value());
        break;
      case 2:
        builder.localLoad(local, index, this.variable());
        break;
      case 3: {
        const address = builder.localAddress(local, index);
        if (random.below(2) === 0) builder.localLoadAt(address, this.variable());
        else builder.localStoreAt(address, this.value());
      }
    }
  }

  private transfer(): void {
    const { builder, random } = this;
    const index: OperandLike = random.below(3) > 0 ? random.below(8) : builder.binary('and', this.variable(), 7);
    if (random.below(4) === 0) {
      // The same words before and after a command has filled them.
      builder.transferGet(this.group, index, this.variable());
      builder.memory('read32', atObject('imem_table', 4 * random.below(8)), { group: this.group, count: 8 });
      builder.transferGet(this.group, index, this.variable());
    } else if (random.below(2) === 0) builder.transferGet(this.group, index, this.variable());
    else builder.transferSet(this.group, index, this.value());
  }

  private memory(): void {
    const { builder, random } = this;
    const name = this.pick(['emem', 'imem', 'ctm'] as const);
    const index = random.below(2) === 0 ? 4 * random.below(32) : builder.binary('and', this.variable(), 0x7c);
    let address = atObject(`${name}_table`, index);
    if (name !== 'ctm' && random.below(3) === 0) {
      // These tables lie at 0.
      const high = name === 'emem' ? 0x98 : 0x9c;
      address = wideAddress(random.below(2) === 0 ? high : builder.copy(high), index);
    }
    const { group } = this;
    const count =
      random.below(4) === 0 ? builder.add(builder.binary('and', this.variable(), 7), 1) : 1 + random.below(8);
    switch (random.below(9)) {
      case 0:
      case 1:
        builder.memory('write32', address, { group, count });
        break;
      case 2:
      case 3:
        builder.memory('read32', address, { group, count });
        break;
      case 4:
        builder.memory(this.pick(['read8', 'write8']), address, { group, first: 1, count: 1 + random.below(28) });
        break;
      case 5: {
        const command = this.pick([
          'add',
          'sub',
          'set',
          'clr',
          'swap',
          'test_add',
          'test_set',
          'incr',
          'decr',
        ] as const);
        if (command === 'incr' || command === 'decr') builder.memory(command, address);
        else builder.memory(command, address, { group, first: random.below(8) });
        break;
      }
      case 6: {
        const signals = [0, 1].slice(0, 1 + random.below(2));
        for (const signal of signals) {
          const first = signal * 4;
          const table = atObject('imem_table', 4 * random.below(16));
          // The second command sends as well as receives: it raises two signals.
          if (signal === 1) builder.memory('test_add', address, { group, first, completion: signal });
          else builder.memory('read32', table, { group, first, count: 4, completion: signal });
        }
        builder.binary('add', this.value(), this.value(), this.variable());
        builder.wait(signals);
        break;
      }
      case 7:
        builder.memory('read32', atObject('constants', 4 * random.below(8)), { group, count: 1 + random.below(8) });
        break;
      case 8:
        builder.memory('read32', atObject('anywhere', 4 * random.below(8)), { group, count: 1 + random.below(8) });
        break;
    }
  }

  private conditional(): void {
    const { builder, random } = this;
    if (this.depth >= 3) return;
    const taken = builder.blockName('then');
    const otherwise = builder.blockName('else');
    const done = builder.blockName('done');
    switch (random.below(3)) {
      case 0:
        builder.branch(this.pick(RELATIONS), this.value(), this.value(), taken, otherwise);
        break;
      case 1:
        builder.branchBit(this.value(), random.below(32), taken, otherwise);
        break;
      case 2:
        builder.branchWide(
          this.pick(RELATIONS),
          [this.value(), this.value()],
          [this.value(), this.value()],
          taken,
          otherwise,
        );
    }
    this.depth++;
    // Twins have the same end, as lambdas that were written alike.
    const twin = this.depth === 1 && random.below(2) === 0 ? random.below(2 ** 30) : undefined;
    for (const arm of [taken, otherwise]) {
      builder.startBlock(arm);
      for (let i = random.below(4); i > 0; i--) this.statement();
      if (twin !== undefined) this.statementsOf(twin);
      builder.jump(done);
    }
    builder.startBlock(done);
    this.depth--;
  }

  /** The same statements for the same seed, whatever was made before. */
  private statementsOf(seed: number): void {
    const before = this.random;
    this.random = randomStream(seed, 'twin');
    for (let i = 2 + this.random.below(2); i > 0; i--) this.statement();
    this.random = before;
  }

  private loop(): void {
    const { builder, random } = this;
    if (this.depth >= 2) return;
    const counter = builder.copy(1 + random.below(4));
    const head = builder.blockName('loop');
    const done = builder.blockName('end');
    const testsFirst = random.below(2) === 0;
    builder.startBlock(head);
    if (testsFirst) {
      const body = builder.blockName('turn');
      builder.branch('ne', counter, 0, body, done);
      builder.startBlock(body);
    }
    this.depth++;
    for (let i = 1 + random.below(4); i > 0; i--) this.statement();
    this.depth--;
    builder.sub(counter, 1, counter);
    if (testsFirst) builder.jump(head);
    else builder.branch('ne', counter, 0, head, done);
    builder.startBlock(done);
  }
}
