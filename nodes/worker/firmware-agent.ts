import { STATUS_OK } from '../../packet/lambda.ts';
import type { FirmwareBegin, FirmwareChunk, ManagementMessage } from '../../packet/management.ts';
import type { NodeContext } from '../../time/node.ts';
import { FirmwareStore } from './firmware-store.ts';
import type { ManagedNic } from './management.ts';

/** Takes firmware for one NIC and has it loaded. Every message may come twice. */
export class FirmwareAgent {
  private readonly context: Pick<NodeContext, 'record'>;
  private readonly nic: Pick<ManagedNic, 'loadFirmware'>;
  private readonly tell: (answer: ManagementMessage) => void;
  private readonly store = new FirmwareStore();
  /** Of the image that was loaded last, or failed to: its transfer and the answer. */
  private loadState: 'idle' | 'loading' | 'answered' = 'idle';
  private loadAnswer: { readonly status: number; readonly sha256: Uint8Array } | undefined;
  private loadTransaction = 0;

  constructor(
    context: Pick<NodeContext, 'record'>,
    nic: Pick<ManagedNic, 'loadFirmware'>,
    tell: (answer: ManagementMessage) => void,
  ) {
    this.context = context;
    this.nic = nic;
    this.tell = tell;
  }

  begin(message: FirmwareBegin): void {
    const { transaction } = message;
    this.tell({ type: 'firmware-ack', transaction, nextOffset: this.store.begin(message) });
  }

  chunk(message: FirmwareChunk): void {
    const { transaction } = message;
    const nextOffset = this.store.chunk(message);
    if (nextOffset !== undefined) this.tell({ type: 'firmware-ack', transaction, nextOffset });
  }

  load(transaction: number): void {
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
      this.nic.loadFirmware(check.image, (status) => answer(status, check.sha256));
    } else {
      this.context.record({ kind: 'firmware-refused', reason: check.reason });
      answer(check.status, check.sha256);
    }
  }
}
