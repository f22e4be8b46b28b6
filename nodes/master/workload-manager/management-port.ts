import type { HostCpu } from '../../../host/host-cpu.ts';
import type { HostStack } from '../../../host/host-stack.ts';
import { emitManagement, type ManagementMessage, parseManagement } from '../../../packet/management.ts';
import { PORT_MANAGEMENT } from '../../../packet/udp.ts';
import type { UdpFrame } from '../../../packet/udp-frame.ts';
import type { WorkerPool } from '../gateway/worker-pool.ts';

export type MessageHandler = (message: ManagementMessage) => void;

export interface ManagementCounters {
  messagesSent: number;
  messagesReceived: number;
  malformed: number;
  /** From no worker, not from the worker that was asked, or on the data network. */
  strangers: number;
  /** Answers to nothing that is open, such as the second answer to a repeated message. */
  unmatched: number;
}

/**
 * M1's end of the management network (UDP 4370): says messages to workers and brings each answer to the transaction
 * that it names. Messages of the workers' own go to `onWorkerMessage`.
 */
export class ManagementPort {
  readonly counters: ManagementCounters = {
    messagesSent: 0,
    messagesReceived: 0,
    malformed: 0,
    strangers: 0,
    unmatched: 0,
  };
  /** A worker speaks first: a lease is done. */
  onWorkerMessage: (worker: number, message: ManagementMessage) => void = () => {};

  private readonly cpu: Pick<HostCpu, 'run'>;
  private readonly stack: Pick<HostStack, 'send'>;
  private readonly servicePs: number;
  private readonly pool: WorkerPool;
  private readonly interfaceIndex: number;
  private readonly transactions = new Map<number, { readonly worker: number; readonly handler: MessageHandler }>();
  private lastTransaction = 0;

  /** @param interfaceIndex of the management interface: what comes over another is a stranger's */
  constructor(
    cpu: Pick<HostCpu, 'run'>,
    stack: Pick<HostStack, 'send'>,
    servicePs: number,
    pool: WorkerPool,
    interfaceIndex: number,
  ) {
    this.cpu = cpu;
    this.stack = stack;
    this.servicePs = servicePs;
    this.pool = pool;
    this.interfaceIndex = interfaceIndex;
  }

  /** A new transaction with a worker; its answers go to the handler until it is closed. */
  open(worker: number, handler: MessageHandler): number {
    this.lastTransaction = this.lastTransaction === 0xffff_ffff ? 1 : this.lastTransaction + 1;
    this.transactions.set(this.lastTransaction, { worker, handler });
    return this.lastTransaction;
  }

  close(transaction: number): void {
    this.transactions.delete(transaction);
  }

  send(worker: number, message: ManagementMessage): void {
    this.counters.messagesSent++;
    const { managementAddress, nic } = this.pool.worker(worker);
    this.stack.send(PORT_MANAGEMENT, managementAddress, PORT_MANAGEMENT, emitManagement({ ...message, nic }));
  }

  onDatagram(datagram: UdpFrame, interfaceIndex: number): void {
    this.counters.messagesReceived++;
    if (interfaceIndex !== this.interfaceIndex || this.pool.indexOfManagement(datagram.srcAddress, 0) < 0) {
      this.counters.strangers++;
      return;
    }
    this.cpu.run(this.servicePs, () => this.handle(datagram));
  }

  private handle(datagram: UdpFrame): void {
    const parsed = parseManagement(datagram.frame, datagram.payloadStart, datagram.payloadEnd);
    if (!parsed.ok) {
      this.counters.malformed++;
      return;
    }
    const message = parsed.value;
    const worker = this.pool.indexOfManagement(datagram.srcAddress, message.nic ?? 0);
    if (worker < 0) {
      this.counters.strangers++;
      return;
    }
    switch (message.type) {
      case 'lease-done':
        this.onWorkerMessage(worker, message);
        return;
      case 'firmware-ack':
      case 'firmware-loaded':
      case 'lease-installed':
      case 'ack': {
        const open = this.transactions.get(message.transaction);
        if (open === undefined) this.counters.unmatched++;
        else if (open.worker !== worker) this.counters.strangers++;
        else open.handler(message);
        return;
      }
      default:
        // What only M1 says makes no sense from a worker.
        this.counters.malformed++;
    }
  }
}
