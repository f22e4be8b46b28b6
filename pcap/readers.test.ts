import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pattern } from '../packet/example-frames.ts';
import { captureReaderFor } from './capture-reader.ts';
import type { CaptureReader, CaptureRecord } from './capture-record.ts';
import { PcapReader } from './pcap-reader.ts';
import { PcapEncoder } from './pcap-writer.ts';
import { PcapngReader } from './pcapng-reader.ts';
import { PcapngEncoder } from './pcapng-writer.ts';

function twoRecords(): Uint8Array {
  const encoder = new PcapEncoder();
  encoder.append(1_000, pattern(60));
  encoder.append(2_000, pattern(100));
  return encoder.pending().slice();
}

function twoBlocks(): Uint8Array {
  const encoder = new PcapngEncoder(['eth0']);
  encoder.append(1_000, pattern(60), 'first');
  encoder.append(2_000, pattern(101));
  return encoder.pending().slice();
}

function read(octets: Uint8Array, make = captureReaderFor): { reader: CaptureReader; records: CaptureRecord[] } {
  const records: CaptureRecord[] = [];
  const reader = make(octets, (record) => records.push(record))!;
  reader.push(octets);
  reader.end();
  return { reader, records };
}

/** The same capture as a machine of the other byte order writes it. */
function swapped(octets: Uint8Array): Uint8Array {
  const view = new DataView(octets.slice().buffer);
  const swap16 = (at: number): void => view.setUint16(at, view.getUint16(at), true);
  const swap32 = (at: number): void => view.setUint32(at, view.getUint32(at), true);
  for (const at of [0, 8, 12, 16, 20]) swap32(at);
  for (const at of [4, 6]) swap16(at);
  for (let at = 24; at < octets.length; ) {
    const capturedOctets = view.getUint32(at + 8, true);
    for (let word = 0; word < 4; word++) swap32(at + 4 * word);
    at += 16 + capturedOctets;
  }
  return new Uint8Array(view.buffer);
}

describe('pcap reader', () => {
  it('reads both byte orders alike', () => {
    const little = read(twoRecords());
    const big = read(swapped(twoRecords()));
    expect(little.reader.format?.byteOrder).toBe('little-endian');
    expect(big.reader.format?.byteOrder).toBe('big-endian');
    expect(big.reader.damage).toBeUndefined();
    expect(big.records).toEqual(little.records);
    expect(big.records.map((record) => record.octets.length)).toEqual([60, 100]);
  });

  it('tells where a file was cut and keeps the records before', () => {
    const whole = twoRecords();
    const boundaries = [24, 24 + 76, whole.length];
    for (let octets = 4; octets <= whole.length; octets++) {
      const { reader, records } = read(whole.slice(0, octets));
      expect(records.length).toBe(boundaries.filter((boundary) => boundary <= octets && boundary > 24).length);
      if (boundaries.includes(octets)) expect(reader.damage).toBeUndefined();
      else expect(reader.damage?.code).toBe(octets < 24 ? 'pcap-header-truncated' : 'pcap-truncated');
      if (octets >= 24)
        expect(reader.wholeOctets).toBe(Math.max(...boundaries.filter((boundary) => boundary <= octets)));
    }
  });

  it.each([
    ['pcap-version', 4, [3, 0]],
    ['pcap-record-length', 100 + 8, [0x01, 0x00, 0x04, 0x00]],
    ['pcap-record-length', 100 + 8, [0xff, 0xff, 0xff, 0xff]],
    ['pcap-record-length', 100 + 12, [99, 0, 0, 0]],
    ['pcap-record-time', 100 + 4, [0x00, 0xca, 0x9a, 0x3b]],
    ['pcap-truncated', 100 + 8, [101, 0, 0, 0]],
  ])('stops with %s', (code, at, octets) => {
    const broken = twoRecords();
    broken.set(octets, at);
    const { reader, records } = read(broken);
    expect(reader.damage?.code).toBe(code);
    expect(records.length).toBe(at < 24 ? 0 : 1);
  });

  it('knows what is no capture', () => {
    expect(captureReaderFor(new Uint8Array(3), () => {})).toBeUndefined();
    expect(captureReaderFor(new TextEncoder().encode('GET / HTTP/1.1'), () => {})).toBeUndefined();
  });
});

describe('pcapng reader', () => {
  it('tells where a file was cut', () => {
    const whole = twoBlocks();
    const { reader, records } = read(whole);
    expect(reader.damage).toBeUndefined();
    expect(records.map((record) => [record.octets.length, record.comment])).toEqual([
      [60, 'first'],
      [101, undefined],
    ]);
    let clean = 0;
    for (let octets = 4; octets < whole.length; octets++) {
      const cut = read(whole.slice(0, octets)).reader;
      if (cut.damage === undefined) clean++;
      else expect(cut.damage.code).toBe(octets < 28 ? 'pcapng-header-truncated' : 'pcapng-truncated');
    }
    // After the section, after the interface, after the first packet.
    expect(clean).toBe(3);
  });

  it.each([
    ['pcapng-byte-order', 8, [0, 0, 0, 0]],
    ['pcapng-version', 12, [2, 0]],
    ['pcapng-block-length', 4, [8, 0, 0, 0]],
    ['pcapng-block-length', 4, [30, 0, 0, 0]],
    ['pcapng-block-length', 4, [0xfc, 0xff, 0xff, 0xff]],
    ['pcapng-block-length', 24, [32, 0, 0, 0]],
  ])('stops with %s', (code, at, octets) => {
    const broken = twoBlocks();
    broken.set(octets, at);
    expect(read(broken).reader.damage?.code).toBe(code);
  });

  it('refuses a packet of an interface that nobody described', () => {
    const octets = twoBlocks();
    const packetStart = 28 + new DataView(octets.buffer).getUint32(28 + 4, true);
    octets.set([1], packetStart + 8);
    expect(read(octets).reader.damage?.code).toBe('pcapng-interface');
  });

  it('refuses a packet longer than its block', () => {
    const octets = twoBlocks();
    const packetStart = 28 + new DataView(octets.buffer).getUint32(28 + 4, true);
    octets.set([0xff, 0xff], packetStart + 20);
    octets.set([0xff, 0xff], packetStart + 24);
    expect(read(octets).reader.damage?.code).toBe('pcapng-packet-length');
  });

  it('passes by a block that it does not know, however long, in chunks', () => {
    const before = twoBlocks();
    const unknown = new Uint8Array(3_000_000);
    const view = new DataView(unknown.buffer);
    view.setUint32(0, 0x0bad, true);
    view.setUint32(4, unknown.length, true);
    view.setUint32(unknown.length - 4, unknown.length, true);
    const records: CaptureRecord[] = [];
    const reader = new PcapngReader((record) => records.push(record));
    for (const part of [before, unknown, before]) {
      for (let at = 0; at < part.length; at += 65_536) reader.push(part.subarray(at, at + 65_536));
    }
    reader.end();
    expect(reader.damage).toBeUndefined();
    expect(records.length).toBe(4);
  });

  it('reads microseconds where no resolution is given, powers of two, and an offset', () => {
    // Interface blocks with no options; with if_tsresol 2^-10; with if_tsoffset 100 s. Then a packet on each.
    const octets = new Uint8Array([
      ...block(0x0a0d0d0a, [...u32(0x1a2b3c4d), 1, 0, 0, 0, ...u32(0xffffffff), ...u32(0xffffffff)]),
      ...block(1, [1, 0, 0, 0, ...u32(0)]),
      ...block(1, [1, 0, 0, 0, ...u32(0), 9, 0, 1, 0, 0x8a, 0, 0, 0]),
      ...block(1, [1, 0, 0, 0, ...u32(0), 14, 0, 8, 0, ...u32(100), ...u32(0), 0, 0, 0, 0]),
      ...packet(0, 1_500_000),
      ...packet(1, 1_536),
      ...packet(2, 1),
    ]);
    expect(read(octets).records.map((record) => record.time)).toEqual([
      { seconds: 1, nanoseconds: 500_000_000 },
      { seconds: 1, nanoseconds: 500_000_000 },
      { seconds: 100, nanoseconds: 1_000 },
    ]);
  });

  it('reads simple packets, which have no time', () => {
    const octets = new Uint8Array([
      ...block(0x0a0d0d0a, [...u32(0x1a2b3c4d), 1, 0, 0, 0, ...u32(0xffffffff), ...u32(0xffffffff)]),
      ...block(1, [1, 0, 0, 0, ...u32(2)]),
      ...block(3, [...u32(3), 7, 8, 0, 0]),
    ]);
    expect(read(octets).records).toEqual([
      { time: undefined, octets: Uint8Array.of(7, 8), originalOctets: 3, linkType: 1 },
    ]);
  });
});

describe('hostile captures', () => {
  const makers = [
    ['pcap', twoRecords(), (onRecord: (record: CaptureRecord) => void) => new PcapReader(onRecord)],
    ['pcapng', twoBlocks(), (onRecord: (record: CaptureRecord) => void) => new PcapngReader(onRecord)],
  ] as const;

  it.each(makers)('never make the %s reader throw or hand out what is not there', (_, valid, make) => {
    const change = fc.record({ at: fc.nat(valid.length - 1), octet: fc.nat(255) });
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 6 }),
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: 1, max: 400 }),
        (changes, tail, chunk) => {
          const octets = new Uint8Array(valid.length + tail.length);
          octets.set(valid);
          octets.set(tail, valid.length);
          for (const { at, octet } of changes) octets[at] = octet;
          let handedOut = 0;
          const reader = make((record) => {
            handedOut += record.octets.length;
            expect(record.octets.length).toBeLessThanOrEqual(record.originalOctets);
          });
          for (let at = 0; at < octets.length; at += chunk) reader.push(octets.subarray(at, at + chunk));
          reader.end();
          expect(handedOut).toBeLessThanOrEqual(octets.length);
          expect(reader.wholeOctets).toBeLessThanOrEqual(octets.length);
        },
      ),
      { verbose: true, numRuns: 2_000 },
    );
  });
});

function u32(value: number): number[] {
  return [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
}

function block(type: number, body: number[]): number[] {
  const octets = 12 + body.length;
  return [...u32(type), ...u32(octets), ...body, ...u32(octets)];
}

function packet(interfaceId: number, time: number): number[] {
  return block(6, [...u32(interfaceId), ...u32(0), ...u32(time), ...u32(0), ...u32(0)]);
}
