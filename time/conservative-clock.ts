import { assert } from '../base/assert.ts';
import { NEVER_PS } from '../base/units.ts';
import type { ChannelMessage } from './channel.ts';

export interface ChannelTiming {
  /** Least delay of the links in the channel, ps, positive. */
  readonly lookaheadPs: number;
  /** Least time from an event of the peer to the departure of a frame that it causes, ps. */
  readonly peerReactionPs: number;
  /** The peer has no other channel: it says by itself whenever it can promise more, and need not be asked. */
  readonly peerIsLeaf: boolean;
}

/**
 * Conservative emulated time among processes, without rollback and without null messages in the common case. Every
 * message carries a conditional promise (see `ChannelMessage`). From the promises each process computes how far it may
 * go; a process that cannot go on says what it needs, and the need travels to whoever can answer it.
 *
 * Definitions, for a process with channels c of lookahead L(c) (the least delay of the links in c) and reaction time R
 * (no event of it makes a frame depart sooner than R later: a switch's latency), R(c) that of the peer:
 *
 *     H(c) = min(promise received on c, first own frame that the peer has not counted + R(c) + L(c))
 *     safe = min over c of H(c)                      events strictly before it may be executed
 *     base(c) = min(next own event, min over d != c of H(d))
 *     promise(c) = base(c) + R + L(c), or later where every link of c is still busy sending
 *
 * A peer's own echo is excluded from what it is promised (d != c): it knows what it sends. In a tree of processes
 * nothing creeps, because a subtree without work promises infinity.
 *
 * This class is the protocol alone: no sockets, no clock. Whoever owns it delivers messages in order, exactly once.
 */
export class ConservativeClock {
  private readonly channels: Channel[];

  /** @param reactionPs least time from an event of this process to the departure of a frame that it causes, ps */
  constructor(channels: readonly ChannelTiming[], reactionPs: number) {
    for (const { lookaheadPs } of channels) assert(lookaheadPs > 0, 'a channel without lookahead makes no progress');
    this.channels = channels.map((timing) => new Channel(timing, reactionPs));
  }

  /** A message came in on a channel, its frames (first bits, in order) included. */
  received(channel: number, message: ChannelMessage, firstBitsPs: readonly number[]): void {
    const c = this.channelAt(channel);
    c.uncounted.forget(message.counted);
    // A promise replaces the one before it: after receiving a frame an idle peer is no longer idle.
    c.promisedPs = message.promisePs;
    c.peerNeedPs = message.needPs;
    for (let i = 0; i < firstBitsPs.length; i++) c.noteReceived(firstBitsPs[i] as number);
  }

  /** A frame is about to go out on a channel; call in sending order. */
  sent(channel: number, firstBitPs: number): void {
    this.channelAt(channel).uncounted.add(firstBitPs);
  }

  /** Events strictly before this instant may be executed. NEVER_PS: nothing can come any more. */
  safePs(): number {
    let safePs = NEVER_PS;
    for (let i = 0; i < this.channels.length; i++) {
      const horizonPs = this.channels[i]!.horizonPs();
      if (horizonPs < safePs) safePs = horizonPs;
    }
    return safePs;
  }

  /**
   * What to tell the peer now. Call when every event before `safePs()` has been executed.
   * @param nextEventPs this process's first pending event
   * @param departurePs earliest arrival at the peer that the links' busy transmitters allow; 0 when all are idle
   */
  message(channel: number, nextEventPs: number, earliestArrivalPs: number): ChannelMessage {
    const c = this.channelAt(channel);
    return {
      counted: c.receivedFrames,
      promisePs: this.promisePs(channel, nextEventPs, earliestArrivalPs),
      needPs: this.needPs(channel, nextEventPs),
    };
  }

  /**
   * Whether a message without frames is worth sending. A leaf says whenever it can promise more: that costs one message
   * a turn, where asking it first would cost two. A process between others answers a peer that waits for a promise
   * which can be given now, since telling all of them everything would be a flood. And whoever waits says so once.
   */
  worthTelling(channel: number, message: ChannelMessage): boolean {
    const c = this.channelAt(channel);
    const inferredPs = c.inferredByPeerPs();
    if (this.channels.length === 1 && message.promisePs > inferredPs) return true;
    if (c.peerNeedPs >= inferredPs && message.promisePs > c.peerNeedPs) return true;
    return message.needPs !== NEVER_PS && message.needPs !== c.toldNeedPs && !c.peerIsLeaf;
  }

  /** The message was sent; its frames were reported through `sent`. */
  told(channel: number, message: ChannelMessage): void {
    const c = this.channelAt(channel);
    c.toldPromisePs = message.promisePs;
    c.toldNeedPs = message.needPs;
    c.firstUntoldPs = NEVER_PS;
  }

  /** True when every peer has promised silence for ever and has counted all our frames. */
  isQuiet(): boolean {
    return this.safePs() === NEVER_PS;
  }

  /** Frames sent and received on a channel so far. */
  counts(channel: number): { readonly sent: number; readonly received: number } {
    const c = this.channelAt(channel);
    return { sent: c.uncounted.added, received: c.receivedFrames };
  }

  private promisePs(channel: number, nextEventPs: number, earliestArrivalPs: number): number {
    let basePs = nextEventPs;
    for (let i = 0; i < this.channels.length; i++) {
      if (i === channel) continue;
      const horizonPs = this.channels[i]!.horizonPs();
      if (horizonPs < basePs) basePs = horizonPs;
    }
    const promisePs = basePs + this.channels[channel]!.forwardPs;
    return promisePs > earliestArrivalPs ? promisePs : earliestArrivalPs;
  }

  /** What the channel's horizon must exceed: for an own event, or to answer the need of another peer. */
  private needPs(channel: number, nextEventPs: number): number {
    const horizonPs = this.channels[channel]!.horizonPs();
    let needPs = horizonPs <= nextEventPs ? nextEventPs : NEVER_PS;
    for (let i = 0; i < this.channels.length; i++) {
      if (i === channel) continue;
      const peer = this.channels[i]!;
      if (peer.peerNeedPs < peer.inferredByPeerPs()) continue;
      const neededPs = peer.peerNeedPs - peer.forwardPs;
      if (horizonPs <= neededPs && neededPs < needPs) needPs = neededPs;
    }
    return needPs;
  }

  private channelAt(channel: number): Channel {
    const c = this.channels[channel];
    assert(c !== undefined, 'no such channel');
    return c;
  }
}

class Channel {
  /** Least time from an event here to a frame's arrival at the peer. */
  readonly forwardPs: number;
  /** Least time from a frame's arrival at the peer to the arrival of what it causes here. */
  readonly echoPs: number;
  readonly peerIsLeaf: boolean;
  /** Own frames that the peer has not counted yet. */
  readonly uncounted = new UncountedFrames();
  receivedFrames = 0;
  promisedPs: number;
  peerNeedPs = NEVER_PS;
  toldPromisePs: number;
  toldNeedPs = NEVER_PS;
  /** First bit of the earliest frame received since the peer was last told; it still bounds what the peer infers. */
  firstUntoldPs = NEVER_PS;

  constructor({ lookaheadPs, peerReactionPs, peerIsLeaf }: ChannelTiming, reactionPs: number) {
    this.peerIsLeaf = peerIsLeaf;
    this.forwardPs = reactionPs + lookaheadPs;
    this.echoPs = peerReactionPs + lookaheadPs;
    // Both sides start at instant zero, so nothing can arrive before that long.
    this.promisedPs = this.echoPs;
    this.toldPromisePs = this.forwardPs;
  }

  horizonPs(): number {
    const echoPs = this.uncounted.earliestPs() + this.echoPs;
    return echoPs < this.promisedPs ? echoPs : this.promisedPs;
  }

  inferredByPeerPs(): number {
    const echoPs = this.firstUntoldPs + this.forwardPs;
    return echoPs < this.toldPromisePs ? echoPs : this.toldPromisePs;
  }

  noteReceived(firstBitPs: number): void {
    this.receivedFrames++;
    if (firstBitPs < this.firstUntoldPs) this.firstUntoldPs = firstBitPs;
  }
}

/**
 * Sent frames that are not counted by the peer, with the least arrival among them at hand. Links of one channel may
 * arrive out of order among each other, so this is a sliding-window minimum: a queue of suffix minima.
 */
class UncountedFrames {
  added = 0;
  private forgotten = 0;
  private sequences: number[] = [];
  private arrivalsPs: number[] = [];
  private first = 0;

  add(arrivalPs: number): void {
    while (
      this.arrivalsPs.length > this.first &&
      (this.arrivalsPs[this.arrivalsPs.length - 1] as number) >= arrivalPs
    ) {
      this.arrivalsPs.pop();
      this.sequences.pop();
    }
    this.arrivalsPs.push(arrivalPs);
    this.sequences.push(this.added++);
  }

  forget(counted: number): void {
    if (counted < this.forgotten || counted > this.added) refuseCount(counted, this.added);
    this.forgotten = counted;
    while (this.first < this.sequences.length && (this.sequences[this.first] as number) < counted) this.first++;
    if (this.first === this.sequences.length) {
      if (this.first > 0) {
        this.sequences.length = 0;
        this.arrivalsPs.length = 0;
        this.first = 0;
      }
    } else if (this.first > 1024) {
      this.sequences = this.sequences.slice(this.first);
      this.arrivalsPs = this.arrivalsPs.slice(this.first);
      this.first = 0;
    }
  }

  earliestPs(): number {
    return this.first < this.arrivalsPs.length ? (this.arrivalsPs[this.first] as number) : NEVER_PS;
  }
}

/** Apart, so that its text is not built for every message. */
function refuseCount(counted: number, added: number): never {
  assert(false, `the peer counted ${counted} of ${added} frames`);
}
