import type { SourcePosition } from '../../../base/errors.ts';
import { type BitField, isFunctionPointer, sizeOf, type Type } from '../../3-analyze/micro-c/types.ts';
import type { Operand } from '../../ir.ts';
import { constant } from '../../ir-builder.ts';
import type { Bits } from './bits.ts';
import { copyObject, isWordAligned } from './copy-objects.ts';
import { extended, shiftedWide } from './integers.ts';
import { isTwoWords, isZero, type Lowering } from './lowering.ts';
import { placeAt } from './pointers.ts';
import { type Place, type Value, word } from './value.ts';
import { loadPart, loadWords, shifted, storePart, storeWords } from './words-in-place.ts';

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

function fromWords(lowering: Lowering, type: Type, low: Operand, high: Operand): Value {
  if (isFunctionPointer(type)) return word(low);
  if (type.kind === 'pointer') return { kind: 'pointer', place: placeAt(lowering, type, low, high) };
  if (isTwoWords(type)) return { kind: 'pair', low, high };
  return word(low);
}
