import { assert, InvariantError } from '../base/assert.ts';
import { Fifo } from '../base/fifo.ts';
import { formatIpv4Address, MAC_BROADCAST, readMac, writeMac } from '../packet/addresses.ts';
import { readUint16, readUint32 } from '../packet/big-endian.ts';
import {
  ETHER_TYPE_ARP,
  ETHER_TYPE_IPV4,
  ETHERNET_DESTINATION,
  ETHERNET_HEADER_OCTETS,
  ETHERNET_MIN_FRAME_OCTETS,
  ETHERNET_TYPE,
} from '../packet/ethernet.ts';
import { buildIcmpEchoFrame, type IcmpEcho, parseIcmpEcho } from '../packet/icmp.ts';
import { readIcmpError } from '../packet/icmp-error.ts';
import { DEFAULT_TTL, IPV4_DESTINATION, ipv4PayloadStart, PROTOCOL_ICMP, parseIpv4 } from '../packet/ipv4.ts';
import {
  allocateUdpFrame,
  sealUdpFrame,
  UDP_MAX_PAYLOAD_OCTETS,
  UDP_PAYLOAD_OFFSET,
  UdpFrame,
  type UdpFrameAddresses,
  udpFrameFault,
} from '../packet/udp-frame.ts';
import { ArpProtocol } from './arp-protocol.ts';
import type { ArpOptions, ResolvedHandler } from './arp-resolver.ts';
import type { HostCpu } from './host-cpu.ts';
import type { HostInterface, StackContext } from './host-interface.ts';
import { PING_DATA, type PingHandler, Pings } from './ping.ts';
import { type Hop, type RouteEntry, RouteTable } from './route-table.ts';
import { newStackCounters, type StackCounters } from './stack-counters.ts';
import { type DatagramHandler, type Endpoint, UdpEndpoints } from './udp-endpoints.ts';

export interface HostStackOptions {
  readonly interfaces: readonly HostInterface[];
  /** Ways beyond the subnets of the interfaces; the first hop of each is taken. Default none. */
  readonly routes?: readonly RouteEntry[];
  /** By interface: the ways of what is sent from it alone. Default none. */
  readonly interfaceRoutes?: readonly (readonly RouteEntry[])[];
  /** The processor that pays for datagrams; without one they cost nothing. */
  readonly cpu?: HostCpu;
  /** Work of a hardware thread from the last bit of a frame in to the handler's call. Default 0. */
  readonly receiveStackPs?: number;
  /** Work of a hardware thread from a send call to the frame in the port's queue. Default 0. */
  readonly sendStackPs?: number;
  /** Frame octets that may wait for the processor, one UDP port (SO_RCVBUF). Default 4 MiB. */
  readonly receiveQueueOctets?: number;
  readonly arp?: ArpOptions;
}

type MutableAddresses = { -readonly [Field in keyof UdpFrameAddresses]: UdpFrameAddresses[Field] };

interface DatagramToSend {
  readonly index: number;
  readonly frame: Uint8Array;
  readonly nextAddress: number;
}

interface DatagramReceived {
  readonly endpoint: Endpoint;
  readonly datagram: UdpFrame;
  readonly interfaceIndex: number;
}

/**
 * The network stack of an ordinary host: ARP, ICMP echo and UDP over any number of interfaces, each in its own subnet,
 * and routes beyond them. It sends, and does not forward. Everything from the wire is hostile until checked; what is dropped is counted.
 */
export class HostStack {
  readonly interfaces: readonly HostInterface[];
  readonly counters: StackCounters = newStackCounters();

  private readonly context: StackContext;
  private readonly cpu: HostCpu | undefined;
  private readonly receiveStackPs: number;
  private readonly sendStackPs: number;
  private readonly receiveQueueOctets: number;
  private readonly arp: ArpProtocol;
  private readonly routes: RouteTable;
  private readonly interfaceRoutes: readonly RouteTable[];
  private readonly ownAddresses: ReadonlySet<number>;
  private readonly pings: Pings;
  private readonly endpoints = new UdpEndpoints();
  /**
   * Datagrams on the processor. Work of one kind takes equally long and begins in order, so it ends in order: a queue
   * and one callback serve all, without a closure a datagram.
   */
  private readonly sending = new Fifo<DatagramToSend>();
  private readonly receiving = new Fifo<DatagramReceived>();
  /** Filled and read within one call, so that a datagram costs no object for its addresses. */
  private readonly addresses: MutableAddresses = {
    dstMac: 0,
    srcMac: 0,
    srcAddress: 0,
    dstAddress: 0,
    srcPort: 0,
    dstPort: 0,
  };

  constructor(context: StackContext, options: HostStackOptions) {
    assert(options.interfaces.length > 0, 'a host without an interface');
    this.context = context;
    this.interfaces = options.interfaces;
    this.cpu = options.cpu;
    this.receiveStackPs = options.receiveStackPs ?? 0;
    this.sendStackPs = options.sendStackPs ?? 0;
    assert(this.cpu !== undefined || this.receiveStackPs + this.sendStackPs === 0, 'stack costs need a processor');
    this.receiveQueueOctets = options.receiveQueueOctets ?? 4 * 2 ** 20;
    this.arp = new ArpProtocol(context, options.interfaces, this.counters, (i, f) => this.sendFrame(i, f), options.arp);
    this.routes = new RouteTable(options.interfaces, options.routes ?? []);
    this.interfaceRoutes = options.interfaces.map((own, index) => {
      return new RouteTable([own], options.interfaceRoutes?.[index] ?? []);
    });
    this.ownAddresses = new Set(options.interfaces.map((entry) => entry.address));
    this.pings = new Pings(context);
  }

  /**
   * Binds a UDP port on all interfaces.
   * @param handler called for each datagram, in order of arrival, after the processor's work
   */
  bind(port: number, handler: DatagramHandler): void {
    this.endpoints.bind(port, handler, false);
  }

  /** The same for a port that the NIC's hardware serves (RoCEv2): the handler runs as the frame arrives, at no cost. */
  bindOffloaded(port: number, handler: DatagramHandler): void {
    this.endpoints.bind(port, handler, true);
  }

  unbind(port: number): void {
    this.endpoints.unbind(port);
  }

  /** A UDP port of the dynamic range that is not bound. */
  ephemeralPort(): number {
    return this.endpoints.ephemeralPort();
  }

  /**
   * Sends a datagram; the payload (at most 1,472 octets: nothing is fragmented) is copied before the call returns. It
   * leaves after the processor's work and, if need be, after ARP; it may be lost anywhere.
   * @param from interface to send from, as servers do that answer from the address that was asked; default: by the routes
   * @returns false when there is no route to the address
   */
  send(srcPort: number, dstAddress: number, dstPort: number, payload: Uint8Array, from?: number): boolean {
    if (payload.length > UDP_MAX_PAYLOAD_OCTETS) refuseLength('datagram', payload.length);
    const frame = allocateUdpFrame(payload.length);
    frame.set(payload, UDP_PAYLOAD_OFFSET);
    return this.sendInPlace(frame, payload.length, srcPort, dstAddress, dstPort, from);
  }

  /**
   * The same without the copy: a frame from `allocateUdpFrame` whose payload was written from `UDP_PAYLOAD_OFFSET` on.
   * The frame belongs to the stack from now on.
   */
  sendInPlace(
    frame: Uint8Array,
    payloadOctets: number,
    srcPort: number,
    dstAddress: number,
    dstPort: number,
    from?: number,
  ): boolean {
    const hop = from === undefined ? this.hopTo(dstAddress) : this.hopFrom(from, dstAddress);
    if (hop === undefined) {
      this.counters.noRoute++;
      return false;
    }
    const index = from ?? hop.interfaceIndex;
    const nextAddress = hop.address === 0 ? dstAddress : hop.address;
    const own = this.interfaces[index]!;
    const { addresses } = this;
    addresses.srcMac = own.mac;
    addresses.srcAddress = own.address;
    addresses.dstAddress = dstAddress;
    addresses.srcPort = srcPort;
    addresses.dstPort = dstPort;
    // The destination MAC is written last: it may have to be asked for.
    sealUdpFrame(frame, payloadOctets, addresses);
    this.counters.datagramsSent++;
    if (this.cpu === undefined) {
      this.depart(index, frame, nextAddress);
      return true;
    }
    const endPs = this.cpu.occupy(this.sendStackPs);
    if (endPs === this.context.nowPs()) this.depart(index, frame, nextAddress);
    else {
      this.sending.push({ index, frame, nextAddress });
      this.context.at(endPs, this.onSendStackDone);
    }
    return true;
  }

  /** Puts a complete frame into a port's queue at once and at no cost, as the NIC's hardware does. */
  sendFrame(interfaceIndex: number, frame: Uint8Array): boolean {
    if (frame.length < ETHERNET_MIN_FRAME_OCTETS) refuseLength('frame', frame.length);
    const sent = this.context.send(interfaceIndex, frame);
    if (sent) this.counters.framesSent++;
    else this.counters.egressDrops++;
    return sent;
  }

  /**
   * Sends an IPv4 frame that the hardware of an interface's NIC made (RoCEv2): at once and at no cost. To a station of
   * the interface's subnet it goes as it is, beyond that to the next hop's MAC.
   * @param frame ours to write to
   */
  sendOffloaded(interfaceIndex: number, frame: Uint8Array): void {
    const hop = this.hopFrom(interfaceIndex, readUint32(frame, ETHERNET_HEADER_OCTETS + IPV4_DESTINATION));
    if (hop === undefined) this.counters.noRoute++;
    else if (hop.address === 0) this.sendFrame(interfaceIndex, frame);
    else this.depart(interfaceIndex, frame, hop.address);
  }

  /** Calls back with the MAC that packets to an address go to, its own or a router's; undefined: no route or no answer. */
  resolve(address: number, then: ResolvedHandler): void {
    const hop = this.hopTo(address);
    if (hop !== undefined) this.arp.resolve(hop.interfaceIndex, hop.address === 0 ? address : hop.address, then);
    else {
      this.counters.noRoute++;
      then(undefined);
    }
  }

  /**
   * Echo request; calls back with the round trip in ps, or with undefined: after a second, without a route, or when an
   * ICMP error came instead, which is the second argument.
   * @param ttl routers on the way, at most; traceroute asks with 1, 2, 3 and so on
   */
  ping(address: number, then: PingHandler, ttl = DEFAULT_TTL): void {
    const hop = this.hopTo(address);
    if (hop === undefined) {
      this.counters.noRoute++;
      then(undefined);
      return;
    }
    const { interfaceIndex } = hop;
    const { identifier, sequence } = this.pings.start(address, then);
    this.arp.resolve(interfaceIndex, hop.address === 0 ? address : hop.address, (mac) => {
      if (mac === undefined) this.pings.fail(sequence);
      else this.sendEcho(interfaceIndex, mac, address, { kind: 'request', identifier, sequence, data: PING_DATA }, ttl);
    });
  }

  /** Tells everybody our addresses (RFC 5227 section 2.3), so that switches know the ports before traffic starts. */
  announce(): void {
    this.arp.announce();
  }

  /** The way to an address; undefined without one, or for our own. */
  hopTo(address: number): Hop | undefined {
    return this.ownAddresses.has(address) ? undefined : this.routes.lookUp(address)?.[0];
  }

  private hopFrom(interfaceIndex: number, address: number): Hop | undefined {
    return this.ownAddresses.has(address) ? undefined : this.interfaceRoutes[interfaceIndex]!.lookUp(address)?.[0];
  }

  /** A frame from the wire, whole. */
  onFrame(interfaceIndex: number, frame: Uint8Array): void {
    const to = this.interfaces[interfaceIndex];
    if (to === undefined) refuseInterface(interfaceIndex);
    this.counters.framesReceived++;
    if (frame.length < ETHERNET_HEADER_OCTETS) {
      this.counters.malformed++;
      return;
    }
    const dstMac = readMac(frame, ETHERNET_DESTINATION);
    if (dstMac !== to.mac && dstMac !== MAC_BROADCAST) {
      this.counters.notForUs++;
      return;
    }
    switch (readUint16(frame, ETHERNET_TYPE)) {
      case ETHER_TYPE_IPV4:
        // RFC 1122 3.2.1.3: a packet to one host must not come in a broadcast frame.
        if (dstMac === to.mac) this.onIpv4(interfaceIndex, to, frame);
        else this.counters.notForUs++;
        return;
      case ETHER_TYPE_ARP:
        this.arp.onFrame(interfaceIndex, frame);
        return;
      default:
        this.counters.unsupported++;
    }
  }

  /** Counters for a node's report, those of ARP and of the processor with them. */
  report(): Record<string, number> {
    return {
      ...this.counters,
      ...this.arp.resolverCounters(),
      ...this.cpu?.counters(),
    };
  }

  private onIpv4(interfaceIndex: number, to: HostInterface, frame: Uint8Array): void {
    const fault = udpFrameFault(frame);
    if (fault?.code === 'not-udp') {
      this.onOtherIpv4(interfaceIndex, to, frame);
      return;
    }
    if (fault !== undefined) {
      this.counters.malformed++;
      return;
    }
    const datagram = new UdpFrame(frame, ipv4PayloadStart(frame, ETHERNET_HEADER_OCTETS));
    if (datagram.dstAddress !== to.address) {
      this.counters.notForUs++;
      return;
    }
    const endpoint = this.endpoints.get(datagram.dstPort);
    if (endpoint === undefined) this.counters.portUnreachable++;
    else this.receive(endpoint, datagram, interfaceIndex);
  }

  private receive(endpoint: Endpoint, datagram: UdpFrame, interfaceIndex: number): void {
    if (this.cpu === undefined || endpoint.offloaded) {
      this.counters.datagramsReceived++;
      endpoint.handler?.(datagram, interfaceIndex);
      return;
    }
    const frameOctets = datagram.frame.length;
    if (endpoint.waitingOctets + frameOctets > this.receiveQueueOctets) {
      this.counters.receiveQueueDrops++;
      this.context.record({ kind: 'datagram-dropped', port: endpoint.port, reason: 'receive-queue-full' });
      return;
    }
    this.counters.datagramsReceived++;
    const endPs = this.cpu.occupy(this.receiveStackPs);
    if (endPs === this.context.nowPs()) {
      endpoint.handler?.(datagram, interfaceIndex);
      return;
    }
    endpoint.waitingOctets += frameOctets;
    this.receiving.push({ endpoint, datagram, interfaceIndex });
    this.context.at(endPs, this.onReceiveStackDone);
  }

  private readonly onSendStackDone = (): void => {
    const { index, frame, nextAddress } = this.sending.shift() as DatagramToSend;
    this.depart(index, frame, nextAddress);
  };

  private readonly onReceiveStackDone = (): void => {
    const { endpoint, datagram, interfaceIndex } = this.receiving.shift() as DatagramReceived;
    endpoint.waitingOctets -= datagram.frame.length;
    if (endpoint.handler === undefined) this.counters.portUnreachable++;
    else endpoint.handler(datagram, interfaceIndex);
  };

  private onOtherIpv4(interfaceIndex: number, to: HostInterface, frame: Uint8Array): void {
    const ip = parseIpv4(frame, ETHERNET_HEADER_OCTETS, frame.length);
    if (!ip.ok) {
      this.counters.malformed++;
      return;
    }
    const { protocol, srcAddress, dstAddress, payloadStart, payloadEnd } = ip.value;
    if (dstAddress !== to.address) {
      this.counters.notForUs++;
      return;
    }
    if (protocol !== PROTOCOL_ICMP) {
      this.counters.unsupported++;
      return;
    }
    const echo = parseIcmpEcho(frame, payloadStart, payloadEnd);
    if (!echo.ok) {
      if (echo.error.code !== 'icmp-not-echo') this.counters.malformed++;
      else this.onIcmpError(frame, srcAddress, payloadStart, payloadEnd);
      return;
    }
    if (echo.value.kind === 'reply') {
      if (!this.pings.onReply(srcAddress, echo.value.identifier, echo.value.sequence)) this.counters.unsupported++;
    } else {
      this.answerEcho(interfaceIndex, srcAddress, echo.value);
    }
  }

  /** The kernel answers by itself; its work is that of receiving and sending a datagram. */
  private answerEcho(interfaceIndex: number, address: number, request: IcmpEcho): void {
    // An answer to a foreign or impossible address would let a stranger aim our ARP requests.
    const hop = this.hopTo(address);
    if (hop?.interfaceIndex !== interfaceIndex) {
      this.counters.noRoute++;
      return;
    }
    this.counters.echoRequestsAnswered++;
    const answer = () =>
      this.arp.resolve(interfaceIndex, hop.address === 0 ? address : hop.address, (mac) => {
        if (mac !== undefined) this.sendEcho(interfaceIndex, mac, address, { ...request, kind: 'reply' });
      });
    if (this.cpu === undefined) answer();
    else this.cpu.run(this.receiveStackPs + this.sendStackPs, answer);
  }

  /** A router or a host could not pass on what we sent. */
  private onIcmpError(frame: Uint8Array, from: number, start: number, end: number): void {
    const error = readIcmpError(frame, start, end);
    if (error === undefined) {
      this.counters.unsupported++;
      return;
    }
    this.counters.icmpErrorsReceived++;
    this.pings.onError(frame, error, from);
  }

  private sendEcho(interfaceIndex: number, mac: number, address: number, echo: IcmpEcho, ttl = DEFAULT_TTL): void {
    const from = this.interfaces[interfaceIndex]!;
    const addresses = { dstMac: mac, srcMac: from.mac, srcAddress: from.address, dstAddress: address, ttl };
    this.sendFrame(interfaceIndex, buildIcmpEchoFrame(addresses, echo));
  }

  /** The last step of a datagram: the next hop's MAC, from the cache or after ARP. */
  private depart(interfaceIndex: number, frame: Uint8Array, nextAddress: number): void {
    const known = this.arp.lookup(nextAddress);
    if (known !== undefined) {
      writeMac(frame, ETHERNET_DESTINATION, known);
      this.sendFrame(interfaceIndex, frame);
      return;
    }
    this.arp.resolve(interfaceIndex, nextAddress, (mac) => {
      if (mac === undefined) {
        this.counters.hostUnreachable++;
        this.context.record({ kind: 'host-unreachable', address: formatIpv4Address(nextAddress) });
        return;
      }
      writeMac(frame, ETHERNET_DESTINATION, mac);
      this.sendFrame(interfaceIndex, frame);
    });
  }
}

/** Apart for speed, see time/scheduler.ts. */
function refuseLength(what: string, octets: number): never {
  throw new InvariantError(`${what} of ${octets} octets`);
}

function refuseInterface(interfaceIndex: number): never {
  throw new InvariantError(`the host has no interface ${interfaceIndex}`);
}
