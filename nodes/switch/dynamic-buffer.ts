export interface BufferShare {
  /** Times the free part of the shared pool that a queue may hold; undefined: no threshold. */
  readonly alpha?: number;
  /** Octets that are the queue's own. */
  readonly reserveOctets: number;
}

export type BufferVerdict = 'room' | 'dynamic-threshold' | 'shared-buffer-full';

/**
 * Packet memory with a reserve for each queue and a pool that they share, under dynamic thresholds (Choudhury and Hahne,
 * "Dynamic queue length thresholds for shared-memory packet switches", IEEE/ACM Transactions on Networking 6(2), 1998):
 * what a queue has in the pool may reach alpha x (pool - all that is in it).
 */
export class DynamicBuffer {
  private readonly poolOctets: number;
  private readonly shares: readonly BufferShare[];
  private readonly held: Float64Array;
  private pooled = 0;

  /** @param poolOctets what the reserves leave */
  constructor(poolOctets: number, shares: readonly BufferShare[]) {
    this.poolOctets = poolOctets;
    this.shares = shares;
    this.held = new Float64Array(shares.length);
  }

  /** Octets of the pool in use. */
  get pooledOctets(): number {
    return this.pooled;
  }

  /** What a queue may have in the pool now, octets. */
  thresholdOctets(queue: number): number {
    const { alpha } = this.shares[queue]!;
    const freeOctets = this.poolOctets - this.pooled;
    return alpha === undefined ? this.poolOctets : alpha * freeOctets;
  }

  /** Whether a queue may take a frame. */
  verdict(queue: number, octets: number): BufferVerdict {
    const more = this.pooledOf(queue, octets) - this.pooledOf(queue, 0);
    if (more === 0) return 'room';
    if (this.pooled + more > this.poolOctets) return 'shared-buffer-full';
    return this.pooledOf(queue, octets) > this.thresholdOctets(queue) ? 'dynamic-threshold' : 'room';
  }

  /** A queue takes a frame that `verdict` found room for. */
  add(queue: number, octets: number): void {
    this.pooled += this.pooledOf(queue, octets) - this.pooledOf(queue, 0);
    this.held[queue]! += octets;
  }

  /** A frame of a queue has left. */
  remove(queue: number, octets: number): void {
    this.pooled += this.pooledOf(queue, -octets) - this.pooledOf(queue, 0);
    this.held[queue]! -= octets;
  }

  /** What a queue would have in the pool with so many octets more. */
  private pooledOf(queue: number, moreOctets: number): number {
    return Math.max(0, (this.held[queue] as number) + moreOctets - this.shares[queue]!.reserveOctets);
  }
}
