import { assert } from '../../base/assert.ts';
import { type RandomStream, randomStream } from '../../base/random.ts';
import { PS_PER_US } from '../../base/units.ts';
import { parseIpv4Address, parseMac } from '../../packet/addresses.ts';
import { ARP_REPLY, ARP_REQUEST, buildArpFrame, parseArpFrame } from '../../packet/arp.ts';
import { readUint16 } from '../../packet/big-endian.ts';
import { ETHER_TYPE_ARP, ETHERNET_TYPE } from '../../packet/ethernet.ts';
import { buildUdpFrame, parseUdpFrame, type UdpFrame } from '../../packet/udp-frame.ts';
import type { NodeContext, NodeEvent, NodeModel } from '../../time/node.ts';
import { Scheduler } from '../../time/scheduler.ts';
import { loadTopology } from '../../topology/load-topology.ts';
import type { GatewaySpec, Host, MasterHost, Topology, WorkerHost } from '../../topology/types.ts';
import { createMaster } from './master.ts';
import { assignLambdaIds } from './workload-manager/lambda-ids.ts';

/** What the network does to one frame: when its copies arrive, ps from now. Empty: it is lost. */
export type Fate = (random: RandomStream) => readonly number[];

export const WIRE_PS = PS_PER_US;

/** Everything arrives once, after a microsecond. */
export const faithful: Fate = () => [WIRE_PS];

/** Loses, doubles and reorders; each with the given probability. */
export function unreliable(loss: number, duplication: number, reordering: number): Fate {
  return (random) => {
    if (random.unit() < loss) return [];
    const first = WIRE_PS + (random.unit() < reordering ? random.below(200) * PS_PER_US : 0);
    return random.unit() < duplication ? [first, first + random.below(500) * PS_PER_US] : [first];
  };
}

export interface FabricOptions {
  readonly gateway?: Partial<GatewaySpec>;
  readonly rdmaSlots?: number;
  readonly seed?: number;
  readonly firmware?: Uint8Array;
  /** Which workers carry a lambda; default all. */
  readonly placement?: Readonly<Record<string, readonly string[]>>;
}

export type FabricHost = (datagram: UdpFrame) => void;

/**
 * M1 alone, with everything that it talks to played by the test: hosts are functions by IPv4 address, ARP is answered
 * for all of them, and the fate of each datagram can be chosen.
 */
export class TestFabric {
  readonly scheduler = new Scheduler();
  readonly topology: Topology;
  readonly master: MasterHost;
  readonly workers: readonly WorkerHost[];
  readonly events: NodeEvent[] = [];
  readonly random: RandomStream;
  readonly model: NodeModel;
  fate: Fate = faithful;
  private readonly sent = new WeakSet<Uint8Array>();
  private readonly hosts = new Map<number, { readonly mac: number; readonly handler: FabricHost }>();

  constructor(options: FabricOptions = {}) {
    const topology = loadTopology('four-workers');
    this.random = randomStream(options.seed ?? 1, 'fabric');
    const hosts = topology.hosts.map((host) => withOptions(host, options));
    const lambdas = topology.lambdas.map((lambda) => ({
      ...lambda,
      workers: options.placement?.[lambda.name] ?? lambda.workers,
    }));
    this.topology = { ...topology, hosts, lambdas };
    this.master = hosts.find((host): host is MasterHost => host.role === 'master') as MasterHost;
    this.workers = hosts.filter((host): host is WorkerHost => host.role === 'worker');
    const octets = options.firmware ?? new Uint8Array(5000).map((_, index) => index * 7);
    this.model = createMaster(this.context(), {
      host: this.master,
      topology: this.topology,
      firmware: { octets, sha256: new Uint8Array(32).fill(0xab), lambdaIds: assignLambdaIds(topology) },
    });
  }

  get nowPs(): number {
    return this.scheduler.nowPs();
  }

  /** A host of the test on the network of M1's port. */
  attach(address: string, mac: string, handler: FabricHost): void {
    this.hosts.set(numberOf(address), { mac: parseMac(mac) as number, handler });
  }

  at(delayPs: number, callback: () => void): void {
    this.scheduler.armTimer(1, this.nowPs + delayPs, callback);
  }

  /** Sends a datagram from a host of the test to M1; the fabric decides its fate. */
  send(port: number, from: string, srcPort: number, dstPort: number, payload: Uint8Array): void {
    const entry = this.master.interfaces[port];
    assert(entry !== undefined, 'M1 has no such port');
    const frame = buildUdpFrame({
      dstMac: parseMac(entry.mac) as number,
      srcMac: this.hosts.get(numberOf(from))?.mac ?? 0x020000000001,
      srcAddress: numberOf(from),
      dstAddress: numberOf(entry.address),
      srcPort,
      dstPort,
      payload,
    });
    for (const delayPs of this.fate(this.random)) this.at(delayPs, () => this.model.onFrame(port, frame));
  }

  /** Runs until nothing is pending, or until an instant. */
  run(untilPs = Number.POSITIVE_INFINITY): void {
    this.scheduler.run(untilPs);
  }

  counter(name: string): number {
    const value = this.model.report().counters[name];
    assert(value !== undefined, `M1 reports no counter ${name}`);
    return value;
  }

  private context(): NodeContext {
    return {
      nodeName: 'm1',
      ports: [],
      nowPs: () => this.scheduler.nowPs(),
      send: (port, frame) => {
        this.fromMaster(port, frame);
        return true;
      },
      at: (timePs, callback) => this.scheduler.armTimer(0, timePs, callback),
      cancel: (timer) => this.scheduler.cancelTimer(timer),
      random: (purpose) => randomStream(1, purpose),
      record: (event) => this.events.push(event),
      busyUntilPs: () => 0,
      tell: () => {},
      external: () => assert(false, 'nobody is there to be asked'),
      progress: () => {},
    };
  }

  private fromMaster(port: number, frame: Uint8Array): void {
    if (readUint16(frame, ETHERNET_TYPE) === ETHER_TYPE_ARP) {
      const arp = parseArpFrame(frame);
      const owner = arp.ok ? this.hosts.get(arp.value.targetAddress) : undefined;
      if (!arp.ok || arp.value.operation !== ARP_REQUEST || owner === undefined) return;
      const reply = buildArpFrame(arp.value.senderMac, {
        operation: ARP_REPLY,
        senderMac: owner.mac,
        senderAddress: arp.value.targetAddress,
        targetMac: arp.value.senderMac,
        targetAddress: arp.value.senderAddress,
      });
      this.at(WIRE_PS, () => this.model.onFrame(port, reply));
      return;
    }
    assert(!this.sent.has(frame), 'M1 sent a frame again that it had given away');
    this.sent.add(frame);
    // A copy, so that a model that writes into a frame it has sent changes nothing.
    const parsed = parseUdpFrame(frame.slice());
    assert(parsed.ok, 'M1 sent a frame that is not sound UDP');
    const datagram = parsed.value;
    const host = this.hosts.get(datagram.dstAddress);
    if (host === undefined) return;
    assert(datagram.dstMac === host.mac, 'M1 sent to the wrong MAC');
    for (const delayPs of this.fate(this.random)) this.at(delayPs, () => host.handler(datagram));
  }
}

export function numberOf(address: string): number {
  const value = parseIpv4Address(address);
  assert(value !== undefined, `${address} is no address`);
  return value;
}

function withOptions(host: Host, options: FabricOptions): Host {
  if (host.role === 'master') return { ...host, gateway: { ...host.gateway, ...options.gateway } };
  if (host.role !== 'worker' || options.rdmaSlots === undefined) return host;
  const memoryPlan = { ...host.nic.memoryPlan, rdmaSlots: options.rdmaSlots };
  return { ...host, nic: { ...host.nic, memoryPlan } };
}
