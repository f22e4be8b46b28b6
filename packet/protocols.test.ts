import { describe, expect, it } from 'vitest';
import { InvariantError } from '../base/assert.ts';
import type { Result } from '../base/result.ts';
import { MAC_BROADCAST } from './addresses.ts';
import { ARP_REQUEST, buildArpFrame, parseArpFrame } from './arp.ts';
import { ascii, between, CLIENT, MANAGEMENT_MESSAGES, MASTER, pattern, WORKER } from './example-frames.ts';
import { buildIcmpEchoFrame, parseIcmpEcho } from './icmp.ts';
import { parseIpv4 } from './ipv4.ts';
import { buildManagementFrame, emitManagement, type ManagementMessage, parseManagement } from './management.ts';
import { buildMemcachedFrame, parseMemcachedFrame } from './memcached-frame.ts';
import { PORT_MANAGEMENT, PORT_MEMCACHED, parseUdp } from './udp.ts';
import { parseUdpFrame } from './udp-frame.ts';

function codeOf(result: Result<unknown>): string {
  return result.ok ? 'ok' : result.error.code;
}

describe('ARP', () => {
  const packet = {
    operation: ARP_REQUEST,
    senderMac: CLIENT.mac,
    senderAddress: CLIENT.address,
    targetMac: 0,
    targetAddress: MASTER.address,
  };
  const frame = buildArpFrame(MAC_BROADCAST, packet);

  it('has the octets of RFC 826', () => {
    expect(Buffer.from(frame).toString('hex')).toBe(
      `ffffffffffff00154d0030010806${'000108000604000100154d0030010a0a1e010000000000000a0a1469'.padEnd(92, '0')}`,
    );
    expect(parseArpFrame(frame)).toEqual({ ok: true, value: packet });
  });

  it.each([
    ['not-arp', 13, 0x00],
    ['arp-kind', 15, 6],
    ['arp-kind', 18, 8],
    ['arp-operation', 21, 3],
  ])('is refused with %s', (code, at, octet) => {
    const broken = frame.slice();
    broken[at] = octet;
    expect(codeOf(parseArpFrame(broken))).toBe(code);
  });

  it('is refused when it is short', () => {
    expect(codeOf(parseArpFrame(frame.slice(0, 41)))).toBe('arp-truncated');
    expect(codeOf(parseArpFrame(frame.slice(0, 13)))).toBe('ethernet-truncated');
  });
});

describe('ICMP echo', () => {
  const addresses = { srcMac: CLIENT.mac, dstMac: MASTER.mac, srcAddress: CLIENT.address, dstAddress: MASTER.address };

  it.each([0, 1, 56, 1_400])('survives with %d octets of data', (octets) => {
    for (const kind of ['request', 'reply'] as const) {
      const echo = { kind, identifier: 0xabcd, sequence: 0xfffe, data: pattern(octets) };
      const frame = buildIcmpEchoFrame(addresses, echo);
      const ip = parseIpv4(frame, 14, frame.length);
      expect(ip.ok && [ip.value.protocol, ip.value.srcAddress, ip.value.dstAddress]).toEqual([
        1,
        CLIENT.address,
        MASTER.address,
      ]);
      const parsed = ip.ok && parseIcmpEcho(frame, ip.value.payloadStart, ip.value.payloadEnd);
      expect(parsed !== false && parsed.ok && { ...parsed.value, data: Uint8Array.from(parsed.value.data) }).toEqual(
        echo,
      );
    }
  });

  it('is refused with a wrong checksum, another type or too few octets', () => {
    const frame = buildIcmpEchoFrame(addresses, { kind: 'request', identifier: 1, sequence: 1, data: pattern(8) });
    expect(codeOf(parseIcmpEcho(frame, 34, 41))).toBe('icmp-truncated');
    frame[45]! ^= 1;
    expect(codeOf(parseIcmpEcho(frame, 34, 50))).toBe('icmp-checksum');
    // Type 3, code 1 (host unreachable); the checksum word takes the difference.
    const unreachable = Uint8Array.of(3, 1, 0xfc, 0xfe, 0, 0, 0, 0);
    expect(codeOf(parseIcmpEcho(unreachable, 0, 8))).toBe('icmp-not-echo');
  });
});

describe('memcached frame header', () => {
  it('stands before the text', () => {
    const header = { requestId: 0x1234, sequence: 1, datagrams: 3 };
    const frame = buildMemcachedFrame(between(WORKER, MASTER, 50_000, PORT_MEMCACHED), header, ascii('END\r\n'));
    const udp = parseUdpFrame(frame);
    expect(udp.ok && Buffer.from(udp.value.payload).toString('hex')).toBe('1234000100030000454e440d0a');
    expect(parseMemcachedFrame(frame, 42, 55)).toEqual({ ok: true, value: header });
  });

  it('is refused when it is short or counts wrong', () => {
    expect(codeOf(parseMemcachedFrame(new Uint8Array(7), 0, 7))).toBe('memcached-frame-truncated');
    expect(codeOf(parseMemcachedFrame(Uint8Array.of(0, 1, 0, 2, 0, 2, 0, 0), 0, 8))).toBe('memcached-frame-sequence');
    expect(codeOf(parseMemcachedFrame(new Uint8Array(8), 0, 8))).toBe('memcached-frame-sequence');
  });
});

describe('management messages', () => {
  it.each(MANAGEMENT_MESSAGES.map((message) => [message.type, message] as const))('%s survives', (_, message) => {
    const octets = emitManagement(message);
    const parsed = parseManagement(octets, 0, octets.length);
    expect(parsed.ok && withOwnOctets(parsed.value)).toEqual(message);
    const frame = buildManagementFrame(between(MASTER, WORKER, 50_000, PORT_MANAGEMENT), message);
    const udp = parseUdp(frame, 14, 34, frame.length);
    expect(udp.ok && Uint8Array.from(frame.subarray(udp.value.payloadStart, udp.value.payloadEnd))).toEqual(octets);
  });

  it('have the bodies of the contract', () => {
    const bodies = MANAGEMENT_MESSAGES.map((message) => emitManagement(message).length - 12);
    expect(bodies).toEqual([36, 4 + 1_024, 4, 0, 36, 48, 28, 12, 8, 0]);
  });

  it('are refused when any octet is missing or too many', () => {
    for (const message of MANAGEMENT_MESSAGES) {
      const octets = emitManagement(message);
      for (let end = 0; end < octets.length; end++) {
        expect(codeOf(parseManagement(octets, 0, end))).toBe(end < 12 ? 'management-truncated' : 'management-length');
      }
      expect(codeOf(parseManagement(new Uint8Array([...octets, 0]), 0, octets.length + 1))).toBe('management-length');
    }
  });

  it.each([
    ['management-type', 0, 0],
    ['management-type', 0, 11],
    ['management-version', 1, 2],
  ])('are refused with %s', (code, at, octet) => {
    const octets = emitManagement({ type: 'ack', transaction: 1 });
    octets[at] = octet;
    expect(codeOf(parseManagement(octets, 0, octets.length))).toBe(code);
  });

  it('carry at most 1,024 octets of firmware', () => {
    const chunk = { type: 'firmware-chunk', transaction: 1, offset: 0, data: new Uint8Array(1_025) } as const;
    expect(() => emitManagement(chunk)).toThrow(new InvariantError('firmware chunk of 1025 octets'));
    const octets = new Uint8Array(12 + 4 + 1_025);
    octets.set([2, 1]);
    new DataView(octets.buffer).setUint32(8, 4 + 1_025);
    expect(codeOf(parseManagement(octets, 0, octets.length))).toBe('management-length');
  });

  it('carry SHA-256s of 32 octets', () => {
    const sha256 = new Uint8Array(31);
    for (const message of [
      { type: 'firmware-begin', transaction: 1, octets: 1, sha256 },
      { type: 'firmware-loaded', transaction: 1, status: 0, sha256 },
    ] as const) {
      expect(() => emitManagement(message)).toThrow(new InvariantError('SHA-256 of 31 octets'));
    }
  });
});

/** Views of the parsed octets become arrays of their own, to compare. */
function withOwnOctets(message: ManagementMessage): ManagementMessage {
  if ('sha256' in message) return { ...message, sha256: Uint8Array.from(message.sha256) };
  if ('data' in message) return { ...message, data: Uint8Array.from(message.data) };
  return message;
}
