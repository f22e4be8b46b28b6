import type { Command } from './command-reader.ts';
import { LARGEST_VALUE_OCTETS, MAXIMUM_KEY_OCTETS } from './item-size.ts';
import { parseSigned32, parseUnsigned32, parseUnsigned64 } from './numbers.ts';
import {
  BAD_DATA_CHUNK,
  BAD_FORMAT,
  ERROR,
  EXISTS,
  NOT_FOUND,
  NOT_STORED,
  OUT_OF_MEMORY,
  type Reply,
  SILENCE,
  STORED,
  TOO_LARGE,
} from './replies.ts';
import type { MemcachedState } from './state.ts';
import { type StoreMode, store, valueInBlock } from './store.ts';

export type StorageVerb = StoreMode;

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

/** Carries out a storage command. */
export function executeStorage(state: MemcachedState, verb: StorageVerb, { words, block }: Command): Reply {
  const command = parseStorageLine(verb, words);
  if ('error' in command) return command.silent ? SILENCE : command.error;
  const reply = storeBlock(state, command, block);
  return command.silent ? SILENCE : reply;
}

function storeBlock(state: MemcachedState, command: StorageCommand, block: Uint8Array | undefined): Reply {
  const { storage, statistics, clock } = state;
  const { verb, key, flags } = command;
  state.prefixes?.noteSet(key);
  if (block === undefined || !storage.fits(key, flags, command.valueOctets)) {
    statistics.store_too_large++;
    // A value that could not be replaced must not live on as if it were current.
    if (verb === 'set') storage.discard(key);
    return TOO_LARGE;
  }
  const value = valueInBlock(block);
  if (value === undefined) {
    statistics.cmd_set++;
    return BAD_DATA_CHUNK;
  }
  const outcome = store(state, {
    mode: verb,
    key,
    flags,
    expirySeconds: clock.expirySeconds(command.exptime),
    casUnique: command.casUnique,
    acceptsStale: false,
    isKeyBinary: false,
    value,
  });
  return outcome === 'out-of-memory' ? OUT_OF_MEMORY : REPLIES[outcome.kind];
}

const REPLIES = { stored: STORED, exists: EXISTS, 'not-found': NOT_FOUND, 'not-stored': NOT_STORED } as const;
