import { InputError } from '../../base/errors.ts';
import type { RandomStream } from '../../base/random.ts';
import { PS_PER_S } from '../../base/units.ts';
import type { ResolvedHandler } from '../../host/arp-resolver.ts';
import { type FirmwareImage, sourceText } from '../../npu/image/firmware-image.ts';
import type { NicOptions } from '../../npu/nic/dispatch-policy.ts';
import { PORT_HOST, PORT_RDMA, PORT_WIRE_0 } from '../../npu/nic/dispatcher.ts';
import { MacIngress } from '../../npu/nic/mac-ingress.ts';
import { Npu, type NpuFault } from '../../npu/nic/npu.ts';
import type { NicProfile } from '../../npu/profile.ts';
import { createTranslatingEngine } from '../../npu/translate/translating-engine.ts';
import { isGroupMac, readMac } from '../../packet/addresses.ts';
import { readUint32 } from '../../packet/big-endian.ts';
import { ETHERNET_DESTINATION } from '../../packet/ethernet.ts';
import { LAMBDA_REQUEST_ID, STATUS_BAD_REQUEST, STATUS_OK } from '../../packet/lambda.ts';
import type { LeaseInstall, LeaseInstalled } from '../../packet/management.ts';
import { UDP_PAYLOAD_OFFSET } from '../../packet/udp-frame.ts';
import type { NodeContext } from '../../time/node.ts';
import type { WorkerHost } from '../../topology/types.ts';
import type { Agenda, Machine } from './agenda.ts';
import { loadTimePs } from './firmware-store.ts';
import { isRoceFrame, RequestCounters } from './frame-classes.ts';
import { innerContext, type Lane } from './lane.ts';
import type { ManagedNic } from './management.ts';
import { NicClock } from './nic-clock.ts';
import type { NicNextHops } from './nic-next-hops.ts';
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

/** What a NIC is built from. */
export interface SmartNicOptions {
  readonly profile: NicProfile;
  readonly npu: NicOptions;
  /** Port of the node, and the addresses that the NIC has there. */
  readonly port: number;
  readonly mac: number;
  readonly address: number;
  /** How RoCEv2 is sent. */
  readonly traffic: WorkerHost['rdma'];
  /** PCIe crossing, one way, ps; above zero. */
  readonly pciePs: number;
  readonly nextHops: NicNextHops;
  /** For first packet sequence numbers. */
  readonly random: RandomStream;
  /** Finds a router's MAC, as the host's stack does. */
  readonly resolve: (address: number, then: ResolvedHandler) => void;
  /** A frame for the host's stack. */
  readonly toStack: (frame: Uint8Array) => void;
  /** Tells the host's management agent that a lease is over. */
  readonly leaseDone: (leaseId: number, slot: number, status: number) => void;
}

/**
 * A SmartNIC: MAC, NPU and RDMA block on one port, and PCIe to its host. It lives in a lane of the worker's agenda; what
 * it does to the host, and the host to it, crosses PCIe.
 */
export class SmartNic implements Machine, ManagedNic {
  private readonly context: NodeContext;
  private readonly agenda: Agenda;
  private readonly lane: Lane;
  private readonly options: SmartNicOptions;
  private readonly clock: NicClock;
  private readonly npu: Npu;
  private readonly rdma: RdmaBlock;
  private readonly mac: MacIngress;
  private readonly requests = new RequestCounters();
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

  constructor(context: NodeContext, agenda: Agenda, options: SmartNicOptions) {
    const { profile, port, mac, address, random } = options;
    this.context = context;
    this.agenda = agenda;
    this.options = options;
    this.clock = new NicClock(profile.clock);
    this.mac = new MacIngress(profile.mac);
    const events = {
      onSend: (cycle: number, to: number, frame: Uint8Array) => this.onNpuSend(this.clock.timeOf(cycle), to, frame),
      onFault: (fault: NpuFault) => this.onFault(fault),
    };
    this.npu = new Npu(profile, events, createTranslatingEngine(), options.npu);
    this.lane = agenda.addNic(this);
    const onNic = innerContext(context, this.lane);
    this.rdma = new RdmaBlock({
      profile,
      environment: { ...onNic, transmit: (frame) => this.toWire(frame) },
      memory: {
        read: (at, octets) => this.npu.memory('emem').read(at, octets),
        write: (at, octets) => {
          this.npu.memory('emem').write(at, octets);
          this.npu.touchEmem(at, octets.length);
        },
      },
      mac,
      address,
      traffic: options.traffic,
      octetPs: context.ports[port]!.octetPs,
      random,
      raiseEvent: (frame) => onNic.at(onNic.nowPs() + profile.rdma.eventPs, () => this.deliverEvent(frame)),
      leaseDone: (leaseId, slot, status) => {
        this.events.delete(leaseId);
        this.atHost(() => options.leaseDone(leaseId, slot, status));
      },
    });
  }

  nextEventPs(): number {
    return this.clock.timeOf(this.npu.nextEventCycle());
  }

  runUntil(timePs: number): void {
    this.npu.run(this.clock.cycleUntil(timePs));
  }

  /** A frame at the port, just now. */
  onFrame(frame: Uint8Array): void {
    this.counters.framesIn++;
    const dstMac = readMac(frame, ETHERNET_DESTINATION);
    if (dstMac !== this.options.mac && !isGroupMac(dstMac)) {
      this.counters.framesNotForUs++;
      return;
    }
    const takenPs = this.mac.admit(this.context.nowPs());
    if (takenPs !== undefined) this.agenda.arriveAtNic(this.lane, takenPs, () => this.onIngress(frame));
  }

  /** A frame from the host's stack, at the host's time. */
  sendFromHost(frame: Uint8Array): void {
    this.counters.framesFromHost++;
    this.atNic(() => this.toWire(frame), frame.length);
  }

  /**
   * From the driver, which looks up the routers meanwhile. Not hitless (paper section 7): the card forgets everything,
   * then it takes its time.
   */
  loadFirmware(image: FirmwareImage, then: (status: number) => void): void {
    const { nextHops, resolve } = this.options;
    for (const router of nextHops.routers) {
      resolve(router, (mac) => {
        if (mac !== undefined) this.atNic(() => nextHops.install(router, mac));
      });
    }
    this.atNic(() => {
      this.npu.unload();
      this.rdma.discardAll();
      this.events.clear();
      this.lane.at(this.lane.nowPs() + loadTimePs(image, this.options.profile), () => {
        const status = this.installFirmware(image);
        this.atHost(() => then(status));
      });
    });
  }

  /** From the driver, as what follows. */
  installLease(install: LeaseInstall, then: (answer: LeaseInstalled) => void): void {
    this.atNic(() => {
      const answer = this.rdma.install(install);
      if (answer !== undefined) this.atHost(() => then(answer));
    });
  }

  freeLease(leaseId: number, slot: number): void {
    this.atNic(() => {
      this.events.delete(leaseId);
      this.rdma.free(leaseId, slot);
    });
  }

  report(): { readonly counters: Record<string, number>; readonly details: Record<string, unknown> } {
    const { npu, rdma } = this;
    const { profile, nextHops } = this.options;
    return {
      counters: {
        ...prefixed('nic', {
          ...this.counters,
          macDrops: this.mac.dropped,
          ...(nextHops.routers.length > 0 && { framesWithoutNextHop: nextHops.unresolved }),
        }),
        ...prefixed('npu', { ...npu.counters }),
        ...prefixed('requests', this.requests.byLambda),
        ...prefixed('rdma', { ...rdma.counters, ...rdma.engine.counters }),
      },
      details: { busyCycles: npu.busyCycles, clock: profile.clock, nic: profile.name },
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
    const { receivePs, framePs } = this.options.profile.rdma;
    const startPs = Math.max(this.lane.nowPs(), this.rdmaFreePs);
    this.rdmaFreePs = startPs + framePs;
    this.lane.at(startPs + receivePs, () => this.rdma.engine.onFrame(frame));
  }

  private deliver(port: number, frame: Uint8Array): boolean {
    if (frame.length > this.options.profile.packet.maximumFrameOctets) {
      this.counters.framesToNowhere++;
      return false;
    }
    return this.npu.deliver(this.clock.cycleFrom(this.lane.nowPs()), port, frame);
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
    this.lane.reach(timePs);
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
        this.lane.at(timePs + this.options.profile.rdma.writeBackPs, () => this.rdma.writeBack(frame));
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
    this.lane.at(timePs + this.options.profile.rdma.writeBackPs, () => this.rdma.failRequest(leaseId));
    this.npu.pause();
  }

  private toWire(frame: Uint8Array): void {
    this.counters.framesOut++;
    const departPs = this.lane.nowPs() + this.options.profile.mac.egressPs;
    this.options.nextHops.apply(frame);
    if (!this.context.send(this.options.port, frame, departPs)) this.counters.egressDrops++;
  }

  private toHost(frame: Uint8Array): void {
    this.counters.framesToHost++;
    this.atHost(() => this.options.toStack(frame), frame.length);
  }

  /** From the NIC over PCIe, one transfer after the other. */
  private atHost(callback: () => void, octets = 0): void {
    this.pcieToHostFreePs = Math.max(this.lane.nowPs(), this.pcieToHostFreePs) + this.pcieTransferPs(octets);
    this.agenda.host.arriveAt(this.pcieToHostFreePs + this.options.pciePs, callback);
  }

  /** From the host over PCIe, likewise. */
  private atNic(callback: () => void, octets = 0): void {
    this.pcieToNicFreePs = Math.max(this.agenda.host.nowPs(), this.pcieToNicFreePs) + this.pcieTransferPs(octets);
    this.lane.arriveAt(this.pcieToNicFreePs + this.options.pciePs, callback);
  }

  private pcieTransferPs(octets: number): number {
    return Math.ceil((octets * 8 * PS_PER_S) / this.options.profile.pcie.bitsPerSecond);
  }

  private installFirmware(image: FirmwareImage): number {
    const nowPs = this.lane.nowPs();
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

export function prefixed(prefix: string, counters: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counters).map(([name, value]) => [`${prefix}_${name}`, value]));
}
