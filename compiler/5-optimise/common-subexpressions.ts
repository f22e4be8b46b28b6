import type { Block, IrModule, Operand, Operation, Register } from '../ir.ts';
import { sourcesOf, targetsOf } from '../ir-walk.ts';

/**
 * Within a block, an operation that computes again what a register still holds becomes a copy of it. Reads of transfer
 * registers count while nothing can have changed the group.
 */
export function eliminateCommonSubexpressions(module: IrModule): boolean {
  let changed = false;
  for (const function_ of module.functions.values()) {
    for (const block of function_.blocks) if (eliminateInBlock(block)) changed = true;
  }
  return changed;
}

interface Known {
  readonly register: Register;
}

function eliminateInBlock(block: Block): boolean {
  const known = new Map<string, Known>();
  /** Keys whose operation reads the register, or whose result it holds. */
  const keysOf = new Map<number, string[]>();
  let transferKeys: string[] = [];
  const mention = (id: number, key: string): void => {
    const keys = keysOf.get(id);
    if (keys === undefined) keysOf.set(id, [key]);
    else keys.push(key);
  };
  let changed = false;
  block.operations.forEach((operation, index) => {
    const key = keyOf(operation);
    const found = key === undefined ? undefined : known.get(key);
    let next = operation;
    if (found !== undefined && 'target' in operation) {
      next = { op: 'copy', target: operation.target, source: found.register, position: operation.position };
      block.operations[index] = next;
      changed = true;
    }
    for (const target of targetsOf(next)) {
      for (const gone of keysOf.get(target.id) ?? []) known.delete(gone);
      keysOf.delete(target.id);
    }
    if (next.op === 'memory' || next.op === 'receive' || next.op === 'wait' || next.op === 'signal_test') {
      for (const gone of transferKeys) known.delete(gone);
      transferKeys = [];
    }
    if (key === undefined || next.op === 'copy' || !('target' in next)) return;
    const { target } = next;
    const sources = sourcesOf(next);
    if (sources.some((source) => source.kind === 'register' && source.id === target.id)) return;
    known.set(key, { register: target });
    mention(target.id, key);
    for (const source of sources) if (source.kind === 'register') mention(source.id, key);
    if (next.op === 'transfer_get') transferKeys.push(key);
  });
  return changed;
}

/** Equal for operations that compute the same; undefined for what is not shared. */
function keyOf(operation: Operation): string | undefined {
  switch (operation.op) {
    case 'not':
    case 'ffs':
      return `${operation.op} ${operandKey(operation.source)}`;
    case 'binary':
    case 'divide':
      return `${operation.operator} ${operandKey(operation.left)} ${operandKey(operation.right)}`;
    case 'compare':
      return `${operation.relation} ${operandKey(operation.left)} ${operandKey(operation.right)}`;
    case 'funnel':
      return `funnel ${operandKey(operation.high)} ${operandKey(operation.low)} ${operandKey(operation.amount)}`;
    case 'extract':
      return `extract ${operandKey(operation.source)} ${operation.shift} ${operation.width}`;
    case 'insert':
      return `insert ${operandKey(operation.base)} ${operandKey(operation.source)} ${operation.shift} ${operation.width}`;
    case 'local_address':
      return `local ${operation.local} ${operandKey(operation.index)}`;
    case 'transfer_get':
      return `transfer ${operation.group} ${operandKey(operation.index)}`;
    case 'context_number':
      return operation.op;
    default:
      return undefined;
  }
}

function operandKey(operand: Operand): string {
  if (operand.kind === 'register') return `r${operand.id}`;
  return operand.kind === 'constant' ? String(operand.value) : `${operand.part}${operand.offset} ${operand.object}`;
}
