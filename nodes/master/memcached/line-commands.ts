import { addDelta, countArithmeticMiss } from './arithmetic.ts';
import { MAXIMUM_KEY_OCTETS } from './item-size.ts';
import { parseSigned32, parseUnsigned32, parseUnsigned64 } from './numbers.ts';
import { octetsFromText } from './octet-text.ts';
import * as replies from './replies.ts';
import { constantLine, line, type Reply, SILENCE } from './replies.ts';
import { MEMCACHED_VERSION, type MemcachedState } from './state.ts';
import { statsReply } from './stats-command.ts';

const NOREPLY = 'noreply';
/** A larger number is taken for octets by mistake. */
const MOST_MEMORY_MEGABYTES = 1_000_000_000;
const LEAST_MEMORY_MEGABYTES = 8;
const OCTETS_PER_MEGABYTE = 1024 * 1024;

/** Carries out a command that is one line; the words are not empty. */
export function executeLine(state: MemcachedState, words: readonly string[]): Reply {
  switch (words[0]) {
    case 'get':
    case 'bget':
      return words.length < 2 ? replies.ERROR : retrieve(state, words, 1, false, undefined);
    case 'gets':
      return words.length < 2 ? replies.ERROR : retrieve(state, words, 1, true, undefined);
    case 'gat':
    case 'gats':
      return retrieveAndTouch(state, words);
    case 'delete':
      return remove(state, words);
    case 'incr':
    case 'decr':
      return adjust(state, words);
    case 'touch':
      return touch(state, words);
    case 'flush_all':
      return flushAll(state, words);
    case 'stats':
      return statsReply(state, words);
    case 'version':
      return constantLine(`VERSION ${MEMCACHED_VERSION}`);
    case 'verbosity':
      return setVerbosity(state, words);
    case 'cache_memlimit':
      return limitMemory(state, words);
    case 'shutdown':
      return replies.SHUTDOWN_DISABLED;
    default:
      return replies.ERROR;
  }
}

/** A key that is too long spoils the whole answer, hits before it included. */
function retrieve(
  state: MemcachedState,
  words: readonly string[],
  firstKey: number,
  withCas: boolean,
  touchExpiry: number | undefined,
): Reply {
  const { storage, statistics } = state;
  const parts: Uint8Array[] = [];
  const last = words.length - 1;
  if (last < firstKey) return [octetsFromText('END\r\n')];
  for (let i = firstKey; i <= last; i++) {
    const key = words[i] as string;
    if (key.length > MAXIMUM_KEY_OCTETS) return replies.BAD_FORMAT;
    const item = storage.find(key, true);
    state.prefixes?.noteGet(key, item !== undefined);
    if (touchExpiry === undefined) {
      statistics.cmd_get++;
      if (item === undefined) statistics.get_misses++;
      else statistics.get_hits++;
    } else {
      // Counted as a touch alone, as the original does.
      statistics.cmd_touch++;
      if (item === undefined) statistics.touch_misses++;
      else statistics.touch_hits++;
    }
    if (item !== undefined) {
      if (touchExpiry !== undefined) item.expirySeconds = touchExpiry;
      storage.bump(item);
    }
    parts.push(replies.retrievalPart(item, withCas, i === last));
  }
  return parts;
}

function retrieveAndTouch(state: MemcachedState, words: readonly string[]): Reply {
  if (words.length < 2) return replies.ERROR;
  const exptime = parseSigned32(words[1] as string);
  if (exptime === undefined) return replies.INVALID_EXPTIME;
  return retrieve(state, words, 2, words[0] === 'gats', state.clock.expirySeconds(exptime));
}

function remove(state: MemcachedState, words: readonly string[]): Reply {
  if (words.length < 2 || words.length > 4) return replies.ERROR;
  const silent = words.length > 2 && words[words.length - 1] === NOREPLY;
  if (words.length > 2) {
    // Old clients send a zero, once a hold time, before noreply.
    const zero = words[2] === '0';
    const valid = (words.length === 3 && (zero || silent)) || (words.length === 4 && zero && silent);
    if (!valid) return silent ? SILENCE : replies.DELETE_USAGE;
  }
  return answer(silent, removeKey(state, words[1] as string));
}

function removeKey(state: MemcachedState, key: string): Reply {
  if (key.length > MAXIMUM_KEY_OCTETS) return replies.BAD_FORMAT;
  state.prefixes?.noteDelete(key);
  const item = state.storage.find(key, false);
  if (item === undefined) {
    state.statistics.delete_misses++;
    return replies.NOT_FOUND;
  }
  state.statistics.delete_hits++;
  state.storage.remove(item);
  return replies.DELETED;
}

function adjust(state: MemcachedState, words: readonly string[]): Reply {
  if (words.length !== 3 && words.length !== 4) return replies.ERROR;
  const silent = words[words.length - 1] === NOREPLY;
  return answer(silent, adjustKey(state, words[1] as string, words[2] as string, words[0] === 'incr'));
}

function adjustKey(state: MemcachedState, key: string, deltaText: string, increment: boolean): Reply {
  if (key.length > MAXIMUM_KEY_OCTETS) return replies.BAD_FORMAT;
  const delta = parseUnsigned64(deltaText);
  if (delta === undefined) return replies.INVALID_DELTA;
  const outcome = addDelta(state, { key, delta, increment, casUnique: 0n });
  switch (outcome.kind) {
    case 'done':
      return line(outcome.text);
    case 'not-found':
      countArithmeticMiss(state, increment);
      return replies.NOT_FOUND;
    case 'out-of-memory':
      return replies.OUT_OF_MEMORY;
    default:
      return replies.NOT_NUMERIC;
  }
}

function touch(state: MemcachedState, words: readonly string[]): Reply {
  if (words.length !== 3 && words.length !== 4) return replies.ERROR;
  const silent = words[words.length - 1] === NOREPLY;
  return answer(silent, touchKey(state, words[1] as string, words[2] as string));
}

function touchKey(state: MemcachedState, key: string, exptimeText: string): Reply {
  if (key.length > MAXIMUM_KEY_OCTETS) return replies.BAD_FORMAT;
  const exptime = parseSigned32(exptimeText);
  if (exptime === undefined) return replies.INVALID_EXPTIME;
  const { storage, statistics } = state;
  statistics.cmd_touch++;
  const item = storage.find(key, false);
  if (item === undefined) {
    statistics.touch_misses++;
    return replies.NOT_FOUND;
  }
  statistics.touch_hits++;
  item.expirySeconds = state.clock.expirySeconds(exptime);
  storage.bump(item);
  return replies.TOUCHED;
}

function flushAll(state: MemcachedState, words: readonly string[]): Reply {
  if (words.length > 3) return replies.ERROR;
  const silent = words[words.length - 1] === NOREPLY;
  state.statistics.cmd_flush++;
  if (words.length === (silent ? 2 : 1)) {
    state.storage.flush(0);
    return answer(silent, replies.OK);
  }
  const exptime = parseSigned32(words[1] as string);
  if (exptime === undefined) return answer(silent, replies.INVALID_EXPTIME);
  state.storage.flush(exptime);
  return answer(silent, replies.OK);
}

/** The level is kept and shown by `stats settings`; nothing is logged, so it changes nothing else. */
function setVerbosity(state: MemcachedState, words: readonly string[]): Reply {
  if (words.length !== 2 && words.length !== 3) return replies.ERROR;
  const silent = words[words.length - 1] === NOREPLY;
  const level = parseUnsigned32(words[1] as string);
  if (level === undefined) return answer(silent, replies.BAD_FORMAT);
  state.verbosity = level;
  return answer(silent, replies.OK);
}

/** In megabytes; what no longer fits is evicted. */
function limitMemory(state: MemcachedState, words: readonly string[]): Reply {
  if (words.length !== 2 && words.length !== 3) return replies.ERROR;
  const silent = words[words.length - 1] === NOREPLY;
  const megabytes = parseUnsigned32(words[1] as string);
  if (megabytes === undefined) return answer(silent, replies.ERROR);
  if (megabytes < LEAST_MEMORY_MEGABYTES) return answer(silent, replies.MEMLIMIT_TOO_SMALL);
  if (megabytes > MOST_MEMORY_MEGABYTES) return answer(silent, replies.MEMLIMIT_TOO_LARGE);
  state.storage.limitMemory(megabytes * OCTETS_PER_MEGABYTE);
  return answer(silent, replies.OK);
}

function answer(silent: boolean, reply: Reply): Reply {
  return silent ? SILENCE : reply;
}
