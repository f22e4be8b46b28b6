import { formatStatus } from '../../../packet/lambda.ts';
import type { RequestRow } from '../../../time/node.ts';

const NUMBERS_PER_ROW = 7;

/**
 * What became of every request, as the paper measures it: from the gateway's send call to its receive call returning
 * (section 6.3.1). Kept as plain numbers, made into rows when the report is asked for.
 */
export class RequestLog {
  private columns = new Float64Array(1024 * NUMBERS_PER_ROW);
  private count = 0;

  get length(): number {
    return this.count;
  }

  append(
    requestId: number,
    lambda: number,
    worker: number,
    startPs: number,
    endPs: number,
    attempts: number,
    status: number,
  ): void {
    const at = this.count * NUMBERS_PER_ROW;
    if (at === this.columns.length) {
      const grown = new Float64Array(this.columns.length * 2);
      grown.set(this.columns);
      this.columns = grown;
    }
    const columns = this.columns;
    columns[at] = requestId;
    columns[at + 1] = lambda;
    columns[at + 2] = worker;
    columns[at + 3] = startPs;
    columns[at + 4] = endPs;
    columns[at + 5] = attempts;
    columns[at + 6] = status;
    this.count++;
  }

  /** Rows in request-id order. */
  rows(lambdaName: (lambda: number) => string, workerName: (worker: number) => string): RequestRow[] {
    const rows: RequestRow[] = [];
    const at = (row: number, column: number): number => this.columns[row * NUMBERS_PER_ROW + column] as number;
    for (let row = 0; row < this.count; row++) {
      const startPs = at(row, 3);
      const endPs = at(row, 4);
      rows.push({
        requestId: at(row, 0),
        lambda: lambdaName(at(row, 1)),
        worker: workerName(at(row, 2)),
        startPs,
        endPs,
        latencyPs: endPs - startPs,
        attempts: at(row, 5),
        status: formatStatus(at(row, 6)),
      });
    }
    return rows.sort((a, b) => (a.requestId as number) - (b.requestId as number));
  }
}
