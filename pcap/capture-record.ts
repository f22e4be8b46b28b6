import type { WireError } from '../base/result.ts';
import type { CaptureTime } from './capture-time.ts';

/** One packet as a capture file holds it. */
export interface CaptureRecord {
  /** Undefined where the format keeps none (pcapng's simple packet block). */
  readonly time: CaptureTime | undefined;
  /** The captured part; a view of the octets that were pushed, or a copy. */
  readonly octets: Uint8Array;
  /** Length on the wire. */
  readonly originalOctets: number;
  /** As the file or the interface says: 1 is Ethernet. */
  readonly linkType: number;
  readonly comment?: string;
}

/** What the beginning of a file told. */
export interface CaptureFormat {
  readonly format: 'pcap' | 'pcapng';
  readonly byteOrder: 'little-endian' | 'big-endian';
  /** Unit of a pcap's times; pcapng sets it for each interface. */
  readonly precision: 'us' | 'ns' | 'per-interface';
  /** Of a pcap; pcapng sets it for each interface. */
  readonly linkType: number | undefined;
}

/**
 * A reader that is fed chunks of any size and never trusts a length in them. It stops at the first thing that it cannot
 * step over and keeps what it read before.
 */
export interface CaptureReader {
  /** Reads what has become complete; records are handed out in file order. */
  push(chunk: Uint8Array): void;
  /** No more octets will come: a record that began and did not end is damage. */
  end(): void;
  /** Known once the first octets are in. */
  readonly format: CaptureFormat | undefined;
  /** Set when reading stopped early; `offset` counts from the start of the file. Codes `...-truncated`: the file ends in a record. */
  readonly damage: WireError | undefined;
  /** Offset in the file after the last whole record (or block). */
  readonly wholeOctets: number;
}

export type OnRecord = (record: CaptureRecord) => void;
