import { assert } from '../../base/assert.ts';
import { FCS_OCTETS } from '../../link/ethernet-timing.ts';
import { formatMac } from '../../packet/addresses.ts';
import { readUint16, readUint32 } from '../../packet/big-endian.ts';
import type { NodeContext, NodeModel, NodeReport, PortIndependence } from '../../time/node.ts';
import type { Switch } from '../../topology/types.ts';
import { BROADCAST, MULTICAST, PortCounters, UNICAST } from './port-counters.ts';

type SwitchSpec = Pick<Switch, 'name' | 'ports' | 'profile' | 'options'>;

/** No port. */
const NOWHERE = -1;

/**
 * A switch whose output ports share nothing: stations are known by static MACs alone, nothing is learned or flooded, and
 * each port has a FIFO queue of its own and no part in a shared buffer. So what one port sends does not depend on when
 * frames for the others come, and emulated time may be ahead at one port and behind at another. Counters only add up.
 *
 * Isolated ports reach the ports that are not isolated alone (as with `isolated` of Linux's bridge(8)).
 */
export class IndependentSwitch implements NodeModel {
  readonly receiveAt: 'first-bit' | 'last-bit';
  readonly independence: PortIndependence;
  private readonly context: NodeContext;
  private readonly spec: SwitchSpec;
  private readonly latencyPs: number;
  /** By MAC. */
  private readonly portOf: ReadonlyMap<number, number>;
  private readonly isolated: ReadonlySet<number>;
  private readonly counters: readonly PortCounters[];
  private framesForwarded = 0;
  private floodingDiscards = 0;

  constructor(context: NodeContext, spec: SwitchSpec) {
    const { profile, options } = spec;
    const rates = new Set(context.ports.map((port) => port.rateBitsPerSecond));
    assert(
      rates.size <= 1,
      'independent ports have one rate: a frame of a slower one would have to wait for its last bit',
    );
    this.context = context;
    this.spec = spec;
    this.receiveAt = profile.forwarding === 'cut-through' ? 'first-bit' : 'last-bit';
    this.latencyPs = profile.latencyPs;
    this.portOf = new Map((options.staticMacs ?? []).map(({ mac, port }) => [mac, port]));
    this.isolated = new Set(options.independentPorts!.isolated);
    this.counters = spec.ports.map(() => new PortCounters());
    this.independence = {
      egressOf: (ingress, frame) => this.egressOf(ingress, frame),
      reaches: (from, to) => from !== to && !(this.isolated.has(from) && this.isolated.has(to)),
    };
  }

  start(): void {}

  onFrame(ingress: number, frame: Uint8Array): void {
    const isGroup = (frame[0]! & 1) !== 0;
    const cast = !isGroup ? UNICAST : macOf(frame) === ALL_STATIONS ? BROADCAST : MULTICAST;
    this.counters[ingress]!.countIn(frame.length + FCS_OCTETS, cast);
    const egress = this.egressOf(ingress, frame);
    if (egress === NOWHERE) {
      if (this.portOf.has(macOf(frame))) this.counters[ingress]!.dot1dTpPortInDiscards++;
      else this.floodingDiscards++;
      return;
    }
    this.framesForwarded++;
    const counters = this.counters[egress]!;
    if (this.context.send(egress, frame, this.context.nowPs() + this.latencyPs)) {
      counters.countOut(frame.length + FCS_OCTETS, cast);
    } else {
      counters.ifOutDiscards++;
    }
  }

  report(): NodeReport {
    const counters: Record<string, number> = {
      framesForwarded: this.framesForwarded,
      floodingDiscards: this.floodingDiscards,
    };
    for (const [port, name] of this.spec.ports.entries()) this.counters[port]!.writeTo(counters, name);
    const macTable = [...this.portOf]
      .map(([mac, port]) => ({ mac: formatMac(mac), port: this.spec.ports[port]!, static: true }))
      .sort((a, b) => (a.mac < b.mac ? -1 : 1));
    return { counters, details: { macTable } };
  }

  private egressOf(ingress: number, frame: Uint8Array): number {
    const egress = this.portOf.get(macOf(frame));
    return egress !== undefined && this.independence.reaches(ingress, egress) ? egress : NOWHERE;
  }
}

const ALL_STATIONS = 0xffff_ffff_ffff;

function macOf(frame: Uint8Array): number {
  return readUint16(frame, 0) * 2 ** 32 + (readUint32(frame, 2) >>> 0);
}
