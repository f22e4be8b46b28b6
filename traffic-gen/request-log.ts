import type { RequestRow } from '../time/node.ts';
import { latencyPercentiles, ratePerSecond, type WorkloadSummary } from './latency.ts';
import type { Transport } from './workload.ts';

export interface StartedRequest {
  readonly requestId: number;
  readonly workload: string;
  readonly lambda: string;
  readonly transport: Transport;
  readonly octets: number;
  readonly startPs: number;
}

export interface EndedRequest {
  readonly endPs: number;
  readonly attempts: number;
  /** `ok`, `not-found`, or why it failed: `no-answer`, `wrong-answer`, a status of the gateway. */
  readonly status: string;
  readonly right: boolean;
  /** Name of the worker where the client knows it, else empty. */
  readonly worker: string;
  readonly answerOctets: number;
  /** Under which the client asked beside `requestId`, on behalf of this request. */
  readonly furtherRequestIds: readonly number[];
}

/** Columns of an entry. Texts are kept as their places in the log's list of words. */
const REQUEST_ID = 0;
const WORKLOAD = 1;
const LAMBDA = 2;
const TRANSPORT = 3;
const OCTETS = 4;
const START_PS = 5;
const END_PS = 6;
const ATTEMPTS = 7;
const STATUS = 8;
const RIGHT = 9;
const WORKER = 10;
const ANSWER_OCTETS = 11;
const FURTHER_REQUEST_IDS = 12;
const COLUMNS = 13;

/** In `END_PS` of a request that has not ended. */
const NOT_ENDED = -1;
const INITIAL_ENTRIES = 256;

/**
 * Every request with its raw figures, in the order of their ids. Kept as plain numbers in one array: two records a
 * request, alive until the end of the run, took the garbage collector longer than the emulation took itself.
 */
export class RequestLog {
  private figures = new Float64Array(INITIAL_ENTRIES * COLUMNS);
  private count = 0;
  private readonly words: string[] = [];
  private readonly placesOfWords = new Map<string, number>();

  /** @returns the request's place in the log */
  start(request: StartedRequest): number {
    const place = this.count++;
    const at = place * COLUMNS;
    if (at === this.figures.length) this.grow();
    const { figures } = this;
    figures[at + REQUEST_ID] = request.requestId;
    figures[at + WORKLOAD] = this.placeOfWord(request.workload);
    figures[at + LAMBDA] = this.placeOfWord(request.lambda);
    figures[at + TRANSPORT] = this.placeOfWord(request.transport);
    figures[at + OCTETS] = request.octets;
    figures[at + START_PS] = request.startPs;
    figures[at + END_PS] = NOT_ENDED;
    return place;
  }

  end(place: number, ended: EndedRequest): void {
    const { figures } = this;
    const at = place * COLUMNS;
    figures[at + END_PS] = ended.endPs;
    figures[at + ATTEMPTS] = ended.attempts;
    figures[at + STATUS] = this.placeOfWord(ended.status);
    figures[at + RIGHT] = ended.right ? 1 : 0;
    figures[at + WORKER] = this.placeOfWord(ended.worker);
    figures[at + ANSWER_OCTETS] = ended.answerOctets;
    figures[at + FURTHER_REQUEST_IDS] = this.placeOfWord(ended.furtherRequestIds.join(' '));
  }

  /** One row a request. One that has not ended has the status `pending`, and nothing in the columns of its end. */
  rows(): RequestRow[] {
    return Array.from({ length: this.count }, (_, place) => {
      const startPs = this.figure(place, START_PS);
      const endPs = this.figure(place, END_PS);
      const isOver = endPs !== NOT_ENDED;
      return {
        requestId: this.figure(place, REQUEST_ID),
        workload: this.word(place, WORKLOAD),
        lambda: this.word(place, LAMBDA),
        transport: this.word(place, TRANSPORT),
        octets: this.figure(place, OCTETS),
        startPs,
        endPs: isOver ? endPs : '',
        latencyPs: isOver ? endPs - startPs : '',
        attempts: isOver ? this.figure(place, ATTEMPTS) : '',
        status: isOver ? this.word(place, STATUS) : 'pending',
        worker: isOver ? this.word(place, WORKER) : '',
        answerOctets: isOver ? this.figure(place, ANSWER_OCTETS) : '',
        furtherRequestIds: isOver ? this.word(place, FURTHER_REQUEST_IDS) : '',
      };
    });
  }

  /** @param requests how many the workload is to issue in all */
  summary(workload: string, requests: number): WorkloadSummary {
    const wanted = this.placesOfWords.get(workload);
    const latenciesPs = new Float64Array(this.count);
    const failures: Record<string, number> = {};
    let completed = 0;
    let ended = 0;
    let retransmitted = 0;
    let firstPs = Number.POSITIVE_INFINITY;
    let lastPs = 0;
    for (let place = 0; place < this.count; place++) {
      if (this.figure(place, WORKLOAD) !== wanted) continue;
      const startPs = this.figure(place, START_PS);
      const endPs = this.figure(place, END_PS);
      if (startPs < firstPs) firstPs = startPs;
      if (endPs === NOT_ENDED) continue;
      ended++;
      retransmitted += this.figure(place, ATTEMPTS) - 1;
      if (endPs > lastPs) lastPs = endPs;
      if (this.figure(place, RIGHT) === 1) latenciesPs[completed++] = endPs - startPs;
      else failures[this.word(place, STATUS)] = (failures[this.word(place, STATUS)] ?? 0) + 1;
    }
    return {
      workload,
      requests,
      completed,
      retransmitted,
      failed: ended - completed,
      failures,
      ...(completed > 0 && { latencyPs: latencyPercentiles(latenciesPs.subarray(0, completed)) }),
      throughputPerSecond: ratePerSecond(completed, lastPs - firstPs),
    };
  }

  private figure(place: number, column: number): number {
    return this.figures[place * COLUMNS + column] as number;
  }

  private word(place: number, column: number): string {
    return this.words[this.figure(place, column)] as string;
  }

  private placeOfWord(word: string): number {
    let place = this.placesOfWords.get(word);
    if (place === undefined) {
      place = this.words.push(word) - 1;
      this.placesOfWords.set(word, place);
    }
    return place;
  }

  private grow(): void {
    const grown = new Float64Array(this.figures.length * 2);
    grown.set(this.figures);
    this.figures = grown;
  }
}
