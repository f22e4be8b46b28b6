import { assert } from '../base/assert.ts';
import type { RandomStream } from '../base/random.ts';
import { BurstLoss } from './burst-loss.ts';
import { delaySampler } from './delay-law.ts';
import type { LinkFault } from './fault.ts';
import { matches } from './frame-match.ts';
import { isInForce, touches } from './schedule.ts';

/** The direction of a link that the faults are for. */
export interface Direction {
  readonly link: string;
  /** The port that sends. */
  readonly from: string;
  readonly delayPs: number;
  /** How long a frame lies on the wire, from first bit to last; and until the next may begin. */
  readonly receptionPs: (frameOctets: number) => number;
  readonly occupancyPs: (frameOctets: number) => number;
}

/** One line of a run's events: what was done to which frame. */
export type AppliedFault = {
  readonly kind: 'fault';
  readonly fault: string;
  readonly link: string;
  readonly from: string;
  /** Number of the frame in its direction, from 1. */
  readonly frame: number;
  readonly reason: string;
  readonly addedDelayPs?: number;
};

export interface DirectionSurroundings {
  /** The stream of one fault; the same name gives the same numbers. */
  readonly random: (name: string) => RandomStream;
  readonly record: (applied: AppliedFault) => void;
  /** A frame that gets through, so much later than the link alone would bring it. */
  readonly deliver: (departurePs: number, addedDelayPs: number, frame: Uint8Array) => void;
}

/** A frame on its way from one fault to the next. */
interface Passing {
  readonly delayPs: number;
  readonly frame: Uint8Array;
}

const LOST: readonly Passing[] = [];

/**
 * All faults of one direction, in the order of the plan. They are decided at the sending end, once for each frame, from
 * the instant at which it departs: so they are the same however the run is spread over processes.
 */
export class DirectionFaults {
  private readonly direction: Direction;
  private readonly surroundings: DirectionSurroundings;
  private readonly stages: Stage[] = [];
  private frames = 0;
  /** End of the last frame as the receiver sees it, kept for faults that keep the order. */
  private lastEndPs = 0;
  private departurePs = 0;
  private frameNumber = 0;

  /** @param framesBefore frames that have left into the direction already */
  constructor(direction: Direction, surroundings: DirectionSurroundings, framesBefore = 0) {
    this.direction = direction;
    this.surroundings = surroundings;
    this.frames = framesBefore;
  }

  /** Adds a fault behind the others, or changes the schedule of the one that has its name. */
  impose(fault: LinkFault): void {
    const { link, from } = this.direction;
    assert(fault.link === link && fault.from === from, `fault ${fault.name} is for another port`);
    const known = this.stages.find((stage) => stage.fault.name === fault.name);
    if (known === undefined) this.stages.push(new Stage(fault, this.surroundings.random(`fault/${fault.name}`)));
    else known.fault = fault;
  }

  /** Takes a frame that leaves the port at an instant; what becomes of it goes to `deliver`. In order of departure. */
  pass(departurePs: number, frame: Uint8Array): void {
    this.departurePs = departurePs;
    this.frameNumber = ++this.frames;
    this.passStage(0, 0, frame);
  }

  /** Time of an octet by which frames follow one another at an instant, ps; at least the line's. */
  octetPsAt(timePs: number, lineOctetPs: number): number {
    let octetPs = lineOctetPs;
    for (const { fault } of this.stages) {
      const { effect } = fault;
      if (effect.kind === 'rate' && isInForce(fault.schedule, timePs)) octetPs = Math.max(octetPs, effect.octetPs);
    }
    return octetPs;
  }

  /** Bound of the sending port's queue at an instant, octets. */
  queueOctetsAt(timePs: number, ownOctets: number): number {
    let octets = ownOctets;
    for (const { fault } of this.stages) {
      const { effect } = fault;
      if (effect.kind === 'queue' && isInForce(fault.schedule, timePs)) octets = Math.min(octets, effect.octets);
    }
    return octets;
  }

  private passStage(index: number, addedDelayPs: number, frame: Uint8Array): void {
    const stage = this.stages[index];
    if (stage === undefined) {
      this.deliver(addedDelayPs, frame);
    } else if (this.isMeant(stage.fault, frame)) {
      for (const { delayPs, frame: after } of this.after(stage, addedDelayPs, frame))
        this.passStage(index + 1, addedDelayPs + delayPs, after);
    } else {
      this.passStage(index + 1, addedDelayPs, frame);
    }
  }

  /** What one fault makes of a frame that it means. */
  private after(stage: Stage, addedDelayPs: number, frame: Uint8Array): readonly Passing[] {
    const { effect } = stage.fault;
    const unharmed = [{ delayPs: 0, frame }];
    if ('probability' in effect && !stage.happens(effect.probability)) return unharmed;
    switch (effect.kind) {
      case 'loss':
        this.record(stage, 'loss');
        return LOST;
      case 'burst-loss':
        if (!stage.losesNextOfBurst()) return unharmed;
        this.record(stage, 'burst-loss');
        return LOST;
      case 'down':
        this.record(stage, 'link-down');
        return LOST;
      case 'duplicate':
        this.record(stage, 'duplicate');
        return [...unharmed, { delayPs: this.direction.occupancyPs(frame.length), frame }];
      case 'reorder': {
        // One more than the frames that may overtake: they have to be past it.
        const delayPs = (effect.depth + 1) * this.direction.occupancyPs(frame.length);
        this.record(stage, 'reorder', delayPs);
        return [{ delayPs, frame }];
      }
      case 'corrupt':
        this.record(stage, effect.caught ? 'fcs-error' : 'corrupted');
        return effect.caught ? LOST : [{ delayPs: 0, frame: stage.flipBits(frame, effect.bits) }];
      case 'delay': {
        const drawnPs = stage.drawDelay();
        const inOrderPs = this.lastEndPs - this.departurePs - addedDelayPs;
        const delayPs = effect.keepOrder && inOrderPs > drawnPs ? inOrderPs : drawnPs;
        this.record(stage, 'delay', delayPs);
        return [{ delayPs, frame }];
      }
      case 'rate':
      case 'queue':
        // These change how the port sends: see octetPsAt and queueOctetsAt.
        return unharmed;
    }
  }

  private isMeant({ schedule, match, effect }: LinkFault, frame: Uint8Array): boolean {
    const { departurePs } = this;
    const endPs =
      effect.kind === 'down'
        ? departurePs + this.direction.delayPs + this.direction.receptionPs(frame.length)
        : departurePs;
    if (!touches(schedule, departurePs, endPs)) return false;
    return match === undefined || matches(match, this.frameNumber, frame);
  }

  private deliver(addedDelayPs: number, frame: Uint8Array): void {
    const endPs = this.departurePs + addedDelayPs + this.direction.occupancyPs(frame.length);
    if (endPs > this.lastEndPs) this.lastEndPs = endPs;
    this.surroundings.deliver(this.departurePs, addedDelayPs, frame);
  }

  private record({ fault }: Stage, reason: string, addedDelayPs?: number): void {
    this.surroundings.record({
      kind: 'fault',
      fault: fault.name,
      link: this.direction.link,
      from: this.direction.from,
      frame: this.frameNumber,
      reason,
      ...(addedDelayPs === undefined ? {} : { addedDelayPs }),
    });
  }
}

/** One fault with what it has to remember and its own random numbers. */
class Stage {
  fault: LinkFault;
  private readonly random: RandomStream;
  private readonly burst: BurstLoss | undefined;
  private readonly sample: (() => number) | undefined;

  constructor(fault: LinkFault, random: RandomStream) {
    this.fault = fault;
    this.random = random;
    const { effect } = fault;
    this.burst = effect.kind === 'burst-loss' ? new BurstLoss(effect, random) : undefined;
    this.sample = effect.kind === 'delay' ? delaySampler(effect.law, random) : undefined;
  }

  happens(probability: number): boolean {
    return probability >= 1 || this.random.unit() < probability;
  }

  losesNextOfBurst(): boolean {
    return this.burst!.losesNext();
  }

  drawDelay(): number {
    return this.sample!();
  }

  /** A copy with so many different bits the other way round. */
  flipBits(frame: Uint8Array, bits: number): Uint8Array {
    const copy = frame.slice();
    const flipped = new Set<number>();
    while (flipped.size < Math.min(bits, 8 * copy.length)) flipped.add(this.random.below(8 * copy.length));
    for (const bit of flipped) copy[bit >>> 3] = copy[bit >>> 3]! ^ (0x80 >>> (bit & 7));
    return copy;
  }
}
