import { STATUS_OK } from '../packet/lambda.ts';
import { type LeaseAnswer, MESSAGE_HEAD_OCTETS, parseMessageHead } from '../packet/lease.ts';
import type { MemoryRegion } from '../rdma/memory-region.ts';
import type { ImmediateEvent } from '../rdma/responder.ts';
import type { NodeContext, TimerHandle } from '../time/node.ts';

/** A message that is too long for fragments: it goes into NIC memory by RDMA, and so does the answer. */
export interface RdmaCall {
  readonly lambda: string;
  readonly body: Uint8Array;
  readonly answerOctets: number;
  /** The result stays in the NIC and this lambda is asked about it; its answer ends the call. */
  readonly followUp: { readonly lambda: string; readonly answerOctets: number } | undefined;
  /** First timeout of a lease request, and of everything from the lease to the result; doubles at each retry. */
  readonly timeoutPs: number;
  readonly retries: number;
}

export interface RdmaOutcome {
  readonly answered: boolean;
  /** Of the result; of the refusal when there is no result. */
  readonly status: number;
  /** Empty with a follow-up. */
  readonly body: Uint8Array;
  readonly followUp: { readonly status: number; readonly body: Uint8Array } | undefined;
  /** Leases asked for and messages sent again, the first included. */
  readonly attempts: number;
  /** IPv4 address of the worker, 0 when no lease was given. */
  readonly workerAddress: number;
  /** Request ids beyond that of the first lease request: leases asked for again, and the follow-up. */
  readonly furtherRequestIds: readonly number[];
}

/** What an attempt tells whoever made it. */
export interface AttemptOwner {
  readonly counters: { resultsReceived: number; malformedAnswers: number };
  /** Connects the queue pair and writes head and input into the slot. */
  write(attempt: Attempt, lease: LeaseAnswer, startPsn: number): void;
  /** A result stays in the NIC: ask the second lambda about it. */
  askFollowUp(attempt: Attempt, lease: LeaseAnswer, status: number, resultOctets: number, timeoutPs: number): void;
  /** Gives the lease back. */
  release(call: RdmaCall, leaseId: number): void;
  finish(attempt: Attempt, result: AttemptResult): void;
  /** The attempt failed on its way. */
  retry(attempt: Attempt): void;
}

export type AttemptResult = Omit<RdmaOutcome, 'attempts' | 'workerAddress' | 'furtherRequestIds'>;

/** A call that has not ended, over all its attempts. */
export interface OpenRdmaCall {
  readonly call: RdmaCall;
  readonly then: (outcome: RdmaOutcome) => void;
  attempts: number;
  workerAddress: number;
  /** Of the lease requests and the follow-up, in the order of asking. */
  readonly requestIds: number[];
}

export interface AttemptResources {
  /** Where the result is written: head and output. */
  readonly memory: Uint8Array;
  readonly region: MemoryRegion;
  readonly qpn: number;
}

/** One lease of a call, from its answer to its result. */
export class Attempt {
  readonly open: OpenRdmaCall;
  readonly resources: AttemptResources;
  private readonly owner: AttemptOwner;
  private readonly context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel'>;
  private lease: LeaseAnswer | undefined;
  private timer: TimerHandle | undefined;
  private timeoutPs = 0;
  private ended = false;

  constructor(
    owner: AttemptOwner,
    context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel'>,
    open: OpenRdmaCall,
    resources: AttemptResources,
  ) {
    this.owner = owner;
    this.context = context;
    this.open = open;
    this.resources = resources;
  }

  start(lease: LeaseAnswer, startPsn: number, timeoutPs: number): void {
    this.lease = lease;
    this.timeoutPs = timeoutPs;
    this.open.workerAddress = lease.workerAddress;
    this.timer = this.context.at(this.context.nowPs() + timeoutPs, () => this.abandon());
    this.owner.write(this, lease, startPsn);
  }

  /** The worker's write is in our memory. */
  onResult(event: ImmediateEvent): void {
    const { lease } = this;
    if (this.ended || lease === undefined) return;
    const { memory } = this.resources;
    const head = parseMessageHead(memory, 0, memory.length);
    const kept = this.open.call.followUp !== undefined;
    const octets = MESSAGE_HEAD_OCTETS + (head.ok && !kept ? head.value.length : 0);
    if (
      !head.ok ||
      event.immediate !== lease.leaseId ||
      head.value.requestId !== lease.leaseId ||
      event.octets !== octets
    ) {
      this.owner.counters.malformedAnswers++;
      this.abandon();
      return;
    }
    this.owner.counters.resultsReceived++;
    const { status, length } = head.value;
    this.stop();
    if (kept && status === STATUS_OK) {
      this.owner.askFollowUp(this, lease, status, length, this.timeoutPs);
      return;
    }
    if (kept) this.owner.release(this.open.call, lease.leaseId);
    const body = memory.subarray(MESSAGE_HEAD_OCTETS, octets);
    this.owner.finish(this, { answered: true, status, body, followUp: undefined });
  }

  abandon(): void {
    if (this.ended) return;
    this.stop();
    if (this.lease !== undefined) this.owner.release(this.open.call, this.lease.leaseId);
    this.owner.retry(this);
  }

  /** No event of the transfer counts any more. */
  stop(): void {
    this.ended = true;
    if (this.timer !== undefined) this.context.cancel(this.timer);
    this.timer = undefined;
  }
}
