import { InputError } from '../../base/errors.ts';
import { PS_PER_S } from '../../base/units.ts';
import { HostCpu } from '../../host/host-cpu.ts';
import { HostStack } from '../../host/host-stack.ts';
import { type FirmwareImage, sourceText } from '../../npu/image/firmware-image.ts';
import { PORT_HOST, PORT_RDMA, PORT_WIRE_0 } from '../../npu/nic/dispatcher.ts';
import { MacIngress } from '../../npu/nic/mac-ingress.ts';
import { Npu, type NpuFault } from '../../npu/nic/npu.ts';
import type { NicProfile } from '../../npu/profile.ts';
import { createTranslatingEngine } from '../../npu/translate/translating-engine.ts';
import { isGroupMac, readMac } from '../../packet/addresses.ts';
import { readUint32 } from '../../packet/big-endian.ts';
import { ETHERNET_DESTINATION } from '../../packet/ethernet.ts';
import { LAMBDA_REQUEST_ID, STATUS_BAD_REQUEST, STATUS_OK } from '../../packet/lambda.ts';
import { UDP_PAYLOAD_OFFSET } from '../../packet/udp-frame.ts';
import type { NodeContext, NodeModel, NodeReport } from '../../time/node.ts';
import type { WorkerHost } from '../../topology/types.ts';
import { Agenda } from './agenda.ts';
import { loadTimePs } from './firmware-store.ts';
import { isRoceFrame, lambdaIdOf, RequestCounters } from './frame-classes.ts';
import { workerInterfaces } from './host-interfaces.ts';
import type { Lane } from './lane.ts';
import { WorkerManagement } from './management.ts';
import { NicClock } from './nic-clock.ts';
import { RdmaBlock } from './rdma-block.ts';

/** Virtual functions of the card (`v0.0`, `v0.1`, ...): the host has one stack behind them all. */
const HOST_PORTS = 64;

interface NicCounters {
  framesIn: number;
  framesOut: number;
  framesToHost: number;
  framesFromHost: number;
  /** For another MAC: the switch flooded them. */
  framesNotForUs: number;
  framesToRdma: number;
  /** To a port that the card does not have or use. */
  framesToNowhere: number;
  egressDrops: number;
  firmwareLoads: number;
}

/**
 * A worker of the paper: a server with a SmartNIC. What happens inside is on an agenda of its own (`agenda.ts`): the
 * frames that come out of the MAC's pipeline, the host's timers, the RDMA block's, and the NPU between them.
 */
export class SmartNicWorker implements NodeModel {
  readonly receiveAt = 'last-bit';
  private readonly context: NodeContext;
  private readonly profile: NicProfile;
  private readonly clock: NicClock;
  private readonly agenda: Agenda;
  private readonly npu: Npu;
  private readonly rdma: RdmaBlock;
  private readonly stack: HostStack;
  private readonly management: WorkerManagement;
  private readonly requests = new RequestCounters();
  private readonly dataPort: number;
  private readonly macAddress: number;
  private readonly mac: MacIngress;
  private readonly pciePs: number;
  /** When each direction of PCIe has nothing more to transfer. */
  private pcieToHostFreePs = 0;
  private pcieToNicFreePs = 0;
  /** When the RDMA block can take the next frame. */
  private rdmaFreePs = 0;
  /** Arrival number of the event of each lease. */
  private readonly events = new Map<number, number>();
  private readonly counters: NicCounters = {
    framesIn: 0,
    framesOut: 0,
    framesToHost: 0,
    framesFromHost: 0,
    framesNotForUs: 0,
    framesToRdma: 0,
    framesToNowhere: 0,
    egressDrops: 0,
    firmwareLoads: 0,
  };

  constructor(context: NodeContext, host: WorkerHost) {
    this.context = context;
    this.profile = host.nic;
    const { mac: macPipeline, clock } = host.nic;
    this.pciePs = Math.max(1, host.profile.pciePs);
    this.clock = new NicClock(clock);
    this.mac = new MacIngress(macPipeline);
    const events = {
      onSend: (cycle: number, port: number, frame: Uint8Array) => this.onNpuSend(this.clock.timeOf(cycle), port, frame),
      onFault: (fault: NpuFault) => this.onFault(fault),
    };
    const { dispatch, cycleBudget } = host;
    this.npu = new Npu(host.nic, events, createTranslatingEngine(), { dispatch, cycleBudget, lambdaIdOf });
    this.agenda = new Agenda(
      context,
      {
        portToNicPs: macPipeline.ingressPs,
        nicToPortPs: macPipeline.egressPs,
        // The server's own interface on the management network is one PCIe crossing away, too.
        portToHostPs: this.pciePs,
        hostToPortPs: this.pciePs,
        nicToHostPs: this.pciePs,
        hostToNicPs: this.pciePs,
        // Whatever passes through the host passes through a socket of it, one way at least.
        hostReactionPs: Math.min(host.profile.receiveStackPs, host.profile.sendStackPs),
      },
      {
        nextEventPs: () => this.clock.timeOf(this.npu.nextEventCycle()),
        runUntil: (timePs) => this.npu.run(this.clock.cycleUntil(timePs)),
      },
    );

    const interfaces = workerInterfaces(host);
    this.dataPort = interfaces.data;
    const data = interfaces.all[interfaces.data]!;
    this.macAddress = data.mac;
    const onHost = innerContext(context, this.agenda.host);
    const onNic = innerContext(context, this.agenda.nic);
    const cpu = new HostCpu(onHost, host.profile.hardwareThreads);
    this.stack = new HostStack(
      { ...onHost, send: (port, frame) => this.onHostSend(port, frame) },
      {
        interfaces: interfaces.all,
        cpu,
        receiveStackPs: host.profile.receiveStackPs,
        sendStackPs: host.profile.sendStackPs,
      },
    );
    this.rdma = new RdmaBlock({
      profile: host.nic,
      environment: { ...onNic, transmit: (frame) => this.toWire(frame) },
      memory: {
        read: (address, octets) => this.npu.memory('emem').read(address, octets),
        write: (address, octets) => {
          this.npu.memory('emem').write(address, octets);
          this.npu.touchEmem(address, octets.length);
        },
      },
      mac: data.mac,
      address: data.address,
      traffic: host.rdma,
      octetPs: context.ports[interfaces.data]!.octetPs,
      random: context.random('rdma/first-psn'),
      raiseEvent: (frame) => onNic.at(onNic.nowPs() + this.profile.rdma.eventPs, () => this.deliverEvent(frame)),
      leaseDone: (leaseId, slot, status) => {
        this.events.delete(leaseId);
        this.atHost(() => this.management.leaseDone(leaseId, slot, status));
      },
    });
    this.management = new WorkerManagement({
      context: onHost,
      stack: this.stack,
      cpu,
      servicePs: host.profile.managementServicePs,
      interfaceIndex: interfaces.management,
      // The driver's work: over PCIe and, where there is an answer, back.
      nic: {
        loadFirmware: (image, then) => this.atNic(() => this.loadFirmware(image, then)),
        installLease: (install, then) =>
          this.atNic(() => {
            const answer = this.rdma.install(install);
            if (answer !== undefined) this.atHost(() => then(answer));
          }),
        freeLease: (leaseId, slot) =>
          this.atNic(() => {
            this.events.delete(leaseId);
            this.rdma.free(leaseId, slot);
          }),
      },
    });
  }

  start(): void {}

  onFrame(port: number, frame: Uint8Array): void {
    if (port !== this.dataPort) {
      this.agenda.arriveAtHost(() => this.stack.onFrame(port, frame));
      return;
    }
    this.counters.framesIn++;
    const dstMac = readMac(frame, ETHERNET_DESTINATION);
    if (dstMac !== this.macAddress && !isGroupMac(dstMac)) {
      this.counters.framesNotForUs++;
      return;
    }
    const takenPs = this.mac.admit(this.context.nowPs());
    if (takenPs !== undefined) this.agenda.arriveAtNic(takenPs, () => this.onIngress(frame));
  }

  report(): NodeReport {
    const { npu, rdma } = this;
    return {
      counters: {
        ...prefixed('nic', { ...this.counters, macDrops: this.mac.dropped }),
        ...prefixed('npu', { ...npu.counters }),
        ...prefixed('requests', this.requests.byLambda),
        ...prefixed('rdma', { ...rdma.counters, ...rdma.engine.counters }),
        ...prefixed('management', { ...this.management.counters }),
        ...prefixed('host', this.stack.report()),
      },
      details: { busyCycles: npu.busyCycles, clock: this.profile.clock, nic: this.profile.name },
    };
  }

  /** A frame came out of the MAC's pipeline. Without firmware the card is an ordinary NIC. */
  private onIngress(frame: Uint8Array): void {
    if (!this.npu.loaded) this.toHost(frame);
    else if (isRoceFrame(frame)) this.toRdma(frame);
    else {
      this.requests.count(frame);
      this.deliver(PORT_WIRE_0, frame);
    }
  }

  private toRdma(frame: Uint8Array): void {
    this.counters.framesToRdma++;
    const { receivePs, framePs } = this.profile.rdma;
    const startPs = Math.max(this.agenda.nic.nowPs(), this.rdmaFreePs);
    this.rdmaFreePs = startPs + framePs;
    this.agenda.nic.at(startPs + receivePs, () => this.rdma.engine.onFrame(frame));
  }

  private deliver(port: number, frame: Uint8Array): boolean {
    if (frame.length > this.profile.packet.maximumFrameOctets) {
      this.counters.framesToNowhere++;
      return false;
    }
    return this.npu.deliver(this.clock.cycleFrom(this.agenda.nic.nowPs()), port, frame);
  }

  private deliverEvent(frame: Uint8Array): void {
    if (!this.npu.loaded) return;
    const leaseId = readUint32(frame, UDP_PAYLOAD_OFFSET + LAMBDA_REQUEST_ID);
    this.requests.count(frame);
    const sequence = this.npu.nextSequence;
    if (this.deliver(PORT_RDMA, frame)) this.events.set(leaseId, sequence);
    else this.rdma.failRequest(leaseId);
  }

  private onNpuSend(timePs: number, port: number, frame: Uint8Array): void {
    this.agenda.nic.reach(timePs);
    if (port >= PORT_HOST && port < PORT_HOST + HOST_PORTS) {
      this.toHost(frame);
      this.npu.pause();
      return;
    }
    switch (port) {
      case PORT_WIRE_0:
        this.toWire(frame);
        return;
      case PORT_RDMA:
        this.agenda.nic.at(timePs + this.profile.rdma.writeBackPs, () => this.rdma.writeBack(frame));
        this.npu.pause();
        return;
      default:
        this.counters.framesToNowhere++;
    }
  }

  private onFault(fault: NpuFault): void {
    const timePs = this.clock.timeOf(fault.cycle);
    const { kind, owner, lambda, file, instruction, memory, address, island, core, context } = fault;
    this.context.record({
      kind: 'lambda-violation',
      timePs,
      violation: kind,
      // A budget is the request's, whoever's code uses it up; any other fault is the code's that commits it.
      lambda: kind === 'cycle-budget' ? lambda : owner,
      place: file === '' ? `instruction ${instruction}` : sourceText(fault),
      memory,
      address,
      context: `i${island}.me${core}.ctx${context}`,
    });
    if (fault.ingressPort !== PORT_RDMA) return;
    const entry = [...this.events].find(([, sequence]) => sequence === fault.sequence);
    if (entry === undefined) return;
    const [leaseId] = entry;
    // Not `reach`: a core runs its own instructions ahead, so that a fault may lie behind events that are still to come.
    this.agenda.nic.at(timePs + this.profile.rdma.writeBackPs, () => this.rdma.failRequest(leaseId));
    this.npu.pause();
  }

  private toWire(frame: Uint8Array): void {
    this.counters.framesOut++;
    const departPs = this.agenda.nic.nowPs() + this.profile.mac.egressPs;
    if (!this.context.send(this.dataPort, frame, departPs)) this.counters.egressDrops++;
  }

  private toHost(frame: Uint8Array): void {
    this.counters.framesToHost++;
    this.atHost(() => this.stack.onFrame(this.dataPort, frame), frame.length);
  }

  private onHostSend(port: number, frame: Uint8Array): boolean {
    if (port !== this.dataPort) return this.context.send(port, frame, this.agenda.host.nowPs() + this.pciePs);
    this.counters.framesFromHost++;
    this.atNic(() => this.toWire(frame), frame.length);
    return true;
  }

  /** From the NIC over PCIe, one transfer after the other. */
  private atHost(callback: () => void, octets = 0): void {
    this.pcieToHostFreePs = Math.max(this.agenda.nic.nowPs(), this.pcieToHostFreePs) + this.pcieTransferPs(octets);
    this.agenda.host.arriveAt(this.pcieToHostFreePs + this.pciePs, callback);
  }

  /** From the host over PCIe, likewise. */
  private atNic(callback: () => void, octets = 0): void {
    this.pcieToNicFreePs = Math.max(this.agenda.host.nowPs(), this.pcieToNicFreePs) + this.pcieTransferPs(octets);
    this.agenda.nic.arriveAt(this.pcieToNicFreePs + this.pciePs, callback);
  }

  private pcieTransferPs(octets: number): number {
    return Math.ceil((octets * 8 * PS_PER_S) / this.profile.pcie.bitsPerSecond);
  }

  /** Loading is not hitless (paper section 7): the card forgets everything, then it takes its time. */
  private loadFirmware(image: FirmwareImage, then: (status: number) => void): void {
    this.npu.unload();
    this.rdma.discardAll();
    this.events.clear();
    this.agenda.nic.at(this.agenda.nic.nowPs() + loadTimePs(image, this.profile), () => {
      const status = this.installFirmware(image);
      this.atHost(() => then(status));
    });
  }

  private installFirmware(image: FirmwareImage): number {
    const nowPs = this.agenda.nic.nowPs();
    try {
      this.npu.load(image, this.clock.cycleFrom(nowPs));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.context.record({ kind: 'firmware-refused', reason: error.message, timePs: nowPs });
      return STATUS_BAD_REQUEST;
    }
    this.requests.lambdas(image.lambdas);
    this.counters.firmwareLoads++;
    return STATUS_OK;
  }
}

type InnerContext = Pick<NodeContext, 'nowPs' | 'at' | 'cancel' | 'record'>;

/** A lane as the context of what lives in it; events of the record carry its time. */
function innerContext(context: NodeContext, lane: Lane): InnerContext {
  return {
    nowPs: () => lane.nowPs(),
    at: (timePs, callback) => lane.at(timePs, callback),
    cancel: (timer) => lane.cancel(timer),
    record: (event) => context.record({ ...event, timePs: lane.nowPs() }),
  };
}

function prefixed(prefix: string, counters: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counters).map(([name, value]) => [`${prefix}_${name}`, value]));
}
