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
  FRAGMENT_OCTETS,
  type FunctionName,
  fragmentOctets,
  LAMBDA_HEADER_OCTETS,
  type LambdaHeader,
  parseFunctionName,
  parseLambda,
  STATUS_BAD_REQUEST,
  STATUS_NO_CAPACITY,
  STATUS_NOT_FOUND,
  STATUS_TIMEOUT,
  STATUS_UNKNOWN_FUNCTION,
} from '../../../packet/lambda.ts';
import { PORT_LAMBDA } from '../../../packet/udp.ts';
import { UDP_PAYLOAD_OFFSET, type UdpFrame } from '../../../packet/udp-frame.ts';
import type { NodeContext, RequestRow } from '../../../time/node.ts';
import type { GatewaySpec } from '../../../topology/types.ts';
import { Deadlines } from './deadlines.ts';
import type { FunctionTable, GatewayFunction } from './function-table.ts';
import { type GatewayCounters, newGatewayCounters } from './gateway-counters.ts';
import { IdQueue } from './id-queue.ts';
import { lambdaFrame } from './lambda-frames.ts';
import { LeaseDesk, type LeaseManagement, type LeaseOutlet } from './lease-desk.ts';
import { RequestLog } from './request-log.ts';
import { type KeptFrames, RequestTable, STATE_ANSWERED, STATE_ASSEMBLING, STATE_IN_FLIGHT } from './request-table.ts';
import type { WorkerPool } from './worker-pool.ts';

export interface GatewayOptions {
  readonly spec: GatewaySpec;
  /** Work of a hardware thread on one message, ps. */
  readonly servicePs: number;
  /** Requests in flight and remembered answers together, a power of two; default 32,768. */
  readonly tableEntries?: number;
  /** Octets of remembered answers; beyond it the oldest are forgotten. Default 32 MiB. */
  readonly answerCacheOctets?: number;
  /** Longest message, in fragments; default 1,024 (1 MiB). */
  readonly maximumFragments?: number;
}

export type GatewayContext = Pick<NodeContext, 'nowPs' | 'at' | 'cancel'>;

const EMPTY = new Uint8Array(0);
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
  private readonly context: GatewayContext;
  private readonly cpu: Pick<HostCpu, 'run'>;
  private readonly stack: Pick<HostStack, 'sendInPlace'>;
  private readonly functions: FunctionTable;
  private readonly pool: WorkerPool;
  readonly leases: LeaseDesk;
  private readonly spec: GatewaySpec;
  private readonly servicePs: number;
  private readonly answerCacheOctets: number;
  private readonly maximumFragments: number;
  private readonly table: RequestTable;
  private readonly deadlines: Deadlines;
  private readonly log = new RequestLog();
  /** Work that waits for the processor, oldest first: a datagram, or the id of a request to be sent again. */
  private readonly work: (UdpFrame | number)[] = [];
  private readonly workArrivedPs: number[] = [];
  private workHead = 0;
  private readonly onWorkDone = (): void => this.finishWork();
  /** Ids in the order in which they were answered, for forgetting. */
  private readonly answered = new IdQueue(1024);
  private answeredOctets = 0;

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
    this.cpu = cpu;
    this.stack = stack;
    this.functions = functions;
    this.pool = pool;
    this.leases = new LeaseDesk(context, functions, pool, management, this, options.spec.placement);
    this.spec = options.spec;
    this.servicePs = options.servicePs;
    this.answerCacheOctets = options.answerCacheOctets ?? 32 * 1024 * 1024;
    this.maximumFragments = options.maximumFragments ?? 1024;
    this.table = new RequestTable(options.tableEntries ?? 32_768);
    this.deadlines = new Deadlines(
      context,
      options.spec.retries + 2,
      (requestId, attempt) => this.deadlineOf(requestId, attempt),
      (requestId) => this.expire(requestId),
    );
  }

  /** A datagram on UDP 4369 of the data network. */
  onDatagram(datagram: UdpFrame): void {
    this.enqueue(datagram);
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
  logLease(leaseId: number, lambda: number, worker: number, startPs: number, endPs: number, status: number): void {
    this.log.append(leaseId, lambda, worker, startPs, endPs, 1, status);
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

  /** Every message takes equally long and the processor is a queue, so that work ends in the order in which it came. */
  private enqueue(work: UdpFrame | number): void {
    this.work.push(work);
    this.workArrivedPs.push(this.context.nowPs());
    this.cpu.run(this.servicePs, this.onWorkDone);
  }

  private finishWork(): void {
    const work = this.work[this.workHead] as UdpFrame | number;
    const arrivedPs = this.workArrivedPs[this.workHead] as number;
    this.workHead++;
    if (this.workHead === this.work.length) {
      this.work.length = 0;
      this.workArrivedPs.length = 0;
      this.workHead = 0;
    } else if (this.workHead >= 1024) {
      this.work.splice(0, this.workHead);
      this.workArrivedPs.splice(0, this.workHead);
      this.workHead = 0;
    }
    if (typeof work === 'number') this.sendAgain(work);
    else this.handle(work, arrivedPs);
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
    const name = parseFunctionName(datagram.frame, bodyStart, datagram.payloadEnd);
    if (!name.ok || header.wId !== 0) {
      this.refuse(datagram, header, 0, STATUS_BAD_REQUEST);
      return;
    }
    const target = this.functions.find(name.value.name);
    if (!this.functions.published) {
      this.refuse(datagram, header, 0, STATUS_NO_CAPACITY);
    } else if (target === undefined) {
      this.refuse(datagram, header, 0, STATUS_UNKNOWN_FUNCTION);
    } else if ((header.flags & FLAG_LEASE_REQUEST) !== 0) {
      this.leases.onRequest(datagram, header, target, name.value.end);
    } else if ((header.flags & FLAG_LEASE_RELEASE) !== 0) {
      this.leases.onRelease(datagram, header, target, name.value.end);
    } else {
      this.handleFragment(datagram, header, target, name.value);
    }
  }

  private handleFragment(datagram: UdpFrame, header: LambdaHeader, target: GatewayFunction, name: FunctionName): void {
    if (datagram.payloadEnd - name.end !== fragmentOctets(header) || header.fragments > this.maximumFragments) {
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
        if (same && table.answers[slot] !== undefined) {
          this.counters.duplicateRequestsAnswered++;
          // A client repeats all fragments; one of them asks for the answer.
          if (header.fragment === 0) this.answerAgain(slot);
          return;
        }
        this.forget(slot);
        slot = -1;
      } else if (!same) {
        this.counters.requestIdConflicts++;
        return;
      }
    }
    if (slot < 0) {
      slot = this.open(datagram, header, target, name.end);
      if (slot < 0) return;
    }
    this.forward(slot, datagram, header, target, name.end);
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
    if (table.state[table.slotFor(requestId)] === STATE_ANSWERED) this.forget(table.slotFor(requestId));
    const slot = table.open(requestId, datagram.srcAddress, datagram.srcPort, header.requestId);
    table.lambda[slot] = target.index;
    table.worker[slot] = worker;
    table.flags[slot] = header.flags & FLAG_KEEP;
    table.length[slot] = header.length;
    table.fragments[slot] = header.fragments;
    table.startPs[slot] = this.context.nowPs();
    table.requests[slot] = emptyFrames(header.fragments);
    table.answers[slot] = undefined;
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
  private forward(
    slot: number,
    datagram: UdpFrame,
    header: LambdaHeader,
    target: GatewayFunction,
    bodyStart: number,
  ): void {
    const { table } = this;
    const kept = table.requests[slot] as KeptFrames;
    if (table.state[slot] !== STATE_ASSEMBLING || kept[header.fragment] !== undefined) {
      this.counters.duplicateRequestsIgnored++;
      return;
    }
    const requestId = table.requestId[slot] as number;
    const frame = lambdaFrame(
      target.id,
      requestId,
      header.fragment,
      header.fragments,
      table.flags[slot] as number,
      0,
      header.length,
      datagram.frame,
      bodyStart,
      datagram.payloadEnd,
    );
    kept[header.fragment] = frame;
    this.sendToWorker(slot, frame, LAMBDA_HEADER_OCTETS + datagram.payloadEnd - bodyStart);
    table.fragmentsHere[slot] = (table.fragmentsHere[slot] as number) + 1;
    if (table.fragmentsHere[slot] === header.fragments) {
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
    let kept = table.answers[slot];
    if (kept === undefined) {
      kept = emptyFrames(header.fragments);
      table.answers[slot] = kept;
      table.answerFragments[slot] = header.fragments;
      table.answerLength[slot] = header.length;
      table.status[slot] = header.status;
    } else if (
      table.answerFragments[slot] !== header.fragments ||
      table.answerLength[slot] !== header.length ||
      table.status[slot] !== header.status
    ) {
      // The lambda ran twice and answered differently; the fragments of two answers are never mixed.
      this.counters.inconsistentAnswers++;
      return;
    }
    if (kept[header.fragment] !== undefined) {
      this.counters.lateAnswers++;
      return;
    }
    const frame = lambdaFrame(
      header.wId,
      table.clientRequestId[slot] as number,
      header.fragment,
      header.fragments,
      header.flags,
      header.status,
      header.length,
      datagram.frame,
      bodyStart,
      datagram.payloadEnd,
    );
    kept[header.fragment] = frame;
    this.sendToClient(slot, frame, LAMBDA_HEADER_OCTETS + datagram.payloadEnd - bodyStart);
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
      this.functions.functions[table.lambda[slot] as number]?.id === header.wId
    );
  }

  /** Logs a request and lets its slot remember the answer. */
  private finish(slot: number, endPs: number): void {
    const { table } = this;
    const requestId = table.requestId[slot] as number;
    const worker = table.worker[slot] as number;
    this.log.append(
      requestId,
      table.lambda[slot] as number,
      worker,
      table.startPs[slot] as number,
      endPs,
      table.attempts[slot] as number,
      table.status[slot] as number,
    );
    this.pool.end(worker);
    table.close(slot);
    this.answered.push(requestId);
    this.answeredOctets += this.rememberedOctets(slot);
    this.forgetOldAnswers();
    if (table.outstanding === 0) this.deadlines.clear();
  }

  private forgetOldAnswers(): void {
    while (this.answeredOctets > this.answerCacheOctets || this.answered.length > this.table.capacity) {
      const slot = this.table.slotOf(this.answered.shift());
      if (slot < 0 || this.table.state[slot] !== STATE_ANSWERED) continue;
      this.forget(slot);
    }
  }

  private forget(slot: number): void {
    this.answeredOctets -= this.rememberedOctets(slot);
    this.table.forget(slot);
  }

  /** What an answered request costs the bounded memory of answers. */
  private rememberedOctets(slot: number): number {
    return this.table.answers[slot] === undefined ? 0 : (this.table.answerLength[slot] as number);
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
    } else if ((table.attempts[slot] as number) <= this.spec.retries) {
      this.counters.resends++;
      this.beginAttempt(slot);
      this.enqueue(requestId);
    } else {
      this.giveUp(slot);
    }
  }

  private sendAgain(requestId: number): void {
    const slot = this.table.slotOf(requestId);
    if (slot < 0 || this.table.state[slot] !== STATE_IN_FLIGHT) return;
    const kept = this.table.requests[slot] as KeptFrames;
    const length = this.table.length[slot] as number;
    for (let fragment = 0; fragment < kept.length; fragment++) {
      this.sendToWorker(slot, copyOf(kept[fragment] as Uint8Array), payloadOctets(length, fragment, kept.length));
    }
  }

  /** The last attempt stayed without a whole answer: the client is told, and duplicates of its request are told again. */
  private giveUp(slot: number): void {
    const { table } = this;
    this.counters.timeouts++;
    table.status[slot] = STATUS_TIMEOUT;
    const wId = (this.functions.functions[table.lambda[slot] as number] as GatewayFunction).id;
    const clientRequestId = table.clientRequestId[slot] as number;
    const frame = lambdaFrame(wId, clientRequestId, 0, 1, FLAG_RESPONSE, STATUS_TIMEOUT, 0, EMPTY, 0, 0);
    table.answers[slot] = [frame];
    table.answerLength[slot] = 0;
    this.sendToClient(slot, frame, LAMBDA_HEADER_OCTETS);
    this.finish(slot, this.context.nowPs());
  }

  /** Forgets a request whose client stopped halfway. */
  private drop(slot: number): void {
    this.pool.end(this.table.worker[slot] as number);
    this.table.close(slot);
    this.table.forget(slot);
  }

  private answerAgain(slot: number): void {
    const kept = this.table.answers[slot] as KeptFrames;
    const length = this.table.answerLength[slot] as number;
    for (let fragment = 0; fragment < kept.length; fragment++) {
      this.sendToClient(slot, copyOf(kept[fragment] as Uint8Array), payloadOctets(length, fragment, kept.length));
    }
  }

  private sendToWorker(slot: number, frame: Uint8Array, payloadOctets: number): void {
    const { address } = this.pool.worker(this.table.worker[slot] as number);
    this.stack.sendInPlace(frame, payloadOctets, PORT_LAMBDA, address, PORT_LAMBDA);
  }

  private sendToClient(slot: number, frame: Uint8Array, payloadOctets: number): void {
    const address = this.table.clientAddress[slot] as number;
    this.stack.sendInPlace(frame, payloadOctets, PORT_LAMBDA, address, this.table.clientPort[slot] as number);
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

function emptyFrames(fragments: number): KeptFrames {
  return fragments === 1 ? [undefined] : new Array<Uint8Array | undefined>(fragments).fill(undefined);
}

/** UDP payload of one fragment of a message of `length` octets. */
function payloadOctets(length: number, fragment: number, fragments: number): number {
  const octets = fragments === 1 ? length : Math.min(FRAGMENT_OCTETS, length - fragment * FRAGMENT_OCTETS);
  return LAMBDA_HEADER_OCTETS + octets;
}

/** A new frame with the same payload; the headers before it are written when it is sent. */
function copyOf(frame: Uint8Array): Uint8Array {
  const copy = new Uint8Array(frame.length);
  copy.set(frame.subarray(UDP_PAYLOAD_OFFSET), UDP_PAYLOAD_OFFSET);
  return copy;
}
