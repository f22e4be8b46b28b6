import { NEVER_PS, PS_PER_US } from '../base/units.ts';

/** How far beyond what is needed a process commits itself, ps: each further step may cost a message of its own. */
const WINDOW_PS = 10 * PS_PER_US;

/**
 * Where the outside meets emulated time. What comes from outside (a person's request) has no instant of its own: it gets
 * the first that has not been promised away. Events strictly before the gate may be executed and promised; inputs are
 * stamped at the gate or later. The gate moves only when somebody needs it to, so emulated time stands still while
 * nothing is to be done, and what comes then goes on where all stopped.
 *
 * Stamps depend on the wall clock. They are journalled, and a run that is given the journal executes the same.
 */
export class InputGate {
  private gatePs = WINDOW_PS;

  /** Events strictly before it may be executed and promised, ps. */
  get openUntilPs(): number {
    return this.gatePs;
  }

  /** An event at this instant is to be executed, here or by a peer that waits for a promise. */
  admit(eventPs: number): void {
    if (eventPs >= this.gatePs) this.gatePs = Math.min(eventPs + WINDOW_PS, NEVER_PS);
  }

  /** The instant of an input that has just come, ps. */
  stamp(): number {
    return this.gatePs;
  }

  /** Nothing comes any more. */
  close(): void {
    this.gatePs = NEVER_PS;
  }
}
