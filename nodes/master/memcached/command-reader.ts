import { assert } from '../../../base/assert.ts';
import { metaSetValueOctets } from './meta-set.ts';
import { textFromOctets } from './octet-text.ts';
import { isStorageVerb, parseStorageLine } from './storage-command.ts';

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const LINE_END_OCTETS = 2;
/** Without a line end in this many octets only a retrieval is believed to be one (`try_read_command_ascii`). */
const LINE_LIMIT_OCTETS = 2048;
const LEADING_SPACES_LIMIT = 100;
/** The original takes retrievals of any length; a client that never ends its line must not fill the memory here. */
const LONGEST_LINE_OCTETS = 1024 * 1024;
const EMPTY = new Uint8Array(0);

/** One command as it was cut from a stream; nothing of it has been judged yet, but where it ends. */
export interface Command {
  /** Of the command line, split at spaces; none for an empty line. */
  readonly words: readonly string[];
  /** The data block with the two octets of its line end; undefined where the line has none, or one that is too large. */
  readonly block: Uint8Array | undefined;
  /** Line and data block as they were sent. */
  readonly octets: Uint8Array;
}

/**
 * Cuts a client's stream into commands of the ASCII protocol (memcached's `doc/protocol.txt`). It does not know where
 * octets come from: over UDP each datagram is a stream of its own, over TCP a connection is.
 */
export class CommandReader {
  private readonly largestBlockOctets: number;
  private input: Uint8Array = EMPTY;
  private position = 0;
  /** A line whose data block is still to come. */
  private waiting:
    | { readonly words: readonly string[]; readonly lineOctets: number; readonly blockOctets: number }
    | undefined;
  /** Octets of a data block that nobody keeps and that are still to be skipped. */
  private swallowOctets = 0;

  /** @param largestBlockOctets a larger data block is skipped; its command comes without waiting for it */
  constructor(largestBlockOctets: number) {
    this.largestBlockOctets = largestBlockOctets;
  }

  /** More octets of the stream, which are not copied and must not change. */
  append(octets: Uint8Array): void {
    if (this.position === this.input.length) {
      this.input = octets;
    } else {
      const joined = new Uint8Array(this.input.length - this.position + octets.length);
      joined.set(this.input.subarray(this.position));
      joined.set(octets, this.input.length - this.position);
      this.input = joined;
    }
    this.position = 0;
  }

  /**
   * The next complete command.
   * @returns `more` when none is left, `close` when the client sends no protocol at all
   */
  next(): Command | 'more' | 'close' {
    this.swallow();
    if (this.swallowOctets > 0) return 'more';
    if (this.waiting === undefined) {
      const end = this.input.indexOf(NEWLINE, this.position);
      if (end < 0) return this.acceptsLongLine() ? 'more' : 'close';
      let lineEnd = end;
      // An empty line keeps its carriage return, which makes it an unknown command, as in the original.
      if (lineEnd - this.position > 1 && this.input[lineEnd - 1] === RETURN) lineEnd--;
      const words = this.words(lineEnd);
      const lineOctets = end + 1 - this.position;
      const blockOctets = blockOctetsAfter(words);
      if (blockOctets === 0 || blockOctets > this.largestBlockOctets) {
        this.swallowOctets = blockOctets;
        return this.take(words, lineOctets, 0);
      }
      this.waiting = { words, lineOctets, blockOctets };
    }
    const { words, lineOctets, blockOctets } = this.waiting;
    if (this.input.length - this.position < lineOctets + blockOctets) return 'more';
    this.waiting = undefined;
    return this.take(words, lineOctets, blockOctets);
  }

  private take(words: readonly string[], lineOctets: number, blockOctets: number): Command {
    const octets = this.input.subarray(this.position, this.position + lineOctets + blockOctets);
    this.position += octets.length;
    return { words, block: blockOctets === 0 ? undefined : octets.subarray(lineOctets), octets };
  }

  private swallow(): void {
    const octets = Math.min(this.swallowOctets, this.input.length - this.position);
    assert(octets >= 0, 'a reader went past its input');
    this.swallowOctets -= octets;
    this.position += octets;
  }

  private acceptsLongLine(): boolean {
    const start = this.position;
    const octets = this.input.length - start;
    if (octets <= LINE_LIMIT_OCTETS) return true;
    if (octets > LONGEST_LINE_OCTETS) return false;
    let at = start;
    while (this.input[at] === SPACE) at++;
    if (at - start > LEADING_SPACES_LIMIT) return false;
    const verb = textFromOctets(this.input, at, Math.min(at + 5, this.input.length));
    return verb.startsWith('get ') || verb === 'gets ';
  }

  /** Words of the line up to `end`, split at spaces alone; a zero octet ends the line early, as C strings do. */
  private words(end: number): string[] {
    const zero = this.input.subarray(this.position, end).indexOf(0);
    const text = textFromOctets(this.input, this.position, zero < 0 ? end : this.position + zero);
    const words: string[] = [];
    let start = 0;
    while (start < text.length) {
      let stop = text.indexOf(' ', start);
      if (stop < 0) stop = text.length;
      if (stop > start) words.push(text.slice(start, stop));
      start = stop + 1;
    }
    return words;
  }
}

/** Whether a data block belongs to the line of a command. */
export function awaitsBlock(words: readonly string[]): boolean {
  return blockOctetsAfter(words) > 0;
}

/** Octets after a line that belong to its command, the line end of the data block included; 0 for most lines. */
function blockOctetsAfter(words: readonly string[]): number {
  const verb = words[0];
  if (verb === undefined) return 0;
  let valueOctets: number | undefined;
  if (isStorageVerb(verb)) {
    const command = parseStorageLine(verb, words);
    if (!('error' in command)) valueOctets = command.valueOctets;
  } else if (verb === 'ms') {
    valueOctets = metaSetValueOctets(words);
  }
  return valueOctets === undefined ? 0 : valueOctets + LINE_END_OCTETS;
}
