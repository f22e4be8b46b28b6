import type { RandomStream } from '../../base/random.ts';
import type { MemoryPlanProfile, NicProfile } from '../../npu/profile.ts';
import {
  buildLambdaFrame,
  FLAG_KEEP,
  FLAG_RDMA,
  FLAG_RESPONSE,
  type LambdaHeader,
  parseLambda,
  STATUS_BACKEND_FAILURE,
  STATUS_BAD_REQUEST,
  STATUS_OK,
} from '../../packet/lambda.ts';
import { emitMessageEvent, emitMessageHead, MESSAGE_HEAD_OCTETS, parseMessageHead } from '../../packet/lease.ts';
import type { LeaseInstall, LeaseInstalled } from '../../packet/management.ts';
import { PORT_LAMBDA } from '../../packet/udp.ts';
import { UDP_PAYLOAD_OFFSET } from '../../packet/udp-frame.ts';
import { RdmaEngine } from '../../rdma/engine.ts';
import type { RdmaEnvironment } from '../../rdma/environment.ts';
import type { ImmediateEvent } from '../../rdma/responder.ts';
import type { RdmaTraffic } from '../../topology/types.ts';

/** NIC memory as the block sees it: octets of EMEM. */
export interface BlockMemory {
  read(address: number, octets: number): Uint8Array;
  write(address: number, octets: Uint8Array): void;
}

export interface RdmaBlockOptions {
  readonly profile: NicProfile;
  readonly environment: RdmaEnvironment;
  readonly memory: BlockMemory;
  readonly mac: number;
  readonly address: number;
  readonly traffic: RdmaTraffic;
  /** Time of an octet on the wire: what the block sends is paced by it. */
  readonly octetPs: number;
  /** For first packet sequence numbers. */
  readonly random: RandomStream;
  /** The event of a message that is complete in memory, a frame for the dispatcher. */
  raiseEvent(frame: Uint8Array): void;
  /** The result was written back (or could not be): the lease is over. */
  leaseDone(leaseId: number, slot: number, status: number): void;
}

/** EMEM in the direct-access form: bits 39..32 of its addresses (0x80 | island 24). */
const EMEM_BASE = 0x98n << 32n;
const PSN_LIMIT = 2 ** 24;
/** Leases whose late messages are still recognised. */
const ENDED_LEASES = 1024;

interface Lease {
  readonly install: LeaseInstall;
  readonly answer: Omit<LeaseInstalled, 'transaction'>;
  readonly qpn: number;
  readonly rkey: number;
  /** Waiting for the message, run by a lambda, being written back, result kept, over. */
  state: 'waiting' | 'running' | 'writing' | 'kept' | 'over';
}

export interface RdmaBlockCounters {
  leasesInstalled: number;
  leasesDone: number;
  leasesFreed: number;
  /** Installations that named a slot that the NIC does not have. */
  leasesRefused: number;
  events: number;
  /** Immediates that fit no lease that waits, and results without one. */
  strayEvents: number;
  strayResults: number;
  /** Messages whose head makes no sense. */
  badMessages: number;
  resultsWritten: number;
  writeFailures: number;
}

/**
 * RDMA on the NIC: slots of EMEM that clients write their messages into, the event that starts a lambda when one is
 * complete, and the write-back of its result (paper section 4.2.1, D3). One queue pair and one key a lease.
 */
export class RdmaBlock {
  readonly engine: RdmaEngine;
  readonly counters: RdmaBlockCounters = {
    leasesInstalled: 0,
    leasesDone: 0,
    leasesFreed: 0,
    leasesRefused: 0,
    events: 0,
    strayEvents: 0,
    strayResults: 0,
    badMessages: 0,
    resultsWritten: 0,
    writeFailures: 0,
  };
  private readonly options: RdmaBlockOptions;
  private readonly plan: MemoryPlanProfile;
  /** By slot. */
  private readonly leases = new Map<number, Lease>();
  private readonly ended = new Set<number>();

  constructor(options: RdmaBlockOptions) {
    this.options = options;
    this.plan = options.profile.memoryPlan;
    this.engine = new RdmaEngine(options.environment, {
      mac: options.mac,
      address: options.address,
      options: { ...options.traffic, pacingOctetPs: options.octetPs },
    });
    this.engine.onImmediate((qpn, event) => this.onImmediate(qpn, event));
  }

  /** M1 gives a slot to a client. The same message again gets the same answer; undefined: it is too late for one. */
  install(install: LeaseInstall): LeaseInstalled | undefined {
    const { transaction, leaseId, slot } = install;
    const present = this.leases.get(slot);
    if (present?.install.leaseId === leaseId) return { ...present.answer, transaction };
    if (this.ended.has(leaseId)) return undefined;
    if (slot >= this.plan.rdmaSlots) {
      this.counters.leasesRefused++;
      const none = { qpn: 0, startPsn: 0, rkey: 0, memoryAddress: 0n };
      return { type: 'lease-installed', transaction, leaseId, status: STATUS_BAD_REQUEST, ...none };
    }
    if (present !== undefined) this.end(present);

    const start = this.slotStart(slot);
    const memoryAddress = EMEM_BASE + BigInt(start);
    const { memory } = this.options;
    const region = this.engine.registerRegion({
      memory: {
        read: (offset, length) => memory.read(start + offset, length),
        write: (offset, octets) => memory.write(start + offset, octets),
      },
      address: memoryAddress,
      length: this.plan.rdmaOutputOffset,
      rights: { remoteWrite: true, remoteRead: false },
      protectionDomain: slot,
    });
    const { qpn } = this.engine.createQueuePair({ protectionDomain: slot });
    const startPsn = this.options.random.below(PSN_LIMIT);
    this.engine.connect(qpn, {
      remoteQpn: install.clientQpn,
      remoteMac: install.clientMac,
      remoteAddress: install.clientAddress,
      startPsn,
      expectedPsn: install.clientStartPsn,
    });
    const answer = {
      type: 'lease-installed',
      leaseId,
      status: STATUS_OK,
      qpn,
      startPsn,
      rkey: region.rkey,
      memoryAddress,
    } as const;
    this.leases.set(slot, { install, answer, qpn, rkey: region.rkey, state: 'waiting' });
    this.counters.leasesInstalled++;
    return { ...answer, transaction };
  }

  /** M1 takes a slot back. */
  free(leaseId: number, slot: number): void {
    const lease = this.leases.get(slot);
    if (lease?.install.leaseId !== leaseId) return;
    this.counters.leasesFreed++;
    this.end(lease);
  }

  /** The firmware goes: nothing that leases stand for survives that. */
  discardAll(): void {
    for (const lease of [...this.leases.values()]) this.end(lease);
  }

  /**
   * A lambda has sent its answer to the block. Takes effect at once: the caller has let the write-back's time pass.
   * @returns whether it belonged to a lease
   */
  writeBack(frame: Uint8Array): boolean {
    // The frame never sees a wire: it has the headers of the event, and nobody needs its checksums.
    const header = parseLambda(frame, UDP_PAYLOAD_OFFSET, frame.length);
    const lease = header.ok ? this.leaseOf(header.value.requestId) : undefined;
    if (!header.ok || lease?.state !== 'running') {
      this.counters.strayResults++;
      return false;
    }
    const capacity = this.plan.rdmaSlotOctets - this.plan.rdmaOutputOffset;
    if (header.value.length > capacity) this.fail(lease, STATUS_BACKEND_FAILURE);
    else this.answer(lease, header.value);
    return true;
  }

  /** The request of a lease was stopped, or never reached a context. */
  failRequest(leaseId: number): void {
    const lease = this.leaseOf(leaseId);
    if (lease?.state === 'running') this.fail(lease, STATUS_BACKEND_FAILURE);
  }

  private onImmediate(qpn: number, event: ImmediateEvent): void {
    const lease = this.leases.get(event.immediate);
    if (lease?.qpn !== qpn || lease.state !== 'waiting') {
      this.counters.strayEvents++;
      return;
    }
    this.counters.events++;
    lease.state = 'running';
    const { install } = lease;
    const start = this.slotStart(install.slot);
    const head = parseMessageHead(this.options.memory.read(start, MESSAGE_HEAD_OCTETS), 0, MESSAGE_HEAD_OCTETS);
    const inPlace = event.address === lease.answer.memoryAddress;
    if (!head.ok || !inPlace || head.value.length !== event.octets - MESSAGE_HEAD_OCTETS) {
      this.counters.badMessages++;
      this.fail(lease, STATUS_BAD_REQUEST);
      return;
    }
    // Which lambda, whose request, and whether to keep: the lease says, not what a client wrote into the memory.
    const header: LambdaHeader = {
      wId: install.wId,
      requestId: install.leaseId,
      fragment: 0,
      fragments: 1,
      flags: FLAG_RDMA | (install.lambdaFlags & FLAG_KEEP),
      status: STATUS_OK,
      length: head.value.length,
    };
    const body = emitMessageEvent({
      inputAddress: lease.answer.memoryAddress + BigInt(MESSAGE_HEAD_OCTETS),
      inputOctets: head.value.length,
      outputAddress: lease.answer.memoryAddress + BigInt(this.plan.rdmaOutputOffset),
      outputCapacityOctets: this.plan.rdmaSlotOctets - this.plan.rdmaOutputOffset,
    });
    const addresses = {
      dstMac: this.options.mac,
      srcMac: install.clientMac,
      srcAddress: install.clientAddress,
      dstAddress: this.options.address,
      srcPort: PORT_LAMBDA,
      dstPort: PORT_LAMBDA,
    };
    this.options.raiseEvent(buildLambdaFrame(addresses, header, body));
  }

  private fail(lease: Lease, status: number): void {
    const { wId, leaseId } = lease.install;
    const flags = FLAG_RESPONSE | FLAG_RDMA;
    this.answer(lease, { wId, requestId: leaseId, fragment: 0, fragments: 1, flags, status, length: 0 });
  }

  /** Writes head and output into the client's memory; of a result that is kept the head alone. */
  private answer(lease: Lease, header: LambdaHeader): void {
    lease.state = 'writing';
    const { install } = lease;
    const kept = (install.lambdaFlags & FLAG_KEEP) !== 0 && header.status === STATUS_OK;
    const outputOctets = kept ? 0 : header.length;
    const message = new Uint8Array(MESSAGE_HEAD_OCTETS + outputOctets);
    emitMessageHead(message, 0, header);
    const output = this.slotStart(install.slot) + this.plan.rdmaOutputOffset;
    message.set(this.options.memory.read(output, outputOctets), MESSAGE_HEAD_OCTETS);
    const request = {
      remoteAddress: install.clientMemoryAddress,
      rkey: install.clientRkey,
      octets: message,
      immediate: install.leaseId,
    };
    this.engine.write(lease.qpn, request, (completion) => {
      if (lease.state !== 'writing') return;
      if (completion.ok) this.counters.resultsWritten++;
      else this.counters.writeFailures++;
      if ((install.lambdaFlags & FLAG_KEEP) !== 0) {
        lease.state = 'kept'; // Until M1 takes it back, also when the lambda failed: the client releases it.
        return;
      }
      this.end(lease);
      this.counters.leasesDone++;
      this.options.leaseDone(install.leaseId, install.slot, completion.ok ? header.status : STATUS_BACKEND_FAILURE);
    });
  }

  /** The key dies at once; the engine acknowledges late copies for a while. */
  private end(lease: Lease): void {
    lease.state = 'over';
    this.leases.delete(lease.install.slot);
    this.engine.deregisterRegion(lease.rkey);
    this.engine.destroyQueuePair(lease.qpn);
    this.ended.add(lease.install.leaseId);
    if (this.ended.size > ENDED_LEASES) {
      for (const oldest of this.ended) {
        this.ended.delete(oldest);
        break;
      }
    }
  }

  private leaseOf(leaseId: number): Lease | undefined {
    for (const lease of this.leases.values()) {
      if (lease.install.leaseId === leaseId) return lease;
    }
    return undefined;
  }

  private slotStart(slot: number): number {
    return this.plan.rdmaSlotBase + slot * this.plan.rdmaSlotOctets;
  }
}
