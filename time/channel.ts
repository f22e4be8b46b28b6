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
}

/** A frame on its way to another process. */
export interface FrameInTransit {
  /** Index of the link in the topology. */
  readonly link: number;
  /** First bit at the receiver, ps. */
  readonly firstBitPs: number;
  readonly frame: Uint8Array;
}
