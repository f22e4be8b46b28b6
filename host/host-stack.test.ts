import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PS_PER_MS, PS_PER_NS, PS_PER_S, PS_PER_US } from '../base/units.ts';
import { MAC_BROADCAST, parseMac } from '../packet/addresses.ts';
import { ARP_REPLY, ARP_REQUEST, buildArpFrame, parseArpFrame } from '../packet/arp.ts';
import { buildIcmpEchoFrame } from '../packet/icmp.ts';
import {
  allocateUdpFrame,
  buildUdpFrame,
  parseUdpFrame,
  UDP_MAX_PAYLOAD_OCTETS,
  UDP_PAYLOAD_OFFSET,
} from '../packet/udp-frame.ts';
import type { NodeEvent, TimerHandle } from '../time/node.ts';
import { Scheduler } from '../time/scheduler.ts';
import { HostCpu } from './host-cpu.ts';
import { HostStack, type HostStackOptions } from './host-stack.ts';

const MAC_A = parseMac('00:15:4d:00:00:0a')!;
const MAC_B = parseMac('00:15:4d:00:00:0b')!;
const MAC_C = parseMac('00:15:4d:00:00:0c')!;
const A = 0x0a0a0001;
const B = 0x0a0a0002;
const C = 0x0a0a0003;
const WIRE_PS = 500 * PS_PER_NS;

const octets = (text: string) => new TextEncoder().encode(text);
const text = (payload: Uint8Array) => new TextDecoder().decode(payload);

/** A segment to which any number of stacks are attached: every frame reaches every other one (as a hub does). */
class Segment {
  readonly scheduler = new Scheduler();
  readonly stacks: HostStack[] = [];
  readonly cpus: HostCpu[] = [];
  readonly frames: { readonly from: number; readonly timePs: number; readonly frame: Uint8Array }[] = [];
  readonly events: NodeEvent[] = [];
  /** False: the frame is lost. */
  passes: (from: number, n: number, frame: Uint8Array) => boolean = () => true;

  add(mac: number, address: number, options: Partial<HostStackOptions> & { threads?: number } = {}): HostStack {
    const { threads, ...stackOptions } = options;
    const from = this.stacks.length;
    const context = {
      nowPs: (): number => this.scheduler.nowPs(),
      at: (timePs: number, callback: () => void): TimerHandle => this.scheduler.armTimer(from, timePs, callback),
      cancel: (timer: TimerHandle): void => this.scheduler.cancelTimer(timer),
      send: (port: number, frame: Uint8Array): boolean => {
        expect(port).toBe(0);
        this.carry(from, frame);
        return true;
      },
      record: (event: NodeEvent): void => void this.events.push(event),
    };
    const cpu = threads === undefined ? {} : { cpu: new HostCpu(context, threads) };
    const stack = new HostStack(context, { interfaces: [{ mac, address, prefixLength: 24 }], ...cpu, ...stackOptions });
    this.stacks.push(stack);
    return stack;
  }

  inject(frame: Uint8Array): void {
    this.carry(-1, frame);
  }

  settle(): void {
    expect(this.scheduler.run(Number.POSITIVE_INFINITY, 100_000)).toBeLessThan(100_000);
  }

  arpFrames(operation: number): number {
    return this.frames.filter(({ frame }) => {
      const arp = parseArpFrame(frame);
      return arp.ok && arp.value.operation === operation;
    }).length;
  }

  private carry(from: number, frame: Uint8Array): void {
    const n = this.frames.length;
    this.frames.push({ from, timePs: this.scheduler.nowPs(), frame });
    if (!this.passes(from, n, frame)) return;
    this.stacks.forEach((stack, to) => {
      if (to !== from) this.scheduler.armTimer(to, this.scheduler.nowPs() + WIRE_PS, () => stack.onFrame(0, frame));
    });
  }
}

function pair(options: Partial<HostStackOptions> & { threads?: number } = {}) {
  const segment = new Segment();
  const a = segment.add(MAC_A, A, options);
  const b = segment.add(MAC_B, B, options);
  const received: string[] = [];
  b.bind(7, (datagram) => received.push(text(datagram.payload)));
  return { segment, a, b, received };
}

describe('UDP', () => {
  it('asks for the MAC once, then sends; the handler sees where it came from, and an answer needs no ARP', () => {
    const { segment, a, b } = pair();
    const answers: string[] = [];
    b.bind(9, (datagram, interfaceIndex) => {
      expect(interfaceIndex).toBe(0);
      expect([datagram.srcMac, datagram.srcAddress, datagram.srcPort]).toEqual([MAC_A, A, 1_000]);
      expect([datagram.dstMac, datagram.dstAddress, datagram.dstPort]).toEqual([MAC_B, B, 9]);
      b.send(9, datagram.srcAddress, datagram.srcPort, datagram.payload);
    });
    a.bind(1_000, (datagram) => answers.push(text(datagram.payload)));
    expect(a.send(1_000, B, 9, octets('one'))).toBe(true);
    a.send(1_000, B, 9, octets('two'));
    segment.settle();
    expect(answers).toEqual(['one', 'two']);
    expect([segment.arpFrames(ARP_REQUEST), segment.arpFrames(ARP_REPLY)]).toEqual([1, 1]);
    expect(segment.frames.length).toBe(2 + 4);
    for (const { frame } of segment.frames) expect(frame.length).toBeGreaterThanOrEqual(60);
  });

  it('carries payloads of all lengths, also written in place', () => {
    const { segment, a, b } = pair();
    const lengths: number[] = [];
    b.bind(9, (datagram) => lengths.push(datagram.payload.length));
    for (const length of [0, 1, 18, 19, UDP_MAX_PAYLOAD_OCTETS]) a.send(5, B, 9, new Uint8Array(length));
    const frame = allocateUdpFrame(3);
    frame.set(octets('abc'), UDP_PAYLOAD_OFFSET);
    a.sendInPlace(frame, 3, 5, B, 7);
    segment.settle();
    expect(lengths).toEqual([0, 1, 18, 19, UDP_MAX_PAYLOAD_OCTETS]);
    expect(() => a.send(5, B, 9, new Uint8Array(UDP_MAX_PAYLOAD_OCTETS + 1))).toThrow(/1473/);
  });

  it('copies the payload at the call, so that the caller may use its buffer again', () => {
    const { segment, a, received } = pair({ threads: 1, sendStackPs: 1_000 });
    const buffer = octets('first');
    a.send(5, B, 7, buffer);
    buffer.fill(0);
    segment.settle();
    expect(received).toEqual(['first']);
  });

  it('counts what no program has bound, and what goes nowhere', () => {
    const { segment, a, b, received } = pair();
    a.send(5, B, 8, octets('x'));
    b.unbind(7);
    a.send(5, B, 7, octets('y'));
    expect(a.send(5, 0x0b000001, 7, octets('z'))).toBe(false);
    expect(a.send(5, A, 7, octets('z'))).toBe(false);
    segment.settle();
    expect(received).toEqual([]);
    expect(b.counters.portUnreachable).toBe(2);
    expect(a.counters.noRoute).toBe(2);
  });

  it('gives out dynamic ports that are free', () => {
    const { a } = pair();
    const first = a.ephemeralPort();
    a.bind(first + 1, () => {});
    expect([first, a.ephemeralPort()]).toEqual([32_768, 32_770]);
    expect(() => a.bind(first + 1, () => {})).toThrow(/bound already/);
  });

  it('chooses the interface by the longest prefix', () => {
    const segment = new Segment();
    const sent: number[] = [];
    const scheduler = segment.scheduler;
    const stack = new HostStack(
      {
        nowPs: () => scheduler.nowPs(),
        at: (timePs, callback) => scheduler.armTimer(0, timePs, callback),
        cancel: (timer) => scheduler.cancelTimer(timer),
        send: (port) => sent.push(port) > 0,
        record: () => {},
      },
      {
        interfaces: [
          { mac: MAC_A, address: 0x0a0a1469, prefixLength: 16 },
          { mac: MAC_B, address: 0xc0a83201, prefixLength: 24 },
          { mac: MAC_C, address: 0x0a0a6401, prefixLength: 24 },
        ],
      },
    );
    expect([0x0a0a6564, 0xc0a83202, 0x0a0a6402, 0xc0a83302].map((to) => stack.hopTo(to)?.interfaceIndex ?? -1)).toEqual(
      [0, 1, 2, -1],
    );
    stack.announce();
    expect(sent).toEqual([0, 1, 2]);
  });
});

describe('ARP', () => {
  it('both ask at the same time: both learn, nothing is lost or sent twice', () => {
    const { segment, a, b, received } = pair();
    const atA: string[] = [];
    a.bind(7, (datagram) => atA.push(text(datagram.payload)));
    a.send(7, B, 7, octets('to b'));
    b.send(7, A, 7, octets('to a'));
    segment.settle();
    expect([received, atA]).toEqual([['to b'], ['to a']]);
    expect(segment.arpFrames(ARP_REQUEST)).toBe(2);
  });

  it('asks again after a lost request, and sends in the order of the calls', () => {
    const { segment, a, received } = pair();
    segment.passes = (_from, n) => n >= 2;
    for (const word of ['1', '2', '3']) a.send(5, B, 7, octets(word));
    segment.settle();
    expect(received).toEqual(['1', '2', '3']);
    expect(segment.frames.slice(0, 3).map(({ timePs }) => timePs)).toEqual([0, PS_PER_S, 2 * PS_PER_S]);
  });

  it('gives up after three requests: every waiting frame is counted, callbacks hear undefined, the next try asks anew', () => {
    const { segment, a } = pair();
    const resolved: (number | undefined)[] = [];
    a.send(5, C, 7, octets('x'));
    a.resolve(C, (mac) => resolved.push(mac));
    segment.settle();
    expect(segment.arpFrames(ARP_REQUEST)).toBe(3);
    expect(segment.scheduler.nowPs()).toBe(3 * PS_PER_S);
    expect(a.counters.hostUnreachable).toBe(1);
    expect(segment.events).toEqual([{ kind: 'host-unreachable', address: '10.10.0.3' }]);
    expect(resolved).toEqual([undefined]);
    a.resolve(C, (mac) => resolved.push(mac));
    segment.settle();
    expect(segment.arpFrames(ARP_REQUEST)).toBe(6);
    expect(a.report()).toMatchObject({ arpRequestsSent: 6, arpResolutionsFailed: 2 });
  });

  it('bounds what waits for one address', () => {
    const { segment, a, received } = pair({ arp: { pendingPerAddress: 4 } });
    for (let i = 0; i < 10; i++) a.send(5, B, 7, octets(`${i}`));
    segment.settle();
    expect(received).toEqual(['0', '1', '2', '3']);
    expect(a.report()).toMatchObject({ arpPendingOverflows: 6, hostUnreachable: 6 });
  });

  it('believes an answer for its time and then asks again, without any timer in between', () => {
    const { segment, a, received } = pair({ arp: { reachablePs: PS_PER_MS } });
    a.send(5, B, 7, octets('1'));
    segment.settle();
    const quietPs = segment.scheduler.nowPs();
    expect(quietPs).toBeLessThan(10 * PS_PER_US);
    segment.scheduler.armTimer(0, PS_PER_MS, () => a.send(5, B, 7, octets('2')));
    segment.scheduler.armTimer(0, PS_PER_MS + 2 * PS_PER_US, () => a.send(5, B, 7, octets('3')));
    segment.settle();
    expect(received).toEqual(['1', '2', '3']);
    expect(segment.arpFrames(ARP_REQUEST)).toBe(2);
  });

  it('forgets the address learned longest ago when the cache is full', () => {
    const { segment, a } = pair({ arp: { cacheEntries: 2 } });
    const learn = (address: number) =>
      a.onFrame(
        0,
        buildArpFrame(MAC_BROADCAST, {
          operation: ARP_REQUEST,
          senderMac: MAC_C,
          senderAddress: address,
          targetMac: 0,
          targetAddress: A,
        }),
      );
    const known = () => {
      const addresses: number[] = [];
      for (const address of [A + 10, A + 11, A + 12]) {
        a.resolve(address, (mac) => {
          if (mac !== undefined && segment.scheduler.nowPs() === 0) addresses.push(address);
        });
      }
      return addresses;
    };
    learn(A + 10);
    learn(A + 11);
    learn(A + 11);
    expect(known()).toEqual([A + 10, A + 11]);
    learn(A + 10);
    learn(A + 12);
    expect(known()).toEqual([A + 10, A + 12]);
  });

  it('an owner that moves is followed; strangers, impossible senders and thieves are not', () => {
    const { segment, a, b } = pair();
    const arp = (fields: Partial<Parameters<typeof buildArpFrame>[1]>) =>
      buildArpFrame(MAC_BROADCAST, {
        operation: ARP_REPLY,
        senderMac: MAC_C,
        senderAddress: B,
        targetMac: MAC_A,
        targetAddress: A,
        ...fields,
      });
    a.onFrame(0, arp({ senderAddress: C }));
    a.onFrame(0, arp({ senderAddress: A }));
    a.onFrame(0, arp({ operation: ARP_REQUEST, senderAddress: A }));
    a.onFrame(0, arp({ operation: ARP_REQUEST, senderAddress: 0x0b000001 }));
    a.onFrame(0, arp({ operation: ARP_REQUEST, senderMac: 0 }));
    a.onFrame(0, arp({ operation: ARP_REQUEST, senderMac: MAC_BROADCAST }));
    expect(a.counters).toMatchObject({ arpConflicts: 2, arpRefused: 3 });
    // A request from outside of the subnet is answered, as RFC 826 has it; the impossible ones are not.
    expect(a.counters.arpRequestsAnswered).toBe(1);
    let macOfC: number | undefined;
    a.resolve(C, (mac) => {
      macOfC = mac;
    });
    expect(macOfC).toBeUndefined();
    a.send(5, B, 7, octets('x'));
    segment.settle();
    a.onFrame(0, arp({}));
    let macOfB: number | undefined;
    a.resolve(B, (mac) => {
      macOfB = mac;
    });
    expect(macOfB).toBe(MAC_C);
    expect(b.counters.datagramsReceived).toBe(1);
  });

  it('answers a probe for our address without remembering the prober (RFC 5227)', () => {
    const { segment, a } = pair();
    const probe = { operation: ARP_REQUEST, senderMac: MAC_C, senderAddress: 0, targetMac: 0, targetAddress: A };
    segment.inject(buildArpFrame(MAC_BROADCAST, probe));
    segment.scheduler.run(10 * PS_PER_US);
    expect(a.counters.arpRequestsAnswered).toBe(1);
    const reply = parseArpFrame(segment.frames.at(-1)!.frame);
    expect(reply.ok && [reply.value.senderMac, reply.value.senderAddress]).toEqual([MAC_A, A]);
  });

  it('whatever is lost, each datagram arrives at most once, in order, and is otherwise accounted for', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 30 }), fc.integer({ min: 1, max: 8 }), (fates, count) => {
        const { segment, a, b, received } = pair();
        const atA: string[] = [];
        a.bind(7, (datagram) => atA.push(text(datagram.payload)));
        let lost = 0;
        segment.passes = (_from, n, frame) => {
          const passes = fates[n] ?? true;
          if (!passes && parseUdpFrame(frame).ok) lost++;
          return passes;
        };
        for (let i = 0; i < count; i++) {
          a.send(7, B, 7, octets(`${i}`));
          b.send(7, A, 7, octets(`${i}`));
        }
        segment.settle();
        for (const got of [received, atA]) expect(got).toEqual([...new Set(got)].sort());
        const unreachable = a.counters.hostUnreachable + b.counters.hostUnreachable;
        expect(received.length + atA.length + lost + unreachable).toBe(2 * count);
        if (!fates.includes(false)) expect(received.length + atA.length).toBe(2 * count);
      }),
    );
  });
});

describe('ICMP echo', () => {
  it('comes back with the round trip', () => {
    const { segment, a, b } = pair();
    const roundTrips: (number | undefined)[] = [];
    a.ping(B, (roundTripPs) => {
      roundTrips.push(roundTripPs);
      a.ping(B, (second) => roundTrips.push(second));
    });
    segment.settle();
    // The first one waits for ARP, as in `ping` of any host; B has learned A's MAC from its request.
    expect(roundTrips).toEqual([4 * WIRE_PS, 2 * WIRE_PS]);
    expect(b.counters.echoRequestsAnswered).toBe(2);
    expect(segment.scheduler.nowPs()).toBe(6 * WIRE_PS);
  });

  it('times out after a second, fails with ARP, and without a route at once', () => {
    const { segment, a } = pair();
    segment.passes = (from, _n, frame) => from !== 1 || parseArpFrame(frame).ok;
    const ends: [string, number | undefined, number][] = [];
    const note = (name: string) => (roundTripPs: number | undefined) =>
      ends.push([name, roundTripPs, segment.scheduler.nowPs()]);
    a.ping(0x0b000001, note('no route'));
    a.ping(B, note('no answer'));
    segment.settle();
    expect(ends).toEqual([
      ['no route', undefined, 0],
      ['no answer', undefined, PS_PER_S],
    ]);
  });

  it('replies to nothing that was asked, or from another host, are ignored', () => {
    const { segment, a } = pair();
    const results: (number | undefined)[] = [];
    segment.passes = (from, _n, frame) => from !== 1 || parseArpFrame(frame).ok;
    a.ping(B, (roundTripPs) => results.push(roundTripPs));
    const addresses = { dstMac: MAC_A, srcMac: MAC_C, srcAddress: C, dstAddress: A };
    for (const [identifier, sequence] of [
      [1, 0],
      [2, 0],
      [1, 9],
    ] as const) {
      const echo = { kind: 'reply' as const, identifier, sequence, data: new Uint8Array(0) };
      a.onFrame(0, buildIcmpEchoFrame(addresses, echo));
    }
    expect(a.counters.unsupported).toBe(3);
    segment.settle();
    expect(results).toEqual([undefined]);
  });
});

describe('the processor', () => {
  it('delays handler and departure by the work of the stack', () => {
    const { segment, a, b } = pair({ threads: 2, receiveStackPs: 3 * PS_PER_US, sendStackPs: 2 * PS_PER_US });
    const times: number[] = [];
    b.bind(9, () => times.push(segment.scheduler.nowPs()));
    a.send(5, B, 9, octets('x'));
    segment.settle();
    // The datagram leaves the processor at 2 us, waits 1 us for ARP (which costs nothing) and travels 0.5 us.
    expect(times).toEqual([2 * PS_PER_US + 3 * WIRE_PS + 3 * PS_PER_US]);
    expect(a.report()).toMatchObject({ cpuBusyPs: 2 * PS_PER_US });
    expect(b.report()).toMatchObject({ cpuBusyPs: 3 * PS_PER_US });
  });

  it('serves datagrams in order on several threads', () => {
    const { segment, a, received } = pair({ threads: 3, receiveStackPs: 3 * PS_PER_US, sendStackPs: PS_PER_US });
    for (let i = 0; i < 9; i++) a.send(5, B, 7, octets(`${i}`));
    segment.settle();
    expect(received.join('')).toBe('012345678');
  });

  it('bounds what waits for it, one port beside the other', () => {
    const { segment, a, b, received } = pair({ threads: 1, receiveStackPs: PS_PER_MS, receiveQueueOctets: 3 * 60 });
    const other: string[] = [];
    b.bind(8, (datagram) => other.push(text(datagram.payload)));
    for (let i = 0; i < 5; i++) a.send(5, B, 7, octets(`${i}`));
    a.send(5, B, 8, octets('other'));
    segment.settle();
    expect(received).toEqual(['0', '1', '2']);
    expect(other).toEqual(['other']);
    expect(b.counters.receiveQueueDrops).toBe(2);
    for (let i = 5; i < 8; i++) a.send(5, B, 7, octets(`${i}`));
    segment.settle();
    expect(received).toEqual(['0', '1', '2', '5', '6', '7']);
    expect(segment.events).toContainEqual({ kind: 'datagram-dropped', port: 7, reason: 'receive-queue-full' });
  });

  it('leaves offloaded ports alone', () => {
    const { segment, a, b } = pair({ threads: 1, receiveStackPs: PS_PER_MS });
    const times: number[] = [];
    b.bindOffloaded(4_791, () => times.push(segment.scheduler.nowPs()));
    a.send(5, B, 4_791, octets('x'));
    segment.settle();
    expect(times).toEqual([3 * WIRE_PS]);
    expect(b.report()).toMatchObject({ cpuJobs: 0 });
  });

  it('drops what waits for a port that is unbound meanwhile', () => {
    const { segment, a, b, received } = pair({ threads: 1, receiveStackPs: PS_PER_MS });
    a.send(5, B, 7, octets('x'));
    segment.scheduler.armTimer(1, PS_PER_MS / 2, () => {
      b.unbind(7);
      b.bind(7, () => received.push('wrong program'));
    });
    segment.settle();
    expect(received).toEqual([]);
    expect(b.counters.portUnreachable).toBe(1);
  });

  it('costs no event of its own where the stack takes no time', () => {
    const { segment, a, received } = pair({ threads: 4 });
    a.send(5, B, 7, octets('x'));
    segment.settle();
    const before = segment.scheduler.executedEvents;
    a.send(5, B, 7, octets('y'));
    segment.settle();
    expect(received).toEqual(['x', 'y']);
    expect(segment.scheduler.executedEvents - before).toBe(1);
  });
});

describe('hostile frames', () => {
  const valid = (): Uint8Array =>
    buildUdpFrame({
      dstMac: MAC_B,
      srcMac: MAC_A,
      srcAddress: A,
      dstAddress: B,
      srcPort: 5,
      dstPort: 7,
      payload: octets('payload that matters'),
    });
  const counted = (frame: Uint8Array) => {
    const { b, received } = pair();
    b.onFrame(0, frame);
    const { framesReceived, framesSent, arpRequestsAnswered, ...reasons } = b.counters;
    return { received, reasons: Object.fromEntries(Object.entries(reasons).filter(([, count]) => count > 0)) };
  };
  const changed = (offset: number, value: number): Uint8Array => {
    const frame = valid();
    frame[offset] = value;
    return frame;
  };

  it.each([
    ['valid', valid(), { datagramsReceived: 1 }],
    ['empty', new Uint8Array(0), { malformed: 1 }],
    ['shorter than a header', new Uint8Array(13), { malformed: 1 }],
    ['another MAC', changed(5, 0xee), { notForUs: 1 }],
    ['a multicast MAC', changed(0, 0x01), { notForUs: 1 }],
    ['an unknown ethertype', changed(12, 0x86), { unsupported: 1 }],
    ['a wrong IPv4 checksum', changed(22, 1), { malformed: 1 }],
    ['a wrong UDP checksum', changed(50, 1), { malformed: 1 }],
    ['IPv4 with a cut end', valid().subarray(0, 40), { malformed: 1 }],
    ['ARP with a cut end', buildArpFrame(MAC_BROADCAST, anArp()).subarray(0, 30), { malformed: 1 }],
  ])('%s', (_name, frame, expected) => {
    expect(counted(frame).reasons).toEqual(expected);
  });

  it('a packet to one host in a broadcast frame, and one to another address, are not for us', () => {
    const broadcast = valid();
    broadcast.fill(0xff, 0, 6);
    expect(counted(broadcast).reasons).toEqual({ notForUs: 1 });
    const fields = { dstMac: MAC_B, srcMac: MAC_A, srcAddress: A, dstAddress: C, srcPort: 5, dstPort: 7 };
    expect(counted(buildUdpFrame({ ...fields, payload: octets('x') })).reasons).toEqual({ notForUs: 1 });
  });

  it('any octets at all never throw, and nothing that was changed reaches a program unnoticed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        fc.nat(70),
        (changes, cutOctets) => {
          const frame = valid();
          for (const [offset, value] of changes) if (offset < frame.length) frame[offset] = value;
          const { received } = counted(frame.subarray(0, frame.length - Math.min(cutOctets, frame.length)));
          expect(received.every((payload) => payload === 'payload that matters' || changes.length > 1)).toBe(true);
        },
      ),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.constantFrom(0x0800, 0x0806, 0x86dd), (tail, etherType) => {
        const frame = new Uint8Array(14 + tail.length);
        frame.set(valid().subarray(0, 14));
        frame[12] = etherType >>> 8;
        frame[13] = etherType & 255;
        frame.set(tail, 14);
        const { received, reasons } = counted(frame);
        expect(received).toEqual([]);
        expect(Object.values(reasons).reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('an echo request from an address that is not on the link makes us ask for nobody', () => {
    const { b, segment } = pair();
    const echo = { kind: 'request' as const, identifier: 1, sequence: 1, data: new Uint8Array(4) };
    for (const srcAddress of [0x0b000001, B, 0]) {
      b.onFrame(0, buildIcmpEchoFrame({ dstMac: MAC_B, srcMac: MAC_A, srcAddress, dstAddress: B }, echo));
    }
    segment.settle();
    expect(segment.frames).toEqual([]);
    expect(b.counters.noRoute).toBe(3);
  });
});

function anArp() {
  return { operation: ARP_REQUEST, senderMac: MAC_A, senderAddress: A, targetMac: 0, targetAddress: B };
}
