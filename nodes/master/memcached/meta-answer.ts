import { encodeBase64 } from './base64.ts';
import type { MemcachedClock } from './clock.ts';
import type { MetaFlags } from './meta-flags.ts';
import { constantLine, type Reply } from './replies.ts';
import type { Item } from './storage.ts';

/** The `O` included (`MFLAG_MAX_OPAQUE_LENGTH`). */
const LONGEST_OPAQUE = 32;
const OPAQUE_TOO_LONG = constantLine('CLIENT_ERROR opaque token too long');

export function tooLongOpaque(): Reply {
  return OPAQUE_TOO_LONG;
}

/** A key as a meta answer shows it: as it is, or in base64 and said to be so. */
export function keyToken(key: string, isBinary: boolean): string {
  return isBinary ? ` k${encodeBase64(key)} b` : ` k${key}`;
}

/**
 * What an answer repeats of one flag of the request: the key for `k`, the opaque token of `O`, nothing of the others.
 * @returns undefined when the opaque token is too long
 */
export function echoToken(
  token: string,
  { key, isKeyBinary }: Pick<MetaFlags, 'key' | 'isKeyBinary'>,
): string | undefined {
  if (token.startsWith('k')) return keyToken(key, isKeyBinary);
  if (!token.startsWith('O')) return '';
  return token.length > LONGEST_OPAQUE ? undefined : ` ${token}`;
}

/** ` t` and the seconds until the item expires, -1 for never. */
export function remainingToken(item: Item, clock: MemcachedClock): string {
  if (item.expirySeconds === 0) return ' t-1';
  // Unsigned in the original, also of an item that has just expired.
  return ` t${(item.expirySeconds - clock.currentSeconds()) >>> 0}`;
}
