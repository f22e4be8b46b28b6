import { PS_PER_MS } from '../../base/units.ts';
import type { HostCpu } from '../../host/host-cpu.ts';
import type { HostStack } from '../../host/host-stack.ts';
import type { FirmwareImage } from '../../npu/image/firmware-image.ts';
import { STATUS_OK } from '../../packet/lambda.ts';
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
import { FirmwareStore } from './firmware-store.ts';

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
  /** Index of the management interface; nobody may manage the NIC over another one. */
  readonly interfaceIndex: number;
  readonly nic: ManagedNic;
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
 * The worker's end of the management network (UDP 4370): takes firmware and leases from M1, tells it of leases that are
 * done. Every message may come twice; the second time gets the same answer and changes nothing.
 */
export class WorkerManagement {
  readonly counters: WorkerManagementCounters = { messagesReceived: 0, malformed: 0, strangers: 0, repetitions: 0 };
  private readonly options: ManagementOptions;
  private readonly store = new FirmwareStore();
  /** Of the image that was loaded last, or failed to: its transfer and the answer. */
  private loadState: 'idle' | 'loading' | 'answered' = 'idle';
  private loadAnswer: { readonly status: number; readonly sha256: Uint8Array } | undefined;
  private loadTransaction = 0;
  /** Who manages: learned from its messages. */
  private managerAddress: number | undefined;
  private lastTransaction = 0;
  private readonly unacknowledged = new Set<number>();

  constructor(options: ManagementOptions) {
    this.options = options;
    options.stack.bind(PORT_MANAGEMENT, (datagram, interfaceIndex) => this.onDatagram(datagram, interfaceIndex));
  }

  /** Tells M1, until it has acknowledged it, that a lease is over. */
  leaseDone(leaseId: number, slot: number, status: number): void {
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
      this.tell({ type: 'lease-done', transaction, leaseId, slot, status });
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
    const { nic } = this.options;
    const { transaction } = message;
    switch (message.type) {
      case 'firmware-begin':
        this.managerAddress = from;
        this.tell({ type: 'firmware-ack', transaction, nextOffset: this.store.begin(message) });
        return;
      case 'firmware-chunk': {
        const nextOffset = this.store.chunk(message);
        if (nextOffset !== undefined) this.tell({ type: 'firmware-ack', transaction, nextOffset });
        return;
      }
      case 'firmware-load':
        this.load(transaction);
        return;
      case 'lease-install':
        this.managerAddress = from;
        nic.installLease(message, (answer) => this.tell(answer));
        return;
      case 'lease-free':
        nic.freeLease(message.leaseId, message.slot);
        this.tell({ type: 'ack', transaction });
        return;
      case 'ack':
        this.unacknowledged.delete(transaction);
        return;
      default:
        this.counters.malformed++; // What only a worker says.
    }
  }

  private load(transaction: number): void {
    if (!this.store.isTransfer(transaction)) return;
    if (this.loadTransaction === transaction && this.loadState !== 'idle') {
      if (this.loadAnswer !== undefined) this.tell({ type: 'firmware-loaded', transaction, ...this.loadAnswer });
      return; // Still loading: the answer comes when it is done.
    }
    this.loadTransaction = transaction;
    this.loadState = 'loading';
    this.loadAnswer = undefined;
    const answer = (status: number, sha256: Uint8Array): void => {
      if (this.loadTransaction !== transaction) return;
      this.loadState = 'answered';
      this.loadAnswer = { status, sha256 };
      this.tell({ type: 'firmware-loaded', transaction, status, sha256 });
    };
    const check = this.store.check();
    if (check.status === STATUS_OK) {
      this.options.nic.loadFirmware(check.image, (status) => answer(status, check.sha256));
    } else {
      this.options.context.record({ kind: 'firmware-refused', reason: check.reason });
      answer(check.status, check.sha256);
    }
  }

  private tell(message: ManagementMessage): void {
    if (this.managerAddress === undefined) return;
    this.options.stack.send(PORT_MANAGEMENT, this.managerAddress, PORT_MANAGEMENT, emitManagement(message));
  }
}
