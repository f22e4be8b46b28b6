import { assert } from '../../base/assert.ts';
import type { RandomStream } from '../../base/random.ts';
import { occupancyPs } from '../../link/ethernet-timing.ts';
import type { MarkingSpec } from '../../topology/switch-options.ts';

/** Decides which frames of a queue learn of congestion. */
export interface CongestionMarker {
  /** A frame comes to a queue that holds so many octets. @returns whether it is to be told */
  arrives(queuedOctets: number, nowPs: number): boolean;
  /** Nothing is left in the queue. */
  emptied(nowPs: number): void;
}

/** @param octetPs of the port that drains the queue */
export function createMarker(spec: MarkingSpec, octetPs: number, random: RandomStream): CongestionMarker {
  if (spec.kind === 'red') return new RandomEarlyDetection(spec, octetPs, random);
  return { arrives: (queuedOctets) => queuedOctets > spec.thresholdOctets, emptied: () => {} };
}

/** Of the estimate of what could have been sent in an idle time: a frame of middling size. */
const TYPICAL_FRAME_OCTETS = 500;

/**
 * Random early detection (Floyd and Jacobson, "Random early detection gateways for congestion avoidance", IEEE/ACM
 * Transactions on Networking 1(4), 1993, figure 2). The average is a low-pass filter of the depth at arrivals, an idle
 * time counting as so many small frames; between the thresholds marks are spread evenly by the count since the last.
 */
export class RandomEarlyDetection implements CongestionMarker {
  private readonly spec: Extract<MarkingSpec, { kind: 'red' }>;
  private readonly random: RandomStream;
  private readonly typicalFramePs: number;
  private average = 0;
  /** Frames since the last mark; -1 while the average is below the minimum. */
  private count = -1;
  private idleSincePs: number | undefined = 0;

  constructor(spec: Extract<MarkingSpec, { kind: 'red' }>, octetPs: number, random: RandomStream) {
    assert(spec.maximumOctets > spec.minimumOctets, 'the maximum threshold lies above the minimum');
    this.spec = spec;
    this.random = random;
    this.typicalFramePs = occupancyPs(TYPICAL_FRAME_OCTETS, octetPs);
  }

  get averageOctets(): number {
    return this.average;
  }

  arrives(queuedOctets: number, nowPs: number): boolean {
    const { minimumOctets, maximumOctets, probability, weight } = this.spec;
    if (queuedOctets > 0) {
      this.average += weight * (queuedOctets - this.average);
    } else {
      const idleFrames = (nowPs - (this.idleSincePs ?? nowPs)) / this.typicalFramePs;
      this.average *= (1 - weight) ** idleFrames;
    }
    this.idleSincePs = undefined;
    if (this.average < minimumOctets) {
      this.count = -1;
      return false;
    }
    this.count++;
    if (this.average < maximumOctets) {
      const base = (probability * (this.average - minimumOctets)) / (maximumOctets - minimumOctets);
      const spread = this.count * base;
      if (spread < 1 && this.random.unit() >= base / (1 - spread)) return false;
    }
    this.count = 0;
    return true;
  }

  emptied(nowPs: number): void {
    this.idleSincePs = nowPs;
  }
}
