/**
 * What can go wrong in a run on purpose: the faults of a topology file, read and checked. All instants and durations in
 * picoseconds of emulated time.
 */
export interface FaultPlan {
  readonly links: readonly LinkFault[];
  readonly nodes: readonly NodeFault[];
}

export const NO_FAULTS: FaultPlan = { links: [], nodes: [] };

/** When a fault is in force: for `forPs` from `atPs` on, and again every `everyPs`, but never from `untilPs` on. */
export interface Schedule {
  readonly atPs: number;
  /** None: for ever. */
  readonly forPs: number | undefined;
  /** None: once. */
  readonly everyPs: number | undefined;
  /** None: no end. */
  readonly untilPs: number | undefined;
}

/** One direction of a link, and what happens to frames that leave into it while the schedule says so. */
export interface LinkFault {
  /** For messages and events, and the name of its random stream; unique within the plan. */
  readonly name: string;
  readonly link: string;
  /** The port that sends, such as `m2.eth0`. A fault of both directions is in the plan twice. */
  readonly from: string;
  readonly schedule: Schedule;
  readonly match: FrameMatch | undefined;
  readonly effect: LinkEffect;
}

/** Which frames of the direction are meant. */
export type FrameMatch =
  /** The n-th of the direction since the run began, from 1. */
  | { readonly kind: 'frame'; readonly number: number }
  /** RoCEv2 packets with this packet sequence number. */
  | { readonly kind: 'psn'; readonly psn: number }
  /** Lambda messages with this workload id. */
  | { readonly kind: 'lambda'; readonly wId: number };

export type LinkEffect =
  | { readonly kind: 'loss'; readonly probability: number }
  | ({ readonly kind: 'burst-loss' } & GilbertElliott)
  /** The copy follows right behind. */
  | { readonly kind: 'duplicate'; readonly probability: number }
  /** The frame falls behind by the time of `depth` frames of its own length, so as many may overtake it. */
  | { readonly kind: 'reorder'; readonly probability: number; readonly depth: number }
  /** Flips bits. Where the frame check sequence catches it, the receiver never sees the frame. */
  | { readonly kind: 'corrupt'; readonly probability: number; readonly bits: number; readonly caught: boolean }
  /** Adds to the link's delay; `keepOrder` holds later frames back behind earlier ones. */
  | { readonly kind: 'delay'; readonly probability: number; readonly law: DelayLaw; readonly keepOrder: boolean }
  /** Frames follow one another no faster than this, as behind a shaper. */
  | { readonly kind: 'rate'; readonly octetPs: number }
  /** The sending port's queue holds no more than this. */
  | { readonly kind: 'queue'; readonly octets: number }
  /** Frames are lost that are on the wire at any moment of the schedule. */
  | { readonly kind: 'down' };

/**
 * Loss in bursts (Gilbert 1960, Elliott 1963): a chain of two states, one step a frame, with a probability of loss in
 * each.
 */
export interface GilbertElliott {
  readonly goodToBad: number;
  readonly badToGood: number;
  readonly lossInGood: number;
  readonly lossInBad: number;
}

/** How much longer a frame takes. What a law gives below zero counts as zero: nothing comes before its time. */
export type DelayLaw =
  | { readonly kind: 'constant'; readonly delayPs: number }
  | { readonly kind: 'uniform'; readonly leastPs: number; readonly mostPs: number }
  | { readonly kind: 'normal'; readonly meanPs: number; readonly deviationPs: number }
  /** P(X > x) = (leastPs / x)^shape for x of at least `leastPs`. */
  | { readonly kind: 'pareto'; readonly leastPs: number; readonly shape: number }
  /** Drawn from these with equal probability. */
  | { readonly kind: 'samples'; readonly delaysPs: readonly number[] };

/** A node that stops: for ever, for a while with all that it knew lost, or for a while with all that it knew kept. */
export interface NodeFault {
  readonly name: string;
  readonly node: string;
  readonly kind: 'crash' | 'restart' | 'pause';
  readonly atPs: number;
  /** Of a restart and a pause. */
  readonly forPs: number;
}
