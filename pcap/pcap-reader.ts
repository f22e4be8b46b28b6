import type { WireError } from '../base/result.ts';
import type { CaptureFormat, CaptureReader, OnRecord } from './capture-record.ts';
import { NS_PER_S } from './capture-time.ts';
import { ChunkQueue } from './chunk-queue.ts';
import {
  PCAP_FILE_HEADER_OCTETS,
  PCAP_MAGIC_MICROSECONDS,
  PCAP_MAGIC_NANOSECONDS,
  PCAP_RECORD_HEADER_OCTETS,
} from './pcap-writer.ts';

/** Longest record that is believed: libpcap's own bound for Ethernet (MAXIMUM_SNAPLEN, 256 KiB). */
export const RECORD_MAX_OCTETS = 262_144;

/** Reads classic pcap: both byte orders, microseconds and nanoseconds. */
export class PcapReader implements CaptureReader {
  format: CaptureFormat | undefined;
  damage: WireError | undefined;
  private readonly onRecord: OnRecord;
  private readonly queue = new ChunkQueue();
  private littleEndian = true;
  private nsPerFraction = 1;
  private linkType = 0;

  constructor(onRecord: OnRecord) {
    this.onRecord = onRecord;
  }

  get wholeOctets(): number {
    return this.queue.offset;
  }

  push(chunk: Uint8Array): void {
    if (this.damage !== undefined) return;
    this.queue.push(chunk);
    if (this.format === undefined && !this.fileHeader()) return;
    while (this.record());
  }

  end(): void {
    if (this.damage !== undefined) return;
    const { available, offset } = this.queue;
    if (this.format === undefined) {
      this.stop('pcap-header-truncated', `${available} octets, expected a file header of 24`, offset);
    } else if (available > 0) {
      this.stop('pcap-truncated', `the file ends ${available} octets into a record`, offset);
    }
  }

  private fileHeader(): boolean {
    const { queue } = this;
    if (queue.available < PCAP_FILE_HEADER_OCTETS) return false;
    const byteOrder = this.byteOrder();
    if (byteOrder === undefined) return this.stop('pcap-magic', 'the magic number is not one of pcap', 0);
    const { littleEndian, precision } = byteOrder;
    const major = queue.uint16(4, littleEndian);
    const minor = queue.uint16(6, littleEndian);
    if (major !== 2 || minor !== 4) return this.stop('pcap-version', `version ${major}.${minor}, expected 2.4`, 4);
    this.littleEndian = littleEndian;
    this.nsPerFraction = precision === 'ns' ? 1 : 1_000;
    // The upper bits tell the length of an FCS, if there is one.
    this.linkType = queue.uint32(20, littleEndian) % 2 ** 28;
    this.format = {
      format: 'pcap',
      byteOrder: littleEndian ? 'little-endian' : 'big-endian',
      precision,
      linkType: this.linkType,
    };
    queue.consume(PCAP_FILE_HEADER_OCTETS);
    return true;
  }

  private byteOrder(): { readonly littleEndian: boolean; readonly precision: 'us' | 'ns' } | undefined {
    for (const littleEndian of [true, false]) {
      const magic = this.queue.uint32(0, littleEndian);
      if (magic === PCAP_MAGIC_NANOSECONDS) return { littleEndian, precision: 'ns' };
      if (magic === PCAP_MAGIC_MICROSECONDS) return { littleEndian, precision: 'us' };
    }
    return undefined;
  }

  /** Reads one record; false when there is none complete, or reading has stopped. */
  private record(): boolean {
    const { queue, littleEndian } = this;
    if (queue.available < PCAP_RECORD_HEADER_OCTETS) return false;
    const capturedOctets = queue.uint32(8, littleEndian);
    if (capturedOctets > RECORD_MAX_OCTETS) {
      const message = `a record claims ${capturedOctets} octets, at most ${RECORD_MAX_OCTETS} are believed`;
      return this.stop('pcap-record-length', message, queue.offset + 8);
    }
    const nanoseconds = queue.uint32(4, littleEndian) * this.nsPerFraction;
    if (nanoseconds >= NS_PER_S) {
      return this.stop('pcap-record-time', `a record's fraction of a second is ${nanoseconds} ns`, queue.offset + 4);
    }
    const recordOctets = PCAP_RECORD_HEADER_OCTETS + capturedOctets;
    if (queue.available < recordOctets) return false;
    const originalOctets = queue.uint32(12, littleEndian);
    if (originalOctets < capturedOctets) {
      const message = `a record keeps ${capturedOctets} octets of a packet of ${originalOctets}`;
      return this.stop('pcap-record-length', message, queue.offset + 12);
    }
    this.onRecord({
      time: { seconds: queue.uint32(0, littleEndian), nanoseconds },
      octets: queue.peek(recordOctets).subarray(PCAP_RECORD_HEADER_OCTETS),
      originalOctets,
      linkType: this.linkType,
    });
    queue.consume(recordOctets);
    return true;
  }

  private stop(code: string, message: string, offset: number): false {
    this.damage = { code, message, offset };
    return false;
  }
}
