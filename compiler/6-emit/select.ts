import { assert } from '../../base/assert.ts';
import type { SourcePosition } from '../../base/errors.ts';
import type { AluOperator, BranchCondition, Shift } from '../../npu/instruction.ts';
import { findCommandByAlternative } from '../../npu/isa-commands.ts';
import { CSR, csrAddress } from '../../npu/isa-csr.ts';
import { knownWidths } from '../5-optimise/known-width.ts';
import type { Block, IrFunction, Operand, Operation, OperationOf, Relation, Terminator } from '../ir.ts';
import { binary, fieldMask } from '../ir-interpret.ts';
import { successorsOf } from '../ir-walk.ts';
import { blockWeights } from './block-weights.ts';
import {
  immediate,
  type MachineBlock,
  type MachineCode,
  type MachineFunction,
  type MachineInstruction,
  type MachineOperand,
  NONE,
  virtual,
} from './machine.ts';
import { selectMemory } from './select-memory.ts';

/** Largest immediate of a general source operand, and of a command's address. */
export const IMMEDIATE_MAX = 255;
export const COMMAND_IMMEDIATE_MAX = 127;

/**
 * Instruction selection: legal IR (see `legalise.ts`) to machine code with virtual registers, one function.
 * Labels are `function/block`; the function's entry label is `function/`.
 */
export function selectFunction(
  function_: IrFunction,
  settings: { isEntry: boolean; localWords: readonly number[] },
): MachineFunction {
  return new Selector(function_, settings).run();
}

export function blockLabel(functionName: string, blockName: string): string {
  return `${functionName}/${blockName}`;
}

export class Selector {
  private readonly function: IrFunction;
  private readonly settings: { isEntry: boolean; localWords: readonly number[] };
  private readonly widths: readonly number[];
  private registerCount: number;
  private readonly results: number[] = [];
  private readonly link: number | undefined;
  private readonly groups: number[];
  private readonly signals = new Map<number, number>();
  private instructions: MachineInstruction[] = [];
  private position: SourcePosition | undefined;
  /** Registers that hold a large constant in the current block. */
  private readonly constants = new Map<number, number>();

  constructor(function_: IrFunction, settings: { isEntry: boolean; localWords: readonly number[] }) {
    this.function = function_;
    this.settings = settings;
    this.widths = knownWidths(function_);
    this.registerCount = function_.registers.length;
    this.groups = function_.groups.map((group) => group.words);
    for (let i = 0; i < function_.resultCount; i++) this.results.push(this.fresh());
    this.link = settings.isEntry ? undefined : this.fresh();
  }

  run(): MachineFunction {
    const weights = blockWeights(this.function);
    const blocks: MachineBlock[] = [];
    this.function.blocks.forEach((block, index) => {
      this.instructions = [];
      this.constants.clear();
      for (const operation of block.operations) {
        this.position = operation.position;
        this.operation(operation);
      }
      this.position = block.end.position;
      this.end(block.end, this.function.blocks[index + 1]);
      blocks.push({
        label: blockLabel(this.function.name, block.name),
        instructions: this.instructions,
        successors: successorsOf(block.end).map((name) => blockLabel(this.function.name, name)),
        weight: weights.get(block.name)!,
      });
    });
    return {
      name: this.function.name,
      owner: this.function.owner,
      blocks,
      registerCount: this.registerCount,
      parameters: this.function.parameters.map((parameter) => parameter.id),
      results: this.results,
      link: this.link,
      groups: this.groups,
      signalCount: this.signals.size,
    };
  }

  // ---- building blocks

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
    this.signals.set(number, this.signals.size);
    return this.signals.size - 1;
  }

  // ---- operations

  private operation(operation: Operation): void {
    switch (operation.op) {
      case 'copy':
        this.copy(virtual(operation.target.id), operation.source);
        break;
      case 'not':
        this.alu('~B', virtual(operation.target.id), NONE, this.source(operation.source));
        break;
      case 'binary':
        this.binary(operation);
        break;
      case 'wide':
        this.wide(operation);
        break;
      case 'funnel':
        this.funnel(operation);
        break;
      case 'extract':
        this.extract(operation);
        break;
      case 'insert':
        this.insert(operation);
        break;
      case 'ffs':
        this.ffs(operation);
        break;
      case 'local_load':
        this.move(virtual(operation.target.id), this.localWord(operation.local, operation.index));
        break;
      case 'local_store':
        this.copy(this.localWord(operation.local, operation.index), operation.source);
        break;
      case 'local_load_at':
        this.point(operation.address);
        this.move(virtual(operation.target.id), { kind: 'pointed' });
        break;
      case 'local_store_at': {
        // The value first: loading a constant would lie between pointer and use without need.
        const value = this.source(operation.source);
        this.point(operation.address);
        this.move({ kind: 'pointed' }, value);
        break;
      }
      case 'transfer_get':
        this.move(virtual(operation.target.id), this.transferWord(operation.group, operation.index));
        break;
      case 'transfer_set':
        this.copy(this.transferWord(operation.group, operation.index), operation.source);
        break;
      case 'memory':
        selectMemory(this, operation);
        break;
      case 'wait':
        this.put(
          { kind: 'ctx_arb', wait: 'signals', signals: operation.signals.map((signal) => this.signal(signal)) },
          NONE,
          NONE,
          NONE,
        );
        break;
      case 'receive':
        this.packetCommand('ctm.packet_add_thread', operation.group, 4, true);
        break;
      case 'send':
        this.packetCommand('ctm.packet_complete_unicast', operation.group, 2, false);
        break;
      case 'csr_read': {
        const csr = csrAddress(operation.csr);
        assert(csr !== undefined, `CSR ${operation.csr}`);
        this.put({ kind: 'csr_rd', csr }, virtual(operation.target.id), NONE, NONE);
        break;
      }
      case 'csr_write': {
        const csr = csrAddress(operation.csr);
        assert(csr !== undefined, `CSR ${operation.csr}`);
        this.put({ kind: 'csr_wr', csr }, NONE, NONE, this.source(operation.source));
        break;
      }
      case 'context_number': {
        const status = virtual(this.fresh());
        this.put({ kind: 'csr_rd', csr: CSR.ActCtxStatus }, status, NONE, NONE);
        this.alu('AND', virtual(operation.target.id), status, immediate(7));
        break;
      }
      case 'yield':
        this.put({ kind: 'ctx_arb', wait: 'voluntary', signals: [] }, NONE, NONE, NONE);
        break;
      case 'call': {
        const constants = operation.arguments.map((argument) =>
          argument.kind === 'constant' ? argument.value : undefined,
        );
        const operands = operation.arguments.map((argument) =>
          argument.kind === 'register' ? virtual(argument.id) : NONE,
        );
        this.put(
          {
            kind: 'call',
            function: operation.function,
            arguments: operands,
            argumentConstants: constants,
            results: operation.results.map((result) => virtual(result.id)),
          },
          NONE,
          NONE,
          NONE,
        );
        break;
      }
      case 'divide':
      case 'compare':
      case 'local_address':
        assert(false, `${operation.op} is made legal before selection`);
    }
    // A register that the block's cached constants name is never written by IR, so the cache stays valid.
  }

  private copy(destination: MachineOperand, source: Operand): void {
    assert(source.kind !== 'address', 'addresses are resolved before selection');
    if (source.kind === 'register') this.move(destination, virtual(source.id));
    else {
      const cached = this.constants.get(source.value);
      if (cached === undefined) this.load(destination, source.value);
      else this.move(destination, virtual(cached));
    }
  }

  private binary(operation: OperationOf<'binary'>): void {
    const { operator, left, right } = operation;
    const target = virtual(operation.target.id);
    if (left.kind === 'constant' && right.kind === 'constant') {
      this.load(target, binary(operator, left.value, right.value));
      return;
    }
    switch (operator) {
      case 'add': {
        // x + (2^32 - n) is x - n, and small n need no register.
        if (right.kind === 'constant' && right.value > 0xffffff00) {
          this.alu('-', target, this.source(left), immediate(2 ** 32 - right.value));
          return;
        }
        this.twoSources('+', target, left, right);
        return;
      }
      case 'sub':
        this.twoSources('-', target, left, right);
        return;
      case 'and':
        this.and(target, left, right);
        return;
      case 'or':
        this.twoSources('OR', target, left, right);
        return;
      case 'xor':
        this.twoSources('XOR', target, left, right);
        return;
      case 'shl':
      case 'shr':
      case 'sar':
      case 'rotr':
        this.shift(operation);
        return;
      case 'mul':
      case 'mulhigh':
        this.multiply(operation);
    }
  }

  private twoSources(operator: AluOperator, target: MachineOperand, left: Operand, right: Operand): void {
    this.alu(operator, target, this.source(left), this.source(right));
  }

  private and(target: MachineOperand, left: Operand, right: Operand): void {
    if (left.kind === 'constant') [left, right] = [right, left];
    if (right.kind === 'constant') {
      const mask = right.value;
      const octets = octetMask(mask);
      if (mask > IMMEDIATE_MAX && ~mask >>> 0 <= IMMEDIATE_MAX) {
        this.alu('AND~', target, this.source(left), immediate(~mask >>> 0));
        return;
      }
      if (octets !== undefined && mask > IMMEDIATE_MAX) {
        this.put(
          { kind: 'ld_field', clear: true, mask: octets, shift: { kind: 'rotate', amount: 0 } },
          target,
          NONE,
          this.source(left),
        );
        return;
      }
    }
    this.twoSources('AND', target, left, right);
  }

  private shift(operation: OperationOf<'binary'>): void {
    const { operator, left, right } = operation;
    const target = virtual(operation.target.id);
    const source = this.source(left);
    const direction = operator === 'shl' ? 'left' : 'right';
    if (right.kind === 'constant') {
      const amount = right.value & 31;
      if (amount === 0) this.move(target, source);
      else if (operator === 'sar') {
        // The vacated bits are copies of the sign of the instruction before's result (nfp_asm, ASHR).
        this.alu('B', NONE, NONE, source);
        this.put({ kind: 'asr', amount }, target, NONE, source, true);
      } else if (operator === 'rotr') this.shifted(target, source, { kind: 'rotate', amount });
      else this.shifted(target, source, { kind: direction, amount });
      return;
    }
    const amount = this.source(right);
    // An immediate has no sign.
    const arithmetic = operator === 'sar' && source.kind === 'virtual';
    if (operator === 'rotr') {
      // There is no indirect rotate: (x >> n) | (x << -n), and for n = 0 both are x.
      const opposite = virtual(this.fresh());
      const low = virtual(this.fresh());
      const high = virtual(this.fresh());
      this.alu('-', opposite, immediate(0), amount);
      this.indirect(amount, immediate(0));
      this.put(
        { kind: 'alu_shf', operator: 'B', shift: { kind: 'right', amount: 'indirect' } },
        low,
        NONE,
        source,
        true,
      );
      this.indirect(opposite, immediate(0));
      this.put(
        { kind: 'alu_shf', operator: 'B', shift: { kind: 'left', amount: 'indirect' } },
        high,
        NONE,
        source,
        true,
      );
      this.alu('OR', target, low, high);
      return;
    }
    this.indirect(amount, arithmetic ? source : immediate(0));
    if (arithmetic) this.put({ kind: 'asr', amount: 'indirect' }, target, NONE, source, true);
    else {
      const shift: Shift = { kind: direction, amount: 'indirect' };
      this.put({ kind: 'alu_shf', operator: 'B', shift }, target, NONE, source, true);
    }
  }

  /** The instruction before an indirect shift: its A operand is the amount, its result's sign fills `asr`. */
  private indirect(amount: MachineOperand, sign: MachineOperand): void {
    if (sign.kind === 'immediate') {
      this.alu('OR', NONE, amount, sign);
      return;
    }
    // Only the low 5 bits of the amount count, but its sign must not reach the result: mask it first.
    const masked = virtual(this.fresh());
    this.alu('AND', masked, amount, immediate(31));
    this.alu('OR', NONE, masked, sign);
  }

  private multiply(operation: OperationOf<'binary'>): void {
    const target = virtual(operation.target.id);
    const { left, right } = operation;
    const widths = [this.width(left), this.width(right)] as const;
    if (operation.operator === 'mulhigh' && widths[0] + widths[1] <= 32) {
      this.load(target, 0);
      return;
    }
    // The fewer octets of B count, the fewer steps it takes.
    const swap = widths[1] > widths[0];
    const a = this.source(swap ? right : left);
    const b = this.source(swap ? left : right);
    const [wide, narrow] = swap ? [widths[1], widths[0]] : widths;
    const size = wide <= 24 && narrow <= 8 ? '24x8' : wide <= 16 && narrow <= 16 ? '16x16' : '32x32';
    this.put({ kind: 'mul_step', phase: 'start', size }, NONE, a, b);
    for (const phase of MULTIPLY_STEPS[size]) this.put({ kind: 'mul_step', phase, size }, NONE, a, b, true);
    this.put({ kind: 'mul_step', phase: 'last', size }, target, NONE, NONE, true);
    // The high word is the second that the multiplier gives.
    if (operation.operator === 'mulhigh') {
      this.put({ kind: 'mul_step', phase: 'last2', size: '32x32' }, target, NONE, NONE, true);
    }
  }

  private width(operand: Operand): number {
    if (operand.kind === 'register') return this.widths[operand.id]!;
    return operand.kind === 'constant' ? 32 - Math.clz32(operand.value) : 32;
  }

  private wide(operation: OperationOf<'wide'>): void {
    const leftLow = this.notBothImmediate(operation.leftLow, operation.rightLow);
    const rightLow = this.source(operation.rightLow);
    const leftHigh = this.notBothImmediate(operation.leftHigh, operation.rightHigh);
    const rightHigh = this.source(operation.rightHigh);
    const [first, second]: [AluOperator, AluOperator] =
      operation.operator === 'add' ? ['+', '+carry'] : ['-', '-carry'];
    const { targetLow, targetHigh } = operation;
    // The low half is written first; where it is also a source of the high half it must wait in a register of its own.
    const early = [operation.leftHigh, operation.rightHigh].some(
      (source) => source.kind === 'register' && source.id === targetLow.id,
    );
    const low = virtual(early ? this.fresh() : targetLow.id);
    this.alu(first, low, leftLow, rightLow);
    this.alu(second, virtual(targetHigh.id), leftHigh, rightHigh);
    if (early) this.move(virtual(targetLow.id), low);
  }

  /** As `source`, in a register when the other operand is an immediate already. */
  private notBothImmediate(operand: Operand, other: Operand): MachineOperand {
    const both = operand.kind === 'constant' && other.kind === 'constant';
    return both ? virtual(this.constantRegister(operand.value)) : this.source(operand);
  }

  private funnel(operation: OperationOf<'funnel'>): void {
    assert(operation.amount.kind === 'constant', 'variable funnel shifts are made legal before selection');
    const amount = operation.amount.value & 31;
    const target = virtual(operation.target.id);
    if (amount === 0) {
      this.copy(target, operation.low);
      return;
    }
    const high = this.notBothImmediate(operation.high, operation.low);
    this.put({ kind: 'dbl_shf', amount }, target, high, this.source(operation.low));
  }

  private extract(operation: OperationOf<'extract'>): void {
    const { shift, width } = operation;
    const target = virtual(operation.target.id);
    if (operation.source.kind === 'constant') {
      this.load(target, (operation.source.value >>> shift) & fieldMask(width));
      return;
    }
    const source = this.source(operation.source);
    if (shift + width === 32) {
      if (shift === 0) this.move(target, source);
      else this.shifted(target, source, { kind: 'right', amount: shift });
      return;
    }
    if (width % 8 === 0) {
      const mask = (1 << (width / 8)) - 1;
      this.put({ kind: 'ld_field', clear: true, mask, shift: rotate(shift) }, target, NONE, source);
      return;
    }
    if (width <= 8) {
      if (shift === 0) this.alu('AND', target, source, immediate(fieldMask(width)));
      else {
        const code: MachineCode = { kind: 'alu_shf', operator: 'AND', shift: { kind: 'right', amount: shift } };
        this.put(code, target, immediate(fieldMask(width)), source);
      }
      return;
    }
    const high = virtual(this.fresh());
    this.shifted(high, source, { kind: 'left', amount: 32 - shift - width });
    this.shifted(target, high, { kind: 'right', amount: 32 - width });
  }

  private insert(operation: OperationOf<'insert'>): void {
    const { shift, width, base, source } = operation;
    const target = virtual(operation.target.id);
    if (width === 32) {
      this.copy(target, source);
      return;
    }
    if (shift % 8 === 0 && width % 8 === 0) {
      const value = this.source(source);
      // The field goes into a copy of the base; the target may be the source, so a register of its own holds it.
      const merged = source.kind === 'register' && source.id === operation.target.id ? virtual(this.fresh()) : target;
      if (!(base.kind === 'register' && merged.kind === 'virtual' && base.id === merged.id)) this.copy(merged, base);
      const mask = ((1 << (width / 8)) - 1) << (shift / 8);
      this.put({ kind: 'ld_field', clear: false, mask, shift: rotate((32 - shift) & 31) }, merged, NONE, value);
      if (merged !== target) this.move(target, merged);
      return;
    }
    const mask = fieldMask(width);
    const field = virtual(this.fresh());
    const cleared = virtual(this.fresh());
    if (source.kind === 'constant') this.load(field, ((source.value & mask) << shift) >>> 0);
    else {
      const up = virtual(this.fresh());
      this.shifted(up, this.source(source), { kind: 'left', amount: 32 - width });
      if (32 - width - shift === 0) this.move(field, up);
      else this.shifted(field, up, { kind: 'right', amount: 32 - width - shift });
    }
    const kept = ~((mask << shift) >>> 0) >>> 0;
    if (base.kind === 'constant') this.load(cleared, (base.value & kept) >>> 0);
    else this.and(cleared, base, { kind: 'constant', value: kept });
    this.alu('OR', target, cleared, field);
  }

  private ffs(operation: OperationOf<'ffs'>): void {
    const target = virtual(operation.target.id);
    if (operation.source.kind === 'constant') {
      const value = operation.source.value;
      this.load(target, value === 0 ? 32 : 31 - Math.clz32(value & -value));
      return;
    }
    this.put({ kind: 'ffs' }, target, NONE, this.source(operation.source));
  }

  private localWord(local: number, index: Operand): MachineOperand {
    assert(index.kind === 'constant', 'variable local indexes are made legal before selection');
    return { kind: 'local', word: this.settings.localWords[local]! + index.value };
  }

  private transferWord(group: number, index: Operand): MachineOperand {
    assert(index.kind === 'constant', 'variable transfer indexes are made legal before selection');
    return { kind: 'transfer', group, index: index.value };
  }

  /** Sets the moving pointer. The `pointed` operand that follows is `rewrite.ts`'s to delay far enough. */
  private point(address: Operand): void {
    this.put({ kind: 'csr_wr', csr: 'pointer' }, NONE, NONE, this.source(address));
  }

  private packetCommand(command: string, group: number, words: number, receives: boolean): void {
    const found = findCommandByAlternative('mem', command);
    assert(found !== undefined, command);
    this.put(
      {
        kind: 'command',
        target: 'mem',
        command: found.name,
        form: 'sum',
        group,
        first: 0,
        words,
        exact: true,
        receives,
        sends: !receives,
        count: words,
        indirect: false,
        completion: 'swap',
      },
      NONE,
      immediate(0),
      // These commands have no address, but two immediates have no encoding.
      virtual(this.constantRegister(0)),
    );
  }

  // ---- ends of blocks

  private end(end: Terminator, next: Block | undefined): void {
    const label = (name: string) => blockLabel(this.function.name, name);
    const go = (condition: BranchCondition, name: string) =>
      this.put({ kind: 'branch', condition, label: label(name) }, NONE, NONE, NONE);
    const orFall = (name: string) => {
      if (next?.name !== name) go('br', name);
    };
    switch (end.op) {
      case 'jump':
        orFall(end.to);
        return;
      case 'branch':
        if (end.taken === end.otherwise) orFall(end.taken);
        else this.branch(end, next, go, orFall);
        return;
      case 'branch_wide': {
        const swap = end.relation.endsWith('le') || end.relation.endsWith('gt');
        const [aLow, aHigh, bLow, bHigh] = swap
          ? [end.rightLow, end.rightHigh, end.leftLow, end.leftHigh]
          : [end.leftLow, end.leftHigh, end.rightLow, end.rightHigh];
        const a = this.notBothImmediate(aLow, bLow);
        const b = this.source(bLow);
        const ah = this.notBothImmediate(aHigh, bHigh);
        const bh = this.source(bHigh);
        this.alu('-', NONE, a, b);
        this.alu('-carry', NONE, ah, bh);
        const relation = swap ? SWAPPED[end.relation] : end.relation;
        assert(relation !== 'eq' && relation !== 'ne', 'wide equality is made legal before selection');
        if (next?.name === end.taken) {
          go(CONDITION[NEGATED[relation]], end.otherwise);
          return;
        }
        go(CONDITION[relation], end.taken);
        orFall(end.otherwise);
        return;
      }
      case 'branch_bit': {
        if (end.source.kind === 'constant') {
          orFall(((end.source.value >>> end.bit) & 1) === 1 ? end.taken : end.otherwise);
          return;
        }
        const set = next?.name !== end.taken;
        const target = set ? end.taken : end.otherwise;
        this.put({ kind: 'br_bit', set, bit: end.bit, label: label(target) }, NONE, this.source(end.source), NONE);
        if (set) orFall(end.otherwise);
        return;
      }
      case 'return':
        end.values.forEach((value, index) => {
          this.copy(virtual(this.results[index]!), value);
        });
        assert(this.link !== undefined, 'the entry function never returns');
        this.put({ kind: 'return' }, NONE, virtual(this.link), NONE);
        return;
      case 'halt':
        this.put({ kind: 'ctx_arb', wait: 'kill', signals: [] }, NONE, NONE, NONE);
    }
  }

  private branch(
    end: Extract<Terminator, { op: 'branch' }>,
    next: Block | undefined,
    go: (condition: BranchCondition, name: string) => void,
    orFall: (name: string) => void,
  ): void {
    let { relation, left, right } = end;
    if (left.kind === 'constant' && right.kind !== 'constant') {
      [left, right] = [right, left];
      relation = SWAPPED[relation];
    }
    const equality = relation === 'eq' || relation === 'ne';
    const other = next?.name === end.taken;
    const target = other ? end.otherwise : end.taken;
    const effective = other ? NEGATED[relation] : relation;
    if (
      equality &&
      right.kind === 'constant' &&
      right.value <= 255 &&
      left.kind === 'register' &&
      this.width(left) <= 8
    ) {
      // One octet decides, and the condition codes are not needed.
      this.put(
        {
          kind: 'br_byte',
          equal: effective === 'eq',
          byte: 0,
          value: right.value,
          label: blockLabel(this.function.name, target),
        },
        NONE,
        virtual(left.id),
        NONE,
      );
    } else {
      const swap = !equality && (effective.endsWith('le') || effective.endsWith('gt'));
      const [a, b] = swap ? [right, left] : [left, right];
      if (equality && right.kind === 'constant' && right.value === 0) this.alu('B', NONE, NONE, this.source(left));
      else this.alu('-', NONE, this.notBothImmediate(a, b), this.source(b));
      go(CONDITION[swap ? SWAPPED[effective] : effective], target);
    }
    if (!other) orFall(end.otherwise);
  }
}

const MULTIPLY_STEPS = {
  '24x8': ['step1'],
  '16x16': ['step1', 'step2'],
  '32x32': ['step1', 'step2', 'step3', 'step4'],
} as const;

/** a OP b is b SWAPPED a. */
const SWAPPED: Readonly<Record<Relation, Relation>> = {
  eq: 'eq',
  ne: 'ne',
  ult: 'ugt',
  ule: 'uge',
  ugt: 'ult',
  uge: 'ule',
  slt: 'sgt',
  sle: 'sge',
  sgt: 'slt',
  sge: 'sle',
};

const NEGATED: Readonly<Record<Relation, Relation>> = {
  eq: 'ne',
  ne: 'eq',
  ult: 'uge',
  ule: 'ugt',
  ugt: 'ule',
  uge: 'ult',
  slt: 'sge',
  sle: 'sgt',
  sgt: 'sle',
  sge: 'slt',
};

/** After a - b. Carry set means no borrow (nfp_asm: BHS is carry set, BLO carry clear). */
const CONDITION: Readonly<Record<Relation, BranchCondition>> = {
  eq: 'beq',
  ne: 'bne',
  ult: 'bcc',
  uge: 'bcs',
  slt: 'blt',
  sge: 'bge',
  sgt: 'bgt',
  sle: 'ble',
  // Tested with the operands swapped, never directly.
  ule: 'bcs',
  ugt: 'bcc',
};

/** Four bits, one an octet, when the mask is made of whole octets. */
function octetMask(mask: number): number | undefined {
  let octets = 0;
  for (let octet = 0; octet < 4; octet++) {
    const bits = (mask >>> (8 * octet)) & 0xff;
    if (bits === 0xff) octets |= 1 << octet;
    else if (bits !== 0) return undefined;
  }
  return octets;
}

function rotate(amount: number): Shift {
  return { kind: 'rotate', amount };
}
