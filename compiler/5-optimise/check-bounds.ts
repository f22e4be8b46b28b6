import type { SourcePosition } from '../../base/errors.ts';
import type { Block, IrFunction, IrModule, MemoryOperation, Operand, Operation, Register } from '../ir.ts';
import { follow, type Range, type Ranges, rangeOf, valueRanges } from './value-ranges.ts';

/**
 * How an access through a pointer or an index is kept within its object (paper section 4.2.1, D2):
 * `proven`: no value that it can have leads outside; `checked`: code in front of it makes a fault of the ones that do;
 * `region`: the NPU compares each command with the regions of the code's owner (decision 5).
 */
export interface CheckedAccess {
  readonly function: string;
  readonly position: SourcePosition | undefined;
  readonly verdict: 'proven' | 'checked' | 'region';
}

/** Octets of local memory that a context has, whatever is in them. */
const CONTEXT_OCTETS = 512;
/** An address that no memory has, so that touching it is a fault with this line: EMEM ends far below. */
const NOWHERE = 0xfffffff8;

/**
 * Looks at every access to memory beside the core (other contexts' lies next to it, and no region guards it) and in the
 * NIC's memories, and puts a check before what cannot be proven and is not guarded by regions. Changes the module.
 */
export function checkBounds(module: IrModule, isEnabled: boolean): CheckedAccess[] {
  const accesses: CheckedAccess[] = [];
  for (const function_ of module.functions.values()) checkFunction(module, function_, isEnabled, accesses);
  return accesses;
}

function checkFunction(module: IrModule, function_: IrFunction, insert: boolean, accesses: CheckedAccess[]): void {
  const starts = valueRanges(function_, askedRegisters(function_));
  const checked: Block[] = [];
  const traps: Block[] = [];
  let number = 0;
  for (const block of function_.blocks) {
    const ranges: Ranges = new Map(starts.get(block.name));
    /** Registers that hold the address of a word within its object, in this block. */
    const addresses = new Set<number>();
    let current: Block = { name: block.name, operations: [], end: block.end };
    for (const operation of block.operations) {
      const access = accessOf(module, function_, operation, ranges, addresses);
      if (access !== undefined) {
        accesses.push({ function: function_.name, position: operation.position, verdict: access.verdict });
      }
      if (access?.verdict === 'checked' && insert) {
        number++;
        const rest = `${block.name}%${number}`;
        const trap = `${block.name}%trap${number}`;
        const { position } = operation;
        const [index, limit] = testOf(function_, operation, access.limit, current.operations);
        const right: Operand = { kind: 'constant', value: limit };
        current.end = { op: 'branch', relation: 'uge', left: index, right, taken: trap, otherwise: rest, position };
        checked.push(current);
        traps.push(trapBlock(trap, position));
        current = { name: rest, operations: [], end: block.end };
      }
      current.operations.push(operation);
      follow(operation, ranges);
      if (operation.op === 'local_address') {
        if (isWithin(rangeOf(operation.index, ranges), function_.locals[operation.local]!.words)) {
          addresses.add(operation.target.id);
        } else addresses.delete(operation.target.id);
      } else if ('target' in operation) addresses.delete(operation.target.id);
    }
    current.end = block.end;
    checked.push(current);
  }
  if (number > 0) function_.blocks.splice(0, function_.blocks.length, ...checked, ...traps);
}

function accessOf(
  module: IrModule,
  function_: IrFunction,
  operation: Operation,
  ranges: Ranges,
  addresses: ReadonlySet<number>,
): { readonly verdict: CheckedAccess['verdict']; readonly limit: number } | undefined {
  switch (operation.op) {
    case 'local_load':
    case 'local_store': {
      const { words } = function_.locals[operation.local]!;
      return { verdict: isWithin(rangeOf(operation.index, ranges), words) ? 'proven' : 'checked', limit: words };
    }
    case 'local_load_at':
    case 'local_store_at': {
      const isKnown = operation.address.kind === 'register' && addresses.has(operation.address.id);
      return { verdict: isKnown ? 'proven' : 'checked', limit: CONTEXT_OCTETS };
    }
    case 'memory':
      return { verdict: isWithinObject(module, operation, ranges) ? 'proven' : 'region', limit: 0 };
    default:
      return undefined;
  }
}

/** Registers that are an index, an offset or a count of what is checked. */
function askedRegisters({ blocks }: IrFunction): number[] {
  const operands = blocks.flatMap(({ operations }) =>
    operations.flatMap((operation) => {
      switch (operation.op) {
        case 'local_load':
        case 'local_store':
        case 'local_address':
          return [operation.index];
        case 'memory':
          return operation.address.form === 'object' ? [operation.address.offset, operation.count] : [];
        default:
          return [];
      }
    }),
  );
  return operands.flatMap((operand) => (operand.kind === 'register' ? [operand.id] : []));
}

function isWithin(index: Range, words: number): boolean {
  return index.high < words;
}

function isWithinObject(module: IrModule, operation: MemoryOperation, ranges: Ranges): boolean {
  const { address, command } = operation;
  if (address.form !== 'object') return false;
  const object = module.objects.get(address.object);
  if (object === undefined) return false;
  const unit = command === 'read8' || command === 'write8' ? 1 : 4;
  const octets = rangeOf(operation.count, ranges).high * unit;
  return rangeOf(address.offset, ranges).high + octets <= Math.ceil(object.octets / 4) * 4;
}

/** The number that is compared with the limit; a pointer counts from where the context's local memory begins. */
function testOf(
  function_: IrFunction,
  operation: Operation,
  limit: number,
  operations: Operation[],
): [Operand, number] {
  if (operation.op === 'local_load' || operation.op === 'local_store') return [operation.index, limit];
  const { position } = operation;
  const fresh = (): Register => {
    function_.registers.push({ name: '' });
    return { kind: 'register', id: function_.registers.length - 1 };
  };
  const [base, offset] = [fresh(), fresh()];
  const left = 'address' in operation && operation.op !== 'memory' ? operation.address : base;
  operations.push({ op: 'csr_read', target: base, csr: 'ActLMAddr0', position });
  operations.push({ op: 'binary', operator: 'sub', target: offset, left, right: base, position });
  return [offset, limit];
}

function trapBlock(name: string, position: Operation['position']): Block {
  const zero: Operand = { kind: 'constant', value: 0 };
  const base: Operand = { kind: 'constant', value: NOWHERE };
  const touch: MemoryOperation = {
    op: 'memory',
    command: 'incr',
    address: { form: 'memory', memory: 'emem', base, offset: zero },
    group: undefined,
    first: 0,
    count: { kind: 'constant', value: 1 },
    completion: 'swap',
    position,
  };
  return { name, operations: [touch], end: { op: 'halt', position } };
}
