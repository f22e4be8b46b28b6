import { PS_PER_S } from '../base/units.ts';
import { OctetBuffer } from './octet-buffer.ts';

/**
 * The classic capture format (draft-ietf-opsawg-pcap): a file header of 24 octets, then records of 16 octets and the
 * frame. The magic number tells the unit of the second word of a record's time: nanoseconds, or microseconds for tools
 * that know only the old form.
 */
export const PCAP_MAGIC_NANOSECONDS = 0xa1b23c4d;
export const PCAP_MAGIC_MICROSECONDS = 0xa1b2c3d4;
export const PCAP_FILE_HEADER_OCTETS = 24;
export const PCAP_RECORD_HEADER_OCTETS = 16;
export const LINK_TYPE_ETHERNET = 1;
/** Longest part of a frame that is kept. */
export const SNAP_OCTETS = 65_535;

export type CapturePrecision = 'ns' | 'us';

/** What a capture file asks of its encoder. */
export interface CaptureEncoder {
  /** Appends one record. Records come in the order of their times; this is the caller's to keep. */
  append(timePs: number, frame: Uint8Array, comment?: string): void;
  /** Octets written since the last `clear`, whole records only; a view, good until the next `append`. */
  pending(): Uint8Array;
  readonly pendingOctets: number;
  clear(): void;
}

/** Writes the header at once, then records; pure, into memory. */
export class PcapEncoder implements CaptureEncoder {
  private readonly buffer = new OctetBuffer();
  private readonly psPerFraction: number;

  constructor(precision: CapturePrecision = 'ns') {
    this.psPerFraction = precision === 'ns' ? 1_000 : 1_000_000;
    this.buffer.uint32(precision === 'ns' ? PCAP_MAGIC_NANOSECONDS : PCAP_MAGIC_MICROSECONDS);
    this.buffer.uint16(2);
    this.buffer.uint16(4);
    this.buffer.uint32(0);
    this.buffer.uint32(0);
    this.buffer.uint32(SNAP_OCTETS);
    this.buffer.uint32(LINK_TYPE_ETHERNET);
  }

  /** The format has no place for comments; pcapng has. */
  append(timePs: number, frame: Uint8Array): void {
    const { buffer } = this;
    const keptOctets = Math.min(frame.length, SNAP_OCTETS);
    const seconds = Math.floor(timePs / PS_PER_S);
    buffer.reserve(PCAP_RECORD_HEADER_OCTETS + keptOctets);
    buffer.uint32(seconds);
    buffer.uint32(Math.floor((timePs - seconds * PS_PER_S) / this.psPerFraction));
    buffer.uint32(keptOctets);
    buffer.uint32(frame.length);
    buffer.copy(keptOctets === frame.length ? frame : frame.subarray(0, keptOctets));
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
}
