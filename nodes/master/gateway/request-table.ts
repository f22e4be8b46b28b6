import { assert } from '../../../base/assert.ts';

/** Nothing is known in this slot. */
export const STATE_FREE = 0;
/** Fragments of the request are still missing. */
export const STATE_ASSEMBLING = 1;
/** The whole request is with the worker. */
export const STATE_IN_FLIGHT = 2;
/** Answered; kept so that a duplicate gets the same answer. */
export const STATE_ANSWERED = 3;

/**
 * A message's frames by fragment. A frame that was sent is never written again: to send its contents once more a new
 * frame is made from it.
 */
export type KeptFrames = (Uint8Array | undefined)[];

/** Capacity of the table unless told otherwise. */
export const DEFAULT_TABLE_ENTRIES = 16_384;

const NO_SLOT = -1;

/**
 * The gateway's mapping between what clients call a request (address, port, request id) and what the workers see (the
 * gateway's own request id): a table of columns in typed arrays, so that a request costs no object. A request lies in
 * the slot that its id's low bits name; ids go up by one, so a slot is reused one lap later, and the table is at once
 * the bounded memory of recent answers. Clients' names are found through a chained hash over the same slots.
 */
export class RequestTable {
  readonly capacity: number;
  readonly requestId: Uint32Array;
  readonly state: Uint8Array;
  readonly clientAddress: Uint32Array;
  readonly clientPort: Uint16Array;
  readonly clientRequestId: Uint32Array;
  readonly lambda: Uint16Array;
  readonly worker: Uint16Array;
  readonly flags: Uint16Array;
  readonly length: Uint32Array;
  readonly fragments: Uint16Array;
  readonly fragmentsHere: Uint16Array;
  readonly answerFragments: Uint16Array;
  readonly answerFragmentsHere: Uint16Array;
  readonly answerLength: Uint32Array;
  readonly attempts: Uint8Array;
  readonly status: Uint16Array;
  readonly startPs: Float64Array;
  readonly deadlinePs: Float64Array;
  readonly answerFlags: Uint16Array;
  /** Where the answer lies in the memory of answers. */
  readonly answerPlace: Float64Array;
  /** What was sent to the worker: the frame, or those of several fragments; kept until the answer is whole. */
  readonly requests: (Uint8Array | KeptFrames | undefined)[];
  /** Of an answer of several fragments: 1 for each that came. */
  readonly answerSeen: (Uint8Array | undefined)[];

  private readonly mask: number;
  private readonly heads: Int32Array;
  private readonly next: Int32Array;
  private lastId = 0;
  private active = 0;

  /** @param capacity a power of two: requests in flight and remembered answers together */
  constructor(capacity: number) {
    assert(capacity >= 2 && (capacity & (capacity - 1)) === 0, 'the request table has a power of two of slots');
    this.capacity = capacity;
    this.mask = capacity - 1;
    this.requestId = new Uint32Array(capacity);
    this.state = new Uint8Array(capacity);
    this.clientAddress = new Uint32Array(capacity);
    this.clientPort = new Uint16Array(capacity);
    this.clientRequestId = new Uint32Array(capacity);
    this.lambda = new Uint16Array(capacity);
    this.worker = new Uint16Array(capacity);
    this.flags = new Uint16Array(capacity);
    this.length = new Uint32Array(capacity);
    this.fragments = new Uint16Array(capacity);
    this.fragmentsHere = new Uint16Array(capacity);
    this.answerFragments = new Uint16Array(capacity);
    this.answerFragmentsHere = new Uint16Array(capacity);
    this.answerLength = new Uint32Array(capacity);
    this.attempts = new Uint8Array(capacity);
    this.status = new Uint16Array(capacity);
    this.startPs = new Float64Array(capacity);
    this.deadlinePs = new Float64Array(capacity);
    this.requests = new Array(capacity).fill(undefined);
    this.answerSeen = new Array(capacity).fill(undefined);
    this.answerFlags = new Uint16Array(capacity);
    this.answerPlace = new Float64Array(capacity);
    this.heads = new Int32Array(2 * capacity).fill(NO_SLOT);
    this.next = new Int32Array(capacity).fill(NO_SLOT);
  }

  /** Requests being assembled or in flight. */
  get outstanding(): number {
    return this.active;
  }

  /** The slot that knows this client's request, or -1. */
  find(clientAddress: number, clientPort: number, clientRequestId: number): number {
    let slot = this.heads[this.bucket(clientAddress, clientPort, clientRequestId)] as number;
    while (slot !== NO_SLOT) {
      if (
        this.clientRequestId[slot] === clientRequestId &&
        this.clientAddress[slot] === clientAddress &&
        this.clientPort[slot] === clientPort
      ) {
        return slot;
      }
      slot = this.next[slot] as number;
    }
    return NO_SLOT;
  }

  /** The slot of a gateway request id, in whatever state but free, or -1. */
  slotOf(requestId: number): number {
    const slot = requestId & this.mask;
    return this.requestId[slot] === requestId && this.state[slot] !== STATE_FREE ? slot : NO_SLOT;
  }

  isOutstanding(slot: number): boolean {
    const state = this.state[slot];
    return state === STATE_ASSEMBLING || state === STATE_IN_FLIGHT;
  }

  /** The next id that no request in flight uses the slot of; 0 when all slots are in flight. Ids are 1 to 2^32-1. */
  nextId(): number {
    for (let tries = 0; tries < this.capacity; tries++) {
      this.lastId = this.lastId === 0xffff_ffff ? 1 : this.lastId + 1;
      if (!this.isOutstanding(this.lastId & this.mask)) return this.lastId;
    }
    return 0;
  }

  /** The slot that a request with this id would take. */
  slotFor(requestId: number): number {
    return requestId & this.mask;
  }

  /** Opens a request under an id from `nextId`, whose slot has been freed. */
  open(requestId: number, clientAddress: number, clientPort: number, clientRequestId: number): number {
    const slot = requestId & this.mask;
    assert(this.state[slot] === STATE_FREE, 'a request would be overwritten');
    this.requestId[slot] = requestId;
    this.state[slot] = STATE_ASSEMBLING;
    this.clientAddress[slot] = clientAddress;
    this.clientPort[slot] = clientPort;
    this.clientRequestId[slot] = clientRequestId;
    this.fragmentsHere[slot] = 0;
    this.answerFragments[slot] = 0;
    this.answerFragmentsHere[slot] = 0;
    this.attempts[slot] = 0;
    const bucket = this.bucket(clientAddress, clientPort, clientRequestId);
    this.next[slot] = this.heads[bucket] as number;
    this.heads[bucket] = slot;
    this.active++;
    return slot;
  }

  /** From here on the slot only remembers the answer. */
  close(slot: number): void {
    assert(this.isOutstanding(slot), 'a request was closed twice');
    this.state[slot] = STATE_ANSWERED;
    this.requests[slot] = undefined;
    this.answerSeen[slot] = undefined;
    this.active--;
  }

  /** Frees a slot that is not outstanding. */
  forget(slot: number): void {
    assert(this.state[slot] === STATE_ANSWERED, 'only an answered request can be forgotten');
    this.unlink(slot);
    this.state[slot] = STATE_FREE;
  }

  private unlink(slot: number): void {
    const bucket = this.bucket(
      this.clientAddress[slot] as number,
      this.clientPort[slot] as number,
      this.clientRequestId[slot] as number,
    );
    let at = this.heads[bucket] as number;
    if (at === slot) {
      this.heads[bucket] = this.next[slot] as number;
      return;
    }
    while (this.next[at] !== slot) {
      at = this.next[at] as number;
      assert(at !== NO_SLOT, 'a slot is missing from its hash chain');
    }
    this.next[at] = this.next[slot] as number;
  }

  /** Multiply-xorshift over the three numbers; request ids that go up by one spread over all buckets. */
  private bucket(clientAddress: number, clientPort: number, clientRequestId: number): number {
    let hash = Math.imul(clientRequestId ^ Math.imul(clientAddress, 0x9e3779b1), 0x85ebca6b) + clientPort;
    hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
    return (hash ^ (hash >>> 13)) & (2 * this.capacity - 1);
  }
}
