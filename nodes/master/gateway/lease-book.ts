import { assert } from '../../../base/assert.ts';
import type { LeaseRequest } from '../../../packet/lease.ts';
import type { GatewayFunction } from './function-table.ts';

/** `waiting` for a slot, `installing` at the worker, `held` by the client, `ended`: remembered against duplicates. */
export type LeaseState = 'waiting' | 'installing' | 'held' | 'ended';

export interface Lease {
  readonly leaseId: number;
  readonly clientAddress: number;
  readonly clientPort: number;
  readonly clientRequestId: number;
  readonly target: GatewayFunction;
  readonly request: LeaseRequest;
  state: LeaseState;
  /** -1 while waiting. */
  worker: number;
  slot: number;
  /** Body of the answer, to be sent again; undefined before the worker has answered. */
  answer: Uint8Array | undefined;
  startPs: number;
  expiresPs: number;
}

/** Ended leases that are remembered, so that a late duplicate of their request opens no second one. */
const REMEMBERED_LEASES = 1024;

/** Who has which slot of which worker's NIC memory. */
export class LeaseBook {
  /** By worker and slot: 1 when taken. */
  private readonly taken: readonly Uint8Array[];
  private readonly freeSlots: number[];
  private readonly leases = new Map<number, Lease>();
  /** By address and port of the client, then by its request id. */
  private readonly clients = new Map<number, Map<number, Lease>>();
  private readonly ended: Lease[] = [];
  private occupied = 0;

  /** @param slotsPerWorker slots of each worker, by worker index */
  constructor(slotsPerWorker: readonly number[]) {
    this.taken = slotsPerWorker.map((slots) => new Uint8Array(slots));
    this.freeSlots = [...slotsPerWorker];
  }

  get occupiedSlots(): number {
    return this.occupied;
  }

  byId(leaseId: number): Lease | undefined {
    return this.leases.get(leaseId);
  }

  byClient(address: number, port: number, requestId: number): Lease | undefined {
    return this.clients.get(clientKey(address, port))?.get(requestId);
  }

  enter(lease: Lease): void {
    this.leases.set(lease.leaseId, lease);
    const key = clientKey(lease.clientAddress, lease.clientPort);
    let ofClient = this.clients.get(key);
    if (ofClient === undefined) {
      ofClient = new Map();
      this.clients.set(key, ofClient);
    }
    ofClient.set(lease.clientRequestId, lease);
  }

  /** The lease that is held longest: leases are granted in nearly the order of their ids, and live equally long. */
  oldestHeld(): Lease | undefined {
    let oldest: Lease | undefined;
    for (const lease of this.leases.values()) {
      if (lease.state === 'held' && (oldest === undefined || lease.expiresPs < oldest.expiresPs)) oldest = lease;
    }
    return oldest;
  }

  hasFreeSlot(worker: number): boolean {
    return (this.freeSlots[worker] as number) > 0;
  }

  /** The lowest free slot of a worker that has one. */
  takeSlot(worker: number): number {
    const taken = this.taken[worker] as Uint8Array;
    const slot = taken.indexOf(0);
    assert(slot >= 0, 'a slot was taken from a worker that has none');
    taken[slot] = 1;
    this.freeSlots[worker] = (this.freeSlots[worker] as number) - 1;
    this.occupied++;
    return slot;
  }

  returnSlot(worker: number, slot: number): void {
    const taken = this.taken[worker] as Uint8Array;
    assert(taken[slot] === 1, 'a slot was returned twice');
    taken[slot] = 0;
    this.freeSlots[worker] = (this.freeSlots[worker] as number) + 1;
    this.occupied--;
  }

  /** An ended lease stays known for a while, then it is forgotten. */
  retire(lease: Lease): void {
    this.ended.push(lease);
    if (this.ended.length <= REMEMBERED_LEASES) return;
    const oldest = this.ended.shift() as Lease;
    this.leases.delete(oldest.leaseId);
    const key = clientKey(oldest.clientAddress, oldest.clientPort);
    const ofClient = this.clients.get(key);
    if (ofClient?.get(oldest.clientRequestId) !== oldest) return;
    ofClient.delete(oldest.clientRequestId);
    if (ofClient.size === 0) this.clients.delete(key);
  }
}

/** 48 bits: exact in a number. */
function clientKey(address: number, port: number): number {
  return address * 65_536 + port;
}
