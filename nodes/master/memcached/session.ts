import { assert } from '../../../base/assert.ts';
import { executeLine } from './line-commands.ts';
import { textFromOctets } from './octet-text.ts';
import { BAD_DATA_CHUNK, ERROR, type Reply, SILENCE, TOO_LARGE } from './replies.ts';
import type { MemcachedState } from './state.ts';
import { isStorageVerb, parseStorageLine, type StorageCommand, store } from './storage-command.ts';

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
/** Without a line end in this many octets only a retrieval is believed to be one (`try_read_command_ascii`). */
const LINE_LIMIT_OCTETS = 2048;
const LEADING_SPACES_LIMIT = 100;
const EMPTY = new Uint8Array(0);

/** `more`: nothing complete is left to execute. `close`: the client said goodbye, or sends no protocol at all. */
export type Step = Reply | 'more' | 'close';

/**
 * One client's stream of commands in the ASCII protocol (memcached's `doc/protocol.txt`). It does not know where
 * octets come from: over UDP each datagram is a stream of its own, over TCP a connection is.
 */
export class AsciiSession {
  private readonly state: MemcachedState;
  private input: Uint8Array = EMPTY;
  private position = 0;
  private waiting: StorageCommand | undefined;
  /** Octets of a refused data block that are still to be skipped. */
  private swallowOctets = 0;

  constructor(state: MemcachedState) {
    this.state = state;
  }

  /** Forgets everything and reads from these octets, which are not copied and must not change. */
  restart(octets: Uint8Array): void {
    this.input = octets;
    this.position = 0;
    this.waiting = undefined;
    this.swallowOctets = 0;
  }

  /** More octets of the same stream. */
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

  /** Whether octets wait that no command has used yet. */
  get hasInput(): boolean {
    return this.position < this.input.length;
  }

  /** Executes the next complete command and returns its answer. */
  step(): Step {
    this.swallow();
    if (this.swallowOctets > 0) return 'more';
    if (this.waiting !== undefined) return this.finishStorage(this.waiting);

    const end = this.input.indexOf(NEWLINE, this.position);
    if (end < 0) return this.acceptsLongLine() ? 'more' : 'close';
    let lineEnd = end;
    // An empty line keeps its carriage return, which makes it an unknown command, as in the original.
    if (lineEnd - this.position > 1 && this.input[lineEnd - 1] === RETURN) lineEnd--;
    const words = this.words(lineEnd);
    this.position = end + 1;

    const verb = words[0];
    if (verb === undefined) return ERROR;
    if (isStorageVerb(verb)) {
      const command = parseStorageLine(verb, words);
      if ('error' in command) return command.silent ? SILENCE : command.error;
      return this.beginStorage(command);
    }
    if (verb === 'quit') return 'close';
    return executeLine(this.state, words);
  }

  private beginStorage(command: StorageCommand): Step {
    if (!this.state.storage.fits(command.key, command.flags, command.valueOctets)) {
      this.state.statistics.store_too_large++;
      this.swallowOctets = command.valueOctets + 2;
      this.swallow();
      // A value that could not be replaced must not live on as if it were current.
      if (command.verb === 'set') this.state.storage.discard(command.key);
      return command.silent ? SILENCE : TOO_LARGE;
    }
    this.waiting = command;
    return this.finishStorage(command);
  }

  private finishStorage(command: StorageCommand): Step {
    const end = this.position + command.valueOctets;
    if (this.input.length < end + 2) return 'more';
    this.waiting = undefined;
    const start = this.position;
    this.position = end + 2;
    if (this.input[end] !== RETURN || this.input[end + 1] !== NEWLINE) {
      this.state.statistics.cmd_set++;
      return command.silent ? SILENCE : BAD_DATA_CHUNK;
    }
    const reply = store(this.state, command, this.input.slice(start, end));
    return command.silent ? SILENCE : reply;
  }

  private swallow(): void {
    const octets = Math.min(this.swallowOctets, this.input.length - this.position);
    assert(octets >= 0, 'a session read past its input');
    this.swallowOctets -= octets;
    this.position += octets;
  }

  private acceptsLongLine(): boolean {
    const start = this.position;
    if (this.input.length - start <= LINE_LIMIT_OCTETS) return true;
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
