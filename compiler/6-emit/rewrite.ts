import { assert } from '../../base/assert.ts';
import { CSR } from '../../npu/isa/csr.ts';
import type {
  Bank,
  Destination,
  GprOperand,
  Instruction,
  MulStepInstruction,
  Operand,
  RegisterOperand,
  SourceOperand,
} from '../../npu/isa/instruction.ts';
import type { CodePosition } from '../ir.ts';
import { SCRATCH_INDEX } from './allocate.ts';
import { expandCall } from './expand-call.ts';
import type { MachineCode, MachineInstruction, MachineOperand, PlacedInstruction } from './machine.ts';
import { asRegister, OperandPlaces, type PlacedFunction } from './operand-places.ts';
import { OperandRepairs, other, RESTRICTED_WORDS } from './operand-repairs.ts';

export interface PlacedBlock {
  readonly label: string;
  readonly instructions: PlacedInstruction[];
}

const POINTER_CSR = { 1: CSR.ActLMAddr1, 3: CSR.ActLMAddr3 } as const;
export const SWAP_SIGNAL = 1;
const FLAGS = { writeBoth: false, keepConditionCodes: false, predicate: false } as const;
const NONE = { kind: 'none' } as const;

/**
 * Writes the function's instructions down with real registers: resolves places, repairs operands that the instruction
 * cannot have (two GPRs of one bank, two words of local memory, a word out of a restricted operand's reach) through the
 * scratch register of a bank, and expands calls.
 *
 * Repairs never touch the condition codes, and for instructions that are glued together they come before the first.
 */
export function rewriteFunction(
  placed: PlacedFunction,
  all: ReadonlyMap<string, PlacedFunction>,
  settings: { readonly pointerDelay: number; readonly movingPointer: 1 | 3 },
): PlacedBlock[] {
  return new Rewriter(placed, all, settings).run();
}

class Rewriter {
  private readonly placed: PlacedFunction;
  private readonly places: OperandPlaces;
  private readonly all: ReadonlyMap<string, PlacedFunction>;
  private readonly settings: { readonly pointerDelay: number; readonly movingPointer: 1 | 3 };
  private blocks: PlacedBlock[] = [];
  private readonly repairs = new OperandRepairs();
  private output: PlacedInstruction[] = [];
  private position: CodePosition | undefined;
  private callNumber = 0;
  /** Instructions since the moving pointer was set. */
  private sincePointer = Number.POSITIVE_INFINITY;

  constructor(
    placed: PlacedFunction,
    all: ReadonlyMap<string, PlacedFunction>,
    settings: { readonly pointerDelay: number; readonly movingPointer: 1 | 3 },
  ) {
    this.placed = placed;
    this.places = new OperandPlaces(placed, settings.movingPointer);
    this.all = all;
    this.settings = settings;
  }

  run(): PlacedBlock[] {
    for (const block of this.placed.function.blocks) {
      this.blocks.push({ label: block.label, instructions: [] });
      const { instructions } = block;
      for (let i = 0; i < instructions.length; ) {
        let end = i + 1;
        while (end < instructions.length && instructions[end]!.glued) end++;
        this.run1(instructions.slice(i, end));
        i = end;
      }
    }
    return this.blocks;
  }

  /** One instruction, or a run that must stay together. */
  private run1(instructions: readonly MachineInstruction[]): void {
    this.output = [];
    this.repairs.startRun();
    for (const instruction of instructions) {
      this.position = instruction.position;
      this.repairs.position = instruction.position;
      this.instruction(instruction);
    }
    const list = this.blocks.at(-1)!.instructions;
    for (const item of [...this.repairs.before, ...this.output, ...this.repairs.after]) {
      if (mentionsPointer(item.instruction, this.settings.movingPointer)) {
        for (; this.sincePointer < this.settings.pointerDelay; this.sincePointer++) {
          list.push({ instruction: { kind: 'nop' }, label: undefined, glued: false, position: item.position });
        }
      }
      list.push(item);
      this.sincePointer = item.instruction.kind === 'local_csr_wr' ? 0 : this.sincePointer + 1;
    }
  }

  private put(instruction: Instruction, label?: string): void {
    const glued = this.output.length > 0;
    this.output.push({ instruction, label, glued, position: this.position });
  }

  private asSource(operand: Operand): SourceOperand {
    assert(operand.kind !== 'none', 'a source is missing');
    return operand;
  }

  private destination(operand: MachineOperand, restricted: boolean): Destination {
    const place = this.places.resolve(operand);
    assert(place.kind !== 'immediate', 'immediate destination');
    return this.repairs.destination(place, restricted);
  }

  // ---- instructions

  private instruction(machine: MachineInstruction): void {
    const { code } = machine;
    switch (code.kind) {
      case 'alu': {
        const [a, b] = this.repairs.sources(this.places.resolve(machine.a), this.places.resolve(machine.b), false);
        const destination = this.destination(machine.destination, false);
        const copies = code.operator === 'B' && a.kind === 'none';
        if (copies && destination.kind !== 'none' && isSame(destination, b)) return;
        this.put({ kind: 'alu', operator: code.operator, destination, a, b: this.asSource(b), ...FLAGS });
        return;
      }
      case 'alu_shf': {
        const [a, b] = this.repairs.sources(this.places.resolve(machine.a), this.places.resolve(machine.b), true);
        const destination = this.destination(machine.destination, true);
        const { operator, shift } = code;
        this.put({ kind: 'alu_shf', operator, destination, a, b: this.asSource(b), shift, ...FLAGS });
        return;
      }
      case 'dbl_shf': {
        const [a, b] = this.repairs.sources(this.places.resolve(machine.a), this.places.resolve(machine.b), true);
        const destination = this.destination(machine.destination, true);
        const { amount } = code;
        this.put({ kind: 'dbl_shf', destination, a: this.asSource(a), b: this.asSource(b), amount, ...FLAGS });
        return;
      }
      case 'asr': {
        const [, source] = this.repairs.sources(NONE, this.places.resolve(machine.b), true);
        const destination = this.destination(machine.destination, true);
        this.put({ kind: 'asr', destination, source: this.asSource(source), amount: code.amount, ...FLAGS });
        return;
      }
      case 'ffs': {
        const destination = this.destination(machine.destination, false);
        const source = this.asSource(this.places.resolve(machine.b));
        this.put({ kind: 'unary', operator: 'ffs', destination, source, ...FLAGS });
        return;
      }
      case 'immed': {
        const destination = this.destination(machine.destination, false);
        const { width, value, shift } = code;
        this.put({ kind: 'immed', width, destination, value, shift, writeBoth: false, predicate: false });
        return;
      }
      case 'csr_rd':
        this.put({ kind: 'local_csr_rd', csr: code.csr });
        this.put({
          kind: 'immed',
          width: 'full',
          destination: this.destination(machine.destination, false),
          value: 0,
          shift: 0,
          writeBoth: false,
          predicate: false,
        });
        return;
      case 'csr_wr':
        this.put({
          kind: 'local_csr_wr',
          csr: code.csr === 'pointer' ? POINTER_CSR[this.settings.movingPointer] : code.csr,
          source: this.asSource(this.places.resolve(machine.b)),
        });
        return;
      case 'ld_field':
        this.loadField(code, machine);
        return;
      case 'mul_step':
        this.multiplyStep(code, machine);
        return;
      case 'branch':
        this.put({ kind: 'branch', condition: code.condition, target: 0, defer: 0 }, code.label);
        return;
      case 'br_bit': {
        const source = this.branchSource(machine.a);
        this.put({ kind: 'br_bit', set: code.set, source, bit: code.bit, target: 0, defer: 0 }, code.label);
        return;
      }
      case 'br_byte': {
        const source = this.branchSource(machine.a);
        const { equal, byte, value } = code;
        this.put({ kind: 'br_byte', equal, source, byte, value, target: 0, defer: 0 }, code.label);
        return;
      }
      case 'return':
        this.put({ kind: 'jump', source: asRegister(this.places.resolve(machine.a)), base: 0, defer: 0 });
        return;
      case 'ctx_arb': {
        const signals = code.signals.map((signal) => this.placed.signalBase + signal).sort((a, b) => a - b);
        const any = code.wait === 'any';
        this.put({ kind: 'ctx_arb', wait: any ? 'signals' : code.wait, signals, any, resumeAt: undefined, defer: 0 });
        return;
      }
      case 'br_signal': {
        const operand = this.placed.signalBase + code.signal;
        this.put({ kind: 'br_context', test: 'br_signal', operand, target: 0, defer: 0 }, code.label);
        return;
      }
      case 'crc': {
        const { operator, littleEndian, bytes } = code;
        const source = this.asSource(this.places.resolve(machine.b));
        const what = { operator, littleEndian, bytes, bitSwap: false };
        this.put({ kind: 'crc', ...what, destination: NONE, source, ...FLAGS });
        return;
      }
      case 'cam_lookup':
      case 'cam_read': {
        const destination = this.destination(machine.destination, false);
        const source = this.asSource(this.places.resolve(machine.b));
        if (code.kind === 'cam_lookup') {
          this.put({ kind: 'cam_lookup', destination, source, localMemory: undefined, ...FLAGS });
        } else this.put({ kind: 'unary', operator: `cam_read_${code.what}`, destination, source, ...FLAGS });
        return;
      }
      case 'cam_write': {
        const [a, b] = this.repairs.sources(this.places.resolve(machine.a), this.places.resolve(machine.b), true);
        this.put({ kind: 'cam_write', entry: this.asSource(a), tag: b, state: code.state, ...FLAGS });
        return;
      }
      case 'cam_clear':
        this.put({ kind: 'cam_clear', ...FLAGS });
        return;
      case 'command':
        this.command(code, machine);
        return;
      case 'nop':
        this.put({ kind: 'nop' });
        return;
      case 'call':
        this.call(code);
    }
  }

  private branchSource(operand: MachineOperand): RegisterOperand {
    const source = this.places.resolve(operand);
    if (source.kind === 'immediate') return this.repairs.repair(source, 'A');
    return asRegister(this.repairs.reachable(source, true, NONE));
  }

  private loadField(code: Extract<MachineCode, { kind: 'ld_field' }>, machine: MachineInstruction): void {
    let destination = this.places.resolve(machine.destination);
    let source = this.places.resolve(machine.b);
    const place = destination;
    // The destination is a source too: same banks, same reach, one word of local memory or transfer register.
    const direct = code.clear && destination.kind === 'xfer' && source.kind !== 'xfer';
    if (destination.kind === 'local_memory' || (destination.kind === 'xfer' && !direct)) {
      const bank = source.kind === 'gpr' ? other(source.bank) : 'A';
      const register: GprOperand = { kind: 'gpr', bank, index: SCRATCH_INDEX };
      if (code.clear) assert(!this.repairs.scratch.has(bank), 'scratch register in use');
      else this.repairs.repair(destination, bank);
      this.repairs.scratch.set(bank, JSON.stringify(destination));
      destination = register;
    }
    if (source.kind === 'local_memory' && source.offset >= RESTRICTED_WORDS) {
      const bank = destination.kind === 'gpr' ? other(destination.bank) : 'B';
      source = this.repairs.repair(source, bank);
    }
    if (destination.kind === 'gpr' && source.kind === 'gpr' && destination.bank === source.bank) {
      source = this.repairs.repair(source, other(destination.bank));
    }
    this.put({
      kind: 'ld_field',
      clear: code.clear,
      destination: asRegister(destination),
      mask: code.mask,
      source: this.asSource(source),
      shift: code.shift,
      loadConditionCodes: false,
      writeBoth: false,
      predicate: false,
    });
    if (destination !== place) {
      this.repairs.moveAfter(asRegister(place), destination);
    }
  }

  private multiplyStep(code: Extract<MachineCode, { kind: 'mul_step' }>, machine: MachineInstruction): void {
    const { phase, size } = code;
    if (phase === 'last' || phase === 'last2') {
      const destination = asRegister(this.destination(machine.destination, false));
      const last: MulStepInstruction = { kind: 'mul_step', phase, size, destination, ...FLAGS };
      this.put(last);
      return;
    }
    const [left, right] = this.repairs.sources(this.places.resolve(machine.a), this.places.resolve(machine.b), false);
    const a = this.asSource(left);
    const b = this.asSource(right);
    if (phase === 'start') this.put({ kind: 'mul_step', phase, a, b, ...FLAGS });
    else this.put({ kind: 'mul_step', phase, size, a, b, ...FLAGS });
  }

  private command(code: Extract<MachineCode, { kind: 'command' }>, machine: MachineInstruction): void {
    let a = this.places.resolve(machine.a);
    let b = this.places.resolve(machine.b);
    if (code.form === 'sum' && (isBank(a, 'B') || isBank(b, 'A')) && !isBank(a, 'A') && !isBank(b, 'B'))
      [a, b] = [b, a];
    const plain = (operand: Operand) => operand.kind === 'gpr' || operand.kind === 'immediate';
    if (code.form === 'sum') {
      if (!plain(a) || isBank(a, 'B')) a = this.repairs.repair(a, 'A');
      if (!plain(b) || isBank(b, 'A')) b = this.repairs.repair(b, 'B');
    } else {
      if (!plain(a)) a = this.repairs.repair(a, isBank(b, 'A') ? 'B' : 'A');
      if (!plain(b)) b = this.repairs.repair(b, isBank(a, 'A') ? 'B' : 'A');
      if (a.kind === 'gpr' && b.kind === 'gpr' && a.bank === b.bank) b = this.repairs.repair(b, other(a.bank));
    }
    assert(a.kind === 'gpr' || a.kind === 'immediate', 'command address');
    assert(b.kind === 'gpr' || b.kind === 'immediate', 'command address');
    const swap = code.completion === 'swap';
    this.put({
      kind: 'command',
      target: code.target,
      command: code.command,
      xfer: code.group === undefined ? 0 : this.places.transferBase(code.group) + code.first,
      address: code.form === 'sum' ? { kind: 'sum', a, b } : { kind: 'shifted', base: a, offset: b },
      count: code.count,
      indirect: code.indirect,
      completion: swap ? 'swap' : code.completion === 'none' ? 'none' : 'done',
      signal: typeof code.completion === 'number' ? this.placed.signalBase + code.completion : swap ? SWAP_SIGNAL : 0,
      defer: 0,
    });
  }

  /** The callee returns to a block of its own. */
  private call(code: Extract<MachineCode, { kind: 'call' }>): void {
    const callee = this.all.get(code.function);
    assert(callee !== undefined, `callee ${code.function}`);
    const back = `${this.blocks.at(-1)!.label}#${this.callNumber++}`;
    const { before, after } = expandCall(code, this.places, callee, back, this.position);
    this.blocks.at(-1)!.instructions.push(...before);
    this.blocks.push({ label: back, instructions: after });
  }
}

function isBank(operand: Operand, bank: Bank): boolean {
  return operand.kind === 'gpr' && operand.bank === bank;
}

function isSame(a: RegisterOperand, b: Operand): boolean {
  if (a.kind === 'gpr') return b.kind === 'gpr' && a.bank === b.bank && a.index === b.index;
  if (a.kind === 'local_memory') {
    return b.kind === 'local_memory' && a.pointer === b.pointer && a.offset === b.offset && a.step + b.step === 0;
  }
  return false;
}

function mentionsPointer(instruction: Instruction, pointer: number): boolean {
  return Object.values(instruction).some(
    (value: unknown) =>
      typeof value === 'object' &&
      value !== null &&
      'kind' in value &&
      value.kind === 'local_memory' &&
      'pointer' in value &&
      value.pointer === pointer,
  );
}
