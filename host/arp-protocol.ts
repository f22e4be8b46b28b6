import { formatIpv4Address, inSamePrefix, isGroupMac, MAC_BROADCAST } from '../packet/addresses.ts';
import { ARP_REPLY, ARP_REQUEST, type ArpPacket, buildArpFrame, parseArpFrame } from '../packet/arp.ts';
import { type ArpOptions, ArpResolver, type ResolvedHandler } from './arp-resolver.ts';
import type { HostInterface, StackContext } from './host-interface.ts';
import type { StackCounters } from './stack-counters.ts';

type ArpCounters = Pick<StackCounters, 'malformed' | 'arpRequestsAnswered' | 'arpConflicts' | 'arpRefused'>;
type ArpContext = Pick<StackContext, 'nowPs' | 'at' | 'cancel' | 'record'>;

/** ARP on the wire (RFC 826): asks, answers, and decides whose word is taken. */
export class ArpProtocol {
  private readonly context: ArpContext;
  private readonly interfaces: readonly HostInterface[];
  private readonly counters: ArpCounters;
  private readonly sendFrame: (interfaceIndex: number, frame: Uint8Array) => void;
  private readonly resolver: ArpResolver;

  constructor(
    context: ArpContext,
    interfaces: readonly HostInterface[],
    counters: ArpCounters,
    sendFrame: (interfaceIndex: number, frame: Uint8Array) => void,
    options?: ArpOptions,
  ) {
    this.context = context;
    this.interfaces = interfaces;
    this.counters = counters;
    this.sendFrame = sendFrame;
    const ask = (index: number, address: number) => this.send(index, MAC_BROADCAST, ARP_REQUEST, 0, address);
    this.resolver = new ArpResolver(context, ask, options);
  }

  /** The MAC, when it is known and fresh. */
  lookup(address: number): number | undefined {
    return this.resolver.lookup(address);
  }

  /** See `ArpResolver.resolve`. */
  resolve(interfaceIndex: number, address: number, then: ResolvedHandler): void {
    this.resolver.resolve(interfaceIndex, address, then);
  }

  /** Says our own addresses to everybody (RFC 5227 section 2.3). */
  announce(): void {
    this.interfaces.forEach((from, index) => {
      this.send(index, MAC_BROADCAST, ARP_REQUEST, 0, from.address);
    });
  }

  /** A frame of type ARP that is for us or for all. */
  onFrame(interfaceIndex: number, frame: Uint8Array): void {
    const parsed = parseArpFrame(frame);
    if (!parsed.ok) {
      this.counters.malformed++;
      return;
    }
    const packet = parsed.value;
    const to = this.interfaces[interfaceIndex]!;
    this.learnFrom(to, packet);
    if (packet.operation !== ARP_REQUEST || packet.targetAddress !== to.address) return;
    if (packet.senderAddress === to.address || isImpossibleMac(packet.senderMac)) return;
    this.counters.arpRequestsAnswered++;
    this.send(interfaceIndex, packet.senderMac, ARP_REPLY, packet.senderMac, packet.senderAddress);
  }

  resolverCounters(): Record<string, number> {
    return {
      arpRequestsSent: this.resolver.requestsSent,
      arpResolutionsFailed: this.resolver.resolutionsFailed,
      arpPendingOverflows: this.resolver.pendingOverflows,
    };
  }

  /**
   * RFC 826's merge: an address that is known or asked for is updated by any packet of its owner; one that is not is
   * remembered only when the packet asks us, since then it will want an answer soon. What cannot be an owner is not.
   */
  private learnFrom(to: HostInterface, packet: ArpPacket): void {
    const { senderAddress, senderMac, targetAddress } = packet;
    if (senderAddress === 0) return;
    if (senderAddress === to.address) {
      if (senderMac === to.mac) return;
      this.counters.arpConflicts++;
      this.context.record({ kind: 'address-conflict', address: formatIpv4Address(senderAddress) });
      return;
    }
    if (isImpossibleMac(senderMac) || !inSamePrefix(senderAddress, to.address, to.prefixLength)) {
      this.counters.arpRefused++;
      return;
    }
    const asksUs = packet.operation === ARP_REQUEST && targetAddress === to.address;
    if (asksUs || this.resolver.knows(senderAddress)) this.resolver.learn(senderAddress, senderMac);
  }

  private send(index: number, dstMac: number, operation: number, targetMac: number, targetAddress: number): void {
    const from = this.interfaces[index]!;
    const packet = { operation, senderMac: from.mac, senderAddress: from.address, targetMac, targetAddress };
    this.sendFrame(index, buildArpFrame(dstMac, packet));
  }
}

/** No interface may have it: all zeros, or a group. */
function isImpossibleMac(mac: number): boolean {
  return mac === 0 || isGroupMac(mac);
}
