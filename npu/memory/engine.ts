import type { CacheProfile, EngineProfile, MemoryLatency } from '../profile.ts';
import { MemoryCache } from './cache.ts';

/** What a command asks of a memory engine, as far as its cost goes. */
export const ACCESS_READ = 0;
export const ACCESS_WRITE = 1;
/** Atomic that returns data, and one that does not. */
export const ACCESS_ATOMIC_READ = 2;
export const ACCESS_ATOMIC_WRITE = 3;
export type AccessKind = 0 | 1 | 2 | 3;

/**
 * The time that commands take at one memory: a fixed latency, plus the wait while the bank serves earlier commands,
 * plus the beats of a long transfer, plus a cache miss.
 *
 * Commands are served in the order in which `access` is called, which is the order of their issue cycles over all cores
 * of the NIC; the way from core to engine is part of the latency and the same for all who use one engine from the same
 * distance.
 */
export class MemoryEngine {
  readonly cache: MemoryCache | undefined;
  private readonly interleaveShift: number;
  private readonly interleaveOctets: number;
  private readonly bankMask: number;
  private readonly beatShift: number;
  private readonly beatCentiCycles: number;
  /** By access kind. */
  private readonly occupancy: readonly number[];
  private readonly missCycles: readonly number[];
  /** When each bank has served all that it was given, in 1/100 cycle. */
  private readonly bankFree: Float64Array;
  commands = 0;
  /** Sum of the waits for a bank, 1/100 cycle. */
  waitCentiCycles = 0;

  constructor(engine: EngineProfile, cache: CacheProfile | undefined) {
    this.interleaveShift = Math.log2(engine.interleaveOctets);
    this.interleaveOctets = engine.interleaveOctets;
    this.bankMask = engine.banks - 1;
    this.beatShift = Math.log2(engine.beatOctets);
    this.beatCentiCycles = engine.beatCentiCycles;
    const { readCentiCycles, writeCentiCycles, atomicCentiCycles } = engine;
    this.occupancy = [readCentiCycles, writeCentiCycles, atomicCentiCycles, atomicCentiCycles];
    this.bankFree = new Float64Array(engine.banks);
    this.cache = cache === undefined ? undefined : new MemoryCache(cache);
    this.missCycles =
      cache === undefined
        ? []
        : [cache.readMissCycles, cache.writeMissCycles, cache.atomicMissCycles, cache.atomicMissCycles];
  }

  /**
   * Serves a command of `octets` octets, at least 1.
   * @param cycle of issue; not smaller than in the call before
   * @returns the cycle in which the issuing context sees the signal
   */
  access(cycle: number, address: number, octets: number, kind: AccessKind, latency: MemoryLatency): number {
    const { bankFree, interleaveOctets } = this;
    const arrival = cycle * 100;
    const end = address + octets;
    let served = arrival;
    // A transfer over several banks' blocks is served by each for its part, at the same time.
    for (let from = address; from < end; ) {
      const to = Math.min(end, from - (from % interleaveOctets) + interleaveOctets);
      const beats = ((to - 1) >>> this.beatShift) - (from >>> this.beatShift);
      const bank = (from >>> this.interleaveShift) & this.bankMask;
      const start = Math.max(arrival, bankFree[bank]!);
      bankFree[bank] = start + this.occupancy[kind]! + beats * this.beatCentiCycles;
      if (start > served) served = start;
      from = to;
    }
    this.commands++;
    this.waitCentiCycles += served - arrival;
    const totalBeats = ((end - 1) >>> this.beatShift) - (address >>> this.beatShift);
    const extra = Math.ceil((served - arrival + totalBeats * this.beatCentiCycles) / 100);
    const miss = this.cache !== undefined && !this.cache.access(address, octets) ? this.missCycles[kind]! : 0;
    return cycle + latencyOf(latency, kind) + extra + miss;
  }

  reset(): void {
    this.bankFree.fill(0);
    this.cache?.clear();
  }
}

function latencyOf(latency: MemoryLatency, kind: AccessKind): number {
  switch (kind) {
    case ACCESS_READ:
      return latency.readCycles;
    case ACCESS_WRITE:
      return latency.writeCycles;
    case ACCESS_ATOMIC_READ:
      return latency.atomicReadCycles;
    default:
      return latency.atomicWriteCycles;
  }
}
