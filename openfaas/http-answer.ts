import { PS_PER_NS } from '../base/units.ts';
import type { FunctionOutcome } from './function-provider.ts';

/** What an outcome is in HTTP. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** As OpenFaaS's gateway has them. */
const STATUS: Readonly<Record<FunctionOutcome['kind'], number>> = {
  answered: 200,
  overload: 429,
  failed: 502,
  timeout: 504,
  stopped: 503,
};
const EXPLANATION: Readonly<Record<Exclude<FunctionOutcome['kind'], 'answered'>, string>> = {
  overload: 'every worker of the function is busy or still loading it; try again',
  failed: 'the function failed on its worker',
  timeout: 'no worker answered in time',
  stopped: 'the testbed ended before the answer',
};

/** The lambda's answer with its own octets, or one line that says why there is none. */
export function httpAnswerOf({ kind, status, body, latencyPs, worker }: FunctionOutcome): HttpAnswer {
  const known = {
    ...(latencyPs !== undefined && { 'X-Emulated-Latency-Ns': (latencyPs / PS_PER_NS).toFixed(3) }),
    ...(worker !== undefined && { 'X-Served-By': worker }),
  };
  if (kind !== 'answered') {
    const headers = { ...known, 'Content-Type': 'text/plain' };
    return { status: STATUS[kind], headers, body: Buffer.from(`${EXPLANATION[kind]}\n`) };
  }
  return {
    // A request that the lambda found wrong is the caller's to mend; what it did not find is an answer like any other.
    status: status === 'bad-request' ? 400 : STATUS.answered,
    headers: { ...known, 'X-Lambda-Status': status, 'Content-Type': 'application/octet-stream' },
    body: Buffer.from(body.buffer, body.byteOffset, body.byteLength),
  };
}
