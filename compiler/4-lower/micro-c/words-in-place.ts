import type { SourcePosition } from '../../../base/errors.ts';
import type { BitField } from '../../3-analyze/micro-c/types.ts';
import type { Operand } from '../../ir.ts';
import { constant } from '../../ir-builder.ts';
import type { Lowering } from './lowering.ts';
import { memoryAddress } from './pointers.ts';
import type { LocalPlace, Place, TransferPlace } from './value.ts';

export function shifted(place: Place, octets: number): Place {
  return place.kind === 'register' ? place : { ...place, octets: place.octets + octets };
}

export function loadWords(lowering: Lowering, place: Place, count: number, position: SourcePosition): Operand[] {
  const { b } = lowering;
  if (place.kind === 'local' || place.kind === 'transfer') {
    return Array.from({ length: count }, (_, i) => loadPart(lowering, shifted(place, i * 4), 4, undefined, position));
  }
  const group = b.group(count);
  b.memory('read32', memoryAddress(lowering, place), { group, count });
  return Array.from({ length: count }, (_, i) => b.transferGet(group, i));
}

export function storeWords(
  lowering: Lowering,
  place: Place,
  values: readonly Operand[],
  position: SourcePosition,
): void {
  const { b } = lowering;
  if (place.kind === 'local' || place.kind === 'transfer') {
    for (const [i, value] of values.entries())
      storePart(lowering, shifted(place, i * 4), 4, undefined, value, position);
    return;
  }
  const group = b.group(values.length);
  for (const [i, value] of values.entries()) b.transferSet(group, i, value);
  b.memory('write32', memoryAddress(lowering, place), { group, count: values.length });
}

/** At most a word, zero-extended; of a bit-field its bits. */
export function loadPart(
  lowering: Lowering,
  place: Place,
  octets: number,
  bits: BitField | undefined,
  position: SourcePosition,
): Operand {
  const { b } = lowering;
  const width = bits?.width ?? octets * 8;
  const shift = bits?.shift ?? 0;
  if (place.kind === 'local' && place.base !== undefined && octets < 4) {
    const { source, amount } = variableOctet(lowering, place, octets, shift, position);
    return b.binary('and', b.binary('shr', source, amount), maskOf(width));
  }
  if (place.kind === 'local' || place.kind === 'transfer') {
    const within = (4 - (place.octets & 3) - octets) * 8;
    const source =
      place.kind === 'local' ? localWord(lowering, place, position) : transferWord(lowering, place, position);
    return width === 32 ? source : b.extract(source, within + shift, width);
  }
  const group = b.group(1);
  const address = memoryAddress(lowering, place);
  if (octets === 4) b.memory('read32', address, { group, count: 1 });
  else b.memory('read8', address, { group, count: octets });
  const source = b.transferGet(group, 0);
  return width === 32 ? source : b.extract(source, (4 - octets) * 8 + shift, width);
}

export function storePart(
  lowering: Lowering,
  place: Place,
  octets: number,
  bits: BitField | undefined,
  value: Operand,
  position: SourcePosition,
): void {
  const { b } = lowering;
  const width = bits?.width ?? octets * 8;
  const shift = bits?.shift ?? 0;
  if (place.kind === 'local') {
    storeLocal(lowering, place, octets, { shift, width }, value, position);
  } else if (place.kind === 'transfer') {
    if (width !== 32 || (place.octets & 3) !== 0) {
      const hint = 'put the word together in a variable first';
      lowering.error('lower-partial-register', position, 'transfer registers are written as whole words', hint);
      return;
    }
    b.transferSet(place.group, wordIndex(lowering, place, position), value);
  } else {
    const address = memoryAddress(lowering, place);
    let whole = value;
    if (bits !== undefined) {
      const before = loadPart(lowering, place, octets, undefined, position);
      whole = b.insert(before, value, shift, width);
    }
    const group = b.group(1);
    b.transferSet(group, 0, octets === 4 ? whole : b.binary('shl', whole, (4 - octets) * 8));
    if (octets === 4) b.memory('write32', address, { group, count: 1 });
    else b.memory('write8', address, { group, count: octets });
  }
}

function storeLocal(
  lowering: Lowering,
  place: LocalPlace,
  octets: number,
  { shift, width }: BitField,
  value: Operand,
  position: SourcePosition,
): void {
  const { b } = lowering;
  if (place.base !== undefined && octets < 4) {
    const { source, amount, whole } = variableOctet(lowering, place, octets, shift, position);
    const mask = b.binary('shl', maskOf(width), amount);
    const kept = b.binary('and', source, b.not(mask));
    const placed = b.binary('shl', b.binary('and', value, maskOf(width)), amount);
    putLocalWord(lowering, whole, b.binary('or', kept, placed), position);
    return;
  }
  if (width === 32) {
    putLocalWord(lowering, place, value, position);
    return;
  }
  const within = (4 - (place.octets & 3) - octets) * 8 + shift;
  putLocalWord(lowering, place, b.insert(localWord(lowering, place, position), value, within, width), position);
}

/** The word around an octet whose place in it is only known when running, and how far its bits are shifted. */
function variableOctet(lowering: Lowering, place: LocalPlace, octets: number, shift: number, position: SourcePosition) {
  const { b } = lowering;
  const address = lowering.sum(place.base, constant(place.octets)) as Operand;
  // Big-endian: octet 0 of a word is its most significant one.
  const amount = b.binary('shl', b.binary('and', b.sub(4 - octets, address), 3), 3);
  const whole: LocalPlace = { ...place, base: address, octets: 0 };
  const total = shift === 0 ? amount : b.add(amount, shift);
  return { source: localWord(lowering, whole, position), amount: total, whole };
}

function localWord(lowering: Lowering, place: LocalPlace, position: SourcePosition): Operand {
  const { b } = lowering;
  if (place.local === undefined) return b.localLoadAt(localAddress(lowering, place));
  return b.localLoad(place.local, wordIndex(lowering, place, position));
}

function putLocalWord(lowering: Lowering, place: LocalPlace, value: Operand, position: SourcePosition): void {
  const { b } = lowering;
  if (place.local === undefined) b.localStoreAt(localAddress(lowering, place), value);
  else b.localStore(place.local, wordIndex(lowering, place, position), value);
}

/** Octet address of a word through a pointer; the lowest two bits do not count. */
function localAddress(lowering: Lowering, place: LocalPlace): Operand {
  const words = place.words && lowering.scaled(place.words, 4);
  return lowering.sum(lowering.sum(place.base, words), constant(place.octets)) ?? constant(0);
}

function wordIndex(lowering: Lowering, place: LocalPlace | TransferPlace, position: SourcePosition): Operand {
  const { b } = lowering;
  const base = place.kind === 'local' ? place.base : undefined;
  if (base === undefined) {
    const index = lowering.sum(place.words, constant(place.octets >> 2)) ?? constant(0);
    checkIndex(lowering, place, index, position);
    return index;
  }
  const octet = lowering.sum(base, constant(place.octets)) as Operand;
  return lowering.sum(place.words, b.binary('shr', octet, 2)) as Operand;
}

function checkIndex(
  lowering: Lowering,
  place: LocalPlace | TransferPlace,
  index: Operand,
  position: SourcePosition,
): void {
  if (index.kind !== 'constant') return;
  const { groups, locals } = lowering.b.function;
  const words =
    place.kind === 'transfer'
      ? groups[place.group]?.words
      : place.local !== undefined
        ? locals[place.local]?.words
        : undefined;
  if (words === undefined || index.value < words) return;
  lowering.error('lower-out-of-bounds', position, `word ${index.value | 0} is outside of an object of ${words} words`);
}

function transferWord(lowering: Lowering, place: TransferPlace, position: SourcePosition): Operand {
  if (place.side === 'out') {
    const hint = 'what was written there cannot be read: keep it in a variable';
    lowering.error('lower-write-register', position, 'write transfer registers cannot be read', hint);
  }
  return lowering.b.transferGet(place.group, wordIndex(lowering, place, position));
}

function maskOf(width: number): number {
  return width === 32 ? 0xffffffff : 2 ** width - 1;
}
