import type { HeaderField, HeaderType } from '../../2-parse/p4/tree.ts';
import type { Diagnostics } from '../../diagnostics.ts';
import type { P4Field, P4Piece } from './model.ts';

/** Of wider fields only the bits are known. */
const MAX_SIGNED_BITS = 64;
/** A header may be this long, as many words as one command of the memory moves four times. */
const MAX_HEADER_OCTETS = 512;

/**
 * Lays the fields of a header type out and cuts them into the pieces of its C structure: a field of at most 32 bits in
 * one packet word keeps its name, a wider one becomes `__name_0`, `__name_1`, ... from the most significant piece on.
 * In metadata every field starts a word of its own, which makes it cheap to reach; `packed`: a word is begun when a field
 * does not fit into what is left of the last one.
 */
export function layOutFields(
  type: HeaderType,
  metadata: boolean,
  packed: boolean,
  diagnostics: Diagnostics,
): P4Field[] {
  const fields: P4Field[] = [];
  let offsetBits = 0;
  for (const declared of type.fields) {
    const { name, position, signed, saturating } = declared;
    if (fields.some((other) => other.name === name)) {
      diagnostics.error('p4-redefined', position, `two fields named ${name}`);
      continue;
    }
    if (signed && declared.bits > MAX_SIGNED_BITS) {
      const text = `${name} is signed and has ${declared.bits} bits; at most ${MAX_SIGNED_BITS} are supported`;
      diagnostics.error('p4-too-wide', position, text, 'leave signed out: sums and differences are the same');
    }
    const fits = packed && (offsetBits % 32) + declared.bits <= 32;
    if (metadata && !fits) offsetBits = Math.ceil(offsetBits / 32) * 32;
    const variable = declared.bits === 0;
    const bits = variable ? variableBits(type, declared, offsetBits, metadata, diagnostics) : declared.bits;
    const pieces = cut(name, offsetBits, bits);
    fields.push({ name, bits, position, offsetBits, initial: 0n, signed, saturating, variable, pieces });
    offsetBits += bits;
  }
  if (!metadata && offsetBits % 8 !== 0) {
    const text = `${type.name} has ${offsetBits} bits: not a whole number of octets`;
    diagnostics.error('p4-bad-header', type.position, text);
  }
  if (offsetBits > MAX_HEADER_OCTETS * 8) {
    const text = `${type.name} has ${offsetBits / 8} octets; ${MAX_HEADER_OCTETS} are possible`;
    diagnostics.error('p4-header-too-long', type.position, text);
  }
  const needsLength = type.fields.some((field) => field.bits === 0);
  if (needsLength && type.length === undefined) {
    const hint = 'add length : expression over its fields, in octets;';
    diagnostics.error('p4-bad-header', type.position, `${type.name} has a field of variable width and no length`, hint);
  }
  return fields;
}

/** Bits that `max_length` leaves a field of variable width. */
function variableBits(
  type: HeaderType,
  { name, position }: HeaderField,
  offsetBits: number,
  metadata: boolean,
  diagnostics: Diagnostics,
): number {
  const wrong = (text: string, hint?: string): number => {
    diagnostics.error('p4-bad-variable-field', position, text, hint);
    return 8;
  };
  if (metadata) return wrong(`${name} has a variable width; metadata cannot`);
  if (type.fields.at(-1)?.name !== name) return wrong(`${name} has a variable width and is not the last field`);
  if (offsetBits % 8 !== 0) return wrong(`${name} does not start at an octet`);
  if (type.maxLengthOctets === undefined) {
    return wrong(`${type.name} has a field of variable width and no max_length`, 'add max_length : octets;');
  }
  const { value } = type.maxLengthOctets;
  if (value * 8n <= BigInt(offsetBits) || value > BigInt(MAX_HEADER_OCTETS)) {
    return wrong(`max_length ${value} leaves ${name} no room, or more than ${MAX_HEADER_OCTETS} octets`);
  }
  return Number(value) * 8 - offsetBits;
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

/** Octets of the fields before the one of variable width. */
export function fixedOctets(fields: readonly P4Field[]): number {
  return sizeOctets(fields.filter((field) => !field.variable));
}
