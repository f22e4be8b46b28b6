import { beforeEach, describe, expect, test } from 'vitest';
import { PS_PER_S } from '../../../base/units.ts';
import { parseIpv4Address, parseMac } from '../../../packet/addresses.ts';
import { ARP_REPLY, ARP_REQUEST, buildArpFrame, parseArpFrame } from '../../../packet/arp.ts';
import { readUint16, writeUint16 } from '../../../packet/big-endian.ts';
import { internetChecksum } from '../../../packet/checksum.ts';
import { buildIcmpEchoFrame } from '../../../packet/icmp.ts';
import { parseIpv4 } from '../../../packet/ipv4.ts';
import { buildUdpFrame } from '../../../packet/udp-frame.ts';
import { Scheduler } from '../../../time/scheduler.ts';
import type { SwitchRouting } from '../../../topology/types.ts';
import { Router } from './router.ts';

const A = { mac: 0x02_00_00_00_00_0a, address: 0xc0a80001 };
const B = { mac: 0x02_00_00_00_00_0b, address: 0xc0a801c7 };
const LEFT = { mac: 0x02_00_00_00_01_00, address: 0xc0a800fe };
const RIGHT = { mac: 0x02_00_00_00_02_00, address: 0xc0a801fe };

const routing: SwitchRouting = {
  interfaces: [
    { name: 'left', mac: '02:00:00:00:01:00', address: '192.168.0.254', prefixLength: 24, ports: [0] },
    { name: 'right', mac: '02:00:00:00:02:00', address: '192.168.1.254', prefixLength: 24, ports: [1, 2] },
  ],
  routes: [
    {
      network: '10.0.0.0',
      prefixLength: 8,
      nextHops: [{ address: '192.168.1.199', interfaceIndex: 1 }],
      origin: 'static',
    },
  ],
  ecmpSeed: 1,
};

interface Sent {
  readonly port: number;
  readonly frame: Uint8Array;
  /** Passed on at the switch's speed, or of the router's own program. */
  readonly by: 'forward' | 'originate';
  readonly timePs: number;
}

const FRAME_PS = 1_000_000;

class Bench {
  readonly scheduler = new Scheduler();
  readonly sent: Sent[] = [];
  readonly stations = new Map<number, number>();
  readonly router: Router;

  constructor(spec: SwitchRouting = routing) {
    const { scheduler } = this;
    this.router = new Router(
      {
        context: {
          nowPs: () => scheduler.nowPs(),
          at: (timePs, callback) => scheduler.armTimer(0, timePs, callback),
          cancel: (timer) => scheduler.cancelTimer(timer),
          record: () => {},
        },
        allInPs: () => scheduler.nowPs() + FRAME_PS,
        forward: (_, port, frame) => void this.sent.push({ port, frame, by: 'forward', timePs: scheduler.nowPs() }),
        originate: (port, frame) => void this.sent.push({ port, frame, by: 'originate', timePs: scheduler.nowPs() }),
        portOf: (mac) => this.stations.get(mac) ?? -1,
      },
      spec,
    );
  }

  /** What leaves after a frame has come in, until nothing is left to do or a time has passed. */
  give(port: number, frame: Uint8Array, forPs = 10 * FRAME_PS): Sent[] {
    this.sent.length = 0;
    this.router.onFrame(port, frame);
    const untilPs = this.scheduler.nowPs() + forPs;
    this.scheduler.armTimer(0, untilPs, () => {});
    this.scheduler.run(untilPs + 1);
    return this.sent;
  }

  /** B answers ARP before it is asked. */
  knowB(): void {
    this.give(1, arp(ARP_REQUEST, B, RIGHT.address));
  }
}

function arp(operation: number, from: typeof A, targetAddress: number): Uint8Array {
  const sender = { senderMac: from.mac, senderAddress: from.address };
  return buildArpFrame(operation === ARP_REQUEST ? 0xffff_ffff_ffff : RIGHT.mac, {
    operation,
    ...sender,
    targetMac: 0,
    targetAddress,
  });
}

/** From A to an address, through the router. */
function packet(dstAddress: number, ttl = 64, payloadOctets = 87): Uint8Array {
  const payload = new Uint8Array(payloadOctets).fill(0x55);
  const ends = { dstMac: LEFT.mac, srcMac: A.mac, srcAddress: A.address, dstAddress };
  return buildUdpFrame({ ...ends, srcPort: 1, dstPort: 2, ttl, payload });
}

const hex = (octets: Uint8Array) => Buffer.from(octets).toString('hex');

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

describe('forwarding', () => {
  test('MACs, TTL and checksum as computed by hand', () => {
    bench.stations.set(B.mac, 2);
    bench.knowB();
    const before = packet(B.address);
    // 45 00 00 73 00 00 40 00 40 11 and 192.168.0.1, 192.168.1.199 sum to 0xb761 in the complement.
    expect(hex(before.subarray(14, 34))).toBe('45000073000040004011b761c0a80001c0a801c7');
    const untouched = hex(before);
    const [sent, ...others] = bench.give(0, before);
    expect(others).toEqual([]);
    expect(sent).toMatchObject({ port: 2, by: 'forward' });
    expect(hex(sent!.frame.subarray(0, 34))).toBe(
      `02000000000b0200000002000800${'45000073000040003f11b861c0a80001c0a801c7'}`,
    );
    expect(hex(sent!.frame.subarray(34))).toBe(untouched.slice(68));
    expect(hex(before), 'frames are immutable').toBe(untouched);
  });

  test('the incremental checksum is that of the whole header, for every TTL', () => {
    bench.knowB();
    for (let ttl = 2; ttl < 256; ttl++) {
      for (const address of [B.address, B.address - 100]) {
        bench.give(1, arp(ARP_REQUEST, { mac: B.mac, address }, RIGHT.address));
        const [sent] = bench.give(0, packet(address, ttl));
        expect(parseIpv4(sent!.frame, 14, sent!.frame.length)).toMatchObject({ ok: true, value: { ttl: ttl - 1 } });
      }
    }
  });

  test('a static route leads to its next hop, whose MAC the frame gets', () => {
    bench.knowB();
    const [sent] = bench.give(0, packet(0x0a000001));
    expect(hex(sent!.frame.subarray(0, 12))).toBe('02000000000b020000000200');
  });

  test('a frame for another station is left to the bridge', () => {
    const frame = packet(B.address);
    frame.set([2, 0, 0, 0, 0, 0x0b]);
    expect(bench.router.onFrame(0, frame)).toBe(false);
    expect(bench.give(0, frame)).toEqual([]);
  });

  test('a station that is not known behind a port is sent to on all ports of its subnet', () => {
    bench.knowB();
    expect(bench.give(0, packet(B.address)).map(({ port }) => port)).toEqual([1, 2]);
  });
});

describe('ARP', () => {
  test('packets wait for the answer, in their order, and what was asked is asked once', () => {
    const asked = bench.give(0, packet(B.address, 64, 100));
    expect(asked.map(({ port, by }) => [port, by])).toEqual([
      [1, 'originate'],
      [2, 'originate'],
    ]);
    expect(parseArpFrame(asked[0]!.frame)).toMatchObject({
      value: { operation: ARP_REQUEST, senderAddress: RIGHT.address, senderMac: RIGHT.mac, targetAddress: B.address },
    });
    expect(bench.give(0, packet(B.address, 64, 200))).toEqual([]);
    bench.stations.set(B.mac, 1);
    const sent = bench.give(1, arp(ARP_REPLY, B, RIGHT.address));
    expect(sent.map(({ port, frame }) => [port, frame.length])).toEqual([
      [1, 142],
      [1, 242],
    ]);
  });

  test('answers for its own addresses alone', () => {
    expect(bench.give(0, arp(ARP_REQUEST, A, LEFT.address))).toMatchObject([{ port: 0, by: 'originate' }]);
    expect(bench.give(0, arp(ARP_REQUEST, A, RIGHT.address))).toEqual([]);
    expect(bench.give(0, arp(ARP_REQUEST, A, B.address))).toEqual([]);
  });

  test('a next hop that does not answer three times is reported to the sender', () => {
    bench.give(0, arp(ARP_REQUEST, A, LEFT.address));
    const sent = bench.give(0, packet(B.address), 5 * PS_PER_S);
    expect(sent.filter(({ port }) => port === 1)).toHaveLength(3);
    const [error] = sent.filter(({ port }) => port === 0);
    expect([...error!.frame.subarray(34, 36)]).toEqual([3, 1]);
    expect(bench.router.report()).toMatchObject({ ipOutUnresolved: 1, icmpOutDestUnreachs: 1 });
  });
});

describe('ICMP', () => {
  beforeEach(() => {
    bench.give(0, arp(ARP_REQUEST, A, LEFT.address));
    bench.knowB();
  });

  test('the TTL runs out: time exceeded, with the packet as it came, once the frame is all in', () => {
    const frame = packet(B.address, 1);
    const startPs = bench.scheduler.nowPs();
    const [sent, ...others] = bench.give(0, frame);
    expect(others).toEqual([]);
    expect(sent).toMatchObject({ port: 0, by: 'originate', timePs: startPs + FRAME_PS });
    const ip = parseIpv4(sent!.frame, 14, sent!.frame.length);
    expect(ip).toMatchObject({ value: { srcAddress: LEFT.address, dstAddress: A.address, tos: 0xc0 } });
    expect(hex(sent!.frame.subarray(34, 36))).toBe('0b00');
    expect(hex(sent!.frame.subarray(42))).toBe(hex(frame.subarray(14)));
    expect(internetChecksum(sent!.frame, 34, 34 + 8 + 115)).toBe(0);
  });

  test('an error is at most 576 octets long', () => {
    const [sent] = bench.give(0, packet(B.address, 1, 1400));
    expect(sent!.frame.length - 14).toBe(576);
  });

  test('no route: network unreachable', () => {
    const [sent] = bench.give(0, packet(0x0b000001));
    expect(hex(sent!.frame.subarray(34, 36))).toBe('0300');
    expect(bench.router.report()).toMatchObject({ ipOutNoRoutes: 1 });
  });

  test.each([
    ['the near address', LEFT.address],
    ['the far address', RIGHT.address],
  ])('answers an echo request to %s, whatever its TTL', (_, dstAddress) => {
    const ends = { dstMac: LEFT.mac, srcMac: A.mac, srcAddress: A.address, dstAddress, ttl: 1 };
    const echo = { kind: 'request', identifier: 7, sequence: 9, data: Uint8Array.of(1, 2, 3) } as const;
    const [sent] = bench.give(0, buildIcmpEchoFrame(ends, echo));
    const answer = { dstMac: A.mac, srcMac: LEFT.mac, srcAddress: dstAddress, dstAddress: A.address };
    expect(hex(sent!.frame)).toBe(hex(buildIcmpEchoFrame(answer, { ...echo, kind: 'reply' })));
  });

  test('a datagram to the router itself: port unreachable', () => {
    const [sent] = bench.give(0, packet(RIGHT.address));
    expect(hex(sent!.frame.subarray(34, 36))).toBe('0303');
  });

  test('never about an ICMP error, nor about a fragment but the first', () => {
    const [error] = bench.give(0, packet(B.address, 1));
    const about = new Uint8Array(error!.frame);
    about.set(packet(0x0b000001).subarray(0, 14));
    about.set([...[192, 168, 0, 1], ...[11, 0, 0, 1]], 26);
    fixChecksum(about);
    expect(bench.give(0, about)).toEqual([]);
    const fragment = packet(0x0b000001);
    writeUint16(fragment, 20, 0x0001);
    fixChecksum(fragment);
    expect(bench.give(0, fragment)).toEqual([]);
    expect(bench.router.report()).toMatchObject({ icmpOutSuppressed: 2, ipOutNoRoutes: 2 });
  });

  test('fifty at once, then a thousand a second', () => {
    let sent = 0;
    for (let i = 0; i < 100; i++) sent += bench.give(0, packet(B.address, 1), FRAME_PS).length;
    expect(sent).toBe(50);
    bench.give(0, arp(ARP_REQUEST, A, LEFT.address), PS_PER_S / 1_000);
    sent = 0;
    for (let i = 0; i < 100; i++) sent += bench.give(0, packet(B.address, 1), PS_PER_S / 1_000).length;
    expect(sent).toBe(100);
  });
});

describe('what is dropped', () => {
  test.each<[string, (frame: Uint8Array) => void, string]>([
    ['a wrong checksum', (frame) => writeUint16(frame, 24, readUint16(frame, 24) ^ 1), 'ipInHdrErrors'],
    ['version 6', (frame) => frame.set([0x65], 14), 'ipInHdrErrors'],
    ['a total length beyond the frame', (frame) => writeUint16(frame, 16, 2000), 'ipInHdrErrors'],
    ['a multicast source', (frame) => frame.set([224, 0, 0, 1], 26), 'ipInAddrErrors'],
    ['a loopback destination', (frame) => frame.set([127, 0, 0, 1], 30), 'ipInAddrErrors'],
    ["a subnet's broadcast address", (frame) => frame.set([192, 168, 1, 255], 30), 'ipInAddrErrors'],
  ])('%s', (_, spoil, counter) => {
    const frame = packet(B.address);
    const sound = counter === 'ipInAddrErrors';
    spoil(frame);
    if (sound) fixChecksum(frame);
    expect(bench.give(0, frame, 5 * PS_PER_S)).toEqual([]);
    expect(bench.router.report()).toMatchObject({ ipInReceives: 1, [counter]: 1, ipOutForwDatagrams: 0 });
  });

  test('a frame too short for a header, of every length', () => {
    for (let octets = 14; octets < 34; octets++)
      expect(bench.give(0, packet(B.address).subarray(0, octets))).toEqual([]);
    expect(bench.router.report()).toMatchObject({ ipInHdrErrors: 20 });
  });
});

function fixChecksum(frame: Uint8Array): void {
  writeUint16(frame, 24, 0);
  writeUint16(frame, 24, internetChecksum(frame, 14, 34));
}

test('the addresses of this file are those of the routing', () => {
  expect(parseIpv4Address('192.168.0.254')).toBe(LEFT.address);
  expect(parseMac('02:00:00:00:02:00')).toBe(RIGHT.mac);
});
