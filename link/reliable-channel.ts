import { assert } from '../base/assert.ts';
import type { ChannelMessage, FrameInTransit } from '../time/channel.ts';
import {
  COUNT_MODULUS,
  type Datagram,
  type DatagramHeader,
  decodeDatagram,
  encodeAcknowledgement,
  encodeMessage,
  frameOctetsInDatagram,
  HEADER_OCTETS,
  MAXIMUM_DATAGRAM_OCTETS,
  messageHeaderOctets,
  renewHeader,
} from './datagram-codec.ts';
import type { LossRecord } from './loss-record.ts';

/** Unacknowledged datagrams and octets that a channel lets stand; a peer's receive buffer holds about as much. */
const WINDOW_DATAGRAMS = 256;
const WINDOW_OCTETS = 2 * 1024 * 1024;
/**
 * Loopback loses next to nothing, and every bare acknowledgement and every tick of the clock wakes a process: so both
 * are rare until something has been lost, and quick for a while after that. A peer that is busy looks like one that lost
 * a datagram, but it tells of those that came twice: what was sent again in vain makes more patient instead.
 */
const CALM_TIMEOUT_MS = 120;
const LOSSY_TIMEOUT_MS = 2;
const LONGEST_TIMEOUT_MS = 960;
const CALM_ACKNOWLEDGEMENT_MS = 25;
const UNANSWERED_DATAGRAMS = WINDOW_DATAGRAMS / 4;
const UNANSWERED_OCTETS = WINDOW_OCTETS / 4;
const CALM_TICK_MS = 25;
const LOSSY_TICK_MS = 1;
const RESEND_BURST = 8;

export interface ReliableChannelOptions {
  readonly runId: number;
  /** Puts octets on the wire now; they may get lost, doubled or reordered. The buffer is kept until acknowledged. */
  readonly transmit: (octets: Buffer) => void;
  /** What all channels of the process know of losses; whoever calls `onTick` ticks it before. */
  readonly losses: LossRecord;
  /** Messages in order, exactly once. */
  readonly deliver: (message: ChannelMessage, frames: readonly FrameInTransit[]) => void;
}

interface Unacknowledged {
  readonly sequence: number;
  readonly octets: Buffer;
  /** The last tick before it went out. */
  sentMs: number;
}

/**
 * In-order, exactly-once delivery of channel messages over datagrams that the kernel may drop. Sequence numbers,
 * cumulative acknowledgements that ride on messages, retransmission on a wall-clock timer. What it does about losses
 * is invisible to emulated time: a run with dropped datagrams is the same run, later.
 */
export class ReliableChannel {
  private readonly options: ReliableChannelOptions;
  private readonly losses: LossRecord;
  private nextSequence = 0;
  private expectedSequence = 0;
  private unacknowledged: Unacknowledged[] = [];
  private firstUnacknowledged = 0;
  private unacknowledgedOctets = 0;
  private readonly early = new Map<number, Datagram>();
  /** Datagrams and octets taken in since the peer was last told what has arrived. */
  private unansweredDatagrams = 0;
  private unansweredOctets = 0;
  private unansweredSinceMs = 0;
  /** Wall clock at the last tick: reading it for every message would cost more than it tells. */
  private nowMs = 0;
  private calmTimeoutMs = CALM_TIMEOUT_MS;
  private backoff = 1;
  /** Datagrams that came twice: here, and at the peer as far as it has told. */
  private repeated = 0;
  private peerRepeated = 0;
  private peerLosses = 0;

  datagramsSent = 0;
  datagramsResent = 0;

  constructor(options: ReliableChannelOptions) {
    this.options = options;
    this.losses = options.losses;
  }

  /** False when the window is full: hold messages back until acknowledgements come in. */
  get hasRoom(): boolean {
    return (
      this.unacknowledged.length - this.firstUnacknowledged < WINDOW_DATAGRAMS &&
      this.unacknowledgedOctets < WINDOW_OCTETS
    );
  }

  /** Everything sent has been acknowledged. */
  get isSettled(): boolean {
    return this.unacknowledged.length === this.firstUnacknowledged;
  }

  /** How soon `onTick` wants to be called again, ms. */
  get tickMs(): number {
    return this.losses.isLossy ? LOSSY_TICK_MS : CALM_TICK_MS;
  }

  /** Sends a message; frames that do not fit into one datagram go in several, each with a promise true for itself. */
  send(message: ChannelMessage, frames: readonly FrameInTransit[]): void {
    let from = 0;
    const headerOctets = messageHeaderOctets(message);
    do {
      let octets = headerOctets;
      let to = from;
      while (to < frames.length) {
        const added = frameOctetsInDatagram(frames[to]!.frame);
        if (octets + added > MAXIMUM_DATAGRAM_OCTETS) break;
        octets += added;
        to++;
      }
      if (to === frames.length) {
        this.sendPart(message, frames, from, to, octets);
      } else {
        // News of rounds mark the end of all that went before: they come with the last part.
        const { counted, needPs } = message;
        const part = { counted, needPs, promisePs: earliestOf(frames, to, message.promisePs) };
        this.sendPart(part, frames, from, to, octets - headerOctets + HEADER_OCTETS);
      }
      from = to;
    } while (from < frames.length);
  }

  /** A datagram came in. Strays and broken ones are ignored: the kernel does not corrupt loopback, other programs may. */
  onDatagram(octets: Buffer): void {
    const decoded = decodeDatagram(octets);
    if (!decoded.ok || decoded.value.runId !== this.options.runId) return;
    const datagram = decoded.value;
    this.hearOfLosses(datagram);
    this.acknowledged(datagram.expected, datagram.carriesMessage);
    if (!datagram.carriesMessage) return;
    if (this.unansweredDatagrams++ === 0) this.unansweredSinceMs = this.nowMs;
    this.unansweredOctets += octets.length;
    if (datagram.sequence === this.expectedSequence) {
      // The kernel keeps datagrams in order: what comes only the second time had been lost.
      if (datagram.isResent) this.losses.found();
      this.accept(datagram);
      if (this.early.size > 0) this.acceptEarly();
      if (this.unansweredDatagrams >= UNANSWERED_DATAGRAMS || this.unansweredOctets >= UNANSWERED_OCTETS)
        this.acknowledge();
    } else {
      if (datagram.sequence > this.expectedSequence) {
        this.early.set(datagram.sequence, datagram);
        this.losses.found();
      } else this.repeated = (this.repeated + 1) % COUNT_MODULUS;
      // Out of order or repeated: say at once what is missing.
      this.acknowledge();
    }
  }

  /**
   * Now and then by the wall clock: acknowledges what no message has, and resends what stayed unanswered.
   * @param nowMs monotonic; it decides retransmission only, so it cannot change a run
   */
  onTick(nowMs: number): void {
    this.nowMs = nowMs;
    const { isLossy } = this.losses;
    const delayMs = isLossy ? 0 : CALM_ACKNOWLEDGEMENT_MS;
    if (this.unansweredDatagrams > 0 && nowMs - this.unansweredSinceMs >= delayMs) this.acknowledge();
    const oldest = this.unacknowledged[this.firstUnacknowledged];
    if (oldest === undefined) return;
    const timeoutMs = (isLossy ? LOSSY_TIMEOUT_MS : this.calmTimeoutMs) * this.backoff;
    if (nowMs - oldest.sentMs < Math.min(timeoutMs, LONGEST_TIMEOUT_MS)) return;
    this.backoff *= 2;
    // One is enough to learn whether anything was lost; more would come twice, and the peer would seem to be busy.
    const burst = isLossy ? RESEND_BURST : 1;
    const end = Math.min(this.firstUnacknowledged + burst, this.unacknowledged.length);
    for (let i = this.firstUnacknowledged; i < end; i++) this.resend(this.unacknowledged[i]!);
  }

  /** What the peer found out about this side's datagrams: lost ones, and ones that came twice because it was busy. */
  private hearOfLosses({ repeated, losses }: Datagram): void {
    if (isLater(repeated, this.peerRepeated)) {
      this.peerRepeated = repeated;
      if (!this.losses.isLossy) this.calmTimeoutMs = Math.min(this.calmTimeoutMs * 2, LONGEST_TIMEOUT_MS);
    }
    if (isLater(losses, this.peerLosses)) {
      this.peerLosses = losses;
      this.losses.told();
    }
  }

  private header(sequence: number, carriesMessage: boolean, isResent: boolean): DatagramHeader {
    return {
      runId: this.options.runId,
      sequence,
      expected: this.expectedSequence,
      carriesMessage,
      isResent,
      repeated: this.repeated,
      losses: this.losses.count,
    };
  }

  private sendPart(
    message: ChannelMessage,
    frames: readonly FrameInTransit[],
    from: number,
    to: number,
    octets: number,
  ): void {
    const buffer = Buffer.allocUnsafe(octets);
    const sequence = this.nextSequence++;
    const written = encodeMessage(buffer, this.header(sequence, true, false), message, frames, from, to);
    assert(written === octets, 'a datagram came out longer than planned');
    this.unacknowledged.push({ sequence, octets: buffer, sentMs: this.nowMs });
    this.unacknowledgedOctets += octets;
    this.unansweredDatagrams = 0;
    this.unansweredOctets = 0;
    this.datagramsSent++;
    this.options.transmit(buffer);
  }

  private accept(datagram: Datagram): void {
    this.expectedSequence++;
    this.options.deliver(datagram.message, datagram.frames);
  }

  private acceptEarly(): void {
    for (;;) {
      const datagram = this.early.get(this.expectedSequence);
      if (datagram === undefined) return;
      this.early.delete(this.expectedSequence);
      this.accept(datagram);
    }
  }

  private acknowledge(): void {
    const buffer = Buffer.allocUnsafe(HEADER_OCTETS);
    encodeAcknowledgement(buffer, this.header(this.nextSequence, false, false));
    this.unansweredDatagrams = 0;
    this.unansweredOctets = 0;
    this.options.transmit(buffer);
  }

  private acknowledged(expected: number, withMessage: boolean): void {
    const queue = this.unacknowledged;
    const before = this.firstUnacknowledged;
    let first = before;
    while (first < queue.length && queue[first]!.sequence < expected) {
      this.unacknowledgedOctets -= queue[first]!.octets.length;
      first++;
    }
    this.firstUnacknowledged = first;
    if (first > before) {
      this.backoff = 1;
      if (first === queue.length || first > WINDOW_DATAGRAMS) {
        this.unacknowledged = queue.slice(first);
        this.firstUnacknowledged = 0;
      }
    } else if (!withMessage && first < queue.length) {
      // A bare acknowledgement that brings nothing new tells of a gap; once a tick keeps duplicates from multiplying.
      if (queue[first]!.sentMs !== this.nowMs) this.resend(queue[first]!);
    }
  }

  private resend(datagram: Unacknowledged): void {
    datagram.sentMs = this.nowMs;
    this.datagramsResent++;
    renewHeader(datagram.octets, this.header(datagram.sequence, true, true));
    this.options.transmit(datagram.octets);
  }
}

/** Whether a count is past another, which may have begun again from 0. */
function isLater(count: number, than: number): boolean {
  const ahead = (count - than + COUNT_MODULUS) % COUNT_MODULUS;
  return ahead > 0 && ahead < COUNT_MODULUS / 2;
}

function earliestOf(frames: readonly FrameInTransit[], from: number, limitPs: number): number {
  let earliestPs = limitPs;
  for (let i = from; i < frames.length; i++) {
    if (frames[i]!.firstBitPs < earliestPs) earliestPs = frames[i]!.firstBitPs;
  }
  return earliestPs;
}
