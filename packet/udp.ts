import { ok, type Result, type WireError } from '../base/result.ts';
import { readUint16, writeUint16 } from './big-endian.ts';
import { foldSum, onesComplementSum } from './checksum.ts';
import { IPV4_DESTINATION, IPV4_SOURCE, PROTOCOL_UDP } from './ipv4.ts';

/** UDP over IPv4 (RFC 768). The checksum covers a pseudo header; zero means that the sender made none. */
export const UDP_SOURCE_PORT = 0;
export const UDP_DESTINATION_PORT = 2;
export const UDP_LENGTH = 4;
export const UDP_CHECKSUM = 6;
export const UDP_HEADER_OCTETS = 8;

/** Ports of the testbed. */
export const PORT_LAMBDA = 4369;
export const PORT_MANAGEMENT = 4370;
/** M1 tells here whether the workers run their firmware (docs/run-program.md). */
export const PORT_READINESS = 4371;
export const PORT_ROCE = 4791;
export const PORT_MEMCACHED = 11_211;

export interface UdpHeader {
  readonly srcPort: number;
  readonly dstPort: number;
  /** The sender made no checksum. */
  readonly zeroChecksum: boolean;
  /** Where the payload lies in the buffer that was handed in. */
  readonly payloadStart: number;
  readonly payloadEnd: number;
}

/**
 * What is wrong with the datagram at `octets[start, end)`, or undefined.
 * @param ipStart offset of the IPv4 header before it, whose addresses the checksum covers
 */
export function udpFault(octets: Uint8Array, ipStart: number, start: number, end: number): WireError | undefined {
  if (end - start < UDP_HEADER_OCTETS) return fault('udp-truncated', `${end - start} octets, expected 8`, end);
  const udpOctets = readUint16(octets, start + UDP_LENGTH);
  if (udpOctets < UDP_HEADER_OCTETS || udpOctets > end - start) {
    return fault('udp-length', `length ${udpOctets}, expected 8 to ${end - start}`, start + UDP_LENGTH);
  }
  if (readUint16(octets, start + UDP_CHECKSUM) === 0) return undefined;
  if (udpSum(octets, ipStart, start, udpOctets) !== 0xffff) {
    return fault('udp-checksum', 'checksum is wrong', start + UDP_CHECKSUM);
  }
  return undefined;
}

export function parseUdp(octets: Uint8Array, ipStart: number, start: number, end: number): Result<UdpHeader> {
  const error = udpFault(octets, ipStart, start, end);
  if (error !== undefined) return { ok: false, error };
  return ok({
    srcPort: readUint16(octets, start + UDP_SOURCE_PORT),
    dstPort: readUint16(octets, start + UDP_DESTINATION_PORT),
    zeroChecksum: readUint16(octets, start + UDP_CHECKSUM) === 0,
    payloadStart: start + UDP_HEADER_OCTETS,
    payloadEnd: start + readUint16(octets, start + UDP_LENGTH),
  });
}

/** Writes the 8 octets of the header; the IPv4 header and the payload are in place already, as the checksum covers them. */
export function emitUdp(
  octets: Uint8Array,
  ipStart: number,
  start: number,
  srcPort: number,
  dstPort: number,
  payloadOctets: number,
  zeroChecksum: boolean,
): void {
  const udpOctets = UDP_HEADER_OCTETS + payloadOctets;
  writeUint16(octets, start + UDP_SOURCE_PORT, srcPort);
  writeUint16(octets, start + UDP_DESTINATION_PORT, dstPort);
  writeUint16(octets, start + UDP_LENGTH, udpOctets);
  writeUint16(octets, start + UDP_CHECKSUM, 0);
  if (zeroChecksum) return;
  const checksum = ~udpSum(octets, ipStart, start, udpOctets) & 0xffff;
  // RFC 768: a checksum that comes out as zero is sent as all ones.
  writeUint16(octets, start + UDP_CHECKSUM, checksum === 0 ? 0xffff : checksum);
}

export function formatUdp(header: UdpHeader): string {
  return `UDP ${header.srcPort} > ${header.dstPort}, length ${header.payloadEnd - header.payloadStart}`;
}

/** Sum over pseudo header, header and payload. The two addresses are summed where they lie in the IPv4 header. */
function udpSum(octets: Uint8Array, ipStart: number, start: number, udpOctets: number): number {
  if (ipStart + IPV4_DESTINATION + 4 === start) {
    // No options: the addresses lie right before the UDP header, so one run covers all.
    return foldSum(onesComplementSum(octets, ipStart + IPV4_SOURCE, start + udpOctets) + PROTOCOL_UDP + udpOctets);
  }
  const addresses = onesComplementSum(octets, ipStart + IPV4_SOURCE, ipStart + IPV4_DESTINATION + 4);
  return foldSum(addresses + onesComplementSum(octets, start, start + udpOctets) + PROTOCOL_UDP + udpOctets);
}

function fault(code: string, message: string, offset: number): WireError {
  return { code, message, offset };
}
