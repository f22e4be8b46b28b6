import type { HostStack } from '../../../host/host-stack.ts';
import { FLAG_RESPONSE, FRAGMENT_OCTETS, LAMBDA_HEADER_OCTETS, type LambdaHeader } from '../../../packet/lambda.ts';
import { PORT_LAMBDA } from '../../../packet/udp.ts';
import type { UdpFrame } from '../../../packet/udp-frame.ts';
import { AnswerMemory } from './answer-memory.ts';
import type { FunctionTable, GatewayFunction } from './function-table.ts';
import { copyOfFrame, lambdaFrame, octetsOfFragment } from './lambda-frames.ts';
import type { KeptFrames, RequestTable } from './request-table.ts';
import type { WorkerPool } from './worker-pool.ts';

const EMPTY = new Uint8Array(0);

/** Makes and sends the gateway's frames: requests on to workers, answers back to clients, and both once more. */
export class Forwarder {
  private readonly stack: Pick<HostStack, 'sendInPlace'>;
  private readonly table: RequestTable;
  private readonly functions: FunctionTable;
  private readonly pool: WorkerPool;
  private readonly memory: AnswerMemory;

  constructor(
    stack: Pick<HostStack, 'sendInPlace'>,
    table: RequestTable,
    functions: FunctionTable,
    pool: WorkerPool,
    answerMemoryOctets: number,
  ) {
    this.stack = stack;
    this.table = table;
    this.functions = functions;
    this.pool = pool;
    this.memory = new AnswerMemory(answerMemoryOctets);
  }

  /**
   * Sends a request's fragment to its worker and keeps the frame.
   * @returns false when this fragment was sent before: nothing happens
   */
  requestOn(slot: number, datagram: UdpFrame, header: LambdaHeader, bodyStart: number): boolean {
    const { table } = this;
    const { fragment, fragments } = header;
    const kept = table.requests[slot];
    if (fragments === 1 ? kept !== undefined : (kept as KeptFrames | undefined)?.[fragment] !== undefined) return false;
    const frame = lambdaFrame(
      this.functionOf(slot).id,
      table.requestId[slot] as number,
      fragment,
      fragments,
      table.flags[slot] as number,
      0,
      header.length,
      datagram.frame,
      bodyStart,
      datagram.payloadEnd,
    );
    if (fragments === 1) table.requests[slot] = frame;
    else if (kept === undefined) {
      const frames: KeptFrames = new Array(fragments).fill(undefined);
      frames[fragment] = frame;
      table.requests[slot] = frames;
    } else (kept as KeptFrames)[fragment] = frame;
    this.toWorker(slot, frame, datagram.payloadEnd - bodyStart);
    return true;
  }

  /** Sends all of a complete request to its worker once more. */
  requestAgain(slot: number): void {
    const kept = this.table.requests[slot];
    const length = this.table.length[slot] as number;
    if (kept instanceof Uint8Array) {
      this.toWorker(slot, copyOfFrame(kept), length);
      return;
    }
    const frames = kept as KeptFrames;
    for (let fragment = 0; fragment < frames.length; fragment++) {
      const octets = octetsOfFragment(length, fragment, frames.length);
      this.toWorker(slot, copyOfFrame(frames[fragment] as Uint8Array), octets);
    }
  }

  /** Notes what the first fragment of an answer says about all of them, and finds a place to remember it. */
  beginAnswer(slot: number, header: LambdaHeader): void {
    const { table } = this;
    table.answerFragments[slot] = header.fragments;
    table.answerLength[slot] = header.length;
    table.answerFlags[slot] = header.flags;
    table.status[slot] = header.status;
    table.answerPlace[slot] = this.memory.reserve(header.length);
    table.answerSeen[slot] = header.fragments === 1 ? undefined : new Uint8Array(header.fragments);
  }

  /** Sends an answer's fragment to the client and remembers its octets. */
  answerBack(slot: number, datagram: UdpFrame, header: LambdaHeader, bodyStart: number): void {
    const { table } = this;
    const place = table.answerPlace[slot] as number;
    if (this.memory.holds(place)) {
      const within = header.fragment * FRAGMENT_OCTETS;
      this.memory.write(place, within, datagram.frame, bodyStart, datagram.payloadEnd);
    }
    this.answerFragment(slot, header.fragment, datagram.frame, bodyStart);
  }

  /** Whether an answered request's answer can be sent once more. */
  remembers(slot: number): boolean {
    return this.memory.holds(this.table.answerPlace[slot] as number);
  }

  /** Sends a remembered answer once more. */
  answerAgain(slot: number): void {
    const start = this.memory.offsetOf(this.table.answerPlace[slot] as number);
    for (let fragment = 0; fragment < (this.table.answerFragments[slot] as number); fragment++) {
      this.answerFragment(slot, fragment, this.memory.octets, start + fragment * FRAGMENT_OCTETS);
    }
  }

  /** Makes up an answer that is a status alone, in place of the worker's, and sends it. */
  answerWithStatus(slot: number, status: number): void {
    const wId = this.functionOf(slot).id;
    const header = { wId, requestId: 0, fragment: 0, fragments: 1, flags: FLAG_RESPONSE, status, length: 0 };
    this.beginAnswer(slot, header);
    this.answerFragment(slot, 0, EMPTY, 0);
  }

  functionOf(slot: number): GatewayFunction {
    return this.functions.functions[this.table.lambda[slot] as number] as GatewayFunction;
  }

  private answerFragment(slot: number, fragment: number, octets: Uint8Array, start: number): void {
    const { table } = this;
    const fragments = table.answerFragments[slot] as number;
    const length = table.answerLength[slot] as number;
    const partOctets = octetsOfFragment(length, fragment, fragments);
    const frame = lambdaFrame(
      this.functionOf(slot).id,
      table.clientRequestId[slot] as number,
      fragment,
      fragments,
      table.answerFlags[slot] as number,
      table.status[slot] as number,
      length,
      octets,
      start,
      start + partOctets,
    );
    const payloadOctets = LAMBDA_HEADER_OCTETS + partOctets;
    const address = table.clientAddress[slot] as number;
    this.stack.sendInPlace(frame, payloadOctets, PORT_LAMBDA, address, table.clientPort[slot] as number);
  }

  private toWorker(slot: number, frame: Uint8Array, bodyOctets: number): void {
    const { address } = this.pool.worker(this.table.worker[slot] as number);
    this.stack.sendInPlace(frame, LAMBDA_HEADER_OCTETS + bodyOctets, PORT_LAMBDA, address, PORT_LAMBDA);
  }
}
