import { octetsFromText, writeText } from './octet-text.ts';
import type { Item } from './storage.ts';

/**
 * The answer to one command: parts in order, each of which starts a datagram of its own over UDP. Only a retrieval
 * has more than one: a part for each key asked, empty for a miss, and `END` at the end of the last. No part at all is
 * the answer to a command with `noreply`.
 */
export type Reply = readonly Uint8Array[];

export const SILENCE: Reply = [];

const lines = new Map<string, Reply>();

/** One line; the octets of lines without numbers are made once. */
export function constantLine(text: string): Reply {
  let reply = lines.get(text);
  if (reply === undefined) {
    reply = line(text);
    lines.set(text, reply);
  }
  return reply;
}

export function line(text: string): Reply {
  return [octetsFromText(`${text}\r\n`)];
}

export const ERROR = constantLine('ERROR');
export const BAD_FORMAT = constantLine('CLIENT_ERROR bad command line format');
export const BAD_DATA_CHUNK = constantLine('CLIENT_ERROR bad data chunk');
export const INVALID_EXPTIME = constantLine('CLIENT_ERROR invalid exptime argument');
export const INVALID_DELTA = constantLine('CLIENT_ERROR invalid numeric delta argument');
export const NOT_NUMERIC = constantLine('CLIENT_ERROR cannot increment or decrement non-numeric value');
export const DELETE_USAGE = constantLine('CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]');
export const TOO_LARGE = constantLine('SERVER_ERROR object too large for cache');
export const OUT_OF_MEMORY = constantLine('SERVER_ERROR out of memory storing object');
export const MEMLIMIT_TOO_SMALL = constantLine('MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m');
export const MEMLIMIT_TOO_LARGE = constantLine('MEMLIMIT_ADJUST_FAILED input value is megabytes not bytes');
export const SHUTDOWN_DISABLED = constantLine('ERROR: shutdown not enabled');
export const STORED = constantLine('STORED');
export const NOT_STORED = constantLine('NOT_STORED');
export const EXISTS = constantLine('EXISTS');
export const NOT_FOUND = constantLine('NOT_FOUND');
export const DELETED = constantLine('DELETED');
export const TOUCHED = constantLine('TOUCHED');
export const OK = constantLine('OK');
export const RESET = constantLine('RESET');

const END_LINE = 'END\r\n';
const EMPTY = new Uint8Array(0);

/** What a retrieval says about one key; `last` appends the line that ends the answer. */
export function retrievalPart(item: Item | undefined, withCas: boolean, last: boolean): Uint8Array {
  const ending = last ? END_LINE : '';
  if (item === undefined) return last ? octetsFromText(ending) : EMPTY;
  const cas = withCas ? ` ${item.casUnique}` : '';
  const head = `VALUE ${item.key} ${item.flags} ${item.value.length}${cas}\r\n`;
  const part = new Uint8Array(head.length + item.value.length + 2 + ending.length);
  let at = writeText(part, 0, head);
  part.set(item.value, at);
  at = writeText(part, at + item.value.length, '\r\n');
  writeText(part, at, ending);
  return part;
}
