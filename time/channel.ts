/** What one process tells another on a channel: frames and how far it can be trusted to stay silent. */
export interface ChannelMessage {
  /** Frames that the sender has received from the receiver so far, in total. */
  readonly counted: number;
  /**
   * "No further frame of mine arrives at you before this instant, unless you send me something that I have not counted
   * yet." Picoseconds; infinity when the sender has nothing to do.
   */
  readonly promisePs: number;
  /** The instant that the receiver's promise must exceed to let the sender go on; infinity when it waits for nothing. */
  readonly needPs: number;
  /** On channels that are part of a cycle of processes, and there with the last frame of what was sent at once. */
  readonly round?: RoundNews;
}

/** How far the sender has come with the rounds that find the global minimum; see `GlobalMinimum`. */
export interface RoundNews {
  /** Last round that the sender has recorded its state for: frames before this message belong to the time before it. */
  readonly round: number;
  /** Last round whose outcome the sender knows; its outcome; and what somebody needs the outcome to exceed, or -1. */
  readonly closedRound: number;
  readonly outcomePs: number;
  readonly outcomeWantPs: number;
  /** For the parent: the least of the sender's branch in `round`, NaN until it is known; and the branch's want. */
  readonly branchPs: number;
  readonly branchWantPs: number;
}

/** A frame on its way to another process. */
export interface FrameInTransit {
  /** Index of the link in the topology. */
  readonly link: number;
  /** First bit at the receiver, ps. */
  readonly firstBitPs: number;
  readonly frame: Uint8Array;
}
