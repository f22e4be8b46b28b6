/** What a router did with packets, under the names of IP-MIB (RFC 4293) where it has one. */
export interface RouterCounters {
  /** IPv4 packets for the router's MACs. */
  ipInReceives: number;
  /** Wrong version, length or checksum. */
  ipInHdrErrors: number;
  /** To or from an address that no packet may have on its way through a router (RFC 1812 section 5.3.7). */
  ipInAddrErrors: number;
  /** For the router itself. */
  ipInDelivers: number;
  ipOutForwDatagrams: number;
  ipOutNoRoutes: number;
  /** The TTL ran out here. */
  ipInTtlExpired: number;
  /** Waited for a next hop that never answered ARP, or found too many waiting. */
  ipOutUnresolved: number;
  icmpOutTimeExcds: number;
  icmpOutDestUnreachs: number;
  icmpOutEchoReps: number;
  /** Errors that were not sent: too many, or about what must not cause one. */
  icmpOutSuppressed: number;
}

export function newRouterCounters(): RouterCounters {
  return {
    ipInReceives: 0,
    ipInHdrErrors: 0,
    ipInAddrErrors: 0,
    ipInDelivers: 0,
    ipOutForwDatagrams: 0,
    ipOutNoRoutes: 0,
    ipInTtlExpired: 0,
    ipOutUnresolved: 0,
    icmpOutTimeExcds: 0,
    icmpOutDestUnreachs: 0,
    icmpOutEchoReps: 0,
    icmpOutSuppressed: 0,
  };
}
