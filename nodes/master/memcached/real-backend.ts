import type { HostCpu } from '../../../host/host-cpu.ts';
import type { NodeContext } from '../../../time/node.ts';
import { AnswerReader, END_MARK } from './answer-reader.ts';
import type { MemcachedBackend } from './backend.ts';
import type { Command } from './command-reader.ts';
import { awaitsBlock } from './command-reader.ts';
import { DEFAULT_MAXIMUM_ITEM_OCTETS } from './item-size.ts';
import { octetsFromText, textFromOctets } from './octet-text.ts';
import { ERROR, type Reply, SILENCE, TOO_LARGE } from './replies.ts';

const NOREPLY = 'noreply';
/** Commands that would take the one connection for themselves or end the server. */
const UNFORWARDED_VERBS = new Set(['watch', 'shutdown', 'misbehave']);
const RETRIEVALS = new Map([
  ['get', 1],
  ['gets', 1],
  ['bget', 1],
  ['gat', 2],
  ['gats', 2],
]);

/**
 * A real memcached behind M1's address. A command is sent on when it comes, in that order, over one connection; it takes
 * M1's processor as long as the profile says, and its answer leaves at the end of that time, however long the server took.
 */
export class RealBackend implements MemcachedBackend {
  readonly largestBlockOctets = DEFAULT_MAXIMUM_ITEM_OCTETS;
  private readonly context: Pick<NodeContext, 'at' | 'external'>;
  private readonly cpu: Pick<HostCpu, 'occupy'>;
  private readonly servicePs: number;
  private commands = 0;
  private refused = 0;

  constructor(context: Pick<NodeContext, 'at' | 'external'>, cpu: Pick<HostCpu, 'occupy'>, servicePs: number) {
    this.context = context;
    this.cpu = cpu;
    this.servicePs = servicePs;
  }

  serve(command: Command, answer: (reply: Reply) => void): void {
    const duePs = this.cpu.occupy(this.servicePs);
    const { words, block } = command;
    if (isUnforwarded(words)) {
      this.refused++;
      this.context.at(duePs, () => answer(ERROR));
      return;
    }
    this.commands++;
    const isCut = block === undefined && awaitsBlock(words);
    // The reader has dropped a data block that no memcached takes; as there, the old value must not live on.
    const request = isCut ? removalOf(words) : command.octets;
    const question = { request, endMark: END_MARK, reader: new AnswerReader(isCut ? 'delete' : words[0]) };
    this.context.external(question, duePs, (octets) => {
      if (!isCut) answer(replyOf(words, octets));
      else answer(words[words.length - 1] === NOREPLY ? SILENCE : TOO_LARGE);
    });
  }

  counters(): Record<string, number> {
    return { commands_forwarded: this.commands, commands_refused: this.refused };
  }
}

function isUnforwarded(words: readonly string[]): boolean {
  const [verb = '', what] = words;
  return UNFORWARDED_VERBS.has(verb) || (verb === 'lru_crawler' && what === 'metadump');
}

/** What a storage command leaves of its key when its value is too large: of `set` and `ms` nothing. */
function removalOf(words: readonly string[]): Uint8Array {
  const [verb, key] = words;
  if (verb === 'set') return octetsFromText(`delete ${key}\r\n`);
  if (verb === 'ms') return octetsFromText(`md ${key}${words.includes('b', 3) ? ' b' : ''}\r\n`);
  return new Uint8Array(0);
}

/** The server's answer in the parts that our own would have: one a key of a retrieval, empty for a miss. */
function replyOf(words: readonly string[], octets: Uint8Array): Reply {
  if (octets.length === 0) return SILENCE;
  const firstKey = RETRIEVALS.get(words[0] ?? '');
  if (firstKey === undefined || words.length <= firstKey + 1) return [octets];
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const key of words.slice(firstKey)) {
    const lineEnd = octets.indexOf(10, at);
    const head = textFromOctets(octets, at, lineEnd).split(' ');
    if (head[0] === 'VALUE' && head[1] === key) {
      const end = lineEnd + 1 + Number.parseInt(head[3] as string, 10) + 2;
      parts.push(octets.subarray(at, end));
      at = end;
    } else {
      parts.push(octets.subarray(at, at));
    }
  }
  // An error line in place of values, or the END behind the last.
  if (at === 0 && !textFromOctets(octets, 0, Math.min(octets.length, 3)).startsWith('END')) return [octets];
  const last = parts.length - 1;
  const lastStart = octets.length - (octets.length - at) - (parts[last] as Uint8Array).length;
  parts[last] = octets.subarray(lastStart);
  return parts;
}
