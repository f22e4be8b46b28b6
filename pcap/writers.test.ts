import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../base/errors.ts';
import { PS_PER_S } from '../base/units.ts';
import { pattern } from '../packet/example-frames.ts';
import { captureReaderFor } from './capture-reader.ts';
import type { CaptureReader, CaptureRecord } from './capture-record.ts';
import { captureTime } from './capture-time.ts';
import { PcapFile } from './pcap-file.ts';
import { PcapEncoder } from './pcap-writer.ts';
import { PcapngEncoder } from './pcapng-writer.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pcap-writers-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface ReadBack {
  readonly reader: CaptureReader;
  readonly records: readonly CaptureRecord[];
}

/** Reads octets in chunks of the given size. */
function readBack(octets: Uint8Array, chunkOctets = octets.length): ReadBack {
  const records: CaptureRecord[] = [];
  const reader = captureReaderFor(octets, (record) => records.push({ ...record, octets: record.octets.slice() }))!;
  for (let at = 0; at < octets.length; at += chunkOctets) reader.push(octets.subarray(at, at + chunkOctets));
  reader.end();
  return { reader, records };
}

describe('pcap', () => {
  it('has the header of the nanosecond and of the microsecond form', () => {
    const rest = '02000400' + '0000000000000000' + 'ffff0000' + '01000000';
    expect(hex(new PcapEncoder('ns').pending())).toBe(`4d3cb2a1${rest}`);
    expect(hex(new PcapEncoder('us').pending())).toBe(`d4c3b2a1${rest}`);
  });

  it('cuts picoseconds to its unit and never rounds up', () => {
    const encoder = new PcapEncoder('ns');
    const microseconds = new PcapEncoder('us');
    const timePs = 2 * PS_PER_S + 123_456_789_999;
    encoder.append(timePs, pattern(60));
    microseconds.append(timePs, pattern(60));
    expect(hex(encoder.pending().slice(24, 40))).toBe('02000000' + '15cd5b07' + '3c000000' + '3c000000');
    expect(readBack(microseconds.pending()).records[0]!.time).toEqual({ seconds: 2, nanoseconds: 123_456_000 });
  });

  it('keeps at most 65,535 octets of a frame and says how long it was', () => {
    const encoder = new PcapEncoder();
    encoder.append(0, new Uint8Array(70_000));
    const { records } = readBack(encoder.pending());
    expect([records[0]!.octets.length, records[0]!.originalOctets]).toEqual([65_535, 70_000]);
  });

  it('gives back every frame and time, however the octets are cut', () => {
    fc.assert(
      fc.property(manyFrames, fc.integer({ min: 1, max: 3_000 }), (frames, chunkOctets) => {
        const encoder = new PcapEncoder();
        for (const { timePs, octets } of frames) encoder.append(timePs, octets);
        const { reader, records } = readBack(encoder.pending(), chunkOctets);
        expect(reader.damage).toBeUndefined();
        expect(records.map(({ time, octets }) => ({ time, octets }))).toEqual(
          frames.map(({ timePs, octets }) => ({ time: captureTime(timePs), octets })),
        );
      }),
      { verbose: true },
    );
  });
});

describe('pcapng', () => {
  it('gives back frames, times and comments, however the octets are cut', () => {
    fc.assert(
      fc.property(manyFrames, fc.integer({ min: 1, max: 3_000 }), (frames, chunkOctets) => {
        const encoder = new PcapngEncoder(['m1.eth0', 'other']);
        for (const [i, { timePs, octets, comment }] of frames.entries()) {
          encoder.appendPacket(timePs, octets, { interface: i % 2, ...(comment === undefined ? {} : { comment }) });
        }
        const { reader, records } = readBack(encoder.pending(), chunkOctets);
        expect(reader.damage).toBeUndefined();
        expect(records.map(({ time, octets, comment }) => ({ time, octets, comment }))).toEqual(
          frames.map(({ timePs, octets, comment }) => ({ time: captureTime(timePs), octets, comment })),
        );
      }),
      { verbose: true },
    );
  });

  it('cuts a comment that does not fit between two characters', () => {
    const encoder = new PcapngEncoder(['x']);
    encoder.append(0, pattern(60), '€'.repeat(40_000));
    const { records } = readBack(encoder.pending());
    expect(records[0]!.comment).toBe('€'.repeat(65_532 / 3));
  });

  it('keeps times beyond 2^32 nanoseconds', () => {
    const encoder = new PcapngEncoder(['x']);
    encoder.append(9_000 * PS_PER_S + 7_000, pattern(60));
    expect(readBack(encoder.pending()).records[0]!.time).toEqual({ seconds: 9_000, nanoseconds: 7 });
  });
});

describe('capture file', () => {
  it('opens before any frame and holds all frames after closing', () => {
    const path = join(folder, 'a.pcap');
    const file = PcapFile.create(path);
    expect(readFileSync(path).length).toBe(24);
    for (let i = 0; i < 3_000; i++) file.write(i * 1_000, pattern(1_000));
    file.close();
    file.close();
    const { reader, records } = readBack(readFileSync(path));
    expect(reader.damage).toBeUndefined();
    expect(records.length).toBe(3_000);
  });

  it.each(['pcap', 'pcapng'] as const)('ends on a record boundary whenever its process is killed (%s)', (format) => {
    const path = join(folder, `killed.${format}`);
    const file = PcapFile.create(path, { format });
    let sizes = 0;
    let before = 0;
    for (let i = 0; i < 3_000; i++) {
      file.write(i * 1_000, pattern(100 + (i % 1_400)), format === 'pcapng' ? `frame ${i}` : undefined);
      const octets = readFileSync(path);
      if (octets.length === before) continue;
      before = octets.length;
      sizes++;
      expect(readBack(octets).reader.damage).toBeUndefined();
    }
    expect(sizes).toBeGreaterThan(1);
    file.close();
  });

  it('is the user’s to mend when its folder is not there', () => {
    const path = join(folder, 'none', 'a.pcap');
    expect(() => PcapFile.create(path)).toThrow(InputError);
    expect(() => PcapFile.create(path)).toThrow(/cannot write the capture .*none/);
  });

  it.skipIf(!existsSync('/dev/full'))('fails the run, once, when the disk is full', () => {
    expect(() => PcapFile.create('/dev/full')).toThrow(/cannot write the capture \/dev\/full/);
  });

  it('replaces an older capture', () => {
    const path = join(folder, 'old.pcap');
    writeFileSync(path, 'x'.repeat(1_000));
    PcapFile.create(path, { precision: 'us' }).close();
    expect(readFileSync(path).length).toBe(24);
  });
});

const manyFrames = fc.array(
  fc.record({
    timePs: fc.nat(Number.MAX_SAFE_INTEGER),
    octets: fc.uint8Array({ maxLength: 1_600 }),
    comment: fc.option(fc.string({ maxLength: 60 }), { nil: undefined }),
  }),
  { maxLength: 20 },
);

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}
