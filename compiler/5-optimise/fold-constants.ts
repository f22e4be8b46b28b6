import type {
  Block,
  Constant,
  IrFunction,
  IrModule,
  Operand,
  Operation,
  OperationOf,
  Register,
  Terminator,
} from '../ir.ts';
import { binary, divide, fieldMask, holds, holdsWide } from '../ir-interpret.ts';
import { boundsFault } from '../ir-validate.ts';
import { endSources, mapEndSources, mapSources, sourcesOf, targetsOf } from '../ir-walk.ts';
import { SettledBlocks } from './settled-blocks.ts';

/**
 * Constant folding and propagation, copy propagation and algebraic identities, within each block; constants of
 * registers that are only ever given one constant also across blocks. Branches on constants become jumps.
 */
export function foldConstants(module: IrModule, settled = new SettledBlocks()): boolean {
  let changed = false;
  for (const function_ of module.functions.values()) {
    const everywhere = constantsOfFunction(function_.blocks, function_.parameters);
    settled.assume(function_, [...everywhere].map(([id, { value }]) => `${id} ${value}`).join());
    for (const block of function_.blocks) {
      if (settled.has(block)) continue;
      if (foldBlock(function_, block, everywhere)) changed = true;
      else settled.add(block);
    }
  }
  return changed;
}

/** Registers whose every definition is a copy of the same constant. A use before any definition has no meaning. */
function constantsOfFunction(blocks: readonly Block[], parameters: readonly Register[]): Map<number, Constant> {
  const constants = new Map<number, Constant>();
  const varying = new Set(parameters.map((parameter) => parameter.id));
  for (const block of blocks) {
    for (const operation of block.operations) {
      const given = operation.op === 'copy' && operation.source.kind === 'constant' ? operation.source : undefined;
      for (const target of targetsOf(operation)) {
        const known = constants.get(target.id);
        if (given === undefined || (known !== undefined && known.value !== given.value)) varying.add(target.id);
        else constants.set(target.id, given);
      }
    }
  }
  for (const id of varying) constants.delete(id);
  return constants;
}

function foldBlock(function_: IrFunction, block: Block, everywhere: ReadonlyMap<number, Constant>): boolean {
  /** What a register holds at this point of the block: a constant, an address, or the same as another register. */
  const known = new Map<number, Operand>();
  const copiesOf = new Map<number, number[]>();
  let changed = false;
  const look = (operand: Operand): Operand => {
    if (operand.kind !== 'register') return operand;
    return known.get(operand.id) ?? everywhere.get(operand.id) ?? operand;
  };
  const seen = (source: Operand) => source.kind === 'register' && (known.has(source.id) || everywhere.has(source.id));
  block.operations.forEach((operation, index) => {
    let next = sourcesOf(operation).some(seen) ? mapSources(operation, look) : operation;
    if (boundsFault(function_, next) !== undefined) next = operation;
    next = simplify(next) ?? next;
    if (next !== operation) changed = true;
    if (next !== operation) block.operations[index] = next;
    for (const target of targetsOf(next)) {
      known.delete(target.id);
      for (const id of copiesOf.get(target.id) ?? []) known.delete(id);
      copiesOf.delete(target.id);
    }
    if (next.op !== 'copy') return;
    const { target, source } = next;
    if (source.kind === 'register') {
      if (source.id === target.id) return;
      const copies = copiesOf.get(source.id);
      if (copies === undefined) copiesOf.set(source.id, [target.id]);
      else copies.push(target.id);
    }
    known.set(target.id, source);
  });
  const end = endSources(block.end).some(seen) ? mapEndSources(block.end, look) : block.end;
  const next = foldEnd(end) ?? end;
  if (next !== block.end) changed = true;
  block.end = next;
  return changed;
}

function constant(value: number): Constant {
  return { kind: 'constant', value: value >>> 0 };
}

/** A simpler operation with the same result, or undefined. */
export function simplify(operation: Operation): Operation | undefined {
  const { position } = operation;
  const copy = (target: Register, source: Operand | number): Operation => {
    return { op: 'copy', target, source: typeof source === 'number' ? constant(source) : source, position };
  };
  const values = sourcesOf(operation).map((source) => (source.kind === 'constant' ? source.value : undefined));
  const [first, second] = values;
  switch (operation.op) {
    case 'not':
      return first === undefined ? undefined : copy(operation.target, ~first);
    case 'binary':
      if (first !== undefined && second !== undefined) {
        return copy(operation.target, binary(operation.operator, first, second));
      }
      return simplifyBinary(operation, copy);
    case 'divide':
      if (first !== undefined && second !== undefined) {
        return copy(operation.target, divide(operation.operator, first, second));
      }
      return undefined;
    case 'extract': {
      const { shift, width, target } = operation;
      if (first !== undefined) return copy(target, (first >>> shift) & fieldMask(width));
      return width === 32 ? copy(target, operation.source) : undefined;
    }
    case 'insert': {
      const { shift, width, target } = operation;
      if (width === 32) return copy(target, operation.source);
      if (first === undefined || second === undefined) return undefined;
      const mask = fieldMask(width);
      return copy(target, (first & ~(mask << shift)) | ((second & mask) << shift));
    }
    case 'funnel':
      if (operation.amount.kind === 'constant' && (operation.amount.value & 31) === 0) {
        return copy(operation.target, operation.low);
      }
      if (first !== undefined && second !== undefined && values[2] !== undefined) {
        const amount = values[2] & 31;
        return copy(operation.target, (first << (32 - amount)) | (second >>> amount));
      }
      return undefined;
    case 'compare':
      if (first === undefined || second === undefined) return undefined;
      return copy(operation.target, holds(operation.relation, first, second) ? 1 : 0);
    case 'ffs':
      return first === undefined
        ? undefined
        : copy(operation.target, first === 0 ? 32 : 31 - Math.clz32(first & -first));
    default:
      return undefined;
  }
}

const COMMUTATIVE = new Set(['add', 'and', 'or', 'xor', 'mul', 'mulhigh']);

function simplifyBinary(
  operation: OperationOf<'binary'>,
  copy: (target: Register, source: Operand | number) => Operation,
): Operation | undefined {
  const { operator, target, left, right } = operation;
  if (left.kind === 'constant' && COMMUTATIVE.has(operator)) return { ...operation, left: right, right: left };
  const same = left.kind === 'register' && right.kind === 'register' && left.id === right.id;
  if (same) {
    switch (operator) {
      case 'sub':
      case 'xor':
        return copy(target, 0);
      case 'and':
      case 'or':
        return copy(target, left);
      case 'add':
        return { ...operation, operator: 'shl', right: constant(1) };
      default:
    }
  }
  if (right.kind !== 'constant') return undefined;
  const value = right.value;
  switch (operator) {
    case 'add':
      return value === 0 ? copy(target, left) : undefined;
    case 'sub':
      return value === 0 ? copy(target, left) : { ...operation, operator: 'add', right: constant(-value) };
    case 'and':
      if (value === 0) return copy(target, 0);
      return value === 0xffffffff ? copy(target, left) : undefined;
    case 'or':
      if (value === 0xffffffff) return copy(target, value);
      return value === 0 ? copy(target, left) : undefined;
    case 'xor':
      if (value === 0) return copy(target, left);
      return value === 0xffffffff ? { op: 'not', target, source: left, position: operation.position } : undefined;
    case 'shl':
    case 'shr':
    case 'sar':
    case 'rotr':
      return (value & 31) === 0 ? copy(target, left) : undefined;
    case 'mul':
      if (value === 0) return copy(target, 0);
      if (value === 1) return copy(target, left);
      if ((value & (value - 1)) === 0)
        return { ...operation, operator: 'shl', right: constant(31 - Math.clz32(value)) };
      return undefined;
    case 'mulhigh':
      if (value <= 1) return copy(target, 0);
      if ((value & (value - 1)) === 0) return { ...operation, operator: 'shr', right: constant(1 + Math.clz32(value)) };
      return undefined;
  }
}

function foldEnd(end: Terminator): Terminator | undefined {
  const { position } = end;
  const jump = (taken: boolean): Terminator | undefined => {
    if (!('taken' in end)) return undefined;
    return { op: 'jump', to: taken ? end.taken : end.otherwise, position };
  };
  const values = endSources(end).map((source) => (source.kind === 'constant' ? source.value : undefined));
  if ('taken' in end && end.taken === end.otherwise) return jump(true);
  const [a, b, c, d] = values;
  switch (end.op) {
    case 'branch': {
      if (a !== undefined && b !== undefined) return jump(holds(end.relation, a, b));
      const { left, right, relation } = end;
      if (left.kind === 'register' && right.kind === 'register' && left.id === right.id)
        return jump(holds(relation, 0, 0));
      if (b === 0 && relation === 'ult') return jump(false);
      if (b === 0 && relation === 'uge') return jump(true);
      // Unsigned against 0 or 1 is a test for zero.
      if (b === 0 && (relation === 'ugt' || relation === 'ule')) {
        return { ...end, relation: relation === 'ugt' ? 'ne' : 'eq' };
      }
      if (b === 1 && (relation === 'ult' || relation === 'uge')) {
        return { ...end, relation: relation === 'ult' ? 'eq' : 'ne', right: constant(0) };
      }
      return undefined;
    }
    case 'branch_wide': {
      if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined;
      const join = (low: number, high: number) => (BigInt(high) << 32n) | BigInt(low);
      return jump(holdsWide(end.relation, join(a, b), join(c, d)));
    }
    case 'branch_bit':
      return a === undefined ? undefined : jump(((a >>> end.bit) & 1) === 1);
    default:
      return undefined;
  }
}
