import type { CommandTarget } from './instruction.ts';

/**
 * Commands that the microengine can send over the chip's internal bus, and their codes in an instruction word.
 * Some mnemonics name one code that three memories read differently (`ctm.x/emem.y/imem.z`): they are one command,
 * spelled as objdump spells it. Source: GNU binutils 2.40 `opcodes/nfp-dis.c`; the codes of the read, write and add
 * commands also Linux `nfp_asm.c`.
 */
export interface CommandCode {
  readonly target: CommandTarget;
  readonly name: string;
  /** 5 bits for mem and cls, 2 for the other targets. */
  readonly action: number;
  /** 2 bits. */
  readonly token: number;
  /** Of the 3-bit length field (count - 1), the bits of `lengthMask` have to be `lengthBits`: they choose the command. */
  readonly lengthMask: number;
  readonly lengthBits: number;
}

interface Variant {
  readonly name: string;
  readonly lengthMask: number;
  readonly lengthBits: number;
}

/** By token: a command, several that the length field tells apart, or none. */
type Tokens = readonly (string | readonly Variant[] | undefined)[];

/** 32 and 64 bits wide: bit 2 of the length field chooses. `64` goes before `_imm`. */
function wide(name: string, mask: 4 | 7 = 4): Variant[] {
  const wideName = name.endsWith('_imm') ? name.replace('_imm', '64_imm') : `${name}64`;
  return [
    { name, lengthMask: mask, lengthBits: 0 },
    { name: wideName, lengthMask: mask, lengthBits: 4 },
  ];
}

/** 128 or 256 entries (in octets), in the names where `#` stands. */
function sized(pattern: string): Variant[] {
  return [
    { name: pattern.replace('#', '128'), lengthMask: 7, lengthBits: 0 },
    { name: pattern.replace('#', '256'), lengthMask: 7, lengthBits: 4 },
  ];
}

/** A lookup in a table of 128/384 or 256/512 octets of entries that are 8, 16, 24 or 32 bits wide. */
function lookup(kind: 'cam' | 'tcam', suffix: string): Variant[] {
  return [0, 1, 2, 3, 4, 5, 6, 7].map((length) => {
    const [small, large] = length < 4 ? [128, 384] : [256, 512];
    const operation = `lookup${8 * ((length & 3) + 1)}${suffix}`;
    return { name: `${kind}${small}_${operation}/${kind}${large}_${operation}`, lengthMask: 7, lengthBits: length };
  });
}

const locks: readonly Variant[] = [
  { name: 'lock128/lock384', lengthMask: 7, lengthBits: 0 },
  { name: 'cam128_lookup24_add_inc/cam384_lookup24_add_inc', lengthMask: 7, lengthBits: 2 },
  { name: 'lock256/lock512', lengthMask: 7, lengthBits: 4 },
  { name: 'cam256_lookup24_add_inc/cam512_lookup24_add_inc', lengthMask: 7, lengthBits: 6 },
];

const mem: readonly (readonly [action: number, tokens: Tokens])[] = [
  [0, ['read', 'read_le', 'read_swap', 'read_swap_le']],
  [1, ['write', 'write_le', 'write_swap', 'write_swap_le']],
  [2, ['write8', 'write8_le', 'write8_swap', 'write8_swap_le']],
  [
    3,
    [
      'atomic_read',
      'read8',
      'compare_write_or_incr/mask_compare_write',
      'test_compare_write_or_incr/test_mask_compare_write',
    ],
  ],
  [4, ['atomic_write', 'swap', 'atomic_write_imm', 'swap_imm']],
  [5, ['set', 'test_set', 'set_imm', 'test_set_imm']],
  [6, ['clr', 'test_clr', 'clr_imm', 'test_clr_imm']],
  [7, [wide('add'), wide('test_add'), wide('add_imm'), wide('test_add_imm')]],
  [8, [wide('addsat'), wide('test_addsat'), wide('addsat_imm'), wide('test_addsat_imm')]],
  [9, [wide('sub'), wide('test_sub'), wide('sub_imm'), wide('test_sub_imm')]],
  [10, [wide('subsat'), wide('test_subsat'), wide('subsat_imm'), wide('test_subsat_imm')]],
  [11, ['ticket_release', 'ticket_release_ind']],
  [12, [lookup('cam', ''), lookup('cam', '_add'), lookup('tcam', ''), locks]],
  [13, [sized('microq#_get'), sized('microq#_pop'), sized('microq#_put')]],
  [14, [sized('queue#_lock'), sized('queue#_unlock')]],
  [15, ['xor', 'test_xor', 'xor_imm', 'test_xor_imm']],
  [
    16,
    [
      'ctm.packet_wait_packet_status/emem.rd_qdesc/imem.stats_log',
      'ctm.packet_read_packet_status/emem.wr_qdesc/imem.stats_log_sat',
      'emem.push_qdesc/imem.stats_log_event',
      'imem.stats_log_sat_event',
    ],
  ],
  [
    17,
    [
      'ctm.packet_alloc/emem.enqueue/imem.stats_push',
      'ctm.packet_credit_get/emem.enqueue_tail/imem.stats_push_clear',
      'ctm.packet_alloc_poll/emem.dequeue',
      'ctm.packet_add_thread',
    ],
  ],
  [
    18,
    [
      'ctm.packet_free/emem.read_queue/imem.lb_write_desc',
      'ctm.packet_free_and_signal/emem.read_queue_ring/imem.lb_read_desc',
      'ctm.packet_free_and_return_pointer/emem.write_queue',
      'ctm.packet_return_pointer/emem.write_queue_ring',
    ],
  ],
  [
    19,
    [
      'ctm.packet_complete_drop/emem.add_tail/imem.lb_write_idtable',
      'ctm.packet_complete_unicast/emem.qadd_thread/imem.lb_read_idtable',
      'ctm.packet_complete_multicast/emem.qadd_work',
      'ctm.packet_complete_multicast_free/emem.qadd_work_imm',
    ],
  ],
  [
    20,
    [
      'ctm.pe_dma_to_memory_packet/emem.put/imem.lb_bucket_write_local',
      'ctm.pe_dma_to_memory_packet_swap/imem.lb_bucket_write_dcache',
      'ctm.pe_dma_to_memory_packet_free/emem.journal',
      'ctm.pe_dma_to_memory_packet_free_swap',
    ],
  ],
  [
    21,
    [
      'ctm.pe_dma_to_memory_indirect/emem.get/imem.lb_bucket_read_local',
      'ctm.pe_dma_to_memory_indirect_swap/emem.get_eop/imem.lb_bucket_read_dcache',
      'ctm.pe_dma_to_memory_indirect_free/emem.get_freely',
      'ctm.pe_dma_to_memory_indirect_free_swap',
    ],
  ],
  [
    22,
    [
      'ctm.pe_dma_to_memory_buffer/emem.pop/imem.lb_lookup_bundleid',
      'ctm.pe_dma_to_memory_buffer_le/emem.pop_eop/imem.lb_lookup_dcache',
      'ctm.pe_dma_to_memory_buffer_swap/emem.pop_freely/imem.lb_lookup_idtable',
      'ctm.pe_dma_to_memory_buffer_le_swap',
    ],
  ],
  [
    23,
    [
      'ctm.pe_dma_from_memory_buffer/emem.fast_journal/imem.lb_push_stats_local',
      'ctm.pe_dma_from_memory_buffer_le/emem.fast_journal_sig/imem.lb_push_stats_dcache',
      'ctm.pe_dma_from_memory_buffer_swap/imem.lb_push_stats_local_clr',
      'ctm.pe_dma_from_memory_buffer_le_swap/imem.lb_push_stats_dcache_clr',
    ],
  ],
  [26, ['emem.lookup/imem.lookup']],
  [28, ['read32', 'read32_le', 'read32_swap', 'read32_swap_le']],
  [29, [undefined, 'cam_lookup_add_lock', 'cam_lookup_add_extend', 'cam_lookup_add_inc']],
  [30, [undefined, undefined, 'meter']],
  [31, ['write32', 'write32_le', 'write32_swap', 'write32_swap_le']],
];

const cls: typeof mem = [
  [0, ['read', 'read_le', 'swap/test_compare_write', 'xor']],
  [1, ['write', 'write_le', 'write8_be', 'write8_le']],
  [2, ['set', 'clr', 'test_set', 'test_clr']],
  [3, ['set_imm', 'clr_imm', 'test_set_imm', 'test_clr_imm']],
  [4, ['add', 'add64', 'addsat']],
  [5, ['add_imm', 'add64_imm', 'addsat_imm']],
  [6, ['sub', 'sub64', 'subsat']],
  [7, ['sub_imm', 'sub64_imm', 'subsat_imm']],
  [8, ['queue_lock', 'queue_unlock', 'hash_mask', 'hash_mask_clear']],
  [9, ['get', 'pop', 'get_safe', 'pop_safe']],
  [10, ['ring_put', undefined, 'ring_journal']],
  [11, ['cam_lookup32', 'cam_lookup32_add', 'cam_lookup24', 'cam_lookup24_add']],
  [12, ['cam_lookup8', 'cam_lookup8_add', 'cam_lookup16', 'cam_lookup16_add']],
  [13, ['tcam_lookup32', 'tcam_lookup24', 'tcam_lookup16', 'tcam_lookup8']],
  [14, ['reflect_write_sig_local', 'reflect_write_sig_remote', 'reflect_write_sig_both']],
  [15, ['reflect_read_sig_remote', 'reflect_read_sig_local', 'reflect_read_sig_both']],
  [16, [undefined, 'cam_lookup32_add_lock', 'cam_lookup24_add_inc', 'cam_lookup32_add_extend']],
  [17, ['meter', undefined, 'statistic', 'statistic_imm']],
  [20, ['test_add', 'test_add64', 'test_addsat']],
  [21, ['test_add_imm', 'test_add64_imm', 'test_addsat_imm']],
  [22, ['test_sub', 'test_sub64', 'test_subsat']],
  [23, ['test_sub_imm', 'test_sub64_imm', 'test_subsat_imm']],
  [24, ['ring_read', 'ring_write', 'ring_ordered_lock', 'ring_ordered_unlock']],
  [25, ['ring_workq_add_thread', 'ring_workq_add_work']],
];

const actionsByTarget: Record<CommandTarget, typeof mem> = {
  mem,
  cls,
  ct: [
    [0, ['xpb_read', 'ring_get', 'interthread_signal']],
    [1, ['xpb_write', 'ring_put', 'ctnn_write']],
    [2, ['reflect_read_none', 'reflect_read_sig_init', 'reflect_read_sig_remote', 'reflect_read_sig_both']],
    [3, ['reflect_write_none', 'reflect_write_sig_init', 'reflect_write_sig_remote', 'reflect_write_sig_both']],
  ],
  nbi: [
    [0, ['read']],
    [1, ['write']],
    [
      3,
      [
        'packet_ready_drop',
        'packet_ready_unicast',
        'packet_ready_multicast_dont_free',
        'packet_ready_multicast_free_on_last',
      ],
    ],
  ],
  ila: [
    [0, ['read', 'read_check_error']],
    [1, ['write', 'write_check_error']],
    [2, ['read_int']],
    [
      3,
      [
        [
          { name: 'write_int', lengthMask: 7, lengthBits: 0 },
          { name: 'write_dma', lengthMask: 7, lengthBits: 3 },
        ],
      ],
    ],
  ],
  pcie: [
    [0, ['read', 'read_rid']],
    [1, ['write', 'write_rid', 'write_vdm']],
    [2, ['read_int']],
    [3, ['write_int']],
  ],
  arm: [
    [0, ['read']],
    [1, ['write']],
  ],
  crypto: [
    [0, ['read']],
    [1, ['write']],
    [2, ['write_fifo']],
  ],
};

/** 7-bit target and action field of each target, action 0. */
export const TARGET_CODE: Record<CommandTarget, number> = {
  ila: 0x00,
  nbi: 0x04,
  pcie: 0x0c,
  crypto: 0x14,
  arm: 0x18,
  ct: 0x1c,
  mem: 0x40,
  cls: 0x60,
};

export const COMMAND_TARGETS = Object.keys(TARGET_CODE) as CommandTarget[];

/** Every command, in the order of target, action, token. */
export const COMMANDS: readonly CommandCode[] = COMMAND_TARGETS.flatMap((target) =>
  actionsByTarget[target].flatMap(([action, tokens]) =>
    tokens.flatMap((cell, token) => {
      const variants = typeof cell === 'string' ? [{ name: cell, lengthMask: 0, lengthBits: 0 }] : (cell ?? []);
      return variants.map((variant) => ({ target, action, token, ...variant }));
    }),
  ),
);

const byName = new Map<string, CommandCode>();
const byCode = new Map<number, CommandCode[]>();
for (const command of COMMANDS) {
  byName.set(`${command.target} ${command.name}`, command);
  const key = (TARGET_CODE[command.target] + command.action) * 4 + command.token;
  byCode.set(key, [...(byCode.get(key) ?? []), command]);
}

/** Parts of a spelling with alternatives, for people who write only the one that they mean. */
const byAlternative = new Map<string, CommandCode | undefined>();
for (const command of COMMANDS) {
  if (!command.name.includes('/')) continue;
  for (const part of command.name.split('/')) {
    const key = `${command.target} ${part}`;
    byAlternative.set(key, byAlternative.has(key) || byName.has(key) ? undefined : command);
  }
}

/** The command with exactly this spelling. */
export function findCommand(target: CommandTarget, name: string): CommandCode | undefined {
  return byName.get(`${target} ${name}`);
}

/** As `findCommand`, and one alternative of a spelling will do: `ctm.packet_complete_unicast`, `lock256`. */
export function findCommandByAlternative(target: CommandTarget, name: string): CommandCode | undefined {
  return findCommand(target, name) ?? byAlternative.get(`${target} ${name}`);
}

/**
 * Names that open firmware has for commands that objdump spells otherwise (Netronome's flowenv, nfd and nic-firmware).
 * *Inferred*: `incr` and `decr` are `add_imm` and `sub_imm` of 1 without override; no public text has their words.
 */
const VENDOR_NAMES: ReadonlyMap<string, string> = new Map([
  ['mem incr', 'add_imm'],
  ['mem incr64', 'add64_imm'],
  ['mem decr', 'sub_imm'],
  ['mem decr64', 'sub64_imm'],
  ['mem write_atomic', 'atomic_write'],
  ['mem read_atomic', 'atomic_read'],
  ['mem release_ticket', 'ticket_release'],
  ['cls incr', 'add_imm'],
  ['cls decr', 'sub_imm'],
  ['cls read_be', 'read'],
  ['cls write_be', 'write'],
  ['cls put', 'ring_put'],
  ['cls journal', 'ring_journal'],
  ['cls ring_get', 'get'],
  ['cls ring_pop', 'pop'],
  ['cls ring_get_freely', 'get_safe'],
  ['cls ring_pop_freely', 'pop_safe'],
]);

/** The command that open firmware calls by this name: a spelling of its own, or one without the memory (`put`). */
export function findCommandOfFirmware(target: CommandTarget, name: string): CommandCode | undefined {
  const other = VENDOR_NAMES.get(`${target} ${name}`);
  if (other !== undefined) return findCommand(target, other);
  for (const memory of ['emem', 'ctm', 'imem']) {
    const command = findCommandByAlternative(target, `${memory}.${name}`);
    if (command !== undefined) return command;
  }
  return undefined;
}

/** The command of a word's target and action field (7 bits), token and length field. */
export function commandOfCode(targetAction: number, token: number, length: number): CommandCode | undefined {
  const candidates = byCode.get(targetAction * 4 + token);
  return candidates?.find((command) => (length & command.lengthMask) === command.lengthBits);
}
