import { assert } from '../../base/assert.ts';
import type { RandomStream } from '../../base/random.ts';
import { CSR } from '../isa/csr.ts';
import type {
  BranchCondition,
  CommandInstruction,
  ContextMode,
  Defer,
  Destination,
  GprOperand,
  Instruction,
  SourceOperand,
} from '../isa/instruction.ts';
import { randomInstruction } from '../isa/random-program.ts';
import { verifyInstruction } from '../isa/verify.ts';

/** A program that ends, and how to start it: for tests that two engines agree, and that the oracle keeps its rules. */
export interface RandomExecution {
  readonly contexts: ContextMode;
  /** Contexts that start at instruction 0. */
  readonly starts: readonly number[];
  readonly instructions: readonly Instruction[];
}

/**
 * Draws a program of computation of every kind, loops, calls, branches with deferred instructions, commands to all
 * memories, CSRs and signals. Every loop counts, every wait is for a signal that comes. All accesses lie in the first
 * kilobyte of a memory; local memory needs a region over all of it, since pointers wander.
 * @param blocks of about ten instructions each
 */
export function randomExecution(random: RandomStream, contexts: ContextMode = 8, blocks = 12): RandomExecution {
  const starts = Array.from({ length: contexts }, (_, context) => context).filter(() => random.below(3) === 0);
  const writer = new Writer(random, contexts);
  writer.prologue();
  for (let block = 0; block < blocks; block++) writer.block(2);
  writer.put(arbitration({ wait: 'kill' }));
  writer.subroutine();
  return { contexts, starts: starts.length === 0 ? [0] : starts, instructions: writer.finish() };
}

const A = (index: number): GprOperand => ({ kind: 'gpr', bank: 'A', index });
const B = (index: number): GprOperand => ({ kind: 'gpr', bank: 'B', index });
const constant = (value: number): SourceOperand => ({ kind: 'immediate', value });
const NONE = { kind: 'none' } as const;
const FLAGS = { writeBoth: false, keepConditionCodes: false, predicate: false } as const;

// Registers that random computation leaves alone.
const EMEM_BASE = A(12);
const IMEM_BASE = A(13);
const LINK = A(14);
const SCRATCH = A(11);
const OFFSET = B(12);
const COUNTERS = [B(13), B(14)] as const;
const RESERVED_FROM = 11;
const RESERVED_TO = 14;

/** For commands with swap; for those without; and one that contexts raise for one another and nobody waits for. */
const SWAP_SIGNAL = 1;
const DONE_SIGNALS = [4, 6, 8, 10] as const;
const FREE_SIGNAL = 15;

const COMPUTATION: ReadonlySet<Instruction['kind']> = new Set([
  'alu',
  'alu_shf',
  'asr',
  'byte_align',
  'cam_clear',
  'cam_lookup',
  'cam_write',
  'crc',
  'dbl_shf',
  'immed',
  'ld_field',
  'mul_step',
  'nop',
  'unary',
]);

const CONDITIONS: readonly BranchCondition[] = [
  'br',
  'beq',
  'bne',
  'bmi',
  'bpl',
  'bcs',
  'bcc',
  'bvs',
  'bvc',
  'bge',
  'blt',
  'ble',
  'bgt',
];

const INDEX_CSRS = [
  CSR.ActLMAddr0,
  CSR.ActLMAddr1,
  CSR.ActLMAddr2,
  CSR.ActLMAddr3,
  CSR.XferIndex,
  CSR.ByteIndex,
  CSR.NNPut,
  CSR.NNGet,
  CSR.CRCRemainder,
  CSR.Mailbox2,
  CSR.IndPredCC,
] as const;

const READABLE_CSRS = [...INDEX_CSRS, CSR.ActCtxStatus, CSR.TimestampLow, CSR.ActCtxSglEvt, CSR.ActCtxWkpEvt] as const;

const MEM_COMMANDS = [
  'read8',
  'read32',
  'read32_swap',
  'read',
  'write8',
  'write8_swap',
  'write32',
  'write32_swap',
  'write',
  'atomic_read',
  'atomic_write',
  'swap',
  'add',
  'sub',
  'set',
  'clr',
  'xor',
  'addsat',
  'subsat',
  'add64',
  'sub64',
  'test_add',
  'test_sub',
  'test_set',
  'test_clr',
  'test_addsat',
  'test_subsat64',
] as const;
const CLS_COMMANDS = ['read', 'write', 'add', 'sub', 'set', 'clr', 'test_add', 'test_set', 'addsat'] as const;

/** Writes instructions; labels are negative targets until `finish`. */
class Writer {
  private readonly random: RandomStream;
  private readonly contexts: ContextMode;
  private readonly instructions: Instruction[] = [];
  private readonly places = new Map<number, number>();
  private labels = 0;
  private readonly subroutineLabel = this.label();

  constructor(random: RandomStream, contexts: ContextMode) {
    this.random = random;
    this.contexts = contexts;
  }

  put(...instructions: readonly Instruction[]): void {
    this.instructions.push(...instructions);
  }

  prologue(): void {
    this.put(immed(EMEM_BASE, 0x9800, 16), immed(IMEM_BASE, 0x9c00, 16));
    for (let i = 0; i < 8; i++) {
      const register = this.random.below(2) === 0 ? A(this.random.below(11)) : B(this.random.below(11));
      this.put(immed(register, this.random.below(0x10000), this.one([0, 8, 16] as const)));
    }
  }

  /** @param depth loops that may still be inside one another */
  block(depth: number): void {
    switch (this.random.below(9)) {
      case 0:
      case 1:
        this.compute(1 + this.random.below(12));
        break;
      case 2:
        this.skip();
        break;
      case 3:
        if (depth > 0) this.loop(depth);
        else this.compute(3);
        break;
      case 4:
        this.put(loadAddress(LINK, this.instructions.length + 2));
        this.put(branch('br', -this.subroutineLabel, 0));
        break;
      case 5:
        this.tableJump();
        break;
      case 6:
        this.csr();
        break;
      default:
        this.memory();
    }
  }

  /** Called with the return address in the link register. */
  subroutine(): void {
    this.places.set(this.subroutineLabel, this.instructions.length);
    this.compute(4);
    const defer = this.defer();
    this.put({ kind: 'jump', source: LINK, base: 0, defer });
    this.compute(defer);
  }

  finish(): Instruction[] {
    return this.instructions.map((instruction) => {
      const target = 'target' in instruction ? instruction.target : undefined;
      if (typeof target !== 'number' || target >= 0) return instruction;
      const place = this.places.get(-target);
      assert(place !== undefined, `label ${-target} was never placed`);
      return { ...instruction, target: place } as Instruction;
    });
  }

  private one<T>(choices: readonly T[]): T {
    return choices[this.random.below(choices.length)]!;
  }

  private defer(): Defer {
    return this.random.below(4) as Defer;
  }

  private label(): number {
    this.labels++;
    return this.labels;
  }

  private place(label: number): void {
    this.places.set(label, this.instructions.length);
  }

  private compute(count: number): void {
    for (let i = 0; i < count; i++) this.put(this.computation());
  }

  private computation(): Instruction {
    for (;;) {
      const instruction = randomInstruction(this.random, this.contexts);
      if (!COMPUTATION.has(instruction.kind) || !leavesReserved(instruction)) continue;
      if (isExecuted(instruction, this.contexts)) return instruction;
    }
  }

  /** A branch over some instructions, on any condition. */
  private skip(): void {
    const label = this.label();
    const defer = this.defer();
    const target = -label;
    const source = this.one([A(this.random.below(11)), B(this.random.below(11))]);
    switch (this.random.below(6)) {
      case 0:
        this.put({
          kind: 'br_bit',
          set: this.random.below(2) === 0,
          source,
          bit: this.random.below(32),
          target,
          defer,
        });
        break;
      case 1: {
        const octet = { byte: this.random.below(4), value: this.random.below(256) };
        this.put({ kind: 'br_byte', equal: this.random.below(2) === 0, source, ...octet, target, defer });
        break;
      }
      case 2: {
        const test = this.one(['br=ctx', 'br!=ctx'] as const);
        this.put({ kind: 'br_context', test, operand: this.random.below(this.contexts), target, defer });
        break;
      }
      case 3: {
        const test = this.one(['br_signal', 'br_!signal'] as const);
        this.put({ kind: 'br_context', test, operand: FREE_SIGNAL, target, defer });
        break;
      }
      case 4: {
        const test = this.one(['br_inp_state', 'br_!inp_state'] as const);
        this.put({ kind: 'br_state', test, state: this.random.below(2), target, defer });
        break;
      }
      default:
        this.compute(this.random.below(2));
        this.put(branch(this.one(CONDITIONS), target, defer));
    }
    this.compute(defer + this.random.below(5));
    this.place(label);
  }

  private loop(depth: number): void {
    const counter = COUNTERS[depth - 1]!;
    const label = this.label();
    this.put(immed(counter, 1 + this.random.below(6), 0));
    this.place(label);
    const blocks = 1 + this.random.below(3);
    for (let block = 0; block < blocks; block++) this.block(depth - 1);
    this.put(alu(counter, counter, '-', constant(1)));
    const defer = this.defer();
    this.put(branch('bne', -label, defer));
    this.compute(defer);
  }

  /** Into a table of two entries by a bit of a register. */
  private tableJump(): void {
    const end = this.label();
    this.put(alu(SCRATCH, A(this.random.below(11)), 'AND', constant(1)));
    const defer = this.defer();
    const base = this.instructions.length + 1 + defer;
    this.put({ kind: 'jump', source: SCRATCH, base, defer });
    this.compute(defer);
    this.put(branch('br', -end, 0));
    this.compute(3);
    this.place(end);
  }

  private csr(): void {
    switch (this.random.below(4)) {
      case 0:
        // Bit 7: the next context; bits 6..3 the signal.
        this.put(immed(SCRATCH, this.one([0x80, 0]) + FREE_SIGNAL * 8 + this.random.below(this.contexts), 0));
        this.put({ kind: 'local_csr_wr', csr: CSR.SameMESignal, source: SCRATCH });
        break;
      case 1:
        this.put({ kind: 'local_csr_rd', csr: this.one(READABLE_CSRS) });
        this.put(immed(A(this.random.below(11)), 0, 0));
        break;
      default: {
        const csr = this.one(INDEX_CSRS);
        // The conditions of PredCC are twelve.
        const limit = csr === CSR.IndPredCC ? 7 : 255;
        this.put(alu(SCRATCH, B(this.random.below(11)), 'AND', constant(limit)));
        this.put({ kind: 'local_csr_wr', csr, source: SCRATCH });
        this.compute(this.random.below(5));
      }
    }
  }

  /** Commands, one with swap or some without; then a wait for those that raise a signal. */
  private memory(): void {
    if (this.random.below(5) === 0) {
      this.put(arbitration({ wait: 'voluntary' }));
      return;
    }
    if (this.random.below(2) === 0) {
      this.access({ completion: 'swap', signal: SWAP_SIGNAL, defer: this.random.below(3) as 0 | 1 | 2 });
      return;
    }
    const signals = DONE_SIGNALS.filter(() => this.random.below(2) === 0);
    for (const signal of signals) {
      this.access({ completion: 'done', signal, defer: 0 });
      this.compute(this.random.below(4));
    }
    if (signals.length === 0) this.access({ completion: 'none', signal: 0, defer: 0 });
    else if (this.random.below(3) === 0) for (const signal of signals) this.poll(signal);
    else {
      if (this.random.below(2) === 0) this.put(arbitration({ wait: 'signals', signals, any: true }));
      const defer = this.defer();
      this.put(arbitration({ wait: 'signals', signals, defer }));
      this.compute(defer);
    }
  }

  /** Asks again and again whether a signal has come. */
  private poll(signal: number): void {
    const target = this.instructions.length;
    this.put({ kind: 'br_context', test: 'br_!signal', operand: signal, target, defer: 0 });
  }

  private access(ending: Pick<CommandInstruction, 'completion' | 'signal' | 'defer'>): void {
    const target = this.one(['mem', 'mem', 'mem', 'cls'] as const);
    const command = target === 'mem' ? this.one(MEM_COMMANDS) : this.one(CLS_COMMANDS);
    const wide = target === 'mem' && command.endsWith('64');
    this.put(alu(OFFSET, A(this.random.below(11)), 'AND', constant(0xf8)));
    const address: CommandInstruction['address'] =
      target === 'mem' && this.random.below(3) !== 0
        ? { kind: 'shifted', base: this.one([EMEM_BASE, IMEM_BASE]), offset: OFFSET }
        : { kind: 'sum', a: constant(8 * this.random.below(16)), b: OFFSET };
    const indirect = !wide && this.random.below(5) === 0;
    // Bit 7 says that bits 12..8 are the length less one.
    if (indirect) {
      this.put(immed(SCRATCH, 0x80 + 0x100 * this.random.below(4), 0));
      this.put(alu(NONE, SCRATCH, 'OR', constant(0)));
    }
    this.put({
      kind: 'command',
      target,
      command,
      xfer: this.random.below(16),
      address,
      count: wide ? 5 + this.random.below(2) : 1 + this.random.below(4),
      indirect,
      ...ending,
    });
    this.compute(ending.defer);
  }
}

/** Whether the results leave the registers alone that programs are steered by. */
function leavesReserved(instruction: Instruction): boolean {
  if (!('destination' in instruction)) return true;
  const { destination } = instruction;
  if (destination.kind === 'absolute_gpr') return false;
  return destination.kind !== 'gpr' || destination.index < RESERVED_FROM || destination.index > RESERVED_TO;
}

function isExecuted(instruction: Instruction, contexts: ContextMode): boolean {
  assert(verifyInstruction(instruction, contexts).length === 0, 'a drawn instruction breaks rules');
  if (instruction.kind !== 'crc') return true;
  return instruction.operator !== '--' || instruction.bytes === 'bytes_0_3';
}

function immed(destination: Destination, value: number, shift: 0 | 8 | 16): Instruction {
  return { kind: 'immed', width: 'full', destination, value, shift, writeBoth: false, predicate: false };
}

function loadAddress(destination: Destination, target: number): Instruction {
  return immed(destination, target, 0);
}

function alu(destination: Destination, a: SourceOperand, operator: 'AND' | 'OR' | '-', b: SourceOperand): Instruction {
  return { kind: 'alu', operator, destination, a, b, ...FLAGS };
}

function branch(condition: BranchCondition, target: number, defer: Defer): Instruction {
  return { kind: 'branch', condition, target, defer };
}

function arbitration(
  given: Partial<Omit<Extract<Instruction, { kind: 'ctx_arb' }>, 'kind'>> & {
    readonly wait: 'signals' | 'voluntary' | 'kill';
  },
): Instruction {
  return { kind: 'ctx_arb', signals: [], any: false, resumeAt: undefined, defer: 0, ...given };
}
