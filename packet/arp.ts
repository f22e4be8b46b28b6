import { ok, type Result, wireError } from '../base/result.ts';
import { formatIpv4Address, formatMac, readMac, writeMac } from './addresses.ts';
import { readUint16, readUint32, writeUint16, writeUint32 } from './big-endian.ts';
import {
  allocateFrame,
  ETHER_TYPE_ARP,
  ETHER_TYPE_IPV4,
  ETHERNET_HEADER_OCTETS,
  ETHERNET_TYPE,
  emitEthernet,
  ethernetFault,
} from './ethernet.ts';

/** ARP for IPv4 over Ethernet (RFC 826). */
const ARP_HARDWARE_TYPE = 0;
const ARP_PROTOCOL_TYPE = 2;
const ARP_HARDWARE_OCTETS = 4;
const ARP_PROTOCOL_OCTETS = 5;
const ARP_OPERATION = 6;
const ARP_SENDER_MAC = 8;
const ARP_SENDER_ADDRESS = 14;
const ARP_TARGET_MAC = 18;
const ARP_TARGET_ADDRESS = 24;
export const ARP_OCTETS = 28;

const HARDWARE_ETHERNET = 1;
export const ARP_REQUEST = 1;
export const ARP_REPLY = 2;

export interface ArpPacket {
  /** ARP_REQUEST or ARP_REPLY. */
  readonly operation: number;
  readonly senderMac: number;
  readonly senderAddress: number;
  /** Meaningless in a request; we send zero. */
  readonly targetMac: number;
  readonly targetAddress: number;
}

/** Reads an Ethernet frame of type 0x0806. Other frames: code `not-arp`. */
export function parseArpFrame(frame: Uint8Array): Result<ArpPacket> {
  const shortFrame = ethernetFault(frame);
  if (shortFrame !== undefined) return { ok: false, error: shortFrame };
  if (readUint16(frame, ETHERNET_TYPE) !== ETHER_TYPE_ARP) {
    return wireError('not-arp', 'the frame does not carry ARP', ETHERNET_TYPE);
  }
  const start = ETHERNET_HEADER_OCTETS;
  if (frame.length < start + ARP_OCTETS) {
    return wireError('arp-truncated', `${frame.length - start} octets, expected ${ARP_OCTETS}`, frame.length);
  }
  const isIpv4OverEthernet =
    readUint16(frame, start + ARP_HARDWARE_TYPE) === HARDWARE_ETHERNET &&
    readUint16(frame, start + ARP_PROTOCOL_TYPE) === ETHER_TYPE_IPV4 &&
    frame[start + ARP_HARDWARE_OCTETS] === 6 &&
    frame[start + ARP_PROTOCOL_OCTETS] === 4;
  if (!isIpv4OverEthernet) return wireError('arp-kind', 'not ARP for IPv4 over Ethernet', start);
  const operation = readUint16(frame, start + ARP_OPERATION);
  if (operation !== ARP_REQUEST && operation !== ARP_REPLY) {
    return wireError('arp-operation', `operation ${operation}, expected 1 or 2`, start + ARP_OPERATION);
  }
  return ok({
    operation,
    senderMac: readMac(frame, start + ARP_SENDER_MAC),
    senderAddress: readUint32(frame, start + ARP_SENDER_ADDRESS),
    targetMac: readMac(frame, start + ARP_TARGET_MAC),
    targetAddress: readUint32(frame, start + ARP_TARGET_ADDRESS),
  });
}

/** A whole frame to `dstMac`: broadcast for a request, the asker for a reply. The sender's MAC is the source. */
export function buildArpFrame(dstMac: number, packet: ArpPacket): Uint8Array {
  const frame = allocateFrame(ARP_OCTETS);
  emitEthernet(frame, dstMac, packet.senderMac, ETHER_TYPE_ARP);
  const start = ETHERNET_HEADER_OCTETS;
  writeUint16(frame, start + ARP_HARDWARE_TYPE, HARDWARE_ETHERNET);
  writeUint16(frame, start + ARP_PROTOCOL_TYPE, ETHER_TYPE_IPV4);
  frame[start + ARP_HARDWARE_OCTETS] = 6;
  frame[start + ARP_PROTOCOL_OCTETS] = 4;
  writeUint16(frame, start + ARP_OPERATION, packet.operation);
  writeMac(frame, start + ARP_SENDER_MAC, packet.senderMac);
  writeUint32(frame, start + ARP_SENDER_ADDRESS, packet.senderAddress);
  writeMac(frame, start + ARP_TARGET_MAC, packet.targetMac);
  writeUint32(frame, start + ARP_TARGET_ADDRESS, packet.targetAddress);
  return frame;
}

export function formatArp(packet: ArpPacket): string {
  const sender = formatIpv4Address(packet.senderAddress);
  if (packet.operation === ARP_REQUEST) {
    return `ARP, who has ${formatIpv4Address(packet.targetAddress)}, tell ${sender}`;
  }
  return `ARP, ${sender} is at ${formatMac(packet.senderMac)}`;
}
