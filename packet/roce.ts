import { crc32 } from 'node:zlib';
import { InvariantError } from '../base/assert.ts';
import { ok, type Result, wireError } from '../base/result.ts';
import { readUint16, readUint32, readUint64, writeUint16, writeUint32, writeUint64 } from './big-endian.ts';
import { ETHERNET_HEADER_OCTETS } from './ethernet.ts';
import { IPV4_CHECKSUM, IPV4_HEADER_OCTETS, IPV4_TOS, IPV4_TTL } from './ipv4.ts';
import { formatRoceOpcode, type RoceOpcode, roceOpcode } from './roce-opcodes.ts';
import { UDP_CHECKSUM, UDP_HEADER_OCTETS } from './udp.ts';
import {
  allocateUdpFrame,
  sealUdpFrame,
  UDP_PAYLOAD_OFFSET,
  type UdpFrame,
  type UdpFrameAddresses,
} from './udp-frame.ts';

/**
 * RoCEv2 (InfiniBand Architecture Specification volume 1, annex A17): InfiniBand transport packets over UDP 4791.
 * Base transport header (BTH, section 9.2), then by opcode RETH, AETH and ImmDt (9.3), payload padded to 4 octets, and
 * the invariant CRC (7.8.1). Reliable connection only; no atomics.
 */
const BTH_OPCODE = 0;
/** SE, M (MigReq), 2 bits of pad count, 4 bits of transport version. */
const BTH_FLAGS = 1;
const BTH_SOLICITED = 0x80;
/**
 * MigReq. A connection without an alternate path is in the state Migrated (17.2.8) and says so in every packet, as the
 * drivers that build headers in software do (Linux, drivers/infiniband/hw/hfi1/ruc.c and qib_ruc.c: IB_BTH_MIG_REQ in
 * IB_MIG_MIGRATED). Receivers without path migration do not look at it, and Linux' rxe leaves it zero.
 */
const BTH_MIGRATED = 0x40;
const BTH_PARTITION_KEY = 2;
/** FECN, BECN and 6 reserved bits; not covered by the ICRC. */
const BTH_RESERVED_8A = 4;
/** Followed by the queue pair's 24 bits. */
const BTH_DESTINATION_QP_WORD = 4;
/** AckReq, 7 reserved bits, 24 bits of PSN. */
const BTH_PSN_WORD = 8;
export const BTH_OCTETS = 12;
export const RETH_OCTETS = 16;
export const AETH_OCTETS = 4;
export const IMMEDIATE_OCTETS = 4;
export const ICRC_OCTETS = 4;

export const DEFAULT_PARTITION_KEY = 0xffff;

/** AETH syndromes (9.7.5.2.1): kind in bits 6 and 5, value in bits 4 to 0. */
export const AETH_KIND_MASK = 0x60;
export const AETH_VALUE_MASK = 0x1f;
export const AETH_KIND_ACK = 0x00;
export const AETH_KIND_RNR_NAK = 0x20;
export const AETH_KIND_NAK = 0x60;
/** An ACK whose sender does not count credits. */
export const AETH_ACK_NO_CREDITS = 0x1f;
export const AETH_NAK_PSN_SEQUENCE = 0x60;
export const AETH_NAK_INVALID_REQUEST = 0x61;
export const AETH_NAK_REMOTE_ACCESS = 0x62;
export const AETH_NAK_REMOTE_OPERATIONAL = 0x63;

/** RDMA extended transport header: where a WRITE goes or a READ comes from. */
export interface Reth {
  readonly address: bigint;
  readonly rkey: number;
  /** Octets of the whole operation, all packets together. */
  readonly octets: number;
}

/** ACK extended transport header. */
export interface Aeth {
  readonly syndrome: number;
  /** Message sequence number, 24 bits. */
  readonly msn: number;
}

export interface RocePacket {
  /** One of roce-opcodes.ts. */
  readonly opcode: number;
  readonly destinationQp: number;
  /** Packet sequence number, 24 bits. */
  readonly psn: number;
  readonly ackRequest: boolean;
  /** Asks the receiver's software for an event. Default false. */
  readonly solicitedEvent?: boolean;
  /** Default 0xffff. */
  readonly partitionKey?: number;
  /** Present exactly when the opcode carries it. */
  readonly reth?: Reth;
  /** Present exactly when the opcode carries it. */
  readonly aeth?: Aeth;
  /** Present exactly when the opcode carries it. */
  readonly immediate?: number;
  /** Without padding; a view of the frame after parsing. Empty where the opcode carries none. */
  readonly payload: Uint8Array;
}

/** Reads and verifies a UDP frame to port 4791. The UDP checksum has been looked at already (zero is right here). */
export function parseRoce(udp: UdpFrame): Result<RocePacket> {
  const octets = udp.frame;
  const start = udp.payloadStart;
  if (udp.payloadEnd - start < BTH_OCTETS + ICRC_OCTETS) {
    const message = `${udp.payloadEnd - start} octets, expected at least ${BTH_OCTETS + ICRC_OCTETS}`;
    return wireError('roce-truncated', message, udp.payloadEnd);
  }
  if (start !== UDP_PAYLOAD_OFFSET) {
    return wireError('roce-ip-options', 'IPv4 options before RoCEv2', ETHERNET_HEADER_OCTETS);
  }
  const icrcStart = udp.payloadEnd - ICRC_OCTETS;
  const icrc = invariantCrc(octets, ETHERNET_HEADER_OCTETS, icrcStart);
  if (readIcrc(octets, icrcStart) !== icrc) return wireError('roce-icrc', 'ICRC is wrong', icrcStart);
  const flags = octets[start + BTH_FLAGS]!;
  if ((flags & 15) !== 0) return wireError('roce-version', `transport version ${flags & 15}`, start + BTH_FLAGS);
  const opcode = roceOpcode(octets[start + BTH_OPCODE]!);
  if (opcode === undefined) {
    return wireError('roce-opcode', `opcode ${octets[start + BTH_OPCODE]} is not supported`, start);
  }
  const payloadStart = start + opcode.headerOctets;
  const padOctets = (flags >>> 4) & 3;
  const payloadOctets = icrcStart - payloadStart - padOctets;
  if (payloadOctets < 0) {
    return wireError('roce-truncated', `${opcode.name} of ${udp.payloadEnd - start} octets`, udp.payloadEnd);
  }
  if ((icrcStart - payloadStart) % 4 !== 0) {
    return wireError('roce-alignment', `payload with padding of ${icrcStart - payloadStart} octets`, payloadStart);
  }
  if (!opcode.hasPayload && payloadOctets + padOctets !== 0) {
    return wireError('roce-unexpected-payload', `${opcode.name} with ${payloadOctets} octets of payload`, payloadStart);
  }
  let at = start + BTH_OCTETS;
  const packet: {
    -readonly [Field in keyof RocePacket]: RocePacket[Field];
  } = {
    opcode: opcode.value,
    destinationQp: readUint32(octets, start + BTH_DESTINATION_QP_WORD) & 0xffffff,
    psn: readUint32(octets, start + BTH_PSN_WORD) & 0xffffff,
    ackRequest: (octets[start + BTH_PSN_WORD]! & 0x80) !== 0,
    solicitedEvent: (flags & BTH_SOLICITED) !== 0,
    partitionKey: readUint16(octets, start + BTH_PARTITION_KEY),
    payload: octets.subarray(payloadStart, payloadStart + payloadOctets),
  };
  if (opcode.hasReth) {
    packet.reth = {
      address: readUint64(octets, at),
      rkey: readUint32(octets, at + 8),
      octets: readUint32(octets, at + 12),
    };
    at += RETH_OCTETS;
  }
  if (opcode.hasAeth) {
    packet.aeth = { syndrome: octets[at]!, msn: readUint32(octets, at) & 0xffffff };
    at += AETH_OCTETS;
  }
  if (opcode.hasImmediate) packet.immediate = readUint32(octets, at);
  return ok(packet);
}

/** A whole frame with padding and ICRC; the UDP checksum is zero (A17.4.5.2 lets the ICRC stand for it). */
export function buildRoceFrame(addresses: UdpFrameAddresses, packet: RocePacket): Uint8Array {
  const opcode = roceOpcode(packet.opcode) ?? refuseOpcode(packet.opcode);
  if (opcode.hasReth !== (packet.reth !== undefined)) refusePart(opcode, 'RETH');
  if (opcode.hasAeth !== (packet.aeth !== undefined)) refusePart(opcode, 'AETH');
  if (opcode.hasImmediate !== (packet.immediate !== undefined)) refusePart(opcode, 'immediate');
  if (!opcode.hasPayload && packet.payload.length > 0) refusePart(opcode, 'payload');
  const padOctets = -packet.payload.length & 3;
  const payloadOctets = opcode.headerOctets + packet.payload.length + padOctets + ICRC_OCTETS;
  const frame = allocateUdpFrame(payloadOctets);
  const start = UDP_PAYLOAD_OFFSET;
  frame[start + BTH_OPCODE] = packet.opcode;
  frame[start + BTH_FLAGS] = (packet.solicitedEvent === true ? BTH_SOLICITED : 0) | BTH_MIGRATED | (padOctets << 4);
  writeUint16(frame, start + BTH_PARTITION_KEY, packet.partitionKey ?? DEFAULT_PARTITION_KEY);
  writeUint32(frame, start + BTH_DESTINATION_QP_WORD, packet.destinationQp & 0xffffff);
  writeUint32(frame, start + BTH_PSN_WORD, (packet.ackRequest ? 0x80000000 : 0) | (packet.psn & 0xffffff));
  let at = start + BTH_OCTETS;
  if (packet.reth !== undefined) {
    writeUint64(frame, at, packet.reth.address);
    writeUint32(frame, at + 8, packet.reth.rkey);
    writeUint32(frame, at + 12, packet.reth.octets);
    at += RETH_OCTETS;
  }
  if (packet.aeth !== undefined) {
    writeUint32(frame, at, (packet.aeth.syndrome << 24) | (packet.aeth.msn & 0xffffff));
    at += AETH_OCTETS;
  }
  if (packet.immediate !== undefined) {
    writeUint32(frame, at, packet.immediate);
    at += IMMEDIATE_OCTETS;
  }
  frame.set(packet.payload, at);
  sealUdpFrame(frame, payloadOctets, addresses, true);
  const icrcStart = start + payloadOctets - ICRC_OCTETS;
  writeIcrc(frame, icrcStart, invariantCrc(frame, ETHERNET_HEADER_OCTETS, icrcStart));
  return frame;
}

/** Apart for speed, see time/scheduler.ts. */
function refuseOpcode(opcode: number): never {
  throw new InvariantError(`RoCE opcode ${opcode} is not of the reliable connection`);
}

function refusePart(opcode: RoceOpcode, part: string): never {
  throw new InvariantError(`${part} and opcode ${opcode.name} disagree`);
}

const MASKED_OCTETS = 8 + IPV4_HEADER_OCTETS + UDP_HEADER_OCTETS + BTH_OCTETS;
const masked = new Uint8Array(MASKED_OCTETS);

/**
 * Invariant CRC over `octets[ipStart, icrcStart)` (7.8.1, A17.3.3): Ethernet's CRC-32 over 8 octets of ones (in place
 * of InfiniBand's local route header) and the packet, with ones for what a router or a switch may change: type of
 * service, TTL, both checksums, and the BTH's octet of congestion bits. The IPv4 header has no options.
 */
export function invariantCrc(octets: Uint8Array, ipStart: number, icrcStart: number): number {
  masked.fill(0xff, 0, 8);
  const headersEnd = ipStart + MASKED_OCTETS - 8;
  for (let i = ipStart, to = 8; i < headersEnd; i++, to++) masked[to] = octets[i]!;
  masked[8 + IPV4_TOS] = 0xff;
  masked[8 + IPV4_TTL] = 0xff;
  masked[8 + IPV4_CHECKSUM] = 0xff;
  masked[8 + IPV4_CHECKSUM + 1] = 0xff;
  masked[8 + IPV4_HEADER_OCTETS + UDP_CHECKSUM] = 0xff;
  masked[8 + IPV4_HEADER_OCTETS + UDP_CHECKSUM + 1] = 0xff;
  masked[8 + IPV4_HEADER_OCTETS + UDP_HEADER_OCTETS + BTH_RESERVED_8A] = 0xff;
  const headersCrc = crc32(masked);
  return headersEnd === icrcStart ? headersCrc : crc32(octets.subarray(headersEnd, icrcStart), headersCrc);
}

/** The ICRC is the one little-endian field: its bits leave in the order of Ethernet's FCS. */
function readIcrc(octets: Uint8Array, at: number): number {
  return ((octets[at + 3]! << 24) | (octets[at + 2]! << 16) | (octets[at + 1]! << 8) | octets[at]!) >>> 0;
}

function writeIcrc(octets: Uint8Array, at: number, icrc: number): void {
  octets[at] = icrc;
  octets[at + 1] = icrc >>> 8;
  octets[at + 2] = icrc >>> 16;
  octets[at + 3] = icrc >>> 24;
}

export function formatSyndrome(syndrome: number): string {
  switch (syndrome & AETH_KIND_MASK) {
    case AETH_KIND_ACK:
      return 'ack';
    case AETH_KIND_RNR_NAK:
      return `rnr-nak timer ${syndrome & AETH_VALUE_MASK}`;
    case AETH_KIND_NAK:
      return `nak ${NAK_NAMES[syndrome & AETH_VALUE_MASK] ?? syndrome & AETH_VALUE_MASK}`;
    default:
      return `syndrome ${syndrome}`;
  }
}

const NAK_NAMES = ['psn-sequence-error', 'invalid-request', 'remote-access-error', 'remote-operational-error'] as const;

export function formatRoce(packet: RocePacket): string {
  const parts = [`RoCE ${formatRoceOpcode(packet.opcode)} qp ${packet.destinationQp} psn ${packet.psn}`];
  if (packet.ackRequest) parts.push('ack-request');
  if (packet.reth !== undefined) {
    const { address, rkey, octets } = packet.reth;
    parts.push(`va 0x${address.toString(16)} rkey 0x${rkey.toString(16)} dma-length ${octets}`);
  }
  if (packet.aeth !== undefined) parts.push(`${formatSyndrome(packet.aeth.syndrome)} msn ${packet.aeth.msn}`);
  if (packet.immediate !== undefined) parts.push(`imm ${packet.immediate}`);
  return `${parts.join(' ')}, length ${packet.payload.length}`;
}
