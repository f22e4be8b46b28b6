/**
 * Big-endian integers (network order) by plain indexing: a view a frame would cost ten times as much.
 * Callers have checked the length; reading past the end gives a meaningless number, writing there does nothing.
 */

export function readUint16(octets: Uint8Array, offset: number): number {
  return (octets[offset]! << 8) | octets[offset + 1]!;
}

export function readUint32(octets: Uint8Array, offset: number): number {
  return (
    ((octets[offset]! << 24) | (octets[offset + 1]! << 16) | (octets[offset + 2]! << 8) | octets[offset + 3]!) >>> 0
  );
}

export function writeUint16(octets: Uint8Array, offset: number, value: number): void {
  octets[offset] = value >>> 8;
  octets[offset + 1] = value;
}

export function writeUint32(octets: Uint8Array, offset: number, value: number): void {
  octets[offset] = value >>> 24;
  octets[offset + 1] = value >>> 16;
  octets[offset + 2] = value >>> 8;
  octets[offset + 3] = value;
}

/** 64-bit values are `bigint`: memory addresses of RDMA are opaque to this code. */
export function readUint64(octets: Uint8Array, offset: number): bigint {
  return (BigInt(readUint32(octets, offset)) << 32n) | BigInt(readUint32(octets, offset + 4));
}

export function writeUint64(octets: Uint8Array, offset: number, value: bigint): void {
  writeUint32(octets, offset, Number((value >> 32n) & 0xffff_ffffn));
  writeUint32(octets, offset + 4, Number(value & 0xffff_ffffn));
}
