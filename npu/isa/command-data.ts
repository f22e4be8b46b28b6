import type { CommandTarget } from './instruction.ts';

/** Transfer registers that a command reads (out) and writes (in), in 32-bit words from its first register on. */
export interface CommandData {
  readonly outWords: number;
  readonly inWords: number;
}

type Unit = 'octets' | 'words' | 'doubles';
type Direction = 'in' | 'out' | 'both';

/**
 * Commands whose data is public: units and direction. `both` returns what was there before. The `_imm` forms take their
 * operand from the command itself. Sources: Linux `nfp_asm.h`, `bpf/jit.c` and `nfpcore/nfp_target.c` (read8/read32/write8/write32, the octet
 * and word counts); open flowenv `lib/nfp/mem_bulk.h` (`read` and `write` count 64-bit words) and nic-firmware (atomics).
 */
const KNOWN: readonly (readonly [
  targets: readonly CommandTarget[],
  pattern: RegExp,
  unit: Unit,
  direction: Direction,
])[] = [
  [['mem'], /^read32(_swap|_le|_swap_le)?$/, 'words', 'in'],
  [['mem'], /^write32(_swap|_le|_swap_le)?$/, 'words', 'out'],
  [['mem'], /^read(_le|_swap|_swap_le)?$/, 'doubles', 'in'],
  [['mem'], /^write(_le|_swap|_swap_le)?$/, 'doubles', 'out'],
  [['mem'], /^read8$/, 'octets', 'in'],
  [['mem'], /^write8(_le|_swap|_swap_le)?$/, 'octets', 'out'],
  [['mem'], /^atomic_read$/, 'words', 'in'],
  [['mem'], /^atomic_write$/, 'words', 'out'],
  [['mem', 'cls'], /^(add|addsat|sub|subsat|set|clr|xor)$/, 'words', 'out'],
  [['mem', 'cls'], /^(add|addsat|sub|subsat)64$/, 'doubles', 'out'],
  [['mem', 'cls'], /^(test_(add|addsat|sub|subsat|set|clr|xor)|swap)$/, 'words', 'both'],
  [['mem', 'cls'], /^test_(add|addsat|sub|subsat)64$/, 'doubles', 'both'],
  [['cls'], /^read(_le)?$/, 'words', 'in'],
  [['cls'], /^write(_le)?$/, 'words', 'out'],
  [['cls'], /^write8_(be|le)$/, 'octets', 'out'],
  [['mem'], /\/test_mask_compare_write$/, 'words', 'both'],
  [['mem'], /\/mask_compare_write$/, 'words', 'out'],
  [['mem'], /(^|\/)emem\.put(\/|$)/, 'words', 'both'],
  [['mem'], /(^|\/)emem\.journal$/, 'words', 'out'],
  [['mem'], /(^|\/)emem\.(get|get_freely|pop|pop_freely)(\/|$)/, 'words', 'in'],
  [['mem'], /^emem\.lookup/, 'doubles', 'both'],
  [['cls'], /^(ring_put|ring_journal|ring_workq_add_work)$/, 'words', 'out'],
  [['cls'], /^(get|get_safe|pop|pop_safe|ring_workq_add_thread)$/, 'words', 'in'],
  [['ct'], /^(ring_put|ctnn_write|reflect_write_\w+)$/, 'words', 'out'],
  [['ct'], /^(ring_get|reflect_read_\w+)$/, 'words', 'in'],
  [['ct'], /^xpb_read$/, 'words', 'in'],
  [['ct'], /^xpb_write$/, 'words', 'out'],
];

const cache = new Map<string, readonly [Unit, Direction] | undefined>();

/**
 * Words that move between the transfer registers and the unit, or undefined where no public source tells.
 * @param count as in the instruction, 1..8; of the 64-bit atomics only its low two bits count (the third is in the name)
 */
export function commandData(target: CommandTarget, command: string, count: number): CommandData | undefined {
  const key = `${target} ${command}`;
  if (!cache.has(key)) {
    const row = KNOWN.find(([targets, pattern]) => targets.includes(target) && pattern.test(command));
    cache.set(key, row === undefined ? undefined : [row[2], row[3]]);
  }
  const known = cache.get(key);
  if (known === undefined) return undefined;
  const [unit, direction] = known;
  const counted = target === 'mem' && command.endsWith('64') ? ((count - 1) & 3) + 1 : count;
  const words = unit === 'octets' ? Math.ceil(counted / 4) : unit === 'words' ? counted : 2 * counted;
  return { outWords: direction === 'in' ? 0 : words, inWords: direction === 'out' ? 0 : words };
}
