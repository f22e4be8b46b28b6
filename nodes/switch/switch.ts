import { assert } from '../../base/assert.ts';
import { FCS_OCTETS, receptionPs } from '../../link/ethernet-timing.ts';
import { readUint16, readUint32 } from '../../packet/big-endian.ts';
import type { NodeContext, NodeModel, NodeReport } from '../../time/node.ts';
import type { Switch } from '../../topology/types.ts';
import { MacTable, NO_PORT } from './mac-table.ts';
import { PortCounters } from './port-counters.ts';
import { Router } from './routing/router.ts';
import { SharedBuffer } from './shared-buffer.ts';

type SwitchSpec = Pick<Switch, 'name' | 'ports' | 'profile' | 'flooding' | 'routing'>;

/**
 * A learning Ethernet switch (IEEE 802.1Q-2018 clause 8 without VLANs and spanning tree): one event a hop. Cut-through
 * hands a frame on at its first bit, store-and-forward at its last.
 * @param context with one port for each of `spec.ports`, in the same order
 */
export function createSwitch(context: NodeContext, spec: SwitchSpec): NodeModel {
  return new SwitchModel(context, spec);
}

/** What a frame's destination says about it. */
const UNICAST = 0;
const MULTICAST = 1;
const BROADCAST = 2;
type Cast = typeof UNICAST | typeof MULTICAST | typeof BROADCAST;

class SwitchModel implements NodeModel {
  readonly receiveAt: 'first-bit' | 'last-bit';
  private readonly context: NodeContext;
  private readonly spec: SwitchSpec;
  private readonly cutThrough: boolean;
  private readonly latencyPs: number;
  private readonly octetPs: readonly number[];
  private readonly macTable: MacTable;
  private readonly buffer: SharedBuffer;
  private readonly counters: readonly PortCounters[];
  private readonly router: Router | undefined;
  /** By port: which ports a station behind it reaches without a router. */
  private readonly bridgedPorts: readonly (readonly number[])[];
  private framesForwarded = 0;
  private framesFlooded = 0;
  private floodingDiscards = 0;
  private learnedEntryDiscards = 0;
  private sharedBufferDiscards = 0;

  constructor(context: NodeContext, spec: SwitchSpec) {
    assert(
      context.ports.length === spec.ports.length,
      `${spec.name} has ${spec.ports.length} ports, the context ${context.ports.length}`,
    );
    this.context = context;
    this.spec = spec;
    this.cutThrough = spec.profile.forwarding === 'cut-through';
    this.receiveAt = this.cutThrough ? 'first-bit' : 'last-bit';
    this.latencyPs = spec.profile.latencyPs;
    this.octetPs = context.ports.map((port) => port.octetPs);
    this.macTable = new MacTable(spec.profile.macTableEntries, spec.profile.macAgingPs);
    this.buffer = new SharedBuffer(spec.profile.sharedBufferOctets, this.octetPs);
    this.counters = spec.ports.map(() => new PortCounters());
    this.bridgedPorts = bridgedPorts(spec);
    if (spec.routing !== undefined) {
      this.router = new Router(
        {
          context,
          allInPs: (ingress, frame) => this.allInPs(ingress, frame),
          forward: (ingress, egress, frame) => this.forward(ingress, egress, frame, UNICAST, context.nowPs()),
          originate: (egress, frame) => {
            this.enqueue(egress, frame, castOf(readUint16(frame, 0), readUint32(frame, 2) | 0), context.nowPs());
          },
          portOf: (mac) => this.macTable.lookUp(Math.floor(mac / 2 ** 32), mac % 2 ** 32, context.nowPs()),
        },
        spec.routing,
      );
    }
  }

  start(): void {}

  onFrame(ingress: number, frame: Uint8Array): void {
    const nowPs = this.context.nowPs();
    const high = (frame[0]! << 8) | frame[1]!;
    const low = (frame[2]! << 24) | (frame[3]! << 16) | (frame[4]! << 8) | frame[5]!;
    const cast = castOf(high, low);
    this.countIn(ingress, frame.length, cast);
    this.learnSource(ingress, frame, nowPs);
    if (cast === MULTICAST && isReserved(high, low)) {
      this.counters[ingress]!.dot1dTpPortInDiscards++;
      return;
    }
    if (this.router?.onFrame(ingress, frame) === true) return;
    const bridged = this.bridgedPorts[ingress]!;
    const known = cast === UNICAST ? this.macTable.lookUp(high, low, nowPs) : NO_PORT;
    const egress = known !== NO_PORT && this.bridgedPorts[known] === bridged ? known : NO_PORT;
    if (egress === NO_PORT) {
      if (!this.spec.flooding) {
        this.floodingDiscards++;
        return;
      }
      this.framesFlooded++;
      for (const port of bridged) {
        if (port !== ingress) this.forward(ingress, port, frame, cast, nowPs);
      }
    } else if (egress === ingress) {
      this.counters[ingress]!.dot1dTpPortInDiscards++;
    } else {
      this.framesForwarded++;
      this.forward(ingress, egress, frame, cast, nowPs);
    }
  }

  report(): NodeReport {
    const counters: Record<string, number> = {
      framesForwarded: this.framesForwarded,
      framesFlooded: this.framesFlooded,
      floodingDiscards: this.floodingDiscards,
      sharedBufferDiscards: this.sharedBufferDiscards,
      sharedBufferMaximumOctets: this.buffer.maximumOctets,
      dot1dTpLearnedEntryDiscards: this.learnedEntryDiscards,
    };
    for (const [port, name] of this.spec.ports.entries()) this.counters[port]!.writeTo(counters, name);
    for (const [name, value] of Object.entries(this.router?.report() ?? {})) counters[`router_${name}`] = value;
    const macTable = this.macTable.entries(this.context.nowPs()).map(({ mac, port, learnedPs }) => {
      return { mac, port: this.spec.ports[port]!, seenPs: learnedPs };
    });
    return { counters, details: { macTable } };
  }

  private forward(ingress: number, egress: number, frame: Uint8Array, cast: Cast, nowPs: number): void {
    const ingressOctetPs = this.octetPs[ingress]!;
    if (this.cutThrough && ingressOctetPs > this.octetPs[egress]!) {
      // The faster port would run out of octets in the middle of the frame: it leaves when it is all in. It joins the
      // queue the latency before that, since nothing that happens here may have an effect outside sooner.
      const joinPs = this.allInPs(ingress, frame) - this.latencyPs;
      if (joinPs > nowPs) {
        this.context.at(joinPs, () => this.enqueue(egress, frame, cast, joinPs));
        return;
      }
    }
    this.enqueue(egress, frame, cast, nowPs);
  }

  /** When the last bit of a frame is in that is being handled now. */
  private allInPs(ingress: number, frame: Uint8Array): number {
    const nowPs = this.context.nowPs();
    return this.cutThrough ? nowPs + receptionPs(frame.length, this.octetPs[ingress]!) : nowPs;
  }

  /** Puts a frame into a port's queue, to leave after the latency. */
  private enqueue(egress: number, frame: Uint8Array, cast: Cast, nowPs: number): void {
    const octets = frame.length;
    const counters = this.counters[egress]!;
    if (!this.buffer.hasRoom(octets, nowPs)) {
      counters.ifOutDiscards++;
      this.sharedBufferDiscards++;
      this.context.record({
        kind: 'frame-dropped',
        port: this.spec.ports[egress]!,
        reason: 'shared-buffer-full',
        octets,
      });
      return;
    }
    const notBeforePs = nowPs + this.latencyPs;
    if (!this.context.send(egress, frame, notBeforePs)) {
      counters.ifOutDiscards++;
      return;
    }
    this.buffer.admit(egress, octets, notBeforePs, nowPs);
    counters.ifOutOctets += octets + FCS_OCTETS;
    if (cast === UNICAST) counters.ifOutUcastPkts++;
    else if (cast === MULTICAST) counters.ifOutMulticastPkts++;
    else counters.ifOutBroadcastPkts++;
  }

  private countIn(ingress: number, octets: number, cast: Cast): void {
    const counters = this.counters[ingress]!;
    counters.ifInOctets += octets + FCS_OCTETS;
    if (cast === UNICAST) counters.ifInUcastPkts++;
    else if (cast === MULTICAST) counters.ifInMulticastPkts++;
    else counters.ifInBroadcastPkts++;
  }

  /** A group address or none at all is no station's (IEEE 802.1Q-2018, 8.7). */
  private learnSource(ingress: number, frame: Uint8Array, nowPs: number): void {
    const high = (frame[6]! << 8) | frame[7]!;
    const low = (frame[8]! << 24) | (frame[9]! << 16) | (frame[10]! << 8) | frame[11]!;
    if ((high & GROUP_BIT) !== 0 || (high === 0 && low === 0)) return;
    if (!this.macTable.learn(high, low, ingress, nowPs)) this.learnedEntryDiscards++;
  }
}

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
