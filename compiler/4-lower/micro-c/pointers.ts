import { assert } from '../../../base/assert.ts';
import { addressSpace } from '../../3-analyze/micro-c/conversions.ts';
import type { PointerType } from '../../3-analyze/micro-c/types.ts';
import type { MemoryAddress, MemoryName, Operand } from '../../ir.ts';
import { addressOf, atObject, constant, inMemory, wideAddress } from '../../ir-builder.ts';
import type { Lowering } from './lowering.ts';
import type { Place } from './value.ts';

/** The address of a place as words, to keep it in registers or memory. */
export function placeAddress(lowering: Lowering, place: Place): { low: Operand; high: Operand } {
  switch (place.kind) {
    case 'local': {
      const { b } = lowering;
      const words = place.words && lowering.scaled(place.words, 4);
      const start = place.local === undefined ? undefined : b.localAddress(place.local);
      const variable = lowering.sum(lowering.sum(start, place.base), words);
      return { low: lowering.sum(variable, constant(place.octets)) ?? constant(0), high: constant(0) };
    }
    case 'object': {
      const low = lowering.sum(addressOf(place.object, 'low', place.octets), place.base);
      return { low: low as Operand, high: addressOf(place.object, 'high') };
    }
    case 'near':
      return { low: lowering.sum(place.base, constant(place.octets)) as Operand, high: constant(0) };
    case 'wide':
      return { low: lowering.sum(place.low, constant(place.octets)) as Operand, high: place.high };
    case 'register':
    case 'transfer':
      return refuseAddress(lowering);
  }
}

/** Which transfer registers are meant is part of an instruction: a pointer to them cannot be a value of the run. */
function refuseAddress(lowering: Lowering): { low: Operand; high: Operand } {
  const hint = 'use an index, and let pointers to them have one value each';
  lowering.error('lower-no-address', lowering.position, 'transfer registers have no address', hint);
  return { low: constant(0), high: constant(0) };
}

/** The place that an address in words points to. */
export function placeAt(lowering: Lowering, type: PointerType, low: Operand, high: Operand): Place {
  const space = addressSpace(type);
  if (space === 'xread' || space === 'xwrite' || space === 'xrw') {
    refuseAddress(lowering);
    return { kind: 'local', local: undefined, words: undefined, base: low, octets: 0 };
  }
  if (space === 'lmem' || space === 'gpr') {
    return { kind: 'local', local: undefined, words: undefined, base: low, octets: 0 };
  }
  if (space === 'mem') return { kind: 'wide', high, low, octets: 0 };
  assert(space === 'cls' || space === 'ctm' || space === 'imem' || space === 'emem', `no address in ${space}`);
  return { kind: 'near', memory: space as MemoryName, base: low, octets: 0 };
}

/** `place` moved by `index` elements of `octets` octets. */
export function movedPlace(lowering: Lowering, place: Place, index: Operand, octets: number): Place {
  if (index.kind === 'constant') {
    const distance = Math.imul(index.value | 0, octets);
    assert(place.kind !== 'register', 'no pointer into a register');
    return { ...place, octets: place.octets + distance };
  }
  switch (place.kind) {
    case 'local':
      if (octets % 4 === 0) {
        return { ...place, words: lowering.sum(place.words, lowering.scaled(index, octets / 4)) };
      }
      return { ...place, base: lowering.sum(place.base, lowering.scaled(index, octets)) };
    case 'transfer':
      if (octets % 4 !== 0) {
        const hint = 'read the word and shift';
        const text = 'an octet of transfer registers needs an index that is known when compiling';
        lowering.error('lower-unknown-registers', lowering.position, text, hint);
        return place;
      }
      return { ...place, words: lowering.sum(place.words, lowering.scaled(index, octets / 4)) };
    case 'object':
      return { ...place, base: lowering.sum(place.base, lowering.scaled(index, octets)) };
    case 'near':
      return { ...place, base: lowering.sum(place.base, lowering.scaled(index, octets)) as Operand };
    case 'wide':
      return { ...place, low: lowering.sum(place.low, lowering.scaled(index, octets)) as Operand };
    case 'register':
      assert(false, 'no pointer into a register');
  }
}

/** A place as a memory command takes it. */
export function memoryAddress(lowering: Lowering, place: Place): MemoryAddress {
  switch (place.kind) {
    case 'object':
      return atObject(place.object, lowering.sum(place.base, constant(place.octets)) ?? constant(0));
    case 'near':
      return inMemory(place.memory, place.base, place.octets);
    case 'wide':
      return wideAddress(place.high, lowering.sum(place.low, constant(place.octets)) as Operand);
    default:
      assert(false, `${place.kind} is no memory of the NIC`);
  }
}
