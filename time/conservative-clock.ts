import { assert } from '../base/assert.ts';
import { NEVER_PS } from '../base/units.ts';
import type { ChannelMessage } from './channel.ts';
import { GlobalMinimum, NO_WANT_PS } from './global-minimum.ts';
import type { CycleRole } from './process-cycles.ts';

export interface ChannelTiming {
  /** Least delay of the links in the channel, ps, positive. */
  readonly lookaheadPs: number;
  /** Least time from an event of this process to the departure of a frame that it causes on the channel, ps. */
  readonly reactionPs: number;
  /** The same of the peer. */
  readonly peerReactionPs: number;
  /** The peer has no other channel: it says by itself whenever it can promise more, and need not be asked. */
  readonly peerIsLeaf: boolean;
  /** The channel's part in the rounds of the global minimum: `none` where no cycle of processes goes through it. */
  readonly cycle: CycleRole;
}

/**
 * Conservative emulated time among processes, without rollback and without null messages in the common case. Every
 * message carries a conditional promise (see `ChannelMessage`). From the promises each process computes how far it may
 * go; a process that cannot go on says what it needs, and the need travels to whoever can answer it.
 *
 * Definitions, for a process with channels c of lookahead L(c) (the least delay of the links in c) and reaction time
 * R'(c) (no event of it makes a frame depart on c sooner than R'(c) later: a switch's latency), R(c) that of the peer:
 *
 *     H(c) = min(promise received on c, first own frame that the peer has not counted + R(c) + L(c))
 *     safe = min over c of H(c)                      events strictly before it may be executed
 *     base(c) = min(next own event, min over d != c of H(d))
 *     promise(c) = base(c) + R'(c) + L(c), or later where every link of c is still busy sending
 *
 * A peer's own echo is excluded from what it is promised (d != c): it knows what it sends. In a tree of processes
 * nothing creeps, because a subtree without work promises infinity. Around a cycle promises do creep: there nobody asks
 * for them, and the floor that `GlobalMinimum` finds raises H(c) to floor + R(c) + L(c).
 *
 * This class is the protocol alone: no sockets, no clock. Whoever owns it delivers messages in order, exactly once.
 */
export class ConservativeClock {
  private readonly channels: Channel[];
  private readonly roles: readonly CycleRole[];
  /** Of the round of telling under way: the two earliest horizons, whose the first is, and who waits for a promise. */
  private nextEventPs = NEVER_PS;
  /** Earliest instant at which this process may do something of its own accord: its next event, or an input. */
  private ownStartPs = NEVER_PS;
  private leastHorizonPs = NEVER_PS;
  private nextLeastHorizonPs = NEVER_PS;
  private leastChannel = -1;
  private readonly waitingPeers: number[] = [];
  /** Undefined where no cycle goes through the process. */
  private globalMinimum: GlobalMinimum | undefined;

  constructor(channels: readonly ChannelTiming[]) {
    for (const { lookaheadPs } of channels) assert(lookaheadPs > 0, 'a channel without lookahead makes no progress');
    this.channels = channels.map((timing) => new Channel(timing));
    this.roles = channels.map(({ cycle }) => cycle);
    this.restart(0);
  }

  /**
   * Forgets all promises and asks for none: as at the start of the run, but at a later instant. All processes do so at
   * once, while none executes and nothing is under way between them.
   * @param fromPs no process executes anything before it any more, ps
   */
  restart(fromPs: number): void {
    for (const channel of this.channels) channel.restart(fromPs);
    if (this.roles.some((role) => role !== 'none')) this.globalMinimum = new GlobalMinimum(this.roles);
  }

  /** Rounds of the global minimum that were held. */
  get rounds(): number {
    return this.globalMinimum?.rounds ?? 0;
  }

  /** A message came in on a channel, its frames (first bits, in order) included. */
  received(channel: number, message: ChannelMessage, firstBitsPs: readonly number[]): void {
    const c = this.channelAt(channel);
    c.uncounted.forget(message.counted);
    // A promise replaces the one before it: after receiving a frame an idle peer is no longer idle.
    c.promisedPs = message.promisePs;
    c.peerNeedPs = message.needPs;
    let earliestPs = NEVER_PS;
    for (let i = 0; i < firstBitsPs.length; i++) {
      const firstBitPs = firstBitsPs[i] as number;
      c.noteReceived(firstBitPs);
      if (firstBitPs < earliestPs) earliestPs = firstBitPs;
    }
    if (!c.isOnCycle) return;
    this.globalMinimum!.received(channel, earliestPs, message.round);
    this.raiseFloor();
  }

  /** A frame is about to go out on a channel; call in sending order. */
  sent(channel: number, firstBitPs: number): void {
    this.channelAt(channel).uncounted.add(firstBitPs);
  }

  /** No frame that is still to come on a channel arrives before this instant, unless it answers one that is not sent yet. */
  horizonPs(channel: number): number {
    return this.channels[channel]!.horizonPs();
  }

  /** Least time from an event here to the arrival on a channel of what it makes the peer send. */
  returnPs(channel: number): number {
    const c = this.channels[channel]!;
    return c.forwardPs + c.echoPs;
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

  /** The latest own event that peers wait to be promised, ps; 0 when none waits. */
  latestNeedPs(): number {
    let latestPs = Math.max(0, this.globalMinimum?.heldUpPs() ?? 0);
    for (const c of this.channels) {
      if (c.isPeerWaiting()) latestPs = Math.max(latestPs, c.peerNeedPs - c.forwardPs);
    }
    return latestPs;
  }

  /**
   * Begins a round of telling: call it when every event before `safePs()` has been executed, and before the calls of
   * `worthTelling` and `message` that go with it.
   * @param nextEventPs this process's first pending event
   * @param gatePs before it nothing comes from outside; see time/input-gate.ts
   */
  beginRound(nextEventPs: number, gatePs: number = NEVER_PS): void {
    this.nextEventPs = nextEventPs;
    this.ownStartPs = nextEventPs < gatePs ? nextEventPs : gatePs;
    this.leastHorizonPs = NEVER_PS;
    this.nextLeastHorizonPs = NEVER_PS;
    this.leastChannel = -1;
    this.waitingPeers.length = 0;
    for (let i = 0; i < this.channels.length; i++) {
      const c = this.channels[i]!;
      const horizonPs = c.horizonPs();
      if (horizonPs < this.leastHorizonPs) {
        this.nextLeastHorizonPs = this.leastHorizonPs;
        this.leastHorizonPs = horizonPs;
        this.leastChannel = i;
      } else if (horizonPs < this.nextLeastHorizonPs) {
        this.nextLeastHorizonPs = horizonPs;
      }
      if (c.isPeerWaiting()) this.waitingPeers.push(i);
    }
  }

  /**
   * Takes the round of the global minimum on by what this process can tell now; call it after `beginRound`.
   * @param mayBegin whether everything before `safePs()` has been executed, so that a round may begin for want of more
   * @returns true when that made more events safe
   */
  advanceRound(mayBegin: boolean): boolean {
    if (this.globalMinimum === undefined) return false;
    let leastPs = this.ownStartPs;
    let wantPs = NO_WANT_PS;
    for (let i = 0; i < this.channels.length; i++) {
      const c = this.channels[i]!;
      if (!c.isOnCycle) {
        const horizonPs = c.horizonPs();
        if (horizonPs < leastPs) leastPs = horizonPs;
      } else {
        const needPs = this.needPs(i);
        if (needPs !== NEVER_PS && needPs - c.echoPs > wantPs) wantPs = needPs - c.echoPs;
      }
    }
    if (!this.globalMinimum.advance(leastPs, wantPs, mayBegin)) return false;
    this.raiseFloor();
    return true;
  }

  /**
   * Whether a message without frames is worth sending. A leaf says whenever it can promise more: that costs one message
   * a turn, where asking it first would cost two. A process between others answers a peer that waits for a promise
   * which can be given now, since telling all of them everything would be a flood. And whoever waits says so once.
   * @param earliestArrivalPs as for `message`
   */
  worthTelling(channel: number, earliestArrivalPs: number): boolean {
    const c = this.channels[channel]!;
    if (c.isOnCycle) return this.globalMinimum!.hasNews(channel);
    if (this.channels.length === 1 && this.promisePs(channel, earliestArrivalPs) > c.inferredByPeerPs()) return true;
    if (c.isPeerWaiting() && this.promisePs(channel, earliestArrivalPs) > c.peerNeedPs) return true;
    if (c.peerIsLeaf) return false;
    const needPs = this.needPs(channel);
    return needPs !== NEVER_PS && needPs !== c.toldNeedPs;
  }

  /**
   * What to tell the peer now.
   * @param earliestArrivalPs earliest arrival at the peer that the links' busy transmitters allow; 0 when all are idle
   */
  message(channel: number, earliestArrivalPs: number): ChannelMessage {
    const c = this.channels[channel]!;
    const promise = { counted: c.receivedFrames, promisePs: this.promisePs(channel, earliestArrivalPs) };
    if (c.isOnCycle) return { ...promise, needPs: NEVER_PS, round: this.globalMinimum!.news(channel) };
    return { ...promise, needPs: this.needPs(channel) };
  }

  /** The message was sent; its frames were reported through `sent`. */
  told(channel: number, message: ChannelMessage): void {
    const c = this.channelAt(channel);
    c.toldPromisePs = message.promisePs;
    c.toldNeedPs = message.needPs;
    c.firstUntoldPs = NEVER_PS;
    if (c.isOnCycle) this.globalMinimum!.told(channel);
  }

  /** Frames sent and received on a channel so far. */
  counts(channel: number): { readonly sent: number; readonly received: number } {
    const c = this.channelAt(channel);
    return { sent: c.uncounted.added, received: c.receivedFrames };
  }

  private promisePs(channel: number, earliestArrivalPs: number): number {
    const othersPs = channel === this.leastChannel ? this.nextLeastHorizonPs : this.leastHorizonPs;
    const basePs = othersPs < this.ownStartPs ? othersPs : this.ownStartPs;
    const promisePs = basePs + this.channels[channel]!.forwardPs;
    return promisePs > earliestArrivalPs ? promisePs : earliestArrivalPs;
  }

  /** What the channel's horizon must exceed: for an own event, or to answer the need of another peer. */
  private needPs(channel: number): number {
    const horizonPs = this.channels[channel]!.horizonPs();
    let needPs = horizonPs <= this.nextEventPs ? this.nextEventPs : NEVER_PS;
    for (let i = 0; i < this.waitingPeers.length; i++) {
      const waiting = this.waitingPeers[i]!;
      const peer = this.channels[waiting]!;
      // It may have been told enough in this very round.
      if (waiting === channel || !peer.isPeerWaiting()) continue;
      const neededPs = peer.peerNeedPs - peer.forwardPs;
      if (horizonPs <= neededPs && neededPs < needPs) needPs = neededPs;
    }
    if (this.globalMinimum?.holdsUp() === true && !this.channels[channel]!.isOnCycle) {
      // What this channel may still bring in was the least of the whole cycle, and somebody there waits for more.
      const { floorPs } = this.globalMinimum;
      if (horizonPs <= floorPs && floorPs < needPs) needPs = floorPs;
    }
    return needPs;
  }

  private raiseFloor(): void {
    const { floorPs } = this.globalMinimum!;
    for (let i = 0; i < this.channels.length; i++) {
      const c = this.channels[i]!;
      if (c.isOnCycle) c.floorHorizonPs = floorPs + c.echoPs;
    }
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
  readonly isOnCycle: boolean;
  /** Nothing arrives before it, by the global minimum. */
  floorHorizonPs = 0;
  /** Own frames that the peer has not counted yet. */
  readonly uncounted = new UncountedFrames();
  receivedFrames = 0;
  promisedPs = 0;
  peerNeedPs = NEVER_PS;
  toldPromisePs = 0;
  toldNeedPs = NEVER_PS;
  /** First bit of the earliest frame received since the peer was last told; it still bounds what the peer infers. */
  firstUntoldPs = NEVER_PS;

  constructor({ lookaheadPs, reactionPs, peerReactionPs, peerIsLeaf, cycle }: ChannelTiming) {
    this.peerIsLeaf = peerIsLeaf;
    this.isOnCycle = cycle !== 'none';
    this.forwardPs = reactionPs + lookaheadPs;
    this.echoPs = peerReactionPs + lookaheadPs;
  }

  restart(fromPs: number): void {
    this.uncounted.forget(this.uncounted.added);
    // Both sides start at this instant, so nothing can arrive before that long.
    this.promisedPs = fromPs + this.echoPs;
    this.toldPromisePs = fromPs + this.forwardPs;
    this.floorHorizonPs = 0;
    this.peerNeedPs = NEVER_PS;
    this.toldNeedPs = NEVER_PS;
    this.firstUntoldPs = NEVER_PS;
  }

  horizonPs(): number {
    const echoPs = this.uncounted.earliestPs() + this.echoPs;
    const promisedPs = echoPs < this.promisedPs ? echoPs : this.promisedPs;
    return promisedPs > this.floorHorizonPs ? promisedPs : this.floorHorizonPs;
  }

  inferredByPeerPs(): number {
    const echoPs = this.firstUntoldPs + this.forwardPs;
    return echoPs < this.toldPromisePs ? echoPs : this.toldPromisePs;
  }

  /** The peer needs more than it can conclude from what it was told. NEVER_PS as a need means that it waits for nothing. */
  isPeerWaiting(): boolean {
    return this.peerNeedPs >= this.inferredByPeerPs() && this.peerNeedPs !== NEVER_PS;
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
