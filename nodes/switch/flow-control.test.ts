import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { octetPsOf } from '../../link/ethernet-timing.ts';
import { IDENTITY_PCP } from '../../packet/priority-map.ts';
import { headroomOctets } from '../../topology/buffer-shares.ts';
import type { FlowControlSpec, SwitchQueueing } from '../../topology/switch-options.ts';
import type { SwitchProfile } from '../../topology/types.ts';
import { ipFrame, macOf, TEST_PROFILE, TestNetwork } from './test-network.ts';

const DSCP_26 = 26 << 2;
/** Six full frames fit below it: the seventh is nearly all beyond. */
const XOFF_OCTETS = 9_110;

interface Scene {
  readonly senders: number;
  readonly delayPs: number;
  readonly rate: number;
  readonly forwarding: SwitchProfile['forwarding'];
  /** Lengths of the frames of all senders, over and over. */
  readonly frameOctets: readonly number[];
  /** Of what the formula says. */
  readonly headroomShare: number;
  /** A further station for each sender sends it full frames of another priority, so that pauses have to wait for one. */
  readonly noise?: boolean;
  readonly spec?: Partial<FlowControlSpec>;
}

/** Several stations send all that their lines take to the one after them. */
function incast(scene: Scene, frames = 150): TestNetwork {
  const { senders, delayPs, rate, forwarding, frameOctets, headroomShare, noise, spec } = scene;
  const receiver = senders + 1;
  const stations = receiver + (noise ? senders : 0);
  const headroom = headroomOctets({
    octetPs: octetPsOf(rate),
    delayPs,
    leadPs: TEST_PROFILE.latencyPs,
    senderLeadPs: 0,
    maximumFrameOctets: 1_518,
  });
  const flowControl: FlowControlSpec = {
    priorities: [3],
    xoffOctets: XOFF_OCTETS,
    xonOctets: 4_000,
    headroomOctets: new Array<number>(stations).fill(Math.ceil(headroom * headroomShare)),
    quanta: 65_535,
    stormPs: 1e12,
    ...spec,
  };
  const queueing: SwitchQueueing = {
    queues: [
      { priorities: [3], weight: 1, reserveOctets: 0 },
      { priorities: [0, 1, 2, 4, 5, 6, 7], weight: 1, reserveOctets: 0 },
    ],
    flowControl,
  };
  const priorities = new Array(stations).fill({ pcp: IDENTITY_PCP, dscp: { 26: 3 }, otherwise: 0 });
  const network = new TestNetwork({
    stations,
    delayPs,
    rates: new Array<number>(stations).fill(rate),
    profile: { forwarding, sharedBufferOctets: 1 << 30 },
    options: { queueing, priorities },
  });
  // The receiver says where it is.
  network.sendAt(0, receiver, ipFrame(receiver, 1, 100));
  for (let sender = 1; sender <= senders; sender++) {
    network.sendAt(0, sender, ipFrame(sender, receiver, 100));
    for (let i = 0; noise && i < frames; i++) {
      network.sendAt(10_000_000_000 - 5_000_000 * sender, receiver + sender, ipFrame(receiver + sender, sender, 1_481));
    }
    for (let i = 0; i < frames; i++) {
      const octets = frameOctets[(i + sender) % frameOctets.length]!;
      network.sendAt(10_000_000_000, sender, ipFrame(sender, receiver, octets, DSCP_26));
    }
  }
  return network;
}

describe('headroom', () => {
  const scenes = fc.record({
    senders: fc.integer({ min: 2, max: 5 }),
    delayPs: fc.constantFrom(15_000, 500_000, 5_000_000, 20_000_000),
    rate: fc.constantFrom(1e9, 10e9, 40e9),
    forwarding: fc.constantFrom('cut-through', 'store-and-forward' as const),
    frameOctets: fc.array(fc.integer({ min: 60, max: 1_518 }), { minLength: 1, maxLength: 5 }),
    headroomShare: fc.constant(1),
    noise: fc.boolean(),
  }) as fc.Arbitrary<Scene>;

  test('as the formula says: nothing is ever lost, and every frame arrives', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const network = incast(scene);
        const arrived = network
          .run()
          .filter(({ station, frame }) => station === scene.senders + 1 && frame[15] === DSCP_26);
        expect(network.drops()).toEqual({});
        expect(arrived).toHaveLength(150 * scene.senders);
      }),
      { numRuns: 40 },
    );
  });

  test.each([
    ['cut-through', 15_000, 0.45],
    ['store-and-forward', 15_000, 0.6],
    ['cut-through', 20_000_000, 0.85],
    ['store-and-forward', 20_000_000, 0.85],
  ] as const)(
    'of less, %s over %i ps with %f of it: frames are lost and the reason is said',
    (forwarding, delayPs, headroomShare) => {
      const frames = { frameOctets: [1_518], noise: true };
      const network = incast({ senders: 8, delayPs, rate: 10e9, forwarding, headroomShare, ...frames });
      network.run();
      expect(network.drops()['pfc-headroom-exceeded']).toBeGreaterThan(0);
      expect(Object.keys(network.drops())).toEqual(['pfc-headroom-exceeded']);
    },
  );
});

describe('pause and resume', () => {
  const scene: Scene = {
    senders: 2,
    delayPs: 500_000,
    rate: 10e9,
    forwarding: 'store-and-forward',
    frameOctets: [1_000],
    headroomShare: 1,
  };

  test('are told at XOFF and XON, and the line of the receiver is never idle meanwhile', () => {
    const network = incast(scene);
    const arrived = network.run().filter(({ station, frame }) => station === 3 && frame[15] === DSCP_26);
    for (const [index, { timePs }] of arrived.entries()) {
      // Back to back: frame, FCS, preamble and gap at 0.8 ns an octet.
      if (index > 0) expect(timePs - arrived[index - 1]!.timePs).toBe((1_000 + 24) * 800);
    }
    const requests = network.port('switch.1').flowControl!.ieee8021PfcRequests;
    expect(requests).toBeGreaterThan(3);
    expect(network.port('h1.eth0').flowControl!.ieee8021PfcIndications).toBe(requests);
    expect(network.port('h1.eth0').flowControl!.pausedPs[3]).toBeGreaterThan(0);
    expect(network.port('h1.eth0').flowControl!.pausedPs[0]).toBe(0);
    // Pauses and resumes take turns: as many of one as of the other.
    expect(requests % 2).toBe(0);
  });

  test('a pause is told again before it runs out, as long as it lasts', () => {
    const short = incast({ ...scene, spec: { quanta: 20, xonOctets: 0 } });
    short.run();
    expect(short.drops()).toEqual({});
    // 20 quanta are 1.02 us, a tenth of what it takes to drain 10,000 octets for two senders.
    const long = incast({ ...scene, spec: { xonOctets: 0 } });
    long.run();
    expect(short.port('switch.1').flowControl!.ieee8021PfcRequests).toBeGreaterThan(
      10 * long.port('switch.1').flowControl!.ieee8021PfcRequests,
    );
  });

  test('other priorities pass a paused one, at the sender and at the switch', () => {
    const network = incast(scene);
    const urgentPs = 10_000_000_000 + 60_000_000;
    network.sendAt(urgentPs, 1, ipFrame(1, 3, 100));
    const arrivals = network.run().filter(({ station, frame }) => station === 3 && frame[5] === macOf(3) % 256);
    const urgent = arrivals.find(({ frame }) => frame.length === 100)!;
    expect(network.port('h1.eth0').flowControl!.pausedPs[3]).toBeGreaterThan(50_000_000);
    // The frame under way at each hop, its own time, and the latency: not the queue of a hundred frames before it.
    expect(urgent.timePs - urgentPs).toBeLessThan(2 * 500_000 + 500_000 + 3 * 1_024 * 800 + 2 * 124 * 800);
  });
});
