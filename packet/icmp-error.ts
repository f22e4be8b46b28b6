import { readUint16, writeUint16 } from './big-endian.ts';
import { internetChecksum } from './checksum.ts';
import { allocateFrame, ETHER_TYPE_IPV4, ETHERNET_HEADER_OCTETS, emitEthernet } from './ethernet.ts';
import {
  DEFAULT_TTL,
  emitIpv4,
  IPV4_FLAGS_OFFSET,
  IPV4_HEADER_OCTETS,
  IPV4_PROTOCOL,
  IPV4_TOTAL_LENGTH,
  ipv4PayloadStart,
  PROTOCOL_ICMP,
} from './ipv4.ts';

/** ICMP errors (RFC 792): a header of 8 octets, and the beginning of the packet that caused it. */
export const ICMP_DESTINATION_UNREACHABLE = 3;
export const ICMP_TIME_EXCEEDED = 11;

export const CODE_NET_UNREACHABLE = 0;
export const CODE_HOST_UNREACHABLE = 1;
export const CODE_PROTOCOL_UNREACHABLE = 2;
export const CODE_PORT_UNREACHABLE = 3;
export const CODE_TTL_EXCEEDED = 0;

const ICMP_HEADER_OCTETS = 8;
/** An error repeats as much of the packet as it can without being longer than this (RFC 1812 section 4.3.2.3). */
const LONGEST_DATAGRAM_OCTETS = 576;
/** Precedence 6, internetwork control (RFC 1812 section 4.3.2.5). */
const TOS_INTERNETWORK_CONTROL = 0xc0;

/** Echo reply and request, timestamp and information, which are no errors (RFC 1122 section 3.2.2). */
const QUERY_TYPES: ReadonlySet<number> = new Set([0, 8, 13, 14, 15, 16]);

export interface IcmpErrorAddresses {
  readonly dstMac: number;
  readonly srcMac: number;
  readonly srcAddress: number;
  readonly dstAddress: number;
}

/**
 * A whole frame with an error about a packet.
 * @param about frame with the packet; its IPv4 header starts behind the Ethernet header and is sound
 */
export function buildIcmpErrorFrame(
  { dstMac, srcMac, srcAddress, dstAddress }: IcmpErrorAddresses,
  type: number,
  code: number,
  about: Uint8Array,
): Uint8Array {
  const aboutOctets = readUint16(about, ETHERNET_HEADER_OCTETS + IPV4_TOTAL_LENGTH);
  const quoted = Math.min(aboutOctets, LONGEST_DATAGRAM_OCTETS - IPV4_HEADER_OCTETS - ICMP_HEADER_OCTETS);
  const icmpOctets = ICMP_HEADER_OCTETS + quoted;
  const frame = allocateFrame(IPV4_HEADER_OCTETS + icmpOctets);
  emitEthernet(frame, dstMac, srcMac, ETHER_TYPE_IPV4);
  emitIpv4(
    frame,
    ETHERNET_HEADER_OCTETS,
    icmpOctets,
    PROTOCOL_ICMP,
    srcAddress,
    dstAddress,
    DEFAULT_TTL,
    0,
    TOS_INTERNETWORK_CONTROL,
  );
  const start = ETHERNET_HEADER_OCTETS + IPV4_HEADER_OCTETS;
  frame[start] = type;
  frame[start + 1] = code;
  frame.set(about.subarray(ETHERNET_HEADER_OCTETS, ETHERNET_HEADER_OCTETS + quoted), start + ICMP_HEADER_OCTETS);
  writeUint16(frame, start + 2, internetChecksum(frame, start, start + icmpOctets));
  return frame;
}

/**
 * Whether an error may be sent about the packet, as far as it can be seen in it (RFC 1812 section 4.3.2.7): not about
 * an ICMP error, nor about a fragment but the first. Addresses are the caller's to judge.
 * @param about frame with a sound IPv4 header behind the Ethernet header
 */
export function mayCauseError(about: Uint8Array): boolean {
  if ((readUint16(about, ETHERNET_HEADER_OCTETS + IPV4_FLAGS_OFFSET) & 0x1fff) !== 0) return false;
  if (about[ETHERNET_HEADER_OCTETS + IPV4_PROTOCOL] !== PROTOCOL_ICMP) return true;
  return QUERY_TYPES.has(about[ipv4PayloadStart(about, ETHERNET_HEADER_OCTETS)] ?? -1);
}

/** What an error says, and about which packet of ours. */
export interface IcmpError {
  readonly type: number;
  readonly code: number;
  /** Of the packet that caused it; where it lies in the buffer that was handed in. */
  readonly packetStart: number;
  readonly packetEnd: number;
}

/** Reads an error at `octets[start, end)`, whose checksum is sound; undefined when it is none, or too short for one. */
export function readIcmpError(octets: Uint8Array, start: number, end: number): IcmpError | undefined {
  const type = octets[start]!;
  if (type !== ICMP_DESTINATION_UNREACHABLE && type !== ICMP_TIME_EXCEEDED) return undefined;
  const packetStart = start + ICMP_HEADER_OCTETS;
  // At least a header and the 8 octets behind it (RFC 792).
  if (end - packetStart < IPV4_HEADER_OCTETS + 8) return undefined;
  return { type, code: octets[start + 1]!, packetStart, packetEnd: end };
}
