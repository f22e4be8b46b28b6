import { assert } from '../base/assert.ts';
import { randomStream } from '../base/random.ts';
import { DirectionFaults } from '../faults/direction-faults.ts';
import type { FaultPlan, LinkFault, NodeFault } from '../faults/fault.ts';
import type { NodeModel, OutsideInput, PortInfo } from '../time/node.ts';
import type { Scheduler } from '../time/scheduler.ts';
import { DirectionDigest, type DirectionSummary } from './direction-digest.ts';
import { EgressPort } from './egress-port.ts';
import { occupancyPs, octetPsOf, receptionPs } from './ethernet-timing.ts';
import { type BuildModel, FaultyNode } from './faulty-node.ts';
import type { FrameSink, FrameTap } from './frame-sink.ts';
import { IngressPort } from './ingress-port.ts';
import { type CaptureSink, LinkCapture } from './link-capture.ts';
import { type NodeObserver, NodeRuntime } from './node-runtime.ts';
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
}

/** What happened at one egress port; part of the run's results. */
export interface PortReport extends EgressCounters, DirectionSummary {
  /** `link:from->to`, the name under which the direction enters the digest. */
  readonly direction: string;
}

/**
 * The part of the emulated network that lives in this process: nodes, their ports, and the cables between them. The
 * same code builds a whole testbed in one process and the single node of one of seven processes.
 */
export class Network {
  readonly runtimes = new Map<string, NodeRuntime>();
  private readonly spec: NetworkSpec;
  private readonly scheduler: Scheduler;
  private readonly nodeFaults: readonly NodeFault[];
  private readonly models = new Map<string, NodeModel>();
  private readonly ingress = new Map<string, IngressPort>();
  private readonly captures: LinkCapture[] = [];
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
    this.nodeFaults = spec.faults.nodes;
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
        const arriving = faultsBehind(spec.faults, link, end === link.ends[0] ? link.ends[1] : link.ends[0]);
        const nodeIndex = spec.nodes.indexOf(end.node);
        this.ingress.set(end.name, new IngressPort(scheduler, nodeIndex, end.port, octetPs, arriving.length > 0));
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
      const capture = surroundings.localNodes.has(near.node) ? this.capture(spec, link, surroundings) : undefined;
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
      );
      this.runtimes.set(node, runtime);
    }
  }

  /** Gives a local node its model, made now and after each restart; every local node needs one before `start`. */
  attach(node: string, build: BuildModel): void {
    const context = this.runtimes.get(node)!;
    const faults = this.nodeFaults.filter((fault) => fault.node === node);
    const model = faults.length === 0 ? build(context) : new FaultyNode(context, build, faults);
    this.models.set(node, model);
    for (const port of context.ports) this.ingress.get(port.name)!.attach(model);
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
    for (const capture of this.captures) {
      if (force || capture.waiting >= 256) capture.writeUntil(horizonPs);
    }
  }

  portReports(): PortReport[] {
    return this.directions.map(({ name, port, digest }) => ({
      direction: name,
      ...port.counters(),
      ...digest.summary(),
    }));
  }

  private capture(spec: NetworkSpec, link: LinkSpec, surroundings: NetworkSurroundings): LinkCapture | undefined {
    const sink = surroundings.openCapture(link.name);
    if (sink === undefined) return undefined;
    const capture = new LinkCapture(sink, faultsBehind(spec.faults, link, link.ends[1]).length > 0);
    this.captures.push(capture);
    return capture;
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
    const farSink = localArrival ?? surroundings.remoteSink(linkIndex);
    if (localArrival === undefined) this.arrivalsByLink[linkIndex] = this.ingress.get(from.name)!;
    const digest = new DirectionDigest();
    const taps: FrameTap[] = captureTap === undefined ? [digest] : [digest, captureTap];
    const options = {
      name: from.name,
      octetPs: octetPsOf(link.rateBitsPerSecond),
      delayPs: link.delayPs,
      queueOctets: link.queueOctets,
    };
    const faults = this.faultsOf(spec, link, from, farSink);
    const sink = faults === undefined ? farSink : passThrough(faults, link.delayPs);
    const { queueing } = from;
    const port =
      queueing === undefined
        ? new EgressPort(options, sink, taps, faults)
        : new PriorityEgressPort(options, queueing, {
            scheduler: this.scheduler,
            nodeIndex: spec.nodes.indexOf(from.node),
            sink,
            taps,
            conditions: faults,
            record: (event) => this.runtimes.get(from.node)!.record(event),
          });
    if (port instanceof PriorityEgressPort) {
      this.ingress.get(from.name)!.attachControl((nowPs, frame) => port.receiveControl(nowPs, frame));
    }
    this.egressByLink[linkIndex] = port;
    this.directions.push({ name: `${link.name}:${from.name}->${to.name}`, port, digest });
    return port;
  }

  /** What is to happen to frames that a port sends; undefined where nothing is. */
  private faultsOf(spec: NetworkSpec, link: LinkSpec, from: LinkEndSpec, sink: FrameSink): DirectionFaults | undefined {
    const faults = faultsBehind(spec.faults, link, from);
    if (faults.length === 0) return undefined;
    const octetPs = octetPsOf(link.rateBitsPerSecond);
    const direction = {
      link: link.name,
      from: from.name,
      delayPs: link.delayPs,
      receptionPs: (frameOctets: number) => receptionPs(frameOctets, octetPs),
      occupancyPs: (frameOctets: number) => occupancyPs(frameOctets, octetPs),
    };
    return new DirectionFaults(faults, direction, {
      random: (name) => randomStream(spec.seed, `${from.name}/${name}`),
      record: (applied) => this.runtimes.get(from.node)!.record(applied),
      deliver: (departurePs, addedDelayPs, frame) => sink.push(departurePs + link.delayPs + addedDelayPs, frame),
    });
  }
}

/** The faults of the direction that begins at a link's end. */
function faultsBehind(plan: FaultPlan, link: LinkSpec, from: LinkEndSpec): readonly LinkFault[] {
  return plan.links.filter((fault) => fault.link === link.name && fault.from === from.name);
}

function passThrough(faults: DirectionFaults, delayPs: number): FrameSink {
  return { push: (firstBitPs, frame) => faults.pass(firstBitPs - delayPs, frame) };
}
