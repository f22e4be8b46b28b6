import { readUint16, writeUint16 } from './big-endian.ts';
import { ETHER_TYPE_IPV4 } from './ethernet.ts';
import { IPV4_CHECKSUM, IPV4_TOS } from './ipv4.ts';
import { etherTypeAt } from './vlan.ts';

/** Explicit congestion notification in the IPv4 header (RFC 3168 section 5): the two low bits of the type of service. */
export const NOT_ECT = 0;
export const ECT_1 = 1;
export const ECT_0 = 2;
export const CONGESTION_EXPERIENCED = 3;

/** The code point of a frame; `NOT_ECT` of what is not IPv4. */
export function congestionOf(frame: Uint8Array): number {
  const typeAt = etherTypeAt(frame);
  if (readUint16(frame, typeAt) !== ETHER_TYPE_IPV4) return NOT_ECT;
  return frame[typeAt + 2 + IPV4_TOS]! & 3;
}

/** A copy of an IPv4 frame that says congestion was experienced; the checksum is updated as RFC 1624 section 3 says. */
export function markCongestion(frame: Uint8Array): Uint8Array {
  const marked = frame.slice();
  const ipAt = etherTypeAt(frame) + 2;
  const before = readUint16(marked, ipAt);
  marked[ipAt + IPV4_TOS] = marked[ipAt + IPV4_TOS]! | CONGESTION_EXPERIENCED;
  const after = readUint16(marked, ipAt);
  const sum = (~readUint16(marked, ipAt + IPV4_CHECKSUM) & 0xffff) + (~before & 0xffff) + after;
  const folded = (sum & 0xffff) + (sum >>> 16);
  writeUint16(marked, ipAt + IPV4_CHECKSUM, ~((folded & 0xffff) + (folded >>> 16)) & 0xffff);
  return marked;
}
