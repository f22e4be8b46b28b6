import type { HeaderType } from '../../2-parse/p4/tree.ts';
import type { Diagnostics } from '../../diagnostics.ts';
import type { P4Field, P4Piece } from './model.ts';

/**
 * Lays the fields of a header type out and cuts them into the pieces of its C structure: a field of at most 32 bits in
 * one packet word keeps its name, a wider one becomes `__name_0`, `__name_1`, ... from the most significant piece on.
 * In metadata every field starts a word of its own, which makes it cheap to reach.
 */
export function layOutFields(type: HeaderType, metadata: boolean, diagnostics: Diagnostics): P4Field[] {
  const fields: P4Field[] = [];
  let offsetBits = 0;
  for (const { name, bits, position } of type.fields) {
    if (fields.some((other) => other.name === name)) {
      diagnostics.error('p4-redefined', position, `two fields named ${name}`);
      continue;
    }
    if (metadata) offsetBits = Math.ceil(offsetBits / 32) * 32;
    fields.push({ name, bits, position, offsetBits, initial: 0n, pieces: cut(name, offsetBits, bits) });
    offsetBits += bits;
  }
  if (!metadata && offsetBits % 8 !== 0) {
    diagnostics.error(
      'p4-bad-header',
      type.position,
      `${type.name} has ${offsetBits} bits: not a whole number of octets`,
    );
  }
  return fields;
}

function cut(name: string, offsetBits: number, bits: number): P4Piece[] {
  const pieces: P4Piece[] = [];
  for (let at = offsetBits; at < offsetBits + bits; ) {
    const end = Math.min((Math.floor(at / 32) + 1) * 32, offsetBits + bits);
    pieces.push({ name: `__${name}_${pieces.length}`, bits: end - at, offsetBits: at });
    at = end;
  }
  const [only] = pieces;
  return pieces.length === 1 && only !== undefined ? [{ ...only, name }] : pieces;
}

export function sizeOctets(fields: readonly P4Field[]): number {
  const last = fields.at(-1);
  return last === undefined ? 0 : Math.ceil((last.offsetBits + last.bits) / 8);
}
