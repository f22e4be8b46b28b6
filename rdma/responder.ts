import { psnAdd, psnDistance } from '../packet/psn.ts';
import {
  AETH_ACK_NO_CREDITS,
  AETH_KIND_RNR_NAK,
  AETH_NAK_INVALID_REQUEST,
  AETH_NAK_PSN_SEQUENCE,
  AETH_NAK_REMOTE_ACCESS,
  type Reth,
  type RocePacket,
} from '../packet/roce.ts';
import {
  RC_WRITE_FIRST,
  RC_WRITE_LAST,
  RC_WRITE_LAST_IMMEDIATE,
  RC_WRITE_MIDDLE,
  RC_WRITE_ONLY,
  RC_WRITE_ONLY_IMMEDIATE,
} from '../packet/roce-opcodes.ts';
import { MAX_MESSAGE_OCTETS, type MemoryRegion, type RegionTable } from './memory-region.ts';
import type { RdmaSettings } from './options.ts';

/** A message that has arrived whole and carried an immediate. */
export interface ImmediateEvent {
  readonly immediate: number;
  /** Octets of the message, all of them in memory. */
  readonly octets: number;
  /** Where they lie; 0 and without region when the message was empty. */
  readonly address: bigint;
  readonly region: MemoryRegion | undefined;
}

/** What the responder half of a queue pair needs of the engine around it. */
export interface ResponderPort {
  /** Transmits an ACK packet with this AETH. */
  transmitAck(psn: number, syndrome: number, msn: number): void;
  deliverImmediate(event: ImmediateEvent): void;
  /** The queue pair is to enter the error state. */
  enterError(): void;
}

export interface ResponderCounters {
  packetsAccepted: number;
  duplicates: number;
  outOfSequence: number;
  accessErrors: number;
  invalidRequests: number;
  rnrNaksSent: number;
  immediates: number;
  messagesReceived: number;
  octetsReceived: number;
}

/**
 * The responder half of a reliable connection (IBTA vol 1, 9.7.4 and 9.7.5): takes packets strictly in order, writes
 * memory, acknowledges on request, and refuses what the key does not allow. A packet out of order is dropped, never
 * stored, so that memory and immediates follow the order of the sender.
 */
export class Responder {
  private readonly port: ResponderPort;
  private readonly regions: RegionTable;
  private readonly settings: RdmaSettings;
  private readonly counters: ResponderCounters;
  private readonly protectionDomain: number;

  private expectedPsn = 0;
  private msn = 0;
  /** A NAK for this gap is out; packets after the gap are dropped in silence until it is filled. */
  private nakSent = false;
  /** Receives posted, each good for one immediate. */
  private receives: number;

  /** The message in progress; without one only FIRST and ONLY are in place. */
  private inMessage = false;
  private region: MemoryRegion | undefined;
  private messageAddress = 0n;
  private messageOctets = 0;
  private receivedOctets = 0;
  /** From the start of the region. */
  private offset = 0;

  constructor(
    port: ResponderPort,
    regions: RegionTable,
    settings: RdmaSettings,
    counters: ResponderCounters,
    protectionDomain: number,
    receives: number,
  ) {
    this.port = port;
    this.regions = regions;
    this.settings = settings;
    this.counters = counters;
    this.protectionDomain = protectionDomain;
    this.receives = receives;
  }

  /** Ready to receive: the queue pair is in RTR. */
  start(expectedPsn: number): void {
    this.expectedPsn = expectedPsn;
  }

  postReceives(count: number): void {
    this.receives += count;
  }

  /** A request of the peer, whose opcode is not a response. */
  onRequest(packet: RocePacket): void {
    const distance = psnDistance(this.expectedPsn, packet.psn);
    if (distance < 0) this.onDuplicate(packet);
    else if (distance > 0) this.onGap();
    else this.onExpected(packet);
  }

  /** A packet for a queue pair that is gone: it can only ask for an ACK that was lost. */
  onLateRequest(packet: RocePacket): void {
    if (psnDistance(this.expectedPsn, packet.psn) < 0) this.onDuplicate(packet);
  }

  /**
   * Came before: it is not executed again, but its ACK may have been lost (IBTA vol 1, 9.7.5.1). The answer names the
   * last packet that is in; packets that do not ask for one are covered by the one after them that does.
   */
  private onDuplicate(packet: RocePacket): void {
    this.counters.duplicates++;
    if (packet.ackRequest) this.acknowledge();
  }

  private onGap(): void {
    this.counters.outOfSequence++;
    if (this.nakSent) return;
    this.nakSent = true;
    this.port.transmitAck(this.expectedPsn, AETH_NAK_PSN_SEQUENCE, this.msn);
  }

  private onExpected(packet: RocePacket): void {
    this.nakSent = false;
    switch (packet.opcode) {
      case RC_WRITE_FIRST:
      case RC_WRITE_ONLY:
      case RC_WRITE_ONLY_IMMEDIATE:
        if (this.inMessage || packet.reth === undefined) this.refuse(AETH_NAK_INVALID_REQUEST);
        else this.onStart(packet, packet.reth);
        return;
      case RC_WRITE_MIDDLE:
      case RC_WRITE_LAST:
      case RC_WRITE_LAST_IMMEDIATE:
        if (!this.inMessage) this.refuse(AETH_NAK_INVALID_REQUEST);
        else this.onPayload(packet, packet.opcode !== RC_WRITE_MIDDLE);
        return;
      default:
        // SEND, READ and what is not defined: no queue pair here offers them.
        this.refuse(AETH_NAK_INVALID_REQUEST);
    }
  }

  private onStart(packet: RocePacket, reth: Reth): void {
    if (reth.octets > MAX_MESSAGE_OCTETS) {
      this.refuse(AETH_NAK_INVALID_REQUEST);
      return;
    }
    // Without octets neither key nor address means anything (9.7.4.1: no key check for a zero-length write).
    let region: MemoryRegion | undefined;
    if (reth.octets > 0) {
      region = this.regions.writable(reth.rkey, reth.address, reth.octets, this.protectionDomain);
      if (region === undefined) {
        this.refuse(AETH_NAK_REMOTE_ACCESS);
        return;
      }
    }
    // An ONLY packet that meets no posted receive comes again, and then starts afresh.
    this.region = region;
    this.messageAddress = region === undefined ? 0n : reth.address;
    this.messageOctets = reth.octets;
    this.receivedOctets = 0;
    this.offset = region === undefined ? 0 : Number(reth.address - region.address);
    this.onPayload(packet, packet.opcode !== RC_WRITE_FIRST);
  }

  private onPayload(packet: RocePacket, last: boolean): void {
    const { payload } = packet;
    const { region } = this;
    if (!this.lengthFits(payload.length, last)) {
      this.refuse(AETH_NAK_INVALID_REQUEST);
      return;
    }
    if (region !== undefined && !this.regions.has(region)) {
      this.refuse(AETH_NAK_REMOTE_ACCESS);
      return;
    }
    if (packet.immediate !== undefined && this.receives === 0) {
      this.notReady();
      return;
    }
    if (region !== undefined) region.memory.write(this.offset + this.receivedOctets, payload);
    this.receivedOctets += payload.length;
    this.inMessage = !last;
    this.expectedPsn = psnAdd(this.expectedPsn, 1);
    this.counters.packetsAccepted++;
    this.counters.octetsReceived += payload.length;
    if (last) {
      this.msn = (this.msn + 1) & 0xffffff;
      this.counters.messagesReceived++;
    }
    const event = packet.immediate === undefined ? undefined : this.takeImmediate(packet.immediate);
    if (packet.ackRequest) this.acknowledge();
    // Comes last, with everything in order: the consumer may post, or destroy this queue pair.
    if (event !== undefined) this.port.deliverImmediate(event);
  }

  /** All packets but the last are full, the last is not empty unless the whole message is (IBTA vol 1, 9.7.4.1). */
  private lengthFits(payloadOctets: number, last: boolean): boolean {
    const remainingOctets = this.messageOctets - this.receivedOctets;
    if (!last) return payloadOctets === this.settings.pathMtu && payloadOctets < remainingOctets;
    return payloadOctets === remainingOctets && payloadOctets <= this.settings.pathMtu;
  }

  private takeImmediate(immediate: number): ImmediateEvent {
    this.receives--;
    this.counters.immediates++;
    return { immediate, octets: this.messageOctets, address: this.messageAddress, region: this.region };
  }

  private acknowledge(): void {
    this.port.transmitAck(psnAdd(this.expectedPsn, -1), AETH_ACK_NO_CREDITS, this.msn);
  }

  /** Not now: the packet is not executed, and what follows it is dropped without a second NAK. */
  private notReady(): void {
    this.nakSent = true;
    this.counters.rnrNaksSent++;
    this.port.transmitAck(this.expectedPsn, AETH_KIND_RNR_NAK | this.settings.rnrTimerCode, this.msn);
  }

  /** Says why, once, and breaks the connection (responder class C faults, IBTA vol 1, 9.9.3). */
  private refuse(syndrome: number): void {
    if (syndrome === AETH_NAK_REMOTE_ACCESS) this.counters.accessErrors++;
    else this.counters.invalidRequests++;
    this.port.transmitAck(this.expectedPsn, syndrome, this.msn);
    this.port.enterError();
  }
}
