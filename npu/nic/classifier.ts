import { Fifo } from '../../base/fifo.ts';
import type { ClassifierProfile } from '../profile.ts';
import type { WaitingFrame } from './frame-queue.ts';

interface Classified {
  readonly cycle: number;
  readonly work: WaitingFrame;
}

/**
 * Finds a frame's lambda before any context has seen it: what weighted fair queueing needs and the card's own dispatch
 * does without. A pipeline: each frame takes its latency, and frames come out a least distance apart, in order.
 */
export class Classifier {
  private readonly profile: ClassifierProfile;
  private readonly frames = new Fifo<Classified>();
  private lastCycle = Number.NEGATIVE_INFINITY;

  constructor(profile: ClassifierProfile) {
    this.profile = profile;
  }

  /** When the next frame comes out; Infinity when none is inside. */
  get nextCycle(): number {
    return this.frames.head?.cycle ?? Number.POSITIVE_INFINITY;
  }

  /** A frame goes in; cycles do not decrease. */
  push(cycle: number, work: WaitingFrame): void {
    const { latencyCycles, spacingCycles } = this.profile;
    this.lastCycle = Math.max(cycle + latencyCycles, this.lastCycle + spacingCycles);
    this.frames.push({ cycle: this.lastCycle, work });
  }

  /** The frame that comes out next. */
  shift(): WaitingFrame | undefined {
    return this.frames.shift()?.work;
  }

  clear(): void {
    this.frames.clear();
    this.lastCycle = Number.NEGATIVE_INFINITY;
  }
}
