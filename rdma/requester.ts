import { assert } from '../base/assert.ts';
import { psnAdd, psnDistance } from '../packet/psn.ts';
import type { TimerHandle } from '../time/node.ts';
import { COMPLETED, type CompletionError, type CompletionHandler, failed } from './completion.ts';
import { MAX_TIMEOUT_DOUBLINGS, type RdmaSettings } from './options.ts';
import { rnrDelayPs } from './rnr-timer.ts';

/** A message under way: a WRITE, with an immediate at its end or without. */
export interface OutgoingMessage {
  readonly remoteAddress: bigint;
  readonly rkey: number;
  readonly octets: Uint8Array;
  readonly immediate: number | undefined;
  /** Its packets are numbered from here, in the requester's own count that never wraps. */
  readonly firstPacket: number;
  readonly packets: number;
  readonly onComplete: CompletionHandler;
}

/** What the requester half of a queue pair needs of the engine around it. */
export interface RequesterPort {
  nowPs(): number;
  at(timePs: number, callback: () => void): TimerHandle;
  cancel(timer: TimerHandle): void;
  /** Builds and transmits one packet of a message. `index` counts from 0 within the message. */
  transmitPacket(message: OutgoingMessage, index: number, psn: number, ackRequest: boolean): void;
  /** There may be something to send: the engine calls `transmitNext` now or when the wire has room. */
  wantsToSend(): void;
  /** The queue pair is to enter the error state; the requester has completed everything. */
  enterError(): void;
}

export interface RequesterCounters {
  packetsSent: number;
  packetsRetransmitted: number;
  timeouts: number;
  naksReceived: number;
  rnrNaksReceived: number;
  staleAcks: number;
}

/**
 * The requester half of a reliable connection (IBTA vol 1, 9.7.3 and 9.7.6): numbers packets, keeps a window of them
 * under way, goes back to the first missing one at a sequence NAK or a timeout, and completes messages in order.
 * Packets are counted from 0 without wrapping; only what is on the wire is a 24-bit PSN.
 */
export class Requester {
  private readonly port: RequesterPort;
  private readonly settings: RdmaSettings;
  private readonly counters: RequesterCounters;
  private startPsn = 0;
  private ready = false;

  /** Messages not completed yet, oldest first; the oldest holds packet `unacknowledged`, if any is posted. */
  private readonly messages: OutgoingMessage[] = [];
  /** Index in `messages` of the one that holds packet `next`. */
  private sending = 0;
  private posted = 0;
  private unacknowledged = 0;
  private next = 0;
  /** One more than the last packet that was ever sent. */
  private highest = 0;
  /** Packets sent since the last one with the acknowledge bit. */
  private sinceAckRequest = 0;

  private window: number;
  private slowStartLimit: number;

  private timer: TimerHandle | undefined;
  /** When `timer` fires; never after `deadlinePs`. */
  private timerAtPs = 0;
  private deadlinePs = 0;
  private rnrTimer: TimerHandle | undefined;
  private attempts = 0;
  private timeoutDoublings = 0;
  private rnrAttempts = 0;
  private lastSequenceNak = -1;

  constructor(port: RequesterPort, settings: RdmaSettings, counters: RequesterCounters) {
    this.port = port;
    this.settings = settings;
    this.counters = counters;
    this.window = settings.windowPackets;
    this.slowStartLimit = settings.windowPackets;
  }

  /** Ready to send: the queue pair is in RTS. */
  start(startPsn: number): void {
    assert(!this.ready, 'the requester was started before');
    this.startPsn = startPsn;
    this.ready = true;
  }

  get outstandingMessages(): number {
    return this.messages.length;
  }

  post(
    remoteAddress: bigint,
    rkey: number,
    octets: Uint8Array,
    immediate: number | undefined,
    onComplete: CompletionHandler,
  ): void {
    assert(this.ready, 'a message was posted before the queue pair was ready to send');
    const packets = Math.max(1, Math.ceil(octets.length / this.settings.pathMtu));
    this.messages.push({
      remoteAddress,
      rkey,
      octets,
      immediate,
      firstPacket: this.posted,
      packets,
      onComplete,
    });
    this.posted += packets;
    this.port.wantsToSend();
  }

  /** Whether the window lets another packet go now. */
  canSend(): boolean {
    return this.rnrTimer === undefined && this.next < this.posted && this.next < this.windowEnd();
  }

  /** Sends one packet; the engine has asked `canSend`. */
  transmitNext(): void {
    const message = this.messages[this.sending];
    assert(message !== undefined, 'no message holds the packet to be sent');
    const packet = this.next;
    const index = packet - message.firstPacket;
    const last = index === message.packets - 1;
    this.next = packet + 1;
    if (last) this.sending++;
    this.sinceAckRequest++;
    // The last packet that may go for now must ask, or nobody would open the window again.
    const ackRequest = last || this.next >= this.windowEnd() || this.sinceAckRequest >= this.settings.packetsPerAck;
    if (ackRequest) this.sinceAckRequest = 0;
    this.counters.packetsSent++;
    if (packet < this.highest) this.counters.packetsRetransmitted++;
    else this.highest = this.next;
    if (this.timer === undefined) this.armTimer();
    this.port.transmitPacket(message, index, psnAdd(this.startPsn, packet), ackRequest);
  }

  /** A positive acknowledgement of everything up to and including `psn`. */
  onAck(psn: number): void {
    const packet = this.packetOf(psn);
    if (packet === undefined) this.counters.staleAcks++;
    else this.acknowledge(packet + 1);
  }

  /** The peer misses `psn` (IBTA vol 1, 9.7.5.2): everything before has arrived, everything from there on is sent again. */
  onSequenceNak(psn: number): void {
    const packet = this.packetOf(psn);
    // A responder says it once a gap, so the same number again is a copy that the network made.
    if (packet === undefined || packet === this.lastSequenceNak) {
      this.counters.staleAcks++;
      return;
    }
    this.counters.naksReceived++;
    this.lastSequenceNak = packet;
    this.acknowledge(packet);
    if (!this.ready || this.unacknowledged !== packet) return;
    // A sequence error counts as a retry; getting further resets the count.
    this.attempts++;
    if (this.attempts > this.settings.retries) {
      this.fail('retry-exceeded');
      return;
    }
    if (this.settings.adaptiveWindow) {
      this.slowStartLimit = Math.max(2, this.window / 2);
      this.window = this.slowStartLimit;
    }
    this.goBack();
    this.restartTimer();
    this.port.wantsToSend();
  }

  /** The peer is not ready to receive `psn`: wait as long as it says, then go on from there (IBTA vol 1, 9.7.5.2). */
  onRnrNak(psn: number, timerCode: number): void {
    const packet = this.packetOf(psn);
    if (packet === undefined || this.rnrTimer !== undefined) {
      this.counters.staleAcks++;
      return;
    }
    this.counters.rnrNaksReceived++;
    this.acknowledge(packet);
    if (!this.ready || this.unacknowledged !== packet) return;
    this.rnrAttempts++;
    if (this.rnrAttempts > this.settings.rnrRetries) {
      this.fail('rnr-retry-exceeded');
      return;
    }
    this.goBack();
    this.stopTimer();
    this.rnrTimer = this.port.at(this.port.nowPs() + rnrDelayPs(timerCode), () => {
      this.rnrTimer = undefined;
      this.port.wantsToSend();
    });
  }

  /** The peer refused the message that holds `psn`; the connection is broken (IBTA vol 1, 9.9.2). */
  onFatalNak(psn: number, code: CompletionError): void {
    const packet = this.packetOf(psn);
    if (packet === undefined) {
      this.counters.staleAcks++;
      return;
    }
    this.counters.naksReceived++;
    this.acknowledge(packet);
    if (this.ready) this.fail(code);
  }

  /** Completes everything as flushed and stops; the queue pair leaves RTS. */
  flush(): void {
    this.stop();
    for (const message of this.messages.splice(0)) message.onComplete(failed('flushed'));
  }

  private fail(code: CompletionError): void {
    this.stop();
    const messages = this.messages.splice(0);
    this.port.enterError();
    for (let i = 0; i < messages.length; i++) messages[i]!.onComplete(failed(i === 0 ? code : 'flushed'));
  }

  private stop(): void {
    this.ready = false;
    this.stopTimer();
    if (this.rnrTimer !== undefined) this.port.cancel(this.rnrTimer);
    this.rnrTimer = undefined;
    this.next = this.posted;
  }

  /** The packet that a response names, if it is one under way; everything else is old or invented. */
  private packetOf(psn: number): number | undefined {
    if (!this.ready) return undefined;
    const distance = psnDistance(psnAdd(this.startPsn, this.unacknowledged), psn);
    const packet = this.unacknowledged + distance;
    return distance >= 0 && packet < this.highest ? packet : undefined;
  }

  /** Everything before packet `end` has arrived. */
  private acknowledge(end: number): void {
    const fresh = end - this.unacknowledged;
    if (fresh <= 0) return;
    this.unacknowledged = end;
    this.attempts = 0;
    this.timeoutDoublings = 0;
    this.rnrAttempts = 0;
    this.growWindow(fresh);
    this.restartTimer();
    let done = 0;
    while (done < this.messages.length && endOf(this.messages[done]!) <= end) done++;
    if (this.next < end) {
      // Copies from before going back have arrived after all.
      this.next = end;
      this.sending = done;
      while (this.sending < this.messages.length && endOf(this.messages[this.sending]!) <= this.next) this.sending++;
    }
    this.sending -= done;
    // Taken out before any callback, which may post, or destroy the queue pair.
    const completed = done === 0 ? undefined : this.messages.splice(0, done);
    this.port.wantsToSend();
    if (completed === undefined) return;
    for (const message of completed) message.onComplete(COMPLETED);
  }

  private growWindow(fresh: number): void {
    const limit = this.settings.windowPackets;
    if (this.window >= limit) return;
    const growth = this.window < this.slowStartLimit ? fresh : fresh / this.window;
    this.window = Math.min(limit, this.window + growth);
  }

  private windowEnd(): number {
    return this.unacknowledged + Math.max(1, Math.floor(this.window));
  }

  private goBack(): void {
    this.next = this.unacknowledged;
    this.sending = 0;
  }

  private armTimer(): void {
    this.deadlinePs = this.port.nowPs() + this.timeoutPs();
    this.timerAtPs = this.deadlinePs;
    this.timer = this.port.at(this.deadlinePs, () => this.onTimer());
  }

  /**
   * After progress: a new deadline, or none when nothing is under way. A timer that fires before the new deadline is
   * left alone and finds out then, so that an acknowledgement costs no timer.
   */
  private restartTimer(): void {
    const deadlinePs = this.port.nowPs() + this.timeoutPs();
    if (this.unacknowledged >= this.highest) this.stopTimer();
    else if (this.timer !== undefined && this.timerAtPs <= deadlinePs) this.deadlinePs = deadlinePs;
    else {
      this.stopTimer();
      this.armTimer();
    }
  }

  private stopTimer(): void {
    if (this.timer !== undefined) this.port.cancel(this.timer);
    this.timer = undefined;
  }

  private timeoutPs(): number {
    return this.settings.ackTimeoutPs * 2 ** this.timeoutDoublings;
  }

  private onTimer(): void {
    this.timer = undefined;
    if (this.port.nowPs() < this.deadlinePs) {
      this.timerAtPs = this.deadlinePs;
      this.timer = this.port.at(this.deadlinePs, () => this.onTimer());
      return;
    }
    this.counters.timeouts++;
    this.attempts++;
    if (this.attempts > this.settings.retries) {
      this.fail('retry-exceeded');
      return;
    }
    this.timeoutDoublings = Math.min(MAX_TIMEOUT_DOUBLINGS, this.timeoutDoublings + 1);
    if (this.settings.adaptiveWindow) {
      this.slowStartLimit = Math.max(2, this.window / 2);
      this.window = 1;
    }
    this.goBack();
    this.armTimer();
    this.port.wantsToSend();
  }
}

function endOf(message: OutgoingMessage): number {
  return message.firstPacket + message.packets;
}
