import type { Command } from './command-reader.ts';
import { LARGEST_VALUE_OCTETS, MAXIMUM_KEY_OCTETS } from './item-size.ts';
import { echoToken, tooLongOpaque } from './meta-answer.ts';
import { type MetaFlags, parseMetaFlags } from './meta-flags.ts';
import { parseSigned32 } from './numbers.ts';
import {
  BAD_DATA_CHUNK,
  BAD_FORMAT,
  constantLine,
  line,
  OUT_OF_MEMORY,
  type Reply,
  SILENCE,
  TOO_LARGE,
} from './replies.ts';
import type { MemcachedState } from './state.ts';
import { type StoreMode, store, valueInBlock } from './store.ts';

/** Words of a meta command, the verb included; with one more it is refused (`MFLAG_MAX_OPT_LENGTH`). */
export const MOST_META_WORDS = 19;

/**
 * Length of the data block that follows the line of `ms`, whether its flags are sound or not: the block of a command
 * that is refused for its flags is skipped.
 * @returns undefined when the line is refused before its length counts, and no data block is expected
 */
export function metaSetValueOctets(words: readonly string[]): number | undefined {
  if (words.length < 3 || words.length > MOST_META_WORDS) return undefined;
  if ((words[1] as string).length > MAXIMUM_KEY_OCTETS) return undefined;
  const octets = parseSigned32(words[2] as string);
  return octets === undefined || octets < 0 || octets > LARGEST_VALUE_OCTETS ? undefined : octets;
}

const INVALID_MODE = constantLine('CLIENT_ERROR invalid mode for ms M token');
const MODES: Readonly<Record<string, StoreMode>> = { E: 'add', A: 'append', P: 'prepend', R: 'replace', S: 'set' };
const CODES = { stored: 'HD', exists: 'EX', 'not-found': 'NF', 'not-stored': 'NS' } as const;

/** `ms`, whose line has a key that is not too long, a length and not too many flags. */
export function executeMetaSet(state: MemcachedState, { words, block }: Command): Reply {
  const valueOctets = metaSetValueOctets(words);
  if (valueOctets === undefined) return BAD_FORMAT;
  const flags = parseMetaFlags(words[1] as string, words.slice(3));
  if (typeof flags === 'string') return line(flags);
  const mode = modeOf(flags);
  if (mode === undefined) return INVALID_MODE;
  if (answerFlags(flags, 0) === undefined) return tooLongOpaque();
  const { storage, statistics, clock } = state;
  if (block === undefined || !storage.fits(flags.key, flags.clientFlags, valueOctets)) {
    statistics.store_too_large++;
    storage.discard(flags.key);
    return TOO_LARGE;
  }
  const value = valueInBlock(block);
  if (value === undefined) {
    statistics.cmd_set++;
    return BAD_DATA_CHUNK;
  }
  const outcome = store(state, {
    mode,
    key: flags.key,
    flags: flags.clientFlags,
    expirySeconds: clock.expirySeconds(flags.exptime ?? 0),
    casUnique: flags.casUnique ?? 0n,
    acceptsStale: flags.invalidates && mode === 'cas',
    isKeyBinary: flags.isKeyBinary,
    value,
  });
  if (outcome === 'out-of-memory') return OUT_OF_MEMORY;
  if (outcome.kind === 'stored' && flags.isQuiet) return SILENCE;
  return line(`${CODES[outcome.kind]}${answerFlags(flags, outcome.kind === 'stored' ? outcome.item.casUnique : 0)}`);
}

/** A cas unique turns a plain `set` or `replace` into `cas`. @returns undefined for a mode that there is not */
function modeOf({ mode = 'S', casUnique }: MetaFlags): StoreMode | undefined {
  const chosen = MODES[mode];
  return casUnique !== undefined && (chosen === 'set' || chosen === 'replace') ? 'cas' : chosen;
}

/** @returns undefined when the opaque token is too long */
function answerFlags(flags: MetaFlags, casUnique: number): string | undefined {
  let text = '';
  for (const token of flags.tokens) {
    const echoed = token.startsWith('c') ? ` c${casUnique}` : echoToken(token, flags);
    if (echoed === undefined) return undefined;
    text += echoed;
  }
  return text;
}
