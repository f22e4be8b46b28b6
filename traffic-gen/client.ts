import { assert } from '../base/assert.ts';
import { HostCpu } from '../host/host-cpu.ts';
import { HostStack } from '../host/host-stack.ts';
import { routeEntries } from '../host/route-table.ts';
import { parseIpv4Address, parseMac } from '../packet/addresses.ts';
import { MESSAGE_HEAD_OCTETS } from '../packet/lease.ts';
import { PORT_LAMBDA, PORT_ROCE } from '../packet/udp.ts';
import { RdmaEngine } from '../rdma/engine.ts';
import type { NodeContext, NodeModel, NodeReport, OutsideInput } from '../time/node.ts';
import { egressOf } from '../topology/forwarding-path.ts';
import { nicNames } from '../topology/nic-names.ts';
import type { ProgramWorkload } from '../topology/program-workload.ts';
import type { RunContent, RunInputs, RunLoad } from '../topology/run-inputs.ts';
import type { ClientHost, WorkerHost, WorkloadSpec } from '../topology/types.ts';
import { Courier, type DirectTarget } from './courier.ts';
import { type DatagramClient, DatagramPhase } from './datagram-phase.ts';
import { createImageWorkload } from './image-workload.ts';
import { createKeyValueWorkload } from './key-value-workload.ts';
import { LambdaCaller } from './lambda-caller.ts';
import { createLoadWorkload } from './load-workload.ts';
import { type InvokeInput, OutsideCalls } from './outside-calls.ts';
import { Phase } from './phase.ts';
import { createProgramWorkload } from './program-requests.ts';
import { RdmaCaller } from './rdma-caller.ts';
import { RequestLog } from './request-log.ts';
import { createWebWorkload } from './web-workload.ts';
import type { Workload } from './workload.ts';

/** A phase of messages of one size for null workers; not part of any topology file. */
export interface LoadSpec extends RunLoad {
  readonly name: 'load';
}

export interface ClientSpec {
  readonly host: ClientHost;
  /** Dotted quads. */
  readonly gatewayAddress: string;
  readonly workers: readonly { readonly name: string; readonly address: string }[];
  /** Longest message that every worker's NIC memory takes back by RDMA, octets, its head included. */
  readonly rdmaAnswerOctets: number;
  /** Lambdas that the topology deploys. */
  readonly lambdas: readonly string[];
  /** Phases, in this order. */
  readonly workloads: readonly (WorkloadSpec | LoadSpec)[];
  /** Phases of a user's program, in place of `workloads`. */
  readonly programWorkloads?: readonly ProgramWorkload[] | undefined;
  readonly content: RunContent;
  /** Ask the workers straight, in turn, with this lambda id: no gateway, no RDMA (benchmarks). */
  readonly directWorkloadId?: number;
}

/** What the client of a run is to know. */
export function clientSpecOf(inputs: RunInputs): ClientSpec {
  const { topology, content, load, program } = inputs;
  const host = topology.hosts.find((candidate) => candidate.role === 'client');
  const master = topology.hosts.find((candidate) => candidate.role === 'master');
  assert(host !== undefined && master !== undefined, 'a checked topology has a client and a master');
  const workers = topology.hosts.filter((candidate): candidate is WorkerHost => candidate.role === 'worker');
  return {
    host,
    rdmaAnswerOctets: Math.min(
      ...workers.map(({ nic }) => nic.memoryPlan.rdmaSlotOctets - nic.memoryPlan.rdmaOutputOffset),
    ),
    // The one that answers come from.
    gatewayAddress: master.interfaces[egressOf(master, host.interfaces[0]!.address)?.interfaceIndex ?? 0]!.address,
    workers: workers.flatMap((worker) => {
      const names = nicNames(worker);
      return worker.nics.map(({ interfaceIndex }, nic) => {
        return { name: names[nic]!, address: worker.interfaces[interfaceIndex]!.address };
      });
    }),
    lambdas: topology.lambdas.map((lambda) => lambda.name),
    workloads: load === undefined ? topology.workloads : [{ ...load, name: 'load' as const }],
    content,
    programWorkloads: program?.workloads,
    ...(load?.directWorkloadId === undefined ? {} : { directWorkloadId: load.directWorkloadId }),
  };
}

/**
 * The traffic generator: the model of the client's process. Runs its workloads as phases, one after the other, checks
 * every answer and keeps every latency.
 */
export function createClient(context: NodeContext, spec: ClientSpec): NodeModel {
  return new ClientModel(context, spec);
}

/** UDP port of the client, in the dynamic range of RFC 6335. */
const CLIENT_PORT = 50_000;

const MIXED_DATAGRAM_IDS = 1_000_000_000;

class ClientModel implements NodeModel {
  readonly receiveAt = 'last-bit';
  private readonly stack: HostStack;
  private readonly engine: RdmaEngine;
  private readonly caller: LambdaCaller;
  private readonly rdmaCaller: RdmaCaller;
  private readonly log = new RequestLog();
  private readonly phases: readonly (Phase | DatagramPhase)[];
  private readonly outside: OutsideCalls;
  private failure: string | undefined;

  constructor(context: NodeContext, spec: ClientSpec) {
    const { profile, interfaces } = spec.host;
    const hostInterfaces = interfaces.map(({ mac, address, prefixLength }) => {
      return { mac: macOf(mac), address: addressOf(address), prefixLength };
    });
    this.stack = new HostStack(context, {
      interfaces: hostInterfaces,
      routes: routeEntries(spec.host.routes),
      interfaceRoutes: spec.host.interfaceRoutes.map(routeEntries),
      cpu: new HostCpu(context, profile.hardwareThreads),
      receiveStackPs: profile.receiveStackPs,
      sendStackPs: profile.sendStackPs,
    });
    const gatewayAddress = addressOf(spec.gatewayAddress);
    const { stack } = this;
    const clock = {
      nowPs: () => context.nowPs(),
      at: (timePs: number, callback: () => void) => context.at(timePs, callback),
      cancel: (timer: number) => context.cancel(timer),
    };
    this.caller = new LambdaCaller({
      ...clock,
      send: (frame, payloadOctets, dstAddress) => {
        stack.sendInPlace(frame, payloadOctets, CLIENT_PORT, dstAddress, PORT_LAMBDA);
      },
    });
    const rdmaInterface = egressOf(spec.host, spec.gatewayAddress)?.interfaceIndex ?? 0;
    const { mac, address } = hostInterfaces[rdmaInterface]!;
    const options = { ...spec.host.rdma, pacingOctetPs: context.ports[rdmaInterface]!.octetPs };
    this.engine = new RdmaEngine(
      { ...clock, transmit: (frame) => stack.sendOffloaded(rdmaInterface, frame) },
      { mac, address, options },
    );
    this.rdmaCaller = new RdmaCaller(clock, this.engine, this.caller, gatewayAddress, context.random('psn'));
    stack.bind(CLIENT_PORT, (datagram) => this.caller.onDatagram(datagram));
    stack.bindOffloaded(PORT_ROCE, (datagram) => this.engine.onUdpFrame(datagram));

    const workers = spec.workers.map((worker) => ({ name: worker.name, address: addressOf(worker.address) }));
    const { directWorkloadId } = spec;
    const direct: DirectTarget[] =
      directWorkloadId === undefined ? [] : workers.map((worker) => ({ ...worker, wId: directWorkloadId }));
    const names = new Map(workers.map((worker) => [worker.address, worker.name]));
    const courier = new Courier(this.caller, this.rdmaCaller, gatewayAddress, direct, names);
    this.outside = new OutsideCalls(context, courier, this.log, spec.rdmaAnswerOctets - MESSAGE_HEAD_OCTETS);
    const fail = (failure: string): void => {
      this.failure ??= failure;
    };
    // Ids of their own where requests of both kinds are in one table.
    let datagrams = spec.programWorkloads?.some(({ target }) => target.kind === 'lambda') ? MIXED_DATAGRAM_IDS : 0;
    const datagramClient: DatagramClient = {
      context,
      stack,
      gatewayAddress,
      log: this.log,
      nextRequestId: () => ++datagrams,
      fail,
    };
    const programPhase = (workload: ProgramWorkload): Phase | DatagramPhase => {
      const { target } = workload;
      if (target.kind === 'port') return new DatagramPhase(datagramClient, workload, target.port);
      const requests = createProgramWorkload(workload, target.lambda, context.random(workload.name));
      return new Phase(context, courier, requests, workload, this.log, fail);
    };
    this.phases =
      spec.programWorkloads?.map(programPhase) ??
      spec.workloads.map((workload) => {
        return new Phase(context, courier, workloadOf(workload, spec, context), workload, this.log, fail);
      });
  }

  start(): void {
    // So that the switch knows where the client is before the first answer to it.
    this.stack.announce();
    this.runPhase(0);
  }

  onFrame(port: number, frame: Uint8Array): void {
    this.stack.onFrame(port, frame);
  }

  onInput(input: OutsideInput): void {
    if (input.kind === 'invoke') this.outside.invoke(input as InvokeInput);
  }

  presentCounters(): NodeReport['counters'] {
    const rdma = Object.entries(this.engine.counters).map(([name, value]) => [`rdma.${name}`, value]);
    return {
      ...this.stack.report(),
      ...this.caller.counters,
      ...this.rdmaCaller.counters,
      ...Object.fromEntries(rdma),
      ...this.datagramCounters(),
    };
  }

  report(): NodeReport {
    return {
      counters: this.presentCounters(),
      rows: this.log.rows(),
      details: {
        workloads: [
          ...this.phases.map((phase) => this.log.summary(phase.name, phase.requests)),
          ...this.outside.summaries(),
        ],
        phaseStartsPs: {
          ...Object.fromEntries(
            this.phases.flatMap((phase) => (phase.startedPs === undefined ? [] : [[phase.name, phase.startedPs]])),
          ),
          ...this.outside.startsPs,
        },
      },
      ...(this.failure !== undefined && { failure: this.failure }),
    };
  }

  /** Of all phases of plain datagrams together; nothing where there is none. */
  private datagramCounters(): Record<string, number> {
    const counters: Record<string, number> = {};
    for (const phase of this.phases) {
      if (!(phase instanceof DatagramPhase)) continue;
      for (const [name, value] of Object.entries(phase.counters)) {
        counters[`datagrams.${name}`] = (counters[`datagrams.${name}`] ?? 0) + value;
      }
    }
    return counters;
  }

  private runPhase(index: number): void {
    this.phases[index]?.run(() => this.runPhase(index + 1));
  }
}

function workloadOf(workload: WorkloadSpec | LoadSpec, spec: ClientSpec, context: NodeContext): Workload {
  // One stream a workload, so that changing one does not shift the others.
  const random = context.random(workload.name);
  switch (workload.name) {
    case 'web':
      return createWebWorkload(lambdasLike('web-server', spec), spec.content.pages, random);
    case 'key-value':
      return createKeyValueWorkload(lambdasLike('key-value-client', spec), workload.concurrency, random);
    case 'image': {
      const { plainLimitOctets, fragmentLimitOctets, imageWidth, imageHeight } = workload;
      assert(imageWidth !== undefined && imageHeight !== undefined, 'an image workload has a size');
      const size = { width: imageWidth, height: imageHeight };
      const { image } = spec.content;
      const names = { transformer: 'image-transformer', mean: 'image-mean' };
      return createImageWorkload(
        { ...names, plainLimitOctets, fragmentLimitOctets, ...size, ...(image && { image }) },
        random,
      );
    }
    case 'load':
      return createLoadWorkload(lambdasLike('web-server', spec), workload, random);
  }
}

/** A lambda and its numbered sisters (`web-server-2`, ...), which the contention test asks in turn. */
function lambdasLike(name: string, spec: ClientSpec): string[] {
  const found = spec.lambdas.filter((lambda) => lambda === name || new RegExp(`^${name}-\\d+$`).test(lambda));
  assert(found.length > 0, `no lambda ${name} is deployed`);
  return found;
}

function macOf(text: string): number {
  const mac = parseMac(text);
  assert(mac !== undefined, `${text} is no MAC address`);
  return mac;
}

function addressOf(text: string): number {
  const address = parseIpv4Address(text);
  assert(address !== undefined, `${text} is no IPv4 address`);
  return address;
}
