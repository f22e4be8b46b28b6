import type { ExternalAnswerReader } from '../../../time/external.ts';
import { octetsFromText, textFromOctets } from './octet-text.ts';

const NEWLINE = 10;
const LINE_END_OCTETS = 2;
const EMPTY = new Uint8Array(0);
const END_MARK_ANSWER = 'MN\r\n';

/** Sent behind each command; its answer shows where that of the command ends, also when there is none. */
export const END_MARK = octetsFromText('mn\r\n');

/**
 * Finds the end of a memcached's answer to one command: the answer to the end mark that was sent behind it. Lines are
 * read one by one, and data blocks stepped over by their length, so that no value is taken for a line.
 */
export class AnswerReader implements ExternalAnswerReader {
  private octets: Uint8Array = EMPTY;
  /** Behind the last whole line or data block. */
  private position = 0;
  /** The command may itself be one whose answer is the mark. */
  private marksBefore: number;

  constructor(verb: string | undefined) {
    this.marksBefore = verb === 'mn' ? 1 : 0;
  }

  read(received: Uint8Array): Uint8Array | undefined {
    this.octets = joined(this.octets, received);
    for (;;) {
      const end = this.octets.indexOf(NEWLINE, this.position);
      if (end < 0) return undefined;
      const line = textFromOctets(this.octets, this.position, end + 1);
      if (line === END_MARK_ANSWER && this.marksBefore-- === 0) return this.octets.subarray(end + 1);
      const next = end + 1 + blockOctetsAfter(line);
      if (next > this.octets.length) return undefined;
      this.position = next;
    }
  }

  answer(): Uint8Array {
    return this.octets.subarray(0, this.position);
  }
}

/** Octets of the data block behind an answer's line: `VALUE key flags octets`, `VA octets`. */
function blockOctetsAfter(line: string): number {
  const words = line.split(' ');
  const octets = words[0] === 'VALUE' ? words[3] : words[0] === 'VA' ? words[1] : undefined;
  return octets === undefined ? 0 : Number.parseInt(octets, 10) + LINE_END_OCTETS;
}

function joined(before: Uint8Array, after: Uint8Array): Uint8Array {
  if (before.length === 0) return after;
  const octets = new Uint8Array(before.length + after.length);
  octets.set(before);
  octets.set(after, before.length);
  return octets;
}
