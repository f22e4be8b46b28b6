import { formatIpv4Address, inSamePrefix, parseIpv4Address } from '../packet/addresses.ts';

/** An IPv4 network: its address with host bits zero, below 2^32. */
export interface Prefix {
  readonly network: number;
  readonly prefixLength: number;
}

/** The network of an address. `prefixLength` is 0 to 32. */
export function networkOf(address: number, prefixLength: number): number {
  return prefixLength === 0 ? 0 : ((address >>> (32 - prefixLength)) << (32 - prefixLength)) >>> 0;
}

/** Reads `10.2.0.0/16` or `default`; undefined when it is neither. Host bits may be set. */
export function parsePrefix(text: string): { readonly address: number; readonly prefixLength: number } | undefined {
  if (text === 'default') return { address: 0, prefixLength: 0 };
  const [quad, length] = text.split('/');
  const address = parseIpv4Address(quad ?? '');
  const prefixLength = Number(length);
  return address === undefined || !(prefixLength >= 0 && prefixLength <= 32) ? undefined : { address, prefixLength };
}

export function formatPrefix({ network, prefixLength }: Prefix): string {
  return `${formatIpv4Address(network)}/${prefixLength}`;
}

/** Whether an address lies in a network. */
export function contains({ network, prefixLength }: Prefix, address: number): boolean {
  return inSamePrefix(network, address, prefixLength);
}

export function overlap(a: Prefix, b: Prefix): boolean {
  return inSamePrefix(a.network, b.network, Math.min(a.prefixLength, b.prefixLength));
}

/**
 * Whether an interface of the network may have the address: unicast, and neither the network's own nor its broadcast
 * address, which networks of two have not (RFC 3021).
 */
export function isInterfaceAddress(address: number, prefixLength: number): boolean {
  const first = address >>> 24;
  if (first === 0 || first === 127 || first >= 224 || prefixLength < 1 || prefixLength > 31) return false;
  if (prefixLength === 31) return true;
  const hostPart = address - networkOf(address, prefixLength);
  return hostPart !== 0 && hostPart !== 2 ** (32 - prefixLength) - 1;
}

/** Of text that was checked. */
export function addressOf(text: string): number {
  return parseIpv4Address(text) ?? 0;
}
