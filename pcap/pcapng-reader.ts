import type { WireError } from '../base/result.ts';
import type { CaptureFormat, CaptureReader, OnRecord } from './capture-record.ts';
import { type CaptureTime, NS_PER_S } from './capture-time.ts';
import { ChunkQueue } from './chunk-queue.ts';
import {
  BLOCK_ENHANCED_PACKET,
  BLOCK_INTERFACE,
  BLOCK_SECTION_HEADER,
  BLOCK_SIMPLE_PACKET,
  BYTE_ORDER_MAGIC,
  OPTION_COMMENT,
  OPTION_END,
  OPTION_IF_TSOFFSET,
  OPTION_IF_TSRESOL,
} from './pcapng-writer.ts';

/** Longest block that is read whole: a packet of 256 KiB and its options. Blocks of other kinds are skipped unread. */
const BLOCK_MAX_OCTETS = 1 << 20;
const BLOCK_MIN_OCTETS = 12;
/** More interfaces than any capture has; a hostile file must not fill the memory with them. */
const INTERFACES_MAX = 65_536;

interface CaptureInterface {
  readonly linkType: number;
  readonly snapOctets: number;
  /** Units of a second: 10^6 unless if_tsresol says otherwise. */
  readonly unitsPerSecond: bigint;
  readonly offsetSeconds: bigint;
}

/** Reads pcapng: sections of either byte order, interfaces, enhanced and simple packet blocks with comments. */
export class PcapngReader implements CaptureReader {
  format: CaptureFormat | undefined;
  damage: WireError | undefined;
  private readonly onRecord: OnRecord;
  private readonly queue = new ChunkQueue();
  private readonly text = new TextDecoder();
  private littleEndian = true;
  private interfaces: CaptureInterface[] = [];
  /** Octets of a block of another kind that are still to pass by. */
  private toSkip = 0;

  constructor(onRecord: OnRecord) {
    this.onRecord = onRecord;
  }

  get wholeOctets(): number {
    return this.queue.offset;
  }

  push(chunk: Uint8Array): void {
    if (this.damage !== undefined) return;
    this.queue.push(chunk);
    while (this.block());
  }

  end(): void {
    if (this.damage !== undefined) return;
    const { available, offset } = this.queue;
    if (this.format === undefined) {
      this.stop('pcapng-header-truncated', `${available} octets, expected a section header`, offset);
    } else if (available > 0 || this.toSkip > 0) {
      this.stop('pcapng-truncated', `the file ends ${available} octets into a block`, offset);
    }
  }

  /** Reads or skips one block; false when there is none complete, or reading has stopped. */
  private block(): boolean {
    const { queue } = this;
    if (this.toSkip > 0) {
      const passing = Math.min(this.toSkip, queue.available);
      queue.consume(passing);
      this.toSkip -= passing;
      return this.toSkip === 0;
    }
    if (queue.available < BLOCK_MIN_OCTETS) return false;
    const isSection = queue.uint32(0, true) === BLOCK_SECTION_HEADER;
    if (isSection) {
      const order = this.sectionByteOrder();
      if (order === undefined) return this.stop('pcapng-byte-order', 'the byte-order magic is wrong', queue.offset + 8);
      this.littleEndian = order;
    } else if (this.format === undefined) {
      return this.stop('pcapng-magic', 'the file does not start with a section header', 0);
    }
    const type = queue.uint32(0, this.littleEndian);
    const blockOctets = queue.uint32(4, this.littleEndian);
    if (blockOctets < BLOCK_MIN_OCTETS || blockOctets % 4 !== 0) {
      return this.stop('pcapng-block-length', `a block claims ${blockOctets} octets`, queue.offset + 4);
    }
    const isRead =
      isSection || type === BLOCK_INTERFACE || type === BLOCK_ENHANCED_PACKET || type === BLOCK_SIMPLE_PACKET;
    if (!isRead) {
      this.toSkip = blockOctets;
      return true;
    }
    if (blockOctets > BLOCK_MAX_OCTETS) {
      const message = `a block claims ${blockOctets} octets, at most ${BLOCK_MAX_OCTETS} are believed`;
      return this.stop('pcapng-block-length', message, queue.offset + 4);
    }
    if (queue.available < blockOctets) return false;
    if (queue.uint32(blockOctets - 4, this.littleEndian) !== blockOctets) {
      return this.stop('pcapng-block-length', "a block's two lengths differ", queue.offset + blockOctets - 4);
    }
    const fault = this.readBlock(type, isSection, blockOctets);
    if (fault !== undefined) return this.stop(fault.code, fault.message, queue.offset);
    queue.consume(blockOctets);
    return true;
  }

  private sectionByteOrder(): boolean | undefined {
    if (this.queue.uint32(8, true) === BYTE_ORDER_MAGIC) return true;
    return this.queue.uint32(8, false) === BYTE_ORDER_MAGIC ? false : undefined;
  }

  private readBlock(type: number, isSection: boolean, blockOctets: number): BlockFault | undefined {
    if (isSection) return this.sectionHeader(blockOctets);
    if (type === BLOCK_INTERFACE) return this.interfaceDescription(blockOctets);
    return type === BLOCK_ENHANCED_PACKET ? this.enhancedPacket(blockOctets) : this.simplePacket(blockOctets);
  }

  private sectionHeader(blockOctets: number): BlockFault | undefined {
    if (blockOctets < 28) return { code: 'pcapng-block-length', message: 'a section header is too short' };
    const major = this.queue.uint16(12, this.littleEndian);
    if (major !== 1) return { code: 'pcapng-version', message: `version ${major}, expected 1` };
    this.interfaces = [];
    this.format = {
      format: 'pcapng',
      byteOrder: this.littleEndian ? 'little-endian' : 'big-endian',
      precision: 'per-interface',
      linkType: undefined,
    };
    return undefined;
  }

  private interfaceDescription(blockOctets: number): BlockFault | undefined {
    if (blockOctets < 20) return { code: 'pcapng-block-length', message: 'an interface description is too short' };
    if (this.interfaces.length === INTERFACES_MAX) {
      return { code: 'pcapng-interfaces', message: `more than ${INTERFACES_MAX} interfaces` };
    }
    const resolution = this.option(OPTION_IF_TSRESOL, 16, blockOctets)?.[0] ?? 6;
    const offset = this.option(OPTION_IF_TSOFFSET, 16, blockOctets);
    this.interfaces.push({
      linkType: this.queue.uint16(8, this.littleEndian),
      snapOctets: this.queue.uint32(12, this.littleEndian),
      // The top bit says powers of two. The bound keeps a hostile exponent from making a huge integer: beyond 2^127 or
      // 10^127 no time of 64 bits reaches a second anyway.
      unitsPerSecond: resolution >= 128 ? 2n ** BigInt(resolution & 127) : 10n ** BigInt(resolution),
      offsetSeconds: offset?.length === 8 ? signed64(offset, this.littleEndian) : 0n,
    });
    return undefined;
  }

  private enhancedPacket(blockOctets: number): BlockFault | undefined {
    const { queue, littleEndian } = this;
    if (blockOctets < 32) return { code: 'pcapng-block-length', message: 'a packet block is too short' };
    const interfaceId = queue.uint32(8, littleEndian);
    const capturing = this.interfaces[interfaceId];
    if (capturing === undefined) {
      return { code: 'pcapng-interface', message: `a packet names interface ${interfaceId}, which is not described` };
    }
    const capturedOctets = queue.uint32(20, littleEndian);
    const originalOctets = queue.uint32(24, littleEndian);
    const packetEnd = 28 + capturedOctets;
    if (packetEnd > blockOctets - 4 || capturedOctets > originalOctets) {
      const message = `a packet keeps ${capturedOctets} octets of ${originalOctets} in a block of ${blockOctets}`;
      return { code: 'pcapng-packet-length', message };
    }
    const units = (BigInt(queue.uint32(12, littleEndian)) << 32n) | BigInt(queue.uint32(16, littleEndian));
    const comment = this.option(OPTION_COMMENT, 28 + padded(capturedOctets), blockOctets);
    const record = {
      time: timeOf(units, capturing),
      octets: queue.peek(packetEnd).subarray(28),
      originalOctets,
      linkType: capturing.linkType,
    };
    this.onRecord(comment === undefined ? record : { ...record, comment: this.text.decode(comment) });
    return undefined;
  }

  private simplePacket(blockOctets: number): BlockFault | undefined {
    const capturing = this.interfaces[0];
    if (capturing === undefined || blockOctets < 16) {
      return { code: 'pcapng-interface', message: 'a simple packet without a described interface' };
    }
    const originalOctets = this.queue.uint32(8, this.littleEndian);
    const snapOctets = capturing.snapOctets === 0 ? originalOctets : capturing.snapOctets;
    const capturedOctets = Math.min(originalOctets, snapOctets, blockOctets - 16);
    const octets = this.queue.peek(12 + capturedOctets).subarray(12);
    this.onRecord({ time: undefined, octets, originalOctets, linkType: capturing.linkType });
    return undefined;
  }

  /** The first option with this code, among those from `start` to the end of the block; a broken list ends the search. */
  private option(code: number, start: number, blockOctets: number): Uint8Array | undefined {
    const end = blockOctets - 4;
    let at = start;
    while (at + 4 <= end) {
      const found = this.queue.uint16(at, this.littleEndian);
      const octets = this.queue.uint16(at + 2, this.littleEndian);
      if (found === OPTION_END || at + 4 + octets > end) return undefined;
      if (found === code) return this.queue.peek(at + 4 + octets).subarray(at + 4);
      at += 4 + padded(octets);
    }
    return undefined;
  }

  private stop(code: string, message: string, offset: number): false {
    this.damage = { code, message, offset };
    return false;
  }
}

interface BlockFault {
  readonly code: string;
  readonly message: string;
}

function timeOf(units: bigint, { unitsPerSecond, offsetSeconds }: CaptureInterface): CaptureTime {
  const seconds = units / unitsPerSecond;
  const nanoseconds = ((units - seconds * unitsPerSecond) * BigInt(NS_PER_S)) / unitsPerSecond;
  return { seconds: Number(seconds + offsetSeconds), nanoseconds: Number(nanoseconds) };
}

function signed64(octets: Uint8Array, littleEndian: boolean): bigint {
  return new DataView(octets.buffer, octets.byteOffset, 8).getBigInt64(0, littleEndian);
}

function padded(octets: number): number {
  return (octets + 3) & ~3;
}
