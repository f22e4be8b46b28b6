import { describe, expect, it } from 'vitest';
import { PS_PER_MS, PS_PER_US } from '../base/units.ts';
import { AETH_NAK_PSN_SEQUENCE, buildRoceFrame, parseRoce, type RocePacket } from '../packet/roce.ts';
import {
  RC_ACKNOWLEDGE,
  RC_WRITE_FIRST,
  RC_WRITE_LAST,
  RC_WRITE_MIDDLE,
  RC_WRITE_ONLY,
} from '../packet/roce-opcodes.ts';
import { parseUdpFrame } from '../packet/udp-frame.ts';
import type { Completion } from './completion.ts';
import type { ImmediateEvent } from './responder.ts';
import {
  ArrayMemory,
  addressOf,
  connectPair,
  DELIVERED,
  LOST,
  macOf,
  pattern,
  SimulatedNetwork,
} from './test/simulated-network.ts';

const BASE = 0x98_1000_0000n;

function twoEngines(options = {}, regionOctets = 256 * 1024) {
  const network = new SimulatedNetwork();
  const sender = network.addEngine(options);
  const receiver = network.addEngine(options);
  const memory = new ArrayMemory(regionOctets);
  const region = receiver.registerRegion({
    memory,
    address: BASE,
    length: regionOctets,
    rights: { remoteWrite: true, remoteRead: false },
  });
  const immediates: ImmediateEvent[] = [];
  receiver.onImmediate((_qpn, event) => immediates.push(event));
  return { network, sender, receiver, memory, region, immediates };
}

function packetsOn(network: SimulatedNetwork, from: number): RocePacket[] {
  return network.trace
    .filter((sent) => sent.from === from)
    .map(({ frame }) => {
      const udp = parseUdpFrame(frame);
      if (!udp.ok) throw new Error(udp.error.message);
      const roce = parseRoce(udp.value);
      if (!roce.ok) throw new Error(roce.error.message);
      return roce.value;
    });
}

describe('a write', () => {
  it('is segmented at the path MTU, lands in memory, delivers its immediate and completes', () => {
    const { network, sender, memory, region, immediates } = twoEngines();
    const { fromQpn } = connectPair(network, 0, 1);
    const octets = pattern(2_500, 1);
    const completions: Completion[] = [];
    sender.write(fromQpn, { remoteAddress: BASE + 64n, rkey: region.rkey, octets, immediate: 7 }, (c) =>
      completions.push(c),
    );
    expect(network.settle(1_000)).toBe(true);
    expect(completions).toEqual([{ ok: true }]);
    expect(memory.read(64, 2_500)).toEqual(octets);
    expect(memory.read(0, 64)).toEqual(new Uint8Array(64));
    expect(immediates).toEqual([{ immediate: 7, octets: 2_500, address: BASE + 64n, region }]);
    const requests = packetsOn(network, 0);
    expect(requests.map((p) => [p.opcode, p.psn, p.payload.length, p.ackRequest, p.immediate])).toEqual([
      [RC_WRITE_FIRST, 0x123456, 1_024, false, undefined],
      [RC_WRITE_MIDDLE, 0x123457, 1_024, false, undefined],
      [0x09, 0x123458, 452, true, 7],
    ]);
    expect(requests[0]!.reth).toEqual({ address: BASE + 64n, rkey: region.rkey, octets: 2_500 });
    const answers = packetsOn(network, 1);
    expect(answers.map((p) => [p.psn, p.aeth])).toEqual([[0x123458, { syndrome: 0x1f, msn: 1 }]]);
  });

  it('of no octets needs no key, and one packet carries up to the path MTU', () => {
    const { network, sender, region, immediates, memory } = twoEngines();
    const { fromQpn } = connectPair(network, 0, 1);
    const results: Completion[] = [];
    sender.write(fromQpn, { remoteAddress: 0n, rkey: 0, octets: new Uint8Array(0), immediate: 1 }, (c) =>
      results.push(c),
    );
    const full = pattern(1_024, 3);
    sender.write(fromQpn, { remoteAddress: BASE, rkey: region.rkey, octets: full }, (c) => results.push(c));
    network.settle(1_000);
    expect(results).toEqual([{ ok: true }, { ok: true }]);
    expect(immediates).toEqual([{ immediate: 1, octets: 0, address: 0n, region: undefined }]);
    expect(memory.read(0, 1_024)).toEqual(full);
    expect(packetsOn(network, 0).map((p) => p.opcode)).toEqual([0x0b, RC_WRITE_ONLY]);
  });

  it('keeps no more packets under way than the window', () => {
    const { network, sender, region } = twoEngines({ windowPackets: 4, packetsPerAck: 100 });
    const { fromQpn } = connectPair(network, 0, 1);
    sender.write(fromQpn, { remoteAddress: BASE, rkey: region.rkey, octets: pattern(10_240, 1) }, () => {});
    expect(network.framesSent[0]).toBe(4);
    network.settle(1_000);
    const asked = packetsOn(network, 0).flatMap((p, i) => (p.ackRequest ? [i] : []));
    expect(asked).toEqual([3, 7, 9]);
  });

  it('goes on over the wrap of the sequence numbers', () => {
    const { network, sender, region, memory } = twoEngines();
    const { fromQpn } = connectPair(network, 0, 1, { startPsn: 0xfffff0 });
    network.fateOf = (from, n) => (from === 0 && n % 13 === 7 ? LOST : DELIVERED);
    const octets = pattern(100 * 1_024, 5);
    let completion: Completion | undefined;
    sender.write(fromQpn, { remoteAddress: BASE, rkey: region.rkey, octets, immediate: 1 }, (c) => {
      completion = c;
    });
    network.settle(100_000);
    expect(completion).toEqual({ ok: true });
    expect(memory.read(0, octets.length)).toEqual(octets);
    expect(packetsOn(network, 0).some((p) => p.psn === 0)).toBe(true);
  });

  it('leaves no timer behind', () => {
    const { network, sender, region } = twoEngines();
    const { fromQpn } = connectPair(network, 0, 1);
    sender.write(fromQpn, { remoteAddress: BASE, rkey: region.rkey, octets: pattern(65_536, 1) }, () => {});
    network.settle(10_000);
    expect(network.scheduler.nowPs()).toBeLessThan(PS_PER_MS);
  });
});

describe('loss', () => {
  it('of one packet costs one NAK, and everything from there on is sent again', () => {
    const { network, sender, memory, region } = twoEngines();
    const { fromQpn } = connectPair(network, 0, 1);
    network.fateOf = (from, n) => (from === 0 && n === 2 ? LOST : DELIVERED);
    const octets = pattern(8 * 1_024, 1);
    let ok = false;
    sender.write(fromQpn, { remoteAddress: BASE, rkey: region.rkey, octets }, (c) => {
      ok = c.ok;
    });
    network.settle(1_000);
    expect(ok).toBe(true);
    expect(memory.read(0, octets.length)).toEqual(octets);
    const naks = packetsOn(network, 1).filter((p) => p.aeth!.syndrome === AETH_NAK_PSN_SEQUENCE);
    expect(naks.map((p) => p.psn)).toEqual([0x123458]);
    expect(packetsOn(network, 0).map((p) => p.psn & 15)).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 8, 9, 10, 11, 12, 13]);
    expect(sender.counters.timeouts).toBe(0);
  });

  it('of two packets far apart costs two NAKs and no timeout', () => {
    const { network, sender, receiver, region } = twoEngines();
    const { fromQpn } = connectPair(network, 0, 1);
    network.fateOf = (from, n) => (from === 0 && (n === 2 || n === 40) ? LOST : DELIVERED);
    sender.write(fromQpn, { remoteAddress: BASE, rkey: region.rkey, octets: pattern(65_536, 1) }, () => {});
    network.settle(1_000);
    expect(receiver.counters.naksSent).toBe(2);
    expect(sender.counters.timeouts).toBe(0);
  });

  it('is waited for with the first timeout again once something has got through', () => {
    const { network, sender, region } = twoEngines({ ackTimeoutPs: 100 * PS_PER_US, windowPackets: 1 });
    const { fromQpn } = connectPair(network, 0, 1);
    network.fateOf = (from, n) => (from === 0 && (n < 3 || n === 4) ? LOST : DELIVERED);
    const times: number[] = [];
    const request = { remoteAddress: BASE, rkey: region.rkey, octets: pattern(1_000, 1) };
    for (let i = 0; i < 2; i++) sender.write(fromQpn, request, () => times.push(network.scheduler.nowPs()));
    network.settle(1_000);
    // Lost three times: 100 + 200 + 400 us; then once: 100 us. A round trip each is 1 us.
    expect(times).toEqual([701 * PS_PER_US, 802 * PS_PER_US]);
  });

  it('of more, while the doubled timer still runs, is noticed after the first timeout', () => {
    const options = { ackTimeoutPs: 100 * PS_PER_US, windowPackets: 2, packetsPerAck: 1, adaptiveWindow: false };
    const { network, sender, region } = twoEngines(options);
    const { fromQpn } = connectPair(network, 0, 1);
    // Only packet 0 gets through, at the fourth time; the timer of 800 us was armed then.
    network.fateOf = (from, n) => (from === 0 && n < 9 && n !== 6 ? LOST : DELIVERED);
    let endPs = 0;
    sender.write(fromQpn, { remoteAddress: BASE, rkey: region.rkey, octets: pattern(4_096, 1) }, () => {
      endPs = network.scheduler.nowPs();
    });
    network.settle(1_000);
    expect(endPs).toBe((700 + 1 + 100 + 2) * PS_PER_US);
  });

  it('of the acknowledgement is repaired without a second delivery', () => {
    const { network, sender, receiver, region, immediates, memory } = twoEngines();
    const { fromQpn } = connectPair(network, 0, 1);
    network.fateOf = (from, n) => (from === 1 && n === 0 ? LOST : DELIVERED);
    let ok = false;
    sender.write(fromQpn, { remoteAddress: BASE, rkey: region.rkey, octets: pattern(3_000, 1), immediate: 9 }, (c) => {
      ok = c.ok;
    });
    network.settle(1_000);
    expect(ok).toBe(true);
    expect(immediates.length).toBe(1);
    expect(memory.writes).toBe(3);
    expect(receiver.counters.duplicates).toBeGreaterThan(0);
    expect(sender.counters.timeouts).toBe(1);
  });

  it('of everything ends in retry-exceeded after 1 + 7 timeouts that double', () => {
    const { network, sender, region } = twoEngines({ ackTimeoutPs: PS_PER_US });
    const { fromQpn } = connectPair(network, 0, 1);
    network.fateOf = () => LOST;
    const results: Completion[] = [];
    const request = { remoteAddress: BASE, rkey: region.rkey, octets: pattern(100, 1) };
    sender.write(fromQpn, request, (c) => results.push(c));
    sender.write(fromQpn, request, (c) => results.push(c));
    network.settle(1_000);
    expect(results).toEqual([
      { ok: false, code: 'retry-exceeded' },
      { ok: false, code: 'flushed' },
    ]);
    // 1 + 2 + ... + 64 and once more 64: doubling stops there.
    expect(network.scheduler.nowPs()).toBe((127 + 64) * PS_PER_US);
    expect(sender.stateOf(fromQpn)).toBe('ERROR');
    sender.write(fromQpn, request, (c) => results.push(c));
    expect(results[2]).toEqual({ ok: false, code: 'flushed' });
  });

  it('a NAK that the network copied does not send everything twice', () => {
    const { network, sender, region } = twoEngines();
    const { fromQpn } = connectPair(network, 0, 1);
    network.fateOf = (from, n) => {
      if (from === 0 && n === 0) return LOST;
      return from === 1 && n === 0 ? { copies: [{ extraPs: 0 }, { extraPs: 100 }] } : DELIVERED;
    };
    sender.write(fromQpn, { remoteAddress: BASE, rkey: region.rkey, octets: pattern(4_096, 1) }, () => {});
    network.settle(1_000);
    expect(network.framesSent[0]).toBe(8);
    expect(sender.counters.staleAcks).toBe(1);
  });
});

describe('responses that nothing asked for', () => {
  it('are ignored: packets never sent are not completed, a refusal of an old packet breaks nothing', () => {
    const { network, sender, region } = twoEngines({ windowPackets: 2 });
    const { fromQpn } = connectPair(network, 0, 1, { startPsn: 100 });
    const results: Completion[] = [];
    const request = { remoteAddress: BASE, rkey: region.rkey, octets: pattern(4_096, 1) };
    sender.write(fromQpn, request, (c) => results.push(c));
    const respond = (psn: number, syndrome: number): void =>
      sender.onFrame(
        buildRoceFrame(
          { ...pathTo(0), srcMac: macOf(1), srcAddress: addressOf(1) },
          {
            opcode: RC_ACKNOWLEDGE,
            destinationQp: fromQpn,
            psn,
            ackRequest: false,
            aeth: { syndrome, msn: 0 },
            payload: new Uint8Array(0),
          },
        ),
      );
    for (const psn of [99, 102, 103, 104, 0x800000 + 100])
      for (const syndrome of [0x1f, 0x60, 0x62, 0x2c]) respond(psn, syndrome);
    expect(sender.counters.staleAcks).toBe(20);
    respond(100, 0x64);
    respond(100, 0x9f);
    expect(sender.counters.framesMisdirected).toBe(2);
    expect([results, network.framesSent[0]]).toEqual([[], 2]);
    network.settle(1_000);
    expect(results).toEqual([{ ok: true }]);
    expect(sender.counters.packetsRetransmitted).toBe(0);
    respond(103, 0x62);
    expect(sender.stateOf(fromQpn)).toBe('RTS');
  });
});

describe('what the responder refuses', () => {
  const CASES: {
    name: string;
    rkeyOffset?: number;
    address?: bigint;
    length?: number;
    readOnly?: boolean;
    domain?: number;
  }[] = [
    { name: 'a wrong key', rkeyOffset: 1 },
    { name: 'an address before the region', address: BASE - 1n },
    { name: 'an end after the region', address: BASE + 4_096n - 99n },
    { name: 'an address that would wrap', address: 2n ** 64n - 1n },
    { name: 'a region without the right', readOnly: true },
    { name: 'a region of another protection domain', domain: 4 },
  ];
  it.each(CASES)('$name', ({ rkeyOffset = 0, address = BASE, readOnly = false, domain = 0 }) => {
    const { network, sender, receiver } = twoEngines();
    const memory = new ArrayMemory(4_096);
    const rights = { remoteWrite: !readOnly, remoteRead: true };
    const region = receiver.registerRegion({ memory, address: BASE, length: 4_096, rights, protectionDomain: domain });
    const { fromQpn, toQpn } = connectPair(network, 0, 1);
    const broken: number[] = [];
    receiver.onQueuePairError((qpn) => broken.push(qpn));
    const results: Completion[] = [];
    const octets = pattern(100, 1);
    sender.write(fromQpn, { remoteAddress: address, rkey: region.rkey + rkeyOffset, octets }, (c) => results.push(c));
    sender.write(fromQpn, { remoteAddress: BASE, rkey: region.rkey, octets }, (c) => results.push(c));
    network.settle(1_000);
    expect(results).toEqual([
      { ok: false, code: 'remote-access' },
      { ok: false, code: 'flushed' },
    ]);
    expect(memory.writes).toBe(0);
    expect(broken).toEqual([toQpn]);
    expect(receiver.stateOf(toQpn)).toBe('ERROR');
    expect(receiver.counters.accessErrors).toBe(1);
  });

  it('a key that was taken back in the middle of a message', () => {
    const { network, sender, receiver, region, memory } = twoEngines();
    const { fromQpn } = connectPair(network, 0, 1);
    let result: Completion | undefined;
    sender.write(fromQpn, { remoteAddress: BASE, rkey: region.rkey, octets: pattern(4_096, 1) }, (c) => {
      result = c;
    });
    network.scheduler.run(Number.POSITIVE_INFINITY, 2);
    receiver.deregisterRegion(region.rkey);
    network.settle(1_000);
    expect(result).toEqual({ ok: false, code: 'remote-access' });
    expect(memory.writes).toBe(2);
  });

  const MALFORMED: { name: string; packets: Partial<RocePacket>[] }[] = [
    { name: 'MIDDLE without FIRST', packets: [{ opcode: RC_WRITE_MIDDLE, payload: pattern(1_024, 1) }] },
    { name: 'LAST without FIRST', packets: [{ opcode: RC_WRITE_LAST, payload: pattern(10, 1) }] },
    {
      name: 'FIRST after FIRST',
      packets: [
        { opcode: RC_WRITE_FIRST, payload: pattern(1_024, 1), reth: { address: BASE, rkey: 0, octets: 4_096 } },
        { opcode: RC_WRITE_FIRST, payload: pattern(1_024, 1), reth: { address: BASE, rkey: 0, octets: 4_096 } },
      ],
    },
    {
      name: 'a short FIRST',
      packets: [
        { opcode: RC_WRITE_FIRST, payload: pattern(1_020, 1), reth: { address: BASE, rkey: 0, octets: 4_096 } },
      ],
    },
    {
      name: 'ONLY with another length than announced',
      packets: [{ opcode: RC_WRITE_ONLY, payload: pattern(100, 1), reth: { address: BASE, rkey: 0, octets: 99 } }],
    },
    {
      name: 'LAST that brings more than announced',
      packets: [
        { opcode: RC_WRITE_FIRST, payload: pattern(1_024, 1), reth: { address: BASE, rkey: 0, octets: 1_100 } },
        { opcode: RC_WRITE_LAST, payload: pattern(80, 1) },
      ],
    },
    {
      name: 'LAST that brings less than announced',
      packets: [
        { opcode: RC_WRITE_FIRST, payload: pattern(1_024, 1), reth: { address: BASE, rkey: 0, octets: 1_100 } },
        { opcode: RC_WRITE_LAST, payload: pattern(72, 1) },
      ],
    },
    {
      name: 'MIDDLE where the message should have ended',
      packets: [
        { opcode: RC_WRITE_FIRST, payload: pattern(1_024, 1), reth: { address: BASE, rkey: 0, octets: 2_048 } },
        { opcode: RC_WRITE_MIDDLE, payload: pattern(1_024, 1) },
      ],
    },
    { name: 'SEND, which is not offered', packets: [{ opcode: 0x04, payload: pattern(10, 1) }] },
    {
      name: 'a message longer than 2^31',
      packets: [
        { opcode: RC_WRITE_FIRST, payload: pattern(1_024, 1), reth: { address: BASE, rkey: 0, octets: 2 ** 31 + 1 } },
      ],
    },
  ];
  it.each(MALFORMED)('$name', ({ packets }) => {
    const { network, receiver, region } = twoEngines();
    const { toQpn } = connectPair(network, 0, 1, { startPsn: 5 });
    packets.forEach((packet, i) => {
      const { reth } = packet;
      const whole = {
        opcode: RC_WRITE_ONLY,
        destinationQp: toQpn,
        psn: 5 + i,
        ackRequest: true,
        payload: new Uint8Array(0),
        ...packet,
        ...(reth !== undefined && { reth: { ...reth, rkey: region.rkey } }),
      };
      receiver.onFrame(buildRoceFrame(pathTo(1), whole));
    });
    expect(receiver.counters.invalidRequests).toBe(1);
    expect(receiver.stateOf(toQpn)).toBe('ERROR');
    const nak = packetsOn(network, 1).at(-1)!;
    expect([nak.aeth?.syndrome, nak.psn]).toEqual([0x61, 5 + packets.length - 1]);
  });
});

function pathTo(to: number) {
  return {
    dstMac: macOf(to),
    srcMac: macOf(0),
    srcAddress: addressOf(0),
    dstAddress: addressOf(to),
    srcPort: 50_000,
    dstPort: 4_791,
    zeroChecksum: true,
  };
}

describe('receiver not ready', () => {
  it('is asked again after the wait that it names, and delivers once a receive is posted', () => {
    const { network, sender, receiver, region, immediates } = twoEngines({
      rnrTimerCode: 12,
      ackTimeoutPs: 100 * PS_PER_US,
    });
    const { fromQpn, toQpn } = connectPair(network, 0, 1, { receives: 1 });
    const results: Completion[] = [];
    for (const immediate of [1, 2, 3]) {
      const request = { remoteAddress: BASE, rkey: region.rkey, octets: pattern(2_000, immediate), immediate };
      sender.write(fromQpn, request, (c) => results.push(c));
    }
    // Code 12 asks for 640 us; at 2 ms three questions have been in vain.
    network.scheduler.run(2 * PS_PER_MS);
    expect(results).toEqual([{ ok: true }]);
    expect(sender.counters.rnrNaksReceived).toBe(4);
    receiver.postReceives(toQpn, 2);
    network.settle(1_000);
    expect(results).toEqual([{ ok: true }, { ok: true }, { ok: true }]);
    expect(immediates.map((event) => event.immediate)).toEqual([1, 2, 3]);
    // The wait is longer than the timeout, which stands still; what followed the refused packet caused no second NAK.
    expect(sender.counters.timeouts).toBe(0);
    expect(receiver.counters.naksSent).toBe(receiver.counters.rnrNaksSent);
  });

  it('for ever fails with its own code', () => {
    const { network, sender, region } = twoEngines();
    const { fromQpn } = connectPair(network, 0, 1, { receives: 0 });
    let result: Completion | undefined;
    const request = { remoteAddress: BASE, rkey: region.rkey, octets: pattern(10, 1), immediate: 1 };
    sender.write(fromQpn, request, (c) => {
      result = c;
    });
    network.settle(1_000);
    expect(result).toEqual({ ok: false, code: 'rnr-retry-exceeded' });
    expect(network.framesSent[0]).toBe(8);
  });
});

describe('queue pairs', () => {
  it('flush what is under way when destroyed, and late frames find nobody', () => {
    const { network, sender, receiver, region } = twoEngines();
    const { fromQpn, toQpn } = connectPair(network, 0, 1);
    const results: Completion[] = [];
    const request = { remoteAddress: BASE, rkey: region.rkey, octets: pattern(2_000, 1) };
    sender.write(fromQpn, request, (c) => results.push(c));
    sender.destroyQueuePair(fromQpn);
    expect(results).toEqual([{ ok: false, code: 'flushed' }]);
    network.settle(1_000);
    expect(sender.counters.framesMisdirected).toBe(1);
    expect(receiver.stateOf(toQpn)).toBe('RTS');
    expect(sender.stateOf(fromQpn)).toBe('RESET');
    sender.write(fromQpn, request, (c) => results.push(c));
    expect(results[1]).toEqual({ ok: false, code: 'not-connected' });
  });

  it('acknowledge what they had taken for a while after they were destroyed, and nothing else', () => {
    const { network, sender, receiver, region, memory, immediates } = twoEngines({ lingerPs: 20 * PS_PER_MS });
    const { fromQpn, toQpn } = connectPair(network, 0, 1);
    // As a program does that has got its answer; the first two ACKs are lost.
    receiver.onImmediate((qpn, event) => {
      immediates.push(event);
      receiver.destroyQueuePair(qpn);
    });
    network.fateOf = (from, n) => (from === 1 && n < 2 ? LOST : DELIVERED);
    const results: Completion[] = [];
    const request = { remoteAddress: BASE, rkey: region.rkey, octets: pattern(3_000, 1), immediate: 1 };
    sender.write(fromQpn, request, (c) => results.push(c));
    network.settle(1_000);
    expect([results, immediates.length, memory.writes]).toEqual([[{ ok: true }], 1, 3]);
    expect(receiver.stateOf(toQpn)).toBe('RESET');
    sender.write(fromQpn, request, (c) => results.push(c));
    network.settle(1_000);
    expect(results[1]).toEqual({ ok: false, code: 'retry-exceeded' });
    expect(memory.writes).toBe(3);
    expect(receiver.counters.framesMisdirected).toBeGreaterThan(0);
  });

  it('do not give their numbers away while they linger', () => {
    const { network, sender } = twoEngines({ lingerPs: PS_PER_MS });
    const { fromQpn } = connectPair(network, 0, 1);
    sender.destroyQueuePair(fromQpn);
    sender.destroyQueuePair(fromQpn);
    const numbers = Array.from({ length: 100 }, () => sender.createQueuePair().qpn);
    expect(new Set([fromQpn, ...numbers]).size).toBe(101);
  });

  it('may be destroyed and made anew from within the callbacks', () => {
    const { network, sender, receiver, region } = twoEngines();
    const { fromQpn, toQpn } = connectPair(network, 0, 1);
    receiver.onImmediate((qpn) => receiver.destroyQueuePair(qpn));
    let done = 0;
    const request = { remoteAddress: BASE, rkey: region.rkey, octets: pattern(2_000, 1), immediate: 1 };
    sender.write(fromQpn, request, () => {
      done++;
      sender.destroyQueuePair(fromQpn);
      const again = connectPair(network, 0, 1);
      expect(again.toQpn).not.toBe(toQpn);
      sender.write(again.fromQpn, request, () => done++);
    });
    network.settle(1_000);
    expect(done).toBe(2);
  });

  it('take nothing before they are connected, from another peer, or in another partition', () => {
    const { receiver, network, memory, region } = twoEngines();
    const { toQpn } = connectPair(network, 0, 1, { startPsn: 5 });
    const unconnected = receiver.createQueuePair();
    const reth = { address: BASE, rkey: region.rkey, octets: 4 };
    const packet = {
      opcode: RC_WRITE_ONLY,
      destinationQp: toQpn,
      psn: 5,
      ackRequest: true,
      payload: pattern(4, 1),
      reth,
    };
    receiver.onFrame(buildRoceFrame(pathTo(1), { ...packet, destinationQp: unconnected.qpn }));
    receiver.onFrame(buildRoceFrame({ ...pathTo(1), srcAddress: addressOf(8) }, packet));
    receiver.onFrame(buildRoceFrame({ ...pathTo(1), dstAddress: addressOf(8) }, packet));
    receiver.onFrame(buildRoceFrame({ ...pathTo(1), dstMac: macOf(8) }, packet));
    receiver.onFrame(buildRoceFrame(pathTo(1), { ...packet, partitionKey: 0x7fff }));
    expect(memory.writes).toBe(0);
    expect(receiver.counters.framesMisdirected).toBe(5);
    receiver.onFrame(buildRoceFrame(pathTo(1), packet));
    expect(memory.writes).toBe(1);
  });
});
