import { ok, type Result, type WireError } from '../base/result.ts';
import { formatMac, readMac, writeMac } from './addresses.ts';
import { readUint16, writeUint16 } from './big-endian.ts';

/**
 * Ethernet II (IEEE 802.3-2018, 3.1.1). A frame starts at the destination MAC and ends before the FCS; it is padded to
 * 60 octets so that frame and FCS reach the minimum of 64.
 */
export const ETHERNET_DESTINATION = 0;
export const ETHERNET_SOURCE = 6;
export const ETHERNET_TYPE = 12;
export const ETHERNET_HEADER_OCTETS = 14;
export const ETHERNET_MIN_FRAME_OCTETS = 60;

export const ETHER_TYPE_IPV4 = 0x0800;
export const ETHER_TYPE_ARP = 0x0806;

export interface EthernetHeader {
  readonly dstMac: number;
  readonly srcMac: number;
  readonly etherType: number;
}

/** What is wrong with the header, or undefined. */
export function ethernetFault(frame: Uint8Array): WireError | undefined {
  if (frame.length >= ETHERNET_HEADER_OCTETS) return undefined;
  return {
    code: 'ethernet-truncated',
    message: `frame of ${frame.length} octets, expected at least ${ETHERNET_HEADER_OCTETS}`,
    offset: frame.length,
  };
}

export function parseEthernet(frame: Uint8Array): Result<EthernetHeader> {
  const fault = ethernetFault(frame);
  if (fault !== undefined) return { ok: false, error: fault };
  return ok({
    dstMac: readMac(frame, ETHERNET_DESTINATION),
    srcMac: readMac(frame, ETHERNET_SOURCE),
    etherType: readUint16(frame, ETHERNET_TYPE),
  });
}

export function emitEthernet(frame: Uint8Array, dstMac: number, srcMac: number, etherType: number): void {
  writeMac(frame, ETHERNET_DESTINATION, dstMac);
  writeMac(frame, ETHERNET_SOURCE, srcMac);
  writeUint16(frame, ETHERNET_TYPE, etherType);
}

/**
 * Frames are cut from slabs: a typed array of its own above 64 octets costs an allocation outside the JavaScript heap,
 * measured at four times the rest of building a frame. A slab is zeroed by the engine, every octet of it is handed out
 * once, and it is freed when no frame in it is referenced any more.
 */
const SLAB_OCTETS = 65_536;
const SLAB_FRAME_MAX_OCTETS = 4_096;
let slab = new ArrayBuffer(SLAB_OCTETS);
let slabUsedOctets = 0;

/**
 * A zeroed frame with room for `payloadOctets` after the Ethernet header, padded to the minimum. It is a view into a
 * larger buffer: go through the view, never through `frame.buffer` alone.
 */
export function allocateFrame(payloadOctets: number): Uint8Array {
  const frameOctets = Math.max(ETHERNET_MIN_FRAME_OCTETS, ETHERNET_HEADER_OCTETS + payloadOctets);
  if (frameOctets > SLAB_FRAME_MAX_OCTETS) return new Uint8Array(frameOctets);
  if (slabUsedOctets + frameOctets > SLAB_OCTETS) {
    slab = new ArrayBuffer(SLAB_OCTETS);
    slabUsedOctets = 0;
  }
  const frame = new Uint8Array(slab, slabUsedOctets, frameOctets);
  // Frames start on 8 octets, so that copies of whole frames are aligned.
  slabUsedOctets += (frameOctets + 7) & ~7;
  return frame;
}

export function formatEthernet(header: EthernetHeader): string {
  const type = `0x${header.etherType.toString(16).padStart(4, '0')}`;
  return `${formatMac(header.srcMac)} > ${formatMac(header.dstMac)}, ethertype ${type}`;
}
