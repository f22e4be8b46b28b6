import { assert } from '../../../base/assert.ts';
import { ArpProtocol } from '../../../host/arp-protocol.ts';
import type { HostInterface } from '../../../host/host-interface.ts';
import { type Hop, RouteTable, routeEntries } from '../../../host/route-table.ts';
import {
  formatIpv4Address,
  MAC_BROADCAST,
  parseIpv4Address,
  parseMac,
  readMac,
  writeMac,
} from '../../../packet/addresses.ts';
import { readUint16, readUint32 } from '../../../packet/big-endian.ts';
import {
  allocateFrame,
  ETHER_TYPE_ARP,
  ETHER_TYPE_IPV4,
  ETHERNET_DESTINATION,
  ETHERNET_HEADER_OCTETS,
  ETHERNET_SOURCE,
  ETHERNET_TYPE,
} from '../../../packet/ethernet.ts';
import { buildIcmpEchoFrame, parseIcmpEcho } from '../../../packet/icmp.ts';
import {
  buildIcmpErrorFrame,
  CODE_HOST_UNREACHABLE,
  CODE_NET_UNREACHABLE,
  CODE_PORT_UNREACHABLE,
  CODE_PROTOCOL_UNREACHABLE,
  CODE_TTL_EXCEEDED,
  ICMP_DESTINATION_UNREACHABLE,
  ICMP_TIME_EXCEEDED,
  mayCauseError,
} from '../../../packet/icmp-error.ts';
import {
  IPV4_DESTINATION,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TTL,
  ipv4HeaderFault,
  ipv4PayloadEnd,
  ipv4PayloadStart,
  PROTOCOL_ICMP,
  PROTOCOL_UDP,
} from '../../../packet/ipv4.ts';
import { decrementTtl } from '../../../packet/ipv4-forward.ts';
import type { NodeContext } from '../../../time/node.ts';
import type { SwitchRouting } from '../../../topology/types.ts';
import { ErrorLimit } from './error-limit.ts';
import { flowHash, wayOf } from './flow-hash.ts';
import { newRouterCounters, type RouterCounters } from './router-counters.ts';

/** What the router needs of the switch around it. */
export interface RouterSurroundings {
  readonly context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel' | 'record'>;
  /** When the last bit of a frame is in that comes in now, ps. */
  readonly allInPs: (ingress: number, frame: Uint8Array) => number;
  /** Sends a frame on that came in at a port just now. */
  readonly forward: (ingress: number, egress: number, frame: Uint8Array) => void;
  /** Sends a frame of the router's own, or one that waited in it; it leaves after the switch's latency, too. */
  readonly originate: (egress: number, frame: Uint8Array) => void;
  /** The port behind which a station is; -1: unknown. */
  readonly portOf: (mac: number) => number;
}

/**
 * IPv4 forwarding between the interfaces of a switch (RFC 1812). Packets pass at the switch's speed; what concerns the
 * router itself (ARP, ICMP) is seen by its program once the frame is all in. Frames between stations of one interface
 * are the bridge's.
 */
export class Router {
  readonly counters: RouterCounters = newRouterCounters();
  private readonly around: RouterSurroundings;
  private readonly interfaces: readonly HostInterface[];
  private readonly ports: readonly (readonly number[])[];
  /** By port: its interface. */
  private readonly interfaceOf: readonly number[];
  private readonly ownAddresses: ReadonlySet<number>;
  private readonly broadcastAddresses: ReadonlySet<number>;
  private readonly routes: RouteTable;
  private readonly ecmpSeed: number;
  private readonly arp: ArpProtocol;
  private readonly arpCounters = { malformed: 0, arpRequestsAnswered: 0, arpConflicts: 0, arpRefused: 0 };
  private readonly errorLimit = new ErrorLimit();

  constructor(around: RouterSurroundings, routing: SwitchRouting) {
    this.around = around;
    this.interfaces = routing.interfaces.map(({ name, mac, address, prefixLength }) => {
      const numbers = { mac: parseMac(mac), address: parseIpv4Address(address) };
      assert(numbers.mac !== undefined && numbers.address !== undefined, `${name} has no usable addresses`);
      return { mac: numbers.mac, address: numbers.address, prefixLength };
    });
    this.ports = routing.interfaces.map((entry) => entry.ports);
    const interfaceOf: number[] = [];
    for (const [index, ports] of this.ports.entries()) for (const port of ports) interfaceOf[port] = index;
    this.interfaceOf = interfaceOf;
    this.ownAddresses = new Set(this.interfaces.map((entry) => entry.address));
    this.broadcastAddresses = new Set(this.interfaces.flatMap(broadcastAddresses));
    this.routes = new RouteTable(this.interfaces, routeEntries(routing.routes));
    this.ecmpSeed = routing.ecmpSeed;
    const sendArp = (index: number, frame: Uint8Array): void => this.transmit(index, readMac(frame, 0), frame);
    this.arp = new ArpProtocol(around.context, this.interfaces, this.arpCounters, sendArp);
  }

  /**
   * A frame from a port, at the switch's own instant.
   * @returns true when it was the router's; false leaves it to the bridge, whole
   */
  onFrame(ingress: number, frame: Uint8Array): boolean {
    const index = this.interfaceOf[ingress]!;
    const dstMac = readMac(frame, ETHERNET_DESTINATION);
    const toRouter = dstMac === this.interfaces[index]!.mac;
    const etherType = readUint16(frame, ETHERNET_TYPE);
    if (etherType === ETHER_TYPE_ARP && (toRouter || dstMac === MAC_BROADCAST)) {
      this.later(ingress, frame, () => this.arp.onFrame(index, frame));
    } else if (toRouter && etherType === ETHER_TYPE_IPV4) this.onPacket(ingress, frame);
    return toRouter;
  }

  report(): Record<string, number> {
    return { ...this.counters, ...this.arpCounters, ...this.arp.resolverCounters() };
  }

  private onPacket(ingress: number, frame: Uint8Array): void {
    const { counters } = this;
    counters.ipInReceives++;
    if (ipv4HeaderFault(frame, ETHERNET_HEADER_OCTETS, frame.length) !== undefined) {
      counters.ipInHdrErrors++;
      return;
    }
    const dstAddress = readUint32(frame, ETHERNET_HEADER_OCTETS + IPV4_DESTINATION);
    if (!this.mayPass(readUint32(frame, ETHERNET_HEADER_OCTETS + IPV4_SOURCE), dstAddress)) {
      counters.ipInAddrErrors++;
    } else if (this.ownAddresses.has(dstAddress)) {
      counters.ipInDelivers++;
      this.later(ingress, frame, () => this.onDelivery(frame, dstAddress));
    } else if (frame[ETHERNET_HEADER_OCTETS + IPV4_TTL]! <= 1) {
      counters.ipInTtlExpired++;
      this.later(ingress, frame, () => this.sendError(ICMP_TIME_EXCEEDED, CODE_TTL_EXCEEDED, frame));
    } else this.route(ingress, frame, dstAddress);
  }

  private route(ingress: number, frame: Uint8Array, dstAddress: number): void {
    const hop = this.hopTo(frame, dstAddress);
    if (hop === undefined) {
      this.counters.ipOutNoRoutes++;
      this.later(ingress, frame, () => this.sendError(ICMP_DESTINATION_UNREACHABLE, CODE_NET_UNREACHABLE, frame));
      return;
    }
    const nextAddress = hop.address === 0 ? dstAddress : hop.address;
    const mac = this.arp.lookup(nextAddress);
    if (mac === undefined) {
      this.later(ingress, frame, () => this.routeAfterArp(hop.interfaceIndex, nextAddress, frame));
      return;
    }
    this.counters.ipOutForwDatagrams++;
    const forwarded = this.rewritten(frame, hop.interfaceIndex, mac);
    for (const egress of this.portsTo(hop.interfaceIndex, mac)) this.around.forward(ingress, egress, forwarded);
  }

  private routeAfterArp(interfaceIndex: number, nextAddress: number, frame: Uint8Array): void {
    this.arp.resolve(interfaceIndex, nextAddress, (mac) => {
      if (mac === undefined) {
        this.counters.ipOutUnresolved++;
        this.around.context.record({ kind: 'host-unreachable', address: formatIpv4Address(nextAddress) });
        this.sendError(ICMP_DESTINATION_UNREACHABLE, CODE_HOST_UNREACHABLE, frame);
        return;
      }
      this.counters.ipOutForwDatagrams++;
      this.transmit(interfaceIndex, mac, this.rewritten(frame, interfaceIndex, mac));
    });
  }

  /** A copy, since frames are never written to once they were sent: next hop's MAC, own MAC, TTL less one. */
  private rewritten(frame: Uint8Array, interfaceIndex: number, mac: number): Uint8Array {
    const copy = allocateFrame(frame.length - ETHERNET_HEADER_OCTETS);
    copy.set(frame);
    writeMac(copy, ETHERNET_DESTINATION, mac);
    writeMac(copy, ETHERNET_SOURCE, this.interfaces[interfaceIndex]!.mac);
    decrementTtl(copy, ETHERNET_HEADER_OCTETS);
    return copy;
  }

  private hopTo(frame: Uint8Array, dstAddress: number): Hop | undefined {
    const hops = this.routes.lookUp(dstAddress);
    if (hops === undefined || hops.length === 1) return hops?.[0];
    return hops[wayOf(flowHash(frame, this.ecmpSeed), hops.length)];
  }

  /** The port of a station on an interface; all of them when it is not known behind which. */
  private portsTo(interfaceIndex: number, mac: number): readonly number[] {
    const ports = this.ports[interfaceIndex]!;
    if (ports.length === 1 || mac === MAC_BROADCAST) return ports;
    const port = this.around.portOf(mac);
    return ports.includes(port) ? [port] : ports;
  }

  /** Addresses that packets through a router come from and go to: hosts', and no subnet's broadcast (RFC 2644). */
  private mayPass(srcAddress: number, dstAddress: number): boolean {
    return isUnicast(srcAddress) && isUnicast(dstAddress) && !this.broadcastAddresses.has(dstAddress);
  }

  /** A packet for one of the router's addresses. */
  private onDelivery(frame: Uint8Array, ownAddress: number): void {
    const start = ipv4PayloadStart(frame, ETHERNET_HEADER_OCTETS);
    const protocol = frame[ETHERNET_HEADER_OCTETS + IPV4_PROTOCOL]!;
    if (protocol !== PROTOCOL_ICMP) {
      // No program listens here; traceroute lives on it.
      const code = protocol === PROTOCOL_UDP ? CODE_PORT_UNREACHABLE : CODE_PROTOCOL_UNREACHABLE;
      this.sendError(ICMP_DESTINATION_UNREACHABLE, code, frame);
      return;
    }
    const echo = parseIcmpEcho(frame, start, ipv4PayloadEnd(frame, ETHERNET_HEADER_OCTETS));
    if (!echo.ok || echo.value.kind !== 'request') return;
    const request = echo.value;
    this.counters.icmpOutEchoReps++;
    const dstAddress = readUint32(frame, ETHERNET_HEADER_OCTETS + IPV4_SOURCE);
    this.sendOwn(frame, dstAddress, (srcMac, dstMac) => {
      const addresses = { srcMac, dstMac, srcAddress: ownAddress, dstAddress };
      return buildIcmpEchoFrame(addresses, { ...request, kind: 'reply' });
    });
  }

  private sendError(type: number, code: number, about: Uint8Array): void {
    const { counters } = this;
    if (!mayCauseError(about) || !this.errorLimit.take(this.around.context.nowPs())) {
      counters.icmpOutSuppressed++;
      return;
    }
    if (type === ICMP_TIME_EXCEEDED) counters.icmpOutTimeExcds++;
    else counters.icmpOutDestUnreachs++;
    const dstAddress = readUint32(about, ETHERNET_HEADER_OCTETS + IPV4_SOURCE);
    this.sendOwn(about, dstAddress, (srcMac, dstMac, srcAddress) => {
      return buildIcmpErrorFrame({ srcMac, dstMac, srcAddress, dstAddress }, type, code, about);
    });
  }

  /** Sends an answer of the router's own; without a route back, or a station to take it, to nobody. */
  private sendOwn(
    about: Uint8Array,
    dstAddress: number,
    build: (srcMac: number, dstMac: number, srcAddress: number) => Uint8Array,
  ): void {
    const hop = this.ownAddresses.has(dstAddress) ? undefined : this.hopTo(about, dstAddress);
    if (hop === undefined) return;
    const { interfaceIndex } = hop;
    this.arp.resolve(interfaceIndex, hop.address === 0 ? dstAddress : hop.address, (dstMac) => {
      if (dstMac === undefined) return;
      const { mac, address } = this.interfaces[interfaceIndex]!;
      // An error has the address of the interface that it leaves by (RFC 1812 section 4.3.2.4).
      this.transmit(interfaceIndex, dstMac, build(mac, dstMac, address));
    });
  }

  private transmit(interfaceIndex: number, mac: number, frame: Uint8Array): void {
    for (const egress of this.portsTo(interfaceIndex, mac)) this.around.originate(egress, frame);
  }

  /** The router's program sees a frame when it is all in. */
  private later(ingress: number, frame: Uint8Array, then: () => void): void {
    this.around.context.at(this.around.allInPs(ingress, frame), then);
  }
}

/** Neither this network (0/8), the own host (127/8), a group nor reserved (RFC 1122 section 3.2.1.3). */
function isUnicast(address: number): boolean {
  const first = address >>> 24;
  return first !== 0 && first !== 127 && first < 224;
}

/** Of an interface's subnet; networks of two have none (RFC 3021). */
function broadcastAddresses({ address, prefixLength }: HostInterface): number[] {
  if (prefixLength >= 31) return [];
  const hostMask = 2 ** (32 - prefixLength) - 1;
  return [(address | hostMask) >>> 0, (address & ~hostMask) >>> 0];
}
