const COUNTER32 = 2 ** 32;

/** What a frame's destination says about it. */
export const UNICAST = 0;
export const MULTICAST = 1;
export const BROADCAST = 2;
export type Cast = typeof UNICAST | typeof MULTICAST | typeof BROADCAST;

/**
 * Counters of one switch port under the names of IF-MIB (RFC 2863), BRIDGE-MIB (RFC 4188) and Q-BRIDGE-MIB (RFC 4363).
 * Octets include the FCS and exclude the preamble, as RFC 3635 section 3.2.1 says for Ethernet.
 */
export class PortCounters {
  private readonly in = new DirectionCounters();
  private readonly out = new DirectionCounters();
  /** Frames that the port's storm control did not take in. */
  ifInDiscards = 0;
  /** Frames for this port that found no room, or were dropped early. */
  ifOutDiscards = 0;
  /** Frames that the forwarding process filtered: for a station behind the same port, or for the bridge group. */
  dot1dTpPortInDiscards = 0;
  /** Frames of a VLAN that the port does not carry. */
  dot1qTpVlanPortInDiscards = 0;

  countIn(octets: number, cast: Cast): void {
    this.in.count(octets, cast);
  }

  countOut(octets: number, cast: Cast): void {
    this.out.count(octets, cast);
  }

  /** MAC control frames count as octets and not as packets (RFC 3635 sections 3.2.2 and 3.2.3). */
  countControlOut(octets: number): void {
    this.out.octets += octets;
  }

  /** Adds the counters to a report as `<port>.<counter>`. Those of 32 bits wrap around, their `HC` forms do not. */
  writeTo(report: Record<string, number>, portName: string): void {
    for (const [direction, counters] of [
      ['In', this.in],
      ['Out', this.out],
    ] as const) {
      for (const [name, value] of Object.entries(counters.byName())) {
        report[`${portName}.if${direction}${name}`] = value % COUNTER32;
        report[`${portName}.ifHC${direction}${name}`] = value;
      }
      report[`${portName}.dot1dTpPort${direction}Frames`] = counters.frames % COUNTER32;
    }
    report[`${portName}.ifInDiscards`] = this.ifInDiscards;
    report[`${portName}.ifOutDiscards`] = this.ifOutDiscards;
    report[`${portName}.dot1dTpPortInDiscards`] = this.dot1dTpPortInDiscards;
    report[`${portName}.dot1qTpVlanPortInDiscards`] = this.dot1qTpVlanPortInDiscards;
  }
}

class DirectionCounters {
  octets = 0;
  unicast = 0;
  multicast = 0;
  broadcast = 0;

  get frames(): number {
    return this.unicast + this.multicast + this.broadcast;
  }

  count(octets: number, cast: Cast): void {
    this.octets += octets;
    if (cast === UNICAST) this.unicast++;
    else if (cast === MULTICAST) this.multicast++;
    else this.broadcast++;
  }

  byName(): Record<string, number> {
    return {
      Octets: this.octets,
      UcastPkts: this.unicast,
      MulticastPkts: this.multicast,
      BroadcastPkts: this.broadcast,
    };
  }
}
