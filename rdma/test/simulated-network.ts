import { PS_PER_NS } from '../../base/units.ts';
import type { TimerHandle } from '../../time/node.ts';
import { Scheduler } from '../../time/scheduler.ts';
import { RdmaEngine } from '../engine.ts';
import type { RegionMemory } from '../memory-region.ts';
import type { RdmaOptions } from '../options.ts';

/** What becomes of one frame: how long until each copy arrives, beside the wire's delay; no copy: lost. */
export interface Fate {
  readonly copies: readonly { readonly extraPs: number; readonly flipBit?: number }[];
}

export const DELIVERED: Fate = { copies: [{ extraPs: 0 }] };
export const LOST: Fate = { copies: [] };

/** Decides over the n-th frame that engine `from` sends. */
export type FateOf = (from: number, n: number, frame: Uint8Array) => Fate;

const WIRE_DELAY_PS = 500 * PS_PER_NS;

/** Engines at addresses 10.0.0.1, 10.0.0.2, ...; every frame goes to the engine of its destination MAC. */
export class SimulatedNetwork {
  readonly scheduler = new Scheduler();
  readonly engines: RdmaEngine[] = [];
  readonly framesSent: number[] = [];
  /** Every frame as it was sent, for tests that look at the wire. */
  readonly trace: { readonly from: number; readonly frame: Uint8Array }[] = [];
  fateOf: FateOf = () => DELIVERED;
  /** Octets beyond which the queue to one engine drops; each engine receives at `octetPs`. Undefined: no queue. */
  bottleneck: { readonly queueOctets: number; readonly octetPs: number } | undefined;
  queueDrops = 0;
  private readonly lineFreeAtPs: number[] = [];

  addEngine(options?: RdmaOptions): RdmaEngine {
    const from = this.engines.length;
    const environment = {
      nowPs: (): number => this.scheduler.nowPs(),
      at: (timePs: number, callback: () => void): TimerHandle => this.scheduler.armTimer(from, timePs, callback),
      cancel: (timer: TimerHandle): void => this.scheduler.cancelTimer(timer),
      transmit: (frame: Uint8Array): void => this.carry(from, frame),
    };
    const identity = { mac: macOf(from), address: addressOf(from), ...(options !== undefined && { options }) };
    const engine = new RdmaEngine(environment, identity);
    this.engines.push(engine);
    this.framesSent.push(0);
    this.lineFreeAtPs.push(0);
    return engine;
  }

  totalFrames(): number {
    return this.framesSent.reduce((sum, count) => sum + count, 0);
  }

  /** Runs until nothing is pending; false when that takes more than `maximumEvents`. */
  settle(maximumEvents: number): boolean {
    return this.scheduler.run(Number.POSITIVE_INFINITY, maximumEvents) < maximumEvents;
  }

  private carry(from: number, frame: Uint8Array): void {
    const n = this.framesSent[from]!++;
    this.trace.push({ from, frame });
    for (const { extraPs, flipBit } of this.fateOf(from, n, frame).copies) {
      let arriving = frame;
      if (flipBit !== undefined) {
        arriving = frame.slice();
        const bit = flipBit % (frame.length * 8);
        arriving[bit >> 3]! ^= 1 << (bit & 7);
      }
      this.deliver(
        this.engines.findIndex((engine) => engine.mac === frame[5]),
        arriving,
        extraPs,
      );
    }
  }

  private deliver(to: number, frame: Uint8Array, extraPs: number): void {
    let arrivalPs = this.scheduler.nowPs() + WIRE_DELAY_PS + extraPs;
    if (this.bottleneck !== undefined) {
      const { queueOctets, octetPs } = this.bottleneck;
      const freeAtPs = Math.max(this.lineFreeAtPs[to]!, this.scheduler.nowPs());
      const wireOctets = frame.length + 24;
      if ((freeAtPs - this.scheduler.nowPs()) / octetPs + wireOctets > queueOctets) {
        this.queueDrops++;
        return;
      }
      this.lineFreeAtPs[to] = freeAtPs + wireOctets * octetPs;
      arrivalPs = this.lineFreeAtPs[to]! + WIRE_DELAY_PS + extraPs;
    }
    this.scheduler.armTimer(to, arrivalPs, () => this.engines[to]!.onFrame(frame));
  }
}

/** One octet, so that `SimulatedNetwork` finds the engine by the last octet of the MAC. */
export function macOf(index: number): number {
  return index + 1;
}

export function addressOf(index: number): number {
  return 0x0a000001 + index;
}

/** Plain memory. */
export class ArrayMemory implements RegionMemory {
  readonly octets: Uint8Array;
  writes = 0;

  constructor(length: number) {
    this.octets = new Uint8Array(length);
  }

  read(offset: number, length: number): Uint8Array {
    return this.octets.slice(offset, offset + length);
  }

  write(offset: number, octets: Uint8Array): void {
    this.writes++;
    this.octets.set(octets, offset);
  }
}

/** Octets that differ everywhere, so that a misplaced packet shows. */
export function pattern(length: number, salt: number): Uint8Array {
  const octets = new Uint8Array(length);
  for (let i = 0; i < length; i++) octets[i] = Math.imul(i + 1, 2_654_435_761 + salt * 2) >>> 24;
  return octets;
}

/** A queue pair on each of two engines, connected; the first sends to the second. */
export function connectPair(
  network: SimulatedNetwork,
  from: number,
  to: number,
  psns: { readonly startPsn?: number; readonly expectedPsn?: number; readonly receives?: number } = {},
): { readonly fromQpn: number; readonly toQpn: number } {
  const { startPsn = 0x123456, expectedPsn = 0x654321, receives } = psns;
  const sender = network.engines[from]!.createQueuePair();
  const receiver = network.engines[to]!.createQueuePair(receives === undefined ? {} : { receives });
  sender.connect({
    remoteQpn: receiver.qpn,
    remoteMac: macOf(to),
    remoteAddress: addressOf(to),
    startPsn,
    expectedPsn,
  });
  receiver.connect({
    remoteQpn: sender.qpn,
    remoteMac: macOf(from),
    remoteAddress: addressOf(from),
    startPsn: expectedPsn,
    expectedPsn: startPsn,
  });
  return { fromQpn: sender.qpn, toQpn: receiver.qpn };
}
