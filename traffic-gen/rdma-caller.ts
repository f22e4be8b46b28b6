import type { RandomStream } from '../base/random.ts';
import { writeUint32 } from '../packet/big-endian.ts';
import { FLAG_KEEP, FLAG_LEASE_RELEASE, FLAG_LEASE_REQUEST, FLAG_RDMA, STATUS_OK } from '../packet/lambda.ts';
import {
  emitLeaseRelease,
  emitLeaseRequest,
  emitMessageHead,
  LEASE_ANSWER_OCTETS,
  type LeaseAnswer,
  MESSAGE_HEAD_OCTETS,
  parseLeaseAnswer,
} from '../packet/lease.ts';
import type { RdmaEngine } from '../rdma/engine.ts';
import type { RegionMemory } from '../rdma/memory-region.ts';
import type { NodeContext } from '../time/node.ts';
import type { CallOutcome, LambdaCaller } from './lambda-caller.ts';
import {
  Attempt,
  type AttemptOwner,
  type AttemptResult,
  type OpenRdmaCall,
  type RdmaCall,
  type RdmaOutcome,
} from './rdma-attempt.ts';

export interface RdmaCallerCounters {
  leasesGranted: number;
  leasesReleased: number;
  /** Results, follow-ups included. */
  resultsReceived: number;
  /** Attempts given up: no result in time, or a broken queue pair. */
  attemptsAbandoned: number;
  /** A lease or a result that contradicts its request. */
  malformedAnswers: number;
}

const NOTHING = new Uint8Array(0);
/** Where clients' regions begin, as remote nodes name them; each call has its own octets. */
const REGION_BASE = 0x10_0000_0000n;
const REGION_STRIDE = 1n << 24n;
const PSN_LIMIT = 2 ** 24;

/**
 * Long messages (paper section 4.2.1, D3; steps in docs/traffic-gen.md): lease a slot at the gateway, write head and
 * input into it with the slot's number as immediate, wait for the result in a region of our own. What goes wrong on the
 * way costs the attempt: the lease is given back and a new one asked for.
 */
export class RdmaCaller implements AttemptOwner {
  readonly counters: RdmaCallerCounters = {
    leasesGranted: 0,
    leasesReleased: 0,
    resultsReceived: 0,
    attemptsAbandoned: 0,
    malformedAnswers: 0,
  };
  private readonly context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel'>;
  private readonly engine: RdmaEngine;
  private readonly caller: LambdaCaller;
  private readonly gatewayAddress: number;
  private readonly random: RandomStream;
  private readonly attempts = new Map<number, Attempt>();
  private callsMade = 0n;

  /** @param random for the first packet sequence numbers */
  constructor(
    context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel'>,
    engine: RdmaEngine,
    caller: LambdaCaller,
    gatewayAddress: number,
    random: RandomStream,
  ) {
    this.context = context;
    this.engine = engine;
    this.caller = caller;
    this.gatewayAddress = gatewayAddress;
    this.random = random;
    engine.onImmediate((qpn, event) => this.attempts.get(qpn)?.onResult(event));
    engine.onQueuePairError((qpn) => this.attempts.get(qpn)?.abandon());
  }

  /**
   * Starts a call.
   * @param then called once, never before `call` returns
   * @returns the request id of its first lease request
   */
  call(call: RdmaCall, then: (outcome: RdmaOutcome) => void): number {
    return this.begin({ call, then, attempts: 0, workerAddress: 0, requestIds: [] });
  }

  private begin(open: OpenRdmaCall): number {
    const { call } = open;
    const memory = new Uint8Array(MESSAGE_HEAD_OCTETS + call.answerOctets);
    const address = REGION_BASE + this.callsMade++ * REGION_STRIDE;
    const region = this.engine.registerRegion({
      memory: regionOver(memory),
      address,
      length: memory.length,
      rights: { remoteWrite: true, remoteRead: false },
    });
    const { qpn } = this.engine.createQueuePair();
    const startPsn = this.random.below(PSN_LIMIT);
    const attempt = new Attempt(this, this.context, open, { memory, region, qpn });
    this.attempts.set(qpn, attempt);
    const timeoutPs = call.timeoutPs * 2 ** Math.min(open.attempts, call.retries);
    const body = emitLeaseRequest({
      inputOctets: call.body.length,
      outputOctets: call.answerOctets,
      clientQpn: qpn,
      clientStartPsn: startPsn,
      clientRkey: region.rkey,
      clientAddress: address,
      clientMac: this.engine.mac,
      lambdaFlags: call.followUp === undefined ? 0 : FLAG_KEEP,
    });
    const lease = {
      target: { address: this.gatewayAddress, wId: 0, name: call.lambda },
      flags: FLAG_LEASE_REQUEST,
      body,
      answerOctets: LEASE_ANSWER_OCTETS,
      timeoutPs,
      retries: call.retries - Math.min(open.attempts, call.retries),
    };
    const requestId = this.caller.call(lease, (outcome) => this.onLease(attempt, startPsn, timeoutPs, outcome));
    open.requestIds.push(requestId);
    return requestId;
  }

  private onLease(attempt: Attempt, startPsn: number, timeoutPs: number, outcome: CallOutcome): void {
    const { open } = attempt;
    open.attempts += outcome.attempts;
    const lease =
      outcome.answered && outcome.status === STATUS_OK
        ? parseLeaseAnswer(outcome.body, 0, outcome.body.length)
        : undefined;
    if (lease === undefined) {
      this.finish(attempt, { answered: outcome.answered, status: outcome.status, body: NOTHING, followUp: undefined });
      return;
    }
    if (!lease.ok || lease.value.slotInputOctets < MESSAGE_HEAD_OCTETS + open.call.body.length) {
      this.counters.malformedAnswers++;
      if (lease.ok) this.release(open.call, lease.value.leaseId);
      this.finish(attempt, { answered: false, status: STATUS_OK, body: NOTHING, followUp: undefined });
      return;
    }
    this.counters.leasesGranted++;
    attempt.start(lease.value, startPsn, timeoutPs);
  }

  /** Writes head and input into the slot; the engine sends again what is lost. */
  write(attempt: Attempt, lease: LeaseAnswer, startPsn: number): void {
    const { call } = attempt.open;
    this.engine.connect(attempt.resources.qpn, {
      remoteQpn: lease.workerQpn,
      remoteMac: lease.workerMac,
      remoteAddress: lease.workerAddress,
      startPsn,
      expectedPsn: lease.workerStartPsn,
    });
    const octets = new Uint8Array(MESSAGE_HEAD_OCTETS + call.body.length);
    emitMessageHead(octets, 0, {
      wId: lease.wId,
      requestId: lease.leaseId,
      fragment: 0,
      fragments: 1,
      flags: FLAG_RDMA | (call.followUp === undefined ? 0 : FLAG_KEEP),
      status: STATUS_OK,
      length: call.body.length,
    });
    octets.set(call.body, MESSAGE_HEAD_OCTETS);
    const request = { remoteAddress: lease.address, rkey: lease.rkey, octets, immediate: lease.slot };
    this.engine.write(attempt.resources.qpn, request, (completion) => {
      if (!completion.ok && completion.code !== 'flushed') attempt.abandon();
    });
  }

  /** Asks the second lambda about a kept result. */
  askFollowUp(attempt: Attempt, lease: LeaseAnswer, status: number, resultOctets: number, timeoutPs: number): void {
    const { call, requestIds } = attempt.open;
    const followUp = call.followUp!;
    const body = new Uint8Array(12);
    writeUint32(body, 0, lease.leaseId);
    writeUint32(body, 4, lease.slot);
    writeUint32(body, 8, resultOctets);
    const target = { address: this.gatewayAddress, wId: 0, name: followUp.lambda };
    const { answerOctets } = followUp;
    const { retries } = call;
    const requestId = this.caller.call({ target, flags: 0, body, answerOctets, timeoutPs, retries }, (outcome) => {
      attempt.open.attempts += outcome.attempts - 1;
      this.release(call, lease.leaseId);
      const answer = { status: outcome.status, body: outcome.body };
      this.finish(attempt, {
        answered: outcome.answered,
        status,
        body: NOTHING,
        followUp: outcome.answered ? answer : undefined,
      });
    });
    requestIds.push(requestId);
  }

  /** Gives a lease back: after a kept result, or when its attempt failed and the slot would stay taken. */
  release(call: RdmaCall, leaseId: number): void {
    this.counters.leasesReleased++;
    const target = { address: this.gatewayAddress, wId: 0, name: call.lambda };
    const body = emitLeaseRelease({ leaseId });
    const { timeoutPs, retries } = call;
    this.caller.call({ target, flags: FLAG_LEASE_RELEASE, body, answerOctets: 0, timeoutPs, retries }, () => {});
  }

  /** An attempt failed on its way: again with a new lease, or the end. */
  retry(attempt: Attempt): void {
    const { open } = attempt;
    this.counters.attemptsAbandoned++;
    this.forget(attempt);
    if (open.attempts <= open.call.retries) this.begin(open);
    else this.conclude(open, { answered: false, status: STATUS_OK, body: NOTHING, followUp: undefined });
  }

  finish(attempt: Attempt, result: AttemptResult): void {
    this.forget(attempt);
    this.conclude(attempt.open, result);
  }

  /** Closes the attempt's memory at once; the engine goes on acknowledging for a while, in case our last ACK was lost. */
  private forget(attempt: Attempt): void {
    attempt.stop();
    const { qpn, region } = attempt.resources;
    this.attempts.delete(qpn);
    this.engine.deregisterRegion(region.rkey);
    this.engine.destroyQueuePair(qpn);
  }

  private conclude(open: OpenRdmaCall, result: AttemptResult): void {
    const { attempts, workerAddress, requestIds } = open;
    open.then({ ...result, attempts, workerAddress, furtherRequestIds: requestIds.slice(1) });
  }
}

function regionOver(octets: Uint8Array): RegionMemory {
  return {
    read: (offset, length) => octets.subarray(offset, offset + length),
    write: (offset, written) => octets.set(written, offset),
  };
}
