import { assert } from '../../base/assert.ts';
import { findCommand } from '../../npu/isa/commands.ts';
import type { MemoryAddress, MemoryCommand, MemoryName, MemoryOperation, Operand } from '../ir.ts';
import { immediate, type MachineOperand, NONE, virtual } from './machine.ts';
import { HIGH_OCTET } from './placement.ts';
import { COMMAND_IMMEDIATE_MAX, type Selection } from './selection.ts';

/**
 * Memory commands. Own-island memories take the 32-bit form (sum of two operands), the others the 40-bit form
 * (base << 8) + offset with the memory's octet in the top bits of the base. More than 8 units, or a number that is
 * only known at run time, override the length through the result of the instruction before (`indirect_ref`; Linux
 * nfp_asm.h: CMD_OVE_LEN is bit 7, the length minus 1 lies in bits 12..8).
 */
const OVERRIDE_LENGTH = 1 << 7;
const OVERRIDE_LENGTH_SHIFT = 8;
/** Largest count that the length field of the instruction itself holds. */
const DIRECT_COUNT_MAX = 8;

interface CommandShape {
  readonly mem: string;
  readonly cls: string | undefined;
  readonly receives: boolean;
  readonly sends: boolean;
}

const SHAPES: Readonly<Record<MemoryCommand, CommandShape>> = {
  read8: { mem: 'read8', cls: undefined, receives: true, sends: false },
  write8: { mem: 'write8', cls: 'write8_be', receives: false, sends: true },
  read32: { mem: 'read32', cls: 'read', receives: true, sends: false },
  write32: { mem: 'write32', cls: 'write', receives: false, sends: true },
  read32_swap: { mem: 'read32_swap', cls: undefined, receives: true, sends: false },
  write32_swap: { mem: 'write32_swap', cls: undefined, receives: false, sends: true },
  atomic_read: { mem: 'atomic_read', cls: 'read', receives: true, sends: false },
  atomic_write: { mem: 'atomic_write', cls: 'write', receives: false, sends: true },
  add: { mem: 'add', cls: 'add', receives: false, sends: true },
  sub: { mem: 'sub', cls: 'sub', receives: false, sends: true },
  incr: { mem: 'add', cls: 'add', receives: false, sends: true },
  decr: { mem: 'sub', cls: 'sub', receives: false, sends: true },
  set: { mem: 'set', cls: 'set', receives: false, sends: true },
  clr: { mem: 'clr', cls: 'clr', receives: false, sends: true },
  swap: { mem: 'swap', cls: undefined, receives: true, sends: true },
  test_add: { mem: 'test_add', cls: 'test_add', receives: true, sends: true },
  test_sub: { mem: 'test_sub', cls: 'test_sub', receives: true, sends: true },
  test_set: { mem: 'test_set', cls: 'test_set', receives: true, sends: true },
  test_clr: { mem: 'test_clr', cls: 'test_clr', receives: true, sends: true },
};

/** Whether the command exists for the memory; the front end reports it to the user when not. */
export function commandExists(command: MemoryCommand, memory: MemoryName): boolean {
  return memory !== 'cls' || SHAPES[command].cls !== undefined;
}

/** Whether a command that is not waited for at once raises its signal and the odd one above it (npu/execution). */
export function raisesSignalPair(command: MemoryCommand): boolean {
  return SHAPES[command].sends && SHAPES[command].receives;
}

export function selectMemory(selection: Selection, operation: MemoryOperation): void {
  const { address } = operation;
  assert(address.form !== 'object', 'objects are resolved before selection');
  const target = address.form === 'memory' && address.memory === 'cls' ? 'cls' : 'mem';
  const shape = SHAPES[operation.command];
  const command = target === 'cls' ? shape.cls : shape.mem;
  assert(command !== undefined && findCommand(target, command) !== undefined, `${target} ${operation.command}`);

  let group = operation.group;
  let first = operation.first;
  if (operation.command === 'incr' || operation.command === 'decr') {
    group = selection.freshGroup(1);
    first = 0;
    selection.load({ kind: 'transfer', group, index: 0 }, 1);
  }
  assert(group !== undefined, `${operation.command} without transfer registers`);
  const { form, a, b } = selectAddress(selection, address);

  const atomic = !/^(read|write)/.test(operation.command);
  const octets = operation.command === 'read8' || operation.command === 'write8';
  const available = selection.groupWords(group) - first;
  const common = {
    kind: 'command',
    target,
    command,
    form,
    group,
    first,
    receives: shape.receives,
    sends: shape.sends,
    completion: operation.completion === 'swap' ? 'swap' : selection.signal(operation.completion),
  } as const;
  const { count } = operation;
  if (atomic || (count.kind === 'constant' && count.value <= DIRECT_COUNT_MAX)) {
    const units = atomic || count.kind !== 'constant' ? 1 : count.value;
    const words = octets ? Math.ceil(units / 4) : units;
    selection.put({ ...common, words, exact: true, count: units, indirect: false }, NONE, a, b);
    return;
  }
  if (count.kind === 'constant') {
    const value = OVERRIDE_LENGTH | ((count.value - 1) << OVERRIDE_LENGTH_SHIFT);
    selection.put({ kind: 'immed', width: 'full', value, shift: 0 }, NONE, NONE, NONE);
    const words = octets ? Math.ceil(count.value / 4) : count.value;
    selection.put({ ...common, words, exact: true, count: DIRECT_COUNT_MAX, indirect: true }, NONE, a, b, true);
    return;
  }
  const less = virtual(selection.fresh());
  const length = virtual(selection.fresh());
  selection.alu('-', less, selection.source(count), immediate(1));
  selection.shifted(length, less, { kind: 'left', amount: OVERRIDE_LENGTH_SHIFT });
  selection.alu('OR', NONE, length, immediate(OVERRIDE_LENGTH));
  // How many words are touched is only known at run time: all that the group has count as used.
  selection.put(
    { ...common, words: available, exact: false, count: DIRECT_COUNT_MAX, indirect: true },
    NONE,
    a,
    b,
    true,
  );
}

function selectAddress(
  selection: Selection,
  address: Exclude<MemoryAddress, { form: 'object' }>,
): { form: 'sum' | 'shifted'; a: MachineOperand; b: MachineOperand } {
  if (address.form === 'wide') {
    const low = selection.source(address.low, COMMAND_IMMEDIATE_MAX);
    return { form: 'shifted', a: highWord(selection, address.high), b: low };
  }
  const { base, offset } = address;
  if (address.memory === 'ctm' || address.memory === 'cls') {
    if (base.kind === 'constant' && offset.kind === 'constant') {
      // One of the two must be a register.
      const sum = selection.constantRegister((base.value + offset.value) >>> 0);
      return { form: 'sum', a: immediate(0), b: virtual(sum) };
    }
    const a = selection.source(base, COMMAND_IMMEDIATE_MAX);
    return { form: 'sum', a, b: selection.source(offset, COMMAND_IMMEDIATE_MAX) };
  }
  const high = highWord(selection, { kind: 'constant', value: HIGH_OCTET[address.memory] });
  let low: MachineOperand;
  if (base.kind === 'constant' && offset.kind === 'constant') {
    const sum = { kind: 'constant', value: (base.value + offset.value) >>> 0 } as const;
    low = selection.source(sum, COMMAND_IMMEDIATE_MAX);
  } else if (base.kind === 'constant' && base.value === 0) low = selection.source(offset, COMMAND_IMMEDIATE_MAX);
  else if (offset.kind === 'constant' && offset.value === 0) low = selection.source(base, COMMAND_IMMEDIATE_MAX);
  else {
    low = virtual(selection.fresh());
    selection.alu('+', low, selection.source(base), selection.source(offset));
  }
  return { form: 'shifted', a: high, b: low };
}

/** The octet of address bits 39..32 in bits 31..24, as the base of the 40-bit form. */
function highWord(selection: Selection, high: Operand): MachineOperand {
  if (high.kind === 'constant') {
    return virtual(selection.constantRegister((high.value << 24) >>> 0));
  }
  const word = virtual(selection.fresh());
  selection.shifted(word, selection.source(high), { kind: 'left', amount: 24 });
  return word;
}
