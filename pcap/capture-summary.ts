import { InputError } from '../base/errors.ts';
import { formatDurationPs, PS_PER_NS } from '../base/units.ts';
import { classifyFrame, type FrameClass, type FrameProtocol } from '../packet/describe.ts';
import { formatRoceOpcode } from '../packet/roce-opcodes.ts';
import { readCaptureFile } from './capture-reader.ts';
import type { CaptureFormat, CaptureReader, CaptureRecord } from './capture-record.ts';
import { type CaptureTime, compareTimes, formatCaptureTime, nanosecondsBetween } from './capture-time.ts';
import { readWithPcapParser } from './checked-pcap-parser.ts';
import { LINK_TYPE_ETHERNET } from './pcap-writer.ts';

/** What `testbed capture summary FILE` tells; plain JSON. */
export interface CaptureSummary {
  readonly file: string;
  readonly format: 'pcap' | 'pcapng';
  readonly precision: 'us' | 'ns' | 'per-interface';
  /** Who read the packets: pcap-parser knows only the microsecond form. */
  readonly reader: 'pcap-parser' | 'own';
  readonly packets: number;
  /** Octets on the wire, FCS not counted. */
  readonly octets: number;
  /** Decimal seconds of the earliest and latest packet, null when none has a time. */
  readonly firstTime: string | null;
  readonly lastTime: string | null;
  readonly durationNs: number;
  /** In the order of `PROTOCOLS`, those that occur. */
  readonly protocols: readonly ProtocolCount[];
  /** RoCEv2 packets by opcode, lowest opcode first. */
  readonly roceOpcodes: readonly { readonly opcode: number; readonly name: string; readonly packets: number }[];
  /** Why frames are malformed: code and number, most frequent first. */
  readonly faults: readonly { readonly code: string; readonly packets: number }[];
  readonly malformedPackets: number;
  /** Packets of which the capture keeps only the beginning; their checksums cannot be judged. */
  readonly shortenedPackets: number;
  /** Packets earlier than the one before them. */
  readonly outOfOrderPackets: number;
  /** The file ends inside a record: the process that wrote it was cut off. */
  readonly isTruncated: boolean;
  /** Where and why reading stopped before the end of the file, null when it did not. */
  readonly damage: { readonly code: string; readonly message: string; readonly offset: number } | null;
}

export interface ProtocolCount {
  readonly protocol: FrameProtocol;
  readonly packets: number;
  readonly octets: number;
}

const PROTOCOLS: readonly FrameProtocol[] = [
  'arp',
  'icmp',
  'lambda',
  'management',
  'memcached',
  'roce',
  'udp',
  'ipv4',
  'lldp',
  'pfc',
  'other',
  'malformed',
];

/**
 * Reads a capture of Ethernet frames to its end, or to where it is damaged.
 * @throws InputError `capture-unreadable`, `capture-format`, `capture-link-type`
 */
export async function summariseCapture(path: string): Promise<CaptureSummary> {
  const tally = new CaptureTally();
  let walkedPackets = 0;
  // The microsecond pcap is only walked here, and counted as pcap-parser reads it.
  const reader = await readCaptureFile(path, (record, { format }) => {
    walkedPackets++;
    if (!isForPcapParser(format)) tally.add(record);
  });
  const linkType = reader.format?.linkType ?? LINK_TYPE_ETHERNET;
  if (linkType !== LINK_TYPE_ETHERNET) {
    throw new InputError('capture-link-type', `${path} is a capture of link type ${linkType}, expected 1 (Ethernet)`);
  }
  if (!isForPcapParser(reader.format)) return tally.summary(path, reader, 'own');
  await readWithPcapParser(path, reader, walkedPackets, (record) => tally.add(record));
  return tally.summary(path, reader, 'pcap-parser');
}

function isForPcapParser(format: CaptureFormat | undefined): boolean {
  return format?.format === 'pcap' && format.precision === 'us';
}

class CaptureTally {
  private packets = 0;
  private octets = 0;
  private shortenedPackets = 0;
  private outOfOrderPackets = 0;
  private first: CaptureTime | undefined;
  private last: CaptureTime | undefined;
  private previous: CaptureTime | undefined;
  private readonly protocols = new Map<FrameProtocol, { packets: number; octets: number }>();
  private readonly roceOpcodes = new Map<number, number>();
  private readonly faults = new Map<string, number>();

  add(record: CaptureRecord): void {
    this.packets++;
    this.octets += record.originalOctets;
    if (record.time !== undefined) this.addTime(record.time);
    const isShortened = record.octets.length < record.originalOctets;
    if (isShortened) this.shortenedPackets++;
    const found = record.linkType === LINK_TYPE_ETHERNET ? classifyFrame(record.octets) : UNKNOWN_LINK;
    // Half a frame is not malformed: the rest was only not kept.
    const protocol = isShortened && found.protocol === 'malformed' ? 'other' : found.protocol;
    const count = this.protocols.get(protocol) ?? { packets: 0, octets: 0 };
    count.packets++;
    count.octets += record.originalOctets;
    this.protocols.set(protocol, count);
    if (found.roceOpcode !== undefined) increment(this.roceOpcodes, found.roceOpcode);
    if (protocol === 'malformed' && found.fault !== undefined) increment(this.faults, found.fault);
  }

  private addTime(time: CaptureTime): void {
    if (this.first === undefined || compareTimes(time, this.first) < 0) this.first = time;
    if (this.last === undefined || compareTimes(time, this.last) > 0) this.last = time;
    if (this.previous !== undefined && compareTimes(time, this.previous) < 0) this.outOfOrderPackets++;
    this.previous = time;
  }

  summary(file: string, reader: CaptureReader, readBy: CaptureSummary['reader']): CaptureSummary {
    const precision = reader.format?.precision ?? 'ns';
    const digits = precision === 'us' ? 6 : 9;
    const { first, last } = this;
    return {
      file,
      format: reader.format?.format ?? 'pcap',
      precision,
      reader: readBy,
      packets: this.packets,
      octets: this.octets,
      firstTime: first === undefined ? null : formatCaptureTime(first, digits),
      lastTime: last === undefined ? null : formatCaptureTime(last, digits),
      durationNs: first === undefined || last === undefined ? 0 : nanosecondsBetween(first, last),
      protocols: PROTOCOLS.flatMap((protocol) => {
        const count = this.protocols.get(protocol);
        return count === undefined ? [] : [{ protocol, ...count }];
      }),
      roceOpcodes: [...this.roceOpcodes]
        .sort(([one], [other]) => one - other)
        .map(([opcode, packets]) => ({ opcode, name: formatRoceOpcode(opcode), packets })),
      faults: [...this.faults]
        .sort(([one, few], [other, many]) => many - few || (one < other ? -1 : 1))
        .map(([code, packets]) => ({ code, packets })),
      malformedPackets: this.protocols.get('malformed')?.packets ?? 0,
      shortenedPackets: this.shortenedPackets,
      outOfOrderPackets: this.outOfOrderPackets,
      isTruncated: reader.damage?.code.endsWith('-truncated') ?? false,
      damage: reader.damage ?? null,
    };
  }
}

const UNKNOWN_LINK: FrameClass = { protocol: 'other' };

function increment<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

const PRECISION_TEXT: Readonly<Record<CaptureSummary['precision'], string>> = {
  ns: 'nanoseconds',
  us: 'microseconds',
  'per-interface': 'times by interface',
};

const READER_TEXT: Readonly<Record<CaptureSummary['reader'], string>> = {
  'pcap-parser': 'pcap-parser',
  own: 'our own reader',
};

/** Where what is said of a capture begins in its line. */
export const FACT_MARGIN = 18;

/** A table for people, each line ended. */
export function formatCaptureSummary(summary: CaptureSummary): string {
  const facts: [string, string][] = [
    ['file', summary.file],
    ['format', `${summary.format}, ${PRECISION_TEXT[summary.precision]} (read by ${READER_TEXT[summary.reader]})`],
    ['packets', String(summary.packets)],
    ['octets', String(summary.octets)],
    ['first packet', summary.firstTime === null ? '-' : `${summary.firstTime} s`],
    ['last packet', summary.lastTime === null ? '-' : `${summary.lastTime} s`],
    ['duration', formatDurationPs(summary.durationNs * PS_PER_NS)],
    ['malformed', String(summary.malformedPackets)],
    ['truncated', summary.isTruncated ? 'yes' : 'no'],
  ];
  if (summary.shortenedPackets > 0) facts.push(['shortened packets', String(summary.shortenedPackets)]);
  if (summary.outOfOrderPackets > 0) facts.push(['out of order', String(summary.outOfOrderPackets)]);
  if (summary.damage !== null) {
    const { code, message, offset } = summary.damage;
    facts.push(['stopped at', `octet ${offset}: ${message} (${code})`]);
  }
  const lines = facts.map(([name, value]) => `${name.padEnd(FACT_MARGIN)}${value}`);
  const rows = protocolRows(summary);
  if (rows.length > 0) {
    const width = Math.max(...rows.map(([name]) => name.length), 'protocol'.length) + 2;
    lines.push('', `${'protocol'.padEnd(width)}${'packets'.padStart(10)}${'octets'.padStart(14)}`);
    for (const [name, packets, octets] of rows) {
      lines.push(`${name.padEnd(width)}${packets.padStart(10)}${octets.padStart(14)}`.trimEnd());
    }
  }
  return `${lines.join('\n')}\n`;
}

/** A row a protocol; under RoCE its opcodes, under malformed the reasons. */
function protocolRows(summary: CaptureSummary): [string, string, string][] {
  const rows: [string, string, string][] = [];
  for (const { protocol, packets, octets } of summary.protocols) {
    rows.push([protocol, String(packets), String(octets)]);
    if (protocol === 'roce')
      for (const part of summary.roceOpcodes) rows.push([`  ${part.name}`, String(part.packets), '']);
    if (protocol === 'malformed')
      for (const part of summary.faults) rows.push([`  ${part.code}`, String(part.packets), '']);
  }
  return rows;
}
