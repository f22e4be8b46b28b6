import { assert } from '../../base/assert.ts';
import type {
  Block,
  IrFunction,
  MemoryAddress,
  Operand,
  Operation,
  OperationOf,
  Register,
  Relation,
  Terminator,
} from '../ir.ts';
import { addressOperands, mapEndSources, mapSources } from '../ir-walk.ts';
import type { LocalLayout } from './local-layout.ts';
import { HIGH_OCTET, type Placement } from './placement.ts';

/**
 * Replaces what the selector does not know by simpler IR: addresses of objects become numbers, comparisons that give a
 * value become branches, indexes known only at run time become computed addresses or branch trees.
 */
export function legaliseFunction(
  function_: IrFunction,
  places: ReadonlyMap<string, Placement>,
  layout: LocalLayout,
): IrFunction {
  return new Legaliser(function_, places, layout).run();
}

class Legaliser {
  private readonly source: IrFunction;
  private readonly places: ReadonlyMap<string, Placement>;
  private readonly layout: LocalLayout;
  private readonly registers: { readonly name: string }[];
  private readonly blocks: Block[] = [];
  private name = '';
  private operations: Operation[] = [];
  private blockNumber = 0;

  constructor(function_: IrFunction, places: ReadonlyMap<string, Placement>, layout: LocalLayout) {
    this.source = function_;
    this.places = places;
    this.layout = layout;
    this.registers = [...function_.registers];
  }

  run(): IrFunction {
    for (const block of this.source.blocks) {
      this.begin(block.name);
      for (const operation of block.operations) {
        this.operation(mapSources(operation, (operand) => this.resolved(operand)));
      }
      this.end(mapEndSources(block.end, (operand) => this.resolved(operand)));
    }
    return { ...this.source, registers: this.registers, blocks: this.blocks };
  }

  // ---- building

  private begin(name: string): void {
    this.name = name;
    this.operations = [];
  }

  private close(end: Terminator): void {
    this.blocks.push({ name: this.name, operations: this.operations, end });
  }

  private fresh(): Register {
    this.registers.push({ name: '' });
    return { kind: 'register', id: this.registers.length - 1 };
  }

  private freshBlock(): string {
    this.blockNumber++;
    return `${this.name.split('~')[0]}~${this.blockNumber}`;
  }

  private resolved(operand: Operand): Operand {
    if (operand.kind !== 'address') return operand;
    const place = this.placeOf(operand.object);
    const value = operand.part === 'high' ? HIGH_OCTET[place.memory] : (place.address + operand.offset) >>> 0;
    return { kind: 'constant', value };
  }

  private placeOf(object: string): Placement {
    const place = this.places.get(object);
    assert(place !== undefined, `object ${object} has no place`);
    return place;
  }

  // ---- operations

  private operation(operation: Operation): void {
    const { position } = operation;
    switch (operation.op) {
      case 'compare':
        this.compare(operation.target, operation.relation, operation.left, operation.right, position);
        return;
      case 'funnel':
        if (operation.amount.kind === 'constant') break;
        this.variableFunnel(operation);
        return;
      case 'local_load':
      case 'local_store': {
        if (operation.index.kind === 'constant' && this.layout.isNear(this.source.name, operation.local)) break;
        const address = this.localAddress(operation.local, operation.index, position);
        if (operation.op === 'local_load') {
          this.operations.push({ op: 'local_load_at', target: operation.target, address, position });
        } else this.operations.push({ op: 'local_store_at', address, source: operation.source, position });
        return;
      }
      case 'local_address': {
        const address = this.localAddress(operation.local, operation.index, position);
        this.operations.push({ op: 'copy', target: operation.target, source: address, position });
        return;
      }
      case 'transfer_get':
      case 'transfer_set': {
        if (operation.index.kind === 'constant') break;
        this.variableTransfer(operation);
        return;
      }
      case 'signal_test':
        this.signalTest(operation);
        return;
      case 'memory':
        this.operations.push({ ...operation, address: this.address(operation.address) });
        return;
      case 'ffs':
        this.findFirstSet(operation.target, operation.source, position);
        return;
      case 'divide':
        assert(false, 'division is lowered before (lower-division)');
        break;
      default:
    }
    this.operations.push(operation);
  }

  private address(address: MemoryAddress): MemoryAddress {
    if (address.form !== 'object') {
      assert(
        addressOperands(address).every((operand) => operand.kind !== 'address'),
        'unresolved address',
      );
      return address;
    }
    const place = this.placeOf(address.object);
    const base = { kind: 'constant', value: place.address } as const;
    return { form: 'memory', memory: place.memory, base, offset: address.offset };
  }

  private compare(
    target: Register,
    relation: Relation,
    left: Operand,
    right: Operand,
    position: Operation['position'],
  ): void {
    const one = this.freshBlock();
    const done = this.freshBlock();
    // The target may be an operand, so the result is made in a register of its own.
    const result = this.fresh();
    const copy = (value: number): Operation => {
      return { op: 'copy', target: result, source: { kind: 'constant', value }, position };
    };
    this.operations.push(copy(1));
    this.close({ op: 'branch', relation, left, right, taken: done, otherwise: one, position });
    this.begin(one);
    this.operations.push(copy(0));
    this.close({ op: 'jump', to: done, position });
    this.begin(done);
    this.operations.push({ op: 'copy', target, source: result, position });
  }

  /** The instruction gives 0 for 0, as for a set bit 0. */
  private findFirstSet(target: Register, source: Operand, position: Operation['position']): void {
    const some = this.freshBlock();
    const done = this.freshBlock();
    const result = this.fresh();
    const number = (value: number): Operand => ({ kind: 'constant', value });
    this.operations.push({ op: 'copy', target: result, source: number(32), position });
    this.close({
      op: 'branch',
      relation: 'eq',
      left: source,
      right: number(0),
      taken: done,
      otherwise: some,
      position,
    });
    this.begin(some);
    this.operations.push({ op: 'ffs', target: result, source, position });
    this.close({ op: 'jump', to: done, position });
    this.begin(done);
    this.operations.push({ op: 'copy', target, source: result, position });
  }

  /** (low >> n) | ((high << 1) << (31 - n)), n modulo 32; no shift by 32 occurs. */
  private variableFunnel(operation: Extract<Operation, { op: 'funnel' }>): void {
    const { target, high, low, amount, position } = operation;
    const binary = (operator: 'shl' | 'shr' | 'xor' | 'or' | 'and', left: Operand, right: Operand): Register => {
      const result = this.fresh();
      this.operations.push({ op: 'binary', operator, target: result, left, right, position });
      return result;
    };
    const number = (value: number): Operand => ({ kind: 'constant', value });
    const right = binary('shr', low, amount);
    const doubled = binary('shl', high, number(1));
    const left = binary('shl', doubled, binary('xor', amount, number(31)));
    this.operations.push({ op: 'binary', operator: 'or', target, left: right, right: left, position });
  }

  /** Octet address in the core's local memory: the context's base is what the fixed pointer 0 was set to. */
  private localAddress(local: number, index: Operand, position: Operation['position']): Register {
    const word = this.layout.wordOf(this.source.name, local);
    const base = this.fresh();
    this.operations.push({ op: 'csr_read', target: base, csr: 'ActLMAddr0', position });
    const add = (left: Operand, right: Operand): Register => {
      const target = this.fresh();
      this.operations.push({ op: 'binary', operator: 'add', target, left, right, position });
      return target;
    };
    if (index.kind === 'constant') return add(base, { kind: 'constant', value: 4 * (word + index.value) });
    const scaled = this.fresh();
    const two: Operand = { kind: 'constant', value: 2 };
    this.operations.push({ op: 'binary', operator: 'shl', target: scaled, left: index, right: two, position });
    const sum = add(base, scaled);
    return word === 0 ? sum : add(sum, { kind: 'constant', value: 4 * word });
  }

  private signalTest({ target, signal, second, position }: OperationOf<'signal_test'>): void {
    const [there, missing, done] = [this.freshBlock(), this.freshBlock(), this.freshBlock()];
    this.close({ op: 'branch_signal', signal, second, taken: there, otherwise: missing, position });
    for (const [block, value] of [[missing, 0] as const, [there, 1] as const]) {
      this.begin(block);
      this.operations.push({ op: 'copy', target, source: { kind: 'constant', value }, position });
      this.close({ op: 'jump', to: done, position });
    }
    this.begin(done);
  }

  /** A balanced tree of comparisons, a leaf for each word of the group. */
  private variableTransfer(operation: Extract<Operation, { op: 'transfer_get' | 'transfer_set' }>): void {
    const { index, position } = operation;
    const words = this.source.groups[operation.group]!.words;
    const done = this.freshBlock();
    const subtree = (from: number, to: number): void => {
      if (to - from === 1) {
        this.operations.push({ ...operation, index: { kind: 'constant', value: from } });
        this.close({ op: 'jump', to: done, position });
        return;
      }
      const middle = (from + to) >> 1;
      const upper = this.freshBlock();
      const lower = this.freshBlock();
      const right: Operand = { kind: 'constant', value: middle };
      this.close({ op: 'branch', relation: 'uge', left: index, right, taken: upper, otherwise: lower, position });
      this.begin(lower);
      subtree(from, middle);
      this.begin(upper);
      subtree(middle, to);
    };
    subtree(0, words);
    this.begin(done);
  }

  // ---- ends

  private end(end: Terminator): void {
    const { position } = end;
    if (end.op === 'branch_wide' && (end.relation === 'eq' || end.relation === 'ne')) {
      const difference = (left: Operand, right: Operand): Register => {
        const target = this.fresh();
        this.operations.push({ op: 'binary', operator: 'xor', target, left, right, position });
        return target;
      };
      const low = difference(end.leftLow, end.rightLow);
      const high = difference(end.leftHigh, end.rightHigh);
      const either = this.fresh();
      this.operations.push({ op: 'binary', operator: 'or', target: either, left: low, right: high, position });
      const right: Operand = { kind: 'constant', value: 0 };
      const { relation, taken, otherwise } = end;
      this.close({ op: 'branch', relation, left: either, right, taken, otherwise, position });
      return;
    }
    this.close(end);
  }
}
