import { MemcachedClock } from './clock.ts';
import { DEFAULT_MAXIMUM_ITEM_OCTETS, DEFAULT_MEMORY_LIMIT_OCTETS } from './item-size.ts';
import { PrefixStatistics } from './prefix-statistics.ts';
import { type MemcachedStatistics, newStatistics } from './statistics.ts';
import { ItemStorage } from './storage.ts';

/** Release whose answers this memcached gives. */
export const MEMCACHED_VERSION = '1.6.18';

export interface MemcachedOptions {
  /** Emulated time in picoseconds. */
  readonly nowPs: () => number;
  /** Unix time that emulated time zero stands for; 0 unless given, as in the captures. */
  readonly epochUnixSeconds?: number;
  readonly memoryLimitOctets?: number;
  readonly maximumItemOctets?: number;
}

/** One cache and its counters, which all sessions share. */
export class MemcachedState {
  readonly clock: MemcachedClock;
  readonly statistics: MemcachedStatistics = newStatistics();
  readonly storage: ItemStorage;
  verbosity = 0;
  /** Counters by the prefix of keys, while `stats detail` is on; they outlive its end. */
  prefixes: PrefixStatistics | undefined;
  /** Items under this cas unique are not in `stats sizes`; undefined while it is off. */
  sizesFromCas: number | undefined;
  readonly allPrefixes = new PrefixStatistics();

  constructor(options: MemcachedOptions) {
    this.clock = new MemcachedClock(options.nowPs, options.epochUnixSeconds ?? 0);
    this.storage = new ItemStorage(
      this.clock,
      this.statistics,
      options.memoryLimitOctets ?? DEFAULT_MEMORY_LIMIT_OCTETS,
      options.maximumItemOctets ?? DEFAULT_MAXIMUM_ITEM_OCTETS,
    );
  }
}
