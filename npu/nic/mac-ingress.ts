import type { MacProfile } from '../profile.ts';

/** One second, in picoseconds. */
const SECOND_PS = 1e12;

/**
 * The MAC takes in so many frames a second over all ports, no matter how long they are; what comes faster waits, and
 * what finds no room is lost before anything else sees it. Exact for rates that are no whole number of picoseconds: the
 * part below one is carried on.
 */
export class MacIngress {
  private readonly framesPerSecond: number;
  private readonly queueFrames: number;
  /** When the next frame can be taken in: picoseconds, and parts of one in 1/framesPerSecond. */
  private freePs = 0;
  private freeParts = 0;
  dropped = 0;

  constructor({ ingressFramesPerSecond, ingressQueueFrames }: MacProfile) {
    this.framesPerSecond = ingressFramesPerSecond ?? Number.POSITIVE_INFINITY;
    this.queueFrames = ingressQueueFrames ?? Number.POSITIVE_INFINITY;
  }

  /**
   * A frame is there; instants do not decrease.
   * @returns when it is taken in, not before it is there; undefined when it is lost
   */
  admit(nowPs: number): number | undefined {
    const { framesPerSecond } = this;
    if (framesPerSecond === Number.POSITIVE_INFINITY) return nowPs;
    if (nowPs > this.freePs) {
      this.freePs = nowPs;
      this.freeParts = 0;
    }
    const waiting = ((this.freePs - nowPs) * framesPerSecond) / SECOND_PS;
    if (waiting >= this.queueFrames) {
      this.dropped++;
      return undefined;
    }
    const takenPs = this.freePs + (this.freeParts > 0 ? 1 : 0);
    this.freePs += Math.floor(SECOND_PS / framesPerSecond);
    this.freeParts += SECOND_PS % framesPerSecond;
    if (this.freeParts >= framesPerSecond) {
      this.freeParts -= framesPerSecond;
      this.freePs++;
    }
    return takenPs;
  }
}
