import type { MemcachedState } from './state.ts';
import type { Item } from './storage.ts';

export type StoreMode = 'set' | 'add' | 'replace' | 'append' | 'prepend' | 'cas';

/** A value that is to be stored, whichever command brought it. */
export interface StoreRequest {
  readonly mode: StoreMode;
  readonly key: string;
  readonly flags: number;
  /** On the clock's scale. */
  readonly expirySeconds: number;
  /** What the stored item's must be; 0 asks for none, except of `cas`, which then never succeeds. */
  readonly casUnique: bigint;
  /** `cas` with an older unique stores nevertheless and marks the item as stale (`ms` with `I`). */
  readonly acceptsStale: boolean;
  readonly isKeyBinary: boolean;
  readonly value: Uint8Array;
}

export type StoreOutcome =
  | { readonly kind: 'stored'; readonly item: Item }
  | { readonly kind: 'exists' | 'not-found' | 'not-stored' }
  | 'out-of-memory';

const LINE_END_OCTETS = 2;
const RETURN = 13;
const NEWLINE = 10;

/** The value in a data block, as a copy; undefined when the block does not end as one must. */
export function valueInBlock(block: Uint8Array): Uint8Array | undefined {
  const end = block.length - LINE_END_OCTETS;
  if (block[end] !== RETURN || block[end + 1] !== NEWLINE) return undefined;
  return block.slice(0, end);
}

/** Stores a value under the rules of its mode. `value` is kept: it must be the storage's own copy. */
export function store(state: MemcachedState, request: StoreRequest): StoreOutcome {
  const { storage, statistics } = state;
  statistics.cmd_set++;
  const { key, mode, value, casUnique } = request;
  const present = storage.find(key, false);
  switch (mode) {
    case 'set':
      return put(state, request);
    case 'add':
      if (present === undefined) return put(state, request);
      // A failed add still counts as a use of what is there.
      storage.renew(present);
      return { kind: 'not-stored' };
    case 'replace':
      return present === undefined ? { kind: 'not-stored' } : put(state, request);
    case 'append':
    case 'prepend': {
      if (present === undefined) return { kind: 'not-stored' };
      if (casUnique !== 0n && casUnique !== BigInt(present.casUnique)) return { kind: 'exists' };
      const octets = present.value.length + value.length;
      if (!storage.fits(key, present.flags, octets)) return { kind: 'not-stored' };
      const joined = new Uint8Array(octets);
      joined.set(present.value, mode === 'append' ? 0 : value.length);
      joined.set(value, mode === 'append' ? present.value.length : 0);
      const { flags, expirySeconds } = present;
      return put(state, { ...request, flags, expirySeconds, value: joined, isKeyBinary: false });
    }
    case 'cas':
      return compareAndStore(state, request, present);
  }
}

function compareAndStore(state: MemcachedState, request: StoreRequest, present: Item | undefined): StoreOutcome {
  const { statistics } = state;
  const { casUnique } = request;
  if (present === undefined) {
    statistics.cas_misses++;
    return { kind: 'not-found' };
  }
  const current = BigInt(present.casUnique);
  if (casUnique === current) {
    statistics.cas_hits++;
    return put(state, request);
  }
  if (!request.acceptsStale || casUnique === 0n || casUnique > current) {
    statistics.cas_badval++;
    return { kind: 'exists' };
  }
  const { expirySeconds, isTokenSent } = present;
  const outcome = put(state, { ...request, expirySeconds });
  if (outcome !== 'out-of-memory' && outcome.kind === 'stored') {
    outcome.item.isStale = true;
    outcome.item.isTokenSent = isTokenSent;
  }
  return outcome;
}

function put(state: MemcachedState, request: StoreRequest): StoreOutcome {
  const { key, flags, expirySeconds, value } = request;
  const item = state.storage.put(key, flags, expirySeconds, value);
  if (item === undefined) {
    state.statistics.store_no_memory++;
    return 'out-of-memory';
  }
  item.isKeyBinary = request.isKeyBinary;
  return { kind: 'stored', item };
}
