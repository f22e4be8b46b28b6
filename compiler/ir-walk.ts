import type { Block, IrFunction, IrModule, MemoryAddress, Operand, Operation, Register, Terminator } from './ir.ts';

/** What an operation reads and writes, and rewriting of it: the one place that knows the shape of every operation. */

/** Operands that the operation reads, in a fixed order. */
export function sourcesOf(operation: Operation): Operand[] {
  switch (operation.op) {
    case 'copy':
    case 'not':
    case 'extract':
    case 'ffs':
    case 'csr_write':
    case 'crc':
    case 'cam_lookup':
    case 'cam_read':
      return [operation.source];
    case 'cam_write':
      return operation.tag === undefined ? [operation.entry] : [operation.entry, operation.tag];
    case 'binary':
    case 'divide':
    case 'compare':
      return [operation.left, operation.right];
    case 'wide':
      return [operation.leftLow, operation.leftHigh, operation.rightLow, operation.rightHigh];
    case 'funnel':
      return [operation.high, operation.low, operation.amount];
    case 'insert':
      return [operation.base, operation.source];
    case 'local_load':
    case 'local_address':
    case 'transfer_get':
      return [operation.index];
    case 'local_store':
    case 'transfer_set':
      return [operation.index, operation.source];
    case 'local_load_at':
      return [operation.address];
    case 'local_store_at':
      return [operation.address, operation.source];
    case 'memory':
      return [...addressOperands(operation.address), operation.count];
    case 'call':
      return [...operation.arguments];
    default:
      return [];
  }
}

export function addressOperands(address: MemoryAddress): Operand[] {
  switch (address.form) {
    case 'object':
      return [address.offset];
    case 'memory':
      return [address.base, address.offset];
    case 'wide':
      return [address.high, address.low];
  }
}

/** Registers that the operation writes. */
export function targetsOf(operation: Operation): readonly Register[] {
  switch (operation.op) {
    case 'copy':
    case 'not':
    case 'binary':
    case 'divide':
    case 'funnel':
    case 'extract':
    case 'insert':
    case 'compare':
    case 'ffs':
    case 'local_load':
    case 'local_address':
    case 'local_load_at':
    case 'transfer_get':
    case 'signal_test':
    case 'cam_lookup':
    case 'cam_read':
    case 'csr_read':
    case 'context_number':
      return [operation.target];
    case 'wide':
      return [operation.targetLow, operation.targetHigh];
    case 'call':
      return operation.results;
    case 'local_store':
    case 'local_store_at':
    case 'transfer_set':
    case 'memory':
    case 'wait':
    case 'crc':
    case 'cam_write':
    case 'cam_clear':
    case 'receive':
    case 'send':
    case 'csr_write':
    case 'yield':
      return NO_REGISTERS;
  }
}

const NO_REGISTERS: readonly Register[] = [];

/** The operation with every operand replaced by what `map` gives for it. */
export function mapSources(operation: Operation, map: (operand: Operand) => Operand): Operation {
  switch (operation.op) {
    case 'copy':
    case 'not':
    case 'extract':
    case 'ffs':
    case 'csr_write':
    case 'crc':
    case 'cam_lookup':
    case 'cam_read':
      return { ...operation, source: map(operation.source) };
    case 'cam_write':
      return { ...operation, entry: map(operation.entry), tag: operation.tag && map(operation.tag) };
    case 'binary':
    case 'divide':
    case 'compare':
      return { ...operation, left: map(operation.left), right: map(operation.right) };
    case 'wide':
      return {
        ...operation,
        leftLow: map(operation.leftLow),
        leftHigh: map(operation.leftHigh),
        rightLow: map(operation.rightLow),
        rightHigh: map(operation.rightHigh),
      };
    case 'funnel':
      return { ...operation, high: map(operation.high), low: map(operation.low), amount: map(operation.amount) };
    case 'insert':
      return { ...operation, base: map(operation.base), source: map(operation.source) };
    case 'local_load':
    case 'local_address':
    case 'transfer_get':
      return { ...operation, index: map(operation.index) };
    case 'local_store':
    case 'transfer_set':
      return { ...operation, index: map(operation.index), source: map(operation.source) };
    case 'local_load_at':
      return { ...operation, address: map(operation.address) };
    case 'local_store_at':
      return { ...operation, address: map(operation.address), source: map(operation.source) };
    case 'memory':
      return { ...operation, address: mapAddress(operation.address, map), count: map(operation.count) };
    case 'call':
      return { ...operation, arguments: operation.arguments.map(map) };
    default:
      return operation;
  }
}

function mapAddress(address: MemoryAddress, map: (operand: Operand) => Operand): MemoryAddress {
  switch (address.form) {
    case 'object':
      return { ...address, offset: map(address.offset) };
    case 'memory':
      return { ...address, base: map(address.base), offset: map(address.offset) };
    case 'wide':
      return { ...address, high: map(address.high), low: map(address.low) };
  }
}

/** The operation writing to other registers. */
export function mapTargets(operation: Operation, map: (register: Register) => Register): Operation {
  switch (operation.op) {
    case 'wide':
      return { ...operation, targetLow: map(operation.targetLow), targetHigh: map(operation.targetHigh) };
    case 'call':
      return { ...operation, results: operation.results.map(map) };
    default:
      return 'target' in operation ? { ...operation, target: map(operation.target) } : operation;
  }
}

export function endSources(end: Terminator): readonly Operand[] {
  switch (end.op) {
    case 'branch':
      return [end.left, end.right];
    case 'branch_wide':
      return [end.leftLow, end.leftHigh, end.rightLow, end.rightHigh];
    case 'branch_bit':
      return [end.source];
    case 'return':
      return end.values;
    default:
      return [];
  }
}

export function mapEndSources(end: Terminator, map: (operand: Operand) => Operand): Terminator {
  switch (end.op) {
    case 'branch':
      return { ...end, left: map(end.left), right: map(end.right) };
    case 'branch_wide':
      return {
        ...end,
        leftLow: map(end.leftLow),
        leftHigh: map(end.leftHigh),
        rightLow: map(end.rightLow),
        rightHigh: map(end.rightHigh),
      };
    case 'branch_bit':
      return { ...end, source: map(end.source) };
    case 'return':
      return { ...end, values: end.values.map(map) };
    default:
      return end;
  }
}

/** Names of the blocks that may run next, without duplicates. */
export function successorsOf(end: Terminator): readonly string[] {
  switch (end.op) {
    case 'jump':
      return [end.to];
    case 'branch':
    case 'branch_wide':
    case 'branch_bit':
    case 'branch_signal':
      return end.taken === end.otherwise ? [end.taken] : [end.taken, end.otherwise];
    default:
      return [];
  }
}

export function mapSuccessors(end: Terminator, map: (block: string) => string): Terminator {
  switch (end.op) {
    case 'jump':
      return { ...end, to: map(end.to) };
    case 'branch':
    case 'branch_wide':
    case 'branch_bit':
    case 'branch_signal':
      return { ...end, taken: map(end.taken), otherwise: map(end.otherwise) };
    default:
      return end;
  }
}

/** Whether the operation does something besides writing its targets, so that it must stay even when they are unused. */
export function hasEffect(operation: Operation): boolean {
  switch (operation.op) {
    case 'copy':
    case 'not':
    case 'binary':
    case 'divide':
    case 'wide':
    case 'funnel':
    case 'extract':
    case 'insert':
    case 'compare':
    case 'ffs':
    case 'local_load':
    case 'local_address':
    case 'local_load_at':
    case 'transfer_get':
    case 'context_number':
      return false;
    default:
      return true;
  }
}

/** Whether equal sources give equal targets whatever happened in between. */
export function isPure(operation: Operation): boolean {
  switch (operation.op) {
    case 'copy':
    case 'not':
    case 'binary':
    case 'divide':
    case 'wide':
    case 'funnel':
    case 'extract':
    case 'insert':
    case 'compare':
    case 'ffs':
    case 'local_address':
    case 'context_number':
      return true;
    default:
      return false;
  }
}

export function sameOperand(a: Operand, b: Operand): boolean {
  if (a.kind === 'register') return b.kind === 'register' && a.id === b.id;
  if (a.kind === 'constant') return b.kind === 'constant' && a.value === b.value;
  return b.kind === 'address' && a.object === b.object && a.part === b.part && a.offset === b.offset;
}

/** A module that passes can change without changing this one: operations themselves are never changed in place. */
export function copyModule(module: IrModule): IrModule {
  const functions = new Map<string, IrFunction>();
  for (const [name, function_] of module.functions) {
    functions.set(name, {
      ...function_,
      blocks: function_.blocks.map((block) => ({ ...block, operations: [...block.operations] })),
      registers: [...function_.registers],
      locals: [...function_.locals],
      groups: [...function_.groups],
    });
  }
  return { functions, objects: new Map(module.objects), reserved: [...module.reserved], entry: module.entry };
}

/** Blocks by name. */
export function blockMap(blocks: readonly Block[]): Map<string, Block> {
  return new Map(blocks.map((block) => [block.name, block]));
}
