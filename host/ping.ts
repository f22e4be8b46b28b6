import { PS_PER_S } from '../base/units.ts';
import { readUint16, readUint32 } from '../packet/big-endian.ts';
import { ICMP_ECHO_HEADER_OCTETS, ICMP_IDENTIFIER, ICMP_SEQUENCE, ICMP_TYPE_ECHO_REQUEST } from '../packet/icmp.ts';
import type { IcmpError } from '../packet/icmp-error.ts';
import { IPV4_DESTINATION, IPV4_PROTOCOL, ipv4PayloadStart, PROTOCOL_ICMP } from '../packet/ipv4.ts';
import type { NodeContext, TimerHandle } from '../time/node.ts';

/** An ICMP error in place of an answer. */
export interface PingRefusal {
  /** IPv4 address of who sent it. */
  readonly from: number;
  /** As in packet/icmp-error.ts. */
  readonly type: number;
  readonly code: number;
}

export type PingHandler = (roundTripPs: number | undefined, refusal?: PingRefusal) => void;

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

  /** An ICMP error came in from an address; it may be about one of these, which ends then. */
  onError(frame: Uint8Array, { type, code, packetStart, packetEnd }: IcmpError, from: number): void {
    const ip = packetStart + IPV4_DESTINATION;
    const icmp = ipv4PayloadStart(frame, packetStart);
    if (icmp + ICMP_ECHO_HEADER_OCTETS > packetEnd || frame[packetStart + IPV4_PROTOCOL] !== PROTOCOL_ICMP) return;
    if (frame[icmp] !== ICMP_TYPE_ECHO_REQUEST || readUint16(frame, icmp + ICMP_IDENTIFIER) !== IDENTIFIER) return;
    const sequence = readUint16(frame, icmp + ICMP_SEQUENCE);
    if (this.outstanding.get(sequence)?.address === readUint32(frame, ip)) {
      this.finish(sequence, undefined, { from, type, code });
    }
  }

  /** Ends it at once, as when the address could not be resolved. */
  fail(sequence: number): void {
    this.finish(sequence, undefined);
  }

  private finish(sequence: number, roundTripPs: number | undefined, refusal?: PingRefusal): void {
    const ping = this.outstanding.get(sequence);
    if (ping === undefined) return;
    this.outstanding.delete(sequence);
    this.context.cancel(ping.timer);
    ping.then(roundTripPs, refusal);
  }
}
