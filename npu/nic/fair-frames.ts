import { Fifo } from '../../base/fifo.ts';
import type { FrameQueue, WaitingFrame } from './frame-queue.ts';

/**
 * Virtual time that one request of weight 1 takes. Weights divide it, rounded to whole units, so that tags are exact
 * integers: with weights up to 1,000 the shares are right to 10^-4, and 2^53 units are 5 * 10^8 requests of weight 1.
 */
const REQUEST_UNITS = 2 ** 24;

interface Tagged {
  readonly work: WaitingFrame;
  readonly start: number;
}

interface Flow {
  readonly frames: Fifo<Tagged>;
  readonly cost: number;
  /** Frames that may be between arrival and context at once. */
  readonly places: number;
  admitted: number;
  /** Finish tag of the last frame that arrived. */
  finish: number;
}

/**
 * Start-time fair queueing (Goyal, Vin, Cheng, SIGCOMM 1996), the weighted fair queueing that does not have to know the
 * server's rate: contexts finish whenever they do. A frame's start tag is the later of the virtual time at its arrival
 * and the finish tag of its flow's frame before; its finish tag is one request by the flow's weight later. The least
 * start tag goes first, and virtual time is that of the frame that went last. So of two lambdas with frames waiting
 * neither gets ahead of its share by more than one request of each, and who was idle has saved up nothing.
 *
 * A flow is a lambda; frames of none are a flow, too. Ties go to the earlier flow. Each flow has its share of the
 * places, since one flow that fills them all would keep the others out before any order counts.
 */
export class FairFrames implements FrameQueue {
  /** By lambda + 1. */
  private readonly flows: readonly Flow[];
  private virtualTime = 0;
  private waiting = 0;

  /** @param weights of frames of no lambda, then of each lambda; whole numbers from 1 */
  constructor(places: number, weights: readonly number[]) {
    const sum = weights.reduce((total, weight) => total + weight, 0);
    this.flows = weights.map((weight) => ({
      frames: new Fifo<Tagged>(),
      cost: Math.round(REQUEST_UNITS / weight),
      places: Math.max(1, Math.floor((places * weight) / sum)),
      admitted: 0,
      finish: 0,
    }));
  }

  get length(): number {
    return this.waiting;
  }

  admit(lambda: number): boolean {
    const flow = this.flows[lambda + 1]!;
    if (flow.admitted >= flow.places) return false;
    flow.admitted++;
    return true;
  }

  push(work: WaitingFrame): void {
    const flow = this.flows[work.lambda + 1]!;
    const start = Math.max(this.virtualTime, flow.finish);
    flow.finish = start + flow.cost;
    flow.frames.push({ work, start });
    this.waiting++;
  }

  shift(): WaitingFrame | undefined {
    let chosen: Flow | undefined;
    for (const flow of this.flows) {
      const start = flow.frames.head?.start ?? Number.POSITIVE_INFINITY;
      if (start < (chosen?.frames.head?.start ?? Number.POSITIVE_INFINITY)) chosen = flow;
    }
    const tagged = chosen?.frames.shift();
    if (chosen === undefined || tagged === undefined) return undefined;
    chosen.admitted--;
    this.waiting--;
    this.virtualTime = tagged.start;
    return tagged.work;
  }

  clear(): void {
    for (const flow of this.flows) {
      flow.frames.clear();
      flow.admitted = 0;
      flow.finish = 0;
    }
    this.virtualTime = 0;
    this.waiting = 0;
  }
}
