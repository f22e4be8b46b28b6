import { COUNT_MODULUS } from './datagram-codec.ts';

const LOSSY_FOR_MS = 2_000;

/**
 * What a process knows of datagrams that were really lost, on any of its channels: the kernel that dropped one will
 * drop others. For a while after each loss all of its channels, and the peers that it tells, lose no time.
 */
export class LossRecord {
  private lossyUntilMs = Number.NEGATIVE_INFINITY;
  private nowMs = 0;
  /** Losses found by this process, modulo `COUNT_MODULUS`. */
  count = 0;

  /** Wall clock of the tick that begins. */
  tick(nowMs: number): void {
    this.nowMs = nowMs;
  }

  /** Something was lost not long ago. */
  get isLossy(): boolean {
    return this.nowMs < this.lossyUntilMs;
  }

  /** This process found a loss. */
  found(): void {
    this.count = (this.count + 1) % COUNT_MODULUS;
    this.told();
  }

  /** A peer found one. */
  told(): void {
    this.lossyUntilMs = this.nowMs + LOSSY_FOR_MS;
  }
}
