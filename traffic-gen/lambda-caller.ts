import { assert } from '../base/assert.ts';
import { copyOctets } from '../packet/copy-octets.ts';
import {
  emitFunctionName,
  emitLambda,
  FLAG_RESPONSE,
  FRAGMENT_OCTETS,
  fragmentCount,
  fragmentOctets,
  functionNameOctets,
  LAMBDA_BODY_OFFSET,
  LAMBDA_HEADER_OCTETS,
  type LambdaHeader,
  parseLambda,
  STATUS_NO_CAPACITY,
  STATUS_OK,
} from '../packet/lambda.ts';
import { allocateUdpFrame, UDP_PAYLOAD_OFFSET, type UdpFrame } from '../packet/udp-frame.ts';
import type { NodeContext } from '../time/node.ts';
import { OpenCalls } from './open-calls.ts';
import { Timeouts } from './timeouts.ts';

/** Where a call goes: to the gateway with the function's name, or straight to a worker with the lambda's id. */
export interface CallTarget {
  readonly address: number;
  /** 0 at the gateway. */
  readonly wId: number;
  /** Undefined at a worker. */
  readonly name: string | undefined;
}

export interface Call {
  readonly target: CallTarget;
  /** Besides RESPONSE: LEASE_REQUEST, LEASE_RELEASE or none. */
  readonly flags: number;
  readonly body: Uint8Array;
  /** Longest answer to accept. */
  readonly answerOctets: number;
  /** First timeout; doubles at each retry. */
  readonly timeoutPs: number;
  readonly retries: number;
}

/** How a call ended. `answered` false: nothing came, or only refusals for want of capacity (then `status` says so). */
export interface CallOutcome {
  readonly answered: boolean;
  readonly status: number;
  readonly wId: number;
  readonly body: Uint8Array;
  /** Times that the request was sent. */
  readonly attempts: number;
}

export type CallHandler = (outcome: CallOutcome) => void;

export interface CallerCounters {
  requestsSent: number;
  requestsResent: number;
  answersReceived: number;
  /** For a request that was answered already, or never sent; also a fragment that came twice. */
  duplicateAnswers: number;
  /** No valid lambda message, or one that contradicts its request or its other fragments. */
  malformedAnswers: number;
  /** "No capacity": the request stays open and its timer sends it again. */
  refusals: number;
}

/** What a call needs of the node. `send` takes a frame from `allocateUdpFrame` with its payload in place. */
export interface CallerEnvironment extends Pick<NodeContext, 'nowPs' | 'at' | 'cancel'> {
  send(frame: Uint8Array, payloadOctets: number, dstAddress: number): void;
}

const NOTHING = new Uint8Array(0);
const REQUEST_ID_LIMIT = 2 ** 32;

/**
 * Lambda requests over UDP with what the paper leaves to the sender (section 4.2.1, D3): timeouts, sending again under
 * the same request id, matching of answers, reassembly of fragments, and dropping of every answer but the first.
 */
export class LambdaCaller {
  readonly counters: CallerCounters = {
    requestsSent: 0,
    requestsResent: 0,
    answersReceived: 0,
    duplicateAnswers: 0,
    malformedAnswers: 0,
    refusals: 0,
  };
  private readonly environment: CallerEnvironment;
  private readonly open = new OpenCalls<OpenCall>();
  private readonly timeouts: Timeouts;
  private nextRequestId = 1;

  constructor(environment: CallerEnvironment) {
    this.environment = environment;
    this.timeouts = new Timeouts(
      environment,
      (requestId, deadlinePs) => this.open.get(requestId)?.deadlinePs === deadlinePs,
      (requestId) => this.onTimeout(this.open.get(requestId) as OpenCall),
    );
  }

  /** Requests that are not settled. */
  get outstanding(): number {
    return this.open.size;
  }

  /**
   * Sends a request.
   * @param then called once, never before `call` returns
   * @returns the request id, one more than that of the call before
   */
  call(call: Call, then: CallHandler): number {
    const requestId = this.nextRequestId++;
    assert(requestId < REQUEST_ID_LIMIT, 'request ids are used up');
    const open = { requestId, call, then, attempts: 0, refused: false, deadlinePs: 0, reassembly: undefined };
    this.open.add(open);
    this.attempt(open);
    return requestId;
  }

  /** A datagram to the caller's port. */
  onDatagram(datagram: UdpFrame): void {
    const { frame, payloadStart, payloadEnd } = datagram;
    const parsed = parseLambda(frame, payloadStart, payloadEnd);
    if (!parsed.ok || (parsed.value.flags & FLAG_RESPONSE) === 0) {
      this.counters.malformedAnswers++;
      return;
    }
    const header = parsed.value;
    const open = this.open.get(header.requestId);
    if (open === undefined || datagram.srcAddress !== open.call.target.address) {
      this.counters.duplicateAnswers++;
      return;
    }
    const octets = fragmentOctets(header);
    const start = payloadStart + LAMBDA_HEADER_OCTETS;
    if (header.length > open.call.answerOctets || start + octets > payloadEnd) {
      this.counters.malformedAnswers++;
      return;
    }
    if (header.status === STATUS_NO_CAPACITY) {
      open.refused = true;
      this.counters.refusals++;
      return;
    }
    const body = this.collect(open, header, frame.subarray(start, start + octets));
    if (body !== undefined) this.settle(open, true, header.status, header.wId, body);
  }

  /** The whole body once its last fragment is in. */
  private collect(open: OpenCall, header: LambdaHeader, part: Uint8Array): Uint8Array | undefined {
    if (header.fragments === 1) return part;
    const { status, length, fragments } = header;
    open.reassembly ??= {
      status,
      length,
      body: new Uint8Array(length),
      have: new Uint8Array(fragments),
      missing: fragments,
    };
    const { reassembly } = open;
    if (reassembly.status !== status || reassembly.length !== length) {
      this.counters.malformedAnswers++;
      return undefined;
    }
    if (reassembly.have[header.fragment] === 1) {
      this.counters.duplicateAnswers++;
      return undefined;
    }
    reassembly.have[header.fragment] = 1;
    reassembly.body.set(part, header.fragment * FRAGMENT_OCTETS);
    return --reassembly.missing === 0 ? reassembly.body : undefined;
  }

  private attempt(open: OpenCall): void {
    const { requestId, call } = open;
    open.deadlinePs = this.timeouts.watch(requestId, call.timeoutPs * 2 ** open.attempts);
    open.attempts++;
    if (open.attempts === 1) this.counters.requestsSent++;
    else this.counters.requestsResent++;
    const fragments = fragmentCount(call.body.length);
    for (let fragment = 0; fragment < fragments; fragment++) this.transmit(requestId, call, fragment, fragments);
  }

  private transmit(requestId: number, call: Call, fragment: number, fragments: number): void {
    const { target, flags, body } = call;
    const { wId, name } = target;
    const length = body.length;
    const partStart = fragment * FRAGMENT_OCTETS;
    const partEnd = Math.min(partStart + FRAGMENT_OCTETS, length);
    const nameOctets = name === undefined ? 0 : functionNameOctets(name);
    const payloadOctets = LAMBDA_HEADER_OCTETS + nameOctets + partEnd - partStart;
    const frame = allocateUdpFrame(payloadOctets);
    emitLambda(frame, UDP_PAYLOAD_OFFSET, { wId, requestId, fragment, fragments, flags, status: STATUS_OK, length });
    if (name !== undefined) emitFunctionName(frame, LAMBDA_BODY_OFFSET, name);
    copyOctets(frame, LAMBDA_BODY_OFFSET + nameOctets, body, partStart, partEnd);
    this.environment.send(frame, payloadOctets, target.address);
  }

  private onTimeout(open: OpenCall): void {
    if (open.attempts <= open.call.retries) {
      this.attempt(open);
      return;
    }
    const status = open.refused ? STATUS_NO_CAPACITY : STATUS_OK;
    this.settle(open, false, status, 0, NOTHING);
  }

  private settle(open: OpenCall, answered: boolean, status: number, wId: number, body: Uint8Array): void {
    this.open.remove(open);
    if (answered) this.counters.answersReceived++;
    open.then({ answered, status, wId, body, attempts: open.attempts });
    // Asked last: in a closed loop the next call has begun by now and the timer goes on serving.
    if (this.open.size === 0) this.timeouts.clear();
  }
}

interface OpenCall {
  readonly requestId: number;
  readonly call: Call;
  readonly then: CallHandler;
  attempts: number;
  refused: boolean;
  /** When the present attempt ends. */
  deadlinePs: number;
  reassembly: Reassembly | undefined;
}

/** An answer of several fragments, in any order. */
interface Reassembly {
  readonly status: number;
  readonly length: number;
  readonly body: Uint8Array;
  /** 1 for each fragment that is in. */
  readonly have: Uint8Array;
  missing: number;
}
