import { InputError } from '../../../base/errors.ts';
import type { CommandInstruction, ContextMode } from '../../isa/instruction.ts';
import { CONSTANTS, sourceCode } from '../registers.ts';
import { meaningOf } from './meaning.ts';
import type { CommandExecutor } from './world.ts';

/** What a command does, apart from where. */
export const COMMAND_READ = 0;
export const COMMAND_WRITE = 1;
export const COMMAND_ATOMIC = 2;
export const COMMAND_RECEIVE = 3;
export const COMMAND_SEND = 4;
/** What `CommandPlan.execute` does. */
export const COMMAND_OTHER = 5;

/** A command, decoded: everything that does not depend on registers. */
export interface CommandPlan {
  readonly action: 0 | 1 | 2 | 3 | 4 | 5;
  readonly memory: 'mem' | 'cls' | 'ct';
  /** (a << 8) + b with 40 bits, or a + b with 32. */
  readonly shifted: boolean;
  readonly a: number;
  readonly b: number;
  /** Added to the address: the immediate one of the instruction. */
  readonly offset: number;
  readonly xfer: number;
  /** In units, 1 to 8; for the atomics in words or double words. */
  readonly count: number;
  /** Octets of a unit: 1, 4 or 8. */
  readonly unit: 1 | 4 | 8;
  /** Octets reversed within each 32-bit word. */
  readonly swapped: boolean;
  readonly atomic: number;
  /** Whether an atomic gives the old value back. */
  readonly returns: boolean;
  /** The operand of an atomic is in the command or its override, not in transfer registers. */
  readonly immediate: boolean;
  /** Operand of an `_imm` form without data in the override. */
  readonly operand: number;
  /** Bit 2 of the length field chooses 64 bits: arithmetic in `mem`. */
  readonly wideByLength: boolean;
  /** An octet mask has a meaning. */
  readonly masks: boolean;
  /** An atomic that writes only if the octets of the mask are equal. */
  readonly compares: boolean;
  readonly indirect: boolean;
  readonly swap: boolean;
  readonly signal: number;
  /**
   * Takes data and gives some back, which are two transfers: signal ^ 1 is raised as well (open nic-firmware calls the
   * two SIGNAL_PAIR, an even number and the odd one above it). Signal 1 has no partner.
   */
  readonly pair: boolean;
  readonly defer: number;
  /** Of `COMMAND_OTHER`. */
  readonly execute: CommandExecutor | undefined;
  /** The data reference of an override is the number of a ring, not a transfer register. */
  readonly ringInOverride: boolean;
  /** Reaches into other cores, or is answered by one: the cores of the NIC have to go in step. */
  readonly couples: boolean;
  /** For messages. */
  readonly name: string;
}

/** Octets of a direct transfer, by unit: 32 of the 8-bit forms, 128 of the wider ones (facts of the chip). */
export const MAXIMUM_UNITS = { 1: 32, 4: 32, 8: 16 } as const;

/** @throws InputError `npu-unsupported-command` for what this NPU does not execute */
export function planCommand(instruction: CommandInstruction, contexts: ContextMode): CommandPlan {
  const { target, command, address } = instruction;
  const meaning = meaningOf(target, command);
  if (meaning === undefined || (target !== 'mem' && target !== 'cls' && target !== 'ct')) {
    throw unsupported(`${target}[${command}]`);
  }
  if (meaning.needsOverride && !instruction.indirect) throw unsupported(`${target}[${command}] without indirect_ref`);
  const packet = meaning.action === COMMAND_RECEIVE || meaning.action === COMMAND_SEND;
  if (packet && (instruction.completion !== 'swap' || instruction.signal === 0)) {
    throw unsupported(`${target}[${command}] without ctx_swap on a signal`);
  }
  let a = CONSTANTS;
  let b = CONSTANTS;
  let offset = 0;
  let shifted = false;
  let { count } = instruction;
  if (address.kind === 'sum') {
    a = sourceCode(address.a, contexts);
    b = sourceCode(address.b, contexts);
  } else if (address.kind === 'shifted' && target !== 'ct') {
    a = sourceCode(address.base, contexts);
    b = sourceCode(address.offset, contexts);
    shifted = true;
  } else if (address.kind === 'immediate') offset = address.address;
  else if (address.kind === 'immediate_pair' && meaning.immediate) {
    // 16 bits of address and 14 of data, of which the length field has the upper ones (GNU nfp-dis.c).
    offset = address.address;
    count = 1;
  } else throw unsupported(`${target}[${command}] with ${address.kind} addressing`);
  const wide = target === 'mem' && meaning.action === COMMAND_ATOMIC && meaning.unit === 8;
  // Bit 2 of the length field says "64 bits wide" for the arithmetic atomics and counts in all others.
  const counted = wide || (target === 'mem' && meaning.immediate) ? ((count - 1) & 3) + 1 : count;
  return {
    ...meaning,
    memory: target,
    wideByLength: target === 'mem' && meaning.arithmetic,
    shifted,
    a,
    b,
    offset,
    xfer: instruction.xfer,
    count: meaning.immediate ? 1 : counted,
    operand: address.kind === 'immediate_pair' ? address.data : counted,
    indirect: instruction.indirect,
    swap: instruction.completion === 'swap',
    signal: instruction.completion === 'none' ? 0 : instruction.signal,
    defer: instruction.defer,
    name: `${target}[${command}]`,
  };
}

function unsupported(what: string): InputError {
  return new InputError('npu-unsupported-command', `${what} is not executed by this NPU`);
}
