import { performance } from 'node:perf_hooks';
import { NEVER_PS } from '../../base/units.ts';
import { NO_FAULTS } from '../../faults/fault.ts';
import { Network, type NetworkSpec } from '../../link/network.ts';
import { createSwitch } from '../../nodes/switch/switch.ts';
import type { NodeContext, NodeModel } from '../../time/node.ts';
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
}

export interface StarTimed {
  readonly seconds: number;
  readonly hops: number;
}

const ANSWER_OCTETS = 100;
/** Last octet of the destination: the station's number. */
const STATION_AT = 5;

/**
 * The network alone, as `ns3/star.cc` has it: stations that act on frames as they come, with no protocol above Ethernet.
 * @throws when a message is left without its answer
 */
export function runStar(load: StarLoad): StarTimed {
  const names = Array.from({ length: load.stations }, (_, index) => `s${index}`);
  const spec: NetworkSpec = {
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
    seed: 1,
    faults: NO_FAULTS,
  };
  const scheduler = new Scheduler();
  const network = new Network(spec, scheduler, {
    localNodes: new Set(spec.nodes),
    remoteSink: () => {
      throw new Error('all stations are in this process');
    },
    openCapture: () => undefined,
    observer: { event: () => {}, progress: () => {} },
  });
  const ports = names.map((_, index) => `switch.${index + 1}`);
  const profile = {
    name: 'star',
    forwarding: 'store-and-forward',
    latencyPs: 500_000,
    sharedBufferOctets: 64 << 20,
    macTableEntries: 1024,
    macAgingPs: 300_000_000_000_000,
  } as const;
  const options = { bridgeMac: 0x0200_0000_0000 };
  network.attach('switch', (context) =>
    createSwitch(context, { name: 'switch', ports, profile, flooding: true, options }),
  );
  let client: AskingStation | undefined;
  for (const [index, name] of names.entries()) {
    network.attach(name, (context) => {
      if (index > 0) return new AnsweringStation(context, load.framesPerMessage, index);
      client = new AskingStation(context, load);
      return client;
    });
  }
  network.start();
  const start = performance.now();
  scheduler.run(NEVER_PS);
  const seconds = (performance.now() - start) / 1000;
  if (client?.completed !== load.messages)
    throw new Error(`${client?.completed} of ${load.messages} messages answered`);
  const hops = network.portReports().reduce((sum, { framesSent }) => sum + framesSent, 0);
  return { seconds, hops };
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
