import { addDelta, countArithmeticMiss } from './arithmetic.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import type { Command } from './command-reader.ts';
import { MAXIMUM_KEY_OCTETS } from './item-size.ts';
import { echoToken, remainingToken, tooLongOpaque } from './meta-answer.ts';
import { type MetaFlags, parseMetaFlags } from './meta-flags.ts';
import { executeMetaGet } from './meta-get.ts';
import { executeMetaSet, MOST_META_WORDS } from './meta-set.ts';
import { octetsFromText } from './octet-text.ts';
import { BAD_FORMAT, constantLine, ERROR, line, NOT_NUMERIC, OUT_OF_MEMORY, type Reply, SILENCE } from './replies.ts';
import { slabClassOf } from './slab-class.ts';
import type { MemcachedState } from './state.ts';
import type { Item } from './storage.ts';

const NO_OPERATION = constantLine('MN');
const MISS = constantLine('EN');
const TOO_MANY_FLAGS = constantLine('CLIENT_ERROR options flags too long');
const TOO_MANY_GET_FLAGS = constantLine('CLIENT_ERROR options flags are too long');
const INVALID_FLAG = constantLine('CLIENT_ERROR invalid or duplicate flag');
const INVALID_ARITHMETIC_MODE = constantLine('CLIENT_ERROR invalid mode for ma M token');

const META_VERBS = ['mg', 'ms', 'md', 'ma', 'mn', 'me'] as const;
export type MetaVerb = (typeof META_VERBS)[number];

export function isMetaVerb(word: string): word is MetaVerb {
  return (META_VERBS as readonly string[]).includes(word);
}

/** Carries out a meta command (`protocol.txt`, "Meta Commands"), as memcached 1.6.18 has them. */
export function executeMeta(state: MemcachedState, verb: MetaVerb, command: Command): Reply {
  const { words } = command;
  if (verb === 'mn') return NO_OPERATION;
  if (verb === 'me') return describe(state, words);
  const key = words[1];
  if (key === undefined) return ERROR;
  if (key.length > MAXIMUM_KEY_OCTETS) return BAD_FORMAT;
  if (verb === 'ms') {
    if (words.length === 2) return BAD_FORMAT;
    return words.length > MOST_META_WORDS ? TOO_MANY_FLAGS : executeMetaSet(state, command);
  }
  if (words.length > MOST_META_WORDS) return verb === 'mg' ? TOO_MANY_GET_FLAGS : TOO_MANY_FLAGS;
  const flags = parseMetaFlags(key, words.slice(2));
  if (typeof flags === 'string') return verb === 'mg' ? line(flags) : INVALID_FLAG;
  if (verb === 'mg') return executeMetaGet(state, flags);
  return verb === 'md' ? remove(state, flags) : adjust(state, flags);
}

function remove(state: MemcachedState, flags: MetaFlags): Reply {
  const { storage, statistics, clock } = state;
  const tail = echo(flags);
  if (tail === undefined) return tooLongOpaque();
  const item = storage.find(flags.key, false);
  if (item === undefined) {
    statistics.delete_misses++;
    return line(`NF${tail}`);
  }
  if (flags.casUnique !== undefined && flags.casUnique !== BigInt(item.casUnique)) {
    statistics.delete_misses++;
    return line(`EX${tail}`);
  }
  if (flags.invalidates) {
    if (flags.exptime !== undefined) item.expirySeconds = clock.expirySeconds(flags.exptime);
    storage.invalidate(item);
  } else {
    statistics.delete_hits++;
    storage.remove(item);
  }
  return flags.isQuiet ? SILENCE : line(`HD${tail}`);
}

function adjust(state: MemcachedState, flags: MetaFlags): Reply {
  const { key, mode = 'I', delta } = flags;
  if (!'I+D-'.includes(mode)) return INVALID_ARITHMETIC_MODE;
  const increment = mode === 'I' || mode === '+';
  const outcome = addDelta(state, { key, delta, increment, casUnique: flags.casUnique ?? 0n });
  switch (outcome.kind) {
    case 'done': {
      const reply = adjusted(state, flags, outcome.item, outcome.text, false);
      return flags.isQuiet && reply !== undefined ? SILENCE : (reply ?? tooLongOpaque());
    }
    case 'not-numeric':
      return NOT_NUMERIC;
    case 'out-of-memory':
      return OUT_OF_MEMORY;
    case 'cas-mismatch':
      return refused('EX', flags);
    case 'not-found': {
      if (flags.vivifyExptime === undefined) {
        countArithmeticMiss(state, increment);
        return refused('NF', flags);
      }
      const text = flags.initial.toString();
      const item = state.storage.put(key, 0, 0, octetsFromText(text));
      if (item === undefined) return OUT_OF_MEMORY;
      return adjusted(state, flags, item, text, true) ?? tooLongOpaque();
    }
  }
}

/** Answers and changes in the order of the flags. @returns undefined when the opaque token is too long */
function adjusted(
  { clock }: MemcachedState,
  flags: MetaFlags,
  item: Item,
  text: string,
  isCreated: boolean,
): Reply | undefined {
  let head = flags.wantsValue ? `VA ${text.length}` : 'HD';
  for (const token of flags.tokens) {
    switch (token.charAt(0)) {
      case 'c':
        head += ` c${item.casUnique}`;
        break;
      case 't':
        head += remainingToken(item, clock);
        break;
      case 'T':
        item.expirySeconds = clock.expirySeconds(flags.exptime as number);
        break;
      case 'N':
        if (isCreated) item.expirySeconds = clock.expirySeconds(flags.vivifyExptime as number);
        break;
      default: {
        const echoed = echoToken(token, flags);
        if (echoed === undefined) return undefined;
        head += echoed;
      }
    }
  }
  return line(flags.wantsValue ? `${head}\r\n${text}` : head);
}

function refused(code: string, flags: MetaFlags): Reply {
  const tail = echo(flags);
  return tail === undefined ? tooLongOpaque() : line(`${code}${tail}`);
}

/** What an answer repeats of the request: key and opaque token. @returns undefined when the latter is too long */
function echo(flags: MetaFlags): string | undefined {
  let text = '';
  for (const token of flags.tokens) {
    const echoed = echoToken(token, flags);
    if (echoed === undefined) return undefined;
    text += echoed;
  }
  return text;
}

/** `me`: what is known of an item, for people. */
function describe(state: MemcachedState, words: readonly string[]): Reply {
  let key = words[1];
  if (key === undefined || key.length > MAXIMUM_KEY_OCTETS) return BAD_FORMAT;
  if (words[2] === 'b') key = decodeBase64(key);
  if (key === undefined) return BAD_FORMAT;
  state.statistics.cmd_meta++;
  const item = state.storage.find(key, true);
  if (item === undefined) return MISS;
  const now = state.clock.currentSeconds();
  const expiry = item.expirySeconds === 0 ? -1 : now - item.expirySeconds;
  const shown = item.isKeyBinary ? encodeBase64(item.key) : item.key;
  return line(
    `ME ${shown} exp=${expiry} la=${now - item.usedSeconds} cas=${item.casUnique} ` +
      `fetch=${item.isFetched ? 'yes' : 'no'} cls=${slabClassOf(item.octets)} size=${item.octets}`,
  );
}
