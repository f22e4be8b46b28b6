import type { Table } from '../../2-parse/p4/tree.ts';
import { maskStride } from './table-contents.ts';
import { type KeyPart, reaches, type TableKey, wordText } from './table-keys.ts';
import { hashText, type TableData } from './table-rows.ts';
import type { GeneratedText } from './text.ts';

/**
 * Finds the best row by hashes, under one mask after the other. Behind it `pif_best` is 0 or the number of the match, and
 * `pif_row` the word that its row begins with.
 */
export function generateHashSearch(table: Table, keys: readonly TableKey[], data: TableData, out: GeneratedText): void {
  const { layout, masks } = data;
  const several = masks.length > 1;
  const parts = keys.flatMap(({ parts: each }) => each);
  out.line('unsigned int pif_best = 0;').line('unsigned int pif_row = 0;');
  for (const [index, part] of parts.entries()) out.line(`unsigned int pif_key_${index} = ${part.text};`);
  if (several) {
    const stride = maskStride(data);
    out.line('unsigned int pif_mask;');
    out.line(`for (pif_mask = 0; pif_mask < ${masks.length}; pif_mask++) {`);
    out.line(`__xread unsigned int pif_bits[${parts.length + 1}];`);
    out.line(`mem_read32(pif_bits, &pif_masks_${table.name}[pif_mask * ${stride}], ${(parts.length + 1) * 4});`);
    // Rows of this mask and of all behind it come after the best one.
    out.line(`if (pif_best != 0 && pif_best <= pif_bits[${parts.length}]) {`).line('break;').line('}');
  } else {
    out.line('{');
  }
  for (const index of parts.keys()) {
    const mask = several ? `pif_bits[${index}]` : wordText(masks[0]?.[index] ?? 0);
    out.line(`unsigned int pif_part_${index} = pif_key_${index} & ${mask};`);
  }
  for (const line of hashText(parts.map((_, index) => `pif_part_${index}`))) out.line(line);
  out.line(`unsigned int pif_slot = (pif_hash & ${data.rowCount - 1}) * ${layout.words};`);
  out.line('for (;;) {');
  out.line(`__xread unsigned int pif_words[${layout.handleAt}];`);
  out.line(`mem_read32(pif_words, &pif_rows_${table.name}[pif_slot], ${layout.handleAt * 4});`);
  out.line('if (pif_words[0] == 0) {').line('break;').line('}');
  const same = [
    ...(several ? ['pif_words[1] == pif_mask'] : []),
    ...parts.map((_, index) => `pif_words[${layout.keyAt + index}] == pif_part_${index}`),
  ];
  out.line(`if (${same.join(' && ')}) {`);
  out.line('if (pif_best == 0 || pif_words[0] < pif_best) {');
  out.line('pif_best = pif_words[0];').line('pif_row = pif_slot;').line('}').line('break;').line('}');
  out.line(`pif_slot = (pif_slot + ${layout.words}) & ${data.rows.length - 1};`);
  out.line('}').line('}');
}

/** Looks at rows with ranges in order: the first that matches is the best. `pif_best` and `pif_row` as above. */
export function generateOrderedSearch(
  table: Table,
  keys: readonly TableKey[],
  data: TableData,
  out: GeneratedText,
): void {
  const { layout } = data;
  const parts = keys.flatMap(({ parts: each }) => each);
  out.line('unsigned int pif_best = 0;').line('unsigned int pif_row;');
  for (const [index, part] of parts.entries()) out.line(`unsigned int pif_key_${index} = ${part.text};`);
  out.line(`for (pif_row = 0; pif_row < ${data.rows.length}; pif_row += ${layout.words}) {`);
  out.line(`__xread unsigned int pif_words[${layout.handleAt}];`);
  out.line(`mem_read32(pif_words, &pif_rows_${table.name}[pif_row], ${layout.handleAt * 4});`);
  let at = 0;
  const tests = keys.flatMap((key, index): string[] => {
    const local: TableKey = {
      bits: key.bits,
      parts: key.parts.map(({ bits }, part): KeyPart => ({ text: `pif_key_${at + part}`, bits })),
    };
    const words = (from: number): string[] =>
      local.parts.map((_, part) => `pif_words[${layout.keyAt + from + at + part}]`);
    const [first, second] = [words(0), words(parts.length)];
    at += key.parts.length;
    if (table.reads[index]?.match === 'range') return [reaches(local, '>', first), reaches(local, '<', second)];
    return local.parts.map(({ text }, part) => `(${text} & ${second[part]}) == ${first[part]}`);
  });
  out
    .line(`if (${tests.join(' && ')}) {`)
    .line('pif_best = 1;')
    .line('break;')
    .line('}');
  out.line('}');
}
