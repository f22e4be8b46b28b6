/** The far end of a link direction: takes frames stamped with their first bit at the receiver, in that order. */
export interface FrameSink {
  push(firstBitPs: number, frame: Uint8Array): void;
}

/** Watches frames pass a port; it never changes, delays or keeps back one. */
export interface FrameTap {
  frame(firstBitPs: number, frame: Uint8Array): void;
}
