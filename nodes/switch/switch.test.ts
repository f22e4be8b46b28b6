import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EgressPort } from '../../link/egress-port.ts';
import { occupancyPs, octetPsOf } from '../../link/ethernet-timing.ts';
import { IngressPort } from '../../link/ingress-port.ts';
import { NodeRuntime, type RecordedEvent } from '../../link/node-runtime.ts';
import { allocateFrame, emitEthernet } from '../../packet/ethernet.ts';
import type { NodeModel } from '../../time/node.ts';
import { Scheduler } from '../../time/scheduler.ts';
import type { SwitchProfile } from '../../topology/types.ts';
import { createSwitch } from './switch.ts';

const profile: SwitchProfile = {
  name: 'test',
  forwarding: 'cut-through',
  latencyPs: 500_000,
  sharedBufferOctets: 1_700_000,
  macTableEntries: 1024,
  macAgingPs: 1_000_000_000,
};
const LINK_DELAY_PS = 15_000;
const TEN_GIGABIT = 10_000_000_000;
const BROADCAST = 0xffff_ffff_ffff;

interface Arrival {
  readonly port: number;
  /** First bit at the far end of the link. */
  readonly firstBitPs: number;
  readonly frame: Uint8Array;
}

/** The contract of `NodeContext.send`: departures asked of one port never go back. */
class StrictRuntime extends NodeRuntime {
  private readonly latestPs = new Map<number, number>();

  override send(port: number, frame: Uint8Array, notBeforePs: number): boolean {
    expect(notBeforePs).toBeGreaterThanOrEqual(this.latestPs.get(port) ?? 0);
    this.latestPs.set(port, notBeforePs);
    return super.send(port, frame, notBeforePs);
  }
}

/** A switch on real ports: frames go in at an instant, and what leaves is noted with its first bit at the next node. */
class Rig {
  readonly scheduler = new Scheduler();
  readonly out: Arrival[] = [];
  readonly events: RecordedEvent[] = [];
  readonly model: NodeModel;
  private readonly ingress: IngressPort[];

  constructor(
    options: { profile?: Partial<SwitchProfile>; rates?: readonly number[]; ports?: number; queueOctets?: number } = {},
  ) {
    const rates = options.rates ?? new Array<number>(options.ports ?? 4).fill(TEN_GIGABIT);
    const names = rates.map((_, port) => `switch.${port + 1}`);
    const egress = rates.map((rate, port) => {
      const sink = { push: (firstBitPs: number, frame: Uint8Array) => void this.out.push({ port, firstBitPs, frame }) };
      const { queueOctets = 524_288 } = options;
      return new EgressPort(
        { name: names[port]!, octetPs: octetPsOf(rate), delayPs: LINK_DELAY_PS, queueOctets },
        sink,
        [],
      );
    });
    const ports = rates.map((rate, port) => {
      return { name: names[port]!, linkName: `link${port}`, rateBitsPerSecond: rate, octetPs: octetPsOf(rate) };
    });
    const observer = { event: (event: RecordedEvent) => void this.events.push(event), progress: () => {} };
    const runtime = new StrictRuntime({ name: 'switch', index: 0, ports }, this.scheduler, egress, 1, observer);
    const spec = { name: 'switch', ports: names, profile: { ...profile, ...options.profile }, flooding: true };
    this.model = createSwitch(runtime, { ...spec, options: { bridgeMac: 0x0200_0000_0000 } });
    this.ingress = ports.map((port, index) => new IngressPort(this.scheduler, 0, index, port.octetPs));
    for (const port of this.ingress) port.attach(this.model);
    this.model.start();
  }

  /** A frame whose first bit reaches the switch at `timePs`. */
  arrive(port: number, timePs: number, frame: Uint8Array): void {
    this.ingress[port]!.push(timePs, frame);
  }

  run(): Arrival[] {
    this.scheduler.run(Number.POSITIVE_INFINITY);
    return this.out;
  }

  counter(name: string): number {
    return this.model.report().counters[name]!;
  }
}

function frameOf(dstMac: number, srcMac: number, octets = 60): Uint8Array {
  const frame = allocateFrame(octets - 14);
  emitEthernet(frame, dstMac, srcMac, 0x88b5);
  return frame;
}

const ports = (arrivals: readonly Arrival[]): number[] => arrivals.map((arrival) => arrival.port);

describe('forwarding', () => {
  test('floods to all but the ingress until the station is known, then sends to its port alone', () => {
    const rig = new Rig();
    rig.arrive(0, 0, frameOf(0xb, 0xa));
    rig.arrive(2, 1_000_000, frameOf(0xa, 0xb));
    rig.arrive(0, 2_000_000, frameOf(0xb, 0xa));
    expect(ports(rig.run())).toEqual([1, 2, 3, 0, 2]);
    expect(rig.counter('framesFlooded')).toBe(1);
    expect(rig.counter('framesForwarded')).toBe(2);
  });

  test('floods broadcast and multicast although their source is known', () => {
    const rig = new Rig({ ports: 3 });
    rig.arrive(0, 0, frameOf(BROADCAST, 0xa));
    rig.arrive(1, 1_000_000, frameOf(0x0100_5e00_0001, 0xb));
    expect(ports(rig.run())).toEqual([1, 2, 0, 2]);
    expect(rig.counter('switch.1.ifInBroadcastPkts')).toBe(1);
    expect(rig.counter('switch.3.ifOutMulticastPkts')).toBe(1);
  });

  test('the same octets go out: no copy, no change', () => {
    const rig = new Rig({ ports: 2 });
    const frame = frameOf(0xb, 0xa, 1514);
    const before = frame.slice();
    rig.arrive(0, 0, frame);
    expect(rig.run()[0]!.frame).toBe(frame);
    expect(frame).toEqual(before);
  });

  test('never forwards 01:80:c2:00:00:0x, but does 01:80:c2:00:00:10', () => {
    const rig = new Rig({ ports: 2 });
    for (let last = 0; last <= 0x10; last++) rig.arrive(0, last * 1_000_000, frameOf(0x0180_c200_0000 + last, 0xa));
    expect(ports(rig.run())).toEqual([1]);
    expect(rig.counter('switch.1.dot1dTpPortInDiscards')).toBe(16);
  });

  test('filters a frame for a station behind the port that it came from', () => {
    const rig = new Rig();
    rig.arrive(1, 0, frameOf(BROADCAST, 0xa));
    rig.arrive(1, 1_000_000, frameOf(0xa, 0xb));
    expect(rig.run()).toHaveLength(3);
    expect(rig.counter('switch.2.dot1dTpPortInDiscards')).toBe(1);
  });

  test('a station that moves is found behind its new port', () => {
    const rig = new Rig();
    rig.arrive(0, 0, frameOf(BROADCAST, 0xa));
    rig.arrive(3, 1_000_000, frameOf(BROADCAST, 0xa));
    rig.arrive(1, 2_000_000, frameOf(0xa, 0xb));
    expect(ports(rig.run()).slice(6)).toEqual([3]);
  });

  test('learns no group address as a source', () => {
    const rig = new Rig({ ports: 3 });
    rig.arrive(0, 0, frameOf(0xb, 0x0100_0000_000a));
    rig.arrive(1, 1_000_000, frameOf(0xb, 0));
    rig.run();
    expect(rig.model.report().details).toEqual({ macTable: [] });
  });

  test('forgets a station that was silent for longer than the ageing time', () => {
    const rig = new Rig({ ports: 3 });
    rig.arrive(0, 0, frameOf(BROADCAST, 0xa));
    rig.arrive(1, profile.macAgingPs, frameOf(0xa, 0xb));
    rig.arrive(1, profile.macAgingPs + 1_000_000, frameOf(0xa, 0xb));
    expect(ports(rig.run())).toEqual([1, 2, 0, 0, 2]);
  });

  test('a full table learns nobody new until an entry has aged, and counts it', () => {
    const rig = new Rig({ ports: 3, profile: { macTableEntries: 2 } });
    rig.arrive(0, 0, frameOf(BROADCAST, 0xa));
    rig.arrive(0, 1_000_000, frameOf(BROADCAST, 0xb));
    rig.arrive(1, 2_000_000, frameOf(0xb, 0xc));
    rig.arrive(2, 3_000_000, frameOf(0xc, 0xd));
    rig.run();
    expect(ports(rig.out).slice(4)).toEqual([0, 0, 1]);
    expect(rig.counter('dot1dTpLearnedEntryDiscards')).toBe(2);
    rig.arrive(1, 2 * profile.macAgingPs, frameOf(BROADCAST, 0xc));
    rig.run();
    expect(rig.model.report().details).toEqual({
      macTable: [{ mac: '00:00:00:00:00:0c', port: 'switch.2', seenPs: 2 * profile.macAgingPs }],
    });
  });
});

describe('timing', () => {
  const known = (rig: Rig): void => {
    rig.arrive(1, 0, frameOf(BROADCAST, 0xb));
    rig.run();
    rig.out.length = 0;
  };

  test('cut-through: first bit in to first bit out, whatever the length', () => {
    for (const octets of [60, 1514]) {
      const rig = new Rig();
      known(rig);
      rig.arrive(0, 5_000_000, frameOf(0xb, 0xa, octets));
      expect(rig.run()).toMatchObject([{ port: 1, firstBitPs: 5_000_000 + 500_000 + LINK_DELAY_PS }]);
    }
  });

  test('store-and-forward: last bit in to first bit out', () => {
    const rig = new Rig({ profile: { forwarding: 'store-and-forward' } });
    known(rig);
    rig.arrive(0, 5_000_000, frameOf(0xb, 0xa, 1514));
    // Preamble 8, frame 1,514 and FCS 4 at 0.8 ns an octet.
    expect(rig.run()).toMatchObject([{ firstBitPs: 5_000_000 + 1_526 * 800 + 500_000 + LINK_DELAY_PS }]);
  });

  test('cut-through from a slower to a faster port waits for the last bit; the other way it does not', () => {
    const rates = [1_000_000_000, TEN_GIGABIT, TEN_GIGABIT];
    const up = new Rig({ rates });
    known(up);
    up.arrive(0, 5_000_000, frameOf(0xb, 0xa, 1514));
    expect(up.run()).toMatchObject([{ firstBitPs: 5_000_000 + 1_526 * 8_000 + LINK_DELAY_PS }]);
    const down = new Rig({ rates: [TEN_GIGABIT, 1_000_000_000, TEN_GIGABIT] });
    known(down);
    down.arrive(0, 5_000_000, frameOf(0xb, 0xa, 1514));
    expect(down.run()).toMatchObject([{ firstBitPs: 5_000_000 + 500_000 + LINK_DELAY_PS }]);
  });

  test('a frame from a slow port does not hold up those of fast ports that are in before it', () => {
    const rig = new Rig({ rates: [1_000_000_000, TEN_GIGABIT, TEN_GIGABIT] });
    known(rig);
    rig.arrive(0, 5_000_000, frameOf(0xb, 0xa, 1514));
    rig.arrive(2, 5_000_001, frameOf(0xb, 0xc, 60));
    expect(rig.run().map((arrival) => arrival.frame.length)).toEqual([60, 1514]);
  });

  test('a short frame from a slow port leaves when it is all in, before one that is still in the pipeline', () => {
    const rig = new Rig({ rates: [1_000_000_000, TEN_GIGABIT, TEN_GIGABIT] });
    known(rig);
    // The frame from the slow port is ready at its last bit, 5,576 ns; the other one only at 6,070 ns.
    rig.arrive(0, 5_000_000, frameOf(0xb, 0xa, 60));
    rig.arrive(2, 5_570_000, frameOf(0xb, 0xc, 60));
    expect(rig.run().map((arrival) => arrival.firstBitPs)).toEqual([
      5_000_000 + 72 * 8_000 + LINK_DELAY_PS,
      5_570_000 + 500_000 + LINK_DELAY_PS,
    ]);
  });

  test('no departure comes sooner after the event that decides it than the latency: it is the lookahead of the process', () => {
    const rig = new Rig({ rates: [1_000_000_000, TEN_GIGABIT, TEN_GIGABIT] });
    known(rig);
    rig.arrive(0, 5_000_000, frameOf(0xb, 0xa, 1_514));
    rig.arrive(2, 9_000_000, frameOf(0xb, 0xc, 700));
    for (let before = 0; rig.scheduler.pendingEvents > 0; before = rig.out.length) {
      rig.scheduler.run(Number.POSITIVE_INFINITY, 1);
      const earliestPs = rig.scheduler.nowPs() + profile.latencyPs + LINK_DELAY_PS;
      for (const { firstBitPs } of rig.out.slice(before)) expect(firstBitPs).toBeGreaterThanOrEqual(earliestPs);
    }
  });

  test('two ports into one: the second frame follows preamble, FCS and gap after the first', () => {
    const rig = new Rig();
    known(rig);
    rig.arrive(0, 5_000_000, frameOf(0xb, 0xa, 1514));
    rig.arrive(2, 5_000_000, frameOf(0xb, 0xc, 1514));
    const [first, second] = rig.run();
    expect(second!.firstBitPs - first!.firstBitPs).toBe(1_538 * 800);
  });
});

describe('loss', () => {
  test('the bound of a port drops, counts and records', () => {
    const rig = new Rig({ ports: 3, queueOctets: 3_100 });
    rig.arrive(2, 0, frameOf(BROADCAST, 0xc));
    rig.arrive(0, 1_000_000, frameOf(0xc, 0xa, 1514));
    rig.arrive(1, 1_000_000, frameOf(0xc, 0xb, 1514));
    rig.arrive(0, 1_000_000 + 1_800_000, frameOf(0xc, 0xa, 1514));
    rig.arrive(1, 1_000_000 + 1_800_001, frameOf(0xc, 0xb, 1514));
    rig.run();
    expect(rig.counter('switch.3.ifOutDiscards')).toBe(1);
    expect(rig.counter('sharedBufferDiscards')).toBe(0);
    expect(rig.counter('switch.3.ifOutUcastPkts')).toBe(3);
    expect(rig.counter('switch.3.ifOutOctets')).toBe(3 * 1518);
    expect(rig.events).toMatchObject([{ event: { reason: 'egress-queue-full', port: 'switch.3' } }]);
  });

  test('the shared buffer is one for all ports', () => {
    const rig = new Rig({ profile: { sharedBufferOctets: 3_100 } });
    // A broadcast of 1,514 octets to three ports needs three times the memory: the third copy does not fit.
    rig.arrive(0, 0, frameOf(BROADCAST, 0xa, 1514));
    expect(ports(rig.run())).toEqual([1, 2]);
    expect(rig.counter('sharedBufferDiscards')).toBe(1);
    expect(rig.counter('switch.4.ifOutDiscards')).toBe(1);
    expect(rig.counter('sharedBufferMaximumOctets')).toBe(3_028);
    expect(rig.events).toMatchObject([
      { event: { kind: 'frame-dropped', reason: 'shared-buffer-full', port: 'switch.4' } },
    ]);
    // Once they have left, there is room again.
    rig.arrive(0, 10_000_000, frameOf(BROADCAST, 0xa, 1000));
    expect(rig.run()).toHaveLength(5);
  });
});

/** The same switch said naively: maps, exact ageing, every queue walked at every frame. */
function referenceRun(
  arrivals: readonly { port: number; timePs: number; frame: Uint8Array }[],
  limits: { portCount: number; sharedBufferOctets: number; queueOctets: number; agingPs: number; entries: number },
): Arrival[] {
  const stations = new Map<string, { port: number; seenPs: number }>();
  const queues = Array.from({ length: limits.portCount }, () => [] as { endPs: number; octets: number }[]);
  const out: Arrival[] = [];
  const used = (queue: { endPs: number; octets: number }[], nowPs: number): number =>
    queue.filter((entry) => entry.endPs > nowPs).reduce((sum, entry) => sum + entry.octets, 0);
  for (const { port, timePs, frame } of arrivals) {
    const dst = Buffer.from(frame.subarray(0, 6)).toString('hex');
    const src = Buffer.from(frame.subarray(6, 12)).toString('hex');
    if (!stations.has(src) && stations.size >= limits.entries) {
      for (const [mac, entry] of [...stations]) if (timePs - entry.seenPs > limits.agingPs) stations.delete(mac);
    }
    if (stations.has(src) || stations.size < limits.entries) stations.set(src, { port, seenPs: timePs });
    const entry = dst === 'ffffffffffff' ? undefined : stations.get(dst);
    const fresh = entry !== undefined && timePs - entry.seenPs <= limits.agingPs;
    const targets = fresh ? [entry.port] : queues.map((_, index) => index);
    for (const target of targets) {
      if (target === port) continue;
      const total = queues.reduce((sum, queue) => sum + used(queue, timePs), 0);
      if (total + frame.length > limits.sharedBufferOctets) continue;
      const queue = queues[target]!;
      if (used(queue, timePs) + frame.length > limits.queueOctets) continue;
      const departurePs = Math.max(timePs + profile.latencyPs, queue.at(-1)?.endPs ?? 0);
      queue.push({ endPs: departurePs + occupancyPs(frame.length, 800), octets: frame.length });
      out.push({ port: target, firstBitPs: departurePs + LINK_DELAY_PS, frame });
    }
  }
  return out;
}

test('any traffic: the same frames at the same instants as a naive switch', () => {
  const arrival = fc.record({
    port: fc.nat(4),
    gapPs: fc.oneof(fc.constant(0), fc.nat(3_000_000), fc.nat(300_000_000)),
    dst: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant(BROADCAST)),
    src: fc.integer({ min: 1, max: 9 }),
    octets: fc.integer({ min: 60, max: 1514 }),
  });
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 120 }), (draws) => {
      const limits = { portCount: 5, sharedBufferOctets: 9_000, queueOctets: 4_000, agingPs: 200_000_000, entries: 6 };
      const rig = new Rig({
        ports: 5,
        queueOctets: limits.queueOctets,
        profile: {
          sharedBufferOctets: limits.sharedBufferOctets,
          macAgingPs: limits.agingPs,
          macTableEntries: limits.entries,
        },
      });
      // Frames on one port cannot overlap.
      const freePs = new Array<number>(5).fill(0);
      let nowPs = 0;
      const arrivals = draws.map(({ port, gapPs, dst, src, octets }) => {
        nowPs += gapPs;
        const timePs = Math.max(nowPs, freePs[port]!);
        freePs[port] = timePs + occupancyPs(octets, 800);
        return { port, timePs, frame: frameOf(dst, src, octets) };
      });
      for (const { port, timePs, frame } of arrivals) rig.arrive(port, timePs, frame);
      const inOrder = arrivals.toSorted((a, b) => a.timePs - b.timePs || a.port - b.port);
      const expected = referenceRun(inOrder, limits);
      const key = (entry: Arrival): [number, number, number] => [entry.port, entry.firstBitPs, entry.frame.length];
      expect(rig.run().map(key)).toEqual(expected.map(key));
    }),
    { numRuns: 300 },
  );
});
