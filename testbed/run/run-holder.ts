import type { FaultPlan } from '../../faults/fault.ts';
import type { FromProcess, ToProcess } from '../../link/supervision.ts';
import type { Standstill } from './live-faults.ts';

/** Pause between two looks at processes that still have something under way, ms. */
const LOOK_AGAIN_MS = 1;

type Held = Extract<FromProcess, { type: 'held' }>;
type Answer = Held | Extract<FromProcess, { type: 'imposed' }>;

/** A process that takes orders. */
export interface HeldProcess {
  order(order: ToProcess): void;
}

/** All processes at rest, with nothing under way between them. */
export interface HeldRun extends Standstill {
  /** Nothing is executed anywhere before it, ps. */
  readonly nextEventPs: number;
}

/**
 * Stops all processes of a run on the wall clock, between two events, so that something may be given to them that no
 * promise knew of. While all execute nothing, what was sent arrives; then no event after the latest of them has
 * happened anywhere, and the promises that said otherwise of the future are forgotten by all at once.
 */
export class RunHolder {
  private readonly processes: readonly HeldProcess[];
  private round = 0;
  private answers: Answer[] = [];
  private complete: () => void = () => {};

  constructor(processes: readonly HeldProcess[]) {
    this.processes = processes;
  }

  async hold(): Promise<HeldRun> {
    for (;;) {
      const held = (await this.ask({ type: 'hold', round: ++this.round })) as Held[];
      const states = held.map(({ state }) => state);
      const sent = states.reduce((sum, { messagesSent }) => sum + messagesSent, 0);
      const received = states.reduce((sum, { messagesReceived }) => sum + messagesReceived, 0);
      if (sent === received && states.every(({ hasSentAll }) => hasSentAll)) {
        return {
          nowPs: Math.max(...states.map(({ nowPs }) => nowPs)),
          nextEventPs: Math.min(...states.map(({ nextEventPs }) => nextEventPs)),
          unboundFromPs: Object.assign({}, ...held.map(({ unboundFromPs }) => unboundFromPs)),
        };
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }

  /** Tells all processes of new faults; none of them goes on before all know. */
  async impose(faults: FaultPlan, { nextEventPs }: HeldRun): Promise<void> {
    const fromPs = Math.min(nextEventPs, ...faults.nodes.map(({ atPs }) => atPs));
    await this.ask({ type: 'impose', round: ++this.round, faults, fromPs });
  }

  goOn(): void {
    for (const process of this.processes) process.order({ type: 'go-on' });
  }

  onMessage(answer: Answer): void {
    if (answer.round !== this.round) return;
    this.answers.push(answer);
    if (this.answers.length === this.processes.length) this.complete();
  }

  /** Gives all processes one order, and waits for the answers of all. */
  private async ask(order: ToProcess): Promise<readonly Answer[]> {
    this.answers = [];
    const complete = new Promise<void>((resolve) => {
      this.complete = resolve;
    });
    for (const process of this.processes) process.order(order);
    await complete;
    return this.answers;
  }
}
