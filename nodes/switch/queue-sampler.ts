import type { QueueSample } from '../../time/node.ts';

/** Intervals kept of a queue; beyond them two become one, so that a long run takes no more memory than a short one. */
export const MOST_SAMPLES = 1_024;

/** The depth of one queue over time, by intervals of a period; those in which it was empty throughout are left out. */
export class QueueSampler {
  private periodPs: number;
  private octets = 0;
  /** Of the interval under way. */
  private interval = 0;
  private maximumOctets = 0;
  /** Three numbers an interval: its number, depth at its end, largest depth. */
  private kept: number[] = [];

  constructor(periodPs: number) {
    this.periodPs = periodPs;
  }

  /** The depth changes at an instant, which is not before the last one. */
  change(timePs: number, octets: number): void {
    this.reach(timePs);
    this.octets = octets;
    if (octets > this.maximumOctets) this.maximumOctets = octets;
  }

  /** Every interval so far, the one under way included. */
  samples(): QueueSample[] {
    const { periodPs } = this;
    const samples: QueueSample[] = [];
    const add = (interval: number, octets: number, maximumOctets: number): void => {
      samples.push({ timePs: (interval + 1) * periodPs, periodPs, octets, maximumOctets });
    };
    for (let i = 0; i < this.kept.length; i += 3) add(this.kept[i]!, this.kept[i + 1]!, this.kept[i + 2]!);
    if (this.maximumOctets > 0) add(this.interval, this.octets, this.maximumOctets);
    return samples;
  }

  /** A sampler of its own that has seen the same. */
  copy(): QueueSampler {
    const copy = new QueueSampler(this.periodPs);
    copy.octets = this.octets;
    copy.interval = this.interval;
    copy.maximumOctets = this.maximumOctets;
    copy.kept = [...this.kept];
    return copy;
  }

  private reach(timePs: number): void {
    while (this.interval < Math.floor(timePs / this.periodPs)) {
      if (this.kept.length >= 3 * MOST_SAMPLES) {
        this.coarsen();
        continue;
      }
      if (this.maximumOctets > 0) this.kept.push(this.interval, this.octets, this.maximumOctets);
      // Nothing happens in an empty queue until then.
      this.interval = this.octets === 0 ? Math.floor(timePs / this.periodPs) : this.interval + 1;
      // What a queue held until an interval began is not within it.
      this.maximumOctets = this.interval * this.periodPs === timePs ? 0 : this.octets;
    }
  }

  /** Makes one interval of two. */
  private coarsen(): void {
    const { kept } = this;
    const merged: number[] = [];
    for (let i = 0; i < kept.length; i += 3) {
      const interval = Math.floor(kept[i]! / 2);
      const last = merged.length - 3;
      if (merged[last] === interval) {
        merged[last + 1] = kept[i + 1]!;
        merged[last + 2] = Math.max(merged[last + 2]!, kept[i + 2]!);
      } else merged.push(interval, kept[i + 1]!, kept[i + 2]!);
    }
    this.periodPs *= 2;
    this.interval = Math.floor(this.interval / 2);
    if (merged.at(-3) === this.interval) {
      // The last one and the one under way are halves of one.
      this.maximumOctets = Math.max(this.maximumOctets, merged.at(-1)!);
      merged.length -= 3;
    }
    this.kept = merged;
  }
}
