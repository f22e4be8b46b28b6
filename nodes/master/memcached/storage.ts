import { assert } from '../../../base/assert.ts';
import type { MemcachedClock } from './clock.ts';
import { itemOctets } from './item-size.ts';
import type { MemcachedStatistics } from './statistics.ts';

/** One stored value. The value is never written in place: readers may keep it. */
export interface Item {
  readonly key: string;
  flags: number;
  /** On the clock's scale; 0 = never. */
  expirySeconds: number;
  value: Uint8Array;
  /** 1, 2, 3 ... over the whole cache; never 0. */
  casUnique: number;
  /** When it was stored or last bumped; what `flush_all` compares. */
  usedSeconds: number;
  /** A client has asked for it since it was stored. */
  isFetched: boolean;
  /** `md` with `I` or an older cas unique made it stale: a meta retrieval says so. */
  isStale: boolean;
  /** A client was told that it may make the value anew; the next ones are told that somebody does. */
  isTokenSent: boolean;
  /** The key came in base64 and is shown so by meta commands. */
  isKeyBinary: boolean;
  octets: number;
  newer: Item | undefined;
  older: Item | undefined;
}

/** The time of use is noted at most this often (memcached's ITEM_UPDATE_INTERVAL). */
const BUMP_INTERVAL_SECONDS = 60;

/**
 * The cache: items by key, least recently used first out when memory is full. One LRU over all sizes, where the
 * original keeps one a slab class; the memory counted is the items' own, without the rounding to slab chunks.
 */
export class ItemStorage {
  readonly maximumItemOctets: number;
  private readonly clock: MemcachedClock;
  private readonly statistics: MemcachedStatistics;
  private readonly items = new Map<string, Item>();
  private newest: Item | undefined;
  private oldest: Item | undefined;
  private memoryLimit: number;
  private usedOctets = 0;
  private lastCas = 0;
  /** Items used at or before this second are gone once the clock has reached it; 0 = no flush was asked for. */
  private flushSeconds = 0;
  /** Items older than this cas unique are gone with them; 0 for a flush that was still to come when it was asked for. */
  private flushCas = 0;

  constructor(
    clock: MemcachedClock,
    statistics: MemcachedStatistics,
    memoryLimitOctets: number,
    maximumItemOctets: number,
  ) {
    this.clock = clock;
    this.statistics = statistics;
    this.memoryLimit = memoryLimitOctets;
    this.maximumItemOctets = maximumItemOctets;
  }

  get memoryLimitOctets(): number {
    return this.memoryLimit;
  }

  get itemCount(): number {
    return this.items.size;
  }

  get octets(): number {
    return this.usedOctets;
  }

  fits(key: string, flags: number, valueOctets: number): boolean {
    return itemOctets(key.length, flags, valueOctets) <= this.maximumItemOctets;
  }

  /** The live item, or undefined. An item found expired or flushed is removed and counted as why it was missed. */
  find(key: string, countMiss: boolean): Item | undefined {
    const item = this.items.get(key);
    if (item === undefined) return undefined;
    const now = this.clock.currentSeconds();
    if (this.isFlushed(item, now)) {
      this.unlink(item);
      if (countMiss) this.statistics.get_flushed++;
      return undefined;
    }
    if (item.expirySeconds !== 0 && item.expirySeconds <= now) {
      this.unlink(item);
      if (countMiss) this.statistics.get_expired++;
      return undefined;
    }
    return item;
  }

  /** Notes that a client asked for the item. */
  bump(item: Item): void {
    item.isFetched = true;
    this.renew(item);
  }

  /** Moves the item to the head of the LRU; it counts as used now if its last note is a minute old. */
  renew(item: Item): void {
    const now = this.clock.currentSeconds();
    if (now - item.usedSeconds >= BUMP_INTERVAL_SECONDS) item.usedSeconds = now;
    if (item === this.newest) return;
    this.unlinkFromLru(item);
    this.linkAtHead(item);
  }

  /**
   * Stores a value under a key, in place of what was there. Evicts as much as needed.
   * @returns the item; undefined when the memory limit cannot hold it even with all others evicted
   */
  put(key: string, flags: number, expirySeconds: number, value: Uint8Array): Item | undefined {
    const octets = itemOctets(key.length, flags, value.length);
    assert(octets <= this.maximumItemOctets, 'an item above the size limit reached the storage');
    const previous = this.items.get(key);
    if (previous !== undefined) this.unlink(previous);
    if (octets > this.memoryLimitOctets) return undefined;
    this.evictUntil(this.memoryLimitOctets - octets);
    const item: Item = {
      key,
      flags,
      expirySeconds,
      value,
      casUnique: ++this.lastCas,
      usedSeconds: this.clock.currentSeconds(),
      isFetched: false,
      isStale: false,
      isTokenSent: false,
      isKeyBinary: false,
      octets,
      newer: undefined,
      older: undefined,
    };
    this.items.set(key, item);
    this.linkAtHead(item);
    this.usedOctets += octets;
    this.statistics.total_items++;
    return item;
  }

  /** Gives an item another value of the same length, as `incr` does when the number fits: only the cas unique moves on. */
  replaceValue(item: Item, value: Uint8Array): void {
    assert(value.length === item.value.length, 'a value was replaced in place by one of another length');
    item.value = value;
    item.casUnique = ++this.lastCas;
  }

  /** Marks the item as stale, under a new cas unique; the next client to ask may make it anew. */
  invalidate(item: Item): void {
    item.isStale = true;
    item.isTokenSent = false;
    item.casUnique = ++this.lastCas;
  }

  /** A cas unique that no item has: those stored later have larger ones. */
  drawCasUnique(): number {
    return ++this.lastCas;
  }

  /** Every item, the most recently used first. */
  *[Symbol.iterator](): Generator<Item> {
    for (let item = this.newest; item !== undefined; item = item.older) yield item;
  }

  /** Evicts what is more than the limit. */
  limitMemory(octets: number): void {
    this.memoryLimit = octets;
    this.evictUntil(octets);
  }

  remove(item: Item): void {
    this.unlink(item);
  }

  /** Removes whatever is stored under the key, live or not. */
  discard(key: string): void {
    const item = this.items.get(key);
    if (item !== undefined) this.unlink(item);
  }

  /**
   * Makes every present item invisible from an instant on.
   * @param exptime as in a command line: 0 or less = now
   */
  flush(exptime: number): void {
    const now = this.clock.currentSeconds();
    const seconds = (exptime > 0 ? this.clock.expirySeconds(exptime) : now) - 1;
    this.flushSeconds = seconds;
    this.flushCas = seconds <= now ? ++this.lastCas : 0;
  }

  /** Checks that the counted memory and the LRU agree with the items; for tests. */
  audit(): void {
    let octets = 0;
    let count = 0;
    for (let item = this.newest; item !== undefined; item = item.older) {
      assert(this.items.get(item.key) === item, 'the LRU holds an item that the table does not');
      assert(
        item.octets === itemOctets(item.key.length, item.flags, item.value.length),
        'an item miscounts its octets',
      );
      octets += item.octets;
      count++;
    }
    assert(count === this.items.size, 'the table holds an item that the LRU does not');
    assert(octets === this.usedOctets, 'the memory in use is miscounted');
    assert(this.usedOctets <= this.memoryLimitOctets, 'more memory is in use than the limit allows');
  }

  private isFlushed(item: Item, now: number): boolean {
    if (this.flushSeconds === 0 || this.flushSeconds > now) return false;
    return item.usedSeconds <= this.flushSeconds || (this.flushCas !== 0 && item.casUnique < this.flushCas);
  }

  private evictUntil(octets: number): void {
    const now = this.clock.currentSeconds();
    while (this.usedOctets > octets) {
      const victim = this.oldest;
      assert(victim !== undefined, 'memory is in use, but the LRU is empty');
      const dead = (victim.expirySeconds !== 0 && victim.expirySeconds <= now) || this.isFlushed(victim, now);
      if (!dead) this.statistics.evictions++;
      this.unlink(victim);
    }
  }

  private unlink(item: Item): void {
    this.items.delete(item.key);
    this.usedOctets -= item.octets;
    this.unlinkFromLru(item);
  }

  private linkAtHead(item: Item): void {
    item.older = this.newest;
    item.newer = undefined;
    if (this.newest === undefined) this.oldest = item;
    else this.newest.newer = item;
    this.newest = item;
  }

  private unlinkFromLru(item: Item): void {
    if (item.newer === undefined) this.newest = item.older;
    else item.newer.older = item.older;
    if (item.older === undefined) this.oldest = item.newer;
    else item.older.newer = item.newer;
    item.newer = undefined;
    item.older = undefined;
  }
}
