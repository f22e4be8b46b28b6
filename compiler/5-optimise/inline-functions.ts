import type { Block, IrFunction, IrModule, Operand, Operation, OperationOf, Register, Terminator } from '../ir.ts';
import { mapEndSources, mapSources, mapSuccessors, mapTargets } from '../ir-walk.ts';

/** A function of at most this many operations costs less code inline than its call does. */
const SMALL_OPERATIONS = 6;

/**
 * Puts the body of a function in the place of its call: when it asks for that, when it is called once, or when it is
 * smaller than a call. One call a function and run, so that the next run sees the result.
 */
export function inlineFunctions(module: IrModule): boolean {
  const calls = new Map<string, number>();
  for (const function_ of module.functions.values()) {
    for (const block of function_.blocks) {
      for (const operation of block.operations) {
        if (operation.op === 'call') calls.set(operation.function, (calls.get(operation.function) ?? 0) + 1);
      }
    }
  }
  let changed = false;
  for (const caller of module.functions.values()) {
    for (let at = findCall(module, caller, calls); at !== undefined; at = findCall(module, caller, calls)) {
      inlineCall(caller, at.block, at.index, module.functions.get(at.call.function)!);
      changed = true;
    }
  }
  return changed;
}

function findCall(module: IrModule, caller: IrFunction, calls: ReadonlyMap<string, number>) {
  for (const block of caller.blocks) {
    for (const [index, operation] of block.operations.entries()) {
      if (operation.op !== 'call') continue;
      const callee = module.functions.get(operation.function)!;
      if (wanted(callee, calls.get(callee.name)!)) return { block, index, call: operation };
    }
  }
  return undefined;
}

function wanted(callee: IrFunction, calls: number): boolean {
  if (callee.inline === 'never') return false;
  if (callee.inline === 'always' || calls === 1) return true;
  const size = callee.blocks.reduce((sum, block) => sum + block.operations.length, 0);
  return size <= SMALL_OPERATIONS && callee.blocks.length <= 2;
}

/** Replaces the call at `block.operations[index]`. */
function inlineCall(caller: IrFunction, block: Block, index: number, callee: IrFunction): void {
  const call = block.operations[index] as OperationOf<'call'>;
  const firstRegister = caller.registers.length;
  const firstLocal = caller.locals.length;
  const firstGroup = caller.groups.length;
  caller.registers.push(...callee.registers);
  caller.locals.push(...callee.locals.map((local) => ({ ...local, id: local.id + firstLocal })));
  caller.groups.push(...callee.groups.map((group) => ({ ...group, id: group.id + firstGroup })));
  const register = (old: Register): Register => ({ kind: 'register', id: old.id + firstRegister });
  const operand = (old: Operand): Operand => (old.kind === 'register' ? register(old) : old);
  const prefix = uniquePrefix(caller, callee.name);
  const name = (old: string): string => `${prefix}.${old}`;
  const after = `${prefix}.after`;
  const signals = shiftedSignals(caller);

  const body = callee.blocks.map((old): Block => {
    const operations = old.operations.map((operation): Operation => {
      const moved = mapTargets(mapSources(operation, operand), register);
      switch (moved.op) {
        case 'local_load':
        case 'local_store':
        case 'local_address':
          return { ...moved, local: moved.local + firstLocal };
        case 'transfer_get':
        case 'transfer_set':
        case 'receive':
        case 'send':
          return { ...moved, group: moved.group + firstGroup };
        case 'memory': {
          const group = moved.group === undefined ? undefined : moved.group + firstGroup;
          const completion = moved.completion === 'swap' ? 'swap' : moved.completion + signals;
          return { ...moved, group, completion };
        }
        case 'wait':
          return { ...moved, signals: moved.signals.map((signal) => signal + signals) };
        case 'signal_test':
          return { ...moved, signal: moved.signal + signals };
        default:
          return moved;
      }
    });
    let end: Terminator = mapSuccessors(mapEndSources(old.end, operand), name);
    if (end.op === 'return') {
      operations.push(...parallelCopies(caller, call.results, end.values, end.position));
      end = { op: 'jump', to: after, position: end.position };
    }
    return { name: name(old.name), operations, end };
  });
  const rest: Block = { name: after, operations: block.operations.splice(index + 1), end: block.end };
  block.operations.pop();
  const parameters = callee.parameters.map(register);
  block.operations.push(...parallelCopies(caller, parameters, call.arguments, call.position));
  block.end = { op: 'jump', to: body[0]!.name, position: call.position };
  caller.blocks.splice(caller.blocks.indexOf(block) + 1, 0, ...body, rest);
}

/** Copies that happen at once: through fresh registers, which copy propagation removes again. */
function parallelCopies(
  caller: IrFunction,
  targets: readonly Register[],
  sources: readonly Operand[],
  position: Operation['position'],
): Operation[] {
  const fresh = targets.map((): Register => {
    caller.registers.push({ name: '' });
    return { kind: 'register', id: caller.registers.length - 1 };
  });
  const read = fresh.map((target, i): Operation => ({ op: 'copy', target, source: sources[i]!, position }));
  const write = targets.map((target, i): Operation => ({ op: 'copy', target, source: fresh[i]!, position }));
  return [...read, ...write];
}

function uniquePrefix(caller: IrFunction, callee: string): string {
  const names = new Set(caller.blocks.map((block) => block.name));
  for (let number = 1; ; number++) {
    const prefix = `${callee}@${number}`;
    if (!names.has(`${prefix}.after`) && !names.has(`${prefix}.entry`)) return prefix;
  }
}

/** First signal number that the caller does not use. */
function shiftedSignals(caller: IrFunction): number {
  let next = 0;
  for (const block of caller.blocks) {
    for (const operation of block.operations) {
      if (operation.op === 'memory' && operation.completion !== 'swap') next = Math.max(next, operation.completion + 1);
    }
  }
  return next;
}
