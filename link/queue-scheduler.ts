/** One queue among those of a port; they are listed by precedence, the highest first. */
export interface QueueDiscipline {
  /** Share among the weighted queues, from 1; undefined: strict priority, before every weighted queue. */
  readonly weight: number | undefined;
}

/** A full frame with a tag on the wire: preamble, FCS and gap included. The least quantum with which a turn always sends. */
export const QUANTUM_OCTETS = 1_542;

/**
 * Which queue sends next: strict priority in the order of the list (IEEE 802.1Q-2018, 8.6.8.1), and deficit round robin
 * (Shreedhar and Varghese, SIGCOMM 1995) over those that have a weight. A turn adds weight times the quantum to a
 * queue's deficit, and lasts as long as the deficit pays for the frame at its head; an emptied queue keeps no deficit.
 */
export class QueueScheduler {
  private readonly strict: number[] = [];
  private readonly weighted: number[] = [];
  private readonly quanta: Float64Array;
  private readonly deficits: Float64Array;
  /** Place in `weighted` of the queue whose turn it is, and whether it has got its quantum for this turn. */
  private turn = 0;
  private isCredited = false;

  constructor(queues: readonly QueueDiscipline[]) {
    this.quanta = new Float64Array(queues.length);
    this.deficits = new Float64Array(queues.length);
    for (const [queue, { weight }] of queues.entries()) {
      if (weight === undefined) this.strict.push(queue);
      else {
        this.weighted.push(queue);
        this.quanta[queue] = weight * QUANTUM_OCTETS;
      }
    }
  }

  /**
   * Picks a queue and charges it for its head.
   * @param headOctets by queue: octets on the wire of the frame that may go, 0 where none may
   * @returns the queue, or -1 when no frame may go
   */
  pick(headOctets: ArrayLike<number>): number {
    for (let i = 0; i < this.strict.length; i++) {
      const queue = this.strict[i] as number;
      if ((headOctets[queue] as number) > 0) return queue;
    }
    if (!this.hasWeighted(headOctets)) return -1;
    for (;;) {
      const queue = this.weighted[this.turn] as number;
      const octets = headOctets[queue] as number;
      if (octets > 0) {
        if (!this.isCredited) {
          this.deficits[queue]! += this.quanta[queue] as number;
          this.isCredited = true;
        }
        if ((this.deficits[queue] as number) >= octets) {
          this.deficits[queue]! -= octets;
          return queue;
        }
      }
      this.turn = (this.turn + 1) % this.weighted.length;
      this.isCredited = false;
    }
  }

  /** A queue has nothing left: it saves nothing for later, and its turn is over. */
  emptied(queue: number): void {
    this.deficits[queue] = 0;
    if (this.weighted[this.turn] !== queue) return;
    this.turn = (this.turn + 1) % this.weighted.length;
    this.isCredited = false;
  }

  private hasWeighted(headOctets: ArrayLike<number>): boolean {
    for (let i = 0; i < this.weighted.length; i++) {
      if ((headOctets[this.weighted[i] as number] as number) > 0) return true;
    }
    return false;
  }
}
