import { assert } from '../base/assert.ts';
import type { NodeModel, PortInfo } from '../time/node.ts';
import type { Scheduler } from '../time/scheduler.ts';
import { DirectionDigest, type DirectionSummary } from './direction-digest.ts';
import { type EgressCounters, EgressPort } from './egress-port.ts';
import { octetPsOf } from './ethernet-timing.ts';
import type { FrameSink, FrameTap } from './frame-sink.ts';
import { IngressPort } from './ingress-port.ts';
import { type CaptureSink, LinkCapture } from './link-capture.ts';
import { type NodeObserver, NodeRuntime } from './node-runtime.ts';

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
}

export interface NetworkSpec {
  /** Every node of the run, here or elsewhere; the index is the node's place in the order of ties. */
  readonly nodes: readonly string[];
  readonly links: readonly LinkSpec[];
  readonly seed: number;
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
  private readonly models = new Map<string, NodeModel>();
  private readonly ingress = new Map<string, IngressPort>();
  private readonly captures: LinkCapture[] = [];
  private readonly directions: {
    readonly name: string;
    readonly port: EgressPort;
    readonly digest: DirectionDigest;
  }[] = [];
  private readonly arrivalsByLink: (IngressPort | undefined)[] = [];
  private readonly egressByLink: (EgressPort | undefined)[] = [];

  constructor(spec: NetworkSpec, scheduler: Scheduler, surroundings: NetworkSurroundings) {
    const portInfos = new Map<string, PortInfo[]>();
    const egressPorts = new Map<string, EgressPort[]>();
    for (const node of surroundings.localNodes) {
      portInfos.set(node, []);
      egressPorts.set(node, []);
    }
    for (const link of spec.links) {
      for (const end of link.ends) {
        if (!surroundings.localNodes.has(end.node)) continue;
        const octetPs = octetPsOf(link.rateBitsPerSecond);
        this.ingress.set(end.name, new IngressPort(scheduler, spec.nodes.indexOf(end.node), end.port, octetPs));
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
      const forward = this.direction(link, linkIndex, near, far, surroundings, capture?.departing);
      const backward = this.direction(link, linkIndex, far, near, surroundings, undefined);
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

  /** Gives a local node its model; every local node needs one before `start`. */
  attach(node: string, model: NodeModel): void {
    this.models.set(node, model);
    for (const port of this.runtimes.get(node)!.ports) this.ingress.get(port.name)!.attach(model);
  }

  /** Starts the models in node order. */
  start(): void {
    for (const node of this.runtimes.keys()) {
      const model = this.models.get(node);
      assert(model !== undefined, `node ${node} has no model`);
      model.start();
    }
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

  private capture(link: LinkSpec, surroundings: NetworkSurroundings): LinkCapture | undefined {
    const sink = surroundings.openCapture(link.name);
    if (sink === undefined) return undefined;
    const capture = new LinkCapture(sink);
    this.captures.push(capture);
    return capture;
  }

  private direction(
    link: LinkSpec,
    linkIndex: number,
    from: LinkEndSpec,
    to: LinkEndSpec,
    surroundings: NetworkSurroundings,
    captureTap: FrameTap | undefined,
  ): EgressPort | undefined {
    if (!surroundings.localNodes.has(from.node)) return undefined;
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
    const port = new EgressPort(options, sink, taps);
    this.egressByLink[linkIndex] = port;
    this.directions.push({ name: `${link.name}:${from.name}->${to.name}`, port, digest });
    return port;
  }
}
