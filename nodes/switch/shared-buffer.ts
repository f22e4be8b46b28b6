import type { QueueSampler } from './queue-sampler.ts';

/**
 * Packet memory that all egress queues of a switch share. A FIFO port's departures are known when a frame joins its
 * queue, so the memory that is free at an instant follows from the departures of the frames admitted before: no event
 * is needed when a frame leaves. The port says when that will be: it alone knows its rate.
 */
export class SharedBuffer {
  private readonly boundOctets: number;
  private readonly queues: EgressQueue[];
  /** At least the octets in use: frames that left are taken off only when it matters. */
  private usedOctets = 0;
  private peakOctets = 0;

  /**
   * @param samplers told of the depth of each port's queue, in port order
   */
  constructor(boundOctets: number, ports: number, samplers: readonly QueueSampler[] | undefined = undefined) {
    this.boundOctets = boundOctets;
    this.queues = Array.from({ length: ports }, (_, port) => new EgressQueue(samplers?.[port]));
  }

  /** Most octets ever in use. */
  get maximumOctets(): number {
    return this.peakOctets;
  }

  /** Whether a frame fits now. */
  hasRoom(octets: number, nowPs: number): boolean {
    // Frames that left are swept when the account reaches a new peak; the peak is exact because every true one is seen.
    if (this.usedOctets + octets > this.peakOctets) {
      for (let i = 0; i < this.queues.length; i++) this.usedOctets -= this.queues[i]!.releaseUntil(nowPs);
    }
    return this.usedOctets + octets <= this.boundOctets;
  }

  /** Takes in a frame that `hasRoom` allowed and that the port accepted; it takes room until `endPs`. */
  admit(port: number, octets: number, endPs: number, nowPs: number): void {
    const queue = this.queues[port]!;
    this.usedOctets -= queue.releaseUntil(nowPs);
    queue.add(octets, endPs, nowPs);
    this.usedOctets += octets;
    if (this.usedOctets > this.peakOctets) this.peakOctets = this.usedOctets;
  }

  /** Visits the frames of a port that are not known to have left: when each ends, and what is queued from then on. */
  departures(port: number, visit: (endPs: number, octets: number) => void): void {
    this.queues[port]!.departures(visit);
  }
}

/** Frames of one port that have not left: when each ends and how long it is; a ring of a power of two. */
class EgressQueue {
  private readonly sampler: QueueSampler | undefined;
  private queuedOctets = 0;
  private endsPs = new Float64Array(64);
  private octets = new Int32Array(64);
  private first = 0;
  private count = 0;

  constructor(sampler: QueueSampler | undefined) {
    this.sampler = sampler;
  }

  add(octets: number, endPs: number, nowPs: number): void {
    if (this.count === this.endsPs.length) this.grow();
    const place = (this.first + this.count) & (this.endsPs.length - 1);
    this.endsPs[place] = endPs;
    this.octets[place] = octets;
    this.count++;
    this.queuedOctets += octets;
    this.sampler?.change(nowPs, this.queuedOctets);
  }

  /** Drops the frames that have left by `nowPs`. @returns their octets */
  releaseUntil(nowPs: number): number {
    let released = 0;
    while (this.count > 0 && (this.endsPs[this.first] as number) <= nowPs) {
      const octets = this.octets[this.first] as number;
      released += octets;
      this.queuedOctets -= octets;
      this.sampler?.change(this.endsPs[this.first] as number, this.queuedOctets);
      this.first = (this.first + 1) & (this.endsPs.length - 1);
      this.count--;
    }
    return released;
  }

  departures(visit: (endPs: number, octets: number) => void): void {
    let queuedOctets = this.queuedOctets;
    for (let i = 0; i < this.count; i++) {
      const place = (this.first + i) & (this.endsPs.length - 1);
      queuedOctets -= this.octets[place] as number;
      visit(this.endsPs[place] as number, queuedOctets);
    }
  }

  private grow(): void {
    const size = this.endsPs.length;
    const endsPs = new Float64Array(size * 2);
    const octets = new Int32Array(size * 2);
    for (let i = 0; i < this.count; i++) {
      const place = (this.first + i) & (size - 1);
      endsPs[i] = this.endsPs[place] as number;
      octets[i] = this.octets[place] as number;
    }
    this.endsPs = endsPs;
    this.octets = octets;
    this.first = 0;
  }
}
