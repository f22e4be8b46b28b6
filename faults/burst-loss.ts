import type { RandomStream } from '../base/random.ts';
import type { GilbertElliott } from './fault.ts';

/** The chain of a burst loss: begins in the good state; each frame is judged by its state, then the chain steps. */
export class BurstLoss {
  private readonly chain: GilbertElliott;
  private readonly random: RandomStream;
  private isBad = false;

  constructor(chain: GilbertElliott, random: RandomStream) {
    this.chain = chain;
    this.random = random;
  }

  /** Whether the next frame is lost. */
  losesNext(): boolean {
    const { goodToBad, badToGood, lossInGood, lossInBad } = this.chain;
    const isLost = this.random.unit() < (this.isBad ? lossInBad : lossInGood);
    if (this.random.unit() < (this.isBad ? badToGood : goodToBad)) this.isBad = !this.isBad;
    return isLost;
  }
}
