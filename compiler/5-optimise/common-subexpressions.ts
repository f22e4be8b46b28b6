import type { Block, IrModule, Operation, Register } from '../ir.ts';
import { isPure, sourcesOf, targetsOf } from '../ir-walk.ts';

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
  readonly operation: Operation;
}

function eliminateInBlock(block: Block): boolean {
  const known = new Map<string, Known>();
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
      for (const [other, entry] of known) {
        const uses = sourcesOf(entry.operation).some((source) => source.kind === 'register' && source.id === target.id);
        if (uses || entry.register.id === target.id) known.delete(other);
      }
    }
    if (next.op === 'memory' || next.op === 'receive' || next.op === 'wait') {
      for (const [other, entry] of known) if (entry.operation.op === 'transfer_get') known.delete(other);
    }
    if (key === undefined || next.op === 'copy' || !('target' in next)) return;
    const { target } = next;
    const readsItself = sourcesOf(next).some((source) => source.kind === 'register' && source.id === target.id);
    if (!readsItself) known.set(key, { register: target, operation: next });
  });
  return changed;
}

/** Equal for operations that compute the same; undefined for what is not shared. */
function keyOf(operation: Operation): string | undefined {
  if (!('target' in operation) || operation.op === 'copy') return undefined;
  if (!isPure(operation) && operation.op !== 'transfer_get') return undefined;
  const { target: _target, position: _position, ...rest } = operation;
  return JSON.stringify(rest);
}
