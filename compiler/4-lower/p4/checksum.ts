import type { CalculatedField, CalculatedUse, FieldListEntry, FieldReference } from '../../2-parse/p4/tree.ts';
import type { P4Field, P4Model } from '../../3-analyze/p4/model.ts';
import { findP4Field } from '../../3-analyze/p4/references.ts';
import { cExpression } from './expressions.ts';
import type { GeneratedText } from './text.ts';

/** Adjacent bits of one word of a header structure, at a place in the concatenation of the field list. */
interface Run {
  readonly instance: string;
  readonly wordIndex: number;
  /** From the most significant bit of the word. */
  readonly startBit: number;
  readonly bits: number;
  /** Where its last bit stands in the 16-bit words that are summed: how far it is shifted. */
  readonly shift: number;
}

const PAYLOAD_SUM =
  'sum += pif_payload_sum(pif_pkt_info_global.pkt_buf + pif_pkt_info_global.pkt_pl_off, ' +
  'pif_pkt_info_global.pkt_len - pif_pkt_info_global.pkt_pl_off);';

/**
 * `static unsigned int pif_checksum_<n>(void)`: the one's complement sum (RFC 1071) over a calculation's fields. Fields
 * that lie side by side in a word of the header are taken together, so that a whole header costs one addition a word.
 */
export function generateChecksum(model: P4Model, name: string, calculation: string, out: GeneratedText): void {
  const lists = model.calculations.get(calculation)?.inputs ?? [];
  const entries = lists.flatMap((input) => flatten(model, input.name));
  out.line(`static inline unsigned int ${name}(void) {`);
  out.line('unsigned long long sum = 0;');
  for (const run of runs(model, entries)) out.line(`sum += ${runText(run)};`);
  if (entries.some((entry) => entry.kind === 'payload')) out.line(PAYLOAD_SUM);
  // Three folds: 64 bits to 33, to 17 and to 16; 2^16 counts as 1 in one's complement.
  out.line('{').line('unsigned int low = (unsigned int)sum;').line('unsigned int high = (unsigned int)(sum >> 32);');
  out.line('unsigned int folded = (low & 0xffff) + (low >> 16) + (high & 0xffff) + (high >> 16);');
  out.line('folded = (folded & 0xffff) + (folded >> 16);').line('folded = (folded & 0xffff) + (folded >> 16);');
  out.line('return ~folded & 0xffff;').line('}').line('}');
}

/** The statements of calculated fields: updates before sending, verification after parsing. */
export function generateCalculatedField(
  model: P4Model,
  { field }: CalculatedField,
  use: CalculatedUse,
  checksum: string,
  out: GeneratedText,
): void {
  const condition = use.condition === undefined ? '1' : cExpression({ model }, use.condition).text;
  const instance = model.instances.get(field.instance);
  const present =
    instance === undefined || instance.metadata ? '1' : `pif_plugin_hdr_${field.instance}_present(&pif_headers)`;
  out.at(use.position).line(`if (${present} && ${condition}) {`);
  const access = `pif_headers.${field.instance}.${field.field}`;
  if (use.what === 'update') {
    out.line(`unsigned int computed = ${checksum}();`);
    // RFC 768: a computed UDP checksum of zero is sent as all ones; zero says that there is none.
    const isUdp = instance?.fields.some((each) => each.name === 'dstPort') === true && instance.octets === 8;
    if (isUdp) out.line('if (computed == 0) computed = 0xffff;');
    out.line(`${access} = computed;`);
  } else {
    out.line(`if (${access} != ${checksum}()) return -1;`);
  }
  out.line('}');
}

function flatten(model: P4Model, listName: string): FieldListEntry[] {
  const list = model.fieldLists.get(listName);
  return (list?.entries ?? []).flatMap((entry): FieldListEntry[] => {
    if (entry.kind !== 'name') return [entry];
    if (model.fieldLists.has(entry.name)) return flatten(model, entry.name);
    const instance = model.instances.get(entry.name);
    return (instance?.fields ?? []).map(
      (field): FieldReference => ({ kind: 'field', position: entry.position, instance: entry.name, field: field.name }),
    );
  });
}

function runs(model: P4Model, entries: readonly FieldListEntry[]): Run[] {
  const found: Run[] = [];
  let total = 0;
  for (const entry of entries) {
    if (entry.kind !== 'field') continue;
    const field = findP4Field(model, entry, undefined) as P4Field;
    for (const piece of field.pieces) {
      const wordIndex = Math.floor(piece.offsetBits / 32);
      const startBit = piece.offsetBits % 32;
      const last = found.at(-1);
      const joins =
        last !== undefined &&
        last.instance === entry.instance &&
        last.wordIndex === wordIndex &&
        last.startBit + last.bits === startBit;
      total += piece.bits;
      const shift = (16 - (total % 16)) % 16;
      if (joins) found[found.length - 1] = { ...last, bits: last.bits + piece.bits, shift };
      else found.push({ instance: entry.instance, wordIndex, startBit, bits: piece.bits, shift });
    }
  }
  return found;
}

function runText({ instance, wordIndex, startBit, bits, shift }: Run): string {
  const word = `((__lmem unsigned int *)&pif_headers.${instance})[${wordIndex}]`;
  const below = 32 - startBit - bits;
  const down = below === 0 ? word : `(${word} >> ${below})`;
  const part = bits === 32 ? word : startBit === 0 ? down : `(${down} & 0x${(2 ** bits - 1).toString(16)}u)`;
  return shift === 0 ? part : `((unsigned long long)${part} << ${shift})`;
}
