import { assert } from '../base/assert.ts';
import { randomStream } from '../base/random.ts';
import { type AppliedFault, DirectionFaults } from '../faults/direction-faults.ts';
import type { FaultPlan, LinkFault, NodeFault } from '../faults/fault.ts';
import type { NodeModel, NodeReport, OutsideInput, PortInfo } from '../time/node.ts';
import type { Scheduler } from '../time/scheduler.ts';
import { DirectionDigest, type DirectionSummary } from './direction-digest.ts';
import { EgressPort } from './egress-port.ts';
import { occupancyPs, octetPsOf, receptionPs } from './ethernet-timing.ts';
import type { ExternalCalls } from './external-calls.ts';
import { type BuildModel, FaultyNode } from './faulty-node.ts';
import type { FrameSink, FrameTap } from './frame-sink.ts';
import { IngressPort } from './ingress-port.ts';
import { type CaptureSink, LinkCapture } from './link-capture.ts';
import { type NodeObserver, NodeRuntime } from './node-runtime.ts';
import type { IndependentNode } from './port-lead.ts';
import type { PortQueueing } from './port-queueing.ts';
import { PriorityEgressPort } from './priority-egress-port.ts';
import type { EgressCounters, Transmitter } from './transmitter.ts';

/** A cable, as the topology describes it. */
export interface LinkSpec {
  readonly name: string;
  readonly ends: readonly [LinkEndSpec, LinkEndSpec];
  readonly rateBitsPerSecond: number;
  readonly delayPs: number;
  readonly queueOctets: number;
}

export interface LinkEndSpec {
  readonly node: string;
  readonly port: number;
  readonly name: string;
  /** Queues of the transmitter at this end; one FIFO queue without it. */
  readonly queueing?: PortQueueing | undefined;
}

export interface NetworkSpec {
  /** Every node of the run, here or elsewhere; the index is the node's place in the order of ties. */
  readonly nodes: readonly string[];
  readonly links: readonly LinkSpec[];
  readonly seed: number;
  readonly faults: FaultPlan;
  /** What came from outside in the run that this one repeats, in the order of its journal; absent: nothing. */
  readonly inputs?: readonly StampedInput[];
}

/** Something from outside with the instant that it was given; one line of `inputs.jsonl`. */
export interface StampedInput {
  readonly timePs: number;
  readonly node: string;
  readonly input: OutsideInput;
}

/** What this process adds to the network: which nodes run here and where the rest is reached. */
export interface NetworkSurroundings {
  readonly localNodes: ReadonlySet<string>;
  /** Takes frames for a port of another process. */
  readonly remoteSink: (linkIndex: number) => FrameSink;
  /** Opens the capture of a link, or says that it is not captured. */
  readonly openCapture: (linkName: string) => CaptureSink | undefined;
  readonly observer: NodeObserver;
  /** Where nodes of this process ask outside the emulation; absent: they do not. */
  readonly externalCalls?: ExternalCalls | undefined;
}

/** What happened at one egress port; part of the run's results. */
export interface PortReport extends EgressCounters, DirectionSummary {
  /** `link:from->to`, the name under which the direction enters the digest. */
  readonly direction: string;
}

/** How a run stands that goes on. */
export interface PresentCounters {
  readonly nowPs: number;
  readonly nodes: Readonly<Record<string, NodeReport['counters']>>;
  readonly ports: readonly (EgressCounters & Pick<PortReport, 'direction'>)[];
}

/**
 * The part of the emulated network that lives in this process: nodes, their ports, and the cables between them. The
 * same code builds a whole testbed in one process and the single node of one of seven processes.
 */
export class Network {
  readonly runtimes = new Map<string, NodeRuntime>();
  private readonly spec: NetworkSpec;
  private readonly scheduler: Scheduler;
  private readonly models = new Map<string, NodeModel>();
  private readonly builders = new Map<string, BuildModel>();
  private readonly ingress = new Map<string, IngressPort>();
  private readonly egress = new Map<string, Transmitter>();
  private readonly farSinks = new Map<string, FrameSink>();
  private readonly faults = new Map<string, DirectionFaults>();
  /** By the name of the link. */
  private readonly captures = new Map<string, LinkCapture>();
  private readonly directions: {
    readonly name: string;
    readonly port: Transmitter;
    readonly digest: DirectionDigest;
  }[] = [];
  private readonly arrivalsByLink: (IngressPort | undefined)[] = [];
  private readonly egressByLink: (Transmitter | undefined)[] = [];

  constructor(spec: NetworkSpec, scheduler: Scheduler, surroundings: NetworkSurroundings) {
    this.spec = spec;
    this.scheduler = scheduler;
    const portInfos = new Map<string, PortInfo[]>();
    const egressPorts = new Map<string, Transmitter[]>();
    for (const node of surroundings.localNodes) {
      portInfos.set(node, []);
      egressPorts.set(node, []);
    }
    for (const link of spec.links) {
      for (const end of link.ends) {
        if (!surroundings.localNodes.has(end.node)) continue;
        const octetPs = octetPsOf(link.rateBitsPerSecond);
        const nodeIndex = spec.nodes.indexOf(end.node);
        this.ingress.set(end.name, new IngressPort(scheduler, nodeIndex, end.port, octetPs));
        portInfos.get(end.node)![end.port] = {
          name: end.name,
          linkName: link.name,
          rateBitsPerSecond: link.rateBitsPerSecond,
          octetPs,
        };
      }
    }
    spec.links.forEach((link, linkIndex) => {
      const [near, far] = link.ends;
      const capture = surroundings.localNodes.has(near.node) ? this.capture(link, surroundings) : undefined;
      const forward = this.direction(spec, linkIndex, near, far, surroundings, capture?.departing);
      const backward = this.direction(spec, linkIndex, far, near, surroundings, undefined);
      if (forward !== undefined) egressPorts.get(near.node)![near.port] = forward;
      if (backward !== undefined) egressPorts.get(far.node)![far.port] = backward;
      if (capture !== undefined) this.ingress.get(near.name)!.addTap(capture.arriving);
    });
    for (const node of surroundings.localNodes) {
      const index = spec.nodes.indexOf(node);
      assert(index >= 0, `node ${node} is not part of the run`);
      const ports = portInfos.get(node)!;
      const runtime = new NodeRuntime(
        { name: node, index, ports },
        scheduler,
        egressPorts.get(node)!,
        spec.seed,
        surroundings.observer,
        surroundings.externalCalls,
      );
      this.runtimes.set(node, runtime);
    }
    for (const fault of spec.faults.links) this.imposeOnLink(fault);
  }

  /** Gives a local node its model, made now and after each restart; every local node needs one before `start`. */
  attach(node: string, build: BuildModel): void {
    this.builders.set(node, build);
    this.place(node, build(this.runtimes.get(node)!));
    for (const fault of this.spec.faults.nodes) if (fault.node === node) this.imposeOnNode(fault);
  }

  /**
   * Adds faults to a run that goes on, or changes the schedules of those that it has. Every process is told of all of
   * them, and keeps what is its own.
   * @param faults none of which changes anything before now, nor at a port before `unboundFromPs` of it
   */
  impose(faults: FaultPlan): void {
    for (const fault of faults.links) this.imposeOnLink(fault);
    for (const fault of faults.nodes) if (this.runtimes.has(fault.node)) this.imposeOnNode(fault);
  }

  /**
   * First instant from which on nothing has been decided about the frames of each local port, ps, by name: all that has
   * left is at the far end of the link.
   */
  unboundFromPs(): Record<string, number> {
    const unboundPs: Record<string, number> = {};
    for (const [name, port] of this.egress) unboundPs[name] = port.idleFromPs + port.delayPs;
    return unboundPs;
  }

  /** Starts the models in node order. */
  start(): void {
    for (const node of this.runtimes.keys()) {
      const model = this.models.get(node);
      assert(model !== undefined, `node ${node} has no model`);
      model.start();
    }
    for (const stamped of this.spec.inputs ?? []) if (this.models.has(stamped.node)) this.input(stamped);
  }

  /** Gives a local node something from outside, at its instant: now or later. */
  input({ timePs, node, input }: StampedInput): void {
    const model = this.models.get(node);
    assert(model !== undefined, `node ${node} is not here to take an input`);
    this.scheduler.scheduleInput(this.spec.nodes.indexOf(node), timePs, () => model.onInput?.(input));
  }

  /** Nodes of this process whose output ports share no state, and whose frames no fault touches. */
  independentNodes(): IndependentNode[] {
    const { links, faults } = this.spec;
    return [...this.models].flatMap(([name, { independence }]) => {
      const ports = this.runtimes.get(name)!.ports;
      if (
        independence === undefined ||
        ports.some(({ linkName }) => faults.links.some(({ link }) => link === linkName))
      ) {
        return [];
      }
      const ingress = ports.map((port) => this.ingress.get(port.name)!);
      return [
        { independence, ingress, links: ports.map((port) => links.findIndex((link) => link.name === port.linkName)) },
      ];
    });
  }

  model(node: string): NodeModel {
    return this.models.get(node)!;
  }

  /** A frame came from another process. */
  arrive(linkIndex: number, firstBitPs: number, frame: Uint8Array): void {
    const port = this.arrivalsByLink[linkIndex];
    assert(port !== undefined, `a frame came for link ${linkIndex}, which does not end here`);
    port.push(firstBitPs, frame);
  }

  /** Earliest arrival at the far end that a link's transmitter allows, ps. */
  earliestArrivalPs(linkIndex: number): number {
    const port = this.egressByLink[linkIndex]!;
    return port.idleFromPs + port.delayPs;
  }

  /** Writes what captures hold before the horizon, if it is worth it or `force` says so. */
  writeCaptures(horizonPs: number, force: boolean): void {
    for (const capture of this.captures.values()) {
      if (force || capture.waiting >= 256) capture.writeUntil(horizonPs);
    }
  }

  /** How the nodes and ports of this process stand. */
  presentCounters(): PresentCounters {
    const nodes = [...this.models].map(([node, model]) => {
      return [node, model.presentCounters?.() ?? model.report().counters] as const;
    });
    const ports = this.directions.map(({ name, port }) => ({ direction: name, ...port.counters() }));
    return { nowPs: this.scheduler.nowPs(), nodes: Object.fromEntries(nodes), ports };
  }

  portReports(): PortReport[] {
    return this.directions.map(({ name, port, digest }) => ({
      direction: name,
      ...port.counters(),
      ...digest.summary(),
    }));
  }

  private capture(link: LinkSpec, surroundings: NetworkSurroundings): LinkCapture | undefined {
    const sink = surroundings.openCapture(link.name);
    if (sink === undefined) return undefined;
    const capture = new LinkCapture(sink);
    this.captures.set(link.name, capture);
    return capture;
  }

  private place(node: string, model: NodeModel): void {
    this.models.set(node, model);
    for (const port of this.runtimes.get(node)!.ports) this.ingress.get(port.name)!.attach(model);
  }

  private direction(
    spec: NetworkSpec,
    linkIndex: number,
    from: LinkEndSpec,
    to: LinkEndSpec,
    surroundings: NetworkSurroundings,
    captureTap: FrameTap | undefined,
  ): Transmitter | undefined {
    if (!surroundings.localNodes.has(from.node)) return undefined;
    const link = spec.links[linkIndex]!;
    const localArrival = this.ingress.get(to.name);
    const sink = localArrival ?? surroundings.remoteSink(linkIndex);
    if (localArrival === undefined) this.arrivalsByLink[linkIndex] = this.ingress.get(from.name)!;
    const digest = new DirectionDigest();
    const taps: FrameTap[] = captureTap === undefined ? [digest] : [digest, captureTap];
    const options = {
      name: from.name,
      octetPs: octetPsOf(link.rateBitsPerSecond),
      delayPs: link.delayPs,
      queueOctets: link.queueOctets,
    };
    const { queueing } = from;
    const port =
      queueing === undefined
        ? new EgressPort(options, sink, taps)
        : new PriorityEgressPort(options, queueing, {
            scheduler: this.scheduler,
            nodeIndex: spec.nodes.indexOf(from.node),
            sink,
            taps,
            record: (event) => this.runtimes.get(from.node)!.record(event),
          });
    if (port instanceof PriorityEgressPort) {
      this.ingress.get(from.name)!.attachControl((nowPs, frame) => port.receiveControl(nowPs, frame));
    }
    this.egressByLink[linkIndex] = port;
    this.egress.set(from.name, port);
    this.farSinks.set(from.name, sink);
    this.directions.push({ name: `${link.name}:${from.name}->${to.name}`, port, digest });
    return port;
  }

  private imposeOnLink(fault: LinkFault): void {
    const link = this.spec.links.find(({ name }) => name === fault.link)!;
    const [near, far] = link.ends;
    const [from, to] = fault.from === near.name ? [near, far] : [far, near];
    if (this.egress.has(from.name)) this.faultsOf(link, from).impose(fault);
    this.ingress.get(to.name)?.expectOvertaking();
    if (to === near) this.captures.get(link.name)?.expectOvertaking();
  }

  /** What happens to the frames of a local port; made with its first fault. */
  private faultsOf(link: LinkSpec, from: LinkEndSpec): DirectionFaults {
    const known = this.faults.get(from.name);
    if (known !== undefined) return known;
    const octetPs = octetPsOf(link.rateBitsPerSecond);
    const direction = {
      link: link.name,
      from: from.name,
      delayPs: link.delayPs,
      receptionPs: (frameOctets: number) => receptionPs(frameOctets, octetPs),
      occupancyPs: (frameOctets: number) => occupancyPs(frameOctets, octetPs),
    };
    const sink = this.farSinks.get(from.name)!;
    const surroundings = {
      random: (name: string) => randomStream(this.spec.seed, `${from.name}/${name}`),
      record: (applied: AppliedFault) => this.runtimes.get(from.node)!.record(applied),
      deliver: (departurePs: number, addedDelayPs: number, frame: Uint8Array) =>
        sink.push(departurePs + link.delayPs + addedDelayPs, frame),
    };
    const port = this.egress.get(from.name)!;
    const faults = new DirectionFaults(direction, surroundings, port.counters().framesSent);
    port.impose(faults);
    this.faults.set(from.name, faults);
    return faults;
  }

  private imposeOnNode(fault: NodeFault): void {
    const { node } = fault;
    const model = this.models.get(node)!;
    const faulty = model instanceof FaultyNode ? model : this.stoppable(node, model);
    faulty.impose(fault);
  }

  private stoppable(node: string, model: NodeModel): FaultyNode {
    const runtime = this.runtimes.get(node)!;
    const index = this.spec.nodes.indexOf(node);
    const faulty = new FaultyNode({ runtime, index, build: this.builders.get(node)!, model }, this.scheduler);
    this.place(node, faulty);
    return faulty;
  }
}
