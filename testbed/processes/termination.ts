/** A process's answer to a probe. */
export interface ProcessState {
  readonly passive: boolean;
  /** Frames sent and received, one figure a channel, in the process's channel order. */
  readonly sent: readonly number[];
  readonly received: readonly number[];
}

/**
 * Decides when a distributed run is over: every process passive, and as many frames received as sent, in two rounds
 * of probes with the same counts (Mattern's four-counter method). One round is not enough, because a frame could have
 * overtaken the probe.
 */
export class TerminationDetector {
  private readonly processes: number;
  private round = 0;
  private answers = new Map<string, ProcessState>();
  private quietCounts: string | undefined;

  constructor(processes: number) {
    this.processes = processes;
  }

  /** Starts a round; answers to earlier ones no longer count. */
  nextRound(): number {
    this.answers = new Map();
    return ++this.round;
  }

  /**
   * Takes in an answer.
   * @returns `over` when the run has ended, `ask-again` when this round was quiet and needs a second, `busy` when
   *   the round is complete and something still moves, `incomplete` while answers are missing
   */
  answer(process: string, round: number, state: ProcessState): 'over' | 'ask-again' | 'busy' | 'incomplete' {
    if (round !== this.round) return 'incomplete';
    this.answers.set(process, state);
    if (this.answers.size < this.processes) return 'incomplete';
    const states = [...this.answers.values()];
    const sent = total(states.map((answered) => answered.sent));
    const received = total(states.map((answered) => answered.received));
    if (states.some((answered) => !answered.passive) || sent !== received) {
      this.quietCounts = undefined;
      return 'busy';
    }
    const counts = `${sent}/${received}`;
    if (this.quietCounts === counts) return 'over';
    this.quietCounts = counts;
    return 'ask-again';
  }
}

function total(counts: readonly (readonly number[])[]): number {
  return counts.flat().reduce((sum, count) => sum + count, 0);
}
