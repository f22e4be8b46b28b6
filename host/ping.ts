import { PS_PER_S } from '../base/units.ts';
import type { NodeContext, TimerHandle } from '../time/node.ts';

export type PingHandler = (roundTripPs: number | undefined) => void;

interface Outstanding {
  readonly address: number;
  readonly sentAtPs: number;
  readonly then: PingHandler;
  timer: TimerHandle;
}

/** What distinguishes this host's echo requests from those of another program; there is one program. */
const IDENTIFIER = 1;
const DATA_OCTETS = 56;
const TIMEOUT_PS = PS_PER_S;

/** The data of every echo request, as `ping` fills it: octet i holds i. */
export const PING_DATA = Uint8Array.from({ length: DATA_OCTETS }, (_, i) => i);

/** Echo requests under way and their round trips (RFC 792). */
export class Pings {
  private readonly context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel'>;
  private readonly outstanding = new Map<number, Outstanding>();
  private nextSequence = 0;

  constructor(context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel'>) {
    this.context = context;
  }

  /** Starts one; calls back with the round trip, or with undefined after a second. */
  start(address: number, then: PingHandler): { readonly identifier: number; readonly sequence: number } {
    const sequence = this.nextSequence;
    this.nextSequence = (sequence + 1) & 0xffff;
    // Sequence numbers come round after 65,536 in one second: the older one counts as lost.
    this.finish(sequence, undefined);
    const sentAtPs = this.context.nowPs();
    const timer = this.context.at(sentAtPs + TIMEOUT_PS, () => this.finish(sequence, undefined));
    this.outstanding.set(sequence, { address, sentAtPs, then, timer });
    return { identifier: IDENTIFIER, sequence };
  }

  /** A reply came in; false when it answers nothing that was asked. */
  onReply(srcAddress: number, identifier: number, sequence: number): boolean {
    const ping = this.outstanding.get(sequence);
    if (identifier !== IDENTIFIER || ping === undefined || ping.address !== srcAddress) return false;
    this.finish(sequence, this.context.nowPs() - ping.sentAtPs);
    return true;
  }

  /** Ends it at once, as when the address could not be resolved. */
  fail(sequence: number): void {
    this.finish(sequence, undefined);
  }

  private finish(sequence: number, roundTripPs: number | undefined): void {
    const ping = this.outstanding.get(sequence);
    if (ping === undefined) return;
    this.outstanding.delete(sequence);
    this.context.cancel(ping.timer);
    ping.then(roundTripPs);
  }
}
