import type { Core } from './core.ts';

interface Letter {
  readonly cycle: number;
  readonly open: () => void;
}

/**
 * What cores do to the registers of other cores, between the command and its arrival. A letter is opened when its
 * receiver has come to the cycle of its arrival, so that the receiver's instructions before it see the old values.
 */
export class CoreMail {
  /** By core: ascending by cycle, then in the order of posting. */
  private readonly letters: Letter[][];

  constructor(cores: number) {
    this.letters = Array.from({ length: cores }, () => []);
  }

  post(to: Core, cycle: number, open: () => void): void {
    const letters = this.letters[to.index]!;
    let at = letters.length;
    while (at > 0 && letters[at - 1]!.cycle > cycle) at--;
    letters.splice(at, 0, { cycle, open });
  }

  /** Opens what has arrived at a core up to and including a cycle. */
  deliver(core: Core, cycle: number): void {
    const letters = this.letters[core.index]!;
    while (letters.length > 0 && letters[0]!.cycle <= cycle) letters.shift()!.open();
  }

  /** As `deliver`, for all cores, by cycle: when all have come to that cycle. */
  deliverAll(cores: readonly Core[], cycle: number): void {
    for (const core of cores) this.deliver(core, cycle);
  }

  clear(): void {
    for (const letters of this.letters) letters.length = 0;
  }
}
