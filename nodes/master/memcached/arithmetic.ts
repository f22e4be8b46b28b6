import { parseUnsigned64 } from './numbers.ts';
import { octetsFromText, textFromOctets } from './octet-text.ts';
import type { MemcachedState } from './state.ts';
import type { Item } from './storage.ts';

const NUMBER_LIMIT = 2n ** 64n;

export interface DeltaRequest {
  readonly key: string;
  readonly delta: bigint;
  readonly increment: boolean;
  /** What the item's must be; 0 asks for none. */
  readonly casUnique: bigint;
}

export type DeltaOutcome =
  /**
   * `item` bears the new cas unique. When the number outgrew its place it is the item that was replaced, which the
   * original changes further in vain, too: `ma` with `T` then leaves the exptime as it was.
   */
  | { readonly kind: 'done'; readonly text: string; readonly item: Item }
  | { readonly kind: 'not-found' | 'not-numeric' | 'cas-mismatch' | 'out-of-memory' };

/** Adds or subtracts in unsigned 64 bits: adding wraps, subtracting stops at 0 (`protocol.txt`, "Increment/Decrement"). */
export function addDelta(state: MemcachedState, { key, delta, increment, casUnique }: DeltaRequest): DeltaOutcome {
  const { storage, statistics } = state;
  const item = storage.find(key, false);
  if (item === undefined) return { kind: 'not-found' };
  if (item.value.length === 0) return { kind: 'not-numeric' };
  if (casUnique !== 0n && casUnique !== BigInt(item.casUnique)) return { kind: 'cas-mismatch' };
  const present = parseUnsigned64(textFromOctets(item.value, 0, item.value.length));
  if (present === undefined) return { kind: 'not-numeric' };
  if (increment) statistics.incr_hits++;
  else statistics.decr_hits++;
  const sum = increment ? (present + delta) % NUMBER_LIMIT : present > delta ? present - delta : 0n;
  const text = sum.toString();
  storage.renew(item);
  if (text.length > item.value.length) {
    const grown = storage.put(key, item.flags, item.expirySeconds, octetsFromText(text));
    if (grown === undefined) return { kind: 'out-of-memory' };
    item.casUnique = grown.casUnique;
  } else {
    // A shorter number stays where it is, padded with spaces.
    storage.replaceValue(item, octetsFromText(text.padEnd(item.value.length, ' ')));
  }
  return { kind: 'done', text, item };
}

export function countArithmeticMiss({ statistics }: MemcachedState, increment: boolean): void {
  if (increment) statistics.incr_misses++;
  else statistics.decr_misses++;
}
