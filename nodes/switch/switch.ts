import { assert } from '../../base/assert.ts';
import { FCS_OCTETS, receptionPs } from '../../link/ethernet-timing.ts';
import { readUint16, readUint32 } from '../../packet/big-endian.ts';
import { type PriorityOf, priorityFunction } from '../../packet/priority-map.ts';
import type { NodeContext, NodeModel, NodeReport, Passage } from '../../time/node.ts';
import type { SwitchOptions } from '../../topology/switch-options.ts';
import type { Switch } from '../../topology/types.ts';
import { type EgressStage, NO_INGRESS } from './egress-stage.ts';
import { FifoEgress } from './fifo-egress.ts';
import { FlowControl } from './flow-control.ts';
import { IndependentSwitch } from './independent-switch.ts';
import { LldpAgent } from './lldp-agent.ts';
import { MacTable, NO_PORT } from './mac-table.ts';
import { BROADCAST, type Cast, MULTICAST, PortCounters, UNICAST } from './port-counters.ts';
import { QueuedEgress } from './queued-egress.ts';
import { Router } from './routing/router.ts';
import { PortStormControl } from './storm-control.ts';
import { NO_VLAN, NO_VLANS, VlanPorts } from './vlan-ports.ts';

type SwitchSpec = Pick<Switch, 'name' | 'ports' | 'profile' | 'flooding' | 'routing' | 'options'>;

/**
 * A learning Ethernet switch (IEEE 802.1Q-2018 clause 8 without spanning tree). Cut-through hands a frame on at its
 * first bit, store-and-forward at its last. A frame joins its egress queue one latency before it may leave, so that
 * whatever leaves at an instant is known one latency before: one event a hop while ports are FIFO.
 * @param context with one port for each of `spec.ports`, in the same order
 */
export function createSwitch(context: NodeContext, spec: SwitchSpec): NodeModel {
  return spec.options.independentPorts === undefined
    ? new SwitchModel(context, spec)
    : new IndependentSwitch(context, spec);
}

/** A frame on its way through the switch, the same at every port that it goes to. */
interface Passing {
  readonly ingress: number;
  readonly frame: Uint8Array;
  readonly cast: Cast;
  readonly vlan: number;
  readonly priority: number;
  /** When its last bit is in; a faster port than the one that it came from cannot begin before. */
  readonly lastBitPs: number;
  readonly ingressOctetPs: number;
}

/** Of frames that the switch itself sends, and of those that waited in its router (IEEE 802.1Q-2018, table I-2: network control). */
const NETWORK_CONTROL = 7;
/** Copies for a mirror stand back behind all else. */
const MIRROR_PRIORITY = 0;

class SwitchModel implements NodeModel {
  readonly receiveAt: 'first-bit' | 'last-bit';
  private readonly context: NodeContext;
  private readonly spec: SwitchSpec;
  private readonly options: SwitchOptions;
  private readonly cutThrough: boolean;
  private readonly latencyPs: number;
  private readonly octetPs: readonly number[];
  private readonly macTable: MacTable;
  private readonly egressStage: EgressStage;
  private readonly counters: readonly PortCounters[];
  private readonly priorityOf: readonly PriorityOf[] | undefined;
  private readonly vlans: VlanPorts | undefined;
  private readonly stormControl: readonly (PortStormControl | undefined)[];
  private readonly lldp: LldpAgent | undefined;
  private readonly router: Router | undefined;
  /** By port: which ports a station behind it reaches without a router. */
  private readonly bridgedPorts: readonly (readonly number[])[];
  private framesForwarded = 0;
  private framesFlooded = 0;
  private framesMirrored = 0;
  private floodingDiscards = 0;
  private learnedEntryDiscards = 0;

  constructor(context: NodeContext, spec: SwitchSpec) {
    assert(
      context.ports.length === spec.ports.length,
      `${spec.name} has ${spec.ports.length} ports, the context ${context.ports.length}`,
    );
    const { profile, options } = spec;
    this.context = context;
    this.spec = spec;
    this.options = options;
    this.cutThrough = profile.forwarding === 'cut-through';
    this.receiveAt = this.cutThrough ? 'first-bit' : 'last-bit';
    this.latencyPs = profile.latencyPs;
    this.octetPs = context.ports.map((port) => port.octetPs);
    this.macTable = new MacTable(profile.macTableEntries, profile.macAgingPs);
    this.counters = spec.ports.map(() => new PortCounters());
    this.egressStage = this.createStage();
    this.priorityOf = options.priorities?.map(priorityFunction);
    this.vlans = options.vlanPorts && new VlanPorts(options.vlanPorts);
    this.stormControl = spec.ports.map((_, port) => {
      const limits = options.stormControl?.[port];
      return limits && new PortStormControl(limits, this.octetPs[port]!);
    });
    this.lldp =
      options.lldp &&
      new LldpAgent(context, options.lldp, options.bridgeMac, (port, frame) => this.originate(port, frame));
    this.bridgedPorts = bridgedPorts(spec);
    if (spec.routing !== undefined) {
      this.router = new Router(
        {
          context,
          allInPs: (ingress, frame) => this.allInPs(ingress, frame),
          forward: (ingress, egress, frame) =>
            this.submit(this.passing(ingress, frame, UNICAST, NO_VLANS), egress, frame),
          originate: (egress, frame) => this.originate(egress, frame),
          portOf: (mac) => this.macTable.lookUp(Math.floor(mac / 2 ** 32), mac % 2 ** 32, NO_VLANS, context.nowPs()),
        },
        spec.routing,
      );
    }
    for (const { mac, vlan, port } of options.staticMacs ?? []) this.macTable.addStatic(mac, vlan, port);
  }

  start(): void {
    this.lldp?.start();
  }

  onFrame(ingress: number, frame: Uint8Array): void {
    const nowPs = this.context.nowPs();
    const high = (frame[0]! << 8) | frame[1]!;
    const low = (frame[2]! << 24) | (frame[3]! << 16) | (frame[4]! << 8) | frame[5]!;
    const cast = castOf(high, low);
    const counters = this.counters[ingress]!;
    counters.countIn(frame.length + FCS_OCTETS, cast);
    if (cast === MULTICAST && isReserved(high, low)) {
      counters.dot1dTpPortInDiscards++;
      this.lldp?.onFrame(ingress, frame);
      return;
    }
    const vlan = this.vlans === undefined ? NO_VLANS : this.vlans.classify(ingress, frame);
    if (vlan === NO_VLAN) {
      counters.dot1qTpVlanPortInDiscards++;
      return;
    }
    this.learnSource(ingress, frame, vlan, nowPs);
    const passing = this.passing(ingress, frame, cast, vlan);
    if (this.options.mirrors !== undefined) this.mirrorIngress(passing);
    if (this.router?.onFrame(ingress, frame) === true) return;
    const bridged = this.bridgedPorts[ingress]!;
    const known = cast === UNICAST ? this.macTable.lookUp(high, low, vlan, nowPs) : NO_PORT;
    const egress = known !== NO_PORT && this.bridgedPorts[known] === bridged ? known : NO_PORT;
    if (egress === NO_PORT) {
      if (!this.spec.flooding) {
        this.floodingDiscards++;
        return;
      }
      if (!this.admitsStorm(ingress, frame, cast, nowPs)) return;
      this.framesFlooded++;
      for (const port of bridged) {
        if (port !== ingress && (this.vlans === undefined || this.vlans.carries(port, vlan)))
          this.forward(passing, port);
      }
    } else if (egress === ingress) {
      counters.dot1dTpPortInDiscards++;
    } else {
      this.framesForwarded++;
      this.forward(passing, egress);
    }
  }

  report(): NodeReport {
    const counters: Record<string, number> = {
      framesForwarded: this.framesForwarded,
      framesFlooded: this.framesFlooded,
      floodingDiscards: this.floodingDiscards,
      ...this.egressStage.counters(),
      dot1dTpLearnedEntryDiscards: this.learnedEntryDiscards,
    };
    if (this.options.mirrors !== undefined) counters.framesMirrored = this.framesMirrored;
    for (const [port, name] of this.spec.ports.entries()) this.counters[port]!.writeTo(counters, name);
    for (const [name, value] of Object.entries(this.router?.report() ?? {})) counters[`router_${name}`] = value;
    const macTable = this.macTable.entries(this.context.nowPs()).map(({ mac, vlan, port, learnedPs }) => ({
      mac,
      ...(this.vlans === undefined ? {} : { vlan }),
      port: this.spec.ports[port]!,
      ...(learnedPs === undefined ? { static: true } : { seenPs: learnedPs }),
    }));
    const queues = this.egressStage.queues();
    const details = {
      macTable,
      ...(this.options.queueing === undefined
        ? {}
        : { queues: queues.map(({ port, priorities, counters: of }) => ({ port, priorities, ...of })) }),
      ...(this.lldp === undefined ? {} : { lldpNeighbours: this.lldp.known }),
    };
    if (this.options.samplePeriodPs === undefined) return { counters, details };
    return {
      counters,
      details,
      queueSamples: queues.map(({ port, priorities, samples }) => ({ port, priorities, samples })),
    };
  }

  private createStage(): EgressStage {
    const { context, latencyPs } = this;
    const { sharedBufferOctets } = this.spec.profile;
    const { queueing, samplePeriodPs, bridgeMac } = this.options;
    if (queueing === undefined) return new FifoEgress(context, sharedBufferOctets, samplePeriodPs);
    const macs = this.spec.ports.map((_, port) => bridgeMac + 1 + port);
    const sender = {
      nowPs: () => context.nowPs(),
      at: (timePs: number, callback: () => void) => context.at(timePs, callback),
      cancel: (timer: number) => context.cancel(timer),
      ports: context.ports,
      send: (port: number, frame: Uint8Array, notBeforePs?: number, passage?: Passage) => {
        this.counters[port]!.countControlOut(frame.length + FCS_OCTETS);
        return context.send(port, frame, notBeforePs, passage);
      },
    };
    const flowControl = queueing.flowControl && new FlowControl(sender, queueing.flowControl, latencyPs, macs);
    return new QueuedEgress(context, queueing, sharedBufferOctets, flowControl, samplePeriodPs);
  }

  private passing(ingress: number, frame: Uint8Array, cast: Cast, vlan: number): Passing {
    const priority = this.priorityOf === undefined ? 0 : this.priorityOf[ingress]!(frame);
    const lastBitPs = this.allInPs(ingress, frame);
    return { ingress, frame, cast, vlan, priority, lastBitPs, ingressOctetPs: this.octetPs[ingress]! };
  }

  /** When the last bit of a frame is in that is being handled now. */
  private allInPs(ingress: number, frame: Uint8Array): number {
    const nowPs = this.context.nowPs();
    return this.cutThrough ? nowPs + receptionPs(frame.length, this.octetPs[ingress]!) : nowPs;
  }

  /** Sends a frame that is no port's. */
  private originate(egress: number, frame: Uint8Array): void {
    const cast = castOf(readUint16(frame, 0), readUint32(frame, 2) | 0);
    const [lastBitPs, ingressOctetPs] = [this.context.nowPs(), 0];
    const passing = {
      ingress: NO_INGRESS,
      frame,
      cast,
      vlan: NO_VLANS,
      priority: NETWORK_CONTROL,
      lastBitPs,
      ingressOctetPs,
    };
    this.enqueue(passing, egress, frame);
  }

  private forward(passing: Passing, egress: number): void {
    const { vlans } = this;
    const { frame, vlan, priority } = passing;
    this.submit(passing, egress, vlans === undefined ? frame : vlans.leaving(egress, frame, vlan, priority));
  }

  /** Lets a frame join a port's queue, now or when the port can send it one latency later without running dry. */
  private submit(passing: Passing, egress: number, leaving: Uint8Array): void {
    const nowPs = this.context.nowPs();
    const joinPs = passing.ingressOctetPs > this.octetPs[egress]! ? passing.lastBitPs - this.latencyPs : nowPs;
    if (joinPs > nowPs) this.context.at(joinPs, () => this.enqueue(passing, egress, leaving));
    else this.enqueue(passing, egress, leaving);
  }

  private enqueue(passing: Passing, egress: number, frame: Uint8Array): void {
    const nowPs = this.context.nowPs();
    const { ingress, priority, cast } = passing;
    const queued = this.egressStage.offer(ingress, egress, frame, priority, nowPs + this.latencyPs, nowPs);
    if (queued === undefined) {
      this.counters[egress]!.ifOutDiscards++;
      return;
    }
    this.counters[egress]!.countOut(queued.length + FCS_OCTETS, cast);
    if (this.options.mirrors !== undefined && ingress !== NO_INGRESS) this.mirrorEgress(passing, egress, queued);
  }

  private mirrorIngress(passing: Passing): void {
    for (const { from, to, ingress } of this.options.mirrors!) {
      if (ingress && from === passing.ingress) this.mirror(passing, to, passing.frame);
    }
  }

  private mirrorEgress(passing: Passing, port: number, queued: Uint8Array): void {
    for (const { from, to, egress } of this.options.mirrors!)
      if (egress && from === port) this.mirror(passing, to, queued);
  }

  /** A copy is no port's: it takes nothing of what its sender may hold, and is not mirrored again. */
  private mirror(passing: Passing, to: number, frame: Uint8Array): void {
    this.framesMirrored++;
    this.submit({ ...passing, ingress: NO_INGRESS, priority: MIRROR_PRIORITY }, to, frame);
  }

  private admitsStorm(ingress: number, frame: Uint8Array, cast: Cast, nowPs: number): boolean {
    const control = this.stormControl[ingress];
    if (control === undefined || control.admits(STORM_CLASSES[cast], frame.length, nowPs)) return true;
    this.counters[ingress]!.ifInDiscards++;
    const port = this.spec.ports[ingress]!;
    this.context.record({ kind: 'frame-dropped', port, reason: 'storm-control', octets: frame.length });
    return false;
  }

  /** A group address or none at all is no station's (IEEE 802.1Q-2018, 8.7). */
  private learnSource(ingress: number, frame: Uint8Array, vlan: number, nowPs: number): void {
    const high = (frame[6]! << 8) | frame[7]!;
    const low = (frame[8]! << 24) | (frame[9]! << 16) | (frame[10]! << 8) | frame[11]!;
    if ((high & GROUP_BIT) !== 0 || (high === 0 && low === 0)) return;
    if (!this.macTable.learn(high, low, vlan, ingress, nowPs)) this.learnedEntryDiscards++;
  }
}

/** By cast: what a frame counts as that is flooded. */
const STORM_CLASSES = ['unknownUnicast', 'multicast', 'broadcast'] as const;

/** A bridge joins all its ports; a router's interfaces are bridges of their own. */
function bridgedPorts({ ports, routing }: SwitchSpec): readonly (readonly number[])[] {
  if (routing === undefined) {
    const all = ports.map((_, port) => port);
    return ports.map(() => all);
  }
  return ports.map((_, port) => routing.interfaces.find((entry) => entry.ports.includes(port))!.ports);
}

/** The group bit of a MAC's first octet, in its upper 16 bits. */
const GROUP_BIT = 0x0100;

function castOf(high: number, low: number): Cast {
  if ((high & GROUP_BIT) === 0) return UNICAST;
  return high === 0xffff && low === -1 ? BROADCAST : MULTICAST;
}

/** 01:80:c2:00:00:00 to 0f: for the bridge itself, never forwarded (IEEE 802.1Q-2018, table 8-1). */
function isReserved(high: number, low: number): boolean {
  return high === 0x0180 && (low & ~0x0f) === (0xc200_0000 | 0);
}
