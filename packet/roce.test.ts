import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '../base/assert.ts';
import type { Result } from '../base/result.ts';
import { ascii, between, CLIENT, pattern, ROCE_PACKETS, WORKER } from './example-frames.ts';
import { psnAdd, psnDistance } from './psn.ts';
import { buildRoceFrame, formatRoce, formatSyndrome, invariantCrc, parseRoce, type RocePacket } from './roce.ts';
import { RC_ACKNOWLEDGE, RC_WRITE_FIRST, RC_WRITE_MIDDLE, RC_WRITE_ONLY, roceOpcode } from './roce-opcodes.ts';
import { PORT_ROCE } from './udp.ts';
import { parseUdpFrame } from './udp-frame.ts';

const ADDRESSES = between(CLIENT, WORKER, 50_003, PORT_ROCE);

function parse(frame: Uint8Array): Result<RocePacket> {
  const udp = parseUdpFrame(frame);
  return udp.ok ? parseRoce(udp.value) : udp;
}

function codeOf(result: Result<unknown>): string {
  return result.ok ? 'ok' : result.error.code;
}

const anyPacket: fc.Arbitrary<RocePacket> = fc
  .record({
    opcode: fc.nat(0x11),
    destinationQp: fc.nat(2 ** 24 - 1),
    psn: fc.nat(2 ** 24 - 1),
    ackRequest: fc.boolean(),
    solicitedEvent: fc.boolean(),
    partitionKey: fc.nat(65_535),
    reth: fc.record({ address: fc.bigInt(0n, 2n ** 64n - 1n), rkey: fc.nat(2 ** 32 - 1), octets: fc.nat(2 ** 32 - 1) }),
    aeth: fc.record({ syndrome: fc.nat(255), msn: fc.nat(2 ** 24 - 1) }),
    immediate: fc.nat(2 ** 32 - 1),
    payload: fc.uint8Array({ maxLength: 1_024 }),
  })
  .map(({ reth, aeth, immediate, payload, ...base }) => {
    const { hasReth, hasAeth, hasImmediate, hasPayload } = roceOpcode(base.opcode)!;
    return {
      ...base,
      ...(hasReth ? { reth } : {}),
      ...(hasAeth ? { aeth } : {}),
      ...(hasImmediate ? { immediate } : {}),
      payload: hasPayload ? payload : new Uint8Array(0),
    };
  });

describe('invariant CRC', () => {
  it('is the one that a ConnectX-4 Lx sent', () => {
    // A congestion notification captured from that card, as Scapy's test suite publishes it (test/contrib/roce.uts).
    const frame = Buffer.from(
      'e41d2dab2bc27cfe90643b32080045c2003c718c4000401191610a0011010a001201000012b7002800008100ffff40000118' +
        '0000000000000000000000000000000000000000' +
        '82fd002a',
      'hex',
    );
    const octets = Uint8Array.from(frame);
    expect(octets.length).toBe(74);
    expect(invariantCrc(octets, 14, 70)).toBe(frame.readUInt32LE(70));
  });

  it('is the one that a driver captured on a WRITE with RETH and payload', () => {
    const frame = Buffer.from(
      '123456789abc7cb27d62c1ef08004500004c000100004011f54cc0a80201c0a8020201f412b70038ffa60a00ffff00000002' +
        '0000000000000000000012300000000000000010000102030405060708090a0b0c0d0e0fca47470e',
      'hex',
    );
    const octets = Uint8Array.from(frame);
    expect(invariantCrc(octets, 14, octets.length - 4)).toBe(frame.readUInt32LE(octets.length - 4));
    const parsed = parse(octets);
    expect(parsed.ok && parsed.value).toMatchObject({
      opcode: RC_WRITE_ONLY,
      destinationQp: 2,
      psn: 0,
      reth: { address: 0x1230n, rkey: 0, octets: 16 },
    });
  });

  it('does not change with what a router or a switch changes, and with nothing else', () => {
    const frame = buildRoceFrame(ADDRESSES, ROCE_PACKETS[3]!);
    const icrcStart = frame.length - 4;
    const before = invariantCrc(frame, 14, icrcStart);
    const free = new Set([15, 22, 24, 25, 40, 41, 46]);
    for (let at = 14; at < icrcStart; at++) {
      const other = frame.slice();
      other[at]! ^= 0x10;
      expect(invariantCrc(other, 14, icrcStart) === before, `octet ${at}`).toBe(free.has(at));
    }
  });
});

describe('RoCEv2 packets', () => {
  it('survive building and reading, whatever the opcode', () => {
    fc.assert(
      fc.property(anyPacket, (packet) => {
        const parsed = parse(buildRoceFrame(ADDRESSES, packet));
        expect(codeOf(parsed)).toBe('ok');
        if (parsed.ok) expect({ ...parsed.value, payload: Uint8Array.from(parsed.value.payload) }).toEqual(packet);
      }),
      { verbose: true },
    );
  });

  it('leave the UDP checksum zero and pad the payload to four octets', () => {
    const frame = buildRoceFrame(ADDRESSES, { ...ROCE_PACKETS[1]!, payload: pattern(33) });
    expect([frame[40], frame[41]]).toEqual([0, 0]);
    expect(frame.length).toBe(42 + 12 + 36 + 4);
    expect((frame[43]! >> 4) & 3).toBe(3);
    const parsed = parse(frame);
    expect(parsed.ok && parsed.value.payload.length).toBe(33);
  });

  it('say that the connection is migrated, solicited or not', () => {
    for (const solicitedEvent of [false, true]) {
      const frame = buildRoceFrame(ADDRESSES, { ...ROCE_PACKETS[1]!, solicitedEvent, payload: pattern(32) });
      expect(frame[43]).toBe(solicitedEvent ? 0xc0 : 0x40);
    }
  });

  it('refuse a wrong bit anywhere that the ICRC covers', () => {
    const frame = buildRoceFrame(ADDRESSES, ROCE_PACKETS[3]!);
    for (let at = 42; at < frame.length; at++) {
      if (at === 46) continue;
      const broken = frame.slice();
      broken[at]! ^= 1;
      expect(codeOf(parse(broken)), `octet ${at}`).toBe('roce-icrc');
    }
  });

  it.each([
    ['roce-truncated', 15],
    ['roce-icrc', 16],
  ])('refuse with %s a datagram of %d octets', (code, octets) => {
    const udp = parseUdpFrame(shortRoce(octets, new Uint8Array(octets)));
    expect(udp.ok && codeOf(parseRoce(udp.value))).toBe(code);
  });

  it.each([
    ['roce-version', [RC_WRITE_MIDDLE, 0x01], 16],
    ['roce-opcode', [0x12, 0], 16],
    ['roce-opcode', [0x81, 0], 16],
    ['roce-truncated', [RC_WRITE_FIRST, 0], 16],
    ['roce-truncated', [RC_WRITE_MIDDLE, 0x30], 16],
    ['roce-alignment', [RC_WRITE_MIDDLE, 0], 18],
    ['roce-unexpected-payload', [RC_ACKNOWLEDGE, 0], 24],
  ])('refuse with %s what carries a right ICRC', (code, start, octets) => {
    const payload = new Uint8Array(octets);
    payload.set(start);
    const frame = shortRoce(octets, payload);
    const icrcStart = 42 + octets - 4;
    new DataView(frame.buffer, frame.byteOffset).setUint32(icrcStart, invariantCrc(frame, 14, icrcStart), true);
    expect(codeOf(parse(frame))).toBe(code);
  });

  it('are not built when headers and opcode disagree', () => {
    const [first, acknowledge] = [ROCE_PACKETS[0]!, ROCE_PACKETS[4]!];
    const refused = (packet: RocePacket, text: string) =>
      expect(() => buildRoceFrame(ADDRESSES, packet)).toThrow(new InvariantError(text));
    refused({ ...first, opcode: 0x12 }, 'RoCE opcode 18 is not of the reliable connection');
    refused({ ...first, opcode: RC_WRITE_MIDDLE }, 'RETH and opcode write-middle disagree');
    refused({ ...first, aeth: acknowledge.aeth! }, 'AETH and opcode write-first disagree');
    refused({ ...first, immediate: 1 }, 'immediate and opcode write-first disagree');
    refused({ ...acknowledge, payload: ascii('x') }, 'payload and opcode acknowledge disagree');
  });

  it('print what matters', () => {
    expect(formatRoce(ROCE_PACKETS[0]!)).toBe(
      'RoCE write-first qp 33 psn 16777214 va 0x9810000000 rkey 0xdeadbeef dma-length 2100, length 1024',
    );
    expect(formatRoce(ROCE_PACKETS[5]!)).toBe(
      'RoCE acknowledge qp 33 psn 16777214 nak psn-sequence-error msn 0, length 0',
    );
    expect(formatSyndrome(0x2a)).toBe('rnr-nak timer 10');
  });
});

describe('packet sequence numbers', () => {
  it('add around the circle', () => {
    expect(psnAdd(0xffffff, 1)).toBe(0);
    expect(psnAdd(0, -1)).toBe(0xffffff);
    expect(psnAdd(5, 2 ** 24)).toBe(5);
  });

  it('have a signed distance that adds back', () => {
    expect(psnDistance(0xfffffe, 1)).toBe(3);
    expect(psnDistance(1, 0xfffffe)).toBe(-3);
    expect(psnDistance(0, 2 ** 23)).toBe(-(2 ** 23));
    fc.assert(
      fc.property(fc.nat(2 ** 24 - 1), fc.integer({ min: -(2 ** 23), max: 2 ** 23 - 1 }), (psn, packets) => {
        expect(psnDistance(psn, psnAdd(psn, packets))).toBe(packets);
      }),
      { verbose: true },
    );
  });
});

/** A frame to port 4791 with a zero UDP checksum and any payload. */
function shortRoce(octets: number, payload: Uint8Array): Uint8Array {
  const frame = buildRoceFrame(ADDRESSES, { ...ROCE_PACKETS[1]!, payload: new Uint8Array(64) });
  const short = frame.slice(0, Math.max(60, 42 + octets));
  short.fill(0, 42);
  short.set(payload, 42);
  const ip = new DataView(short.buffer, 14);
  // Lengths of IPv4 and UDP, and the header checksum corrected by the difference (RFC 1624).
  const difference = ip.getUint16(2) - (28 + octets);
  ip.setUint16(2, 28 + octets);
  ip.setUint16(10, ip.getUint16(10) + difference);
  ip.setUint16(24, 8 + octets);
  return short;
}
