import type { SourcePosition } from '../../../base/errors.ts';
import { alignOf, type BitField, isFunctionPointer, sizeOf, type Type } from '../../3-analyze/micro-c/types.ts';
import type { Operand } from '../../ir.ts';
import { constant } from '../../ir-builder.ts';
import type { Bits } from './bits.ts';
import { extended, shiftedWide } from './integers.ts';
import { isTwoWords, isZero, type Lowering } from './lowering.ts';
import { memoryAddress, movedPlace, placeAt } from './pointers.ts';
import { type LocalPlace, type Place, type TransferPlace, type Value, word } from './value.ts';

/** Reads an object. `bits` names a bit-field of the unit that the place and type describe. */
export function load(
  lowering: Lowering,
  place: Place,
  type: Type,
  bits: Bits | undefined,
  position: SourcePosition,
): Value {
  const octets = sizeOf(type) ?? 4;
  if (place.kind === 'register') {
    if (place.high !== undefined) return fromWords(lowering, type, place.low, place.high);
    return fromWords(lowering, type, place.low, constant(0));
  }
  if (bits?.unaligned === true) return loadUnaligned(lowering, place, type, bits, position);
  if (octets === 8) {
    const [high, low] = loadWords(lowering, place, 2, position);
    const value = fromWords(lowering, type, low as Operand, high as Operand);
    return bits === undefined ? value : wideBits(lowering, value, type, bits);
  }
  const width = bits?.width ?? octets * 8;
  const found = loadPart(lowering, place, octets, bits, position);
  if (type.kind === 'integer' && type.signed && width < 32) {
    return word(extended(lowering, found, { ...type, bits: width as 8 }));
  }
  return fromWords(lowering, type, found, constant(0));
}

/** Writes an object; the value already has its type. */
export function store(
  lowering: Lowering,
  place: Place,
  type: Type,
  value: Value,
  bits: Bits | undefined,
  position: SourcePosition,
): void {
  const octets = sizeOf(type) ?? 4;
  if (place.kind === 'register') {
    if (place.high === undefined) {
      lowering.b.copy(lowering.wordOf(value), place.low);
      return;
    }
    const { low, high } = lowering.pairOf(value);
    // `x = x << 32 | y` moves a half up: what the low word had is needed after it has changed.
    const kept = high.kind === 'register' && high.id === place.low.id ? lowering.b.copy(high) : high;
    lowering.b.copy(low, place.low);
    lowering.b.copy(kept, place.high);
    return;
  }
  if (type.kind === 'record') {
    const from = lowering.placeIn(value);
    copyObject(lowering, from, place, octets, isWordAligned(type) && bits === undefined, position);
    return;
  }
  if (bits?.unaligned === true) {
    storeUnaligned(lowering, place, type, value, bits, position);
    return;
  }
  if (octets === 8) {
    const { low, high } =
      bits === undefined ? lowering.pairOf(value) : withBits(lowering, place, value, bits, position);
    storeWords(lowering, place, [high, low], position);
    return;
  }
  storePart(lowering, place, octets, bits, lowering.wordOf(value), position);
}

/** An object of a packed record, octet by octet: it may lie across words. */
function loadUnaligned(lowering: Lowering, place: Place, type: Type, bits: Bits, position: SourcePosition): Value {
  const octets = sizeOf(type) ?? 4;
  const { b } = lowering;
  const halves = [0, 1].map((half): Operand => {
    let found: Operand = constant(0);
    // The low word holds the last four octets.
    for (let at = half === 0 ? 4 : 0; at < (half === 0 ? 8 : 4); at++) {
      const octet = at - (8 - octets);
      if (octet < 0) continue;
      const part = loadPart(lowering, shifted(place, octet), 1, undefined, position);
      found = isZero(found) ? part : b.binary('or', b.binary('shl', found, 8), part);
    }
    return found;
  });
  const [low, high] = halves as [Operand, Operand];
  if (octets === 8) {
    const unit = fromWords(lowering, type, low, high);
    return bits.width === 64 ? unit : wideBits(lowering, unit, type, bits);
  }
  const part = bits.width === 32 ? low : b.extract(low, bits.shift, bits.width);
  if (type.kind === 'integer' && type.signed && bits.width < 32) {
    return word(extended(lowering, part, { signed: true, bits: bits.width }));
  }
  return fromWords(lowering, type, part, constant(0));
}

function storeUnaligned(
  lowering: Lowering,
  place: Place,
  type: Type,
  value: Value,
  bits: Bits,
  position: SourcePosition,
): void {
  const octets = sizeOf(type) ?? 4;
  const { b } = lowering;
  let { low, high } = lowering.pairOf(value);
  if (bits.width < octets * 8) {
    const whole: Bits = { shift: 0, width: octets * 8, unaligned: true };
    const before = lowering.pairOf(loadUnaligned(lowering, place, type, whole, position));
    if (octets === 8) ({ low, high } = mixedBits(lowering, before, value, bits));
    else low = b.insert(before.low, low, bits.shift, bits.width);
  }
  for (let octet = 0; octet < octets; octet++) {
    const fromEnd = octets - 1 - octet;
    const part = b.extract(fromEnd < 4 ? low : high, (fromEnd & 3) * 8, 8);
    storePart(lowering, shifted(place, octet), 1, undefined, part, position);
  }
}

/** A bit-field of a unit of 64 bits: up to the top and down again. */
function wideBits(lowering: Lowering, unit: Value, type: Type, { shift, width }: BitField): Value {
  const signed = type.kind === 'integer' && type.signed;
  const up = shiftedWide(lowering, 'shl', unit, 64 - shift - width);
  return shiftedWide(lowering, signed ? 'sar' : 'shr', up, 64 - width);
}

/** A unit of 64 bits as it is in memory, with a bit-field of it replaced. */
function withBits(
  lowering: Lowering,
  place: Place,
  value: Value,
  bits: BitField,
  position: SourcePosition,
): { low: Operand; high: Operand } {
  const [high, low] = loadWords(lowering, place, 2, position) as [Operand, Operand];
  return mixedBits(lowering, { low, high }, value, bits);
}

function mixedBits(
  lowering: Lowering,
  { low, high }: { low: Operand; high: Operand },
  value: Value,
  { shift, width }: BitField,
): { low: Operand; high: Operand } {
  const { b } = lowering;
  const mask = ((1n << BigInt(width)) - 1n) << BigInt(shift);
  const half = (of: bigint, upper: boolean): Operand => constant(Number((of >> (upper ? 32n : 0n)) & 0xffffffffn));
  const moved = lowering.pairOf(shiftedWide(lowering, 'shl', value, shift));
  const mixed = (old: Operand, fresh: Operand, upper: boolean): Operand =>
    b.binary('or', b.binary('and', old, half(~mask, upper)), b.binary('and', fresh, half(mask, upper)));
  return { low: mixed(low, moved.low, false), high: mixed(high, moved.high, true) };
}

/** A structure that always lies at a multiple of 4 octets. */
export function isWordAligned(type: Type): boolean {
  return alignOf(type) >= 4;
}

function fromWords(lowering: Lowering, type: Type, low: Operand, high: Operand): Value {
  if (isFunctionPointer(type)) return word(low);
  if (type.kind === 'pointer') return { kind: 'pointer', place: placeAt(lowering, type, low, high) };
  if (isTwoWords(type)) return { kind: 'pair', low, high };
  return word(low);
}

/** Copies a structure word by word, or an array; octet by octet what may begin between words. */
export function copyObject(
  lowering: Lowering,
  from: Place,
  to: Place,
  octets: number,
  aligned: boolean,
  position: SourcePosition,
): void {
  const byWords = aligned || (beginsAtWord(from) && beginsAtWord(to));
  const words = byWords ? Math.floor(octets / 4) : 0;
  if (words > UNROLLED_WORDS_MAX && isMemory(from) && isMemory(to)) {
    copyLoop(lowering, from, to, words, position);
  } else {
    for (let first = 0; first < words; first += 32) {
      const count = Math.min(32, words - first);
      const values = loadWords(lowering, shifted(from, first * 4), count, position);
      storeWords(lowering, shifted(to, first * 4), values, position);
    }
  }
  for (let at = words * 4; at < octets; at++) {
    const octet = loadPart(lowering, shifted(from, at), 1, undefined, position);
    storePart(lowering, shifted(to, at), 1, undefined, octet, position);
  }
}

/** Larger objects are copied and cleared by a loop, so that code does not grow with them. */
const UNROLLED_WORDS_MAX = 128;

function isMemory(place: Place): boolean {
  return place.kind === 'object' || place.kind === 'near' || place.kind === 'wide';
}

function beginsAtWord(place: Place): boolean {
  if (place.kind === 'register') return false;
  if ((place.octets & 3) !== 0) return false;
  if (place.kind === 'local') return place.local !== undefined && place.base === undefined;
  if (place.kind === 'transfer') return true;
  return place.kind === 'object' && place.base === undefined;
}

function copyLoop(lowering: Lowering, from: Place, to: Place, words: number, position: SourcePosition): void {
  const whole = Math.floor(words / 32);
  countedLoop(lowering, whole, (index) => {
    const values = loadWords(lowering, movedPlace(lowering, from, index, 128), 32, position);
    storeWords(lowering, movedPlace(lowering, to, index, 128), values, position);
  });
  const rest = words - whole * 32;
  if (rest === 0) return;
  const values = loadWords(lowering, shifted(from, whole * 128), rest, position);
  storeWords(lowering, shifted(to, whole * 128), values, position);
}

function countedLoop(lowering: Lowering, turns: number, body: (index: Operand) => void): void {
  const { b } = lowering;
  const index = b.register('turn');
  const top = b.blockName('copy');
  const done = b.blockName('copied');
  b.copy(0, index);
  b.jump(top);
  b.startBlock(top);
  body(index);
  b.add(index, 1, index);
  b.branch('ult', index, turns, top, done);
  b.startBlock(done);
}

/** Zeroes an object in a memory of the NIC that begins at a word; whole words, which the object has to itself. */
export function clearObject(lowering: Lowering, place: Place, octets: number, position: SourcePosition): void {
  const words = Math.ceil(octets / 4);
  const zeros = (count: number): Operand[] => Array.from({ length: count }, () => constant(0));
  const whole = Math.floor(words / 32);
  if (words > UNROLLED_WORDS_MAX) {
    countedLoop(lowering, whole, (index) => {
      storeWords(lowering, movedPlace(lowering, place, index, 128), zeros(32), position);
    });
  } else {
    for (let i = 0; i < whole; i++) storeWords(lowering, shifted(place, i * 128), zeros(32), position);
  }
  const rest = words - whole * 32;
  if (rest > 0) storeWords(lowering, shifted(place, whole * 128), zeros(rest), position);
}

/** An object as words, to pass it on in registers; the last one is filled up with whatever is there. */
export function objectWords(
  lowering: Lowering,
  place: Place,
  octets: number,
  aligned: boolean,
  position: SourcePosition,
): Operand[] {
  const count = Math.ceil(octets / 4);
  if (octets % 4 === 0 && (aligned || beginsAtWord(place))) return loadWords(lowering, place, count, position);
  const copy = lowering.temporary(octets, position);
  copyObject(lowering, place, copy, octets, aligned, position);
  return loadWords(lowering, copy, count, position);
}

export function shifted(place: Place, octets: number): Place {
  return place.kind === 'register' ? place : { ...place, octets: place.octets + octets };
}

function loadWords(lowering: Lowering, place: Place, count: number, position: SourcePosition): Operand[] {
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
function loadPart(
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

function storePart(
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
