import { ok, type Result, type WireError } from '../base/result.ts';
import { formatIpv4Address } from './addresses.ts';
import { readUint16, readUint32, writeUint16, writeUint32 } from './big-endian.ts';
import { internetChecksum, onesComplementSum } from './checksum.ts';

/**
 * IPv4 (RFC 791). Options are skipped, fragments are refused: no device of the testbed fragments, and everything that
 * we send has DF set, so the identification means nothing (RFC 6864 section 4.1).
 */
export const IPV4_VERSION_IHL = 0;
export const IPV4_TOS = 1;
export const IPV4_TOTAL_LENGTH = 2;
export const IPV4_IDENTIFICATION = 4;
export const IPV4_FLAGS_OFFSET = 6;
export const IPV4_TTL = 8;
export const IPV4_PROTOCOL = 9;
export const IPV4_CHECKSUM = 10;
export const IPV4_SOURCE = 12;
export const IPV4_DESTINATION = 16;
export const IPV4_HEADER_OCTETS = 20;

export const IPV4_DONT_FRAGMENT = 0x4000;
const IPV4_MORE_FRAGMENTS_OR_OFFSET = 0x3fff;

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;

export const DEFAULT_TTL = 64;

export interface Ipv4Header {
  readonly tos: number;
  readonly identification: number;
  readonly ttl: number;
  readonly protocol: number;
  readonly srcAddress: number;
  readonly dstAddress: number;
  /** Where the payload lies in the buffer that was handed in. */
  readonly payloadStart: number;
  readonly payloadEnd: number;
}

/** What is wrong with the packet at `octets[start, end)`, or undefined. `end` may include Ethernet padding. */
export function ipv4Fault(octets: Uint8Array, start: number, end: number): WireError | undefined {
  const badHeader = ipv4HeaderFault(octets, start, end);
  if (badHeader !== undefined) return badHeader;
  if ((readUint16(octets, start + IPV4_FLAGS_OFFSET) & IPV4_MORE_FRAGMENTS_OR_OFFSET) !== 0) {
    return fault('ipv4-fragment', 'fragments are not supported', start + IPV4_FLAGS_OFFSET);
  }
  return undefined;
}

/** The same for whom fragments are packets as any others: a router. */
export function ipv4HeaderFault(octets: Uint8Array, start: number, end: number): WireError | undefined {
  if (end - start < IPV4_HEADER_OCTETS) return fault('ipv4-truncated', `${end - start} octets, expected 20`, end);
  const versionIhl = octets[start]!;
  if (versionIhl >>> 4 !== 4) return fault('ipv4-version', `version ${versionIhl >>> 4}, expected 4`, start);
  const headerOctets = (versionIhl & 15) * 4;
  if (headerOctets < IPV4_HEADER_OCTETS || headerOctets > end - start) {
    return fault('ipv4-header-length', `header of ${headerOctets} octets in ${end - start}`, start);
  }
  const totalOctets = readUint16(octets, start + IPV4_TOTAL_LENGTH);
  if (totalOctets < headerOctets || totalOctets > end - start) {
    const message = `total length ${totalOctets}, expected ${headerOctets} to ${end - start}`;
    return fault('ipv4-total-length', message, start + IPV4_TOTAL_LENGTH);
  }
  if (onesComplementSum(octets, start, start + headerOctets) !== 0xffff) {
    return fault('ipv4-checksum', 'header checksum is wrong', start + IPV4_CHECKSUM);
  }
  return undefined;
}

/** Offset of the payload; `ipv4Fault` has passed. */
export function ipv4PayloadStart(octets: Uint8Array, start: number): number {
  return start + (octets[start]! & 15) * 4;
}

/** Offset after the payload; `ipv4Fault` has passed. */
export function ipv4PayloadEnd(octets: Uint8Array, start: number): number {
  return start + readUint16(octets, start + IPV4_TOTAL_LENGTH);
}

export function parseIpv4(octets: Uint8Array, start: number, end: number): Result<Ipv4Header> {
  const error = ipv4Fault(octets, start, end);
  if (error !== undefined) return { ok: false, error };
  return ok({
    tos: octets[start + IPV4_TOS]!,
    identification: readUint16(octets, start + IPV4_IDENTIFICATION),
    ttl: octets[start + IPV4_TTL]!,
    protocol: octets[start + IPV4_PROTOCOL]!,
    srcAddress: readUint32(octets, start + IPV4_SOURCE),
    dstAddress: readUint32(octets, start + IPV4_DESTINATION),
    payloadStart: ipv4PayloadStart(octets, start),
    payloadEnd: ipv4PayloadEnd(octets, start),
  });
}

/** Writes a header of 20 octets with its checksum; DF set. Positional, because it runs once a frame. */
export function emitIpv4(
  octets: Uint8Array,
  start: number,
  payloadOctets: number,
  protocol: number,
  srcAddress: number,
  dstAddress: number,
  ttl: number,
  identification: number,
  tos: number,
): void {
  octets[start + IPV4_VERSION_IHL] = 0x45;
  octets[start + IPV4_TOS] = tos;
  writeUint16(octets, start + IPV4_TOTAL_LENGTH, IPV4_HEADER_OCTETS + payloadOctets);
  writeUint16(octets, start + IPV4_IDENTIFICATION, identification);
  writeUint16(octets, start + IPV4_FLAGS_OFFSET, IPV4_DONT_FRAGMENT);
  octets[start + IPV4_TTL] = ttl;
  octets[start + IPV4_PROTOCOL] = protocol;
  writeUint16(octets, start + IPV4_CHECKSUM, 0);
  writeUint32(octets, start + IPV4_SOURCE, srcAddress);
  writeUint32(octets, start + IPV4_DESTINATION, dstAddress);
  writeUint16(octets, start + IPV4_CHECKSUM, internetChecksum(octets, start, start + IPV4_HEADER_OCTETS));
}

export function formatIpv4(header: Ipv4Header): string {
  const payloadOctets = header.payloadEnd - header.payloadStart;
  return `IP ${formatIpv4Address(header.srcAddress)} > ${formatIpv4Address(header.dstAddress)}: protocol ${header.protocol}, length ${payloadOctets}`;
}

function fault(code: string, message: string, offset: number): WireError {
  return { code, message, offset };
}
