import { InputError } from '../../base/errors.ts';
import type { CommandInstruction, ContextMode } from '../isa/instruction.ts';
import { CONSTANTS, sourceCode } from './registers.ts';

/** What a command does, apart from where. */
export const COMMAND_READ = 0;
export const COMMAND_WRITE = 1;
export const COMMAND_ATOMIC = 2;
export const COMMAND_RECEIVE = 3;
export const COMMAND_SEND = 4;

export const ATOMIC_READ = 0;
export const ATOMIC_WRITE = 1;
export const ATOMIC_ADD = 2;
export const ATOMIC_SUB = 3;
export const ATOMIC_SET = 4;
export const ATOMIC_CLEAR = 5;
export const ATOMIC_XOR = 6;
export const ATOMIC_ADD_SATURATE = 7;
export const ATOMIC_SUB_SATURATE = 8;

/** A command, decoded: everything that does not depend on registers. */
export interface CommandPlan {
  readonly action: 0 | 1 | 2 | 3 | 4;
  readonly memory: 'mem' | 'cls';
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
  /** The operand of an atomic comes from the override (16 bits), not from transfer registers. */
  readonly immediate: boolean;
  readonly indirect: boolean;
  readonly swap: boolean;
  readonly signal: number;
  /**
   * Takes data and gives some back, which are two transfers: signal ^ 1 is raised as well (open nic-firmware calls the
   * two SIGNAL_PAIR, an even number and the odd one above it). Signal 1 has no partner.
   */
  readonly pair: boolean;
  readonly defer: number;
  /** For messages. */
  readonly name: string;
}

/** Octets of a direct transfer, by unit: 32 of the 8-bit forms, 128 of the wider ones (facts of the chip). */
export const MAXIMUM_UNITS = { 1: 32, 4: 32, 8: 16 } as const;

interface Meaning {
  readonly action: CommandPlan['action'];
  readonly unit: 1 | 4 | 8;
  readonly swapped: boolean;
  readonly atomic: number;
  readonly returns: boolean;
  readonly immediate: boolean;
}

/** @throws InputError `npu-unsupported-command` for what this NPU does not execute */
export function planCommand(instruction: CommandInstruction, contexts: ContextMode): CommandPlan {
  const { target, command, address } = instruction;
  const meaning = target === 'mem' ? memMeaning(command) : target === 'cls' ? clsMeaning(command) : undefined;
  if (meaning === undefined) throw unsupported(`${target}[${command}]`);
  if (meaning.immediate && !instruction.indirect) throw unsupported(`${target}[${command}] without indirect_ref`);
  let a = CONSTANTS;
  let b = CONSTANTS;
  let offset = 0;
  let shifted = false;
  if (address.kind === 'sum') {
    a = sourceCode(address.a, contexts);
    b = sourceCode(address.b, contexts);
  } else if (address.kind === 'shifted' && target === 'mem') {
    a = sourceCode(address.base, contexts);
    b = sourceCode(address.offset, contexts);
    shifted = true;
  } else if (address.kind === 'immediate') offset = address.address;
  else throw unsupported(`${target}[${command}] with ${address.kind} addressing`);
  const { unit } = meaning;
  const packet = meaning.action === COMMAND_RECEIVE || meaning.action === COMMAND_SEND;
  if (packet && (instruction.completion !== 'swap' || instruction.signal === 0)) {
    throw unsupported(`${target}[${command}] without ctx_swap on a signal`);
  }
  const wide = meaning.action === COMMAND_ATOMIC && unit === 8;
  return {
    ...meaning,
    memory: target === 'cls' ? 'cls' : 'mem',
    shifted,
    a,
    b,
    offset,
    xfer: instruction.xfer,
    // Bit 2 of the length field says "64 bits wide" for the arithmetic atomics and counts in all others.
    count: wide && target === 'mem' ? ((instruction.count - 1) & 3) + 1 : instruction.count,
    indirect: instruction.indirect,
    swap: instruction.completion === 'swap',
    signal: instruction.completion === 'none' ? 0 : instruction.signal,
    pair: meaning.action === COMMAND_ATOMIC && meaning.returns && meaning.atomic !== ATOMIC_READ && !meaning.immediate,
    defer: instruction.defer,
    name: `${target}[${command}]`,
  };
}

function memMeaning(command: string): Meaning | undefined {
  if (command === 'ctm.packet_add_thread') return plain(COMMAND_RECEIVE, 4, false);
  if (command.startsWith('ctm.packet_complete_unicast')) return plain(COMMAND_SEND, 4, false);
  const transfer = /^(read|write)(8|32)?(_swap)?$/.exec(command);
  if (transfer !== null) {
    const unit = transfer[2] === '8' ? 1 : transfer[2] === '32' ? 4 : 8;
    return plain(transfer[1] === 'read' ? COMMAND_READ : COMMAND_WRITE, unit, transfer[3] !== undefined);
  }
  return atomicMeaning(command);
}

function clsMeaning(command: string): Meaning | undefined {
  if (command === 'read' || command === 'write') {
    return plain(command === 'read' ? COMMAND_READ : COMMAND_WRITE, 4, false);
  }
  if (command === 'write8_be') return plain(COMMAND_WRITE, 1, false);
  return command === 'swap' ? undefined : atomicMeaning(command);
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

function atomicMeaning(command: string): Meaning | undefined {
  const atomic = (kind: number, returns: boolean, unit: 4 | 8, immediate: boolean): Meaning => ({
    action: COMMAND_ATOMIC,
    unit,
    swapped: false,
    atomic: kind,
    returns,
    immediate,
  });
  if (command === 'atomic_read') return atomic(ATOMIC_READ, true, 4, false);
  if (command === 'atomic_write') return atomic(ATOMIC_WRITE, false, 4, false);
  if (command === 'swap') return atomic(ATOMIC_WRITE, true, 4, false);
  if (command === 'atomic_write_imm') return atomic(ATOMIC_WRITE, false, 4, true);
  if (command === 'swap_imm') return atomic(ATOMIC_WRITE, true, 4, true);
  const parts = /^(test_)?(addsat|subsat|add|sub|set|clr|xor)(64)?(_imm)?$/.exec(command);
  const kind = parts === null ? undefined : ATOMICS.get(parts[2]!);
  if (parts === null || kind === undefined) return undefined;
  return atomic(kind, parts[1] !== undefined, parts[3] === undefined ? 4 : 8, parts[4] !== undefined);
}

function plain(action: CommandPlan['action'], unit: 1 | 4 | 8, swapped: boolean): Meaning {
  return { action, unit, swapped, atomic: ATOMIC_READ, returns: false, immediate: false };
}

function unsupported(what: string): InputError {
  return new InputError('npu-unsupported-command', `${what} is not executed by this NPU`);
}

/** One word of a 32-bit atomic. */
export function applyAtomic(atomic: number, old: number, operand: number): number {
  switch (atomic) {
    case ATOMIC_WRITE:
      return operand;
    case ATOMIC_ADD:
      return (old + operand) | 0;
    case ATOMIC_SUB:
      return (old - operand) | 0;
    case ATOMIC_SET:
      return old | operand;
    case ATOMIC_CLEAR:
      return old & ~operand;
    case ATOMIC_XOR:
      return old ^ operand;
    case ATOMIC_ADD_SATURATE:
      return Math.min((old >>> 0) + (operand >>> 0), 0xffff_ffff) | 0;
    case ATOMIC_SUB_SATURATE:
      return Math.max((old >>> 0) - (operand >>> 0), 0) | 0;
    default:
      return old;
  }
}

/** 64 bits, rare: BigInt will do. */
export function applyAtomic64(atomic: number, old: bigint, operand: bigint): bigint {
  switch (atomic) {
    case ATOMIC_ADD:
      return BigInt.asUintN(64, old + operand);
    case ATOMIC_SUB:
      return BigInt.asUintN(64, old - operand);
    case ATOMIC_ADD_SATURATE:
      return old + operand > 0xffff_ffff_ffff_ffffn ? 0xffff_ffff_ffff_ffffn : old + operand;
    case ATOMIC_SUB_SATURATE:
      return old < operand ? 0n : old - operand;
    default:
      return old;
  }
}
