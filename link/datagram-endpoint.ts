/** Where a channel's datagrams go. */
export interface DatagramAddress {
  /** IPv4. */
  readonly address: string;
  readonly port: number;
}

/** What the owner of an endpoint does with what comes in. */
export interface DatagramReceiver {
  /** False while there is work to do that needs no datagram. */
  readonly mayWait: boolean;
  /** A datagram of a channel's peer. The octets are the receiver's to keep. */
  onDatagram(channel: number, octets: Buffer): void;
  /** Everything that was at hand has been handed over. */
  onDrained(): void;
}

/**
 * One process's end of its channels over UDP: unreliable, unordered. Two make the same datagrams on the wire, so
 * a peer cannot tell them apart: `openDgramEndpoint` with Node's own sockets, `openNativeEndpoint` with system calls.
 */
export interface DatagramEndpoint {
  /** Local UDP port of each channel; the native endpoint has one port for all of them. */
  readonly ports: readonly number[];
  /** Where each channel's datagrams go from now on. */
  connect(peers: readonly DatagramAddress[]): Promise<void>;
  /** Begins to receive; nothing is handed over before. */
  receive(receiver: DatagramReceiver): void;
  /** Sends now, or before it waits again. The octets must not change until then. */
  send(channel: number, octets: Buffer): void;
  /** Longest that an endpoint may keep the event loop from its turn while nothing arrives, ms. */
  waitAtMost(milliseconds: number): void;
  /** Receives and sends nothing any more. */
  close(): void;
}
