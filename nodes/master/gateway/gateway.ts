import { PS_PER_S } from '../../../base/units.ts';
import type { HostCpu } from '../../../host/host-cpu.ts';
import type { HostStack } from '../../../host/host-stack.ts';
import { readUint32 } from '../../../packet/big-endian.ts';
import {
  FLAG_KEEP,
  FLAG_LEASE_ANSWER,
  FLAG_LEASE_RELEASE,
  FLAG_LEASE_REQUEST,
  FLAG_RESPONSE,
  fragmentOctets,
  LAMBDA_HEADER_OCTETS,
  type LambdaHeader,
  parseLambda,
  STATUS_BAD_REQUEST,
  STATUS_NO_CAPACITY,
  STATUS_NOT_FOUND,
  STATUS_TIMEOUT,
  STATUS_UNKNOWN_FUNCTION,
} from '../../../packet/lambda.ts';
import { PORT_LAMBDA } from '../../../packet/udp.ts';
import type { UdpFrame } from '../../../packet/udp-frame.ts';
import type { NodeContext, RequestRow } from '../../../time/node.ts';
import type { GatewaySpec } from '../../../topology/types.ts';
import { Deadlines } from './deadlines.ts';
import { Forwarder } from './forwarder.ts';
import type { FunctionTable, GatewayFunction } from './function-table.ts';
import { type GatewayCounters, newGatewayCounters } from './gateway-counters.ts';
import { lambdaFrame } from './lambda-frames.ts';
import type { Lease } from './lease-book.ts';
import { LeaseDesk, type LeaseManagement, type LeaseOutlet } from './lease-desk.ts';
import { KIND_FOLLOW_UP, KIND_LEASE, KIND_REQUEST, RequestLog } from './request-log.ts';
import {
  DEFAULT_TABLE_ENTRIES,
  RequestTable,
  STATE_ANSWERED,
  STATE_ASSEMBLING,
  STATE_IN_FLIGHT,
} from './request-table.ts';
import { WorkQueue } from './work-queue.ts';
import type { WorkerPool } from './worker-pool.ts';

export interface GatewayOptions {
  readonly spec: GatewaySpec;
  /** Work of a hardware thread on one message, ps. */
  readonly servicePs: number;
  /** Requests in flight and remembered answers together, a power of two; default 16,384. */
  readonly tableEntries?: number;
  /** Octets of remembered answers; beyond it the oldest are forgotten. Default 16 MiB. */
  readonly answerMemoryOctets?: number;
  /** Longest message, in fragments; default 1,024 (1 MiB). */
  readonly maximumFragments?: number;
}

export type GatewayContext = Pick<NodeContext, 'nowPs' | 'at' | 'cancel'>;

/** Which worker answered a request, told before the client has the last of the answer. */
export type ServedListener = (clientAddress: number, clientRequestId: number, worker: string) => void;

const EMPTY = new Uint8Array(0);
const DEFAULT_ANSWER_MEMORY_OCTETS = 16 * 1024 * 1024;
const DEFAULT_MAXIMUM_FRAGMENTS = 1024;
/** Longest that a half-arrived request is kept, ps. */
const ASSEMBLY_LIFETIME_PS = 5 * PS_PER_S;

/**
 * The gateway's data path (paper sections 2.2 and 4.2): it turns a function's name into a lambda id, gives the request
 * an id of its own, forwards it to a worker, and brings the answer back under the client's id. The NIC's transport is
 * weakly consistent (section 4.2.3, D3), so the gateway tracks what it sent and sends it again; a worker may see a
 * request twice, a client never sees two answers by the gateway's doing alone.
 */
export class Gateway implements LeaseOutlet {
  readonly counters: GatewayCounters = newGatewayCounters();
  readonly leases: LeaseDesk;
  /** Somebody outside wants to know who served a request; nobody in most runs. */
  onServed: ServedListener | undefined;
  /** A worker did not answer in time. */
  onTimeout: (worker: number) => void = () => {};
  private readonly context: GatewayContext;
  private readonly stack: Pick<HostStack, 'sendInPlace'>;
  private readonly functions: FunctionTable;
  private readonly pool: WorkerPool;
  private readonly spec: GatewaySpec;
  private readonly maximumFragments: number;
  private readonly work: WorkQueue;
  private readonly table: RequestTable;
  private readonly forwarder: Forwarder;
  private readonly deadlines: Deadlines;
  private readonly log = new RequestLog();

  constructor(
    context: GatewayContext,
    cpu: Pick<HostCpu, 'run'>,
    stack: Pick<HostStack, 'sendInPlace'>,
    functions: FunctionTable,
    pool: WorkerPool,
    management: LeaseManagement,
    options: GatewayOptions,
  ) {
    this.context = context;
    this.stack = stack;
    this.functions = functions;
    this.pool = pool;
    this.spec = options.spec;
    this.maximumFragments = options.maximumFragments ?? DEFAULT_MAXIMUM_FRAGMENTS;
    this.leases = new LeaseDesk(context, functions, pool, management, this, options.spec.placement);
    this.table = new RequestTable(options.tableEntries ?? DEFAULT_TABLE_ENTRIES);
    const memoryOctets = options.answerMemoryOctets ?? DEFAULT_ANSWER_MEMORY_OCTETS;
    this.forwarder = new Forwarder(stack, this.table, functions, pool, memoryOctets);
    this.work = new WorkQueue(context, cpu, options.servicePs, (work, arrivedPs) => {
      if (typeof work === 'number') this.sendAgain(work);
      else this.handle(work, arrivedPs);
    });
    this.deadlines = new Deadlines(
      context,
      options.spec.retries + 2,
      (requestId, attempt) => this.deadlineOf(requestId, attempt),
      (requestId) => this.expire(requestId),
    );
  }

  /** A datagram on UDP 4369 of the data network. */
  onDatagram(datagram: UdpFrame): void {
    this.work.push(datagram);
  }

  /** An id for a request or a lease; 0 when every slot of the table is in flight. */
  takeRequestId(): number {
    return this.table.nextId();
  }

  get outstanding(): number {
    return this.table.outstanding;
  }

  /** One row for every request that a worker was asked, in request-id order. */
  rows(): RequestRow[] {
    return this.log.rows(
      (lambda) => this.functions.functions[lambda]?.name ?? `lambda ${lambda}`,
      (worker) => this.pool.worker(worker).name,
    );
  }

  /** A lease is over: it is logged like a request, from its answer to the client until its end. */
  logLease(lease: Lease, endPs: number, status: number): void {
    const { leaseId, clientAddress, clientPort, clientRequestId, target, worker, startPs } = lease;
    this.log.append({
      kind: KIND_LEASE,
      requestId: leaseId,
      clientAddress,
      clientPort,
      clientRequestId,
      lambda: target.index,
      worker,
      startPs,
      endPs,
      attempts: 1,
      status,
    });
  }

  /** Sends a message of one fragment to a client. */
  answerClient(
    address: number,
    port: number,
    wId: number,
    requestId: number,
    flags: number,
    status: number,
    body: Uint8Array,
  ): void {
    const frame = lambdaFrame(wId, requestId, 0, 1, flags, status, body.length, body, 0, body.length);
    this.stack.sendInPlace(frame, LAMBDA_HEADER_OCTETS + body.length, PORT_LAMBDA, address, port);
  }

  private handle(datagram: UdpFrame, arrivedPs: number): void {
    const parsed = parseLambda(datagram.frame, datagram.payloadStart, datagram.payloadEnd);
    if (!parsed.ok) {
      this.counters.malformed++;
      return;
    }
    const header = parsed.value;
    if ((header.flags & FLAG_RESPONSE) !== 0) this.handleAnswer(datagram, header, arrivedPs);
    else this.handleRequest(datagram, header);
  }

  private handleRequest(datagram: UdpFrame, header: LambdaHeader): void {
    this.counters.requestMessages++;
    const bodyStart = datagram.payloadStart + LAMBDA_HEADER_OCTETS;
    const { frame, payloadEnd } = datagram;
    const nameEnd = bodyStart + 1 + (frame[bodyStart] as number);
    if (bodyStart >= payloadEnd || nameEnd > payloadEnd || nameEnd === bodyStart + 1 || header.wId !== 0) {
      this.refuse(datagram, header, 0, STATUS_BAD_REQUEST);
      return;
    }
    const target = this.functions.find(frame, bodyStart + 1, nameEnd);
    if (!this.functions.published) {
      this.refuse(datagram, header, 0, STATUS_NO_CAPACITY);
    } else if (target === undefined) {
      this.refuse(datagram, header, 0, STATUS_UNKNOWN_FUNCTION);
    } else if ((header.flags & FLAG_LEASE_REQUEST) !== 0) {
      this.leases.onRequest(datagram, header, target, nameEnd);
    } else if ((header.flags & FLAG_LEASE_RELEASE) !== 0) {
      this.leases.onRelease(datagram, header, target, nameEnd);
    } else {
      this.handleFragment(datagram, header, target, nameEnd);
    }
  }

  private handleFragment(datagram: UdpFrame, header: LambdaHeader, target: GatewayFunction, bodyStart: number): void {
    if (datagram.payloadEnd - bodyStart !== fragmentOctets(header) || header.fragments > this.maximumFragments) {
      this.refuse(datagram, header, target.id, STATUS_BAD_REQUEST);
      return;
    }
    const { table } = this;
    let slot = table.find(datagram.srcAddress, datagram.srcPort, header.requestId);
    if (slot >= 0) {
      const same =
        table.lambda[slot] === target.index &&
        table.fragments[slot] === header.fragments &&
        table.length[slot] === header.length;
      if (table.state[slot] === STATE_ANSWERED) {
        if (same && this.forwarder.remembers(slot)) {
          this.counters.duplicateRequestsAnswered++;
          // A client repeats all fragments; one of them asks for the answer.
          if (header.fragment === 0) this.forwarder.answerAgain(slot);
          return;
        }
        table.forget(slot);
        slot = -1;
      } else if (!same) {
        this.counters.requestIdConflicts++;
        return;
      }
    }
    if (slot < 0) {
      slot = this.open(datagram, header, target, bodyStart);
      if (slot < 0) return;
    }
    this.forward(slot, datagram, header, bodyStart);
  }

  /** Chooses a worker and opens the request, or refuses it and returns -1. */
  private open(datagram: UdpFrame, header: LambdaHeader, target: GatewayFunction, bodyStart: number): number {
    let worker: number;
    if (target.onLease) {
      if (header.fragments !== 1 || header.length < 4) {
        this.refuse(datagram, header, target.id, STATUS_BAD_REQUEST);
        return -1;
      }
      worker = this.leases.workerOf(readUint32(datagram.frame, bodyStart));
      if (worker < 0) {
        this.refuse(datagram, header, target.id, STATUS_NOT_FOUND);
        return -1;
      }
    } else {
      worker = this.functions.chooseWorker(target, this.pool, this.spec.placement);
    }
    const requestId = worker < 0 ? 0 : this.table.nextId();
    if (requestId === 0) {
      this.refuse(datagram, header, target.id, STATUS_NO_CAPACITY);
      return -1;
    }
    const { table } = this;
    if (table.state[table.slotFor(requestId)] === STATE_ANSWERED) table.forget(table.slotFor(requestId));
    const slot = table.open(requestId, datagram.srcAddress, datagram.srcPort, header.requestId);
    table.lambda[slot] = target.index;
    table.worker[slot] = worker;
    table.flags[slot] = header.flags & FLAG_KEEP;
    table.length[slot] = header.length;
    table.fragments[slot] = header.fragments;
    table.startPs[slot] = this.context.nowPs();
    this.pool.begin(worker);
    this.counters.requests++;
    if (header.fragments > 1) {
      const deadlinePs = this.context.nowPs() + ASSEMBLY_LIFETIME_PS;
      table.deadlinePs[slot] = deadlinePs;
      this.deadlines.watch(requestId, this.spec.retries + 1, deadlinePs);
    }
    return slot;
  }

  /** Sends a request's fragment on to the worker, unless it has been. */
  private forward(slot: number, datagram: UdpFrame, header: LambdaHeader, bodyStart: number): void {
    const { table } = this;
    if (table.state[slot] !== STATE_ASSEMBLING || !this.forwarder.requestOn(slot, datagram, header, bodyStart)) {
      this.counters.duplicateRequestsIgnored++;
      return;
    }
    const here = (table.fragmentsHere[slot] as number) + 1;
    table.fragmentsHere[slot] = here;
    if (here === header.fragments) {
      table.state[slot] = STATE_IN_FLIGHT;
      this.beginAttempt(slot);
    }
  }

  private beginAttempt(slot: number): void {
    const { table } = this;
    const attempt = table.attempts[slot] as number;
    table.attempts[slot] = attempt + 1;
    const deadlinePs = this.context.nowPs() + this.spec.requestTimeoutPs * 2 ** attempt;
    table.deadlinePs[slot] = deadlinePs;
    this.deadlines.watch(table.requestId[slot] as number, attempt, deadlinePs);
  }

  private handleAnswer(datagram: UdpFrame, header: LambdaHeader, arrivedPs: number): void {
    this.counters.answerMessages++;
    const { table } = this;
    const slot = table.slotOf(header.requestId);
    const bodyStart = datagram.payloadStart + LAMBDA_HEADER_OCTETS;
    if (slot < 0 || !this.comesFromItsWorker(slot, datagram, header)) {
      this.counters.strayAnswers++;
      return;
    }
    if (table.state[slot] !== STATE_IN_FLIGHT) {
      this.counters.lateAnswers++;
      return;
    }
    if (datagram.payloadEnd - bodyStart !== fragmentOctets(header) || header.fragments > this.maximumFragments) {
      this.counters.malformed++;
      return;
    }
    if (table.answerFragmentsHere[slot] === 0) {
      this.forwarder.beginAnswer(slot, header);
    } else if (
      table.answerFragments[slot] !== header.fragments ||
      table.answerLength[slot] !== header.length ||
      table.status[slot] !== header.status
    ) {
      // The lambda ran twice and answered differently; the fragments of two answers are never mixed.
      this.counters.inconsistentAnswers++;
      return;
    }
    const seen = table.answerSeen[slot];
    if (seen !== undefined) {
      if (seen[header.fragment] === 1) {
        this.counters.lateAnswers++;
        return;
      }
      seen[header.fragment] = 1;
    }
    this.forwarder.answerBack(slot, datagram, header, bodyStart);
    const here = (table.answerFragmentsHere[slot] as number) + 1;
    table.answerFragmentsHere[slot] = here;
    if (here === header.fragments) {
      this.counters.completed++;
      this.finish(slot, arrivedPs);
    }
  }

  private comesFromItsWorker(slot: number, datagram: UdpFrame, header: LambdaHeader): boolean {
    const { table } = this;
    return (
      datagram.srcPort === PORT_LAMBDA &&
      this.pool.worker(table.worker[slot] as number).address === datagram.srcAddress &&
      this.forwarder.functionOf(slot).id === header.wId
    );
  }

  /** Logs a request and lets its slot remember the answer. */
  private finish(slot: number, endPs: number): void {
    const { table } = this;
    const worker = table.worker[slot] as number;
    this.log.append({
      kind: this.forwarder.functionOf(slot).onLease ? KIND_FOLLOW_UP : KIND_REQUEST,
      requestId: table.requestId[slot] as number,
      clientAddress: table.clientAddress[slot] as number,
      clientPort: table.clientPort[slot] as number,
      clientRequestId: table.clientRequestId[slot] as number,
      lambda: table.lambda[slot] as number,
      worker,
      startPs: table.startPs[slot] as number,
      endPs,
      attempts: table.attempts[slot] as number,
      status: table.status[slot] as number,
    });
    const { onServed } = this;
    if (onServed !== undefined) {
      const { name } = this.pool.worker(worker);
      onServed(table.clientAddress[slot] as number, table.clientRequestId[slot] as number, name);
    }
    this.pool.end(worker);
    table.close(slot);
    if (table.outstanding === 0) this.deadlines.clear();
  }

  private deadlineOf(requestId: number, attempt: number): number | undefined {
    const { table } = this;
    const slot = table.slotOf(requestId);
    if (slot < 0) return undefined;
    const watched =
      attempt === this.spec.retries + 1
        ? table.state[slot] === STATE_ASSEMBLING
        : table.state[slot] === STATE_IN_FLIGHT && table.attempts[slot] === attempt + 1;
    return watched ? table.deadlinePs[slot] : undefined;
  }

  private expire(requestId: number): void {
    const { table } = this;
    const slot = table.slotOf(requestId);
    if (table.state[slot] === STATE_ASSEMBLING) {
      this.counters.incompleteRequests++;
      this.drop(slot);
      return;
    }
    this.onTimeout(table.worker[slot] as number);
    if ((table.attempts[slot] as number) <= this.spec.retries) {
      this.counters.resends++;
      this.beginAttempt(slot);
      this.work.push(requestId);
    } else {
      this.giveUp(slot);
    }
  }

  private sendAgain(requestId: number): void {
    const slot = this.table.slotOf(requestId);
    if (slot < 0 || this.table.state[slot] !== STATE_IN_FLIGHT) return;
    this.leaveLostWorker(slot);
    this.forwarder.requestAgain(slot);
  }

  /**
   * Gives a request to another worker when its own is lost. One about that worker's memory stays, and one whose answer
   * has begun to come: parts of two answers are never mixed.
   */
  private leaveLostWorker(slot: number): void {
    const { table, pool } = this;
    const worker = table.worker[slot] as number;
    const target = this.forwarder.functionOf(slot);
    if (pool.isLoaded(worker) || target.onLease || (table.answerFragmentsHere[slot] as number) > 0) return;
    const other = this.functions.chooseWorker(target, pool, this.spec.placement);
    if (other < 0) return;
    pool.end(worker);
    pool.begin(other);
    table.worker[slot] = other;
    this.counters.moved++;
  }

  /** The last attempt stayed without a whole answer: the client is told, and duplicates of its request are told again. */
  private giveUp(slot: number): void {
    this.counters.givenUp++;
    this.forwarder.answerWithStatus(slot, STATUS_TIMEOUT);
    this.finish(slot, this.context.nowPs());
  }

  /** Forgets a request whose client stopped halfway. */
  private drop(slot: number): void {
    this.pool.end(this.table.worker[slot] as number);
    this.table.close(slot);
    this.table.forget(slot);
  }

  /** One refusal a request: of several fragments only the first is answered. */
  private refuse(datagram: UdpFrame, header: LambdaHeader, wId: number, status: number): void {
    if (status === STATUS_BAD_REQUEST) this.counters.badRequests++;
    else if (status === STATUS_UNKNOWN_FUNCTION) this.counters.unknownFunctions++;
    else if (status === STATUS_NOT_FOUND) this.counters.unknownLeases++;
    else this.counters.noCapacity++;
    if (header.fragment !== 0) return;
    this.answerClient(
      datagram.srcAddress,
      datagram.srcPort,
      wId,
      header.requestId,
      FLAG_RESPONSE |
        ((header.flags & FLAG_LEASE_REQUEST) !== 0 ? FLAG_LEASE_ANSWER : 0) |
        (header.flags & FLAG_LEASE_RELEASE),
      status,
      EMPTY,
    );
  }
}
