import type { SourcePosition } from '../../../base/errors.ts';
import { alignOf, type Type } from '../../3-analyze/micro-c/types.ts';
import type { Operand } from '../../ir.ts';
import { constant } from '../../ir-builder.ts';
import type { Lowering } from './lowering.ts';
import { memoryAddress, movedPlace } from './pointers.ts';
import type { Place } from './value.ts';
import { loadPart, loadWords, shifted, storePart, storeWords } from './words-in-place.ts';

/** A structure that always lies at a multiple of 4 octets. */
export function isWordAligned(type: Type): boolean {
  return alignOf(type) >= 4;
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
    for (let first = 0; first < words; first += COMMAND_WORDS_MAX) {
      const count = Math.min(COMMAND_WORDS_MAX, words - first);
      copyWords(lowering, shifted(from, first * 4), shifted(to, first * 4), count, position);
    }
  }
  for (let at = words * 4; at < octets; at++) {
    const octet = loadPart(lowering, shifted(from, at), 1, undefined, position);
    storePart(lowering, shifted(to, at), 1, undefined, octet, position);
  }
}

/** Words that one command of a memory moves at most. */
const COMMAND_WORDS_MAX = 32;
/** Larger objects are copied and cleared by a loop, so that code does not grow with them. */
const UNROLLED_WORDS_MAX = 64;

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
  const whole = Math.floor(words / COMMAND_WORDS_MAX);
  countedLoop(lowering, whole, (index) => {
    const part = (place: Place): Place => movedPlace(lowering, place, index, COMMAND_WORDS_MAX * 4);
    copyWords(lowering, part(from), part(to), COMMAND_WORDS_MAX, position);
  });
  const done = whole * COMMAND_WORDS_MAX;
  if (done < words) copyWords(lowering, shifted(from, done * 4), shifted(to, done * 4), words - done, position);
}

/** One word after the other, so that no more than one is in a register at a time. */
function copyWords(lowering: Lowering, from: Place, to: Place, count: number, position: SourcePosition): void {
  const { b } = lowering;
  const source = isMemory(from) ? b.group(count) : undefined;
  if (source !== undefined) b.memory('read32', memoryAddress(lowering, from), { group: source, count });
  const target = isMemory(to) ? b.group(count) : undefined;
  for (let i = 0; i < count; i++) {
    const value =
      source === undefined
        ? loadPart(lowering, shifted(from, i * 4), 4, undefined, position)
        : b.transferGet(source, i);
    if (target === undefined) storePart(lowering, shifted(to, i * 4), 4, undefined, value, position);
    else b.transferSet(target, i, value);
  }
  if (target !== undefined) b.memory('write32', memoryAddress(lowering, to), { group: target, count });
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
  const whole = Math.floor(words / COMMAND_WORDS_MAX);
  if (words > UNROLLED_WORDS_MAX) {
    countedLoop(lowering, whole, (index) => {
      storeWords(
        lowering,
        movedPlace(lowering, place, index, COMMAND_WORDS_MAX * 4),
        zeros(COMMAND_WORDS_MAX),
        position,
      );
    });
  } else {
    for (let i = 0; i < whole; i++)
      storeWords(lowering, shifted(place, i * COMMAND_WORDS_MAX * 4), zeros(COMMAND_WORDS_MAX), position);
  }
  const rest = words - whole * COMMAND_WORDS_MAX;
  if (rest > 0) storeWords(lowering, shifted(place, whole * COMMAND_WORDS_MAX * 4), zeros(rest), position);
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
