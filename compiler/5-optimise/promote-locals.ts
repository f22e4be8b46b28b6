import type { IrFunction, IrModule, Operation, Register } from '../ir.ts';

/** Larger objects stay in memory: they would only be spilled back there, word by word. */
const PROMOTED_WORDS_MAX = 64;

/**
 * Makes registers of the words of local objects that are only ever named by constant indexes. Dead stores then vanish
 * and values propagate; what does not fit into registers is spilled to local memory again, where it costs no more than
 * before.
 */
export function promoteLocals(module: IrModule): boolean {
  let changed = false;
  for (const function_ of module.functions.values()) if (promoteInFunction(function_)) changed = true;
  return changed;
}

function promoteInFunction(function_: IrFunction): boolean {
  const used = new Set<number>();
  const fixed = new Set<number>();
  for (const block of function_.blocks) {
    for (const operation of block.operations) {
      if (!touchesLocal(operation)) continue;
      used.add(operation.local);
      if (operation.op === 'local_address' || operation.index.kind !== 'constant') fixed.add(operation.local);
    }
  }
  const registers = new Map<number, Register[]>();
  for (const id of used) {
    const local = function_.locals[id]!;
    if (fixed.has(id) || local.words > PROMOTED_WORDS_MAX || local.overlay !== undefined) continue;
    const words = Array.from({ length: local.words }, (_, word): Register => {
      function_.registers.push({ name: `${local.name}[${word}]` });
      return { kind: 'register', id: function_.registers.length - 1 };
    });
    registers.set(id, words);
  }
  if (registers.size === 0) return false;
  for (const block of function_.blocks) {
    block.operations.forEach((operation, index) => {
      if (!touchesLocal(operation) || operation.op === 'local_address') return;
      const words = registers.get(operation.local);
      if (words === undefined || operation.index.kind !== 'constant') return;
      const word = words[operation.index.value]!;
      const { position } = operation;
      block.operations[index] =
        operation.op === 'local_load'
          ? { op: 'copy', target: operation.target, source: word, position }
          : { op: 'copy', target: word, source: operation.source, position };
    });
  }
  return true;
}

function touchesLocal(
  operation: Operation,
): operation is Extract<Operation, { op: 'local_load' | 'local_store' | 'local_address' }> {
  return operation.op === 'local_load' || operation.op === 'local_store' || operation.op === 'local_address';
}
