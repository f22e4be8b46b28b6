import { PAUSE_QUANTUM_OCTETS, type PriorityPause } from '../packet/mac-control.ts';
import { PRIORITIES } from '../packet/priority-map.ts';

/**
 * Which priorities of a transmitter are paused, and until when (IEEE 802.3-2018 annex 31D: each PFC frame sets the
 * timers of the priorities that it names anew; a time of zero ends a pause).
 */
export class PauseState {
  /** By priority, ps: when the last pause ends or ended. */
  readonly untilPs = new Float64Array(PRIORITIES);
  private readonly obeyed: readonly boolean[];
  private readonly quantumPs: number;
  private readonly stormPs: number;
  /** When the pause began that ends at `untilPs`. */
  private readonly sincePs = new Float64Array(PRIORITIES);
  /** Of the pauses before that one, together. */
  private readonly earlierPs = new Float64Array(PRIORITIES);
  private readonly storms = new Int32Array(PRIORITIES);
  private readonly isStorm = new Uint8Array(PRIORITIES);

  /**
   * @param obeyed priorities under flow control; what frames say of others means nothing
   * @param octetPs of the port: quanta are counted in its bit times
   * @param stormPs a pause without a break that lasts longer is a storm
   */
  constructor(obeyed: readonly number[], octetPs: number, stormPs: number) {
    this.obeyed = Array.from({ length: PRIORITIES }, (_, priority) => obeyed.includes(priority));
    this.quantumPs = PAUSE_QUANTUM_OCTETS * octetPs;
    this.stormPs = stormPs;
  }

  /**
   * A PFC frame has come in whole.
   * @returns priorities whose pause is found to be a storm now
   */
  receive(nowPs: number, pause: PriorityPause): number[] {
    const stormy: number[] = [];
    for (let priority = 0; priority < PRIORITIES; priority++) {
      const quanta = pause.quanta[priority];
      if (quanta === undefined || !this.obeyed[priority]) continue;
      if (this.becomesStorm(priority, nowPs)) {
        this.isStorm[priority] = 1;
        this.storms[priority]!++;
        stormy.push(priority);
      }
      const untilPs = this.untilPs[priority] as number;
      if (untilPs <= nowPs || quanta === 0) {
        this.earlierPs[priority]! += this.lastedPs(priority, nowPs);
        this.sincePs[priority] = nowPs;
        this.isStorm[priority] = 0;
      }
      this.untilPs[priority] = nowPs + quanta * this.quantumPs;
    }
    return stormy;
  }

  /** By priority: how long it was paused until now, ps. */
  pausedPs(nowPs: number): number[] {
    return Array.from(this.earlierPs, (earlierPs, priority) => earlierPs + this.lastedPs(priority, nowPs));
  }

  /** By priority: storms until now. */
  pauseStorms(nowPs: number): number[] {
    return Array.from(this.storms, (storms, priority) => storms + (this.becomesStorm(priority, nowPs) ? 1 : 0));
  }

  /** How much of the last pause has passed, ps. */
  private lastedPs(priority: number, nowPs: number): number {
    return Math.min(this.untilPs[priority] as number, nowPs) - (this.sincePs[priority] as number);
  }

  private becomesStorm(priority: number, nowPs: number): boolean {
    return this.isStorm[priority] === 0 && this.lastedPs(priority, nowPs) > this.stormPs;
  }
}
