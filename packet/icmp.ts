import { ok, type Result, wireError } from '../base/result.ts';
import { readUint16, writeUint16 } from './big-endian.ts';
import { internetChecksum, onesComplementSum } from './checksum.ts';
import { allocateFrame, ETHER_TYPE_IPV4, ETHERNET_HEADER_OCTETS, emitEthernet } from './ethernet.ts';
import { DEFAULT_TTL, emitIpv4, IPV4_HEADER_OCTETS, PROTOCOL_ICMP } from './ipv4.ts';

/** ICMP echo and its reply (RFC 792). Other messages are told apart but not read. */
const ICMP_TYPE = 0;
const ICMP_CODE = 1;
const ICMP_CHECKSUM = 2;
export const ICMP_IDENTIFIER = 4;
export const ICMP_SEQUENCE = 6;
export const ICMP_ECHO_HEADER_OCTETS = 8;

const TYPE_ECHO_REPLY = 0;
export const ICMP_TYPE_ECHO_REQUEST = 8;

export interface IcmpEcho {
  readonly kind: 'request' | 'reply';
  readonly identifier: number;
  readonly sequence: number;
  /** A reply repeats the request's. A view of the packet after parsing. */
  readonly data: Uint8Array;
}

/** Reads the ICMP message at `octets[start, end)`, the payload that `parseIpv4` found. */
export function parseIcmpEcho(octets: Uint8Array, start: number, end: number): Result<IcmpEcho> {
  if (end - start < ICMP_ECHO_HEADER_OCTETS) {
    return wireError('icmp-truncated', `${end - start} octets, expected at least ${ICMP_ECHO_HEADER_OCTETS}`, end);
  }
  if (onesComplementSum(octets, start, end) !== 0xffff) {
    return wireError('icmp-checksum', 'checksum is wrong', start + ICMP_CHECKSUM);
  }
  const type = octets[start + ICMP_TYPE]!;
  const code = octets[start + ICMP_CODE]!;
  if ((type !== ICMP_TYPE_ECHO_REQUEST && type !== TYPE_ECHO_REPLY) || code !== 0) {
    return wireError('icmp-not-echo', `type ${type} code ${code}, expected echo or its reply`, start);
  }
  return ok({
    kind: type === ICMP_TYPE_ECHO_REQUEST ? 'request' : 'reply',
    identifier: readUint16(octets, start + ICMP_IDENTIFIER),
    sequence: readUint16(octets, start + ICMP_SEQUENCE),
    data: octets.subarray(start + ICMP_ECHO_HEADER_OCTETS, end),
  });
}

export interface IcmpAddresses {
  readonly dstMac: number;
  readonly srcMac: number;
  readonly srcAddress: number;
  readonly dstAddress: number;
  /** Default 64. */
  readonly ttl?: number;
}

/** A whole frame with an echo or its reply. */
export function buildIcmpEchoFrame(addresses: IcmpAddresses, echo: IcmpEcho): Uint8Array {
  const icmpOctets = ICMP_ECHO_HEADER_OCTETS + echo.data.length;
  const frame = allocateFrame(IPV4_HEADER_OCTETS + icmpOctets);
  const { dstMac, srcMac, srcAddress, dstAddress, ttl = DEFAULT_TTL } = addresses;
  emitEthernet(frame, dstMac, srcMac, ETHER_TYPE_IPV4);
  emitIpv4(frame, ETHERNET_HEADER_OCTETS, icmpOctets, PROTOCOL_ICMP, srcAddress, dstAddress, ttl, 0, 0);
  const start = ETHERNET_HEADER_OCTETS + IPV4_HEADER_OCTETS;
  frame[start + ICMP_TYPE] = echo.kind === 'request' ? ICMP_TYPE_ECHO_REQUEST : TYPE_ECHO_REPLY;
  writeUint16(frame, start + ICMP_IDENTIFIER, echo.identifier);
  writeUint16(frame, start + ICMP_SEQUENCE, echo.sequence);
  frame.set(echo.data, start + ICMP_ECHO_HEADER_OCTETS);
  writeUint16(frame, start + ICMP_CHECKSUM, internetChecksum(frame, start, start + icmpOctets));
  return frame;
}

export function formatIcmpEcho(echo: IcmpEcho): string {
  return `ICMP echo ${echo.kind}, id ${echo.identifier}, seq ${echo.sequence}, length ${ICMP_ECHO_HEADER_OCTETS + echo.data.length}`;
}
