import type { Table } from '../../2-parse/p4/tree.ts';
import type { KeyMatch, TableRule } from './program-rules.ts';
import { cutAsKey, type TableKey } from './table-keys.ts';

/** Tables with more entries than this are data in memory; the others become code (paper, section 5.1). */
export const ENTRIES_IN_CODE = 16;

/** A row and the index of its match have to come with one command, beside what else a program reads. */
const MAX_KEY_WORDS = 20;

/** Words of a row, in this order: rank (0: no row), mask or 0, key, handle, target, data. */
export interface RowLayout {
  readonly keyAt: number;
  readonly handleAt: number;
  readonly targetAt: number;
  readonly dataAt: number;
  /** A power of two: rows are found by shifting. */
  readonly words: number;
}

/** What a row says beside its key. */
export interface RowContent {
  readonly target: number;
  readonly data: readonly number[];
}

/** A table as data: rows found by hash under each of its masks, or, for ranges, one after the other. */
export interface TableData {
  readonly kind: 'hashed' | 'ranges';
  readonly layout: RowLayout;
  readonly rows: readonly number[];
  readonly rowCount: number;
  /** Of a hashed table: words of the mask, then the smallest rank of its rows; masks in order of that rank. */
  readonly masks: readonly (readonly number[])[];
}

export function becomesData(
  keys: readonly TableKey[],
  table: Table,
  rules: readonly TableRule[],
  entriesInCode = ENTRIES_IN_CODE,
): boolean {
  const words = keyWords(keys) * (hasRanges(table) ? 2 : 1);
  return rules.length > entriesInCode && words <= MAX_KEY_WORDS;
}

/**
 * @param rules in the order in which they match
 * @param contents of each rule
 */
export function tableData(
  table: Table,
  keys: readonly TableKey[],
  rules: readonly TableRule[],
  contents: readonly RowContent[],
): TableData {
  const dataWords = Math.max(0, ...contents.map(({ data }) => data.length));
  return hasRanges(table) ? rangeRows(keys, rules, contents, dataWords) : hashedRows(keys, rules, contents, dataWords);
}

function hasRanges(table: Table): boolean {
  return table.reads.some((read) => read.match === 'range');
}

function keyWords(keys: readonly TableKey[]): number {
  return keys.reduce((sum, { parts }) => sum + parts.length, 0);
}

function layoutOf(keyWordCount: number, dataWords: number): RowLayout {
  const keyAt = 2;
  const handleAt = keyAt + keyWordCount;
  const dataAt = handleAt + 2;
  let words = 4;
  while (words < dataAt + dataWords) words *= 2;
  return { keyAt, handleAt, targetAt: handleAt + 1, dataAt, words };
}

function rangeRows(
  keys: readonly TableKey[],
  rules: readonly TableRule[],
  contents: readonly RowContent[],
  dataWords: number,
): TableData {
  const layout = layoutOf(keyWords(keys) * 2, dataWords);
  const rows = new Array<number>(rules.length * layout.words).fill(0);
  for (const [index, rule] of rules.entries()) {
    const bounds = rule.keys.map(rangeOf);
    const words = [
      ...keys.flatMap((key, at) => cutAsKey(key, bounds[at]?.[0] ?? 0n)),
      ...keys.flatMap((key, at) => cutAsKey(key, bounds[at]?.[1] ?? 0n)),
    ];
    writeRow(rows, index * layout.words, index, 0, words, rule, contents[index]);
  }
  return { kind: 'ranges', layout, rows, rowCount: rules.length, masks: [] };
}

/** A key beside a range has value and mask in the places of the bounds. */
function rangeOf(match: KeyMatch): readonly [bigint, bigint] {
  return match.kind === 'range' ? [match.low, match.high] : [match.value, match.mask];
}

function hashedRows(
  keys: readonly TableKey[],
  rules: readonly TableRule[],
  contents: readonly RowContent[],
  dataWords: number,
): TableData {
  const layout = layoutOf(keyWords(keys), dataWords);
  let rowCount = 16;
  while (rowCount < rules.length * 2) rowCount *= 2;
  const rows = new Array<number>(rowCount * layout.words).fill(0);
  const masks = new Map<string, number[]>();
  const seen = new Set<string>();
  for (const [rank, rule] of rules.entries()) {
    const mask = keys.flatMap((key, at) => wordsOf(key, rule.keys[at], 'mask'));
    const value = keys.flatMap((key, at) => wordsOf(key, rule.keys[at], 'value'));
    const name = mask.join();
    if (!masks.has(name)) masks.set(name, [...mask, rank]);
    const number = [...masks.keys()].indexOf(name);
    // An entry behind another with the same key never matches.
    if (seen.has(`${number} ${value.join()}`)) continue;
    seen.add(`${number} ${value.join()}`);
    let slot = hashOf(value) & (rowCount - 1);
    while (rows[slot * layout.words] !== 0) slot = (slot + 1) & (rowCount - 1);
    writeRow(rows, slot * layout.words, rank, number, value, rule, contents[rank]);
  }
  return { kind: 'hashed', layout, rows, rowCount, masks: [...masks.values()] };
}

function wordsOf(key: TableKey, match: KeyMatch | undefined, what: 'value' | 'mask'): number[] {
  return cutAsKey(key, match?.kind === 'masked' ? match[what] : 0n);
}

function writeRow(
  rows: number[],
  at: number,
  rank: number,
  mask: number,
  key: readonly number[],
  rule: TableRule,
  content: RowContent | undefined,
): void {
  const words = [rank + 1, mask, ...key, rule.handle, content?.target ?? 0, ...(content?.data ?? [])];
  for (const [index, word] of words.entries()) rows[at + index] = word;
}

const HASH_START = 0x811c9dc5;
const HASH_FACTOR = 0x01000193;

/** FNV-1a (draft-eastlake-fnv), by words instead of octets, and its halves put together; `hashText` is the same in C. */
function hashOf(words: readonly number[]): number {
  let hash = HASH_START;
  for (const word of words) hash = Math.imul(hash ^ word, HASH_FACTOR);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** Statements that leave the hash of words in the variable `pif_hash`. */
export function hashText(words: readonly string[]): string[] {
  return [
    `unsigned int pif_hash = 0x${HASH_START.toString(16)}u;`,
    ...words.map((word) => `pif_hash = (pif_hash ^ ${word}) * 0x${HASH_FACTOR.toString(16)}u;`),
    'pif_hash ^= pif_hash >> 15;',
  ];
}
