import { describe, expect, test } from 'vitest';
import { CONGESTION_EXPERIENCED, congestionOf } from '../../packet/congestion.ts';
import { allocateFrame, emitEthernet } from '../../packet/ethernet.ts';
import { parseIpv4 } from '../../packet/ipv4.ts';
import { LLDP_ADDRESS, parseLldpFrame } from '../../packet/lldp.ts';
import { IDENTITY_PCP } from '../../packet/priority-map.ts';
import { isTagged, priorityCodePointOf, vlanIdOf, withTag } from '../../packet/vlan.ts';
import type { SwitchOptions, SwitchQueue, VlanPort } from '../../topology/switch-options.ts';
import { ipFrame, macOf, TestNetwork } from './test-network.ts';

const BROADCAST = 0xffff_ffff_ffff;
const US = 1_000_000;

/** `station`s are told to say where they are before anything else happens. */
function introduce(network: TestNetwork, stations: number): void {
  for (let station = 1; station <= stations; station++) network.sendAt(0, station, broadcastFrom(station));
}

function broadcastFrom(station: number, octets = 60): Uint8Array {
  const frame = allocateFrame(octets - 14);
  emitEthernet(frame, BROADCAST, macOf(station), 0x88b5);
  return frame;
}

const mapOf = (stations: number) => new Array(stations).fill({ pcp: IDENTITY_PCP, dscp: { 46: 5 }, otherwise: 0 });

function withQueues(stations: number, queues: readonly SwitchQueue[]): Omit<SwitchOptions, 'bridgeMac'> {
  return { queueing: { queues }, priorities: mapOf(stations) };
}

describe('VLANs', () => {
  const PORTS: readonly VlanPort[] = [
    { mode: 'access', vlan: 10 },
    { mode: 'access', vlan: 10 },
    { mode: 'access', vlan: 20 },
    { mode: 'trunk', native: 20, tagged: [10] },
    { mode: 'trunk', native: undefined, tagged: [10, 20] },
  ];
  const network = () => new TestNetwork({ stations: 5, options: { vlanPorts: PORTS, priorities: mapOf(5) } });

  test('flood a frame to the ports of its VLAN alone, with a tag where the port wants one', () => {
    const rig = network();
    rig.sendAt(0, 1, broadcastFrom(1, 100));
    const arrivals = rig.run();
    expect(arrivals.map(({ station }) => station).sort()).toEqual([2, 4, 5]);
    for (const { station, frame } of arrivals) {
      expect(isTagged(frame)).toBe(station !== 2);
      if (station !== 2) expect([vlanIdOf(frame), frame.length]).toEqual([10, 104]);
    }
  });

  test('a native VLAN has no tag on its trunk, a tagged one does', () => {
    const rig = network();
    rig.sendAt(0, 3, broadcastFrom(3, 100));
    expect(rig.run().map(({ station, frame }) => [station, isTagged(frame)])).toEqual([
      [4, false],
      [5, true],
    ]);
  });

  test('learn a station in each VLAN apart', () => {
    const rig = network();
    // Station 1's address shows up in VLAN 20, too: behind port 3.
    rig.sendAt(0, 1, broadcastFrom(1));
    rig.sendAt(10 * US, 3, broadcastFrom(1));
    rig.sendAt(20 * US, 2, ipFrame(2, 1));
    rig.sendAt(30 * US, 4, ipFrame(4, 1));
    const unicast = rig.run().filter(({ frame }) => frame.length >= 1_000);
    expect(unicast.map(({ station }) => station)).toEqual([1, 3]);
    expect((rig.report().details as { macTable: unknown[] }).macTable).toMatchObject([
      { vlan: 10, port: 'switch.1' },
      { vlan: 20, port: 'switch.3' },
      { vlan: 10, port: 'switch.2' },
      { vlan: 20, port: 'switch.4' },
    ]);
  });

  test('refuse what a port does not carry, and count it', () => {
    const rig = network();
    rig.sendAt(0, 1, withTag(broadcastFrom(1), 20, 0));
    rig.sendAt(0, 4, withTag(broadcastFrom(4), 30, 0));
    rig.sendAt(0, 5, broadcastFrom(5));
    expect(rig.run()).toEqual([]);
    for (const port of [1, 4, 5]) expect(rig.counter(`switch.${port}.dot1qTpVlanPortInDiscards`)).toBe(1);
  });

  test('keep the priority of a tag, take it for a new one, and pad what a removed tag leaves too short', () => {
    const rig = network();
    rig.sendAt(0, 5, withTag(broadcastFrom(5).subarray(0, 60), 10, 6));
    // A tag of VLAN 0 is a priority alone.
    rig.sendAt(10 * US, 1, withTag(broadcastFrom(1), 0, 3));
    const arrivals = rig.run();
    const at = (station: number) => arrivals.filter((each) => each.station === station).map(({ frame }) => frame);
    expect(at(4).map(priorityCodePointOf)).toEqual([6, 3]);
    expect(at(1).map((frame) => [isTagged(frame), frame.length])).toEqual([[false, 60]]);
    expect(at(2).map((frame) => frame.length)).toEqual([60, 60]);
  });
});

describe('priorities', () => {
  test('strict priority: a later urgent frame passes what waits; the tag or the DSCP says so', () => {
    const queues = [
      { priorities: [5, 6, 7], reserveOctets: 0 },
      { priorities: [0, 1, 2, 3, 4], reserveOctets: 0 },
    ];
    const rig = new TestNetwork({ stations: 3, options: withQueues(3, queues) });
    introduce(rig, 3);
    for (let i = 0; i < 20; i++) rig.sendAt(100 * US, 1, ipFrame(1, 3, 1_514));
    // While the second line brings as much again the queue grows; then come two urgent ones, by tag and by DSCP.
    for (let i = 0; i < 10; i++) rig.sendAt(100 * US, 2, ipFrame(2, 3, 1_514));
    rig.sendAt(101 * US, 2, withTag(ipFrame(2, 3, 100), 1, 7));
    rig.sendAt(102 * US, 2, ipFrame(2, 3, 101, 46 << 2));
    const order = rig.run().filter(({ station, timePs }) => station === 3 && timePs > 50 * US);
    const lengths = order.map(({ frame }) => frame.length);
    // Both went ahead of the station's own queue, since its port has the same queues, and of the switch's.
    expect(lengths.indexOf(104)).toBeLessThan(6);
    expect(lengths.indexOf(101)).toBeLessThan(8);
    expect(lengths).toHaveLength(32);
  });

  test('weights share a full line by octets', () => {
    const queues = [
      { priorities: [5], weight: 3, reserveOctets: 0 },
      { priorities: [0, 1, 2, 3, 4, 6, 7], weight: 1, reserveOctets: 0 },
    ];
    const rig = new TestNetwork({ stations: 3, options: withQueues(3, queues) });
    introduce(rig, 3);
    for (let i = 0; i < 400; i++) {
      rig.sendAt(100 * US, 1, ipFrame(1, 3, 1_514, 46 << 2));
      rig.sendAt(100 * US, 2, ipFrame(2, 3, 700));
    }
    const arrivals = rig.run().filter(({ station, frame }) => station === 3 && frame.length >= 700);
    // From when both queues stand until the first has nothing left.
    const both = arrivals.slice(20, arrivals.findLastIndex(({ frame }) => frame.length === 1_514) - 20);
    const octets = [0, 0];
    for (const { frame } of both) octets[frame.length === 1_514 ? 0 : 1]! += frame.length + 24;
    expect(octets[0]! / octets[1]!).toBeGreaterThan(2.9);
    expect(octets[0]! / octets[1]!).toBeLessThan(3.1);
  });
});

describe('the shared buffer with queues', () => {
  test('a queue is held to its dynamic threshold while another keeps its reserve', () => {
    const queues = [
      { priorities: [5], weight: 1, reserveOctets: 3_000 },
      { priorities: [0, 1, 2, 3, 4, 6, 7], weight: 1, alpha: 1, reserveOctets: 0 },
    ];
    const profile = { sharedBufferOctets: 49_000 };
    const rig = new TestNetwork({ stations: 3, profile, options: withQueues(3, queues) });
    introduce(rig, 3);
    for (let i = 0; i < 100; i++) {
      rig.sendAt(100 * US, 1, ipFrame(1, 3, 1_000));
      rig.sendAt(100 * US, 2, ipFrame(2, 3, 1_000));
    }
    rig.run();
    expect(Object.keys(rig.drops())).toEqual(['dynamic-threshold']);
    const details = rig.report().details as { queues: { port: string; priorities: string; maximumOctets: number }[] };
    const queue = details.queues.find(({ port, priorities }) => port === 'switch.3' && priorities !== '5')!;
    // alpha / (1 + alpha) of what three reserves of 3,000 leave, in whole frames: q + 1,000 <= 40,000 - q.
    expect(queue.maximumOctets).toBe(20_000);
    expect(rig.counter('switch.3.ifOutDiscards')).toBe(rig.drops()['dynamic-threshold']);
  });

  test('all memory comes back', () => {
    const queues = [{ priorities: IDENTITY_PCP, weight: 1, reserveOctets: 0 }];
    const profile = { sharedBufferOctets: 20_000 };
    const rig = new TestNetwork({ stations: 3, profile, options: withQueues(3, queues) });
    introduce(rig, 3);
    for (const startPs of [100 * US, 900 * US]) {
      for (let i = 0; i < 60; i++) {
        rig.sendAt(startPs, 1, ipFrame(1, 3, 1_000));
        rig.sendAt(startPs, 2, ipFrame(2, 3, 1_000));
      }
    }
    const arrivals = rig.run().filter(({ frame }) => frame.length === 1_000);
    const first = arrivals.filter(({ timePs }) => timePs < 800 * US);
    expect(arrivals.length).toBe(2 * first.length);
    expect(rig.drops()['shared-buffer-full']).toBe(240 - arrivals.length);
    expect(rig.counter('sharedBufferMaximumOctets')).toBe(20_000);
  });
});

describe('marking', () => {
  const marked = (queue: Partial<SwitchQueue>, typeOfService: number) => {
    const queues = [{ priorities: IDENTITY_PCP, weight: 1, reserveOctets: 0, ...queue }];
    const rig = new TestNetwork({ stations: 3, options: withQueues(3, queues) });
    introduce(rig, 3);
    for (let i = 0; i < 100; i++) {
      rig.sendAt(100 * US, 1, ipFrame(1, 3, 1_000, typeOfService));
      rig.sendAt(100 * US, 2, ipFrame(2, 3, 1_000, typeOfService));
    }
    return { rig, arrivals: rig.run().filter(({ frame }) => frame.length === 1_000) };
  };

  test('at a threshold: of what can be marked, what finds more is, with a right checksum', () => {
    const { rig, arrivals } = marked({ marking: { kind: 'threshold', thresholdOctets: 10_000 } }, 2);
    const first = arrivals.findIndex(({ frame }) => congestionOf(frame) === CONGESTION_EXPERIENCED);
    // Two lines into one: the queue grows by a frame every two, and begins to be too deep at the eleventh.
    expect(first).toBeGreaterThan(18);
    expect(first).toBeLessThan(24);
    for (const { frame } of arrivals) expect(parseIpv4(frame, 14, frame.length).ok).toBe(true);
    expect(rig.drops()).toEqual({});
    const { queues } = rig.report().details as { queues: { port: string; framesMarked: number }[] };
    const count = arrivals.filter(({ frame }) => congestionOf(frame) === CONGESTION_EXPERIENCED).length;
    expect(queues.find(({ port }) => port === 'switch.3')!.framesMarked).toBe(count);
  });

  test('leaves alone what cannot be marked; early detection drops it', () => {
    const threshold = marked({ marking: { kind: 'threshold', thresholdOctets: 10_000 } }, 0);
    expect(threshold.arrivals.every(({ frame }) => congestionOf(frame) === 0)).toBe(true);
    expect(threshold.rig.drops()).toEqual({});
    const red = { kind: 'red', minimumOctets: 5_000, maximumOctets: 20_000, probability: 0.2, weight: 0.1 } as const;
    expect(marked({ marking: red }, 0).rig.drops()['early-drop']).toBeGreaterThan(5);
    const notified = marked({ marking: red }, 1);
    expect(notified.rig.drops()).toEqual({});
    expect(notified.arrivals.filter(({ frame }) => congestionOf(frame) === 3).length).toBeGreaterThan(5);
  });
});

describe('mirrors', () => {
  const mirrored = (ingress: boolean, egress: boolean, options: Omit<SwitchOptions, 'bridgeMac'> = {}) => {
    const rig = new TestNetwork({
      stations: 4,
      options: { ...options, mirrors: [{ from: 0, to: 3, ingress, egress }] },
    });
    introduce(rig, 4);
    rig.sendAt(100 * US, 1, ipFrame(1, 2, 200));
    rig.sendAt(200 * US, 2, ipFrame(2, 1, 300));
    rig.sendAt(300 * US, 2, ipFrame(2, 3, 400));
    const copies = rig.run().filter(({ station, frame }) => station === 4 && frame.length >= 200);
    return copies.map(({ frame }) => frame.length);
  };

  test.each([
    [true, false, [200]],
    [false, true, [300]],
    [true, true, [200, 300]],
  ])('ingress %s, egress %s: copies of what passes the port that way', (ingress, egress, lengths) => {
    expect(mirrored(ingress, egress)).toEqual(lengths);
    const queueing = withQueues(4, [{ priorities: IDENTITY_PCP, reserveOctets: 0 }]);
    expect(mirrored(ingress, egress, queueing)).toEqual(lengths);
  });

  test('copies are as the port has them, teach nothing and are told apart from forwarded frames', () => {
    const vlanPorts: VlanPort[] = [
      { mode: 'trunk', native: undefined, tagged: [5] },
      { mode: 'access', vlan: 5 },
      { mode: 'access', vlan: 6 },
    ];
    const mirrors = [{ from: 0, to: 2, ingress: true, egress: true }];
    const rig = new TestNetwork({ stations: 3, options: { vlanPorts, priorities: mapOf(3), mirrors } });
    rig.sendAt(0, 2, broadcastFrom(2));
    rig.sendAt(10 * US, 1, withTag(ipFrame(1, 2, 100), 5, 0));
    const copies = rig.run().filter(({ station }) => station === 3);
    expect(copies.map(({ frame }) => vlanIdOf(frame))).toEqual([5, 5]);
    expect(rig.counter('framesMirrored')).toBe(2);
    expect(rig.counter('framesForwarded')).toBe(1);
  });

  test('a mirror from a slow port to a fast one waits until a frame is all in', () => {
    const mirrors = [{ from: 0, to: 2, ingress: true, egress: false }];
    const rig = new TestNetwork({ stations: 3, rates: [1e9, 1e9, 10e9], options: { mirrors } });
    rig.sendAt(0, 1, broadcastFrom(1, 1_000));
    rig.sendAt(100 * US, 1, broadcastFrom(1, 1_000));
    const times = rig.run().filter(({ station }) => station === 3);
    // Preamble, frame and FCS at 8 ns an octet, then at 0.8.
    expect(times[0]!.timePs).toBe(15_000 + 1_012 * 8_000 + 15_000 + 1_012 * 800);
  });
});

describe('static addresses', () => {
  test('are known before any frame, and what a station says later does not move them', () => {
    const staticMacs = [{ mac: macOf(3), vlan: 0, port: 2 }];
    const rig = new TestNetwork({ stations: 4, options: { staticMacs } });
    rig.sendAt(0, 1, ipFrame(1, 3));
    rig.sendAt(10 * US, 4, ipFrame(3, 1));
    rig.sendAt(20 * US, 2, ipFrame(2, 3));
    expect(rig.reached()).toEqual([3, 1, 3]);
    expect((rig.report().details as { macTable: unknown[] }).macTable).toContainEqual({
      mac: '0a:00:00:00:00:03',
      port: 'switch.3',
      static: true,
    });
  });
});

describe('storm control', () => {
  test('holds a class of frames to its rate, and the others pass', () => {
    const limits = { broadcast: { kind: 'frames', framesPerSecond: 100_000 }, burstPs: 0 } as const;
    const rig = new TestNetwork({ stations: 3, options: { stormControl: [limits, undefined, undefined] } });
    // A frame a microsecond for a millisecond, of which one in ten is within 100,000 a second.
    for (let i = 0; i < 1_000; i++) rig.sendAt(i * US, 1, broadcastFrom(1));
    for (let i = 0; i < 50; i++) rig.sendAt(i * US, 2, broadcastFrom(2));
    const arrivals = rig.run().filter(({ station }) => station === 3);
    expect(arrivals).toHaveLength(100 + 50);
    expect(rig.counter('switch.1.ifInDiscards')).toBe(900);
    expect(rig.drops()).toEqual({ 'storm-control': 900 });
  });

  test('a fraction of the line counts octets with preamble and gap, a burst passes, unknown stations have their own', () => {
    const limits = {
      unknownUnicast: { kind: 'fraction', fraction: 0.25 },
      multicast: { kind: 'fraction', fraction: 0 },
      burstPs: 12_380_000,
    } as const;
    const rig = new TestNetwork({ stations: 2, options: { stormControl: [limits, undefined] } });
    for (let i = 0; i < 400; i++) rig.sendAt(0, 1, ipFrame(1, 9, 1_514));
    const passed = rig.run().length;
    // 400 frames of 1,538 octets take 492 us; a fourth of it, and a burst of 12.4 us: ten frames at the limit's pace.
    expect(passed).toBeGreaterThanOrEqual(102);
    expect(passed).toBeLessThanOrEqual(104);
  });
});

describe('link layer discovery', () => {
  test('tells each neighbour chassis, port and time to live, so often and no longer; is never forwarded', () => {
    const lldp = { intervalPs: 1_000 * US, advertisements: 3, timeToLiveSeconds: 5 };
    const rig = new TestNetwork({ stations: 2, options: { lldp } });
    rig.sendAt(10 * US, 1, rigLldp());
    const arrivals = rig.run();
    expect(arrivals.map(({ station }) => station)).toEqual([1, 2, 1, 2, 1, 2]);
    const parsed = parseLldpFrame(arrivals[3]!.frame);
    expect(parsed).toMatchObject({
      ok: true,
      value: { chassisMac: 0x0200_0000_0000, portName: 'switch.2', timeToLiveSeconds: 5, systemName: 'switch' },
    });
    expect(rig.counter('switch.2.ifOutMulticastPkts')).toBe(3);
    expect((rig.report().details as { lldpNeighbours: unknown }).lldpNeighbours).toEqual([
      {
        port: 'switch.1',
        chassis: '02:00:00:00:00:00',
        neighbourPort: 'switch.1',
        systemName: 'switch',
        timeToLiveSeconds: 5,
      },
    ]);
  });

  test('is off by default: nothing is said, and what a station says goes no further', () => {
    const rig = new TestNetwork({ stations: 2 });
    rig.sendAt(10 * US, 1, rigLldp());
    expect(rig.run()).toEqual([]);
    expect(rig.counter('switch.1.dot1dTpPortInDiscards')).toBe(1);
  });

  /** What a switch sent to its first neighbour, for that one to send back. */
  function rigLldp(): Uint8Array {
    const other = new TestNetwork({
      stations: 1,
      options: { lldp: { intervalPs: US, advertisements: 1, timeToLiveSeconds: 5 } },
    });
    const { frame } = other.run()[0]!;
    expect(frame[5]).toBe(LLDP_ADDRESS % 256);
    return frame;
  }
});

describe('samples', () => {
  test('of a FIFO port and of a single queue are the same', () => {
    const sampled = (options: Omit<SwitchOptions, 'bridgeMac'>) => {
      const rig = new TestNetwork({ stations: 3, options: { ...options, samplePeriodPs: 3 * US } });
      introduce(rig, 3);
      for (let i = 0; i < 60; i++) {
        rig.sendAt(100 * US, 1, ipFrame(1, 3, 800));
        rig.sendAt(110 * US, 2, ipFrame(2, 3, 900));
      }
      rig.run();
      return rig.report().queueSamples!.map(({ samples }) => samples);
    };
    const fifo = sampled({});
    expect(fifo[2]!.length).toBeGreaterThan(20);
    expect(sampled(withQueues(3, [{ priorities: IDENTITY_PCP, weight: 1, reserveOctets: 0 }]))).toEqual(fifo);
  });
});

describe('counters', () => {
  test('have the names of IF-MIB; those of 32 bits and their high-capacity forms agree', () => {
    const rig = new TestNetwork({ stations: 2 });
    introduce(rig, 2);
    rig.sendAt(10 * US, 1, ipFrame(1, 2, 1_000));
    rig.run();
    expect(rig.counter('switch.2.ifOutOctets')).toBe(64 + 1_004);
    expect(rig.counter('switch.2.ifHCOutOctets')).toBe(64 + 1_004);
    expect(rig.counter('switch.2.ifHCOutUcastPkts')).toBe(1);
    expect(rig.counter('switch.2.ifHCOutBroadcastPkts')).toBe(1);
    expect(rig.counter('switch.1.dot1dTpPortInFrames')).toBe(2);
  });
});
