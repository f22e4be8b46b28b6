import { assert } from '../base/assert.ts';
import { PS_PER_S } from '../base/units.ts';
import type { NodeContext, TimerHandle } from '../time/node.ts';

/** Timing and bounds of address resolution. The defaults are those of a Linux host (`ip-sysctl`, neigh/default). */
export interface ArpOptions {
  /** How long an answer is believed: default 60 s; it is asked for again when used after that. */
  readonly reachablePs?: number;
  /** From one request to the next: 1 s (retrans_time_ms). */
  readonly retryPs?: number;
  /** Requests before giving up: 3 (mcast_solicit). */
  readonly attempts?: number;
  /** Frames and callbacks that may wait for one address: default 256. */
  readonly pendingPerAddress?: number;
  /** Addresses remembered: 1,024 (gc_thresh3); the one learned longest ago makes room. */
  readonly cacheEntries?: number;
}

export type ResolvedHandler = (mac: number | undefined) => void;

interface CacheEntry {
  mac: number;
  learnedAtPs: number;
}

interface PendingAddress {
  readonly interfaceIndex: number;
  readonly waiting: ResolvedHandler[];
  requestsSent: number;
  timer: TimerHandle;
}

/**
 * Who has which IPv4 address: the cache, the requests under way, and everything that waits for them. Knows nothing of
 * the packet format; `HostStack` sends and reads the ARP packets (RFC 826; retries and give-up as RFC 1122 2.3.2 asks).
 * Ageing is lazy: no timer runs for an entry, it is too old when somebody uses it.
 */
export class ArpResolver {
  requestsSent = 0;
  resolutionsFailed = 0;
  pendingOverflows = 0;

  private readonly context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel'>;
  private readonly sendRequest: (interfaceIndex: number, address: number) => void;
  private readonly reachablePs: number;
  private readonly retryPs: number;
  private readonly attempts: number;
  private readonly pendingPerAddress: number;
  private readonly cacheEntries: number;
  private readonly cache = new Map<number, CacheEntry>();
  private readonly pending = new Map<number, PendingAddress>();

  constructor(
    context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel'>,
    sendRequest: (interfaceIndex: number, address: number) => void,
    options: ArpOptions = {},
  ) {
    this.context = context;
    this.sendRequest = sendRequest;
    this.reachablePs = options.reachablePs ?? 60 * PS_PER_S;
    this.retryPs = options.retryPs ?? PS_PER_S;
    this.attempts = options.attempts ?? 3;
    this.pendingPerAddress = options.pendingPerAddress ?? 256;
    this.cacheEntries = options.cacheEntries ?? 1_024;
    assert(this.retryPs > 0 && this.attempts >= 1, 'ARP needs a positive retry time and at least one attempt');
    assert(this.pendingPerAddress >= 1 && this.cacheEntries >= 1, 'ARP needs room for one entry');
  }

  /** The MAC, when it is known and fresh. */
  lookup(address: number): number | undefined {
    const entry = this.cache.get(address);
    if (entry === undefined || this.context.nowPs() - entry.learnedAtPs > this.reachablePs) return undefined;
    return entry.mac;
  }

  /**
   * Calls back with the MAC: at once when it is known, else when an answer is in; with undefined after the last attempt
   * stayed without answer, or at once when too much waits for this address already. Callbacks come in calling order.
   */
  resolve(interfaceIndex: number, address: number, then: ResolvedHandler): void {
    const known = this.lookup(address);
    if (known !== undefined) {
      then(known);
      return;
    }
    const pending = this.pending.get(address);
    if (pending === undefined) {
      const started: PendingAddress = { interfaceIndex, waiting: [then], requestsSent: 0, timer: 0 };
      this.pending.set(address, started);
      this.request(address, started);
    } else if (pending.waiting.length >= this.pendingPerAddress) {
      this.pendingOverflows++;
      then(undefined);
    } else {
      pending.waiting.push(then);
    }
  }

  /** Whether the address is in the cache (fresh or not) or being asked for: RFC 826 updates those from any ARP packet. */
  knows(address: number): boolean {
    return this.cache.has(address) || this.pending.has(address);
  }

  /** Takes in an answer and releases what waited for it. */
  learn(address: number, mac: number): void {
    // Removed and set again, so that the map is in the order of learning and its first entry is the oldest.
    this.cache.delete(address);
    if (this.cache.size >= this.cacheEntries) {
      const oldest = this.cache.keys().next();
      if (!oldest.done) this.cache.delete(oldest.value);
    }
    this.cache.set(address, { mac, learnedAtPs: this.context.nowPs() });
    const pending = this.pending.get(address);
    if (pending === undefined) return;
    this.pending.delete(address);
    this.context.cancel(pending.timer);
    for (const then of pending.waiting) then(mac);
  }

  private request(address: number, pending: PendingAddress): void {
    pending.requestsSent++;
    this.requestsSent++;
    // Armed before the request leaves: an answer may come back within this call where nothing takes time.
    pending.timer = this.context.at(this.context.nowPs() + this.retryPs, () => this.retry(address, pending));
    this.sendRequest(pending.interfaceIndex, address);
  }

  private retry(address: number, pending: PendingAddress): void {
    if (pending.requestsSent < this.attempts) {
      this.request(address, pending);
      return;
    }
    this.pending.delete(address);
    this.resolutionsFailed++;
    for (const then of pending.waiting) then(undefined);
  }
}
