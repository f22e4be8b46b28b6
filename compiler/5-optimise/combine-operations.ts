import type { Block, Constant, IrModule, Operand, Operation, Register, Terminator } from '../ir.ts';
import { sourcesOf, targetsOf } from '../ir-walk.ts';
import { SettledBlocks } from './settled-blocks.ts';

/**
 * Combines an operation with the one in the same block that made its operand, where one operation can do both: shift
 * and mask become `extract`, a comparison and the branch on its result become a branch, a mask of one bit and a test for
 * zero become `branch_bit`, constants added or shifted twice become one. What is no longer used falls to dead code
 * elimination.
 */
export function combineOperations(module: IrModule, settled = new SettledBlocks()): boolean {
  let changed = false;
  for (const function_ of module.functions.values()) {
    for (const block of function_.blocks) {
      if (settled.has(block)) continue;
      if (combineBlock(block)) changed = true;
      else settled.add(block);
    }
  }
  return changed;
}

class Definitions {
  private readonly byRegister = new Map<number, Operation>();
  /** Registers whose definition reads the key. */
  private readonly readers = new Map<number, number[]>();

  /** The operation that made the operand, if its own sources still hold what it read. */
  of(operand: Operand): Operation | undefined {
    return operand.kind === 'register' ? this.byRegister.get(operand.id) : undefined;
  }

  note(operation: Operation): void {
    const targets = targetsOf(operation);
    for (const { id } of targets) {
      this.byRegister.delete(id);
      for (const reader of this.readers.get(id) ?? []) this.byRegister.delete(reader);
      this.readers.delete(id);
    }
    if (!COMBINED.has(operation.op)) return;
    for (const target of targets) {
      if (reads(operation, target)) continue;
      this.byRegister.set(target.id, operation);
      for (const source of sourcesOf(operation)) {
        if (source.kind !== 'register') continue;
        const readers = this.readers.get(source.id);
        if (readers === undefined) this.readers.set(source.id, [target.id]);
        else readers.push(target.id);
      }
    }
  }
}

/** Operations that others can take in. */
const COMBINED: ReadonlySet<Operation['op']> = new Set(['binary', 'extract', 'compare']);

function reads(operation: Operation, register: Register): boolean {
  return sourcesOf(operation).some((source) => source.kind === 'register' && source.id === register.id);
}

function combineBlock(block: Block): boolean {
  const definitions = new Definitions();
  let changed = false;
  block.operations.forEach((operation, index) => {
    const combined = combine(operation, definitions);
    if (combined !== undefined) {
      block.operations[index] = combined;
      changed = true;
    }
    definitions.note(combined ?? operation);
  });
  const end = combineEnd(block.end, definitions);
  if (end !== undefined) {
    block.end = end;
    changed = true;
  }
  return changed;
}

function constant(value: number): Constant {
  return { kind: 'constant', value: value >>> 0 };
}

function isConstant(operand: Operand): operand is Constant {
  return operand.kind === 'constant';
}

/** n when the value is 2^n - 1 and not 0. */
function lowMaskWidth(value: number): number | undefined {
  const width = 32 - Math.clz32(value);
  return value !== 0 && value === (width === 32 ? 0xffffffff : 2 ** width - 1) ? width : undefined;
}

function combine(operation: Operation, definitions: Definitions): Operation | undefined {
  const { position } = operation;
  if (operation.op === 'extract') {
    const inner = definitions.of(operation.source);
    const { target, shift, width } = operation;
    if (inner?.op === 'extract') {
      const rest = Math.min(width, inner.width - shift);
      if (rest <= 0) return { op: 'copy', target, source: constant(0), position };
      return { ...operation, source: inner.source, shift: inner.shift + shift, width: rest };
    }
    if (inner?.op === 'binary' && inner.operator === 'shr' && isConstant(inner.right)) {
      const by = inner.right.value & 31;
      if (by + shift > 31) return { op: 'copy', target, source: constant(0), position };
      return { ...operation, source: inner.left, shift: by + shift, width: Math.min(width, 32 - by - shift) };
    }
    return undefined;
  }
  if (operation.op !== 'binary') return undefined;
  const { operator, target, left, right } = operation;
  if (!isConstant(right)) return undefined;
  const inner = definitions.of(left);
  switch (operator) {
    case 'and': {
      const width = lowMaskWidth(right.value);
      if (inner?.op === 'binary' && inner.operator === 'shr' && isConstant(inner.right) && width !== undefined) {
        const shift = inner.right.value & 31;
        return { op: 'extract', target, source: inner.left, shift, width: Math.min(width, 32 - shift), position };
      }
      if (inner?.op === 'extract' && width !== undefined) {
        return { ...inner, target, width: Math.min(inner.width, width), position };
      }
      if (inner?.op === 'binary' && inner.operator === 'and' && isConstant(inner.right)) {
        return { ...operation, left: inner.left, right: constant(inner.right.value & right.value) };
      }
      return undefined;
    }
    case 'add':
      if (inner?.op === 'binary' && inner.operator === 'add' && isConstant(inner.right)) {
        return { ...operation, left: inner.left, right: constant(inner.right.value + right.value) };
      }
      return undefined;
    case 'shl':
    case 'shr': {
      const amount = right.value & 31;
      if (inner?.op === 'binary' && inner.operator === operator && isConstant(inner.right)) {
        const sum = amount + (inner.right.value & 31);
        if (sum > 31) return { op: 'copy', target, source: constant(0), position };
        return { ...operation, left: inner.left, right: constant(sum) };
      }
      if (operator === 'shr' && inner?.op === 'binary' && inner.operator === 'shl' && isConstant(inner.right)) {
        // (x << m) >> n with n >= m is a field of x.
        const up = inner.right.value & 31;
        if (up <= amount && amount > 0) {
          return { op: 'extract', target, source: inner.left, shift: amount - up, width: 32 - amount, position };
        }
      }
      if (operator === 'shr' && inner?.op === 'extract' && amount < inner.width) {
        return { ...inner, target, shift: inner.shift + amount, width: inner.width - amount, position };
      }
      return undefined;
    }
    default:
      return undefined;
  }
}

function combineEnd(end: Terminator, definitions: Definitions): Terminator | undefined {
  if (end.op !== 'branch') return undefined;
  const { relation, left, right, position } = end;
  if ((relation !== 'eq' && relation !== 'ne') || !isConstant(right)) return undefined;
  const inner = definitions.of(left);
  const [ifNot, ifSo] = relation === 'ne' ? [end.otherwise, end.taken] : [end.taken, end.otherwise];
  if (inner?.op === 'compare' && right.value <= 1) {
    // Either "result is not 0" or "result is 1" asks for the relation to hold.
    const [taken, otherwise] = right.value === 0 ? [ifSo, ifNot] : [ifNot, ifSo];
    return { op: 'branch', relation: inner.relation, left: inner.left, right: inner.right, taken, otherwise, position };
  }
  if (right.value !== 0) return undefined;
  if (
    inner?.op === 'binary' &&
    inner.operator === 'and' &&
    isConstant(inner.right) &&
    isPowerOfTwo(inner.right.value)
  ) {
    const bit = 31 - Math.clz32(inner.right.value);
    return { op: 'branch_bit', source: inner.left, bit, taken: ifSo, otherwise: ifNot, position };
  }
  if (inner?.op === 'extract' && inner.width === 1) {
    return { op: 'branch_bit', source: inner.source, bit: inner.shift, taken: ifSo, otherwise: ifNot, position };
  }
  if (inner?.op === 'binary' && (inner.operator === 'sub' || inner.operator === 'xor')) {
    return { ...end, left: inner.left, right: inner.right };
  }
  return undefined;
}

function isPowerOfTwo(value: number): boolean {
  return value !== 0 && (value & (value - 1)) === 0;
}
