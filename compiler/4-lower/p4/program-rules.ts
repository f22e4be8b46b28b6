import type { SourcePosition } from '../../../base/errors.ts';
import type { ActionCall, Table } from '../../2-parse/p4/tree.ts';

/** What is known of a program's tables, profiles and the NIC around it when it is compiled. */
export interface ProgramRules {
  readonly tables: ReadonlyMap<string, TableRules>;
  readonly profiles: ReadonlyMap<string, ProfileRules>;
  /** Egress port by clone session. */
  readonly mirrors: ReadonlyMap<number, number>;
  /** By multicast group. */
  readonly multicast: ReadonlyMap<number, readonly Replica[]>;
  /** By meter; those of a cell that is not in the list let everything pass. */
  readonly meterRates: ReadonlyMap<string, readonly MeterRates[]>;
  /** Members of parser value sets. */
  readonly valueSets: ReadonlyMap<string, readonly ValueSetEntry[]>;
  /** Tables of up to so many entries become code; absent: `ENTRIES_IN_CODE`. */
  readonly entriesInCode?: number;
}

export interface ValueSetEntry {
  readonly value: bigint;
  readonly mask: bigint | undefined;
}

export const NO_RULES: ProgramRules = {
  tables: new Map(),
  profiles: new Map(),
  mirrors: new Map(),
  multicast: new Map(),
  meterRates: new Map(),
  valueSets: new Map(),
};

export interface TableRules {
  readonly rules: readonly TableRule[];
  readonly defaultAction: ActionCall | undefined;
}

export interface TableRule {
  readonly name: string;
  readonly position: SourcePosition;
  /** Number of the entry in its table: the cell of direct counters and meters. */
  readonly handle: number;
  /** Smaller comes first; of two alike, the smaller handle. */
  readonly priority: number;
  /** One for each of the table's `reads`. */
  readonly keys: readonly KeyMatch[];
  readonly target: RuleTarget;
}

export type KeyMatch =
  | { readonly kind: 'masked'; readonly value: bigint; readonly mask: bigint }
  | { readonly kind: 'range'; readonly low: bigint; readonly high: bigint };

export type RuleTarget =
  | { readonly kind: 'action'; readonly call: ActionCall }
  | { readonly kind: 'member' | 'group'; readonly name: string };

export interface ProfileRules {
  readonly members: ReadonlyMap<string, ActionCall>;
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

export interface Replica {
  readonly port: number;
  readonly replicationId: number;
}

/** RFC 2698: rates per second and bursts, in packets or octets as the meter counts. */
export interface MeterRates {
  readonly index: number;
  readonly committed: TokenBucket;
  readonly peak: TokenBucket;
}

export interface TokenBucket {
  readonly rate: number;
  readonly burst: number;
}

/** A key as rules write it, before it is known how wide the field is. */
export interface WrittenKey {
  readonly value: bigint;
  readonly mask?: bigint | undefined;
  /** Ones where digits were left open. */
  readonly unknown?: bigint | undefined;
  readonly prefixBits?: number | undefined;
  readonly high?: bigint | undefined;
}

/**
 * The key of one rule as the field is compared.
 * @returns what is wrong with it, as text
 */
export function keyMatch(
  read: Table['reads'][number],
  bits: number,
  written: WrittenKey | undefined,
): KeyMatch | string {
  const all = (1n << BigInt(bits)) - 1n;
  if (read.match === 'range') {
    if (written === undefined) return { kind: 'range', low: 0n, high: all };
    const high = written.high ?? written.value;
    if (high > all) return `${high} has more than ${bits} bits`;
    if (high < written.value) return `the range ends at ${high}, before it begins`;
    return { kind: 'range', low: written.value, high };
  }
  const open = read.mask ?? all;
  if (written === undefined) return { kind: 'masked', value: 0n, mask: 0n };
  if (written.high !== undefined) return `a range for a key that is ${read.match}`;
  const isValid = read.match === 'valid' || read.field.kind === 'name';
  if (isValid) {
    const isOpen = written.mask === 0n || (written.unknown !== undefined && written.unknown !== 0n);
    return { kind: 'masked', value: isOpen || written.value === 0n ? 0n : 1n, mask: isOpen ? 0n : 1n };
  }
  let mask = written.mask ?? all & ~(written.unknown ?? 0n);
  if (written.prefixBits !== undefined) {
    if (written.prefixBits > bits) return `a prefix of ${written.prefixBits} bits for a field of ${bits}`;
    mask = all & ~((1n << BigInt(bits - written.prefixBits)) - 1n);
  }
  if (written.value > all) return `${written.value} has more than ${bits} bits`;
  if (read.match === 'lpm' && !isPrefix(mask & all, bits)) return 'an lpm key needs a mask that is a prefix';
  mask &= open;
  return { kind: 'masked', value: written.value & mask, mask };
}

function isPrefix(mask: bigint, bits: number): boolean {
  const clear = ((1n << BigInt(bits)) - 1n) ^ mask;
  return (clear & (clear + 1n)) === 0n;
}

/**
 * The order in which entries are tried. With an `lpm` key and nothing that needs priorities the longest prefix decides;
 * otherwise the priority does.
 */
export function inMatchOrder(table: Table, rules: readonly TableRule[]): TableRule[] {
  const longest = table.reads.findIndex((read) => read.match === 'lpm');
  const hasPriorities = table.reads.some((read) => read.match === 'ternary' || read.match === 'range');
  const rank = (rule: TableRule): number => {
    const key = rule.keys[longest];
    if (hasPriorities || key === undefined || key.kind !== 'masked') return rule.priority;
    return -onesOf(key.mask);
  };
  return [...rules].sort((a, b) => rank(a) - rank(b) || a.priority - b.priority || a.handle - b.handle);
}

function onesOf(mask: bigint): number {
  return mask.toString(2).replaceAll('0', '').length;
}
