import { readUint32, writeUint32 } from './big-endian.ts';

/**
 * Addresses as plain numbers: a MAC is an integer below 2^48, an IPv4 address one below 2^32, both in network order
 * (the first octet on the wire is the most significant). Numbers compare, hash and copy without allocating.
 */

export const MAC_OCTETS = 6;
export const MAC_BROADCAST = 0xffff_ffff_ffff;
export const MAC_ZERO = 0;

/** Group bit of the first octet (IEEE 802-2014, 8.2): broadcast and multicast. */
export function isGroupMac(mac: number): boolean {
  return (Math.floor(mac / 2 ** 40) & 1) === 1;
}

export function readMac(octets: Uint8Array, offset: number): number {
  const high = (octets[offset]! << 8) | octets[offset + 1]!;
  return high * 2 ** 32 + readUint32(octets, offset + 2);
}

export function writeMac(octets: Uint8Array, offset: number, mac: number): void {
  const high = Math.floor(mac / 2 ** 32);
  octets[offset] = high >>> 8;
  octets[offset + 1] = high;
  writeUint32(octets, offset + 2, mac - high * 2 ** 32);
}

const MAC_TEXT = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

/** Reads `00:15:4d:00:02:01`; undefined when it is not six pairs of hexadecimal digits with colons. */
export function parseMac(text: string): number | undefined {
  return MAC_TEXT.test(text) ? Number.parseInt(text.replaceAll(':', ''), 16) : undefined;
}

/** Lower case with colons. */
export function formatMac(mac: number): string {
  const digits = mac.toString(16).padStart(12, '0');
  return digits.replace(/..(?=.)/g, '$&:');
}

/** Reads a dotted quad without leading zeros (RFC 6943 section 3.1.1 tells why those are ambiguous); undefined otherwise. */
export function parseIpv4Address(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let address = 0;
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part)) return undefined;
    const octet = Number(part);
    if (octet > 255) return undefined;
    address = address * 256 + octet;
  }
  return address;
}

export function formatIpv4Address(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** Whether two addresses share a network of `prefixLength` bits, 0 to 32. */
export function inSamePrefix(one: number, other: number, prefixLength: number): boolean {
  if (prefixLength === 0) return true;
  return (one ^ other) >>> (32 - prefixLength) === 0;
}
