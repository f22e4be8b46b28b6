import { assert } from '../base/assert.ts';
import type { TimerHandle } from '../time/node.ts';

/** One that has packets to send when its turn comes. */
export interface Sender {
  canSend(): boolean;
  transmitNext(): void;
}

interface Clock {
  nowPs(): number;
  at(timePs: number, callback: () => void): TimerHandle;
}

/** Preamble, FCS and gap, which the wire takes beside the frame (IEEE 802.3). */
const WIRE_OVERHEAD_OCTETS = 24;

/**
 * The send scheduler of the NIC: queue pairs take turns, a packet each, at the pace of the wire, so that 56 of them do
 * not put 56 windows into the port's queue at once. Without a pace everything goes as soon as the windows allow.
 */
export class SendScheduler {
  private readonly clock: Clock;
  private readonly octetPs: number | undefined;
  private readonly backlogPs: number;
  /** Whose turn it will be; a sender is in it once. */
  private turns: Sender[] = [];
  private readonly waiting = new Set<Sender>();
  private wireFreeAtPs = 0;
  private timerArmed = false;
  private sending = false;

  /** @param octetPs time of one octet on the wire, an integer; undefined: no pace */
  constructor(clock: Clock, octetPs: number | undefined, backlogOctets: number) {
    assert(octetPs === undefined || (Number.isInteger(octetPs) && octetPs > 0), `pace of ${octetPs} ps an octet`);
    this.clock = clock;
    this.octetPs = octetPs;
    this.backlogPs = backlogOctets * (octetPs ?? 0);
  }

  /** The sender may have packets: they go now, or when the wire has room. */
  offer(sender: Sender): void {
    if (this.octetPs === undefined) {
      while (sender.canSend()) sender.transmitNext();
      return;
    }
    if (this.waiting.has(sender) || !sender.canSend()) return;
    this.waiting.add(sender);
    this.turns.push(sender);
    this.pump();
  }

  /** A frame goes to the port, whoever sent it. */
  account(frameOctets: number): void {
    if (this.octetPs === undefined) return;
    const startPs = Math.max(this.clock.nowPs(), this.wireFreeAtPs);
    this.wireFreeAtPs = startPs + (frameOctets + WIRE_OVERHEAD_OCTETS) * this.octetPs;
  }

  private pump(): void {
    // A frame that is answered within the call to transmit it, as in some tests, comes back here.
    if (this.sending || this.timerArmed) return;
    this.sending = true;
    let turn = 0;
    while (turn < this.turns.length) {
      if (this.wireFreeAtPs - this.clock.nowPs() > this.backlogPs) {
        this.timerArmed = true;
        // Half of the backlog is let out before the next go, so that a timer serves several frames.
        this.clock.at(this.wireFreeAtPs - Math.floor(this.backlogPs / 2), () => {
          this.timerArmed = false;
          this.pump();
        });
        break;
      }
      const sender = this.turns[turn++]!;
      if (sender.canSend()) sender.transmitNext();
      if (sender.canSend()) this.turns.push(sender);
      else this.waiting.delete(sender);
    }
    this.turns.splice(0, turn);
    this.sending = false;
  }
}
