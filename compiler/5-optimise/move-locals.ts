import type { NicProfile } from '../../npu/profile.ts';
import { addressedLocals, localFrames } from '../6-emit/local-layout.ts';
import type { IrFunction, IrModule, LocalObject, Operand, Operation, OperationOf, Register } from '../ir.ts';
import { calleesOf } from '../ir-validate.ts';
import { addContextCopies, type ContextCopies, contextOffset, freshRegister } from './context-copies.ts';

/**
 * For programs whose local objects are together more than local memory: the largest of those that do not fit move to the
 * function's part of EMEM, until the others do. Objects whose address in local memory is taken stay.
 * @param contextSlots for how many contexts
 * @returns whether any moved
 */
export function moveLocals(module: IrModule, profile: NicProfile, contextSlots: number): boolean {
  const moved = new Map<IrFunction, Set<number>>();
  const isMoved = (function_: IrFunction, { id }: LocalObject): boolean => moved.get(function_)?.has(id) ?? false;
  const fixed = new Map([...module.functions.values()].map((each) => [each, addressedLocals(each)]));
  for (;;) {
    const { beyond } = localFrames(module, profile, isMoved);
    let largest: { function_: IrFunction; local: LocalObject } | undefined;
    for (const function_ of beyond.length === 0 ? [] : withCallers(module, beyond)) {
      for (const local of function_.locals) {
        if (isMoved(function_, local) || fixed.get(function_)?.has(local.id)) continue;
        if (local.words > (largest?.local.words ?? 0)) largest = { function_, local };
      }
    }
    if (largest === undefined) break;
    const { function_, local } = largest;
    moved.set(function_, (moved.get(function_) ?? new Set()).add(local.id));
  }
  for (const [function_, ids] of moved) new Moving(module, function_, ids, contextSlots).run();
  return moved.size > 0;
}

/** The functions and all from which calls lead to them. */
function withCallers(module: IrModule, names: readonly string[]): IrFunction[] {
  const found = new Set(names);
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const each of module.functions.values()) {
      if ([...calleesOf(each)].some((callee) => found.has(callee))) found.add(each.name);
    }
  }
  return [...module.functions.values()].filter(({ name }) => found.has(name));
}

/** One function's objects, side by side in one object of the module. */
class Moving {
  private readonly function: IrFunction;
  private readonly copies: ContextCopies;
  /** Octet offset of each object. */
  private readonly offsets = new Map<number, number>();
  /** Of objects that stay: their new numbers. */
  private readonly numbers = new Map<number, number>();
  private readonly context: Register;
  private output: Operation[] = [];

  constructor(module: IrModule, function_: IrFunction, ids: ReadonlySet<number>, contextSlots: number) {
    this.function = function_;
    let octets = 0;
    for (const local of function_.locals.splice(0)) {
      if (ids.has(local.id)) {
        this.offsets.set(local.id, octets);
        octets += 4 * local.words;
      } else {
        this.numbers.set(local.id, function_.locals.length);
        function_.locals.push({ ...local, id: function_.locals.length });
      }
    }
    this.copies = addContextCopies(module, function_, `${function_.name}.locals`, octets, contextSlots);
    this.context = contextOffset(function_, this.copies, function_.position, this.output);
  }

  run(): void {
    for (const block of this.function.blocks) {
      for (const operation of block.operations) {
        if (operation.op === 'local_load' && this.offsets.has(operation.local)) this.load(operation);
        else if (operation.op === 'local_store' && this.offsets.has(operation.local)) this.store(operation);
        else this.output.push(this.renumbered(operation));
      }
      block.operations.splice(0, block.operations.length, ...this.output);
      this.output = [];
    }
  }

  private renumbered(operation: Operation): Operation {
    return 'local' in operation ? { ...operation, local: this.numbers.get(operation.local) ?? 0 } : operation;
  }

  private load({ target, local, index, position }: OperationOf<'local_load'>): void {
    const group = this.group();
    this.command('read32', group, local, index, position);
    this.output.push({ op: 'transfer_get', target, group, index: number(0), position });
  }

  private store({ local, index, source, position }: OperationOf<'local_store'>): void {
    const group = this.group();
    this.output.push({ op: 'transfer_set', group, index: number(0), source, position });
    this.command('write32', group, local, index, position);
  }

  private group(): number {
    const id = this.function.groups.length;
    this.function.groups.push({ id, name: 'moved', words: 1 });
    return id;
  }

  private command(
    command: 'read32' | 'write32',
    group: number,
    local: number,
    index: Operand,
    position: Operation['position'],
  ): void {
    const start = this.offsets.get(local) ?? 0;
    const offset =
      index.kind === 'constant'
        ? this.binary('add', this.context, number(start + 4 * index.value), position)
        : this.binary(
            'add',
            this.binary('add', this.context, number(start), position),
            this.binary('shl', index, number(2), position),
            position,
          );
    const address = { form: 'object', object: this.copies.object, offset } as const;
    const completion = 'swap';
    this.output.push({ op: 'memory', command, address, group, first: 0, count: number(1), completion, position });
  }

  private binary(operator: 'shl' | 'add', left: Operand, right: Operand, position: Operation['position']): Register {
    const target = freshRegister(this.function);
    this.output.push({ op: 'binary', operator, target, left, right, position });
    return target;
  }
}

function number(value: number): Operand {
  return { kind: 'constant', value };
}
