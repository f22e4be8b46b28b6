import { InvariantError } from '../base/assert.ts';
import { ok, type Result, type WireError } from '../base/result.ts';
import { readMac } from './addresses.ts';
import { readUint16, readUint32 } from './big-endian.ts';
import {
  allocateFrame,
  ETHER_TYPE_IPV4,
  ETHERNET_DESTINATION,
  ETHERNET_HEADER_OCTETS,
  ETHERNET_SOURCE,
  ETHERNET_TYPE,
  emitEthernet,
  ethernetFault,
} from './ethernet.ts';
import {
  DEFAULT_TTL,
  emitIpv4,
  IPV4_DESTINATION,
  IPV4_HEADER_OCTETS,
  IPV4_IDENTIFICATION,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TOS,
  IPV4_TTL,
  ipv4Fault,
  ipv4PayloadEnd,
  ipv4PayloadStart,
  PROTOCOL_UDP,
} from './ipv4.ts';
import {
  emitUdp,
  UDP_CHECKSUM,
  UDP_DESTINATION_PORT,
  UDP_HEADER_OCTETS,
  UDP_LENGTH,
  UDP_SOURCE_PORT,
  udpFault,
} from './udp.ts';

/**
 * Ethernet + IPv4 + UDP in one step, both ways: what every host and NIC of the testbed does with nearly every frame.
 * The single layers are in ethernet.ts, ipv4.ts and udp.ts.
 */

/** Where the payload starts in every frame that we build (a received one may carry IPv4 options). */
export const UDP_PAYLOAD_OFFSET = ETHERNET_HEADER_OCTETS + IPV4_HEADER_OCTETS + UDP_HEADER_OCTETS;

/** Largest UDP payload of an Ethernet frame with an MTU of 1,500 octets. */
export const UDP_MAX_PAYLOAD_OCTETS = 1_500 - IPV4_HEADER_OCTETS - UDP_HEADER_OCTETS;

const IP_MAX_UDP_PAYLOAD_OCTETS = 65_535 - IPV4_HEADER_OCTETS - UDP_HEADER_OCTETS;

/**
 * A frame that was checked: lengths, both checksums. MACs below 2^48 and addresses below 2^32, see addresses.ts. What
 * every receiver wants is read at once, the rest when it is asked for: one of these is made for each frame received.
 */
export class UdpFrame {
  readonly frame: Uint8Array;
  readonly srcAddress: number;
  readonly dstAddress: number;
  readonly srcPort: number;
  readonly dstPort: number;
  /** Where the payload lies in `frame`; reading through these saves the view. */
  readonly payloadStart: number;
  readonly payloadEnd: number;

  /** Only for frames that `udpFrameFault` has passed. */
  constructor(frame: Uint8Array, udpStart: number) {
    this.frame = frame;
    this.srcAddress = readUint32(frame, ETHERNET_HEADER_OCTETS + IPV4_SOURCE);
    this.dstAddress = readUint32(frame, ETHERNET_HEADER_OCTETS + IPV4_DESTINATION);
    this.srcPort = readUint16(frame, udpStart + UDP_SOURCE_PORT);
    this.dstPort = readUint16(frame, udpStart + UDP_DESTINATION_PORT);
    this.payloadStart = udpStart + UDP_HEADER_OCTETS;
    this.payloadEnd = udpStart + readUint16(frame, udpStart + UDP_LENGTH);
  }

  get dstMac(): number {
    return readMac(this.frame, ETHERNET_DESTINATION);
  }

  get srcMac(): number {
    return readMac(this.frame, ETHERNET_SOURCE);
  }

  get tos(): number {
    return this.frame[ETHERNET_HEADER_OCTETS + IPV4_TOS]!;
  }

  get ttl(): number {
    return this.frame[ETHERNET_HEADER_OCTETS + IPV4_TTL]!;
  }

  get identification(): number {
    return readUint16(this.frame, ETHERNET_HEADER_OCTETS + IPV4_IDENTIFICATION);
  }

  /** The sender made no UDP checksum (RoCEv2). */
  get zeroChecksum(): boolean {
    return readUint16(this.frame, this.payloadStart - UDP_HEADER_OCTETS + UDP_CHECKSUM) === 0;
  }

  /** View of the UDP payload, made at each access: keep it in a variable. */
  get payload(): Uint8Array {
    return this.frame.subarray(this.payloadStart, this.payloadEnd);
  }
}

/** What is wrong with the frame as Ethernet + IPv4 + UDP, or undefined. Other protocols: codes `not-ipv4`, `not-udp`. */
export function udpFrameFault(frame: Uint8Array): WireError | undefined {
  const shortFrame = ethernetFault(frame);
  if (shortFrame !== undefined) return shortFrame;
  if (readUint16(frame, ETHERNET_TYPE) !== ETHER_TYPE_IPV4) {
    return { code: 'not-ipv4', message: 'the frame does not carry IPv4', offset: ETHERNET_TYPE };
  }
  const badIp = ipv4Fault(frame, ETHERNET_HEADER_OCTETS, frame.length);
  if (badIp !== undefined) return badIp;
  if (frame[ETHERNET_HEADER_OCTETS + IPV4_PROTOCOL] !== PROTOCOL_UDP) {
    return {
      code: 'not-udp',
      message: 'the packet does not carry UDP',
      offset: ETHERNET_HEADER_OCTETS + IPV4_PROTOCOL,
    };
  }
  const udpStart = ipv4PayloadStart(frame, ETHERNET_HEADER_OCTETS);
  return udpFault(frame, ETHERNET_HEADER_OCTETS, udpStart, ipv4PayloadEnd(frame, ETHERNET_HEADER_OCTETS));
}

/** Checks and reads a frame. The record and its payload view the frame's octets. */
export function parseUdpFrame(frame: Uint8Array): Result<UdpFrame> {
  const error = udpFrameFault(frame);
  if (error !== undefined) return { ok: false, error };
  return ok(new UdpFrame(frame, ipv4PayloadStart(frame, ETHERNET_HEADER_OCTETS)));
}

export interface UdpFrameAddresses {
  readonly dstMac: number;
  readonly srcMac: number;
  readonly srcAddress: number;
  readonly dstAddress: number;
  readonly srcPort: number;
  readonly dstPort: number;
  /** Default 64. */
  readonly ttl?: number;
  /** Default 0: every packet is atomic (RFC 6864), DF is set. */
  readonly identification?: number;
  /** DSCP and ECN. Default 0. */
  readonly tos?: number;
  /** Leave the UDP checksum zero, as RoCEv2 does. */
  readonly zeroChecksum?: boolean;
}

export interface UdpFrameFields extends UdpFrameAddresses {
  readonly payload: Uint8Array;
}

/** A new frame, padded to 60 octets, with correct checksums. The payload (at most 65,507 octets) is copied. */
export function buildUdpFrame(fields: UdpFrameFields): Uint8Array {
  const frame = allocateUdpFrame(fields.payload.length);
  frame.set(fields.payload, UDP_PAYLOAD_OFFSET);
  sealUdpFrame(frame, fields.payload.length, fields);
  return frame;
}

/** The same in two steps, to write a payload in place: allocate, write from `UDP_PAYLOAD_OFFSET` on, then seal. */
export function allocateUdpFrame(payloadOctets: number): Uint8Array {
  if (payloadOctets > IP_MAX_UDP_PAYLOAD_OCTETS) refuseLength(payloadOctets);
  return allocateFrame(IPV4_HEADER_OCTETS + UDP_HEADER_OCTETS + payloadOctets);
}

/** Writes all headers before the payload, and the checksums. */
export function sealUdpFrame(
  frame: Uint8Array,
  payloadOctets: number,
  addresses: UdpFrameAddresses,
  zeroChecksum = addresses.zeroChecksum ?? false,
): void {
  emitEthernet(frame, addresses.dstMac, addresses.srcMac, ETHER_TYPE_IPV4);
  emitIpv4(
    frame,
    ETHERNET_HEADER_OCTETS,
    UDP_HEADER_OCTETS + payloadOctets,
    PROTOCOL_UDP,
    addresses.srcAddress,
    addresses.dstAddress,
    addresses.ttl ?? DEFAULT_TTL,
    addresses.identification ?? 0,
    addresses.tos ?? 0,
  );
  emitUdp(
    frame,
    ETHERNET_HEADER_OCTETS,
    ETHERNET_HEADER_OCTETS + IPV4_HEADER_OCTETS,
    addresses.srcPort,
    addresses.dstPort,
    payloadOctets,
    zeroChecksum,
  );
}

/** Apart for speed, see time/scheduler.ts. */
function refuseLength(payloadOctets: number): never {
  throw new InvariantError(`UDP payload of ${payloadOctets} octets does not fit IPv4`);
}
