import { assert } from '../../base/assert.ts';
import type { AluOperator, Shift } from '../../npu/isa/instruction.ts';
import { knownWidths } from '../5-optimise/known-width.ts';
import type { CodePosition, IrFunction, Operand } from '../ir.ts';
import { immediate, type MachineCode, type MachineInstruction, type MachineOperand, NONE, virtual } from './machine.ts';

/** Largest immediate of a general source operand, and of a command's address. */
export const IMMEDIATE_MAX = 255;
export const COMMAND_IMMEDIATE_MAX = 127;

export function blockLabel(functionName: string, blockName: string): string {
  return `${functionName}/${blockName}`;
}

/** The machine code of a function while it is selected: what the `select-*.ts` files add instructions to. */
export class Selection {
  readonly function: IrFunction;
  /** First near local-memory word of each local object. */
  readonly localWords: readonly number[];
  /** Registers of the results at return, and of the return address. */
  readonly results: number[] = [];
  readonly link: number | undefined;
  /** Words of each transfer group. */
  readonly groups: number[];
  registerCount: number;
  position: CodePosition | undefined;
  private instructions: MachineInstruction[] = [];
  /** Undefined until somebody asks: most functions multiply nothing. */
  private widths: readonly number[] | undefined;
  private readonly signals = new Map<number, number>();
  /** Signals of the function whose commands raise the next one as well. */
  private readonly pairs: ReadonlySet<number>;
  private signalsTaken = 0;
  /** Registers that hold a large constant in the current block; nothing else writes them. */
  private readonly constants = new Map<number, number>();

  constructor(
    function_: IrFunction,
    settings: { isEntry: boolean; localWords: readonly number[]; signalPairs: ReadonlySet<number> },
  ) {
    this.function = function_;
    this.localWords = settings.localWords;
    this.pairs = settings.signalPairs;
    this.registerCount = function_.registers.length;
    this.groups = function_.groups.map((group) => group.words);
    for (let i = 0; i < function_.resultCount; i++) this.results.push(this.fresh());
    this.link = settings.isEntry ? undefined : this.fresh();
  }

  /** Starts a block; its instructions are in the list that is returned. */
  startBlock(): MachineInstruction[] {
    this.instructions = [];
    this.constants.clear();
    return this.instructions;
  }

  get signalCount(): number {
    return this.signalsTaken;
  }

  /** Whether some signals come in pairs: the number of the function's first signal has to be even then. */
  get hasSignalPairs(): boolean {
    return this.pairs.size > 0;
  }

  fresh(): number {
    return this.registerCount++;
  }

  freshGroup(words: number): number {
    this.groups.push(words);
    return this.groups.length - 1;
  }

  groupWords(group: number): number {
    return this.groups[group]!;
  }

  put(
    code: MachineCode,
    destination: MachineOperand,
    a: MachineOperand,
    b: MachineOperand,
    glued: boolean = false,
  ): void {
    this.instructions.push({ code, destination, a, b, glued, position: this.position });
  }

  alu(operator: AluOperator, destination: MachineOperand, a: MachineOperand, b: MachineOperand): void {
    this.put({ kind: 'alu', operator }, destination, a, b);
  }

  move(destination: MachineOperand, source: MachineOperand): void {
    this.alu('B', destination, NONE, source);
  }

  shifted(destination: MachineOperand, source: MachineOperand, shift: Shift): void {
    this.put({ kind: 'alu_shf', operator: 'B', shift }, destination, NONE, source);
  }

  /** Loads any 32-bit constant: one or two instructions. */
  load(destination: MachineOperand, value: number): void {
    value >>>= 0;
    const immed = (part: number, shift: 0 | 8 | 16, width: 'full' | 'word' = 'full') =>
      this.put({ kind: 'immed', width, value: part, shift }, destination, NONE, NONE);
    if (value <= 0xffff) immed(value, 0);
    else if ((value & 0xff0000ff) === 0) immed(value >>> 8, 8);
    else if ((value & 0xffff) === 0) immed(value >>> 16, 16);
    else if (value >= 0xffff0000) immed(value, 0);
    else if (destination.kind === 'virtual') {
      immed(value & 0xffff, 0);
      immed(value >>> 16, 16, 'word');
    } else {
      // A partial load keeps what the destination held, which only a register can give back.
      const whole = virtual(this.fresh());
      this.load(whole, value);
      this.move(destination, whole);
    }
  }

  /** The operand as a source: a register, a small immediate, or a register that the constant is loaded into. */
  source(operand: Operand, immediateMax: number = IMMEDIATE_MAX): MachineOperand {
    assert(operand.kind !== 'address', 'addresses are resolved before selection');
    if (operand.kind === 'register') return virtual(operand.id);
    if (operand.value <= immediateMax) return immediate(operand.value);
    return virtual(this.constantRegister(operand.value));
  }

  constantRegister(value: number): number {
    const known = this.constants.get(value);
    if (known !== undefined) return known;
    const register = this.fresh();
    this.load(virtual(register), value);
    this.constants.set(value, register);
    return register;
  }

  signal(number: number): number {
    const known = this.signals.get(number);
    if (known !== undefined) return known;
    const pair = this.pairs.has(number);
    const signal = this.signalsTaken + (pair ? this.signalsTaken % 2 : 0);
    this.signalsTaken = signal + (pair ? 2 : 1);
    this.signals.set(number, signal);
    return signal;
  }

  copy(destination: MachineOperand, source: Operand): void {
    assert(source.kind !== 'address', 'addresses are resolved before selection');
    if (source.kind === 'register') this.move(destination, virtual(source.id));
    else {
      const cached = this.constants.get(source.value);
      if (cached === undefined) this.load(destination, source.value);
      else this.move(destination, virtual(cached));
    }
  }

  /** How many low bits of the operand can be set. */
  width(operand: Operand): number {
    if (operand.kind === 'register') {
      this.widths ??= knownWidths(this.function);
      return this.widths[operand.id]!;
    }
    return operand.kind === 'constant' ? 32 - Math.clz32(operand.value) : 32;
  }

  /** As `source`, in a register when the other operand is an immediate already. */
  notBothImmediate(operand: Operand, other: Operand): MachineOperand {
    const both = operand.kind === 'constant' && other.kind === 'constant';
    return both ? virtual(this.constantRegister(operand.value)) : this.source(operand);
  }
}
