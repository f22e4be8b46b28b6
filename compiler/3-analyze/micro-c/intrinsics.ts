import type { CrcOperator } from '../../ir.ts';
import type { Memory } from './types.ts';

/**
 * Functions that the compiler knows and turns into instructions of the NIC. Argument kinds:
 * `value` a 32-bit integer; `csr` the name of a control and status register; `in` / `out` / `both` transfer registers
 * (`__xread`, `__xwrite`, `__xrw`), given by address; `memory` a pointer into one of the listed memories; `sync` the
 * word `sig_done` or `ctx_swap`; `signal` the address of a `SIGNAL`; `any` what is only looked at when compiling.
 */
export type ArgumentKind = 'value' | 'csr' | 'in' | 'out' | 'both' | 'memory' | 'sync' | 'signal' | 'any';

/** How a command with a signal ends: the program goes on at once and waits later, or lets other contexts run until then. */
export const SYNC_WORDS: readonly string[] = ['sig_done', 'ctx_swap'];

export interface Intrinsic {
  readonly arguments: readonly ArgumentKind[];
  /** Arguments at the end that may be left out. */
  readonly optional: number;
  /** The last kind again, any number of times. */
  readonly repeats: boolean;
  readonly memories: readonly Memory[];
  readonly result: 'void' | 'uint32';
  /** The command of the memory engine, for those that are one. */
  readonly command: string | undefined;
  /** Octets a unit of the count: the last argument is in octets and must be a multiple. */
  readonly unitOctets: number;
}

const MU: readonly Memory[] = ['mem', 'emem', 'imem', 'ctm', 'cls'];

const PLAIN: Intrinsic = {
  arguments: [],
  optional: 0,
  repeats: false,
  memories: [],
  result: 'void',
  command: undefined,
  unitOctets: 1,
};

function bulk(command: string, unitOctets: number, direction: 'in' | 'out'): Intrinsic {
  return { ...PLAIN, arguments: [direction, 'memory', 'value'], memories: MU, command, unitOctets };
}

/** Without a size, of one unit. */
function atomic(command: string, kinds: readonly ArgumentKind[], unitOctets: 4 | 8 = 4): Intrinsic {
  const isOfRegisters = kinds.length === 2;
  const all = isOfRegisters ? [...kinds, 'value' as const] : kinds;
  return { ...PLAIN, arguments: all, optional: isOfRegisters ? 1 : 0, memories: MU, command, unitOctets };
}

/** A command to a ring of EMEM: its number, what `mem_ring_setup` gave, registers, octets. */
function ring(command: string, direction: 'in' | 'out' | 'both'): Intrinsic {
  return { ...PLAIN, arguments: ['value', 'value', direction, 'value'], command, unitOctets: 4 };
}

/** The form with a signal: most octets, how it ends, the signal. */
function signalled(intrinsic: Intrinsic): Intrinsic {
  return { ...intrinsic, arguments: [...intrinsic.arguments, 'value', 'sync', 'signal'], optional: 0 };
}

function core(result: 'void' | 'uint32', ...kinds: ArgumentKind[]): Intrinsic {
  return { ...PLAIN, arguments: kinds, result };
}

const MEMORY_INTRINSICS: readonly (readonly [string, Intrinsic])[] = [
  ['read8', bulk('read8', 1, 'in')],
  ['read32', bulk('read32', 4, 'in')],
  ['read64', bulk('read32', 8, 'in')],
  ['write8', bulk('write8', 1, 'out')],
  ['write32', bulk('write32', 4, 'out')],
  ['write64', bulk('write32', 8, 'out')],
  ['read_be', bulk('read32', 4, 'in')],
  ['write_be', bulk('write32', 4, 'out')],
  ['read', bulk('read32', 4, 'in')],
  ['write', bulk('write32', 4, 'out')],
  ['read32_swap', bulk('read32_swap', 4, 'in')],
  ['write32_swap', bulk('write32_swap', 4, 'out')],
  ['read_atomic', atomic('atomic_read', ['in', 'memory'])],
  ['write_atomic', atomic('atomic_write', ['out', 'memory'])],
  ['incr32', atomic('incr', ['memory'])],
  ['decr32', atomic('decr', ['memory'])],
  ['incr', atomic('incr', ['memory'])],
  ['decr', atomic('decr', ['memory'])],
  ['incr64', atomic('incr64', ['memory'], 8)],
  ['decr64', atomic('decr64', ['memory'], 8)],
  ['swap', atomic('swap', ['both', 'memory'])],
  ['bitset', atomic('set', ['out', 'memory'])],
  ['bitclr', atomic('clr', ['out', 'memory'])],
  ...(
    [
      ['add', 'add', 4],
      ['sub', 'sub', 4],
      ['add32', 'add', 4],
      ['sub32', 'sub', 4],
      ['set', 'set', 4],
      ['clr', 'clr', 4],
      ['xor', 'xor', 4],
      ['addsat', 'addsat', 4],
      ['subsat', 'subsat', 4],
      ['add64', 'add64', 8],
      ['sub64', 'sub64', 8],
    ] as const
  ).flatMap(([name, command, octets]): [string, Intrinsic][] => [
    [name, atomic(command, ['out', 'memory'], octets)],
    ...(name.endsWith('32')
      ? []
      : [[`test_${name}`, atomic(`test_${command}`, ['both', 'memory'], octets)] as [string, Intrinsic]]),
  ]),
];

const RINGS: readonly (readonly [string, Intrinsic])[] = [
  ['ring_put', ring('ring_put', 'both')],
  ['ring_get', ring('ring_get', 'in')],
  ['ring_get_freely', ring('ring_get_freely', 'in')],
  ['ring_pop', ring('ring_pop', 'in')],
  ['ring_pop_freely', ring('ring_pop_freely', 'in')],
  ['ring_journal', ring('ring_journal', 'out')],
  ['ring_push_descriptor', ring('ring_push_descriptor', 'in')],
  ['workq_add_work', ring('workq_add_work', 'out')],
  ['workq_add_thread', ring('workq_add_thread', 'in')],
];

/** Their forms without a signal are functions of `nfp/mem_ring.h`, which give a result. */
const SAY_BY_SIGNAL: readonly string[] = ['ring_put', 'ring_get', 'ring_pop'];

export const CRC_OPERATORS: readonly CrcOperator[] = ['crc_32', 'crc_iscsi', 'crc_ccitt', 'crc_10', 'crc_5'];

/** `mem_read32`, `ctm_read32`, `cls_read32` ... are one command; the pointer's type says which memory. */
export const INTRINSICS: ReadonlyMap<string, Intrinsic> = new Map<string, Intrinsic>([
  ...['mem', 'ctm', 'cls'].flatMap((prefix) =>
    MEMORY_INTRINSICS.flatMap(([name, intrinsic]) => {
      const plain = [`${prefix}_${name}`, intrinsic] as const;
      if (intrinsic.arguments[0] === 'memory') return [plain];
      return [plain, [`__${prefix}_${name}`, signalled(intrinsic)] as const];
    }),
  ),
  ...RINGS.flatMap(([name, intrinsic]): [string, Intrinsic][] => [
    [`__mem_${name}`, signalled(intrinsic)],
    ...(SAY_BY_SIGNAL.includes(name) ? [] : [[`mem_${name}`, intrinsic] as [string, Intrinsic]]),
  ]),
  /** Sets ring `number` up from the descriptor at the address; gives it a word. */
  ['__mem_ring_read_descriptor', { ...core('void', 'memory', 'value'), memories: MU }],
  ['mem_ring_journal_fast', core('void', 'value', 'value', 'value')],
  ['wait_for_all', { ...core('void', 'signal'), repeats: true }],
  ['__wait_for_all', { ...core('void', 'signal'), repeats: true }],
  /** Takes no signal: `signal_test` does. */
  ['wait_for_any', { ...core('void', 'signal'), repeats: true }],
  ['__wait_for_any', { ...core('void', 'signal'), repeats: true }],
  ['wait_for_all_single', core('void', 'signal')],
  ['signal_test', core('uint32', 'signal')],
  /** The data, whose octets (one of `CRC_BYTES`, by number) went into the remainder. */
  ...CRC_OPERATORS.flatMap((operator): [string, Intrinsic][] => [
    [`${operator}_be`, core('uint32', 'value', 'value')],
    [`${operator}_le`, core('uint32', 'value', 'value')],
  ]),
  /** `__cam_lookup` gives the word that the instruction gives; `nfp/me.h` has the structure. */
  ['__cam_lookup', core('uint32', 'value')],
  ['cam_read_tag', core('uint32', 'value')],
  ['cam_read_state', core('uint32', 'value')],
  ['cam_write', core('void', 'value', 'value', 'value')],
  ['cam_write_state', core('void', 'value', 'value')],
  ['cam_clear', core('void')],
  /** 1 when the compiler knows the value. */
  ['__is_ct_const', core('uint32', 'any')],
  ['ctx_swap', core('void')],
  ['local_csr_read', core('uint32', 'csr')],
  ['local_csr_write', core('void', 'csr', 'value')],
  ['ctx', core('uint32')],
  ['ffs', core('uint32', 'value')],
  /** High word of the unsigned product. */
  ['mul_high', core('uint32', 'value', 'value')],
  /** Low word of (high:low) >> amount. */
  ['dbl_shf', core('uint32', 'value', 'value', 'value')],
  /** Waits for a frame: its length and port, address, 0 and arrival number (docs/lambdas.md). */
  ['packet_receive', core('void', 'in')],
  /** Sends the frame that the two words describe. */
  ['packet_send', core('void', 'out')],
  ['halt', core('void')],
]);

/** Atomics of which the instruction has room for a count of one to four. */
export function isArithmetic(command: string): boolean {
  return /^(test_)?(add|sub|addsat|subsat)(64)?$/.test(command);
}

/** Which argument says how many octets; rings have it later. */
export function sizeIndex(intrinsic: Intrinsic): number {
  return intrinsic.arguments[0] === 'value' ? 3 : 2;
}

/** Control and status registers that a program may name, with the name that the instruction set gives them. */
export const CSR_NAMES: ReadonlyMap<string, string> = new Map([
  ['local_csr_active_ctx_sts', 'ActCtxStatus'],
  ['local_csr_timestamp_low', 'TimestampLow'],
  ['local_csr_timestamp_high', 'TimestampHgh'],
  ['local_csr_pseudo_random_number', 'PseudoRndNum'],
  ['local_csr_crc_remainder', 'CRCRemainder'],
  ['local_csr_active_ctx_future_count', 'ActCtxFtrCnt'],
  ['local_csr_same_me_signal', 'SameMESignal'],
  ['local_csr_profile_count', 'ProfileCnt'],
  ['local_csr_mailbox0', 'Mailbox0'],
  ['local_csr_mailbox1', 'Mailbox1'],
  ['local_csr_mailbox2', 'Mailbox2'],
  ['local_csr_mailbox3', 'Mailbox3'],
]);
