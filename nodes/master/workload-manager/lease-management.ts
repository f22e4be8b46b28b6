import type { LeaseInstall, LeaseInstalled } from '../../../packet/management.ts';
import type { NodeContext } from '../../../time/node.ts';
import type { LeaseManagement } from '../gateway/lease-desk.ts';
import type { ManagementPort } from './management-port.ts';
import { requestReliably } from './reliable-request.ts';

/** Leases over the management network: each message is repeated until the worker has answered it. */
export class NetworkLeaseManagement implements LeaseManagement {
  private readonly context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel'>;
  private readonly port: ManagementPort;

  constructor(context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel'>, port: ManagementPort) {
    this.context = context;
    this.port = port;
  }

  install(
    worker: number,
    lease: Omit<LeaseInstall, 'type' | 'transaction'>,
    onInstalled: (answer: LeaseInstalled) => void,
    onSilence: () => void,
  ): void {
    requestReliably(
      this.context,
      this.port,
      worker,
      (transaction) => ({ type: 'lease-install', transaction, ...lease }),
      'lease-installed',
      (answer) => {
        if (answer.type === 'lease-installed') onInstalled(answer);
      },
      onSilence,
    );
  }

  free(worker: number, leaseId: number, slot: number, onDone: () => void): void {
    requestReliably(
      this.context,
      this.port,
      worker,
      (transaction) => ({ type: 'lease-free', transaction, leaseId, slot }),
      'ack',
      onDone,
      onDone,
    );
  }

  acknowledge(worker: number, transaction: number): void {
    this.port.send(worker, { type: 'ack', transaction });
  }
}
