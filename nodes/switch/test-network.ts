import { type LinkFault, NO_FAULTS } from '../../faults/fault.ts';
import { Network, type PortReport } from '../../link/network.ts';
import type { RecordedEvent } from '../../link/node-runtime.ts';
import { allocateFrame, emitEthernet } from '../../packet/ethernet.ts';
import { emitIpv4 } from '../../packet/ipv4.ts';
import type { NodeContext, NodeModel, NodeReport } from '../../time/node.ts';
import { Scheduler } from '../../time/scheduler.ts';
import { withQueueing } from '../../topology/resolve-switch-options.ts';
import type { SwitchOptions } from '../../topology/switch-options.ts';
import type { Link, Switch, SwitchProfile } from '../../topology/types.ts';
import { createSwitch } from './switch.ts';

export const TEST_PROFILE: SwitchProfile = {
  name: 'test',
  forwarding: 'cut-through',
  latencyPs: 500_000,
  sharedBufferOctets: 1_700_000,
  macTableEntries: 1024,
  macAgingPs: 1_000_000_000_000,
};

export interface Arrival {
  /** Number of the station, from 1, which is the number of its port. */
  readonly station: number;
  /** Last bit, ps. */
  readonly timePs: number;
  readonly frame: Uint8Array;
}

export interface TestNetworkOptions {
  readonly stations: number;
  readonly profile?: Partial<SwitchProfile>;
  readonly options?: Omit<SwitchOptions, 'bridgeMac'>;
  readonly delayPs?: number;
  readonly queueOctets?: number;
  readonly rates?: readonly number[];
  readonly faults?: readonly LinkFault[];
}

/** One switch and stations on real links around it; each sends what it is told to and notes what comes. For tests. */
export class TestNetwork {
  readonly scheduler = new Scheduler();
  readonly arrivals: Arrival[] = [];
  readonly events: RecordedEvent[] = [];
  private readonly network: Network;

  constructor(setting: TestNetworkOptions) {
    const { stations, delayPs = 15_000, queueOctets = 1 << 24, rates = [], faults = [] } = setting;
    const names = Array.from({ length: stations }, (_, index) => `h${index + 1}`);
    const ports = names.map((_, index) => `switch.${index + 1}`);
    const plain = names.map(
      (name, index): Link => ({
        name,
        ends: [
          { node: name, port: 0, name: `${name}.eth0` },
          { node: 'switch', port: index, name: ports[index]! },
        ],
        rateBitsPerSecond: rates[index] ?? 10_000_000_000,
        delayPs,
        queueOctets,
      }),
    );
    const profile = { ...TEST_PROFILE, ...setting.profile };
    const options = { bridgeMac: 0x0200_0000_0000, ...setting.options };
    const node: Switch = { name: 'switch', ports, profile, flooding: true, options };
    const links = withQueueing(plain, [node], () => ({ file: 'test', line: 1, column: 1 }));
    const spec = { nodes: ['switch', ...names], links, seed: 1, faults: { ...NO_FAULTS, links: faults } };
    this.network = new Network(spec, this.scheduler, {
      localNodes: new Set(spec.nodes),
      remoteSink: () => {
        throw new Error('all nodes are here');
      },
      openCapture: () => undefined,
      observer: { event: (event) => void this.events.push(event), progress: () => {} },
    });
    this.network.attach('switch', (context) => createSwitch(context, node));
    for (const [index, name] of names.entries()) {
      this.network.attach(name, (context) => this.station(index + 1, context));
    }
    this.network.start();
  }

  /** A station hands a frame to its port at an instant. */
  sendAt(timePs: number, station: number, frame: Uint8Array): void {
    this.scheduler.armTimer(station, timePs, () => this.network.runtimes.get(`h${station}`)!.send(0, frame));
  }

  run(): Arrival[] {
    this.scheduler.run(Number.POSITIVE_INFINITY);
    return this.arrivals;
  }

  /** Stations that a frame reached, in the order of arrival. */
  reached(): number[] {
    return this.run().map(({ station }) => station);
  }

  report(): NodeReport {
    return this.network.model('switch').report();
  }

  counter(name: string): number {
    const value = this.report().counters[name];
    if (value === undefined) throw new Error(`no counter ${name}`);
    return value;
  }

  /** By reason. */
  drops(): Record<string, number> {
    const drops: Record<string, number> = {};
    for (const { event } of this.events) {
      if (event.kind === 'frame-dropped') drops[event.reason as string] = (drops[event.reason as string] ?? 0) + 1;
    }
    return drops;
  }

  /** What the port of a station, or of the switch, reports. */
  port(name: string): PortReport {
    return this.network.portReports().find(({ direction }) => direction.includes(`:${name}->`))!;
  }

  private station(station: number, context: NodeContext): NodeModel {
    return {
      receiveAt: 'last-bit',
      start: () => {},
      onFrame: (_, frame) => void this.arrivals.push({ station, timePs: context.nowPs(), frame }),
      report: () => ({ counters: {} }),
    };
  }
}

/** MAC of a station. */
export function macOf(station: number): number {
  return 0x0a00_0000_0000 + station;
}

/** An IPv4 frame from one station to another. */
export function ipFrame(from: number, to: number, octets = 1_000, typeOfService = 0): Uint8Array {
  const frame = allocateFrame(octets - 14);
  emitEthernet(frame, macOf(to), macOf(from), 0x0800);
  emitIpv4(frame, 14, octets - 34, 253, 0x0a00_0000 + from, 0x0a00_0000 + to, 64, 0, typeOfService);
  return frame;
}
