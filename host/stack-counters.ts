/** What a host's stack has seen and done; every dropped frame is in exactly one of the reasons. */
export interface StackCounters {
  framesReceived: number;
  framesSent: number;
  /** The port's egress queue was full. */
  egressDrops: number;
  datagramsReceived: number;
  datagramsSent: number;
  /** Another MAC (a switch that floods) or another IPv4 address. */
  notForUs: number;
  /** Lengths or checksums wrong, fragments. */
  malformed: number;
  /** A protocol that the host does not speak, or an answer to nothing. */
  unsupported: number;
  /** No program has bound the UDP port. */
  portUnreachable: number;
  /** More waited for the processor than the receive queue of the port holds. */
  receiveQueueDrops: number;
  /** Datagrams to an address that no route leads to. */
  noRoute: number;
  /** Datagrams whose destination, or the router before it, did not answer ARP. */
  hostUnreachable: number;
  /** Time exceeded or destination unreachable, about something that we sent. */
  icmpErrorsReceived: number;
  echoRequestsAnswered: number;
  arpRequestsAnswered: number;
  /** Somebody else claims our address. */
  arpConflicts: number;
  /** ARP packets whose sender cannot exist. */
  arpRefused: number;
}

export function newStackCounters(): StackCounters {
  return {
    framesReceived: 0,
    framesSent: 0,
    egressDrops: 0,
    datagramsReceived: 0,
    datagramsSent: 0,
    notForUs: 0,
    malformed: 0,
    unsupported: 0,
    portUnreachable: 0,
    receiveQueueDrops: 0,
    noRoute: 0,
    hostUnreachable: 0,
    icmpErrorsReceived: 0,
    echoRequestsAnswered: 0,
    arpRequestsAnswered: 0,
    arpConflicts: 0,
    arpRefused: 0,
  };
}
