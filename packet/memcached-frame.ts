import { ok, type Result, wireError } from '../base/result.ts';
import { readUint16, writeUint16 } from './big-endian.ts';
import { allocateUdpFrame, sealUdpFrame, UDP_PAYLOAD_OFFSET, type UdpFrameAddresses } from './udp-frame.ts';

/** The 8-octet frame header before every memcached datagram (memcached's doc/protocol.txt, "UDP protocol"). */
export const MEMCACHED_REQUEST_ID = 0;
export const MEMCACHED_SEQUENCE = 2;
export const MEMCACHED_DATAGRAMS = 4;
export const MEMCACHED_RESERVED = 6;
export const MEMCACHED_FRAME_HEADER_OCTETS = 8;

export interface MemcachedFrameHeader {
  /** Chosen by the client, repeated in every datagram of the response. */
  readonly requestId: number;
  /** Index of this datagram in the message, from 0. */
  readonly sequence: number;
  /** Datagrams of the message, at least 1. */
  readonly datagrams: number;
}

/** Reads the header at `octets[start, end)`. The reserved word is not looked at, as memcached does not either. */
export function parseMemcachedFrame(octets: Uint8Array, start: number, end: number): Result<MemcachedFrameHeader> {
  if (end - start < MEMCACHED_FRAME_HEADER_OCTETS) {
    const message = `${end - start} octets, expected at least ${MEMCACHED_FRAME_HEADER_OCTETS}`;
    return wireError('memcached-frame-truncated', message, end);
  }
  const sequence = readUint16(octets, start + MEMCACHED_SEQUENCE);
  const datagrams = readUint16(octets, start + MEMCACHED_DATAGRAMS);
  if (sequence >= datagrams) {
    return wireError('memcached-frame-sequence', `datagram ${sequence} of ${datagrams}`, start + MEMCACHED_SEQUENCE);
  }
  return ok({ requestId: readUint16(octets, start + MEMCACHED_REQUEST_ID), sequence, datagrams });
}

export function emitMemcachedFrame(octets: Uint8Array, start: number, header: MemcachedFrameHeader): void {
  writeUint16(octets, start + MEMCACHED_REQUEST_ID, header.requestId);
  writeUint16(octets, start + MEMCACHED_SEQUENCE, header.sequence);
  writeUint16(octets, start + MEMCACHED_DATAGRAMS, header.datagrams);
  writeUint16(octets, start + MEMCACHED_RESERVED, 0);
}

/** A whole frame: headers, frame header, then `body`, this datagram's part of the ASCII message. */
export function buildMemcachedFrame(
  addresses: UdpFrameAddresses,
  header: MemcachedFrameHeader,
  body: Uint8Array,
): Uint8Array {
  const payloadOctets = MEMCACHED_FRAME_HEADER_OCTETS + body.length;
  const frame = allocateUdpFrame(payloadOctets);
  emitMemcachedFrame(frame, UDP_PAYLOAD_OFFSET, header);
  frame.set(body, UDP_PAYLOAD_OFFSET + MEMCACHED_FRAME_HEADER_OCTETS);
  sealUdpFrame(frame, payloadOctets, addresses);
  return frame;
}

export function formatMemcachedFrame(header: MemcachedFrameHeader): string {
  return `memcached request ${header.requestId} datagram ${header.sequence}/${header.datagrams}`;
}
