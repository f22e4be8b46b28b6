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

/** The size, which some programs give, is that of a word. */
function atomic(command: string, ...kinds: ArgumentKind[]): Intrinsic {
  const isOfRegisters = kinds.length === 2;
  const all = isOfRegisters ? [...kinds, 'value' as const] : kinds;
  return { ...PLAIN, arguments: all, optional: isOfRegisters ? 1 : 0, memories: MU, command, unitOctets: 4 };
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
  ['read_atomic', atomic('atomic_read', 'in', 'memory')],
  ['write_atomic', atomic('atomic_write', 'out', 'memory')],
  ['incr32', atomic('incr', 'memory')],
  ['add32', atomic('add', 'out', 'memory')],
  ['sub32', atomic('sub', 'out', 'memory')],
  ['bitset', atomic('set', 'out', 'memory')],
  ['bitclr', atomic('clr', 'out', 'memory')],
  ['swap', atomic('swap', 'both', 'memory')],
  ['test_add', atomic('test_add', 'both', 'memory')],
  ['test_sub', atomic('test_sub', 'both', 'memory')],
  ['test_set', atomic('test_set', 'both', 'memory')],
  ['test_clr', atomic('test_clr', 'both', 'memory')],
];

/** `mem_read32`, `ctm_read32`, `cls_read32` ... are one command; the pointer's type says which memory. */
export const INTRINSICS: ReadonlyMap<string, Intrinsic> = new Map<string, Intrinsic>([
  ...['mem', 'ctm', 'cls'].flatMap((prefix) =>
    MEMORY_INTRINSICS.flatMap(([name, intrinsic]) => {
      const plain = [`${prefix}_${name}`, intrinsic] as const;
      if (intrinsic.arguments[0] === 'memory') return [plain];
      return [plain, [`__${prefix}_${name}`, signalled(intrinsic)] as const];
    }),
  ),
  ['wait_for_all', { ...core('void', 'signal'), repeats: true }],
  ['__wait_for_all', { ...core('void', 'signal'), repeats: true }],
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

/** Control and status registers that a program may name, with the name that the instruction set gives them. */
export const CSR_NAMES: ReadonlyMap<string, string> = new Map([
  ['local_csr_active_ctx_sts', 'ActCtxStatus'],
  ['local_csr_timestamp_low', 'TimestampLow'],
  ['local_csr_timestamp_high', 'TimestampHgh'],
  ['local_csr_pseudo_random_number', 'PseudoRndNum'],
  ['local_csr_mailbox0', 'Mailbox0'],
  ['local_csr_mailbox1', 'Mailbox1'],
  ['local_csr_mailbox2', 'Mailbox2'],
  ['local_csr_mailbox3', 'Mailbox3'],
]);
