import { assert } from '../base/assert.ts';
import {
  AETH_KIND_ACK,
  AETH_KIND_RNR_NAK,
  AETH_NAK_INVALID_REQUEST,
  AETH_NAK_PSN_SEQUENCE,
  AETH_NAK_REMOTE_ACCESS,
  AETH_NAK_REMOTE_OPERATIONAL,
  AETH_VALUE_MASK,
  buildRoceFrame,
  type RocePacket,
} from '../packet/roce.ts';
import {
  RC_ACKNOWLEDGE,
  RC_WRITE_FIRST,
  RC_WRITE_LAST,
  RC_WRITE_LAST_IMMEDIATE,
  RC_WRITE_MIDDLE,
  RC_WRITE_ONLY,
  RC_WRITE_ONLY_IMMEDIATE,
} from '../packet/roce-opcodes.ts';
import { PORT_ROCE } from '../packet/udp.ts';
import type { UdpFrameAddresses } from '../packet/udp-frame.ts';
import type { TimerHandle } from '../time/node.ts';
import type { RdmaCounters } from './counters.ts';
import type { RdmaEnvironment } from './environment.ts';
import type { RegionTable } from './memory-region.ts';
import type { RdmaSettings } from './options.ts';
import { type OutgoingMessage, Requester, type RequesterPort } from './requester.ts';
import { type ImmediateEvent, Responder, type ResponderPort } from './responder.ts';
import type { SendScheduler } from './send-scheduler.ts';

/** States of IBTA vol 1, 10.3.1 (without the send queue's own drain and error states). */
export type QueuePairState = 'RESET' | 'INIT' | 'RTR' | 'RTS' | 'ERROR';

export interface QueuePairRequest {
  /** Regions of the same domain may be written through it. Default 0. */
  readonly protectionDomain?: number;
  /** Immediates that it takes before more receives are posted. Default: no bound. */
  readonly receives?: number;
}

/** The peer, and the numbers that the two directions begin with. */
export interface QueuePairPath {
  readonly remoteQpn: number;
  readonly remoteMac: number;
  readonly remoteAddress: number;
  /** Of our first packet, 24 bits. */
  readonly startPsn: number;
  /** Of the peer's first packet. */
  readonly expectedPsn: number;
}

/** What a queue pair has from the NIC that it is part of. */
export interface QueuePairNic {
  readonly environment: RdmaEnvironment;
  readonly mac: number;
  readonly address: number;
  readonly scheduler: SendScheduler;
  immediate(qpn: number, event: ImmediateEvent): void;
  error(qpn: number): void;
}

/** Source ports of RoCEv2 lie in the dynamic range and spread flows over paths (annex A17, 17.4.5.2). */
const FIRST_SOURCE_PORT = 49_152;
const SOURCE_PORT_MASK = 0x3fff;

const NO_PAYLOAD = new Uint8Array(0);

/** One end of a reliable connection: its state, its path, and the frames of its two halves. */
export class QueuePair implements RequesterPort, ResponderPort {
  readonly qpn: number;
  readonly requester: Requester;
  readonly responder: Responder;
  private readonly settings: RdmaSettings;
  private readonly counters: RdmaCounters;
  private readonly nic: QueuePairNic;
  private current: QueuePairState = 'INIT';
  private lingerEndPs = 0;
  private path: QueuePairPath | undefined;
  private frameAddresses: UdpFrameAddresses | undefined;

  constructor(
    qpn: number,
    request: QueuePairRequest,
    settings: RdmaSettings,
    regions: RegionTable,
    counters: RdmaCounters,
    nic: QueuePairNic,
  ) {
    this.qpn = qpn;
    this.settings = settings;
    this.counters = counters;
    this.nic = nic;
    this.requester = new Requester(this, settings, counters);
    const receives = request.receives ?? Number.POSITIVE_INFINITY;
    this.responder = new Responder(this, regions, settings, counters, request.protectionDomain ?? 0, receives);
  }

  get state(): QueuePairState {
    return this.current;
  }

  /** INIT to RTR to RTS. */
  connect(path: QueuePairPath): void {
    this.readyToReceive(path);
    this.readyToSend();
  }

  /** INIT to RTR: requests of the peer are taken from now on. */
  readyToReceive(path: QueuePairPath): void {
    assert(this.current === 'INIT', `queue pair ${this.qpn} is in ${this.current}, not INIT`);
    this.path = path;
    this.frameAddresses = {
      dstMac: path.remoteMac,
      srcMac: this.nic.mac,
      srcAddress: this.nic.address,
      dstAddress: path.remoteAddress,
      srcPort: FIRST_SOURCE_PORT + (this.qpn & SOURCE_PORT_MASK),
      dstPort: PORT_ROCE,
      tos: this.settings.typeOfService,
      zeroChecksum: true,
    };
    this.responder.start(path.expectedPsn);
    this.current = 'RTR';
  }

  /** RTR to RTS: messages may be posted. */
  readyToSend(): void {
    assert(this.current === 'RTR' && this.path !== undefined, `queue pair ${this.qpn} is in ${this.current}, not RTR`);
    this.requester.start(this.path.startPsn);
    this.current = 'RTS';
  }

  /** A request or a response of the wire; false when it is not of the peer, or comes in a state that takes none. */
  onPacket(packet: RocePacket, srcAddress: number, response: boolean): boolean {
    if (this.path?.remoteAddress !== srcAddress) return false;
    switch (this.current) {
      case 'RTS':
        if (response) return this.onResponse(packet);
        this.responder.onRequest(packet);
        return true;
      case 'RTR':
        if (!response) this.responder.onRequest(packet);
        return !response;
      case 'RESET':
        if (response || this.nowPs() >= this.lingersUntilPs) return false;
        this.responder.onLateRequest(packet);
        return true;
      default:
        return false;
    }
  }

  /** Until when a destroyed queue pair answers duplicates; 0 for one that never does. */
  get lingersUntilPs(): number {
    return this.lingerEndPs;
  }

  /** To RESET: flushes what is under way. One that was connected goes on to acknowledge duplicates for a while. */
  reset(): void {
    if (this.current === 'RTR' || this.current === 'RTS') this.lingerEndPs = this.nowPs() + this.settings.lingerPs;
    this.current = 'RESET';
    this.requester.flush();
  }

  nowPs(): number {
    return this.nic.environment.nowPs();
  }

  at(timePs: number, callback: () => void): TimerHandle {
    return this.nic.environment.at(timePs, callback);
  }

  cancel(timer: TimerHandle): void {
    this.nic.environment.cancel(timer);
  }

  wantsToSend(): void {
    this.nic.scheduler.offer(this.requester);
  }

  transmitPacket(message: OutgoingMessage, index: number, psn: number, ackRequest: boolean): void {
    const { pathMtu } = this.settings;
    const { octets, packets } = message;
    const first = index === 0;
    const last = index === packets - 1;
    const payload = octets.subarray(index * pathMtu, Math.min(octets.length, (index + 1) * pathMtu));
    const immediate = last ? message.immediate : undefined;
    this.transmit({
      opcode: writeOpcode(first, last, immediate !== undefined),
      destinationQp: this.remoteQpn(),
      psn,
      ackRequest,
      payload,
      ...(first && { reth: { address: message.remoteAddress, rkey: message.rkey, octets: octets.length } }),
      ...(immediate !== undefined && { immediate }),
    });
  }

  transmitAck(psn: number, syndrome: number, msn: number): void {
    if ((syndrome & ~AETH_VALUE_MASK) === AETH_KIND_ACK) this.counters.acksSent++;
    else this.counters.naksSent++;
    this.transmit({
      opcode: RC_ACKNOWLEDGE,
      destinationQp: this.remoteQpn(),
      psn,
      ackRequest: false,
      aeth: { syndrome, msn },
      payload: NO_PAYLOAD,
    });
  }

  deliverImmediate(event: ImmediateEvent): void {
    this.nic.immediate(this.qpn, event);
  }

  /** One of the two halves found a fault: neither takes anything more, and what is under way is flushed. */
  enterError(): void {
    if (this.current === 'ERROR' || this.current === 'RESET') return;
    this.current = 'ERROR';
    this.counters.queuePairErrors++;
    this.requester.flush();
    this.nic.error(this.qpn);
  }

  private onResponse(packet: RocePacket): boolean {
    // Nothing here sends READ, so a response to one answers nothing.
    if (packet.opcode !== RC_ACKNOWLEDGE || packet.aeth === undefined) return false;
    const { syndrome } = packet.aeth;
    switch (syndrome & ~AETH_VALUE_MASK) {
      case AETH_KIND_ACK:
        this.requester.onAck(packet.psn);
        return true;
      case AETH_KIND_RNR_NAK:
        this.requester.onRnrNak(packet.psn, syndrome & AETH_VALUE_MASK);
        return true;
      default:
        return this.onNak(packet.psn, syndrome);
    }
  }

  private onNak(psn: number, syndrome: number): boolean {
    switch (syndrome) {
      case AETH_NAK_PSN_SEQUENCE:
        this.requester.onSequenceNak(psn);
        return true;
      case AETH_NAK_INVALID_REQUEST:
        this.requester.onFatalNak(psn, 'remote-invalid-request');
        return true;
      case AETH_NAK_REMOTE_ACCESS:
        this.requester.onFatalNak(psn, 'remote-access');
        return true;
      case AETH_NAK_REMOTE_OPERATIONAL:
        this.requester.onFatalNak(psn, 'remote-operation');
        return true;
      default:
        // A reserved code.
        return false;
    }
  }

  private remoteQpn(): number {
    assert(this.path !== undefined, 'a queue pair without a path transmits');
    return this.path.remoteQpn;
  }

  private transmit(packet: RocePacket): void {
    assert(this.frameAddresses !== undefined, 'a queue pair without a path transmits');
    const frame = buildRoceFrame(this.frameAddresses, packet);
    this.nic.scheduler.account(frame.length);
    this.nic.environment.transmit(frame);
  }
}

function writeOpcode(first: boolean, last: boolean, immediate: boolean): number {
  if (!last) return first ? RC_WRITE_FIRST : RC_WRITE_MIDDLE;
  if (first) return immediate ? RC_WRITE_ONLY_IMMEDIATE : RC_WRITE_ONLY;
  return immediate ? RC_WRITE_LAST_IMMEDIATE : RC_WRITE_LAST;
}
