import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RandomStream, randomStream } from '../base/random.ts';
import { NO_FAULTS } from '../faults/fault.ts';
import { buildPriorityPause } from '../packet/mac-control.ts';
import { IDENTITY_PCP } from '../packet/priority-map.ts';
import type { ChannelMessage, FrameInTransit } from '../time/channel.ts';
import { MAC_CONTROL_PRIORITY, type NodeContext, type NodeModel, type NodeReport } from '../time/node.ts';
import { cycleRoles } from '../time/process-cycles.ts';
import { Scheduler } from '../time/scheduler.ts';
import { type LinkSpec, Network, type NetworkSpec } from './network.ts';
import type { PortQueueing } from './port-queueing.ts';
import { type MessageTransport, ProcessDriver } from './process-driver.ts';

/*
 * A small world of its own: hub with a gateway, servers and clients; frames carry only a destination, a source and a
 * request number. What is tested is that spreading the nodes over processes, whatever the order in which their
 * messages get through, changes neither a frame nor its time.
 */

type NodeKind = (context: NodeContext) => NodeModel;

const NO_REPORT: NodeReport = { counters: {} };

function frameTo(destination: number, source: number, request: number, octets = 100): Uint8Array {
  const frame = new Uint8Array(octets);
  frame[0] = destination;
  frame[1] = source;
  // A VLAN tag whose priority code point is the request's last three bits.
  frame[12] = 0x81;
  frame[14] = (request & 7) << 5;
  new DataView(frame.buffer).setUint32(4, request);
  return frame;
}

function requestOf(frame: Uint8Array): number {
  return new DataView(frame.buffer, frame.byteOffset).getUint32(4);
}

const HUB_LATENCY_PS = 500_000;

/** Forwards by the destination octet = port, 500 ns after the first bit. */
const hub: NodeKind = (context) => ({
  receiveAt: 'first-bit',
  start() {},
  onFrame: (_port, frame) => {
    context.send(frame[0]!, frame, context.nowPs() + HUB_LATENCY_PS);
  },
  report: () => NO_REPORT,
});

/** The same, and every third frame makes it pause some priorities of a station, for a time or until further notice. */
const pausingHub: NodeKind = (context) => {
  let frames = 0;
  const pause = (port: number, quanta: readonly number[]): void => {
    const passage = { priority: MAC_CONTROL_PRIORITY, leaves: () => {} };
    context.send(port, buildPriorityPause(1, quanta), context.nowPs() + HUB_LATENCY_PS, passage);
  };
  return {
    receiveAt: 'first-bit',
    start() {},
    onFrame: (port, frame) => {
      const random = context.random('pauses');
      if (++frames % 3 === 0) {
        pause(
          port,
          IDENTITY_PCP.map(() => random.below(200)),
        );
      }
      if (frames % 5 === 0) pause(random.below(context.ports.length), new Array<number>(8).fill(0));
      context.send(frame[0]!, frame, context.nowPs() + HUB_LATENCY_PS);
    },
    report: () => NO_REPORT,
  };
};

/** The same hub as one whose output ports share no state; `isolated` ports do not reach one another. */
function independentHub(isolated: ReadonlySet<number>): NodeKind {
  return (context) => {
    const reaches = (from: number, to: number): boolean => from !== to && !(isolated.has(from) && isolated.has(to));
    const egressOf = (ingress: number, frame: Uint8Array): number => (reaches(ingress, frame[0]!) ? frame[0]! : -1);
    return {
      receiveAt: 'first-bit',
      start() {},
      independence: { reaches, egressOf },
      onFrame: (ingress, frame) => {
        const egress = egressOf(ingress, frame);
        if (egress >= 0) context.send(egress, frame, context.nowPs() + HUB_LATENCY_PS);
      },
      report: () => NO_REPORT,
    };
  };
}

/** Sends bursts at instants of its own, and passes some of what it gets on, at once or later. */
function talker(self: number, stations: number, bursts: number): NodeKind {
  return (context) => {
    const random = context.random('talk');
    let sent = 0;
    const burst = (): void => {
      const to = random.below(stations);
      for (let i = random.below(12); i >= 0; i--) context.send(0, frameTo(to, self, sent++, 60 + random.below(1_400)));
    };
    return {
      receiveAt: 'last-bit',
      start() {
        for (let i = 0; i < bursts; i++) context.at(random.below(40_000_000), burst);
      },
      onFrame: (_port, frame) => {
        const hops = frame[2]!;
        const choice = random.below(4);
        if (choice === 0 || hops > 3) return;
        const onward = frameTo(random.below(stations), self, requestOf(frame), 60 + random.below(300));
        onward[2] = hops + 1;
        if (choice === 1) context.at(context.nowPs() + random.below(2_000_000), () => void context.send(0, onward));
        else context.send(0, onward);
      },
      report: () => NO_REPORT,
    };
  };
}

/** Answers after a service time from its own random stream; swallows one request in ten, so that timers matter. */
function server(self: number, swallows: boolean): NodeKind {
  return (context) => ({
    receiveAt: 'last-bit',
    start() {},
    onFrame: (_port, frame) => {
      if (swallows && context.random('loss').below(10) === 0) return;
      const servicePs = context.random('service').below(3_000_000);
      context.at(context.nowPs() + servicePs, () => {
        context.send(0, frameTo(frame[1]!, self, requestOf(frame), 1_000));
      });
    },
    report: () => NO_REPORT,
  });
}

/** Passes requests on to a server and answers back to the client. */
function gateway(self: number, servers: readonly number[]): NodeKind {
  return (context) => {
    const clients = new Map<number, number>();
    return {
      receiveAt: 'last-bit',
      start() {},
      onFrame: (_port, frame) => {
        const request = requestOf(frame);
        if (servers.includes(frame[1]!)) {
          context.send(0, frameTo(clients.get(request)!, self, request));
        } else {
          clients.set(request, frame[1]!);
          context.send(0, frameTo(servers[request % servers.length]!, self, request));
        }
      },
      report: () => NO_REPORT,
    };
  };
}

/** Keeps `outstanding` requests in flight and resends the ones that are not answered in 50 us. */
function client(self: number, target: number, outstanding: number, requests: number): NodeKind {
  return (context) => {
    let next = 0;
    const timers = new Map<number, number>();
    const launch = (request: number): void => {
      context.send(0, frameTo(target, self, request));
      timers.set(
        request,
        context.at(context.nowPs() + 50_000_000, () => launch(request)),
      );
    };
    return {
      receiveAt: 'last-bit',
      start() {
        while (next < Math.min(outstanding, requests)) launch(next++);
      },
      onFrame: (_port, frame) => {
        const timer = timers.get(requestOf(frame));
        if (timer === undefined) return;
        context.cancel(timer);
        timers.delete(requestOf(frame));
        if (next < requests) launch(next++);
      },
      report: () => ({ counters: { unanswered: timers.size + requests - next } }),
    };
  };
}

interface World {
  readonly spec: NetworkSpec;
  readonly kinds: ReadonlyMap<string, NodeKind>;
}

function star(leaves: readonly NodeKind[], delayPs: number, parallelLink = false): World {
  const nodes = ['hub', ...leaves.map((_, i) => `n${i}`)];
  const links: LinkSpec[] = leaves.map((_, i) => ({
    name: `n${i}`,
    ends: [
      { node: `n${i}`, port: 0, name: `n${i}.0` },
      { node: 'hub', port: i, name: `hub.${i}` },
    ],
    rateBitsPerSecond: 1e10,
    delayPs,
    queueOctets: 1 << 20,
  }));
  if (parallelLink) {
    links.push({
      name: 'n0-second',
      ends: [
        { node: 'n0', port: 1, name: 'n0.1' },
        { node: 'hub', port: leaves.length, name: `hub.${leaves.length}` },
      ],
      rateBitsPerSecond: 1e9,
      delayPs: delayPs * 3,
      queueOctets: 1 << 20,
    });
  }
  return {
    spec: { nodes, links, seed: 7, faults: NO_FAULTS },
    kinds: new Map(nodes.map((name, i) => [name, i === 0 ? hub : leaves[i - 1]!])),
  };
}

/** A world in which every port has three queues and obeys pauses of four priorities, around a hub that sends them. */
function withFlowControl({ spec, kinds }: World): World {
  const queueing = (node: string): PortQueueing => ({
    leadPs: node === 'hub' ? HUB_LATENCY_PS : 0,
    priorities: { pcp: IDENTITY_PCP, dscp: {}, otherwise: 0 },
    queues: [{ priorities: [6, 7] }, { priorities: [4, 5], weight: 3 }, { priorities: [0, 1, 2, 3], weight: 1 }],
    lossless: [1, 3, 4, 7],
    stormPs: 1_000_000,
  });
  const links = spec.links.map((link): LinkSpec => {
    const [a, b] = link.ends;
    return {
      ...link,
      ends: [
        { ...a, queueing: queueing(a.node) },
        { ...b, queueing: queueing(b.node) },
      ],
    };
  });
  return { spec: { ...spec, links }, kinds: new Map([...kinds, ['hub', pausingHub]]) };
}

/**
 * Hubs joined by cables, with stations on each, and no flooding: a hub knows the way to every station, which is a shortest
 * one. Station i is behind the hub `homes[i]`.
 */
function routed(
  cables: readonly (readonly [number, number])[],
  stations: readonly NodeKind[],
  homes: readonly number[],
  delayPs: number,
): World {
  const hubs = 1 + Math.max(...cables.flat());
  /** What each port of each hub leads to. */
  const behind: string[][] = Array.from({ length: hubs }, () => []);
  const links: LinkSpec[] = [];
  const hubEnd = (hub: number, to: string): LinkSpec['ends'][0] => {
    const port = behind[hub]!.push(to) - 1;
    return { node: `hub${hub}`, port, name: `hub${hub}.${port}` };
  };
  const common = { rateBitsPerSecond: 1e10, delayPs, queueOctets: 1 << 20 };
  for (const [a, b] of cables) {
    links.push({ ...common, name: `hub${a}-hub${b}`, ends: [hubEnd(a, `hub${b}`), hubEnd(b, `hub${a}`)] });
  }
  for (const [station, home] of homes.entries()) {
    const end = { node: `n${station}`, port: 0, name: `n${station}.0` };
    links.push({ ...common, name: `n${station}`, ends: [end, hubEnd(home, `n${station}`)] });
  }
  const kinds = new Map<string, NodeKind>();
  for (let hub = 0; hub < hubs; hub++) {
    const ports = homes.map((home, station) =>
      behind[hub]!.indexOf(hub === home ? `n${station}` : `hub${nextHop(cables, hub, home)}`),
    );
    kinds.set(`hub${hub}`, (context) => ({
      receiveAt: 'first-bit',
      start() {},
      onFrame: (_port, frame) => {
        context.send(ports[frame[0]!]!, frame, context.nowPs() + HUB_LATENCY_PS);
      },
      report: () => NO_REPORT,
    }));
  }
  for (const [station, kind] of stations.entries()) kinds.set(`n${station}`, kind);
  return { spec: { nodes: [...kinds.keys()], links, seed: 7, faults: NO_FAULTS }, kinds };
}

/** The neighbour of a hub on a shortest way to another. */
function nextHop(cables: readonly (readonly [number, number])[], from: number, to: number): number {
  const towards = new Map([[to, to]]);
  const queue = [to];
  for (let hub = queue.shift(); hub !== undefined && !towards.has(from); hub = queue.shift()) {
    for (const [a, b] of cables) {
      const peer = a === hub ? b : b === hub ? a : undefined;
      if (peer === undefined || towards.has(peer)) continue;
      towards.set(peer, hub);
      queue.push(peer);
    }
  }
  return towards.get(from)!;
}

/** Only the hub takes its time before it forwards. */
function reactionOf(nodes: readonly string[]): number {
  return nodes.every((node) => node.startsWith('hub')) ? HUB_LATENCY_PS : 0;
}

const silent = { event() {}, progress() {} };

function buildNetwork(world: World, local: readonly string[], scheduler: Scheduler, driver?: ProcessDriver): Network {
  const network = new Network(world.spec, scheduler, {
    localNodes: new Set(local),
    remoteSink: (link) => driver!.remoteSink(link),
    openCapture: () => undefined,
    observer: silent,
  });
  for (const node of network.runtimes.keys()) network.attach(node, (context) => world.kinds.get(node)!(context));
  return network;
}

function fingerprint(networks: readonly Network[]): string {
  const reports = networks.flatMap((network) => network.portReports());
  return reports
    .map((report) => `${report.direction} ${report.frames} ${report.poly1305}`)
    .sort()
    .join('\n');
}

function runTogether(world: World): string {
  const scheduler = new Scheduler();
  const network = buildNetwork(world, world.spec.nodes, scheduler);
  network.start();
  scheduler.run(Number.POSITIVE_INFINITY);
  return fingerprint([network]);
}

function neighboursOf(world: World, groups: readonly (readonly string[])[], self: number): number[] {
  const groupOf = (node: string) => groups.findIndex((group) => group.includes(node));
  const neighbours = new Set<number>();
  for (const link of world.spec.links) {
    const [a, b] = link.ends.map((end) => groupOf(end.node)) as [number, number];
    if (a === self) neighbours.add(b);
    if (b === self) neighbours.add(a);
  }
  neighbours.delete(self);
  return [...neighbours];
}

/** Every node a process of its own; messages wait in FIFO mailboxes that are opened in random order. */
function runApart(
  world: World,
  random: RandomStream,
  placement?: readonly (readonly string[])[],
): { print: string; messages: number } {
  const groups = placement ?? world.spec.nodes.map((node) => [node]);
  const groupOf = (node: string) => groups.findIndex((group) => group.includes(node));
  const mailboxes: { deliver: () => void; waiting: (() => void)[] }[] = [];
  let messages = 0;
  const neighbours = groups.map((_, self) => neighboursOf(world, groups, self));
  const roles = cycleRoles(neighbours);
  const processes = groups.map((group, self) => {
    const peers = new Map<
      number,
      {
        peer: string;
        links: number[];
        lookaheadPs: number;
        reactionPs: number;
        peerReactionPs: number;
        peerIsLeaf: boolean;
      }
    >();
    world.spec.links.forEach((link, index) => {
      const [a, b] = link.ends.map((end) => groupOf(end.node)) as [number, number];
      if (a === b || (a !== self && b !== self)) return;
      const other = a === self ? b : a;
      const channel = peers.get(other) ?? {
        peer: `${other}`,
        links: [],
        lookaheadPs: Number.POSITIVE_INFINITY,
        reactionPs: reactionOf(group),
        peerReactionPs: reactionOf(groups[other]!),
        peerIsLeaf: neighbours[other]!.length === 1,
      };
      channel.links.push(index);
      channel.lookaheadPs = Math.min(channel.lookaheadPs, link.delayPs);
      peers.set(other, channel);
    });
    const scheduler = new Scheduler();
    const channels = [...peers].map(([other, channel]) => ({
      ...channel,
      cycle: roles[self]![neighbours[self]!.indexOf(other)]!,
    }));
    const driver = new ProcessDriver(channels, scheduler, () => 0);
    const network = buildNetwork(world, group, scheduler, driver);
    return { driver, network, scheduler, peers: [...peers.keys()] };
  });
  processes.forEach(({ driver, network, peers }, self) => {
    const transports = peers.map((peer): MessageTransport => {
      const mailbox = { waiting: [] as (() => void)[], deliver: () => {} };
      mailboxes.push(mailbox);
      return {
        hasRoom: true,
        send(message: ChannelMessage, frames: readonly FrameInTransit[]) {
          messages++;
          const copy = frames.slice();
          mailbox.waiting.push(() => {
            const target = processes[peer]!;
            target.driver.onMessage(target.peers.indexOf(self), message, copy);
            target.driver.pump();
          });
        },
      };
    });
    driver.connect(network, transports);
  });
  for (const { network } of processes) network.start();
  for (const { driver } of processes) driver.pump();
  for (;;) {
    const filled = mailboxes.filter((mailbox) => mailbox.waiting.length > 0);
    if (filled.length === 0) break;
    filled[random.below(filled.length)]!.waiting.shift()!();
  }
  for (const { driver, network } of processes) {
    expect(driver.state().passive, `stuck: ${driver.describe()}`).toBe(true);
    expect(network.portReports().length).toBeGreaterThan(0);
  }
  return { print: fingerprint(processes.map(({ network }) => network)), messages };
}

describe('emulated time over processes', () => {
  const cases: { name: string; world: World }[] = [
    { name: 'closed loop', world: star([client(0, 1, 1, 300), server(1, false)], 15_000) },
    {
      name: '56 outstanding, four servers, losses',
      world: star([client(0, 2, 56, 1_000), client(1, 3, 56, 500), server(2, true), server(3, true)], 500_000),
    },
    {
      name: 'gateway, 15 ns links, 56 outstanding, 3,000 requests',
      world: star(
        [client(0, 1, 56, 3_000), gateway(1, [2, 3, 4]), server(2, false), server(3, true), server(4, false)],
        15_000,
      ),
    },
    {
      name: 'two links between the same processes',
      world: star([client(0, 1, 8, 400), server(1, true)], 20_000, true),
    },
    {
      name: 'priorities that overtake and pauses, 15 ns links',
      world: withFlowControl(
        star(
          [client(0, 1, 56, 600), gateway(1, [2, 3, 4]), server(2, false), server(3, true), server(4, false)],
          15_000,
        ),
      ),
    },
  ];
  for (const { name, world } of cases) {
    it(`sends the same frames at the same times: ${name}`, () => {
      const together = runTogether(world);
      expect(together).toContain('n0:n0.0->hub.0');
      for (let seed = 1; seed <= 4; seed++) {
        expect(runApart(world, randomStream(seed, name)).print, `mailbox order of seed ${seed}`).toBe(together);
      }
    });
  }

  it('costs four messages a closed-loop request over four hops and no null message', () => {
    const requests = 500;
    const world = star([client(0, 1, 1, requests), server(1, false)], 500_000);
    const { messages } = runApart(world, randomStream(1, 'messages'));
    expect(messages / requests).toBeLessThan(4.1);
  });

  describe('with a switch whose ports share no state', () => {
    const independent = ({ spec, kinds }: World, isolated: readonly number[]): World => ({
      spec,
      kinds: new Map([...kinds, ['hub', independentHub(new Set(isolated))]]),
    });

    it('any traffic is the same frames at the same times, although ports lead', () => {
      const traffic = fc.record({
        stations: fc.integer({ min: 2, max: 5 }),
        isolated: fc.uniqueArray(fc.nat(4), { maxLength: 4 }),
        bursts: fc.integer({ min: 1, max: 6 }),
        delayPs: fc.constantFrom(1_000, 15_000, 109_410, 500_000),
        groups: fc.array(fc.nat(4), { minLength: 5, maxLength: 5 }),
        seed: fc.nat(10_000),
      });
      fc.assert(
        fc.property(traffic, ({ stations, isolated, bursts, delayPs, groups, seed }) => {
          const talkers = Array.from({ length: stations }, (_, self) => talker(self, stations, bursts));
          const world = star(talkers, delayPs);
          const seeded = { ...world, spec: { ...world.spec, seed } };
          const placement = [
            ['hub'],
            ...[...new Set(groups)].map((group) =>
              talkers.flatMap((_, station) => (groups[station] === group ? [`n${station}`] : [])),
            ),
          ].filter((group) => group.length > 0);
          const { print } = runApart(independent(seeded, isolated), randomStream(seed, 'lead'), placement);
          expect(print).toBe(runTogether(independent(seeded, isolated)));
        }),
        { numRuns: 150 },
      );
    });

    it('costs 64 frames no datagram a frame where others cannot come between', () => {
      const messages = 20;
      const FRAMES = 64;
      const asker: NodeKind = (context) => {
        let asked = 0;
        const ask = (): void => {
          for (let i = 0; i < FRAMES; i++) context.send(0, frameTo(1 + (asked % 3), 0, i, 1_100));
          asked++;
        };
        return {
          receiveAt: 'last-bit',
          start: ask,
          onFrame: () => {
            if (asked < messages) ask();
          },
          report: () => NO_REPORT,
        };
      };
      const answerer = (self: number): NodeKind => {
        return (context) => {
          let received = 0;
          return {
            receiveAt: 'last-bit',
            start() {},
            onFrame: () => {
              if (++received % FRAMES === 0) context.send(0, frameTo(0, self, received));
            },
            report: () => NO_REPORT,
          };
        };
      };
      const world = star([asker, answerer(1), answerer(2), answerer(3)], 109_410);
      const dependent = runApart(world, randomStream(1, 'lead'));
      const isolated = independent(world, [1, 2, 3]);
      const led = runApart(isolated, randomStream(1, 'lead'));
      expect(led.print).toBe(dependent.print);
      expect(dependent.messages / messages).toBeGreaterThan(64);
      expect(led.messages / messages).toBeLessThan(12);
    });
  });

  describe('with cycles between processes', () => {
    const stations = [client(0, 3, 1, 60), server(1, false), client(2, 1, 8, 100), server(3, true)];
    const rings = {
      three: routed(
        [
          [0, 1],
          [1, 2],
          [2, 0],
        ],
        stations,
        [0, 0, 1, 2],
        15_000,
      ),
      four: routed(
        [
          [0, 1],
          [1, 2],
          [2, 3],
          [3, 0],
        ],
        stations,
        [0, 0, 1, 2],
        15_000,
      ),
    };
    for (const [name, world] of Object.entries(rings)) {
      it(`a ring of ${name} switches sends the same frames at the same times`, () => {
        const together = runTogether(world);
        for (let seed = 1; seed <= 10; seed++) {
          expect(runApart(world, randomStream(seed, name)).print, `mailbox order of seed ${seed}`).toBe(together);
        }
      });
    }

    it('any network of routed switches, however it is spread over processes, sends the same frames at the same times', () => {
      const HUBS = 5;
      const place = fc.nat(HUBS - 1);
      const network = fc.record({
        // A tree, so that all is connected, and what makes cycles of it.
        parents: fc.tuple(fc.nat(0), fc.nat(1), fc.nat(2), fc.nat(3)),
        chords: fc.array(fc.tuple(place, place), { maxLength: 3 }),
        homes: fc.tuple(place, place, place, place),
        processes: fc.array(fc.nat(6), { minLength: HUBS + 4, maxLength: HUBS + 4 }),
        delayPs: fc.integer({ min: 1_000, max: 200_000 }),
        seed: fc.nat(1_000),
      });
      fc.assert(
        fc.property(network, ({ parents, chords, homes, processes, delayPs, seed }) => {
          const pairs = [...parents.map((parent, index) => [parent, index + 1] as const), ...chords];
          const cables = new Map(
            pairs.filter(([a, b]) => a !== b).map(([a, b]) => [a < b ? `${a}-${b}` : `${b}-${a}`, [a, b] as const]),
          );
          const stations = [client(0, 3, 1, 15), server(1, false), client(2, 1, 4, 25), server(3, true)];
          const world = routed([...cables.values()], stations, homes, delayPs);
          const placement = [...new Set(processes)].map((process) =>
            world.spec.nodes.filter((_, node) => processes[node] === process),
          );
          expect(runApart(world, randomStream(seed, 'any network'), placement).print).toBe(runTogether(world));
        }),
        { numRuns: 60 },
      );
    });

    it('costs a bounded number of messages a request, and none for the time in which nothing happens', () => {
      const requests = 50;
      const rare: NodeKind = (context) => ({
        receiveAt: 'last-bit',
        start: () => {
          for (let i = 0; i < requests; i++) context.at(i * 1e9, () => void context.send(0, frameTo(1, 0, i)));
        },
        onFrame() {},
        report: () => NO_REPORT,
      });
      const world = routed(
        [
          [0, 1],
          [1, 2],
          [2, 0],
        ],
        [rare, server(1, false)],
        [0, 1],
        15_000,
      );
      // A millisecond from request to request; promises alone would go round the ring 600 times in it.
      const { messages } = runApart(world, randomStream(1, 'messages'));
      expect(messages / requests).toBeLessThan(80);
    });
  });

  it('keeps two nodes of one process apart from the rest', () => {
    const world = star([client(0, 1, 8, 300), gateway(1, [2, 3]), server(2, false), server(3, true)], 50_000);
    const placement = [['hub', 'n1'], ['n0'], ['n2', 'n3']];
    expect(runApart(world, randomStream(3, 'placement'), placement).print).toBe(runTogether(world));
  });
});
