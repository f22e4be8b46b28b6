import { PS_PER_S } from '../../base/units.ts';
import { occupancyPs } from '../../link/ethernet-timing.ts';
import type { StormControl, StormLimit } from '../../topology/switch-options.ts';

export type StormClass = 'broadcast' | 'multicast' | 'unknownUnicast';

/**
 * Storm control of one port: the rates of broadcast, multicast and unknown unicast frames that it takes in. Each is a
 * virtual scheduling algorithm (ITU-T I.371, annex A: the generic cell rate algorithm), a leaky bucket without a clock.
 */
export class PortStormControl {
  private readonly limits: Readonly<Record<StormClass, RateLimit | undefined>>;

  constructor(spec: StormControl, octetPs: number) {
    const limit = (of: StormLimit | undefined) => of && new RateLimit(of, spec.burstPs, octetPs);
    this.limits = {
      broadcast: limit(spec.broadcast),
      multicast: limit(spec.multicast),
      unknownUnicast: limit(spec.unknownUnicast),
    };
  }

  /** Whether a frame is within its limit; it counts only if so. */
  admits(storm: StormClass, frameOctets: number, nowPs: number): boolean {
    return this.limits[storm]?.admits(frameOctets, nowPs) ?? true;
  }
}

class RateLimit {
  private readonly limit: StormLimit;
  private readonly burstPs: number;
  private readonly octetPs: number;
  /** When the frames so far are paid for. */
  private theoreticalPs = 0;

  constructor(limit: StormLimit, burstPs: number, octetPs: number) {
    this.limit = limit;
    this.burstPs = burstPs;
    this.octetPs = octetPs;
  }

  admits(frameOctets: number, nowPs: number): boolean {
    if (this.theoreticalPs > nowPs + this.burstPs) return false;
    const costPs = this.costPs(frameOctets);
    this.theoreticalPs = Math.max(this.theoreticalPs, nowPs) + costPs;
    return true;
  }

  /** The time that a frame stands for at the limit. */
  private costPs(frameOctets: number): number {
    const { limit } = this;
    if (limit.kind === 'frames') return PS_PER_S / limit.framesPerSecond;
    return limit.fraction === 0 ? Number.POSITIVE_INFINITY : occupancyPs(frameOctets, this.octetPs) / limit.fraction;
  }
}
