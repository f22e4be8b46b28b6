import { assert } from '../base/assert.ts';
import { PS_PER_NS } from '../base/units.ts';
import { OctetBuffer } from './octet-buffer.ts';
import { type CaptureEncoder, LINK_TYPE_ETHERNET, SNAP_OCTETS } from './pcap-writer.ts';

/**
 * The newer capture format (draft-ietf-opsawg-pcapng): blocks, each with its length at both ends. One section, one
 * interface description per interface with nanosecond times, enhanced packet blocks with an optional comment.
 */
export const BLOCK_SECTION_HEADER = 0x0a0d0d0a;
export const BLOCK_INTERFACE = 1;
export const BLOCK_SIMPLE_PACKET = 3;
export const BLOCK_ENHANCED_PACKET = 6;
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
export const OPTION_END = 0;
export const OPTION_COMMENT = 1;
export const OPTION_IF_NAME = 2;
export const OPTION_IF_TSRESOL = 9;
export const OPTION_IF_TSOFFSET = 14;

/** An option's length is 16 bits; a longer comment is cut. */
const COMMENT_MAX_OCTETS = 65_532;

export interface PcapngPacket {
  readonly comment?: string;
  /** Index in the interfaces given at the start. Default 0. */
  readonly interface?: number;
}

/** Writes section and interfaces at once, then packets; pure, into memory. */
export class PcapngEncoder implements CaptureEncoder {
  private readonly buffer = new OctetBuffer();
  private readonly text = new TextEncoder();
  private readonly interfaces: number;

  /** @param interfaceNames such as `m1.eth0--switch.1`; at least one */
  constructor(interfaceNames: readonly string[]) {
    assert(interfaceNames.length > 0, 'a pcapng section needs an interface');
    this.interfaces = interfaceNames.length;
    this.sectionHeader();
    for (const name of interfaceNames) this.interfaceDescription(name);
  }

  append(timePs: number, frame: Uint8Array, comment?: string): void {
    this.appendPacket(timePs, frame, comment === undefined ? {} : { comment });
  }

  appendPacket(timePs: number, frame: Uint8Array, packet: PcapngPacket): void {
    const interfaceId = packet.interface ?? 0;
    assert(interfaceId < this.interfaces, `capture interface ${interfaceId} of ${this.interfaces}`);
    const { buffer } = this;
    const comment = packet.comment === undefined ? undefined : this.commentOctets(packet.comment);
    const keptOctets = Math.min(frame.length, SNAP_OCTETS);
    const optionOctets = comment === undefined ? 0 : 4 + padded(comment.length) + 4;
    const blockOctets = 32 + padded(keptOctets) + optionOctets;
    const timeNs = Math.floor(timePs / PS_PER_NS);
    const timeHigh = Math.floor(timeNs / 2 ** 32);
    buffer.reserve(blockOctets);
    buffer.uint32(BLOCK_ENHANCED_PACKET);
    buffer.uint32(blockOctets);
    buffer.uint32(interfaceId);
    buffer.uint32(timeHigh);
    buffer.uint32(timeNs - timeHigh * 2 ** 32);
    buffer.uint32(keptOctets);
    buffer.uint32(frame.length);
    buffer.copy(keptOctets === frame.length ? frame : frame.subarray(0, keptOctets));
    buffer.pad4();
    if (comment !== undefined) {
      this.option(OPTION_COMMENT, comment);
      this.endOfOptions();
    }
    buffer.uint32(blockOctets);
  }

  pending(): Uint8Array {
    return this.buffer.pending();
  }

  get pendingOctets(): number {
    return this.buffer.length;
  }

  clear(): void {
    this.buffer.clear();
  }

  private sectionHeader(): void {
    const { buffer } = this;
    buffer.reserve(28);
    buffer.uint32(BLOCK_SECTION_HEADER);
    buffer.uint32(28);
    buffer.uint32(BYTE_ORDER_MAGIC);
    buffer.uint16(1);
    buffer.uint16(0);
    // Section length unknown: it is written as it grows.
    buffer.uint32(0xffffffff);
    buffer.uint32(0xffffffff);
    buffer.uint32(28);
  }

  private interfaceDescription(name: string): void {
    const { buffer } = this;
    const nameOctets = this.commentOctets(name);
    const blockOctets = 20 + (4 + padded(nameOctets.length)) + (4 + 4) + 4;
    buffer.reserve(blockOctets);
    buffer.uint32(BLOCK_INTERFACE);
    buffer.uint32(blockOctets);
    buffer.uint16(LINK_TYPE_ETHERNET);
    buffer.uint16(0);
    buffer.uint32(SNAP_OCTETS);
    this.option(OPTION_IF_NAME, nameOctets);
    this.option(OPTION_IF_TSRESOL, Uint8Array.of(9));
    this.endOfOptions();
    buffer.uint32(blockOctets);
  }

  private option(code: number, value: Uint8Array): void {
    this.buffer.uint16(code);
    this.buffer.uint16(value.length);
    this.buffer.copy(value);
    this.buffer.pad4();
  }

  private endOfOptions(): void {
    this.buffer.uint16(OPTION_END);
    this.buffer.uint16(0);
  }

  /** UTF-8, cut between characters when it is too long. */
  private commentOctets(text: string): Uint8Array {
    const target = new Uint8Array(Math.min(text.length * 3, COMMENT_MAX_OCTETS));
    return target.subarray(0, this.text.encodeInto(text, target).written);
  }
}

function padded(octets: number): number {
  return (octets + 3) & ~3;
}
