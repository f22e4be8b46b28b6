import { performance } from 'node:perf_hooks';
import { NEVER_PS } from '../../base/units.ts';
import { NO_FAULTS } from '../../faults/fault.ts';
import { Network, type NetworkSpec } from '../../link/network.ts';
import { createSwitch } from '../../nodes/switch/switch.ts';
import type { NodeContext, NodeModel, NodeReport } from '../../time/node.ts';
import { Scheduler } from '../../time/scheduler.ts';

/** A star of stations around one switch, and what the first of them asks of the others. */
export interface StarLoad {
  readonly stations: number;
  readonly messages: number;
  /** On their way at once. */
  readonly outstanding: number;
  /** Of each message; the answer is one frame. */
  readonly framesPerMessage: number;
  /** Ethernet header included, FCS not. */
  readonly frameOctets: number;
  /** The switch knows all stations and its ports share no state; those that answer do not reach one another. */
  readonly portsAreIndependent?: boolean;
}

export interface StarTimed {
  readonly seconds: number;
  /** Of all processes together. */
  readonly cpuSeconds: number;
  readonly hops: number;
}

export const SMALL_MESSAGES = { framesPerMessage: 1, frameOctets: 100, messages: 200_000 };
export const LARGE_MESSAGES = { framesPerMessage: 64, frameOctets: 1_100, messages: 3_000 };

const ANSWER_OCTETS = 100;
/** Last octet of the destination: the station's number. */
const STATION_AT = 5;
const STATION_MAC_BASE = 0x0200_0000_0000;

/** Of the run's digest alone; frames leave when they do whatever it is. */
const SEED = 1;

/** The star's cables and nodes: station i on port i of the switch. */
export function starNetwork({ stations }: StarLoad): NetworkSpec {
  const names = Array.from({ length: stations }, (_, index) => `s${index}`);
  return {
    nodes: ['switch', ...names],
    links: names.map((name, index) => ({
      name: `link-${index}`,
      ends: [
        { node: name, port: 0, name: `${name}.eth0` },
        { node: 'switch', port: index, name: `switch.${index + 1}` },
      ],
      rateBitsPerSecond: 10_000_000_000,
      delayPs: 109_410,
      queueOctets: 16 << 20,
    })),
    seed: SEED,
    faults: NO_FAULTS,
  };
}

export const STAR_SWITCH_LATENCY_PS = 500_000;

/** What a node of the star does. */
export function starModel(node: string, context: NodeContext, load: StarLoad): NodeModel {
  if (node === 'switch') return starSwitch(context, load);
  const station = Number(node.slice(1));
  return station === 0
    ? new AskingStation(context, load)
    : new AnsweringStation(context, load.framesPerMessage, station);
}

function starSwitch(context: NodeContext, { stations, portsAreIndependent }: StarLoad): NodeModel {
  const numbers = Array.from({ length: stations }, (_, station) => station);
  const ports = numbers.map((port) => `switch.${port + 1}`);
  const profile = {
    name: 'star',
    forwarding: 'store-and-forward',
    latencyPs: STAR_SWITCH_LATENCY_PS,
    sharedBufferOctets: 64 << 20,
    macTableEntries: 1024,
    macAgingPs: 300_000_000_000_000,
  } as const;
  const options = {
    bridgeMac: 0x0200_0000_0000,
    ...(portsAreIndependent === true && {
      staticMacs: numbers.map((port) => ({ mac: STATION_MAC_BASE + port, vlan: 0, port })),
      independentPorts: { isolated: numbers.slice(1) },
    }),
  };
  return createSwitch(context, { name: 'switch', ports, profile, flooding: true, options });
}

/**
 * The network alone, as `ns3/star.cc` has it: stations that act on frames as they come, with no protocol above Ethernet.
 * @throws when a message is left without its answer
 */
export function runStar(load: StarLoad): StarTimed {
  const spec = starNetwork(load);
  const scheduler = new Scheduler();
  const network = new Network(spec, scheduler, {
    localNodes: new Set(spec.nodes),
    remoteSink: () => {
      throw new Error('all stations are in this process');
    },
    openCapture: () => undefined,
    observer: { event: () => {}, progress: () => {} },
  });
  for (const node of spec.nodes) network.attach(node, (context) => starModel(node, context, load));
  network.start();
  const start = performance.now();
  const startCpu = process.cpuUsage();
  scheduler.run(NEVER_PS);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(startCpu);
  checkCompleted(network.model('s0').report(), load);
  const hops = network.portReports().reduce((sum, { framesSent }) => sum + framesSent, 0);
  return { seconds, cpuSeconds: (user + system) / 1e6, hops };
}

/** @throws when a message is left without its answer */
export function checkCompleted({ counters }: NodeReport, { messages }: StarLoad): void {
  if (counters.completed !== messages) throw new Error(`${counters.completed} of ${messages} messages answered`);
}

/** A frame between two stations by their numbers. */
function frameBetween(from: number, to: number, octets: number): Uint8Array {
  const frame = new Uint8Array(octets);
  frame.set([2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from, 0x08, 0x00]);
  return frame;
}

class AskingStation implements NodeModel {
  readonly receiveAt = 'last-bit';
  completed = 0;
  private readonly context: NodeContext;
  private readonly load: StarLoad;
  /** By station; frames are immutable, so one serves for all. */
  private readonly frames: readonly Uint8Array[];
  private started = 0;

  constructor(context: NodeContext, load: StarLoad) {
    this.context = context;
    this.load = load;
    this.frames = Array.from({ length: load.stations }, (_, to) => frameBetween(0, to, load.frameOctets));
  }

  start(): void {
    for (let i = 0; i < this.load.outstanding; i++) this.ask();
  }

  onFrame(_port: number, frame: Uint8Array): void {
    if (frame[STATION_AT] !== 0) return;
    this.completed++;
    const { messages } = this.load;
    if (this.completed === messages) this.context.progress({ workload: 'star', completed: messages, total: messages });
    this.ask();
  }

  report() {
    return { counters: { completed: this.completed } };
  }

  private ask(): void {
    const { messages, stations, framesPerMessage } = this.load;
    if (this.started === messages) return;
    const worker = 1 + (this.started++ % (stations - 1));
    for (let i = 0; i < framesPerMessage; i++) this.context.send(0, this.frames[worker]!);
  }
}

class AnsweringStation implements NodeModel {
  readonly receiveAt = 'last-bit';
  private readonly context: NodeContext;
  private readonly framesPerMessage: number;
  private readonly number: number;
  private readonly answer: Uint8Array;
  private received = 0;

  constructor(context: NodeContext, framesPerMessage: number, number: number) {
    this.context = context;
    this.framesPerMessage = framesPerMessage;
    this.number = number;
    this.answer = frameBetween(number, 0, ANSWER_OCTETS);
  }

  start(): void {}

  onFrame(_port: number, frame: Uint8Array): void {
    // A switch that has not learned yet floods.
    if (frame[STATION_AT] !== this.number) return;
    if (++this.received % this.framesPerMessage === 0) this.context.send(0, this.answer);
  }

  report() {
    return { counters: { received: this.received } };
  }
}
