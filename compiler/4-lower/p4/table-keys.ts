import type { Table } from '../../2-parse/p4/tree.ts';
import type { P4Model } from '../../3-analyze/p4/model.ts';
import type { KeyMatch } from './program-rules.ts';

/** A word of a key: at most 32 bits of a field, as C reads them. */
export interface KeyPart {
  readonly text: string;
  readonly bits: number;
}

/** One of a table's `reads`: its words, most significant first. */
export interface TableKey {
  readonly bits: number;
  readonly parts: readonly KeyPart[];
}

/** How many bits a key has; a `valid` match has one. */
export function keyBits(model: P4Model, read: Table['reads'][number]): number {
  return tableKey(model, read).bits;
}

export function tableKeys(model: P4Model, table: Table): TableKey[] {
  return table.reads.map((read) => tableKey(model, read));
}

function tableKey(model: P4Model, read: Table['reads'][number]): TableKey {
  const name = read.field.kind === 'field' ? read.field.instance : read.field.name;
  const instance = model.instances.get(name);
  const member = instance?.member ?? name;
  const field = read.field.kind === 'field' ? read.field.field : undefined;
  const found = instance?.fields.find((each) => each.name === field);
  if (read.match === 'valid' || found === undefined) {
    return { bits: 1, parts: [{ text: `pif_plugin_hdr_${member}_present(&pif_headers)`, bits: 1 }] };
  }
  const parts = found.pieces.map((piece) => ({
    text: `(unsigned int)pif_headers.${member}.${piece.name}`,
    bits: piece.bits,
  }));
  return { bits: found.bits, parts };
}

/** A number cut as the words of a key are. */
export function cutAsKey(key: TableKey, value: bigint): number[] {
  let below = key.bits;
  return key.parts.map(({ bits }) => {
    below -= bits;
    return Number((value >> BigInt(below)) & ((1n << BigInt(bits)) - 1n));
  });
}

export function wordText(value: number): string {
  return `0x${value.toString(16)}u`;
}

/** The condition that a key matches, in C; undefined: it always does. */
export function matchCondition(key: TableKey, match: KeyMatch): string | undefined {
  if (match.kind === 'range') {
    const all = (1n << BigInt(key.bits)) - 1n;
    const tests: string[] = [];
    if (match.low !== 0n) tests.push(reaches(key, '>', cutAsKey(key, match.low).map(wordText)));
    if (match.high !== all) tests.push(reaches(key, '<', cutAsKey(key, match.high).map(wordText)));
    return tests.length === 0 ? undefined : tests.join(' && ');
  }
  const values = cutAsKey(key, match.value);
  const masks = cutAsKey(key, match.mask);
  const tests = key.parts.flatMap(({ text, bits }, index) => {
    const mask = masks[index] ?? 0;
    const wanted = wordText(values[index] ?? 0);
    if (mask === 0) return [];
    return [mask === 2 ** bits - 1 ? `${text} == ${wanted}` : `(${text} & ${wordText(mask)}) == ${wanted}`];
  });
  return tests.length === 0 ? undefined : tests.join(' && ');
}

/** Whether a key is at least (`>`) or at most (`<`) the number whose words are given, in C. */
export function reaches(key: TableKey, operator: '<' | '>', words: readonly string[]): string {
  const last = key.parts.length - 1;
  let text = '';
  for (let index = last; index >= 0; index--) {
    const { text: part } = key.parts[index] as KeyPart;
    const word = words[index] ?? '0';
    text =
      index === last
        ? `${part} ${operator}= ${word}`
        : `(${part} ${operator} ${word} || (${part} == ${word} && ${text}))`;
  }
  return text;
}
