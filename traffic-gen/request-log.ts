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
}

interface LogEntry extends StartedRequest {
  ended: EndedRequest | undefined;
}

/** Every request with its raw figures, in the order of their ids. */
export class RequestLog {
  private readonly entries: LogEntry[] = [];

  /** @returns the request's place in the log */
  start(request: StartedRequest): number {
    this.entries.push({ ...request, ended: undefined });
    return this.entries.length - 1;
  }

  end(place: number, ended: EndedRequest): void {
    this.entries[place]!.ended = ended;
  }

  /** One row a request that has ended. */
  rows(): RequestRow[] {
    const rows: RequestRow[] = [];
    for (const { ended, startPs, ...request } of this.entries) {
      if (ended === undefined) continue;
      const { endPs, attempts, status, worker, answerOctets } = ended;
      const latencyPs = endPs - startPs;
      rows.push({ ...request, startPs, endPs, latencyPs, attempts, status, worker, answerOctets });
    }
    return rows;
  }

  /** @param requests how many the workload is to issue in all */
  summary(workload: string, requests: number): WorkloadSummary {
    const entries = this.entries.filter((entry) => entry.workload === workload);
    const ended = entries.flatMap((entry) =>
      entry.ended === undefined ? [] : [{ ...entry.ended, startPs: entry.startPs }],
    );
    const latenciesPs = ended.filter((entry) => entry.right).map((entry) => entry.endPs - entry.startPs);
    const firstPs = entries.reduce((least, entry) => Math.min(least, entry.startPs), Number.POSITIVE_INFINITY);
    const lastPs = ended.reduce((most, entry) => Math.max(most, entry.endPs), 0);
    return {
      workload,
      requests,
      completed: latenciesPs.length,
      retransmitted: ended.reduce((sum, entry) => sum + entry.attempts - 1, 0),
      failed: ended.length - latenciesPs.length,
      ...(latenciesPs.length > 0 && { latencyPs: latencyPercentiles(latenciesPs) }),
      throughputPerSecond: ratePerSecond(latenciesPs.length, lastPs - firstPs),
    };
  }
}
