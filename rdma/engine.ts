import { assert } from '../base/assert.ts';
import { CONGESTION_EXPERIENCED } from '../packet/congestion.ts';
import { DEFAULT_PARTITION_KEY, parseRoce, type RocePacket } from '../packet/roce.ts';
import { RC_ACKNOWLEDGE, RC_READ_RESPONSE_FIRST, RC_READ_RESPONSE_ONLY } from '../packet/roce-opcodes.ts';
import { PORT_ROCE } from '../packet/udp.ts';
import { parseUdpFrame, type UdpFrame } from '../packet/udp-frame.ts';
import { type CompletionHandler, failed } from './completion.ts';
import { newCounters, type RdmaCounters } from './counters.ts';
import type { RdmaEnvironment } from './environment.ts';
import { MAX_MESSAGE_OCTETS, type MemoryRegion, type RegionRequest, RegionTable } from './memory-region.ts';
import { type RdmaOptions, type RdmaSettings, settingsOf } from './options.ts';
import { QueuePair, type QueuePairPath, type QueuePairRequest, type QueuePairState } from './queue-pair.ts';
import type { ImmediateEvent } from './responder.ts';
import { SendScheduler } from './send-scheduler.ts';

export interface RdmaIdentity {
  /** See packet/addresses.ts. */
  readonly mac: number;
  readonly address: number;
  readonly options?: RdmaOptions;
}

/** A message to be written into the peer's memory. */
export interface WriteRequest {
  /** Virtual address in a region of the peer. */
  readonly remoteAddress: bigint;
  readonly rkey: number;
  /** Up to 2^31; must stay as they are until the completion, since packets may be sent again. */
  readonly octets: Uint8Array;
  /** 32 bits, delivered to the peer's consumer once everything is in its memory. */
  readonly immediate?: number;
}

export type ImmediateHandler = (qpn: number, event: ImmediateEvent) => void;

/** Queue pairs 0 and 1 are for management, 2^24 - 1 is multicast (IBTA vol 1, 3.5.10 and 10.5). */
const FIRST_QPN = 2;
const QPN_LIMIT = 0xffffff;

/**
 * RoCEv2 of one NIC: reliable connections that write remote memory (IBTA vol 1, chapter 9, and annex A17). Pure: frames
 * come in through `onFrame` and leave through the environment.
 */
export class RdmaEngine {
  readonly counters: RdmaCounters = newCounters();
  readonly mac: number;
  readonly address: number;

  private readonly environment: RdmaEnvironment;
  private readonly settings: RdmaSettings;
  private readonly regions = new RegionTable();
  private readonly queuePairs = new Map<number, QueuePair>();
  private readonly scheduler: SendScheduler;
  /** Destroyed queue pairs that still answer duplicates, in the order of their end. */
  private readonly lingering: QueuePair[] = [];
  private nextQpn = FIRST_QPN;
  private immediateHandler: ImmediateHandler = () => {};
  private errorHandler: (qpn: number) => void = () => {};

  constructor(environment: RdmaEnvironment, identity: RdmaIdentity) {
    this.environment = environment;
    this.mac = identity.mac;
    this.address = identity.address;
    this.settings = settingsOf(identity.options ?? {});
    this.scheduler = new SendScheduler(environment, this.settings.pacingOctetPs, this.settings.pacingBacklogOctets);
  }

  /** Opens memory to remote nodes; the key in the answer goes to them. */
  registerRegion(request: RegionRequest): MemoryRegion {
    return this.regions.register(request);
  }

  /** Takes the key back, also from messages that are on their way. */
  deregisterRegion(rkey: number): void {
    this.regions.deregister(rkey);
  }

  /** A new queue pair in state INIT: it has a number to tell the peer, and drops what comes. */
  createQueuePair(request: QueuePairRequest = {}): QueuePair {
    this.forgetLingering();
    assert(this.queuePairs.size < QPN_LIMIT - FIRST_QPN, 'all queue pair numbers are in use');
    while (this.queuePairs.has(this.nextQpn))
      this.nextQpn = this.nextQpn + 1 < QPN_LIMIT ? this.nextQpn + 1 : FIRST_QPN;
    const qpn = this.nextQpn;
    this.nextQpn = qpn + 1 < QPN_LIMIT ? qpn + 1 : FIRST_QPN;
    const queuePair = new QueuePair(qpn, request, this.settings, this.regions, this.counters, {
      environment: this.environment,
      mac: this.mac,
      address: this.address,
      scheduler: this.scheduler,
      immediate: (number, event) => this.immediateHandler(number, event),
      error: (number) => this.errorHandler(number),
    });
    this.queuePairs.set(qpn, queuePair);
    return queuePair;
  }

  /** INIT to RTR to RTS in one step: both sides know all of each other. */
  connect(qpn: number, path: QueuePairPath): void {
    const queuePair = this.queuePairs.get(qpn);
    assert(queuePair !== undefined, `no queue pair ${qpn}`);
    queuePair.connect(path);
  }

  /** State of a queue pair; RESET when there is none of this number. */
  stateOf(qpn: number): QueuePairState {
    return this.queuePairs.get(qpn)?.state ?? 'RESET';
  }

  /** More receives, each good for one immediate, to a queue pair that was created with a bound on them. */
  postReceives(qpn: number, count: number): void {
    this.queuePairs.get(qpn)?.responder.postReceives(count);
  }

  /**
   * Writes into the peer's memory. Messages of a queue pair arrive and complete in order.
   * @param onComplete called once, later or before `write` returns
   */
  write(qpn: number, request: WriteRequest, onComplete: CompletionHandler): void {
    const queuePair = this.queuePairs.get(qpn);
    assert(request.octets.length <= MAX_MESSAGE_OCTETS, `message of ${request.octets.length} octets`);
    if (queuePair?.state === 'RTS') {
      const { remoteAddress, rkey, octets, immediate } = request;
      queuePair.requester.post(remoteAddress, rkey, octets, immediate, onComplete);
    } else {
      onComplete(failed(queuePair?.state === 'ERROR' ? 'flushed' : 'not-connected'));
    }
  }

  /** Who is told of immediates: after the message is in memory and acknowledged, once each, in order. */
  onImmediate(handler: ImmediateHandler): void {
    this.immediateHandler = handler;
  }

  /** Who is told that a queue pair broke: it completes and accepts nothing any more, and wants to be destroyed. */
  onQueuePairError(handler: (qpn: number) => void): void {
    this.errorHandler = handler;
  }

  /**
   * Flushes what is under way and ends the queue pair. For a while (`lingerPs`) it still acknowledges packets that it
   * had taken, so that a peer whose ACK was lost learns of its success; everything else for it is dropped.
   */
  destroyQueuePair(qpn: number): void {
    const queuePair = this.queuePairs.get(qpn);
    if (queuePair === undefined || queuePair.state === 'RESET') return;
    queuePair.reset();
    this.forgetLingering();
    if (queuePair.lingersUntilPs > 0) this.lingering.push(queuePair);
    else this.queuePairs.delete(qpn);
  }

  /** A frame from the wire. Anything that is not a valid packet for a queue pair of ours is counted and dropped. */
  onFrame(frame: Uint8Array): void {
    const udp = parseUdpFrame(frame);
    if (udp.ok) this.onUdpFrame(udp.value);
    else {
      this.counters.framesReceived++;
      this.counters.framesMalformed++;
    }
  }

  /** The same when the frame has been read as UDP already. */
  onUdpFrame(udp: UdpFrame): void {
    this.counters.framesReceived++;
    if (udp.dstMac !== this.mac || udp.dstAddress !== this.address || udp.dstPort !== PORT_ROCE) {
      this.counters.framesMisdirected++;
      return;
    }
    const parsed = parseRoce(udp);
    if (!parsed.ok) {
      this.counters.framesMalformed++;
      return;
    }
    const packet = parsed.value;
    const queuePair = this.queuePairs.get(packet.destinationQp);
    const taken =
      packet.partitionKey === DEFAULT_PARTITION_KEY &&
      queuePair?.onPacket(packet, udp.srcAddress, isResponse(packet)) === true;
    if (!taken) this.counters.framesMisdirected++;
    else if ((udp.tos & 3) === CONGESTION_EXPERIENCED) this.counters.ecnMarkedPackets++;
  }

  /** Forgets the destroyed queue pairs whose time is over. */
  private forgetLingering(): void {
    const nowPs = this.environment.nowPs();
    let over = 0;
    while (over < this.lingering.length && this.lingering[over]!.lingersUntilPs <= nowPs) over++;
    for (const queuePair of this.lingering.splice(0, over)) this.queuePairs.delete(queuePair.qpn);
  }
}

function isResponse(packet: RocePacket): boolean {
  const { opcode } = packet;
  return opcode === RC_ACKNOWLEDGE || (opcode >= RC_READ_RESPONSE_FIRST && opcode <= RC_READ_RESPONSE_ONLY);
}
