import { NEVER } from '../execution/core.ts';
import type { NicProfile } from '../profile.ts';
import type { Npu } from './npu.ts';

/** A frame for the contexts. */
export interface PacketArrival {
  /** The whole frame, without preamble and FCS. */
  readonly octets: Uint8Array;
  /** Ingress port; default 0. */
  readonly port?: number;
  /**
   * When it arrives; not before the frame before it. Default: as soon as the queue has room and the MAC can take it in
   * (`profile.mac.ingressFramesPerSecond`), so that there is always work.
   */
  readonly cycle?: number;
}

/** What a stream of packets came to. */
export interface PacketReport {
  readonly delivered: number;
  /** Frames sent; a program may send none, or several, a packet. */
  readonly sent: number;
  /** Frames that found the queue full: only those with a cycle of their own do. */
  readonly dropped: number;
  /** Frames that still waited for a context in the end. */
  readonly untaken: number;
  /**
   * Core clock cycles from one packet to the next on one core, and packets a second of all cores: over the middle half
   * of the frames sent, so that neither the first nor the last packets count; over the whole run when fewer than 8 were.
   */
  readonly cyclesPerPacket: number;
  readonly packetsPerSecond: number;
}

/**
 * Hands a stream of packets to a NIC while it runs.
 * @param limitCycles runs until then at most
 * @param isStopped asked whenever the NIC has paused
 * @returns packets delivered; fewer than there are when the run stopped first
 */
export function feedPackets(
  npu: Npu,
  packets: Iterable<PacketArrival>,
  limitCycles: number,
  isStopped: () => boolean,
): { readonly delivered: number } {
  const { profile } = npu;
  // A core takes a cycle at least for a packet, so the queue does not run dry within a slice.
  const sliceCycles = Math.max(1, Math.floor(profile.packet.queueFrames / profile.coreCount));
  const stream = packets[Symbol.iterator]();
  let delivered = 0;
  let now = 0;
  let next = stream.next();
  const macCycles = hertzOf(profile) / (profile.mac.ingressFramesPerSecond ?? Number.POSITIVE_INFINITY);
  let macFree = 0;
  const isFull = () => npu.waitingFrames >= profile.packet.queueFrames;
  for (;;) {
    for (; next.done !== true; next = stream.next()) {
      const { cycle, octets, port = 0 } = next.value;
      if (cycle === undefined ? isFull() || macFree > now : cycle > now) break;
      npu.deliver(now, port, octets);
      // Part of a cycle late is not late: frames come in whole cycles.
      macFree = Math.max(macFree, now - 1) + macCycles;
      delivered++;
    }
    const soon = macFree > now ? Math.ceil(macFree) : now + sliceCycles;
    const until = next.done === true ? limitCycles : Math.min(limitCycles, next.value.cycle ?? soon);
    do npu.run(until);
    while (npu.nextEventCycle() <= until && !isStopped());
    now = until;
    const stuck = npu.nextEventCycle() === NEVER && next.done !== true && next.value.cycle === undefined;
    if (next.done === true || until >= limitCycles || isStopped() || (stuck && isFull())) {
      return { delivered };
    }
  }
}

/** What `packetReport` reckons from. */
export interface FedPackets {
  readonly delivered: number;
  readonly dropped: number;
  readonly untaken: number;
  /** When each frame left, ascending. */
  readonly sendCycles: readonly number[];
  /** Of the whole run. */
  readonly cycles: number;
}

export function packetReport(profile: NicProfile, fed: FedPackets): PacketReport {
  const { delivered, dropped, untaken, sendCycles, cycles } = fed;
  const sent = sendCycles.length;
  const first = Math.floor(sent / 4);
  const last = sent - 1 - first;
  const measured =
    sent >= 8
      ? { packets: last - first, cycles: sendCycles[last]! - sendCycles[first]! }
      : { packets: delivered - dropped - untaken, cycles };
  const cyclesBetween = measured.packets === 0 ? 0 : measured.cycles / measured.packets;
  return {
    delivered,
    sent,
    dropped,
    untaken,
    cyclesPerPacket: cyclesBetween * profile.coreCount,
    packetsPerSecond: cyclesBetween === 0 ? 0 : hertzOf(profile) / cyclesBetween,
  };
}

function hertzOf({ clock }: NicProfile): number {
  return (clock.cycles * 1e12) / clock.picoseconds;
}
