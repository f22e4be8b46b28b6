import { echoToken, keyToken, remainingToken, tooLongOpaque } from './meta-answer.ts';
import type { MetaFlags } from './meta-flags.ts';
import { octetsFromText, writeText } from './octet-text.ts';
import { line, OUT_OF_MEMORY, type Reply, SILENCE } from './replies.ts';
import type { MemcachedState } from './state.ts';
import type { Item } from './storage.ts';

const EMPTY = new Uint8Array(0);

/** `mg`: retrieval of one key, with everything that can be asked and changed on the way. */
export function executeMetaGet(state: MemcachedState, flags: MetaFlags): Reply {
  const { storage, statistics } = state;
  let item = storage.find(flags.key, true);
  const isCreated = item === undefined && flags.vivifyExptime !== undefined;
  if (isCreated) {
    item = storage.put(flags.key, 0, 0, EMPTY);
    if (item === undefined) return OUT_OF_MEMORY;
  }
  if (item === undefined) {
    statistics.cmd_get++;
    statistics.get_misses++;
    return missed(flags);
  }
  const tail = answerFlags(state, flags, item, isCreated);
  if (tail === undefined) return tooLongOpaque();
  // After the answer, which tells of the uses before.
  if (!flags.leavesUnbumped) storage.bump(item);
  if (flags.exptime === undefined) {
    statistics.cmd_get++;
    statistics.get_hits++;
  } else {
    statistics.cmd_touch++;
    statistics.touch_hits++;
  }
  return flags.wantsValue ? withValue(`VA ${item.value.length}${tail}\r\n`, item.value) : line(`HD${tail}`);
}

function missed(flags: MetaFlags): Reply {
  let text = 'EN';
  for (const token of flags.tokens) {
    const echoed = echoToken(token, flags);
    if (echoed === undefined) return tooLongOpaque();
    text += echoed;
  }
  return flags.isQuiet ? SILENCE : line(text);
}

/** Answers and changes in the order of the flags. @returns undefined when the opaque token is too long */
function answerFlags(state: MemcachedState, flags: MetaFlags, item: Item, isCreated: boolean): string | undefined {
  const { clock } = state;
  let text = '';
  let mayMakeAnew = false;
  for (const token of flags.tokens) {
    switch (token.charAt(0)) {
      case 'T':
        item.expirySeconds = clock.expirySeconds(flags.exptime as number);
        break;
      case 'N':
        if (isCreated) {
          item.expirySeconds = clock.expirySeconds(flags.vivifyExptime as number);
          mayMakeAnew = true;
        }
        break;
      case 'R':
        if (!item.isTokenSent && !isCreated && expiresBefore(item, clock.expirySeconds(flags.recacheExptime as number)))
          mayMakeAnew = true;
        break;
      case 's':
        text += ` s${item.value.length}`;
        break;
      case 't':
        text += remainingToken(item, clock);
        break;
      case 'c':
        text += ` c${item.casUnique}`;
        break;
      case 'f':
        text += ` f${item.flags}`;
        break;
      case 'l':
        text += ` l${clock.currentSeconds() - item.usedSeconds}`;
        break;
      case 'h':
        text += item.isFetched ? ' h1' : ' h0';
        break;
      case 'k':
        text += keyToken(item.key, item.isKeyBinary);
        break;
      default: {
        const echoed = echoToken(token, flags);
        if (echoed === undefined) return undefined;
        text += echoed;
      }
    }
  }
  if (item.isTokenSent) text += ' Z';
  if (item.isStale) {
    text += ' X';
    if (!item.isTokenSent) mayMakeAnew = true;
  }
  if (mayMakeAnew) {
    text += ' W';
    item.isTokenSent = true;
  }
  return text;
}

function expiresBefore(item: Item, seconds: number): boolean {
  return item.expirySeconds !== 0 && item.expirySeconds < seconds;
}

function withValue(head: string, value: Uint8Array): Reply {
  const octets = new Uint8Array(head.length + value.length + 2);
  const at = writeText(octets, 0, head);
  octets.set(value, at);
  octets.set(octetsFromText('\r\n'), at + value.length);
  return [octets];
}
