import { assert } from '../base/assert.ts';
import { NEVER_PS } from '../base/units.ts';
import type { RoundNews } from './channel.ts';
import type { CycleRole } from './process-cycles.ts';

/** The process wants no greater floor. */
export const NO_WANT_PS = -1;

/**
 * The round beside the promises, for processes in a cycle: what is the least instant at which anything can still happen?
 * Around a cycle promises only creep, by the lookaheads of one turn, since each depends on the one before it. The floor
 * that a round finds lifts them all at once: no later frame departs before it.
 *
 * A round is a snapshot in the manner of Chandy and Lamport (ACM TOCS 3(1), 1985) whose minimum is gathered up a tree of
 * the cyclic channels and told down it, as in Mattern's virtual-time approximation (J. Parallel Distrib. Comput. 18(4),
 * 1993). Each process records the least of its next event and of what may come in from outside the cycle, then marks
 * all cyclic channels; frames that come in between the recording and the peer's mark were on their way and count too.
 * Whatever a process sends after its recording comes from an event at or after the minimum, so that the minimum stays a
 * bound for ever, also while processes go on during the round.
 *
 * Anyone may begin a round, when it wants more than the last one gave and has not said so; or when its own record was the
 * least of the last one and has risen since, while somebody still wants more. So a round follows a change, none is held
 * for its own sake, and somebody always begins one while anything can be gained.
 */
export class GlobalMinimum {
  private readonly roles: readonly CycleRole[];
  private readonly isRoot: boolean;
  /** The last round that this process has recorded its state for, the last that a peer has, and the last with an outcome. */
  private recordedRound = 0;
  private dueRound = 0;
  private closedRound = 0;
  private recordPs = NEVER_PS;
  private recordedWantPs = NO_WANT_PS;
  private branchPs = NEVER_PS;
  private branchWantPs = NO_WANT_PS;
  private reportedRound = 0;
  /** Outcome of the closed round. */
  private outcomePs = 0;
  private outcomeWantPs = NO_WANT_PS;
  private readonly markedRounds: number[];
  private readonly childReports: (RoundNews | undefined)[];
  private readonly toldRecorded: number[];
  private readonly toldReported: number[];
  private readonly toldClosed: number[];
  /** No frame departs before it any more, anywhere in the cycle. */
  floorPs = 0;
  /** Rounds whose outcome is known. */
  get rounds(): number {
    return this.closedRound;
  }

  /** @param roles of the process's channels */
  constructor(roles: readonly CycleRole[]) {
    this.roles = roles;
    this.isRoot = !roles.includes('to-parent');
    this.markedRounds = roles.map(() => 0);
    this.childReports = roles.map(() => undefined);
    this.toldRecorded = roles.map(() => 0);
    this.toldReported = roles.map(() => 0);
    this.toldClosed = roles.map(() => 0);
  }

  /** Frames came in on a cyclic channel, and with the last of them perhaps news of rounds. */
  received(channel: number, earliestFirstBitPs: number, news: RoundNews | undefined): void {
    if (this.markedRounds[channel]! < this.recordedRound) this.recordPs = Math.min(this.recordPs, earliestFirstBitPs);
    if (news === undefined) return;
    assert(news.round <= this.recordedRound + 1, 'a peer is more than one round ahead');
    this.markedRounds[channel] = news.round;
    if (news.round > this.dueRound) this.dueRound = news.round;
    if (this.roles[channel] === 'to-child' && !Number.isNaN(news.branchPs)) this.childReports[channel] = news;
    if (this.roles[channel] === 'to-parent') this.close(news.closedRound, news.outcomePs, news.outcomeWantPs);
  }

  /**
   * Takes part in the round that is due, or begins one; call it when what is safe has been executed.
   * @param leastPs least of the next event and of what may come in from outside the cycle
   * @param wantPs what the floor must exceed to let this process, or a peer that it answers to, go on; or `NO_WANT_PS`
   * @param mayBegin whether the process has come to rest
   * @returns true when the floor has risen
   */
  advance(leastPs: number, wantPs: number, mayBegin: boolean): boolean {
    const floorPs = this.floorPs;
    this.report();
    if (this.floorPs > floorPs) return true;
    const begins = mayBegin && this.isAtRest && this.isRoundWorthwhile(leastPs, wantPs);
    if (begins) this.dueRound = this.recordedRound + 1;
    if (this.dueRound > this.recordedRound && this.recordedRound === this.reportedRound) {
      this.recordedRound++;
      this.recordPs = leastPs;
      this.recordedWantPs = wantPs;
      this.report();
    }
    return false;
  }

  /** Whether this process's share decided the last outcome, and somebody needs a greater one. */
  holdsUp(): boolean {
    return this.recordPs <= this.outcomePs && this.outcomeWantPs >= this.outcomePs && this.isAtRest;
  }

  /** What others wait for while this process's share holds them up, ps; `NO_WANT_PS` when it does not. */
  heldUpPs(): number {
    return this.holdsUp() ? this.outcomeWantPs : NO_WANT_PS;
  }

  /** Whether the peer has to hear of a round, with frames or without. */
  hasNews(channel: number): boolean {
    if (this.toldRecorded[channel]! < this.recordedRound) return true;
    if (this.roles[channel] === 'to-parent') return this.toldReported[channel]! < this.reportedRound;
    return this.roles[channel] === 'to-child' && this.toldClosed[channel]! < this.closedRound;
  }

  news(channel: number): RoundNews {
    const reports = this.roles[channel] === 'to-parent' && this.reportedRound === this.recordedRound;
    return {
      round: this.recordedRound,
      closedRound: this.closedRound,
      outcomePs: this.outcomePs,
      outcomeWantPs: this.outcomeWantPs,
      branchPs: reports ? this.branchPs : Number.NaN,
      branchWantPs: reports ? this.branchWantPs : NO_WANT_PS,
    };
  }

  told(channel: number): void {
    this.toldRecorded[channel] = this.recordedRound;
    this.toldReported[channel] = this.reportedRound;
    this.toldClosed[channel] = this.closedRound;
  }

  private get isAtRest(): boolean {
    return this.recordedRound === this.closedRound && this.dueRound === this.closedRound;
  }

  private isRoundWorthwhile(leastPs: number, wantPs: number): boolean {
    if (wantPs !== NO_WANT_PS && wantPs !== this.recordedWantPs) return true;
    return this.holdsUp() && leastPs > this.outcomePs;
  }

  /** Passes the branch's minimum on once all marks and reports of the round are in. */
  private report(): void {
    if (this.recordedRound === this.reportedRound) return;
    let leastPs = this.recordPs;
    let wantPs = this.recordedWantPs;
    for (let channel = 0; channel < this.roles.length; channel++) {
      const role = this.roles[channel]!;
      if (role === 'none') continue;
      if (this.markedRounds[channel]! < this.recordedRound) return;
      if (role !== 'to-child') continue;
      const report = this.childReports[channel];
      if (report === undefined || report.round < this.recordedRound) return;
      leastPs = Math.min(leastPs, report.branchPs);
      wantPs = Math.max(wantPs, report.branchWantPs);
    }
    this.branchPs = leastPs;
    this.branchWantPs = wantPs;
    this.reportedRound = this.recordedRound;
    if (this.isRoot) this.close(this.recordedRound, leastPs, wantPs);
  }

  private close(round: number, outcomePs: number, wantPs: number): void {
    if (round <= this.closedRound) return;
    this.closedRound = round;
    this.outcomePs = outcomePs;
    this.outcomeWantPs = wantPs;
    if (outcomePs > this.floorPs) this.floorPs = outcomePs;
  }
}
