import { HostCpu } from '../../host/host-cpu.ts';
import { HostStack } from '../../host/host-stack.ts';
import { routeEntries } from '../../host/route-table.ts';
import type { NodeContext, NodeModel, NodeReport } from '../../time/node.ts';
import type { WorkerHost } from '../../topology/types.ts';
import { Agenda } from './agenda.ts';
import { lambdaIdOf } from './frame-classes.ts';
import { workerInterfaces } from './host-interfaces.ts';
import { innerContext } from './lane.ts';
import { WorkerManagement } from './management.ts';
import { NicNextHops } from './nic-next-hops.ts';
import { prefixed, SmartNic } from './smart-nic.ts';

/**
 * A worker of the paper: a server with a SmartNIC, or several. What happens inside is on an agenda of its own
 * (`agenda.ts`): the frames that come out of a MAC's pipeline, the host's timers, the RDMA blocks', and the NPUs between
 * them.
 */
export class SmartNicWorker implements NodeModel {
  readonly receiveAt = 'last-bit';
  private readonly context: NodeContext;
  private readonly agenda: Agenda;
  private readonly stack: HostStack;
  private readonly nics: readonly SmartNic[];
  private readonly nicNames: readonly string[];
  private readonly management: WorkerManagement;
  /** By port of the node. */
  private readonly nicOfPort: ReadonlyMap<number, SmartNic>;
  private readonly pciePs: number;

  constructor(context: NodeContext, host: WorkerHost) {
    this.context = context;
    const { profile, nic: nicProfile, dispatch, cycleBudget } = host;
    this.pciePs = Math.max(1, profile.pciePs);
    this.agenda = new Agenda(context, {
      portToNicPs: nicProfile.mac.ingressPs,
      nicToPortPs: nicProfile.mac.egressPs,
      // The server's own interface on the management network is one PCIe crossing away, too.
      portToHostPs: this.pciePs,
      hostToPortPs: this.pciePs,
      nicToHostPs: this.pciePs,
      hostToNicPs: this.pciePs,
      // Whatever passes through the host passes through a socket of it, one way at least.
      hostReactionPs: Math.min(profile.receiveStackPs, profile.sendStackPs),
    });
    const onHost = innerContext(context, this.agenda.host);
    const interfaces = workerInterfaces(host);
    const routes = routeEntries(host.routes);
    const cpu = new HostCpu(onHost, profile.hardwareThreads);
    this.stack = new HostStack(
      { ...onHost, send: (port, frame) => this.onHostSend(port, frame) },
      {
        interfaces: interfaces.all,
        routes,
        cpu,
        receiveStackPs: profile.receiveStackPs,
        sendStackPs: profile.sendStackPs,
      },
    );
    this.nicNames = host.nics.map(({ name }) => name);
    const nicOfPort = new Map<number, SmartNic>();
    this.nics = host.nics.map(({ name, interfaceIndex: port }, index) => {
      const own = interfaces.all[port]!;
      const nic = new SmartNic(context, this.agenda, {
        profile: nicProfile,
        npu: { dispatch, cycleBudget, lambdaIdOf },
        port,
        mac: own.mac,
        address: own.address,
        traffic: host.rdma,
        pciePs: this.pciePs,
        nextHops: new NicNextHops(own, routeEntries(host.interfaceRoutes[port] ?? [])),
        random: context.random(index === 0 ? 'rdma/first-psn' : `rdma/first-psn/${name}`),
        resolve: (router, then) => this.stack.resolve(router, then),
        toStack: (frame) => this.stack.onFrame(port, frame),
        leaseDone: (leaseId, slot, status) => this.management.leaseDone(index, leaseId, slot, status),
      });
      nicOfPort.set(port, nic);
      return nic;
    });
    this.nicOfPort = nicOfPort;
    this.management = new WorkerManagement({
      context: onHost,
      stack: this.stack,
      cpu,
      servicePs: profile.managementServicePs,
      interfaceIndex: interfaces.management,
      nics: this.nics,
    });
  }

  start(): void {}

  onFrame(port: number, frame: Uint8Array): void {
    const nic = this.nicOfPort.get(port);
    if (nic === undefined) this.agenda.arriveAtHost(() => this.stack.onFrame(port, frame));
    else nic.onFrame(frame);
  }

  report(): NodeReport {
    const reports = this.nics.map((nic) => nic.report());
    const [only] = reports;
    const ofHost = {
      ...prefixed('management', { ...this.management.counters }),
      ...prefixed('host', this.stack.report()),
    };
    if (reports.length === 1) return { counters: { ...only!.counters, ...ofHost }, details: only!.details };
    const named = reports.map(({ counters }, index) => prefixed(this.nicNames[index]!, counters));
    const details = Object.fromEntries(reports.map((report, index) => [this.nicNames[index]!, report.details]));
    return { counters: Object.assign({}, ...named, ofHost) as Record<string, number>, details };
  }

  private onHostSend(port: number, frame: Uint8Array): boolean {
    const nic = this.nicOfPort.get(port);
    if (nic === undefined) return this.context.send(port, frame, this.agenda.host.nowPs() + this.pciePs);
    nic.sendFromHost(frame);
    return true;
  }
}
