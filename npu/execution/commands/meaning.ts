import type { CommandTarget } from '../../isa/instruction.ts';
import { COMMAND_ATOMIC, COMMAND_OTHER, COMMAND_READ, COMMAND_RECEIVE, COMMAND_SEND, COMMAND_WRITE } from './action.ts';
import {
  ATOMIC_ADD,
  ATOMIC_ADD_SATURATE,
  ATOMIC_CLEAR,
  ATOMIC_COMPARE,
  ATOMIC_READ,
  ATOMIC_SET,
  ATOMIC_SUB,
  ATOMIC_SUB_SATURATE,
  ATOMIC_WRITE,
  ATOMIC_XOR,
} from './arithmetic.ts';
import { OTHER_COMMANDS } from './other-commands.ts';
import type { CommandPlan } from './plan.ts';

/** What the name of a command says of its plan. */
export type CommandMeaning = Pick<
  CommandPlan,
  | 'action'
  | 'unit'
  | 'swapped'
  | 'atomic'
  | 'returns'
  | 'immediate'
  | 'masks'
  | 'compares'
  | 'pair'
  | 'execute'
  | 'ringInOverride'
  | 'couples'
> & {
  /** Is only described together with an override. */
  readonly needsOverride: boolean;
  /** An atomic that adds or subtracts. */
  readonly arithmetic: boolean;
};

const SEND = 'ctm.packet_complete_unicast';

const PLAIN: CommandMeaning = {
  action: COMMAND_READ,
  unit: 4,
  swapped: false,
  atomic: ATOMIC_READ,
  returns: false,
  immediate: false,
  masks: false,
  compares: false,
  pair: false,
  execute: undefined,
  ringInOverride: false,
  couples: false,
  needsOverride: false,
  arithmetic: false,
};

/**
 * Undefined for a command that this NPU does not execute. Of the codes that memories read differently, those of packets
 * are meant with 32-bit addresses, which lead to CTM, and those of queues with 40-bit ones.
 * @param command spelled as objdump does
 */
export function meaningOf(target: CommandTarget, command: string, shifted: boolean): CommandMeaning | undefined {
  const isSend = command.startsWith(SEND) && !shifted;
  const other = isSend ? undefined : OTHER_COMMANDS.get(`${target} ${command}`);
  if (other !== undefined) return { ...PLAIN, action: COMMAND_OTHER, ...other };
  switch (target) {
    case 'mem':
      if (command === 'ctm.packet_add_thread') return { ...PLAIN, action: COMMAND_RECEIVE };
      if (isSend) return { ...PLAIN, action: COMMAND_SEND };
      return transferMeaning(command) ?? atomicMeaning(command);
    case 'cls':
      return clsTransferMeaning(command) ?? atomicMeaning(command);
    default:
      return undefined;
  }
}

/**
 * `_swap` reverses the octets of each word; `_le`, *inferred*, counts octets of a word from the least significant on,
 * which is the same; with both the words are as in memory.
 */
function transferMeaning(command: string): CommandMeaning | undefined {
  const transfer = /^(read|write)(8|32)?(_swap)?(_le)?$/.exec(command);
  if (transfer === null || (command.startsWith('read8') && command !== 'read8')) return undefined;
  const unit = transfer[2] === '8' ? 1 : transfer[2] === '32' ? 4 : 8;
  const writes = transfer[1] === 'write';
  const swapped = (transfer[3] !== undefined) !== (transfer[4] !== undefined);
  return { ...PLAIN, action: writes ? COMMAND_WRITE : COMMAND_READ, unit, swapped, masks: writes };
}

function clsTransferMeaning(command: string): CommandMeaning | undefined {
  const transfer = /^(read|write)(8_be)?(8)?(_le)?$/.exec(command);
  if (transfer === null || command === 'read8_be' || command === 'write8' || command.startsWith('read8')) {
    return undefined;
  }
  const writes = transfer[1] === 'write';
  const unit = command.startsWith('write8') ? 1 : 4;
  return {
    ...PLAIN,
    action: writes ? COMMAND_WRITE : COMMAND_READ,
    unit,
    swapped: command.endsWith('_le'),
    masks: writes,
  };
}

const ATOMICS: ReadonlyMap<string, number> = new Map([
  ['add', ATOMIC_ADD],
  ['sub', ATOMIC_SUB],
  ['set', ATOMIC_SET],
  ['clr', ATOMIC_CLEAR],
  ['xor', ATOMIC_XOR],
  ['addsat', ATOMIC_ADD_SATURATE],
  ['subsat', ATOMIC_SUB_SATURATE],
]);

/** Code of two commands, of which open flowenv describes the one that an override with an octet mask asks for. */
const COMPARE = 'compare_write_or_incr/mask_compare_write';

function atomicMeaning(command: string): CommandMeaning | undefined {
  const atomic = (kind: number, returns: boolean, unit: 4 | 8, immediate: boolean): CommandMeaning => ({
    ...PLAIN,
    action: COMMAND_ATOMIC,
    unit,
    atomic: kind,
    returns,
    immediate,
    arithmetic:
      kind === ATOMIC_ADD || kind === ATOMIC_SUB || kind === ATOMIC_ADD_SATURATE || kind === ATOMIC_SUB_SATURATE,
    masks: unit === 4 && !immediate && (kind === ATOMIC_SET || kind === ATOMIC_CLEAR),
    pair: returns && kind !== ATOMIC_READ && !immediate,
  });
  if (command === 'atomic_read') return atomic(ATOMIC_READ, true, 4, false);
  if (command === 'atomic_write') return atomic(ATOMIC_WRITE, false, 4, false);
  if (command === 'swap') return atomic(ATOMIC_WRITE, true, 4, false);
  if (command === 'atomic_write_imm') return atomic(ATOMIC_WRITE, false, 4, true);
  if (command === 'swap_imm') return atomic(ATOMIC_WRITE, true, 4, true);
  if (command === COMPARE || command === 'test_compare_write_or_incr/test_mask_compare_write') {
    const compare = atomic(ATOMIC_COMPARE, command !== COMPARE, 4, false);
    return { ...compare, masks: true, compares: true, needsOverride: true };
  }
  const parts = /^(test_)?(addsat|subsat|add|sub|set|clr|xor)(64)?(_imm)?$/.exec(command);
  const kind = parts === null ? undefined : ATOMICS.get(parts[2]!);
  if (parts === null || kind === undefined) return undefined;
  return atomic(kind, parts[1] !== undefined, parts[3] === undefined ? 4 : 8, parts[4] !== undefined);
}
