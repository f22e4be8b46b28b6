import { InputError } from '../base/errors.ts';
import { octetPsOf } from '../link/ethernet-timing.ts';
import type { PortQueueing } from '../link/port-queueing.ts';
import { isGroupMac, parseMac } from '../packet/addresses.ts';
import { IDENTITY_PCP, PRIORITIES, type PriorityMap } from '../packet/priority-map.ts';
import { DEFAULT_VLAN_ID } from '../packet/vlan.ts';
import { headroomOctets, ownedOctets } from './buffer-shares.ts';
import type { SwitchDocument } from './schema.ts';
import type {
  FlowControlSpec,
  IndependentPorts,
  MarkingSpec,
  Mirror,
  StaticMac,
  StormControl,
  SwitchOptions,
  SwitchQueue,
  SwitchQueueing,
  VlanPort,
} from './switch-options.ts';
import type { BareSwitch, Link, Switch } from './types.ts';
import type { DocumentPath, PositionOf } from './yaml-document.ts';

/** A bridge's MAC: locally administered, so that it is no host's of the paper's cards. */
const BRIDGE_MAC_BASE = 0x024c_4e00_0000;
const MACS_PER_BRIDGE = 0x400;

/** Full frame with a tag, without FCS. */
const DEFAULT_MAXIMUM_FRAME_OCTETS = 1_518;
const DEFAULT_RED_WEIGHT = 0.002;
const DEFAULT_QUANTA = 65_535;
const DEFAULT_STORM_PS = 10_000_000_000;
const DEFAULT_BURST_PS = 1_000_000_000;
/** IEEE 802.1AB-2016, 9.2.5: msgFastTx of 1 s, txFastInit of 4 frames, msgTxHold of 4. */
const DEFAULT_LLDP_INTERVAL_PS = 1_000_000_000_000;
const DEFAULT_ADVERTISEMENTS = 4;
const LLDP_HOLD = 4;

/**
 * Resolves what a topology file says of a switch beside its profile, and checks it.
 * @param index of the switch in the file
 * @param links all of the topology
 * @param switches all of the topology, for what is at the other end of a link
 * @throws InputError
 */
export function resolveSwitchOptions(
  file: SwitchDocument,
  index: number,
  node: BareSwitch,
  links: readonly Link[],
  switches: readonly BareSwitch[],
  positionOf: PositionOf,
): SwitchOptions {
  return new SwitchResolver(file, index, node, links, switches, positionOf).resolve();
}

class SwitchResolver {
  private readonly file: SwitchDocument;
  private readonly index: number;
  private readonly node: BareSwitch;
  private readonly links: readonly Link[];
  private readonly switches: readonly BareSwitch[];
  private readonly positionOf: PositionOf;

  constructor(
    file: SwitchDocument,
    index: number,
    node: BareSwitch,
    links: readonly Link[],
    switches: readonly BareSwitch[],
    positionOf: PositionOf,
  ) {
    this.file = file;
    this.index = index;
    this.node = node;
    this.links = links;
    this.switches = switches;
    this.positionOf = positionOf;
  }

  resolve(): SwitchOptions {
    for (const number of Object.keys(this.file.ports ?? {})) this.portOf(Number(number), ['ports', number]);
    const vlanPorts = this.vlanPorts();
    const queueing = this.queueing();
    const mirrors = this.mirrors();
    const stormControl = this.stormControl();
    const staticMacs = this.staticMacs(vlanPorts !== undefined);
    const independentPorts = this.independentPorts();
    const { lldp, sample } = this.file;
    const knowsPriorities = vlanPorts !== undefined || queueing !== undefined;
    if (!knowsPriorities) this.refuseIdlePriorities();
    return {
      bridgeMac: BRIDGE_MAC_BASE + this.index * MACS_PER_BRIDGE,
      ...(knowsPriorities && { priorities: this.priorities() }),
      ...(vlanPorts && { vlanPorts }),
      ...(queueing && { queueing }),
      ...(mirrors && { mirrors }),
      ...(stormControl && { stormControl }),
      ...(staticMacs && { staticMacs }),
      ...(independentPorts && { independentPorts }),
      ...(lldp && { lldp: lldpOf(lldp) }),
      ...(sample !== undefined && { samplePeriodPs: sample }),
    };
  }

  private fault(code: string, path: DocumentPath, message: string): InputError {
    return new InputError(code, message, this.positionOf(['switches', this.index, ...path]));
  }

  /** Index of a port by its number on the device. */
  private portOf(number: number, path: DocumentPath): number {
    const port = this.node.ports.indexOf(`${this.node.name}.${number}`);
    if (port >= 0) return port;
    const known = this.node.ports.map((name) => name.slice(this.node.name.length + 1)).join(', ');
    const message = `port of ${this.node.name}: expected one with a link (${known}), got ${number}`;
    throw this.fault('unknown-port', path, message);
  }

  private numberOf(port: number): string {
    return this.node.ports[port]!.slice(this.node.name.length + 1);
  }

  private priorities(): PriorityMap[] {
    const { pcp, dscp } = this.file.priorities ?? {};
    return this.node.ports.map((_, port) => ({
      pcp: pcp ?? IDENTITY_PCP,
      dscp: dscp ?? {},
      otherwise: this.file.ports?.[this.numberOf(port)]?.priority ?? 0,
    }));
  }

  private refuseIdlePriorities(): void {
    const message =
      "priorities: expected 'queues', 'pfc' or 'vlans' beside them, since one FIFO queue has no use for them";
    if (this.file.priorities !== undefined) throw this.fault('idle-priorities', ['priorities'], message);
    for (const [number, { priority }] of Object.entries(this.file.ports ?? {})) {
      if (priority !== undefined) throw this.fault('idle-priorities', ['ports', number, 'priority'], message);
    }
  }

  private independentPorts(): IndependentPorts | undefined {
    const { independentPorts } = this.file;
    if (independentPorts === undefined) return undefined;
    for (const key of ['vlans', 'queues', 'pfc', 'mirror', 'stormControl', 'lldp', 'routing', 'sample'] as const) {
      if (this.file[key] === undefined) continue;
      throw this.fault(
        'dependent-ports',
        [key],
        `${key}: expected none beside 'independentPorts', whose ports share nothing`,
      );
    }
    if (this.file.staticMacs === undefined) {
      const message = "independentPorts: expected 'staticMacs' beside them, since nothing is learned or flooded";
      throw this.fault('dependent-ports', ['independentPorts'], message);
    }
    const rates = new Map<number, string>();
    for (const link of this.links) {
      if (link.ends.some(({ node }) => node === this.node.name)) rates.set(link.rateBitsPerSecond, link.name);
    }
    if (rates.size > 1) {
      const message = `independentPorts: expected one rate at all ports of ${this.node.name}, got several (${[...rates.values()].join(', ')})`;
      throw this.fault('dependent-ports', ['independentPorts'], message);
    }
    const isolated = (independentPorts.isolated ?? []).map((number, place) =>
      this.portOf(number, ['independentPorts', 'isolated', place]),
    );
    return { isolated };
  }

  private vlanPorts(): VlanPort[] | undefined {
    const { vlans, ports = {}, routing } = this.file;
    if (vlans !== undefined && routing !== undefined) {
      const message = `vlans of ${this.node.name}: expected none beside 'routing', whose interfaces keep their ports apart`;
      throw this.fault('vlans-and-routing', ['vlans'], message);
    }
    if (vlans === undefined) {
      for (const [number, { mode, vlan, native, tagged }] of Object.entries(ports)) {
        if (mode === undefined && vlan === undefined && native === undefined && tagged === undefined) continue;
        throw this.fault(
          'no-vlans',
          ['ports', number],
          `port ${number}: expected 'vlans' of ${this.node.name} beside it`,
        );
      }
      return undefined;
    }
    const known = new Set([DEFAULT_VLAN_ID]);
    for (const [place, { id }] of vlans.entries()) {
      if (known.has(id) && id !== DEFAULT_VLAN_ID) {
        throw this.fault(
          'duplicate-vlan',
          ['vlans', place, 'id'],
          `duplicate VLAN: expected each once, got ${id} again`,
        );
      }
      known.add(id);
    }
    return this.node.ports.map((_, port) => this.vlanPort(this.numberOf(port), known));
  }

  private vlanPort(number: string, known: ReadonlySet<number>): VlanPort {
    const path = ['ports', number];
    const { mode = 'access', vlan, native, tagged } = this.file.ports?.[number] ?? {};
    const check = (id: number, at: DocumentPath): void => {
      if (known.has(id)) return;
      const message = `VLAN of port ${number}: expected one of ${[...known].join(', ')}, which 'vlans' names, got ${id}`;
      throw this.fault('unknown-vlan', [...path, ...at], message);
    };
    if (mode === 'access') {
      const stray = native !== undefined ? 'native' : tagged !== undefined ? 'tagged' : undefined;
      if (stray !== undefined) {
        throw this.fault(
          'bad-vlan-port',
          [...path, stray],
          `port ${number}: expected '${stray}' at trunks alone (mode: trunk)`,
        );
      }
      check(vlan ?? DEFAULT_VLAN_ID, ['vlan']);
      return { mode, vlan: vlan ?? DEFAULT_VLAN_ID };
    }
    if (vlan !== undefined) {
      throw this.fault(
        'bad-vlan-port',
        [...path, 'vlan'],
        `port ${number}: expected 'native' and 'tagged' at a trunk, got 'vlan'`,
      );
    }
    if (native !== undefined) check(native, ['native']);
    for (const [place, id] of (tagged ?? []).entries()) {
      check(id, ['tagged', place]);
      if (id !== native && (tagged ?? []).indexOf(id) === place) continue;
      throw this.fault('duplicate-vlan', [...path, 'tagged', place], `port ${number}: VLAN ${id} is there twice`);
    }
    if (native === undefined && (tagged ?? []).length === 0) {
      throw this.fault('bad-vlan-port', path, `port ${number}: expected a trunk to carry a VLAN: 'tagged' or 'native'`);
    }
    return { mode, native, tagged: tagged ?? [] };
  }

  private queueing(): SwitchQueueing | undefined {
    const { queues, pfc } = this.file;
    if (queues === undefined && pfc === undefined) return undefined;
    const lossless = pfc?.priorities ?? [];
    const documents = queues ?? [...lossless.map((each) => ({ priorities: [each], weight: 1 })), { weight: 1 }];
    const resolved = this.queues(documents, lossless);
    if (pfc === undefined) {
      const queueing = { queues: resolved };
      this.checkBuffer(queueing);
      return queueing;
    }
    const queueing = { queues: resolved, flowControl: this.flowControl(pfc) };
    this.checkBuffer(queueing);
    return queueing;
  }

  private queues(documents: NonNullable<SwitchDocument['queues']>, lossless: readonly number[]): SwitchQueue[] {
    const taken = new Map<number, number>();
    for (const [place, { priorities }] of documents.entries()) {
      for (const [at, priority] of (priorities ?? []).entries()) {
        if (taken.has(priority)) {
          const message = `queue: expected each priority in one queue, got ${priority} again`;
          throw this.fault('duplicate-priority', ['queues', place, 'priorities', at], message);
        }
        taken.set(priority, place);
      }
    }
    const rest = IDENTITY_PCP.filter((priority) => !taken.has(priority));
    const open = documents.flatMap(({ priorities }, place) => (priorities === undefined ? [place] : []));
    if (open.length > 1 || (open.length === 1 && rest.length === 0)) {
      const message = "queue: expected 'priorities', since no priority is left for it";
      throw this.fault('empty-queue', ['queues', open.at(-1)!], message);
    }
    if (open.length === 0 && rest.length > 0) {
      const message = `queues: expected each of the ${PRIORITIES} priorities in one, got none for ${rest.join(', ')}; a queue without 'priorities' takes the rest`;
      throw this.fault('missing-priority', ['queues'], message);
    }
    return documents.map(({ priorities = rest, weight, alpha, reserve = 0, ecn }, place): SwitchQueue => {
      const protectedOnes = priorities.filter((each) => lossless.includes(each));
      if (protectedOnes.length > 0 && protectedOnes.length < priorities.length) {
        const message = `queue: expected priorities of pfc (${lossless.join(', ')}) apart from others, got ${priorities.join(', ')}`;
        throw this.fault('mixed-queue', ['queues', place], message);
      }
      const marking = ecn && this.marking(ecn, ['queues', place, 'ecn']);
      return {
        priorities,
        ...(weight !== undefined && { weight }),
        ...(alpha !== undefined && { alpha }),
        reserveOctets: reserve,
        ...(marking && { marking }),
      };
    });
  }

  private marking(
    ecn: NonNullable<NonNullable<SwitchDocument['queues']>[number]['ecn']>,
    path: DocumentPath,
  ): MarkingSpec {
    const bufferOctets = this.node.profile.sharedBufferOctets;
    const check = (key: string, octets: number): void => {
      if (octets <= bufferOctets) return;
      const message = `${key} of ecn: expected at most the buffer of ${this.node.name}, ${bufferOctets} octets, got ${octets}`;
      throw this.fault('threshold-above-buffer', [...path, key], message);
    };
    if (ecn.kind === 'threshold') {
      check('threshold', ecn.threshold);
      return { kind: 'threshold', thresholdOctets: ecn.threshold };
    }
    check('max', ecn.max);
    if (ecn.min >= ecn.max) {
      const message = `ecn: expected min below max (${ecn.max} octets), got ${ecn.min}`;
      throw this.fault('bad-thresholds', [...path, 'min'], message);
    }
    return {
      kind: 'red',
      minimumOctets: ecn.min,
      maximumOctets: ecn.max,
      probability: ecn.probability,
      weight: ecn.weight ?? DEFAULT_RED_WEIGHT,
    };
  }

  private flowControl(pfc: NonNullable<SwitchDocument['pfc']>): FlowControlSpec {
    const { priorities, xoff, xon, headroom, quanta = DEFAULT_QUANTA, storm = DEFAULT_STORM_PS } = pfc;
    for (const [place, priority] of priorities.entries()) {
      if (priorities.indexOf(priority) === place) continue;
      throw this.fault('duplicate-priority', ['pfc', 'priorities', place], `pfc: priority ${priority} is there twice`);
    }
    if (xon >= xoff) {
      throw this.fault(
        'bad-thresholds',
        ['pfc', 'xon'],
        `xon of pfc: expected less than xoff (${xoff} octets), got ${xon}`,
      );
    }
    const maximumFrameOctets = pfc.maximumFrame ?? DEFAULT_MAXIMUM_FRAME_OCTETS;
    const leadPs = this.node.profile.latencyPs;
    return {
      priorities,
      xoffOctets: xoff,
      xonOctets: xon,
      headroomOctets: this.node.ports.map((name) => {
        if (headroom !== undefined) return headroom;
        const { link, peer } = this.linkOf(name);
        const octetPs = octetPsOf(link.rateBitsPerSecond);
        const senderLeadPs = peer?.profile.latencyPs ?? 0;
        return headroomOctets({ octetPs, delayPs: link.delayPs, leadPs, senderLeadPs, maximumFrameOctets });
      }),
      quanta,
      stormPs: storm,
    };
  }

  /** The link at a port, and the switch at its other end if it is one. */
  private linkOf(port: string): { link: Link; peer: BareSwitch | undefined } {
    const link = this.links.find(({ ends }) => ends.some((end) => end.name === port))!;
    const far = link.ends[0].name === port ? link.ends[1] : link.ends[0];
    return { link, peer: this.switches.find(({ name }) => name === far.node) };
  }

  /** What queues and flow control own has to leave a pool that the rest can use. */
  private checkBuffer(queueing: SwitchQueueing): void {
    const bufferOctets = this.node.profile.sharedBufferOctets;
    const owned = ownedOctets(queueing, this.node.ports.length);
    const leastPool = DEFAULT_MAXIMUM_FRAME_OCTETS;
    if (owned + leastPool <= bufferOctets) return;
    const { flowControl } = queueing;
    const what =
      flowControl === undefined
        ? 'reserves of queues'
        : `xoff and headroom of pfc (${flowControl.headroomOctets.join(', ')} octets, port by port) and reserves of queues`;
    const message = `${what}: expected at most ${bufferOctets - leastPool} octets over all ports of ${this.node.name}, a full frame less than its buffer, got ${owned}`;
    throw this.fault('threshold-above-buffer', [flowControl === undefined ? 'queues' : 'pfc'], message);
  }

  private mirrors(): Mirror[] | undefined {
    return this.file.mirror?.map(({ from, to, direction }, place) => {
      const path = ['mirror', place];
      if (from === to) throw this.fault('bad-mirror', [...path, 'to'], `mirror: expected another port than ${from}`);
      return {
        from: this.portOf(from, [...path, 'from']),
        to: this.portOf(to, [...path, 'to']),
        ingress: direction !== 'egress',
        egress: direction !== 'ingress',
      };
    });
  }

  private stormControl(): (StormControl | undefined)[] | undefined {
    const { stormControl } = this.file;
    if (stormControl === undefined) return undefined;
    const { ports, broadcast, multicast, unknownUnicast, burst = DEFAULT_BURST_PS } = stormControl;
    const chosen = ports?.map((number, place) => this.portOf(number, ['stormControl', 'ports', place]));
    const control: StormControl = {
      ...(broadcast && { broadcast: limitOf(broadcast) }),
      ...(multicast && { multicast: limitOf(multicast) }),
      ...(unknownUnicast && { unknownUnicast: limitOf(unknownUnicast) }),
      burstPs: burst,
    };
    return this.node.ports.map((_, port) => (chosen?.includes(port) === false ? undefined : control));
  }

  private staticMacs(hasVlans: boolean): StaticMac[] | undefined {
    return this.file.staticMacs?.map(({ mac: text, vlan, port: number }, place) => {
      const path = ['staticMacs', place];
      const mac = parseMac(text)!;
      if (isGroupMac(mac) || mac === 0) {
        throw this.fault('bad-mac', [...path, 'mac'], `static MAC: expected a unicast address, got ${text}`);
      }
      if (vlan !== undefined && !hasVlans) {
        throw this.fault(
          'no-vlans',
          [...path, 'vlan'],
          `static MAC: expected 'vlans' of ${this.node.name} beside its VLAN`,
        );
      }
      return { mac, vlan: hasVlans ? (vlan ?? DEFAULT_VLAN_ID) : 0, port: this.portOf(number, [...path, 'port']) };
    });
  }
}

function limitOf(limit: { framesPerSecond?: number | undefined; fraction?: number | undefined }) {
  return limit.framesPerSecond === undefined
    ? ({ kind: 'fraction', fraction: limit.fraction! } as const)
    : ({ kind: 'frames', framesPerSecond: limit.framesPerSecond } as const);
}

function lldpOf({ interval, advertisements }: NonNullable<SwitchDocument['lldp']>) {
  const intervalPs = interval ?? DEFAULT_LLDP_INTERVAL_PS;
  const timeToLiveSeconds = Math.min(65_535, Math.ceil((LLDP_HOLD * intervalPs) / 1e12) + 1);
  return { intervalPs, advertisements: advertisements ?? DEFAULT_ADVERTISEMENTS, timeToLiveSeconds };
}

/**
 * The links with the queues of their ends: a switch's own, and at a host those of the switch port that it is linked to,
 * so that what the switch keeps apart the host keeps apart, and a pause means the same to both.
 * @throws InputError where only one of two switches has flow control
 */
export function withQueueing(links: readonly Link[], switches: readonly Switch[], positionOf: PositionOf): Link[] {
  const find = (name: string) => switches.find((node) => node.name === name);
  return links.map((link, index): Link => {
    const nodes = [find(link.ends[0].node), find(link.ends[1].node)] as const;
    if (nodes[0] !== undefined && nodes[1] !== undefined)
      checkPair(link, [nodes[0], nodes[1]], ['links', index], positionOf);
    const queueingOf = (side: 0 | 1): PortQueueing | undefined => {
      const own = nodes[side];
      if (own !== undefined) return queueingAt(own, link.ends[side].port, own.profile.latencyPs);
      const far = nodes[side === 0 ? 1 : 0];
      return far && queueingAt(far, link.ends[side === 0 ? 1 : 0].port, 0);
    };
    const end = (side: 0 | 1) => {
      const queueing = queueingOf(side);
      return queueing === undefined ? link.ends[side] : { ...link.ends[side], queueing };
    };
    return { ...link, ends: [end(0), end(1)] };
  });
}

function queueingAt({ options }: Switch, port: number, leadPs: number): PortQueueing | undefined {
  const { queueing, priorities } = options;
  if (queueing === undefined) return undefined;
  return {
    leadPs,
    priorities: priorities![port]!,
    queues: queueing.queues.map(({ priorities: of, weight }) => ({
      priorities: of,
      ...(weight !== undefined && { weight }),
    })),
    lossless: queueing.flowControl?.priorities ?? [],
    stormPs: queueing.flowControl?.stormPs ?? DEFAULT_STORM_PS,
  };
}

function checkPair(link: Link, pair: readonly [Switch, Switch], path: DocumentPath, positionOf: PositionOf): void {
  const [one, other] = pair.map(({ options }) =>
    [...(options.queueing?.flowControl?.priorities ?? [])].sort().join(', '),
  );
  if (one === other) return;
  const message = `link ${link.name}: expected pfc of the same priorities at both switches, got ${one || 'none'} at ${pair[0].name} and ${other || 'none'} at ${pair[1].name}`;
  throw new InputError('one-sided-pfc', message, positionOf(path));
}
