import { formatIpv4Address } from '../../../packet/addresses.ts';
import { formatStatus } from '../../../packet/lambda.ts';
import type { RequestRow } from '../../../time/node.ts';

/** What a row tells of: a message to a lambda, one to a lambda that reads a kept result, or the use of a slot. */
export const KIND_REQUEST = 0;
export const KIND_FOLLOW_UP = 1;
export const KIND_LEASE = 2;
const KIND_NAMES = ['request', 'follow-up', 'lease'] as const;

export interface LoggedRequest {
  readonly kind: typeof KIND_REQUEST | typeof KIND_FOLLOW_UP | typeof KIND_LEASE;
  /** The gateway's own. */
  readonly requestId: number;
  /** By what the client knows it. */
  readonly clientAddress: number;
  readonly clientPort: number;
  readonly clientRequestId: number;
  /** Indices. */
  readonly lambda: number;
  readonly worker: number;
  /** A request: from its first send call until the receive call returns. A lease: from its answer until its end. */
  readonly startPs: number;
  readonly endPs: number;
  readonly attempts: number;
  readonly status: number;
}

/** Columns of an entry. */
const KIND = 0;
const REQUEST_ID = 1;
const CLIENT_ADDRESS = 2;
const CLIENT_PORT = 3;
const CLIENT_REQUEST_ID = 4;
const LAMBDA = 5;
const WORKER = 6;
const START_PS = 7;
const END_PS = 8;
const ATTEMPTS = 9;
const STATUS = 10;
const COLUMNS = 11;

/**
 * What became of every request, as the paper measures it: from the gateway's send call to its receive call returning
 * (section 6.3.1). Kept as plain numbers, made into rows when the report is asked for.
 */
export class RequestLog {
  private figures = new Float64Array(1024 * COLUMNS);
  private count = 0;

  append(logged: LoggedRequest): void {
    const at = this.count * COLUMNS;
    if (at === this.figures.length) this.grow();
    const { figures } = this;
    figures[at + KIND] = logged.kind;
    figures[at + REQUEST_ID] = logged.requestId;
    figures[at + CLIENT_ADDRESS] = logged.clientAddress;
    figures[at + CLIENT_PORT] = logged.clientPort;
    figures[at + CLIENT_REQUEST_ID] = logged.clientRequestId;
    figures[at + LAMBDA] = logged.lambda;
    figures[at + WORKER] = logged.worker;
    figures[at + START_PS] = logged.startPs;
    figures[at + END_PS] = logged.endPs;
    figures[at + ATTEMPTS] = logged.attempts;
    figures[at + STATUS] = logged.status;
    this.count++;
  }

  /** Rows in request-id order. */
  rows(lambdaName: (lambda: number) => string, workerName: (worker: number) => string): RequestRow[] {
    const rows: RequestRow[] = [];
    const figure = (row: number, column: number): number => this.figures[row * COLUMNS + column] as number;
    for (let row = 0; row < this.count; row++) {
      const startPs = figure(row, START_PS);
      const endPs = figure(row, END_PS);
      rows.push({
        requestId: figure(row, REQUEST_ID),
        kind: KIND_NAMES[figure(row, KIND)] as string,
        clientAddress: formatIpv4Address(figure(row, CLIENT_ADDRESS)),
        clientPort: figure(row, CLIENT_PORT),
        clientRequestId: figure(row, CLIENT_REQUEST_ID),
        lambda: lambdaName(figure(row, LAMBDA)),
        worker: workerName(figure(row, WORKER)),
        startPs,
        endPs,
        latencyPs: endPs - startPs,
        attempts: figure(row, ATTEMPTS),
        status: formatStatus(figure(row, STATUS)),
      });
    }
    return rows.sort((a, b) => (a.requestId as number) - (b.requestId as number));
  }

  private grow(): void {
    const grown = new Float64Array(this.figures.length * 2);
    grown.set(this.figures);
    this.figures = grown;
  }
}
