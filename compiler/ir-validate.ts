import type {
  Block,
  IrFunction,
  IrModule,
  MemoryAddress,
  MemoryCommand,
  Operand,
  Operation,
  Terminator,
} from './ir.ts';
import { printEnd, printOperation } from './ir-print.ts';
import { endSources, sourcesOf, successorsOf, targetsOf } from './ir-walk.ts';

/**
 * What is wrong with a module, as text; empty when nothing is. A fault found here is a fault of the compiler, never of
 * the user's program: phases assert on it.
 */
export function validateModule(module: IrModule): string[] {
  const faults: string[] = [];
  const entry = module.functions.get(module.entry);
  if (entry === undefined) faults.push(`entry function ${module.entry} is missing`);
  else if (entry.parameters.length > 0) faults.push(`entry function ${module.entry} takes arguments`);
  for (const object of module.objects.values()) {
    const fault = (what: string) => faults.push(`object ${object.name}: ${what}`);
    if (!Number.isInteger(object.octets) || object.octets <= 0) fault(`${object.octets} octets`);
    if (object.align <= 0 || (object.align & (object.align - 1)) !== 0) fault(`alignment ${object.align}`);
    if (object.initial.length > object.octets) fault(`initial content longer than the object`);
  }
  for (const function_ of module.functions.values()) validateFunction(module, function_, faults);
  const cycle = findRecursion(module);
  if (cycle !== undefined) faults.push(`recursion: ${cycle.join(' -> ')}`);
  return faults;
}

function validateFunction(module: IrModule, function_: IrFunction, faults: string[]): void {
  const fault = (where: string, what: string) => faults.push(`${function_.name}/${where}: ${what}`);
  const names = new Set<string>();
  for (const block of function_.blocks) {
    if (names.has(block.name)) fault(block.name, 'block twice');
    names.add(block.name);
  }
  if (function_.blocks.length === 0) fault('', 'no block');
  function_.locals.forEach((local, id) => {
    if (local.id !== id || local.words < 1) fault('', `local ${id}`);
  });
  function_.groups.forEach((group, id) => {
    if (group.id !== id || group.words < 1 || group.words > 32) fault('', `group ${id} of ${group.words} words`);
  });
  for (const block of function_.blocks) {
    for (const operation of block.operations) {
      for (const what of operationFaults(module, function_, operation)) {
        fault(block.name, `${printOperation(operation)}: ${what}`);
      }
    }
    for (const what of endFaults(module, function_, block, names)) fault(block.name, `${printEnd(block.end)}: ${what}`);
  }
}

function* operationFaults(module: IrModule, function_: IrFunction, operation: Operation): Generator<string> {
  for (const source of sourcesOf(operation)) yield* operandFaults(module, function_, source);
  for (const target of targetsOf(operation)) yield* operandFaults(module, function_, target);
  const beyond = boundsFault(function_, operation);
  if (beyond !== undefined) yield beyond;
  switch (operation.op) {
    case 'extract':
    case 'insert':
      if (operation.shift < 0 || operation.width < 1 || operation.shift + operation.width > 32) yield 'bit field';
      break;
    case 'wide':
      if (operation.targetLow.id === operation.targetHigh.id) yield 'one register for both halves';
      break;
    case 'local_load':
    case 'local_store':
    case 'local_address': {
      if (function_.locals[operation.local] === undefined) yield 'no such local object';
      break;
    }
    case 'transfer_get':
    case 'transfer_set': {
      if (function_.groups[operation.group] === undefined) yield 'no such group';
      break;
    }
    case 'receive':
    case 'send': {
      const words = operation.op === 'receive' ? 4 : 2;
      if ((function_.groups[operation.group]?.words ?? 0) < words) yield `needs a group of ${words} words`;
      break;
    }
    case 'memory':
      yield* memoryFaults(module, function_, operation);
      break;
    case 'call': {
      const callee = module.functions.get(operation.function);
      if (callee === undefined) yield 'no such function';
      else {
        if (callee.parameters.length !== operation.arguments.length) yield 'number of arguments';
        if (callee.resultCount !== operation.results.length) yield 'number of results';
        if (new Set(operation.results.map((result) => result.id)).size !== operation.results.length) {
          yield 'a result register twice';
        }
      }
      break;
    }
    default:
  }
}

const WITHOUT_GROUP: ReadonlySet<MemoryCommand> = new Set([
  'incr',
  'decr',
  'incr64',
  'decr64',
  'ring_read_descriptor',
  'ring_journal_fast',
]);

function* memoryFaults(
  module: IrModule,
  function_: IrFunction,
  operation: Extract<Operation, { op: 'memory' }>,
): Generator<string> {
  const address: MemoryAddress = operation.address;
  if (address.form === 'object' && !module.objects.has(address.object)) yield `no object ${address.object}`;
  if (operation.group === undefined) {
    if (!WITHOUT_GROUP.has(operation.command)) yield 'needs a transfer group';
    return;
  }
  const group = function_.groups[operation.group];
  if (group === undefined) {
    yield 'no such group';
    return;
  }
  if (operation.count.kind === 'address') yield 'count';
}

/**
 * A constant index or count that is beyond what it counts in. A program may have one where it never comes, or not mean
 * what it says: as a register it is the run's matter, as a constant it has no encoding.
 */
export function boundsFault(function_: IrFunction, operation: Operation): string | undefined {
  switch (operation.op) {
    case 'local_load':
    case 'local_store':
    case 'local_address':
      return indexFault(operation.index, function_.locals[operation.local]?.words);
    case 'transfer_get':
    case 'transfer_set':
      return indexFault(operation.index, function_.groups[operation.group]?.words);
    case 'memory': {
      if (operation.count.kind !== 'constant' || operation.group === undefined) return undefined;
      const count = operation.count.value;
      if (count < 1 || count > 32) return `count ${count}`;
      const octets = operation.command === 'read8' || operation.command === 'write8';
      const last = operation.first + (octets ? Math.ceil(count / 4) : count);
      return last > (function_.groups[operation.group]?.words ?? last) ? 'more words than the group has' : undefined;
    }
    default:
      return undefined;
  }
}

function indexFault(index: Operand, words: number | undefined): string | undefined {
  if (index.kind !== 'constant' || words === undefined || index.value < words) return undefined;
  return 'index out of range';
}

function* endFaults(
  module: IrModule,
  function_: IrFunction,
  block: Block,
  names: ReadonlySet<string>,
): Generator<string> {
  const end: Terminator = block.end;
  for (const source of endSources(end)) yield* operandFaults(module, function_, source);
  for (const successor of successorsOf(end)) if (!names.has(successor)) yield `no block ${successor}`;
  if (end.op === 'return' && end.values.length !== function_.resultCount) yield 'number of results';
  if (end.op === 'return' && function_.name === module.entry) yield 'return from the entry function';
  if (end.op === 'branch_bit' && (end.bit < 0 || end.bit > 31)) yield `bit ${end.bit}`;
}

function* operandFaults(module: IrModule, function_: IrFunction, operand: Operand): Generator<string> {
  if (operand.kind === 'register') {
    if (function_.registers[operand.id] === undefined) yield `no register r${operand.id}`;
  } else if (operand.kind === 'constant') {
    const value = operand.value;
    if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) yield `constant ${value}`;
  } else if (!module.objects.has(operand.object)) yield `no object ${operand.object}`;
}

/** A cycle of calls, or undefined. */
function findRecursion(module: IrModule): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (name: string): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    path.push(name);
    for (const callee of calleesOf(module.functions.get(name))) {
      const cycle = visit(callee);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    done.add(name);
    return undefined;
  };
  for (const name of module.functions.keys()) {
    const cycle = visit(name);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** Names of the functions that a function calls, in order of first call. */
export function calleesOf(function_: IrFunction | undefined): string[] {
  const callees = new Set<string>();
  for (const block of function_?.blocks ?? []) {
    for (const operation of block.operations) if (operation.op === 'call') callees.add(operation.function);
  }
  return [...callees];
}
