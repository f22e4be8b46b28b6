import type { RandomStream } from '../../base/random.ts';
import {
  ALU_CODE,
  BRANCH_CODE,
  BRANCH_CONTEXT_CODE,
  BRANCH_STATE_CODE,
  CRC_BYTES_CODE,
  CRC_CODE,
  SHIFT_OPERATOR_CODE,
  UNARY_CODE,
} from './codes.ts';
import { COMMANDS } from './commands.ts';
import { CSR } from './csr.ts';
import type {
  CommandAddress,
  ContextMode,
  Defer,
  Destination,
  Instruction,
  MultiplySize,
  Operand,
  RegisterOperand,
  ResultFlags,
  Shift,
  SourceOperand,
} from './instruction.ts';
import { registersPerContext } from './operands.ts';
import { verifyInstruction } from './verify.ts';
import { changesFlow, deferOf } from './verify-program.ts';

/**
 * A random instruction that the verifier accepts, of a kind drawn evenly: for tests that compare coders, disassemblers
 * and engines. Branches go to 0..targets-1.
 */
export function randomInstruction(random: RandomStream, contexts: ContextMode = 8, targets = 1 << 14): Instruction {
  const draw = new Draw(random, contexts, targets);
  const kind = draw.one(KINDS);
  for (;;) {
    const instruction = kind(draw);
    if (verifyInstruction(instruction, contexts).length === 0) return instruction;
  }
}

/** `count` of them; each branch goes to one of them. The rules of whole programs (defer slots, end) are not kept. */
export function randomInstructions(random: RandomStream, count: number, contexts: ContextMode = 8): Instruction[] {
  return Array.from({ length: count }, () => randomInstruction(random, contexts, count));
}

/**
 * A random program of `count` instructions, at least one, that the verifier accepts as a whole: deferred instructions
 * do not branch, and the last instruction ends its context.
 */
export function randomProgram(random: RandomStream, count: number, contexts: ContextMode = 8): Instruction[] {
  const instructions = randomInstructions(random, count, contexts);
  instructions[count - 1] = { kind: 'ctx_arb', wait: 'kill', signals: [], any: false, resumeAt: undefined, defer: 0 };
  return instructions.map((instruction, i) => {
    if (deferOf(instruction) === 0) return instruction;
    const next = instructions.slice(i + 1).findIndex(changesFlow);
    return { ...instruction, defer: Math.min(deferOf(instruction), next) } as Instruction;
  });
}

/** Draws parts of instructions; they may break rules, then the whole is drawn again. */
class Draw {
  private readonly random: RandomStream;
  private readonly contexts: ContextMode;
  private readonly targets: number;

  constructor(random: RandomStream, contexts: ContextMode, targets: number) {
    this.random = random;
    this.contexts = contexts;
    this.targets = targets;
  }

  below(limit: number): number {
    return this.random.below(limit);
  }

  flip(): boolean {
    return this.random.below(2) === 1;
  }

  one<T>(choices: readonly T[]): T {
    return choices[this.random.below(choices.length)]!;
  }

  key<Name extends string>(codes: Readonly<Record<Name, number>>): Name {
    return this.one(Object.keys(codes) as Name[]);
  }

  register(): RegisterOperand {
    const registers = registersPerContext(this.contexts);
    switch (this.below(9)) {
      case 0:
        return { kind: 'xfer', index: this.below(2 * registers) };
      case 1:
        return { kind: 'indexed_xfer', step: this.one([-1, 0, 1]) };
      case 2:
        return this.flip()
          ? { kind: 'neighbour', index: this.below(registers) }
          : { kind: 'indexed_neighbour', step: this.one([0, 1]) };
      case 3: {
        const pointer = this.one([0, 1, 2, 3] as const);
        if (this.below(4) === 0) return { kind: 'local_memory', pointer, offset: 0, step: this.one([-1, 1]) };
        return { kind: 'local_memory', pointer, offset: this.below(16), step: 0 };
      }
      case 4:
        return { kind: 'absolute_gpr', bank: this.one(['A', 'B']), index: this.below(128) };
      default:
        return { kind: 'gpr', bank: this.one(['A', 'B']), index: this.below(registers) };
    }
  }

  source(): SourceOperand {
    return this.below(4) === 0 ? { kind: 'immediate', value: this.below(256) } : this.register();
  }

  destination(): Destination {
    return this.below(6) === 0 ? { kind: 'none' } : this.register();
  }

  /** The first operand of a binary operator; operators of one operand need none. */
  first(operator: string): Operand {
    return operator === 'B' || operator === '~B' ? { kind: 'none' } : this.source();
  }

  flags(): ResultFlags {
    return {
      writeBoth: this.below(4) === 0,
      keepConditionCodes: this.below(4) === 0,
      predicate: this.below(8) === 0,
    };
  }

  shift(): Shift {
    switch (this.below(3)) {
      case 0:
        return { kind: 'rotate', amount: this.below(32) };
      default:
        return { kind: this.one(['left', 'right']), amount: this.amount() };
    }
  }

  amount(): number | 'indirect' {
    return this.below(8) === 0 ? 'indirect' : 1 + this.below(31);
  }

  branch(): { target: number; defer: Defer } {
    return { target: this.below(this.targets), defer: this.below(4) as Defer };
  }

  /** CSRs with a name, and some without. */
  csr(): number {
    return this.below(8) === 0 ? 4 * this.below(2048) : this.one(Object.values(CSR));
  }
}

const KINDS: readonly ((draw: Draw) => Instruction)[] = [
  (draw) => {
    const operator = draw.key(ALU_CODE);
    const a = draw.first(operator);
    return { kind: 'alu', operator, destination: draw.destination(), a, b: draw.source(), ...draw.flags() };
  },
  (draw) => {
    const operator = draw.key(UNARY_CODE);
    const silent = operator === 'pop_count1' || operator === 'pop_count2';
    const destination = silent ? ({ kind: 'none' } as const) : draw.destination();
    return { kind: 'unary', operator, destination, source: draw.source(), ...draw.flags() };
  },
  (draw) => ({ kind: 'cam_clear', ...draw.flags(), writeBoth: false }),
  (draw) => ({
    kind: 'cam_lookup',
    destination: draw.destination(),
    source: draw.source(),
    localMemory: draw.flip()
      ? undefined
      : { pointer: draw.one([0, 1, 2, 3] as const), offset: draw.one([0, 1, 2, 3] as const) },
    ...draw.flags(),
  }),
  (draw) => ({
    kind: 'cam_write',
    entry: draw.source(),
    tag: draw.flip() ? { kind: 'none' } : draw.source(),
    state: draw.below(16),
    ...draw.flags(),
    writeBoth: false,
  }),
  (draw) => ({
    kind: 'crc',
    littleEndian: draw.flip(),
    operator: draw.key(CRC_CODE),
    destination: draw.destination(),
    source: draw.source(),
    bytes: draw.key(CRC_BYTES_CODE),
    bitSwap: draw.flip(),
    ...draw.flags(),
  }),
  (draw) => {
    const operator = draw.key(SHIFT_OPERATOR_CODE);
    const a = draw.first(operator);
    const rest = { destination: draw.destination(), b: draw.source(), shift: draw.shift(), ...draw.flags() };
    return { kind: 'alu_shf', operator, a, ...rest };
  },
  (draw) => ({
    kind: 'dbl_shf',
    destination: draw.destination(),
    a: draw.source(),
    b: draw.source(),
    amount: draw.amount(),
    ...draw.flags(),
  }),
  (draw) => ({
    kind: 'asr',
    destination: draw.destination(),
    source: draw.source(),
    amount: draw.amount(),
    ...draw.flags(),
  }),
  (draw) => ({
    kind: 'byte_align',
    littleEndian: draw.flip(),
    destination: draw.destination(),
    source: draw.source(),
    ...draw.flags(),
  }),
  (draw) => {
    const width = draw.one(['full', 'word', 'byte'] as const);
    const inverted = width === 'full' && draw.flip();
    return {
      kind: 'immed',
      width,
      destination: draw.destination(),
      value: draw.below(width === 'byte' ? 0x100 : 0x10000) + (inverted ? 0xffff0000 : 0),
      shift: draw.one([0, 8, 16, 24] as const),
      writeBoth: draw.flip(),
      predicate: draw.below(8) === 0,
    };
  },
  (draw) => ({
    kind: 'ld_field',
    clear: draw.flip(),
    destination: draw.register(),
    mask: draw.below(16),
    source: draw.source(),
    shift: draw.below(4) === 0 ? { kind: 'double', amount: draw.below(32) } : draw.shift(),
    loadConditionCodes: draw.flip(),
    writeBoth: draw.flip(),
    predicate: draw.below(8) === 0,
  }),
  (draw) => {
    const size = draw.one<MultiplySize>(['24x8', '16x16', '32x32']);
    const phase = draw.one(['start', 'step1', 'step2', 'step3', 'step4', 'last', 'last2'] as const);
    if (phase === 'last' || phase === 'last2') {
      return { kind: 'mul_step', phase, size, destination: draw.register(), ...draw.flags() };
    }
    const sources = { a: draw.source(), b: draw.source(), ...draw.flags(), writeBoth: false };
    return phase === 'start' ? { kind: 'mul_step', phase, ...sources } : { kind: 'mul_step', phase, size, ...sources };
  },
  (draw) => ({ kind: 'branch', condition: draw.key(BRANCH_CODE), ...draw.branch() }),
  (draw) => ({
    kind: 'br_context',
    test: draw.key(BRANCH_CONTEXT_CODE),
    operand: draw.below(16),
    ...draw.branch(),
  }),
  (draw) => ({ kind: 'br_state', test: draw.key(BRANCH_STATE_CODE), state: draw.below(16), ...draw.branch() }),
  (draw) => ({ kind: 'br_bit', set: draw.flip(), source: draw.register(), bit: draw.below(32), ...draw.branch() }),
  (draw) => ({
    kind: 'br_byte',
    equal: draw.flip(),
    source: draw.register(),
    byte: draw.below(4),
    value: draw.below(256),
    ...draw.branch(),
  }),
  (draw) => {
    const { target, defer } = draw.branch();
    return { kind: 'jump', source: draw.register(), base: draw.flip() ? target : 0, defer };
  },
  (draw) => {
    const wait = draw.one(['signals', 'signals', 'voluntary', 'kill', 'none', 'breakpoint'] as const);
    const { target, defer } = draw.branch();
    const signals = wait === 'signals' ? Array.from({ length: 15 }, (_, i) => i + 1).filter(() => draw.flip()) : [];
    const any = wait === 'signals' && draw.flip();
    return { kind: 'ctx_arb', wait, signals, any, resumeAt: draw.flip() ? target : undefined, defer };
  },
  (draw) => ({ kind: 'local_csr_rd', csr: draw.csr() }),
  (draw) => ({ kind: 'local_csr_wr', csr: draw.csr(), source: draw.source() }),
  randomCommand,
  randomCommand,
  () => ({ kind: 'nop' }),
];

function randomCommand(draw: Draw): Instruction {
  const { target, name, lengthMask, lengthBits } = draw.one(COMMANDS);
  // The length field chooses the command as well.
  const length = (draw.below(8) & ~lengthMask) | lengthBits;
  const address = randomAddress(draw, length);
  const { kind } = address;
  const hasTransfer = kind === 'sum' || kind === 'shifted' || kind === 'immediate';
  const completion = draw.one(['swap', 'done', 'none'] as const);
  const signal = completion === 'none' || kind === 'immediate_pair' ? 0 : draw.below(16);
  return {
    kind: 'command',
    target,
    command: name,
    xfer: hasTransfer ? draw.below(64) : 0,
    address,
    count: kind === 'immediate_pair' ? 1 : 1 + length,
    indirect: draw.below(4) === 0,
    completion,
    signal,
    defer: completion === 'swap' ? draw.one([0, 1, 2] as const) : 0,
  };
}

function randomAddress(draw: Draw, length: number): CommandAddress {
  const source = (): SourceOperand =>
    draw.below(4) === 0 ? { kind: 'immediate', value: draw.below(128) } : draw.register();
  switch (draw.below(8)) {
    case 0:
      return { kind: 'immediate', address: draw.below(0x10000) };
    case 1:
      return { kind: 'third_party', dataReference: draw.below(128), base: source(), offset: source() };
    case 2:
      return { kind: 'immediate_data', data: draw.below(0x400000) };
    case 3:
      return {
        kind: 'immediate_pair',
        address: draw.below(0x10000),
        data: draw.below(16) * 1024 + length * 128 + draw.below(128),
      };
    case 4:
    case 5:
      return { kind: 'shifted', base: source(), offset: source() };
    default:
      return { kind: 'sum', a: source(), b: source() };
  }
}
