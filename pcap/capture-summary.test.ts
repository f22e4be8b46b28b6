import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../base/errors.ts';
import { exampleFrames } from '../packet/example-frames.ts';
import { readCaptureFile } from './capture-reader.ts';
import { formatCaptureSummary, summariseCapture } from './capture-summary.ts';
import { readWithPcapParser } from './checked-pcap-parser.ts';
import type { PcapFileOptions } from './pcap-file.ts';
import { PcapFile } from './pcap-file.ts';
import { PcapEncoder } from './pcap-writer.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'capture-summary-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const FRAMES = exampleFrames();
const OCTETS = FRAMES.reduce((sum, { frame }) => sum + frame.length, 0);

/** Every example once, 1.5 us apart, from 1 s on. */
function capture(name: string, options: PcapFileOptions): string {
  const path = join(folder, name);
  const file = PcapFile.create(path, options);
  for (const [i, { frame }] of FRAMES.entries()) file.write(1_000_000_000_000 + i * 1_500_000, frame);
  file.close();
  return path;
}

const EXPECTED_PACKETS = { arp: 2, icmp: 2, lambda: 8, management: 10, memcached: 5, roce: 9, udp: 3, lldp: 1, pfc: 1 };

describe('capture summary', () => {
  it.each([
    ['ns.pcap', { precision: 'ns' }, 'own', '1.000060000'],
    ['us.pcap', { precision: 'us' }, 'pcap-parser', '1.000060'],
    ['ng.pcapng', { format: 'pcapng' }, 'own', '1.000060000'],
  ] as const)('counts every packet of %s by protocol', async (name, options, reader, lastTime) => {
    const summary = await summariseCapture(capture(name, options));
    expect(summary).toMatchObject({
      reader,
      packets: FRAMES.length,
      octets: OCTETS,
      lastTime,
      malformedPackets: 0,
      shortenedPackets: 0,
      outOfOrderPackets: 0,
      isTruncated: false,
      damage: null,
      faults: [],
    });
    expect(Object.fromEntries(summary.protocols.map(({ protocol, packets }) => [protocol, packets]))).toEqual(
      EXPECTED_PACKETS,
    );
    expect(summary.roceOpcodes.map(({ name: opcode, packets }) => [opcode, packets])).toEqual([
      ['send-only', 1],
      ['write-first', 1],
      ['write-middle', 1],
      ['write-last-immediate', 1],
      ['write-only-immediate', 1],
      ['read-request', 1],
      ['read-response-only', 1],
      ['acknowledge', 2],
    ]);
    expect(summary.durationNs).toBe(60_000);
  });

  it('prints a table', async () => {
    const text = formatCaptureSummary(await summariseCapture(capture('table.pcap', { precision: 'us' })));
    expect(text).toContain('format            pcap, microseconds (read by pcap-parser)');
    expect(text).toMatch(/^protocol +packets +octets$/m);
    expect(text).toMatch(/^lambda +8 +\d+$/m);
    expect(text).toMatch(/^ {2}acknowledge +2$/m);
    expect(text).not.toContain('stopped at');
  });

  it.each(['ns', 'us'] as const)('tells of a file that ends inside a record (%s)', async (precision) => {
    const path = join(folder, `cut-${precision}.pcap`);
    const encoder = new PcapEncoder(precision);
    for (const { frame } of FRAMES) encoder.append(0, frame);
    writeFileSync(path, encoder.pending().slice(0, -5));
    const summary = await summariseCapture(path);
    expect(summary.packets).toBe(FRAMES.length - 1);
    expect(summary.isTruncated).toBe(true);
    expect(summary.damage?.code).toBe('pcap-truncated');
    expect(formatCaptureSummary(summary)).toMatch(/^stopped at +octet \d+: the file ends 71 octets into a record/m);
  });

  it.each(['ns', 'us'] as const)('does not believe a record that claims 4 GB (%s)', async (precision) => {
    const path = join(folder, `huge-${precision}.pcap`);
    const encoder = new PcapEncoder(precision);
    encoder.append(0, FRAMES[0]!.frame);
    const end = encoder.pendingOctets;
    for (const { frame } of FRAMES) encoder.append(0, frame);
    const octets = encoder.pending().slice();
    octets.set([0xff, 0xff, 0xff, 0xff], end + 8);
    writeFileSync(path, octets);
    const summary = await summariseCapture(path);
    expect([summary.packets, summary.isTruncated, summary.damage?.code]).toEqual([1, false, 'pcap-record-length']);
  });

  it('stops both readers at a record that contradicts itself', async () => {
    const path = join(folder, 'contradiction.pcap');
    const encoder = new PcapEncoder('us');
    const { frame } = FRAMES[0]!;
    for (let i = 0; i < 3; i++) encoder.append(0, frame);
    const octets = encoder.pending().slice();
    // The second record keeps more octets than its packet had: pcap-parser alone would read on.
    octets.set([1, 0, 0, 0], 24 + 16 + frame.length + 12);
    writeFileSync(path, octets);
    expect(await summariseCapture(path)).toMatchObject({ packets: 1, damage: { code: 'pcap-record-length' } });
  });

  it('does not accept what pcap-parser reads when it is not what is there', async () => {
    const path = capture('counted.pcap', { precision: 'us' });
    const walked = await readCaptureFile(path, () => {});
    await expect(readWithPcapParser(path, walked, FRAMES.length - 1, () => {})).rejects.toThrow(
      `pcap-parser read ${FRAMES.length} packets`,
    );
    await readWithPcapParser(path, walked, FRAMES.length, () => {});
  });

  it('counts malformed frames by their fault, and frames that go back in time', async () => {
    const path = join(folder, 'malformed.pcap');
    const file = PcapFile.create(path);
    const broken = FRAMES.find(({ name }) => name === 'lambda-request')!.frame.slice();
    broken[48]! ^= 1;
    file.write(2_000_000, broken);
    file.write(1_000_000, broken);
    file.write(3_000_000, new Uint8Array(5));
    file.close();
    const summary = await summariseCapture(path);
    expect(summary.malformedPackets).toBe(3);
    expect(summary.faults).toEqual([
      { code: 'udp-checksum', packets: 2 },
      { code: 'ethernet-truncated', packets: 1 },
    ]);
    expect([summary.firstTime, summary.lastTime, summary.outOfOrderPackets]).toEqual(['0.000001000', '0.000003000', 1]);
    expect(formatCaptureSummary(summary)).toMatch(/^ {2}udp-checksum +2$/m);
  });

  it('does not call half a frame malformed', async () => {
    const path = join(folder, 'snapped.pcap');
    const encoder = new PcapEncoder();
    const { frame } = FRAMES.find(({ name }) => name === 'roce-6')!;
    encoder.append(0, frame.subarray(0, 100));
    const octets = encoder.pending().slice();
    new DataView(octets.buffer).setUint32(24 + 12, frame.length, true);
    writeFileSync(path, octets);
    expect(await summariseCapture(path)).toMatchObject({
      shortenedPackets: 1,
      malformedPackets: 0,
      octets: frame.length,
    });
  });

  it('summarises an empty capture', async () => {
    for (const precision of ['ns', 'us'] as const) {
      const path = join(folder, `empty-${precision}.pcap`);
      PcapFile.create(path, { precision }).close();
      const summary = await summariseCapture(path);
      expect([summary.packets, summary.firstTime, summary.durationNs, summary.isTruncated]).toEqual([
        0,
        null,
        0,
        false,
      ]);
      expect(formatCaptureSummary(summary)).toContain('first packet      -');
    }
  });

  it.each([
    ['capture-unreadable', 'missing.pcap', undefined],
    ['capture-unreadable', '.', undefined],
    ['capture-unreadable', '/dev/null', undefined],
    ['capture-format', 'empty.pcap', new Uint8Array(0)],
    ['capture-format', 'short.pcap', Uint8Array.of(0x4d, 0x3c, 0xb2, 0xa1, 2, 0)],
    ['capture-format', 'text.pcap', new TextEncoder().encode('not a capture at all, but some text')],
    ['capture-format', 'version.pcap', Uint8Array.of(0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 3, 0, ...new Uint8Array(16))],
    [
      'capture-link-type',
      'wifi.pcap',
      Uint8Array.of(0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, ...new Uint8Array(12), 105, 0, 0, 0),
    ],
  ])('refuses with %s: %s', async (code, name, octets) => {
    const path = name.startsWith('/') ? name : join(folder, name);
    if (octets !== undefined) writeFileSync(path, octets);
    const failure = await summariseCapture(path).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InputError);
    expect((failure as InputError).code).toBe(code);
    expect((failure as InputError).message.split('\n').length).toBe(1);
  });
});
