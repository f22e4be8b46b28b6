import type { FieldReference } from '../../2-parse/p4/tree.ts';
import type { P4Field, P4Instance, P4Model } from '../../3-analyze/p4/model.ts';
import { findInstance, findP4Field, stackReference } from '../../3-analyze/p4/references.ts';
import type { GeneratedText } from './text.ts';
import { type CValue, lowText, wordsOf } from './values.ts';

/** What it takes to find the header that a name in an expression means. */
export interface HeaderScope {
  readonly model: P4Model;
  /** The header extracted last. */
  readonly latest?: string | undefined;
  /** In the parser: how many elements of each stack are extracted. Elsewhere the valid bits say it. */
  readonly extracted?: ReadonlyMap<string, number>;
}

/** `vlan[1]` is `vlan_1` in C. */
export function memberName(instance: string): string {
  return instance.replace(/\[([0-9]+)\]$/, '_$1');
}

/** C expression: not zero when the header is valid. */
export function validTest(instance: P4Instance): string {
  return instance.metadata ? '1' : `((${validWord(instance)} & ${validMask(instance)}) != 0)`;
}

/** The member of the C structure with the header's valid bit. */
export function validWord(instance: P4Instance): string {
  return `pif_headers.${validWordName(Math.floor(instance.validBit / 32))}`;
}

export function validWordName(index: number): string {
  return index === 0 ? 'valid' : `valid_${index}`;
}

export function validMask(instance: P4Instance): string {
  return `0x${(2 ** (instance.validBit % 32)).toString(16)}u`;
}

/** C statement that makes a header valid or invalid. */
export function setValid(instance: P4Instance, valid: boolean): string {
  return valid
    ? `${validWord(instance)} |= ${validMask(instance)};`
    : `${validWord(instance)} &= ~${validMask(instance)};`;
}

/** Whether the program's metadata has this field: programs may declare the standard metadata themselves. */
export function hasField(model: P4Model, instance: string, field: string): boolean {
  return model.instances.get(instance)?.fields.some(({ name }) => name === field) === true;
}

/** Words of valid bits that a program has. */
export function validWordCount(model: P4Model): number {
  const bits = [...model.instances.values()].map((instance) => instance.validBit);
  return Math.floor(Math.max(...bits, 0) / 32) + 1;
}

/**
 * The headers that a name may mean when the packet goes through, the last one being what is left when no other is valid:
 * one for a plain name, all elements from the top down for `stack[last]`.
 */
export function candidates(scope: HeaderScope, name: string): readonly P4Instance[] {
  if (name === 'latest') return candidates(scope, scope.latest ?? '');
  const reference = stackReference(name);
  const elements = reference === undefined ? undefined : scope.model.stacks.get(reference.stack);
  if (reference?.index === 'last' && elements !== undefined) {
    const count = scope.extracted?.get(reference.stack);
    if (count === undefined && scope.extracted === undefined) return [...elements].reverse();
    const last = elements[Math.max((count ?? 0) - 1, 0)];
    return last === undefined ? [] : [last];
  }
  const found = findInstance(scope.model, name);
  return found === undefined ? [] : [found];
}

/** The value of a field, put together from its pieces. */
export function readField(instance: string, field: P4Field): CValue {
  const accesses = field.pieces.map(({ name, bits }) => ({
    access: `pif_headers.${memberName(instance)}.${name}`,
    bits,
  }));
  if (field.bits > 64) {
    const words = wideWords(accesses, field.bits);
    return { text: lowText(words), bits: field.bits, words, pieces: accesses };
  }
  let below = field.bits;
  const parts = accesses.map(({ access, bits }) => {
    below -= bits;
    if (field.bits <= 32) return below === 0 ? access : `((unsigned int)${access} << ${below})`;
    return below === 0 ? `(unsigned long long)${access}` : `((unsigned long long)${access} << ${below})`;
  });
  const text = parts.length === 1 ? `${parts[0]}` : `(${parts.join(' | ')})`;
  if (!field.signed) return { text, bits: field.bits, pieces: accesses };
  const width = field.bits > 32 ? 64 : 32;
  const type = width === 64 ? 'long long' : 'int';
  const shift = width - field.bits;
  const moved = `((${type})((unsigned ${type})${text} << ${shift}) >> ${shift})`;
  return { text: shift === 0 ? `(${type})${text}` : moved, bits: field.bits, signed: true, pieces: accesses };
}

/** The field that a reference means when the packet goes through. */
export function readReference(scope: HeaderScope, reference: FieldReference): CValue {
  const field = findP4Field(scope.model, reference, scope.latest) as P4Field;
  const [first, ...others] = candidates(scope, reference.instance).map((instance) => ({
    instance,
    value: readField(instance.name, fieldOf(instance, field)),
  }));
  if (first === undefined) return { text: '0u', bits: field.bits };
  if (others.length === 0) return first.value;
  const all = [first, ...others];
  const choose = (part: (value: CValue) => string): string =>
    all.reduceRight(
      (rest, { instance, value }) =>
        rest === '' ? part(value) : `(${validTest(instance)} ? ${part(value)} : ${rest})`,
      '',
    );
  const { pieces: _, ...plain } = first.value;
  const text = choose((value) => value.text);
  if (first.value.words === undefined) return { ...plain, text };
  return {
    ...plain,
    text,
    words: first.value.words.map((_, index) => choose((value) => value.words?.[index] ?? '0u')),
  };
}

/** Statements that store a value into the field that a reference means when the packet goes through. */
export function writeReference(scope: HeaderScope, reference: FieldReference, value: CValue): string[] {
  const field = findP4Field(scope.model, reference, scope.latest) as P4Field;
  const all = candidates(scope, reference.instance);
  return all.flatMap((instance, index) => {
    const stores = writeField(instance.name, fieldOf(instance, field), value);
    // 9.1: writing to a header that is not valid has no effect; where it shares memory that has to be made sure.
    const mayHit = scope.model.sharedMemory?.shared.has(instance.name) === true;
    if (all.length === 1) return mayHit ? [`if (${validTest(instance)}) {`, ...stores, '}'] : stores;
    return [`${index === 0 ? '' : 'else '}if (${validTest(instance)}) {`, ...stores, '}'];
  });
}

/** Elements of a stack have the same type, and fields of their own. */
function fieldOf(instance: P4Instance, field: P4Field): P4Field {
  return instance.fields.find((each) => each.name === field.name) ?? field;
}

/** Statements that store a value into a field, piece by piece; a wide value that is no simple one is computed once. */
export function writeField(instance: string, field: P4Field, value: CValue): string[] {
  const access = (name: string): string => `pif_headers.${memberName(instance)}.${name}`;
  const [only] = field.pieces;
  if (field.pieces.length === 1 && only !== undefined) return [`${access(only.name)} = ${value.text};`];
  const { pieces } = value;
  const sameCut =
    pieces?.length === field.pieces.length && field.pieces.every(({ bits }, index) => pieces[index]?.bits === bits);
  if (pieces !== undefined && sameCut && field.bits > 64) {
    return field.pieces.map(({ name }, index) => `${access(name)} = ${pieces[index]?.access ?? '0'};`);
  }
  if (field.bits > 64) return writeWide(field, value, access);
  const type = field.bits > 32 ? 'unsigned long long' : 'unsigned int';
  let below = field.bits;
  const stores = field.pieces.map((piece) => {
    below -= piece.bits;
    const shifted = below === 0 ? 'pif_value' : `(pif_value >> ${below})`;
    return `${access(piece.name)} = (unsigned int)${shifted};`;
  });
  return [`{ ${type} pif_value = ${value.text}; ${stores.join(' ')} }`];
}

function writeWide(field: P4Field, value: CValue, access: (name: string) => string): string[] {
  const count = Math.ceil(field.bits / 32);
  const words = wordsOf(value, count);
  const isConstant = words.every((word) => /^0x[0-9a-f]+u$|^0u$/.test(word));
  // What is read must not be what was written a moment ago: first all words, then all pieces.
  const names = words.map((word, index) => (isConstant ? word : `pif_word_${index}`));
  const declared = isConstant ? [] : words.map((word, index) => `unsigned int pif_word_${index} = ${word};`);
  let below = field.bits;
  const stores = field.pieces.map((piece) => {
    below -= piece.bits;
    return `${access(piece.name)} = ${bitsFrom(names, below, piece.bits)};`;
  });
  return ['{', ...declared, ...stores, '}'];
}

/** `bits` (at most 32) of a value of words, from `below` above its least significant bit on; higher bits may be set. */
function bitsFrom(words: readonly string[], below: number, bits: number): string {
  const index = words.length - 1 - Math.floor(below / 32);
  const shift = below % 32;
  const word = words[index] ?? '0u';
  if (shift === 0) return word;
  const lower = `(${word} >> ${shift})`;
  return shift + bits <= 32 ? lower : `(${lower} | (${words[index - 1] ?? '0u'} << ${32 - shift}))`;
}

/** The pieces of a field as words of 32 bits, aligned at the least significant bit. */
function wideWords(pieces: readonly { readonly access: string; readonly bits: number }[], bits: number): string[] {
  const parts = Array.from({ length: Math.ceil(bits / 32) }, (): string[] => []);
  let below = bits;
  for (const piece of pieces) {
    below -= piece.bits;
    const index = parts.length - 1 - Math.floor(below / 32);
    const shift = below % 32;
    parts[index]?.push(shift === 0 ? piece.access : `((unsigned int)${piece.access} << ${shift})`);
    if (shift + piece.bits > 32) parts[index - 1]?.push(`((unsigned int)${piece.access} >> ${32 - shift})`);
  }
  return parts.map((each) => (each.length === 0 ? '0u' : each.length === 1 ? `${each[0]}` : `(${each.join(' | ')})`));
}

/** Stores into a field of metadata, unless the program has left it out of its own declaration. */
export function storeMetadata(model: P4Model, instance: string, name: string, text: string, out: GeneratedText): void {
  const field = model.instances.get(instance)?.fields.find((each) => each.name === name);
  if (field === undefined) return;
  for (const line of writeField(instance, field, { text, bits: 32 })) out.line(line);
}
