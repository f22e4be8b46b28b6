/**
 * Counters of one switch port under the names of IF-MIB (RFC 2863) and BRIDGE-MIB (RFC 4188). Octets include the FCS and
 * exclude the preamble, as RFC 3635 section 3.2.1 says for Ethernet.
 */
export class PortCounters {
  ifInOctets = 0;
  ifInUcastPkts = 0;
  ifInMulticastPkts = 0;
  ifInBroadcastPkts = 0;
  ifOutOctets = 0;
  ifOutUcastPkts = 0;
  ifOutMulticastPkts = 0;
  ifOutBroadcastPkts = 0;
  /** Frames for this port that found the shared buffer or the port's queue full. */
  ifOutDiscards = 0;
  /** Frames that the forwarding process filtered: for a station behind the same port, or for the bridge group. */
  dot1dTpPortInDiscards = 0;

  /** Adds the counters to a report as `<port>.<counter>`. */
  writeTo(report: Record<string, number>, portName: string): void {
    for (const [counter, value] of Object.entries(this)) report[`${portName}.${counter}`] = value;
  }
}
