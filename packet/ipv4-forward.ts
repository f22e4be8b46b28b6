import { readUint16, writeUint16 } from './big-endian.ts';
import { foldSum } from './checksum.ts';
import { IPV4_CHECKSUM, IPV4_TTL } from './ipv4.ts';

/**
 * Takes one from the TTL of the header at `start`, above zero, and corrects the checksum for it without summing the
 * header again: HC' = ~(~HC + ~m + m') (RFC 1624 section 3, equation 3), m being the word of TTL and protocol.
 */
export function decrementTtl(octets: Uint8Array, start: number): void {
  const before = readUint16(octets, start + IPV4_TTL);
  const after = before - 0x0100;
  const checksum = readUint16(octets, start + IPV4_CHECKSUM);
  writeUint16(octets, start + IPV4_TTL, after);
  writeUint16(octets, start + IPV4_CHECKSUM, ~foldSum((~checksum & 0xffff) + (~before & 0xffff) + after) & 0xffff);
}
