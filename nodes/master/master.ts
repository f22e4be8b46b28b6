import { assert } from '../../base/assert.ts';
import { HostCpu } from '../../host/host-cpu.ts';
import { HostStack } from '../../host/host-stack.ts';
import { routeEntries } from '../../host/route-table.ts';
import { parseIpv4Address, parseMac } from '../../packet/addresses.ts';
import { PORT_LAMBDA, PORT_MANAGEMENT, PORT_MEMCACHED, PORT_READINESS } from '../../packet/udp.ts';
import type { NodeContext, NodeModel, NodeReport, OutsideInput, OutsideOutput } from '../../time/node.ts';
import { nicNames } from '../../topology/nic-names.ts';
import { programPorts, type RunFirmware, type RunProgram } from '../../topology/run-inputs.ts';
import type { MasterHost, NetworkInterface, Topology, WorkerHost } from '../../topology/types.ts';
import { DatagramRelay } from './gateway/datagram-relay.ts';
import { FunctionTable } from './gateway/function-table.ts';
import { Gateway } from './gateway/gateway.ts';
import { type PoolWorker, WorkerPool } from './gateway/worker-pool.ts';
import { EmbeddedBackend } from './memcached/backend.ts';
import { MemcachedServer } from './memcached/memcached-server.ts';
import { RealBackend } from './memcached/real-backend.ts';
import { NetworkLeaseManagement } from './workload-manager/lease-management.ts';
import { ManagementPort } from './workload-manager/management-port.ts';
import { WorkloadManager } from './workload-manager/workload-manager.ts';

/** What M1 is built from. */
export interface MasterSpec {
  readonly host: MasterHost;
  readonly topology: Pick<Topology, 'hosts' | 'lambdas'>;
  readonly firmware: RunFirmware;
  /** A user's program, whose requests may have a layout of their own. */
  readonly program?: RunProgram | undefined;
  /** Tell the outside when functions can be called, and which worker served each request. */
  readonly isServing?: boolean | undefined;
  /** `real`: a server outside the emulation; absent: the one of this project. */
  readonly memcached?: 'real' | undefined;
}

/** The gateway had a request of a client's answered by a worker. */
export interface ServedOutput extends OutsideOutput {
  readonly kind: 'served';
  /** The client's, by which it knows its request; `id` is the same. */
  readonly requestId: number;
  readonly worker: string;
}

/** The model of M1 (paper section 6.1.2): gateway, workload manager and memcached on one host. */
export function createMaster(context: NodeContext, spec: MasterSpec): NodeModel {
  return new Master(context, spec);
}

class Master implements NodeModel {
  readonly receiveAt = 'last-bit';
  private readonly stack: HostStack;
  private readonly gateway: Gateway;
  /** Only where a program takes requests that are not the gateway's. */
  private readonly relay: DatagramRelay | undefined;
  private readonly manager: WorkloadManager;
  private readonly management: ManagementPort;
  private readonly memcached: MemcachedServer;

  constructor(context: NodeContext, spec: MasterSpec) {
    const { profile, interfaces } = spec.host;
    const isData = (interfaceIndex: number): boolean => interfaces[interfaceIndex]!.network === 'data';
    const cpu = new HostCpu(context, profile.hardwareThreads);
    this.stack = new HostStack(context, {
      interfaces: interfaces.map((entry) => ({
        mac: macOf(entry),
        address: addressOf(entry),
        prefixLength: entry.prefixLength,
      })),
      routes: routeEntries(spec.host.routes),
      interfaceRoutes: spec.host.interfaceRoutes.map(routeEntries),
      cpu,
      receiveStackPs: profile.receiveStackPs,
      sendStackPs: profile.sendStackPs,
    });

    const workers = spec.topology.hosts.filter((host): host is WorkerHost => host.role === 'worker');
    const pool = new WorkerPool(workers.flatMap(poolWorkers));
    const nicsOf = (worker: string): number[] =>
      workers
        .flatMap(({ name, nics }) => nics.map(() => name))
        .flatMap((name, index) => (name === worker ? [index] : []));
    const functions = new FunctionTable(
      spec.topology.lambdas.map((lambda) => ({
        name: lambda.name,
        id: idOf(spec.firmware, lambda.name),
        workers: lambda.workers.flatMap(nicsOf),
      })),
    );

    const managementIndex = interfaceOf(interfaces, 'management');
    this.management = new ManagementPort(cpu, this.stack, profile.managementServicePs, pool, managementIndex);
    this.manager = new WorkloadManager(context, this.management, pool, functions, spec.firmware, (address) =>
      this.stack.resolve(address, () => {}),
    );
    const leaseManagement = new NetworkLeaseManagement(context, this.management);
    this.gateway = new Gateway(context, cpu, this.stack, functions, pool, leaseManagement, {
      spec: spec.host.gateway,
      servicePs: profile.gatewayServicePs,
    });
    this.gateway.onTimeout = (worker) => this.manager.suspect(worker);
    if (spec.isServing === true) {
      this.manager.onPublished = () => context.tell({ id: 0, kind: 'published' });
      this.gateway.onServed = (_, requestId, worker) => {
        const served: ServedOutput = { id: requestId, kind: 'served', requestId, worker };
        context.tell(served);
      };
    }
    this.management.onWorkerMessage = (worker, message) => {
      if (message.type === 'lease-done') this.gateway.leases.onDone(worker, message);
    };
    const { memcachedServicePs } = profile;
    const backend =
      spec.memcached === 'real'
        ? new RealBackend(context, cpu, memcachedServicePs)
        : new EmbeddedBackend(cpu, memcachedServicePs, { nowPs: () => context.nowPs() });
    this.memcached = new MemcachedServer(context, this.stack, backend);

    const relayedPorts = programPorts(spec.program);
    if (relayedPorts.length > 0) {
      const { gatewayServicePs } = profile;
      this.relay = new DatagramRelay(context, cpu, this.stack, functions, pool, gatewayServicePs);
    }
    const { relay } = this;
    for (const port of relayedPorts) {
      this.stack.bind(port, (datagram, interfaceIndex) => {
        if (isData(interfaceIndex)) relay?.onRequest(datagram);
      });
    }
    if (!relayedPorts.includes(PORT_LAMBDA)) {
      this.stack.bind(PORT_LAMBDA, (datagram, interfaceIndex) => {
        if (isData(interfaceIndex)) this.gateway.onDatagram(datagram);
      });
    }
    if (spec.program !== undefined) {
      this.stack.bind(PORT_READINESS, ({ srcAddress, srcPort }) => {
        this.stack.send(PORT_READINESS, srcAddress, srcPort, Uint8Array.of(functions.published ? 1 : 0));
      });
    }
    this.stack.bind(PORT_MANAGEMENT, (datagram, interfaceIndex) =>
      this.management.onDatagram(datagram, interfaceIndex),
    );
    this.stack.bind(PORT_MEMCACHED, (datagram, index) => this.memcached.onDatagram(datagram, index));
  }

  start(): void {
    this.manager.start();
  }

  onFrame(port: number, frame: Uint8Array): void {
    this.stack.onFrame(port, frame);
  }

  onInput(input: OutsideInput): void {
    const isTaken = this.memcached.onInput(input);
    assert(isTaken, `M1 takes no input of kind ${input.kind}`);
  }

  presentCounters(): NodeReport['counters'] {
    return {
      ...prefixed('host', this.stack.report()),
      ...prefixed('gateway', { ...this.gateway.counters, outstanding: this.gateway.outstanding }),
      ...(this.relay === undefined ? {} : prefixed('relay', { ...this.relay.counters })),
      ...prefixed('lease', { ...this.gateway.leases.counters, held: this.gateway.leases.held }),
      ...prefixed('management', { ...this.management.counters }),
      ...prefixed('memcached', this.memcached.counters()),
    };
  }

  report(): NodeReport {
    const failure = this.manager.failure();
    return {
      counters: this.presentCounters(),
      rows: [...this.gateway.rows(), ...(this.relay?.rows() ?? [])],
      details: {
        publishedPs: this.manager.publishedPs ?? null,
        deployments: this.manager.deployments.map((deployment) => ({ ...deployment })),
      },
      ...(failure === undefined ? {} : { failure }),
    };
  }
}

function poolWorkers(host: WorkerHost): PoolWorker[] {
  const management = host.interfaces[interfaceOf(host.interfaces, 'management')] as NetworkInterface;
  const { rdmaSlots, rdmaSlotOctets, rdmaOutputOffset } = host.nic.memoryPlan;
  return host.nics.map(({ interfaceIndex }, nic) => {
    const data = host.interfaces[interfaceIndex] as NetworkInterface;
    return {
      name: nicNames(host)[nic]!,
      nic,
      address: addressOf(data),
      mac: macOf(data),
      managementAddress: addressOf(management),
      slots: rdmaSlots,
      slotInputOctets: rdmaOutputOffset,
      slotOutputOctets: rdmaSlotOctets - rdmaOutputOffset,
    };
  });
}

function interfaceOf(interfaces: readonly NetworkInterface[], network: NetworkInterface['network']): number {
  const index = interfaces.findIndex((entry) => entry.network === network);
  assert(index >= 0, `a host has no ${network} interface`);
  return index;
}

function addressOf(entry: NetworkInterface): number {
  const address = parseIpv4Address(entry.address);
  assert(address !== undefined, `${entry.address} is no IPv4 address`);
  return address;
}

function macOf(entry: NetworkInterface): number {
  const mac = parseMac(entry.mac);
  assert(mac !== undefined, `${entry.mac} is no MAC address`);
  return mac;
}

function idOf(firmware: RunFirmware, lambda: string): number {
  const id = firmware.lambdaIds[lambda];
  assert(id !== undefined && id > 0, `the firmware has no id for ${lambda}`);
  return id;
}

function prefixed(prefix: string, counters: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counters).map(([name, value]) => [`${prefix}_${name}`, value]));
}
