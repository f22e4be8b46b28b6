import { assert } from '../base/assert.ts';
import { NEVER_PS } from '../base/units.ts';
import type { ExternalQuestion } from '../time/external.ts';
import type { ExternalJournal } from './external-journal.ts';

/** Answers questions in the order in which they are put. */
export interface ExternalService {
  /** @param answered called once, at once or later */
  ask(question: ExternalQuestion, answered: (answer: Uint8Array) => void): void;
  close(): void;
}

/** A question that was put and its answer, once that is in. */
export interface ExternalCall {
  readonly duePs: number;
  readonly answer: Uint8Array | undefined;
}

/**
 * What the nodes of one process have asked outside the emulation. Events at or after `heldPs` must not be executed: there
 * an answer is due that is not in yet. What such an event would have sent is not promised away either, because the timer
 * that waits for the answer is an event of the process.
 */
export class ExternalCalls {
  /** Every answer is told here; the run may go on. */
  onAnswer: () => void = () => {};
  private service: ExternalService | undefined;
  private journal: ExternalJournal | undefined;
  private readonly unanswered = new Set<ExternalCall>();
  private earliestDuePs = NEVER_PS;

  /** Whom questions go to, and where they are noted with their answers. */
  open(service: ExternalService, journal: ExternalJournal): void {
    this.service = service;
    this.journal = journal;
  }

  /** When the first answer is due that is not in; NEVER_PS when none is missing. */
  get heldPs(): number {
    return this.earliestDuePs;
  }

  get isWaiting(): boolean {
    return this.unanswered.size > 0;
  }

  ask(node: string, question: ExternalQuestion, nowPs: number, duePs: number): ExternalCall {
    const { service, journal } = this;
    assert(service !== undefined && journal !== undefined, `${node} asks outside, and the run has nobody to answer`);
    const call: { duePs: number; answer: Uint8Array | undefined } = { duePs, answer: undefined };
    this.unanswered.add(call);
    if (duePs < this.earliestDuePs) this.earliestDuePs = duePs;
    service.ask(question, (answer) => {
      call.answer = answer;
      this.unanswered.delete(call);
      this.earliestDuePs = NEVER_PS;
      for (const other of this.unanswered) this.earliestDuePs = Math.min(this.earliestDuePs, other.duePs);
      journal.note({ timePs: nowPs, node, request: question.request, answer });
      this.onAnswer();
    });
    return call;
  }

  /** Writes what has been noted so far. */
  flush(): void {
    this.journal?.flush();
  }

  close(): void {
    this.service?.close();
    this.journal?.close();
    this.service = undefined;
    this.journal = undefined;
  }
}
