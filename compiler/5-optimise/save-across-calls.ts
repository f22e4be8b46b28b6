import type { IrFunction, IrModule, Operand, Operation, OperationOf, Register } from '../ir.ts';
import { liveAcrossCalls } from '../live-across-calls.ts';
import { addContextCopies, type ContextCopies, contextOffset, freshRegister } from './context-copies.ts';

const WORDS_A_COMMAND = 32;
/** Run-time routines use few registers and call little. */
const ROUTINE = /^__/;

/**
 * For programs whose calls are nested so deep that their variables outgrow registers and local memory: what lives across
 * a call is written to the function's part of EMEM before, and read back after. A function runs once at a time in a
 * context, so that one part for each context will do.
 * @param contextSlots for how many contexts
 */
export function saveAcrossCalls(module: IrModule, contextSlots: number): void {
  for (const function_ of [...module.functions.values()]) {
    if (!ROUTINE.test(function_.name)) new Saving(module, function_, contextSlots).run();
  }
}

class Saving {
  private readonly module: IrModule;
  private readonly function: IrFunction;
  private readonly contextSlots: number;
  private output: Operation[] = [];
  private position: Operation['position'];
  private copies: ContextCopies = { object: '', strideBits: 0 };

  constructor(module: IrModule, function_: IrFunction, contextSlots: number) {
    this.module = module;
    this.function = function_;
    this.contextSlots = contextSlots;
  }

  run(): void {
    const callees = new Set([...this.module.functions.keys()].filter((name) => !ROUTINE.test(name)));
    const live = liveAcrossCalls(this.function, callees);
    const most = Math.max(0, ...[...live.values()].map((ids) => ids.length));
    if (most === 0) return;
    this.copies = addContextCopies(
      this.module,
      this.function,
      `${this.function.name}.saved`,
      4 * most,
      this.contextSlots,
    );
    for (const block of this.function.blocks) {
      this.output = [];
      for (const operation of block.operations) {
        const ids = operation.op === 'call' ? (live.get(operation) ?? []) : [];
        if (operation.op === 'call' && ids.length > 0) this.around(operation, ids);
        else this.output.push(operation);
      }
      block.operations.splice(0, block.operations.length, ...this.output);
    }
  }

  private around(call: OperationOf<'call'>, ids: readonly number[]): void {
    this.position = call.position;
    const { position } = this;
    this.each(ids, (group, part, offset) => {
      for (const [index, id] of part.entries()) {
        const source: Operand = { kind: 'register', id };
        this.output.push({ op: 'transfer_set', group, index: number(index), source, position });
      }
      this.command('write32', group, part.length, offset);
    });
    this.output.push(call);
    this.each(ids, (group, part, offset) => {
      this.command('read32', group, part.length, offset);
      for (const [index, id] of part.entries()) {
        this.output.push({
          op: 'transfer_get',
          target: { kind: 'register', id },
          group,
          index: number(index),
          position,
        });
      }
    });
  }

  private each(ids: readonly number[], visit: (group: number, part: readonly number[], offset: Operand) => void): void {
    // Computed where it is needed, so that nothing more lives across the call.
    const base = contextOffset(this.function, this.copies, this.position, this.output);
    for (let first = 0; first < ids.length; first += WORDS_A_COMMAND) {
      const part = ids.slice(first, first + WORDS_A_COMMAND);
      const group = this.function.groups.length;
      this.function.groups.push({ id: group, name: 'saved', words: part.length });
      visit(group, part, first === 0 ? base : this.binary('add', base, number(4 * first)));
    }
  }

  private command(command: 'read32' | 'write32', group: number, count: number, offset: Operand): void {
    const address = { form: 'object', object: this.copies.object, offset } as const;
    const { position } = this;
    this.output.push({
      op: 'memory',
      command,
      address,
      group,
      first: 0,
      count: number(count),
      completion: 'swap',
      position,
    });
  }

  private binary(operator: 'add', left: Operand, right: Operand): Register {
    const target = freshRegister(this.function);
    this.output.push({ op: 'binary', operator, target, left, right, position: this.position });
    return target;
  }
}

function number(value: number): Operand {
  return { kind: 'constant', value };
}
