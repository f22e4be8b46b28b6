import { readUint16, readUint32 } from '../../../packet/big-endian.ts';
import { ETHERNET_HEADER_OCTETS } from '../../../packet/ethernet.ts';
import {
  IPV4_DESTINATION,
  IPV4_FLAGS_OFFSET,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  ipv4PayloadStart,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
} from '../../../packet/ipv4.ts';

const MORE_FRAGMENTS_OR_OFFSET = 0x3fff;

/**
 * Hash of a packet's flow: addresses, protocol and, of TCP and UDP, the ports, RoCEv2's source port among them, which
 * varies by queue pair for this very purpose (IBTA annex A17, 17.9.2). All packets of a flow hash alike, so they keep
 * their order; fragments have no ports to read, and hash without (RFC 2992 has the analysis of such a choice).
 * @param frame with a sound IPv4 header behind the Ethernet header
 * @param seed 32 bits: routers with equal seeds make equal choices
 * @returns 32 bits, unsigned
 */
export function flowHash(frame: Uint8Array, seed: number): number {
  const protocol = frame[ETHERNET_HEADER_OCTETS + IPV4_PROTOCOL]!;
  let hash = mix(seed, readUint32(frame, ETHERNET_HEADER_OCTETS + IPV4_SOURCE));
  hash = mix(hash, readUint32(frame, ETHERNET_HEADER_OCTETS + IPV4_DESTINATION));
  hash = mix(hash, protocol);
  const hasPorts = protocol === PROTOCOL_UDP || protocol === PROTOCOL_TCP;
  const fragment = (readUint16(frame, ETHERNET_HEADER_OCTETS + IPV4_FLAGS_OFFSET) & MORE_FRAGMENTS_OR_OFFSET) !== 0;
  const start = ipv4PayloadStart(frame, ETHERNET_HEADER_OCTETS);
  if (hasPorts && !fragment && start + 4 <= frame.length) hash = mix(hash, readUint32(frame, start));
  return avalanche(hash) >>> 0;
}

/** One of `count` ways, each for an equal share of all hashes. */
export function wayOf(hash: number, count: number): number {
  return Math.floor((hash * count) / 2 ** 32);
}

/** One word into the state (MurmurHash3, 32 bits; Appleby, public domain). */
function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e_2d51);
  k = (k << 15) | (k >>> 17);
  k = Math.imul(k, 0x1b87_3593);
  const mixed = hash ^ k;
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe654_6b64) | 0;
}

function avalanche(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return h ^ (h >>> 16);
}
