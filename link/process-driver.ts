import { assert } from '../base/assert.ts';
import { NEVER_PS } from '../base/units.ts';
import type { ChannelMessage, FrameInTransit } from '../time/channel.ts';
import { type ChannelTiming, ConservativeClock } from '../time/conservative-clock.ts';
import type { InputGate } from '../time/input-gate.ts';
import type { Scheduler } from '../time/scheduler.ts';
import type { ExternalCalls } from './external-calls.ts';
import type { FrameSink } from './frame-sink.ts';
import type { Network } from './network.ts';
import { PortLead } from './port-lead.ts';

/** Events between two looks at the outbox, so that peers on another core can start on what is ready. */
const SLICE_EVENTS = 2_000;
/** After this much wall time the event loop gets a turn, so that a busy node does not look hung. */
const YIELD_MS = 100;

/** A channel to another process: all links that lead there. */
export interface ProcessChannel extends ChannelTiming {
  /** Process at the other end, for messages. */
  readonly peer: string;
  /** Indices of the links that it bundles. */
  readonly links: readonly number[];
}

/** A process that executes nothing. */
export interface HeldState {
  /** The last event that was executed, and the first that will be, ps. */
  readonly nowPs: number;
  readonly nextEventPs: number;
  readonly hasSentAll: boolean;
  readonly messagesSent: number;
  readonly messagesReceived: number;
}

/** In-order delivery to a peer process; see `ReliableChannel`. */
export interface MessageTransport {
  readonly hasRoom: boolean;
  send(message: ChannelMessage, frames: readonly FrameInTransit[]): void;
}

/**
 * Drives the scheduler of one process among several: executes what is safe, sends what is ready, says what is needed.
 */
export class ProcessDriver {
  private readonly channels: readonly ProcessChannel[];
  private readonly clock: ConservativeClock;
  private readonly scheduler: Scheduler;
  private readonly wallMs: () => number;
  private readonly gate: InputGate | undefined;
  private readonly externalCalls: ExternalCalls | undefined;
  private readonly outboxes: FrameInTransit[][];
  private network: Network | undefined;
  private portLead: PortLead | undefined;
  private transports: readonly MessageTransport[] = [];
  private pumping = false;
  private continuation: NodeJS.Immediate | undefined;
  private isHeld = false;
  private messagesSent = 0;
  private messagesReceived = 0;

  /**
   * @param gate where inputs come to a node of this process
   * @param externalCalls what nodes of this process ask outside
   */
  constructor(
    channels: readonly ProcessChannel[],
    scheduler: Scheduler,
    wallMs: () => number,
    gate?: InputGate,
    externalCalls?: ExternalCalls,
  ) {
    this.channels = channels;
    this.clock = new ConservativeClock(channels);
    this.scheduler = scheduler;
    this.wallMs = wallMs;
    this.gate = gate;
    this.externalCalls = externalCalls;
    this.outboxes = channels.map(() => []);
  }

  /** Where frames for a link of another process go. */
  remoteSink(linkIndex: number): FrameSink {
    const channel = this.channels.findIndex((candidate) => candidate.links.includes(linkIndex));
    assert(channel >= 0, `no channel carries link ${linkIndex}`);
    const outbox = this.outboxes[channel]!;
    const { peer, lookaheadPs, reactionPs, peerReactionPs } = this.channels[channel]!;
    return {
      push: (firstBitPs, frame) => {
        if (firstBitPs < this.scheduler.nowPs() + reactionPs + lookaheadPs) {
          assert(
            false,
            `a frame for ${peer} at ${firstBitPs} ps breaks the promise: it left sooner than the reaction time`,
          );
        }
        this.clock.sent(channel, firstBitPs);
        // The peer's answer to this very frame is not covered by its promise.
        this.scheduler.lowerLimit(firstBitPs + peerReactionPs + lookaheadPs);
        outbox.push({ link: linkIndex, firstBitPs, frame });
      },
    };
  }

  /** Both exist only after the driver: the network needs its sinks, the transports need its `onMessage`. */
  connect(network: Network, transports: readonly MessageTransport[]): void {
    this.network = network;
    this.transports = transports;
  }

  /** Once the nodes have their models. */
  private lead(): PortLead {
    if (this.portLead === undefined) {
      const channels = this.channels.map(({ links }, channel) => ({ links, returnPs: this.clock.returnPs(channel) }));
      this.portLead = new PortLead(this.network!.independentNodes(), channels, this.clock, this.scheduler);
    }
    return this.portLead;
  }

  /** A message of a peer, in order. Call `pump` when all that is at hand has been taken in. */
  onMessage(channel: number, message: ChannelMessage, frames: readonly FrameInTransit[]): void {
    const firstBitsPs: number[] = [];
    for (let i = 0; i < frames.length; i++) {
      const { link, firstBitPs, frame } = frames[i] as FrameInTransit;
      firstBitsPs.push(firstBitPs);
      this.network!.arrive(link, firstBitPs, frame);
    }
    this.clock.received(channel, message, firstBitsPs);
    this.messagesReceived++;
  }

  /** False while events are left to execute that need nothing from a peer. */
  get mayWait(): boolean {
    return this.continuation === undefined && this.externalCalls?.isWaiting !== true;
  }

  /** Goes on as far as is safe. Returns at once when it is running already. */
  readonly pump = (): void => {
    if (this.pumping || this.continuation !== undefined) return;
    if (this.isHeld) {
      this.clock.beginRound(this.scheduler.nextEventPs(), this.gate?.openUntilPs);
      this.flush(false);
      return;
    }
    this.pumping = true;
    let startMs = Number.NaN;
    for (;;) {
      let executed = this.scheduler.run(this.untilAnswered(this.gated(this.clock.safePs())), SLICE_EVENTS);
      if (executed < SLICE_EVENTS && this.gate === undefined && this.externalCalls?.isWaiting !== true) {
        executed += this.lead().run(SLICE_EVENTS - executed);
      }
      const finished = executed < SLICE_EVENTS;
      if (finished && this.passGate()) continue;
      this.gate?.admit(this.clock.latestNeedPs());
      this.clock.beginRound(this.scheduler.nextEventPs(), this.gate?.openUntilPs);
      // Whoever finds the global minimum has more to execute at once.
      if (this.clock.advanceRound(finished) && finished) continue;
      this.flush(finished);
      if (finished) break;
      this.network!.writeCaptures(this.scheduler.nowPs(), false);
      const nowMs = this.wallMs();
      if (Number.isNaN(startMs)) startMs = nowMs;
      if (nowMs - startMs > YIELD_MS) {
        this.continuation = setImmediate(this.resume);
        break;
      }
    }
    this.network!.writeCaptures(this.scheduler.nowPs(), false);
    this.pumping = false;
  };

  /** Executes nothing from now on, until `goOn`. What is ready to be sent still goes. */
  hold(): void {
    this.isHeld = true;
    this.pump();
  }

  /**
   * How far the process was held, and whether anything is still under way to it or from it: nothing is once all
   * processes have nothing to send and as many messages were received as sent.
   */
  heldState(): HeldState {
    return {
      nowPs: this.scheduler.nowPs(),
      nextEventPs: this.scheduler.nextEventPs(),
      hasSentAll: this.outboxes.every((outbox) => outbox.length === 0),
      messagesSent: this.messagesSent,
      messagesReceived: this.messagesReceived,
    };
  }

  /** Forgets all promises, since something new happens: see `ConservativeClock.restart`. */
  restartPromises(fromPs: number): void {
    assert(this.isHeld, 'promises are forgotten while the process is held');
    this.clock.restart(fromPs);
  }

  goOn(): void {
    this.isHeld = false;
    this.pump();
  }

  /** Nothing pending here, nothing to come, nothing unsent; and how many frames crossed each channel. */
  state(): { readonly passive: boolean; readonly sent: readonly number[]; readonly received: readonly number[] } {
    const counts = this.channels.map((_, channel) => this.clock.counts(channel));
    return {
      passive: this.scheduler.nextEventPs() === NEVER_PS && this.outboxes.every((outbox) => outbox.length === 0),
      sent: counts.map((count) => count.sent),
      received: counts.map((count) => count.received),
    };
  }

  /** Rounds of the global minimum that were held; 0 where no cycle of processes goes through this one. */
  get rounds(): number {
    return this.clock.rounds;
  }

  /** One line about what this process waits for, for a run that does not move. */
  describe(): string {
    return `at ${this.scheduler.nowPs()} ps, next event ${this.scheduler.nextEventPs()} ps, safe until ${this.clock.safePs()} ps${this.externalCalls?.isWaiting === true ? ', an answer from outside is due' : ''}`;
  }

  private readonly resume = (): void => {
    this.continuation = undefined;
    this.pump();
  };

  /** Moves the gate to an own event that nothing else holds back. @returns whether it moved */
  private passGate(): boolean {
    const nextEventPs = this.scheduler.nextEventPs();
    if (this.gate === undefined || nextEventPs < this.gate.openUntilPs) return false;
    // Not what was safe before: an answer to what has just been sent may come sooner than the next own event.
    if (nextEventPs >= this.clock.safePs()) return false;
    this.gate.admit(nextEventPs);
    return true;
  }

  /** An instant that is not beyond the gate. */
  private gated(timePs: number): number {
    return this.gate === undefined || timePs < this.gate.openUntilPs ? timePs : this.gate.openUntilPs;
  }

  /** An instant that is not beyond an answer from outside that is due and not in. */
  private untilAnswered(timePs: number): number {
    return this.externalCalls === undefined ? timePs : Math.min(timePs, this.externalCalls.heldPs);
  }

  /** Call `beginRound` before. */
  private flush(finished: boolean): void {
    for (let channel = 0; channel < this.channels.length; channel++) {
      const outbox = this.outboxes[channel]!;
      if (outbox.length === 0 && !finished) continue;
      const transport = this.transports[channel]!;
      if (!transport.hasRoom) continue;
      const earliestArrivalPs = this.earliestArrivalPs(channel);
      if (outbox.length === 0 && !this.clock.worthTelling(channel, earliestArrivalPs)) continue;
      const message = this.clock.message(channel, earliestArrivalPs);
      this.clock.told(channel, message);
      transport.send(message, outbox);
      this.messagesSent++;
      outbox.length = 0;
    }
  }

  private earliestArrivalPs(channel: number): number {
    let earliestPs = NEVER_PS;
    for (const link of this.channels[channel]!.links) {
      const arrivalPs = this.network!.earliestArrivalPs(link);
      if (arrivalPs < earliestPs) earliestPs = arrivalPs;
    }
    return earliestPs;
  }
}
