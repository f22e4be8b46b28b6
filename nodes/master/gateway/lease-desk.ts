import { assert } from '../../../base/assert.ts';
import { PS_PER_S } from '../../../base/units.ts';
import {
  FLAG_KEEP,
  FLAG_LEASE_ANSWER,
  FLAG_LEASE_RELEASE,
  FLAG_RESPONSE,
  type LambdaHeader,
  STATUS_BACKEND_FAILURE,
  STATUS_BAD_REQUEST,
  STATUS_NO_CAPACITY,
  STATUS_NOT_FOUND,
  STATUS_OK,
  STATUS_TIMEOUT,
} from '../../../packet/lambda.ts';
import {
  emitLeaseAnswer,
  type LeaseRequest,
  MESSAGE_HEAD_OCTETS,
  parseLeaseRelease,
  parseLeaseRequest,
} from '../../../packet/lease.ts';
import type { LeaseDone, LeaseInstall, LeaseInstalled } from '../../../packet/management.ts';
import type { UdpFrame } from '../../../packet/udp-frame.ts';
import type { NodeContext, TimerHandle } from '../../../time/node.ts';
import type { FunctionTable, GatewayFunction } from './function-table.ts';
import { type Lease, LeaseBook } from './lease-book.ts';
import type { PlacementPolicy, WorkerPool } from './worker-pool.ts';

/** What the desk needs of the management network; repeated until answered by whoever implements it. */
export interface LeaseManagement {
  install(
    worker: number,
    lease: Omit<LeaseInstall, 'type' | 'transaction'>,
    onInstalled: (answer: LeaseInstalled) => void,
    onSilence: () => void,
  ): void;
  /** Ends a lease that the worker did not end itself. `onDone` is called once it has answered or stays silent. */
  free(worker: number, leaseId: number, slot: number, onDone: () => void): void;
  acknowledge(worker: number, transaction: number): void;
}

/** What the desk needs of the gateway. */
export interface LeaseOutlet {
  takeRequestId(): number;
  answerClient(
    address: number,
    port: number,
    wId: number,
    requestId: number,
    flags: number,
    status: number,
    body: Uint8Array,
  ): void;
  logLease(lease: Lease, endPs: number, status: number): void;
}

export interface LeaseCounters {
  requests: number;
  granted: number;
  done: number;
  released: number;
  /** Requests that had to wait for a slot. */
  waited: number;
  /** Requests refused because too many wait, or no worker carries the lambda. */
  refused: number;
  duplicates: number;
  /** Installations that the worker refused or never answered. */
  failed: number;
  /** Leases that nobody ended in time. */
  expired: number;
  badRequests: number;
}

/** Requests that may wait for a slot. */
const WAITING_LIMIT = 1024;
/** A lease that nobody ended is taken back after this long: its client is gone. */
const LEASE_LIFETIME_PS = 30 * PS_PER_S;
const EMPTY = new Uint8Array(0);

/**
 * Leases of NIC memory for long messages (paper section 4.2.3, D3: messages of several packets go over RDMA into NIC
 * memory). A client asks; the desk picks a worker with a free slot, tells it which queue pair will write there, and
 * sends the client where to write. The worker says when the result has been written back; a kept result ends by the
 * client's release. Every message may come twice and changes nothing the second time.
 */
export class LeaseDesk {
  readonly counters: LeaseCounters = {
    requests: 0,
    granted: 0,
    done: 0,
    released: 0,
    waited: 0,
    refused: 0,
    duplicates: 0,
    failed: 0,
    expired: 0,
    badRequests: 0,
  };
  private readonly context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel'>;
  private readonly functions: FunctionTable;
  private readonly pool: WorkerPool;
  private readonly management: LeaseManagement;
  private readonly outlet: LeaseOutlet;
  private readonly policy: PlacementPolicy;
  private readonly book: LeaseBook;
  private readonly waiting: Lease[] = [];
  private readonly hasFreeSlot = (worker: number): boolean => this.book.hasFreeSlot(worker);
  private lifetimeTimer: TimerHandle = 0;

  constructor(
    context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel'>,
    functions: FunctionTable,
    pool: WorkerPool,
    management: LeaseManagement,
    outlet: LeaseOutlet,
    policy: PlacementPolicy,
  ) {
    this.context = context;
    this.functions = functions;
    this.pool = pool;
    this.management = management;
    this.outlet = outlet;
    this.policy = policy;
    this.book = new LeaseBook(pool.workers.map((worker) => worker.slots));
  }

  /** Leases that hold a slot now. */
  get held(): number {
    return this.book.occupiedSlots;
  }

  /** The worker that holds this lease's result, or -1. */
  workerOf(leaseId: number): number {
    const lease = this.book.byId(leaseId);
    return lease?.state === 'held' ? lease.worker : -1;
  }

  onRequest(datagram: UdpFrame, header: LambdaHeader, target: GatewayFunction, bodyStart: number): void {
    const known = this.book.byClient(datagram.srcAddress, datagram.srcPort, header.requestId);
    if (known !== undefined) {
      this.counters.duplicates++;
      // The answer may have been lost; while there is none yet, it will come. After the end nobody needs it.
      if (known.state === 'held') this.sendAnswer(known);
      return;
    }
    const request = parseLeaseRequest(datagram.frame, bodyStart, datagram.payloadEnd);
    if (!request.ok || !this.fitsSomeSlot(target, request.value)) {
      this.counters.badRequests++;
      this.refuse(datagram.srcAddress, datagram.srcPort, target.id, header.requestId, STATUS_BAD_REQUEST);
      return;
    }
    const nobody = !target.workers.some((worker) => this.pool.isLoaded(worker));
    const leaseId = nobody || this.waiting.length >= WAITING_LIMIT ? 0 : this.outlet.takeRequestId();
    if (leaseId === 0) {
      this.counters.refused++;
      this.refuse(datagram.srcAddress, datagram.srcPort, target.id, header.requestId, STATUS_NO_CAPACITY);
      return;
    }
    this.counters.requests++;
    const lease: Lease = {
      leaseId,
      clientAddress: datagram.srcAddress,
      clientPort: datagram.srcPort,
      clientRequestId: header.requestId,
      target,
      request: request.value,
      state: 'waiting',
      worker: -1,
      slot: -1,
      answer: undefined,
      startPs: 0,
      expiresPs: 0,
    };
    this.book.enter(lease);
    if (!this.place(lease)) {
      this.counters.waited++;
      this.waiting.push(lease);
    }
  }

  /** A worker wrote a result back. Always acknowledged: the acknowledgement before may have been lost. */
  onDone(worker: number, message: LeaseDone): void {
    this.management.acknowledge(worker, message.transaction);
    const lease = this.book.byId(message.leaseId);
    if (lease === undefined || lease.worker !== worker || lease.slot !== message.slot || lease.state !== 'held') {
      this.counters.duplicates++;
      return;
    }
    this.counters.done++;
    this.end(lease, message.status);
  }

  /** The client no longer needs a kept result. */
  onRelease(datagram: UdpFrame, header: LambdaHeader, target: GatewayFunction, bodyStart: number): void {
    const release = parseLeaseRelease(datagram.frame, bodyStart, datagram.payloadEnd);
    const lease = release.ok ? this.book.byId(release.value.leaseId) : undefined;
    const status = !release.ok
      ? STATUS_BAD_REQUEST
      : lease === undefined || lease.clientAddress !== datagram.srcAddress
        ? STATUS_NOT_FOUND
        : STATUS_OK;
    this.outlet.answerClient(
      datagram.srcAddress,
      datagram.srcPort,
      target.id,
      header.requestId,
      FLAG_RESPONSE | FLAG_LEASE_RELEASE,
      status,
      EMPTY,
    );
    if (status !== STATUS_OK || lease === undefined) return;
    if (lease.state !== 'held') {
      this.counters.duplicates++;
      return;
    }
    this.counters.released++;
    this.takeBack(lease, STATUS_OK);
  }

  private fitsSomeSlot(target: GatewayFunction, request: LeaseRequest): boolean {
    return target.workers.some((index) => {
      const worker = this.pool.worker(index);
      return (
        request.inputOctets + MESSAGE_HEAD_OCTETS <= worker.slotInputOctets &&
        request.outputOctets + MESSAGE_HEAD_OCTETS <= worker.slotOutputOctets
      );
    });
  }

  /** Gives a lease a slot, if one is free, and tells the worker. */
  private place(lease: Lease): boolean {
    const worker = this.functions.chooseWorker(lease.target, this.pool, this.policy, this.hasFreeSlot);
    if (worker < 0) return false;
    lease.worker = worker;
    lease.slot = this.book.takeSlot(worker);
    lease.state = 'installing';
    this.pool.begin(worker);
    const { request } = lease;
    this.management.install(
      worker,
      {
        leaseId: lease.leaseId,
        slot: lease.slot,
        wId: lease.target.id,
        clientAddress: lease.clientAddress,
        clientMac: request.clientMac,
        clientQpn: request.clientQpn,
        clientStartPsn: request.clientStartPsn,
        clientRkey: request.clientRkey,
        clientMemoryAddress: request.clientAddress,
        lambdaFlags: request.lambdaFlags & FLAG_KEEP,
      },
      (answer) => this.onInstalled(lease, answer),
      () => this.installFailed(lease),
    );
    return true;
  }

  private onInstalled(lease: Lease, answer: LeaseInstalled): void {
    if (answer.leaseId !== lease.leaseId || answer.status !== STATUS_OK) {
      this.installFailed(lease);
      return;
    }
    const worker = this.pool.worker(lease.worker);
    lease.state = 'held';
    lease.answer = emitLeaseAnswer({
      wId: lease.target.id,
      workerAddress: worker.address,
      workerMac: worker.mac,
      workerQpn: answer.qpn,
      workerStartPsn: answer.startPsn,
      rkey: answer.rkey,
      address: answer.memoryAddress,
      slot: lease.slot,
      slotInputOctets: worker.slotInputOctets,
      leaseId: lease.leaseId,
    });
    lease.startPs = this.context.nowPs();
    lease.expiresPs = lease.startPs + LEASE_LIFETIME_PS;
    this.watchLifetimes();
    this.counters.granted++;
    this.sendAnswer(lease);
  }

  private installFailed(lease: Lease): void {
    this.counters.failed++;
    this.refuse(lease.clientAddress, lease.clientPort, lease.target.id, lease.clientRequestId, STATUS_BACKEND_FAILURE);
    lease.startPs = this.context.nowPs();
    // The worker may hold the slot although its answer never came.
    this.takeBack(lease, STATUS_BACKEND_FAILURE);
  }

  /** Ends a lease from this side: the slot is free again once the worker has heard of it. */
  private takeBack(lease: Lease, status: number): void {
    const { worker, slot, leaseId } = lease;
    lease.state = 'ended';
    this.log(lease, status);
    this.management.free(worker, leaseId, slot, () => this.returnSlot(lease));
  }

  private end(lease: Lease, status: number): void {
    lease.state = 'ended';
    this.log(lease, status);
    this.returnSlot(lease);
  }

  private log(lease: Lease, status: number): void {
    this.outlet.logLease(lease, this.context.nowPs(), status);
  }

  private returnSlot(lease: Lease): void {
    this.pool.end(lease.worker);
    this.book.returnSlot(lease.worker, lease.slot);
    this.book.retire(lease);
    if (this.book.occupiedSlots === 0 && this.lifetimeTimer !== 0) {
      this.context.cancel(this.lifetimeTimer);
      this.lifetimeTimer = 0;
    }
    // First come, first served: nobody overtakes the one at the head, whichever function it is for.
    while (this.waiting.length > 0 && this.place(this.waiting[0] as Lease)) this.waiting.shift();
  }

  /** One timer for all leases: they live equally long, so that the oldest ends first. */
  private watchLifetimes(): void {
    if (this.lifetimeTimer !== 0) return;
    const oldest = this.book.oldestHeld();
    if (oldest === undefined) return;
    this.lifetimeTimer = this.context.at(oldest.expiresPs, () => {
      this.lifetimeTimer = 0;
      const nowPs = this.context.nowPs();
      for (let lease = this.book.oldestHeld(); lease !== undefined; lease = this.book.oldestHeld()) {
        if (lease.expiresPs > nowPs) break;
        this.counters.expired++;
        this.takeBack(lease, STATUS_TIMEOUT);
      }
      this.watchLifetimes();
    });
  }

  private sendAnswer(lease: Lease): void {
    assert(lease.answer !== undefined, 'a lease is held without an answer');
    const flags = FLAG_RESPONSE | FLAG_LEASE_ANSWER;
    const { clientAddress, clientPort, clientRequestId, target } = lease;
    this.outlet.answerClient(clientAddress, clientPort, target.id, clientRequestId, flags, STATUS_OK, lease.answer);
  }

  private refuse(address: number, port: number, wId: number, requestId: number, status: number): void {
    this.outlet.answerClient(address, port, wId, requestId, FLAG_RESPONSE | FLAG_LEASE_ANSWER, status, EMPTY);
  }
}
