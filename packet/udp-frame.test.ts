import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Result } from '../base/result.ts';
import { internetChecksum } from './checksum.ts';
import { buildUdpFrame, parseUdpFrame, UDP_PAYLOAD_OFFSET, type UdpFrameFields } from './udp-frame.ts';

const FIELDS: UdpFrameFields = {
  srcMac: 0x00154d003001,
  dstMac: 0x00154d002001,
  srcAddress: 0x0a0a1e01,
  dstAddress: 0x0a0a1469,
  srcPort: 50_000,
  dstPort: 4_369,
  payload: Uint8Array.of(1, 2, 3, 4, 5),
};

function codeOf(result: Result<unknown>): string {
  return result.ok ? 'ok' : result.error.code;
}

const anyFields = fc.record({
  srcMac: fc.nat(2 ** 48 - 1),
  dstMac: fc.nat(2 ** 48 - 1),
  srcAddress: fc.nat(2 ** 32 - 1),
  dstAddress: fc.nat(2 ** 32 - 1),
  srcPort: fc.nat(65_535),
  dstPort: fc.nat(65_535),
  ttl: fc.nat(255),
  identification: fc.nat(65_535),
  tos: fc.nat(255),
  zeroChecksum: fc.boolean(),
  payload: fc.uint8Array({ maxLength: 1_472 }),
});

describe('UDP frames', () => {
  it('have the IPv4 header that textbooks print for these fields', () => {
    // The worked example of "Internet checksum" in Wikipedia: 4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7.
    const frame = buildUdpFrame({
      ...FIELDS,
      srcAddress: 0xc0a80001,
      dstAddress: 0xc0a800c7,
      payload: new Uint8Array(87),
    });
    expect(hex(frame.subarray(0, 34))).toBe(
      '00154d00200100154d0030010800' + '45000073000040004011b861c0a80001c0a800c7',
    );
  });

  it('are accepted when another stack made them, with its checksums', () => {
    // A RoCEv2 WRITE as a NIC driver's test suite publishes it, with a UDP checksum that is not zero.
    const parsed = parseUdpFrame(
      octetsOf(
        '123456789abc7cb27d62c1ef08004500004c000100004011f54cc0a80201c0a8020201f412b70038ffa60a00ffff00000002' +
          '0000000000000000000012300000000000000010000102030405060708090a0b0c0d0e0fca47470e',
      ),
    );
    expect(parsed.ok && parsed.value.zeroChecksum).toBe(false);
    expect(parsed.ok && [parsed.value.srcPort, parsed.value.dstPort, parsed.value.payload.length]).toEqual([
      500, 4791, 48,
    ]);
  });

  it('are padded to 60 octets with zeros, and the padding is not payload', () => {
    const frame = buildUdpFrame(FIELDS);
    expect(frame.length).toBe(60);
    expect([...frame.subarray(UDP_PAYLOAD_OFFSET)]).toEqual([1, 2, 3, 4, 5, ...new Array(13).fill(0)]);
    const parsed = parseUdpFrame(frame);
    expect(parsed.ok && [...parsed.value.payload]).toEqual([1, 2, 3, 4, 5]);
  });

  it('share a slab but no octets', () => {
    const frames = Array.from({ length: 2_000 }, (_, i) =>
      buildUdpFrame({ ...FIELDS, payload: new Uint8Array(i % 90).fill(i) }),
    );
    for (const [i, frame] of frames.entries()) {
      const parsed = parseUdpFrame(frame);
      expect(parsed.ok && [...parsed.value.payload]).toEqual(new Array(i % 90).fill(i & 255));
    }
  });

  it('send a checksum that comes out as zero as all ones', () => {
    // The last word of the payload is set to what makes the sum all ones.
    const plain = buildUdpFrame({ ...FIELDS, payload: Uint8Array.of(0, 0) });
    const payload = plain.slice(40, 42);
    const frame = buildUdpFrame({ ...FIELDS, payload });
    expect(hex(frame.subarray(40, 42))).toBe('ffff');
    expect(codeOf(parseUdpFrame(frame))).toBe('ok');
  });

  it('survive building and reading', () => {
    fc.assert(
      fc.property(anyFields, (fields) => {
        const frame = buildUdpFrame(fields);
        const parsed = parseUdpFrame(frame);
        expect(codeOf(parsed)).toBe('ok');
        if (!parsed.ok) return;
        const { srcMac, dstMac, srcAddress, dstAddress, srcPort, dstPort, ttl, identification, tos } = parsed.value;
        const { zeroChecksum, payload } = parsed.value;
        expect({
          srcMac,
          dstMac,
          srcAddress,
          dstAddress,
          srcPort,
          dstPort,
          ttl,
          identification,
          tos,
          zeroChecksum,
          payload: Uint8Array.from(payload),
        }).toEqual(fields);
      }),
      { verbose: true },
    );
  });

  it('refuse every single wrong bit that a checksum covers', () => {
    const frame = buildUdpFrame({ ...FIELDS, payload: Uint8Array.from({ length: 200 }, (_, i) => i) });
    for (let bit = 14 * 8; bit < frame.length * 8; bit++) {
      const broken = frame.slice();
      broken[bit >> 3]! ^= 1 << (bit & 7);
      expect(codeOf(parseUdpFrame(broken)), `bit ${bit}`).not.toBe('ok');
    }
  });

  it('refuse every truncation', () => {
    const frame = buildUdpFrame({ ...FIELDS, payload: new Uint8Array(40) });
    for (let octets = 0; octets < frame.length; octets++) {
      expect(codeOf(parseUdpFrame(frame.slice(0, octets)))).toMatch(
        /^(ethernet-truncated|ipv4-truncated|ipv4-total-length)$/,
      );
    }
  });

  it.each([
    ['not-ipv4', (_ip: Uint8Array, frame: Uint8Array) => frame.set([0x08, 0x06], 12)],
    ['ipv4-version', (ip: Uint8Array) => ip.set([0x65])],
    ['ipv4-header-length', (ip: Uint8Array) => ip.set([0x44])],
    ['ipv4-total-length', (ip: Uint8Array) => ip.set([0, 19], 2)],
    ['ipv4-checksum', (ip: Uint8Array) => ip.set([63], 8)],
    ['ipv4-fragment', (ip: Uint8Array) => resum(ip, [0x20, 0x00], 6)],
    ['ipv4-fragment', (ip: Uint8Array) => resum(ip, [0x00, 0x01], 6)],
    ['not-udp', (ip: Uint8Array) => resum(ip, [6], 9)],
    ['udp-truncated', (ip: Uint8Array) => resum(ip, [0, 27], 2)],
    ['udp-length', (ip: Uint8Array) => ip.set([0, 7], 24)],
    ['udp-length', (ip: Uint8Array) => ip.set([0, 14], 24)],
    ['udp-checksum', (ip: Uint8Array) => ip.set([9], 28)],
  ])('refuse with %s', (code, breakIt: (ip: Uint8Array, frame: Uint8Array) => void) => {
    const frame = buildUdpFrame(FIELDS);
    breakIt(frame.subarray(14), frame);
    expect(codeOf(parseUdpFrame(frame))).toBe(code);
  });

  it('skip IPv4 options', () => {
    const plain = buildUdpFrame(FIELDS);
    const frame = new Uint8Array(60 + 4);
    frame.set(plain.subarray(0, 34));
    frame.set([1, 1, 1, 0], 34);
    frame.set(plain.subarray(34, 60), 38);
    frame[14] = 0x46;
    resum(frame.subarray(14), [0, 20 + 4 + 8 + 5], 2);
    const parsed = parseUdpFrame(frame);
    expect(parsed.ok && [...parsed.value.payload]).toEqual([1, 2, 3, 4, 5]);
  });
});

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}

function octetsOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

/** Writes into an IPv4 header and makes its checksum right again, so that the next check is the one that speaks. */
function resum(ip: Uint8Array, octets: readonly number[], at: number): void {
  ip.set(octets, at);
  ip.set([0, 0], 10);
  const checksum = internetChecksum(ip, 0, (ip[0]! & 15) * 4);
  ip.set([checksum >> 8, checksum & 255], 10);
}
