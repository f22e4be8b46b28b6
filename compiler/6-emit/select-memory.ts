import { assert } from '../../base/assert.ts';
import { findCommandByAlternative } from '../../npu/isa/commands.ts';
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
/** Bits 5..3 = 1: bits 31..16 name a ring (docs/npu.md). */
const OVERRIDE_DATA = 1 << 3;
const OVERRIDE_DATA_SHIFT = 16;
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
  xor: { mem: 'xor', cls: 'xor', receives: false, sends: true },
  test_xor: { mem: 'test_xor', cls: undefined, receives: true, sends: true },
  addsat: { mem: 'addsat', cls: 'addsat', receives: false, sends: true },
  subsat: { mem: 'subsat', cls: 'subsat', receives: false, sends: true },
  test_addsat: { mem: 'test_addsat', cls: 'test_addsat', receives: true, sends: true },
  test_subsat: { mem: 'test_subsat', cls: 'test_subsat', receives: true, sends: true },
  add64: { mem: 'add64', cls: 'add64', receives: false, sends: true },
  sub64: { mem: 'sub64', cls: 'sub64', receives: false, sends: true },
  incr64: { mem: 'add64_imm', cls: 'add64_imm', receives: false, sends: false },
  decr64: { mem: 'sub64_imm', cls: 'sub64_imm', receives: false, sends: false },
  test_add64: { mem: 'test_add64', cls: 'test_add64', receives: true, sends: true },
  test_sub64: { mem: 'test_sub64', cls: 'test_sub64', receives: true, sends: true },
  ring_put: { mem: 'emem.put', cls: undefined, receives: true, sends: true },
  ring_get: { mem: 'emem.get', cls: undefined, receives: true, sends: false },
  ring_get_freely: { mem: 'emem.get_freely', cls: undefined, receives: true, sends: false },
  ring_pop: { mem: 'emem.pop', cls: undefined, receives: true, sends: false },
  ring_pop_freely: { mem: 'emem.pop_freely', cls: undefined, receives: true, sends: false },
  ring_journal: { mem: 'emem.journal', cls: undefined, receives: false, sends: true },
  ring_push_descriptor: { mem: 'emem.push_qdesc', cls: undefined, receives: true, sends: false },
  workq_add_work: { mem: 'emem.qadd_work', cls: undefined, receives: false, sends: true },
  workq_add_thread: { mem: 'emem.qadd_thread', cls: undefined, receives: true, sends: false },
  ring_read_descriptor: { mem: 'emem.rd_qdesc', cls: undefined, receives: false, sends: false },
  ring_journal_fast: { mem: 'emem.fast_journal', cls: undefined, receives: false, sends: false },
};

/** Whether the command exists for the memory; the front end reports it to the user when not. */
export function commandExists(command: MemoryCommand, memory: MemoryName): boolean {
  return memory !== 'cls' || SHAPES[command].cls !== undefined;
}

/** Whether a command that is not waited for at once raises its signal and the odd one above it (npu/execution). */
export function raisesSignalPair(command: MemoryCommand): boolean {
  // A ring that has too little says so by the odd one.
  return (SHAPES[command].sends && SHAPES[command].receives) || command === 'ring_get' || command === 'ring_pop';
}

export function selectMemory(selection: Selection, operation: MemoryOperation): void {
  const { address } = operation;
  assert(address.form !== 'object', 'objects are resolved before selection');
  const target = address.form === 'memory' && address.memory === 'cls' ? 'cls' : 'mem';
  const shape = SHAPES[operation.command];
  const spelling = target === 'cls' ? shape.cls : shape.mem;
  const command = spelling === undefined ? undefined : findCommandByAlternative(target, spelling)?.name;
  assert(command !== undefined, `${target} ${operation.command}`);

  let group = operation.group;
  let first = operation.first;
  if (operation.command === 'incr' || operation.command === 'decr') {
    group = selection.freshGroup(1);
    first = 0;
    selection.load({ kind: 'transfer', group, index: 0 }, 1);
  }
  if (group === undefined) {
    selectWithoutGroup(selection, operation, target, command, address);
    return;
  }
  const { form, a, b } = selectAddress(selection, address);

  const isDouble = operation.command.endsWith('64');
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
  if (isDouble) {
    // Their operands are counted in double words; the front end lets through as many as the field holds.
    assert(count.kind === 'constant', `${operation.command} of a number that the run decides`);
    const units = count.value / 2 + wideBit(target);
    selection.put({ ...common, words: count.value, exact: true, count: units, indirect: false }, NONE, a, b);
    return;
  }
  if (count.kind === 'constant' && count.value <= DIRECT_COUNT_MAX) {
    const words = octets ? Math.ceil(count.value / 4) : count.value;
    selection.put({ ...common, words, exact: true, count: count.value, indirect: false }, NONE, a, b);
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

/** Commands whose operand is in the instruction, or a ring's number in the override (lib `nfp_me.h`). */
function selectWithoutGroup(
  selection: Selection,
  operation: MemoryOperation,
  target: 'mem' | 'cls',
  command: string,
  address: Exclude<MemoryAddress, { form: 'object' }>,
): void {
  const { form, a, b } = selectAddress(selection, address);
  const indirect = operation.command.startsWith('ring_');
  if (indirect) {
    const { count } = operation;
    if (count.kind === 'constant') {
      const data = selection.constantRegister((count.value << OVERRIDE_DATA_SHIFT) | OVERRIDE_DATA);
      selection.move(NONE, virtual(data));
    } else {
      const number = virtual(selection.fresh());
      selection.shifted(number, selection.source(count), { kind: 'left', amount: OVERRIDE_DATA_SHIFT });
      selection.alu('OR', NONE, number, immediate(OVERRIDE_DATA));
    }
  }
  selection.put(
    {
      kind: 'command',
      target,
      command,
      form,
      group: undefined,
      first: 0,
      words: 0,
      exact: true,
      receives: false,
      sends: false,
      count: operation.command.endsWith('64') ? 1 + wideBit(target) : 1,
      indirect,
      completion: 'none',
    },
    NONE,
    a,
    b,
    indirect,
  );
}

/** Bit 2 of the count says that a `mem` command is one of 64 bits. */
function wideBit(target: 'mem' | 'cls'): number {
  return target === 'mem' ? 4 : 0;
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
