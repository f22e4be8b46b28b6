import { MAXIMUM_KEY_OCTETS } from './item-size.ts';
import { parseSigned32, parseUnsigned32, parseUnsigned64 } from './numbers.ts';
import { BAD_FORMAT, ERROR, EXISTS, NOT_FOUND, NOT_STORED, OUT_OF_MEMORY, type Reply, STORED } from './replies.ts';
import type { MemcachedState } from './state.ts';

export type StorageVerb = 'set' | 'add' | 'replace' | 'append' | 'prepend' | 'cas';

/** A storage command whose line has been read and whose data block is still to come. */
export interface StorageCommand {
  readonly verb: StorageVerb;
  readonly key: string;
  readonly flags: number;
  readonly exptime: number;
  readonly valueOctets: number;
  /** Only of `cas`. */
  readonly casUnique: bigint;
  readonly silent: boolean;
}

/** The largest data block whose length and line end still count in 31 bits, as in the original. */
const LARGEST_VALUE_OCTETS = 2 ** 31 - 3;

export function isStorageVerb(word: string): word is StorageVerb {
  switch (word) {
    case 'set':
    case 'add':
    case 'replace':
    case 'append':
    case 'prepend':
    case 'cas':
      return true;
    default:
      return false;
  }
}

/** Reads the line of a storage command: the command, or the error line to answer (unanswered when `silent`). */
export function parseStorageLine(
  verb: StorageVerb,
  words: readonly string[],
): StorageCommand | { readonly error: Reply; readonly silent: boolean } {
  const needed = verb === 'cas' ? 6 : 5;
  if (words.length !== needed && words.length !== needed + 1) return { error: ERROR, silent: false };
  const silent = words[words.length - 1] === 'noreply';
  const key = words[1] as string;
  const flags = parseUnsigned32(words[2] as string);
  const exptime = parseSigned32(words[3] as string);
  const valueOctets = parseSigned32(words[4] as string);
  const casUnique = verb === 'cas' ? parseUnsigned64(words[5] as string) : 0n;
  if (
    key.length > MAXIMUM_KEY_OCTETS ||
    flags === undefined ||
    exptime === undefined ||
    valueOctets === undefined ||
    valueOctets < 0 ||
    valueOctets > LARGEST_VALUE_OCTETS ||
    casUnique === undefined
  ) {
    return { error: BAD_FORMAT, silent };
  }
  return { verb, key, flags, exptime, valueOctets, casUnique, silent };
}

/** Carries out a storage command whose data block is complete. `value` is kept: it must be the storage's own copy. */
export function store(state: MemcachedState, command: StorageCommand, value: Uint8Array): Reply {
  const { storage, statistics } = state;
  statistics.cmd_set++;
  const { key, flags } = command;
  const present = storage.find(key, false);
  const expirySeconds = state.clock.expirySeconds(command.exptime);
  switch (command.verb) {
    case 'set':
      return put(state, key, flags, expirySeconds, value);
    case 'add':
      if (present === undefined) return put(state, key, flags, expirySeconds, value);
      // A failed add still counts as a use of what is there.
      storage.bump(present);
      return NOT_STORED;
    case 'replace':
      return present === undefined ? NOT_STORED : put(state, key, flags, expirySeconds, value);
    case 'append':
    case 'prepend': {
      if (present === undefined) return NOT_STORED;
      const octets = present.value.length + value.length;
      if (!storage.fits(key, present.flags, octets)) return NOT_STORED;
      const joined = new Uint8Array(octets);
      joined.set(present.value, command.verb === 'append' ? 0 : value.length);
      joined.set(value, command.verb === 'append' ? present.value.length : 0);
      return put(state, key, present.flags, present.expirySeconds, joined);
    }
    case 'cas':
      if (present === undefined) {
        statistics.cas_misses++;
        return NOT_FOUND;
      }
      if (BigInt(present.casUnique) !== command.casUnique) {
        statistics.cas_badval++;
        return EXISTS;
      }
      statistics.cas_hits++;
      return put(state, key, flags, expirySeconds, value);
  }
}

function put(state: MemcachedState, key: string, flags: number, expirySeconds: number, value: Uint8Array): Reply {
  if (state.storage.put(key, flags, expirySeconds, value)) return STORED;
  state.statistics.store_no_memory++;
  return OUT_OF_MEMORY;
}
