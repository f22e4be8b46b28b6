/**
 * A service outside the emulation that a node asks, such as a real server on loopback. Emulated time at the node does not
 * reach the instant at which an answer is due before the answer is in, however long that takes on the wall clock.
 */
export interface ExternalQuestion {
  readonly request: Uint8Array;
  /** Sent behind the request, so that the end of the answer can be seen. */
  readonly endMark: Uint8Array;
  readonly reader: ExternalAnswerReader;
}

/** Knows the service's protocol; one for each question. */
export interface ExternalAnswerReader {
  /**
   * Reads on.
   * @returns what came behind the answer; undefined while the answer is not whole
   */
  read(received: Uint8Array): Uint8Array | undefined;
  /** The whole answer, without what the end mark made. */
  answer(): Uint8Array;
}
