import { PS_PER_MS } from '../../base/units.ts';
import type { HostCpu } from '../../host/host-cpu.ts';
import type { HostStack } from '../../host/host-stack.ts';
import type { FirmwareImage } from '../../npu/image/firmware-image.ts';
import {
  emitManagement,
  type LeaseInstall,
  type LeaseInstalled,
  type ManagementMessage,
  parseManagement,
} from '../../packet/management.ts';
import { PORT_MANAGEMENT } from '../../packet/udp.ts';
import type { UdpFrame } from '../../packet/udp-frame.ts';
import type { NodeContext } from '../../time/node.ts';
import { FirmwareAgent } from './firmware-agent.ts';

/** What management does to the NIC. */
export interface ManagedNic {
  /**
   * Loads an image, which takes its time.
   * @param then called once, with a lambda header's status
   */
  loadFirmware(image: FirmwareImage, then: (status: number) => void): void;
  /** @param then called with the answer, or not at all: the message came too late */
  installLease(install: LeaseInstall, then: (answer: LeaseInstalled) => void): void;
  freeLease(leaseId: number, slot: number): void;
}

export interface ManagementOptions {
  readonly context: Pick<NodeContext, 'nowPs' | 'at' | 'record'>;
  readonly stack: Pick<HostStack, 'bind' | 'send'>;
  readonly cpu: Pick<HostCpu, 'run'>;
  /** Host work on one message. */
  readonly servicePs: number;
  /** Index of the management interface; nobody may manage the NICs over another one. */
  readonly interfaceIndex: number;
  /** By the number that messages have for them. */
  readonly nics: readonly ManagedNic[];
}

export interface WorkerManagementCounters {
  messagesReceived: number;
  malformed: number;
  /** Over the data network. */
  strangers: number;
  repetitions: number;
}

/** First wait for the acknowledgement of LEASE_DONE; it doubles with each repetition. */
const FIRST_TIMEOUT_PS = 5 * PS_PER_MS;
const ATTEMPTS = 10;

/**
 * The worker's end of the management network (UDP 4370): takes firmware and leases for its NICs from M1, tells it of
 * leases that are done. Every message may come twice; the second time gets the same answer and changes nothing.
 */
export class WorkerManagement {
  readonly counters: WorkerManagementCounters = { messagesReceived: 0, malformed: 0, strangers: 0, repetitions: 0 };
  private readonly options: ManagementOptions;
  private readonly firmware: readonly FirmwareAgent[];
  /** Who manages: learned from its messages. */
  private managerAddress: number | undefined;
  private lastTransaction = 0;
  private readonly unacknowledged = new Set<number>();

  constructor(options: ManagementOptions) {
    this.options = options;
    this.firmware = options.nics.map((nic, index) => {
      return new FirmwareAgent(options.context, nic, (answer) => this.tell(index, answer));
    });
    options.stack.bind(PORT_MANAGEMENT, (datagram, interfaceIndex) => this.onDatagram(datagram, interfaceIndex));
  }

  /** Tells M1, until it has acknowledged it, that a lease of a NIC is over. */
  leaseDone(nic: number, leaseId: number, slot: number, status: number): void {
    const transaction = ++this.lastTransaction;
    this.unacknowledged.add(transaction);
    const { context } = this.options;
    let attempts = 0;
    const attempt = (): void => {
      if (!this.unacknowledged.has(transaction)) return;
      if (attempts > 0) this.counters.repetitions++;
      if (attempts === ATTEMPTS) {
        this.unacknowledged.delete(transaction);
        return;
      }
      this.tell(nic, { type: 'lease-done', transaction, leaseId, slot, status });
      context.at(context.nowPs() + FIRST_TIMEOUT_PS * 2 ** attempts, attempt);
      attempts++;
    };
    attempt();
  }

  private onDatagram(datagram: UdpFrame, interfaceIndex: number): void {
    if (interfaceIndex !== this.options.interfaceIndex) {
      this.counters.strangers++;
      return;
    }
    this.counters.messagesReceived++;
    this.options.cpu.run(this.options.servicePs, () => {
      const parsed = parseManagement(datagram.frame, datagram.payloadStart, datagram.payloadEnd);
      if (parsed.ok) this.handle(parsed.value, datagram.srcAddress);
      else this.counters.malformed++;
    });
  }

  private handle(message: ManagementMessage, from: number): void {
    const { transaction, nic: index = 0 } = message;
    const nic = this.options.nics[index];
    const firmware = this.firmware[index];
    if (nic === undefined || firmware === undefined) {
      this.counters.malformed++; // A NIC that is not there.
      return;
    }
    switch (message.type) {
      case 'firmware-begin':
        this.managerAddress = from;
        firmware.begin(message);
        return;
      case 'firmware-chunk':
        firmware.chunk(message);
        return;
      case 'firmware-load':
        firmware.load(transaction);
        return;
      case 'lease-install':
        this.managerAddress = from;
        nic.installLease(message, (answer) => this.tell(index, answer));
        return;
      case 'lease-free':
        nic.freeLease(message.leaseId, message.slot);
        this.tell(index, { type: 'ack', transaction });
        return;
      case 'ack':
        this.unacknowledged.delete(transaction);
        return;
      default:
        this.counters.malformed++; // What only a worker says.
    }
  }

  private tell(nic: number, message: ManagementMessage): void {
    if (this.managerAddress === undefined) return;
    const octets = emitManagement({ ...message, nic });
    this.options.stack.send(PORT_MANAGEMENT, this.managerAddress, PORT_MANAGEMENT, octets);
  }
}
