/**
 * What an item occupies in memcached 1.6 (`ITEM_ntotal` in its `memcached.h`): the header, the key with its
 * terminator, the client flags when they are not zero, the cas unique, and the value with its line end. The limit on
 * an item's size and the limit on memory both count this sum.
 */
const ITEM_HEADER_OCTETS = 48;
const CAS_OCTETS = 8;
const FLAGS_OCTETS = 4;
const KEY_TERMINATOR_OCTETS = 1;
const LINE_END_OCTETS = 2;

/** Default of `-I`: the largest item, all parts counted. */
export const DEFAULT_MAXIMUM_ITEM_OCTETS = 1024 * 1024;

/** Default of `-m`: 64 MB. */
export const DEFAULT_MEMORY_LIMIT_OCTETS = 64 * 1024 * 1024;

export const MAXIMUM_KEY_OCTETS = 250;

export function itemOctets(keyOctets: number, flags: number, valueOctets: number): number {
  return (
    ITEM_HEADER_OCTETS +
    CAS_OCTETS +
    keyOctets +
    KEY_TERMINATOR_OCTETS +
    (flags === 0 ? 0 : FLAGS_OCTETS) +
    valueOctets +
    LINE_END_OCTETS
  );
}

/** The largest data block whose length and line end still count in 31 bits, as in the original. */
export const LARGEST_VALUE_OCTETS = 2 ** 31 - 3;
