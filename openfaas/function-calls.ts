import { performance } from 'node:perf_hooks';
import { formatDurationPs } from '../base/units.ts';
import type { CallLog } from './call-log.ts';
import type { FunctionProvider } from './function-provider.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import { type HttpAnswer, httpAnswerOf } from './http-answer.ts';

/** Calls that may be under way at once, whether somebody waits for them or not; the next are refused. */
export const MOST_CALLS = 1_024;
const MS_PER_S = 1_000;

/** Calls of functions as the gateway makes them: counted, logged, and no more of them than can be carried. */
export class FunctionCalls {
  readonly log: CallLog;
  private readonly provider: FunctionProvider;
  private readonly metrics: GatewayMetrics;
  private underWay = 0;

  constructor(provider: FunctionProvider, metrics: GatewayMetrics, log: CallLog) {
    this.provider = provider;
    this.metrics = metrics;
    this.log = log;
  }

  isDeployed(name: string): boolean {
    return this.provider.functions().some((candidate) => candidate.name === name);
  }

  get hasRoom(): boolean {
    return this.underWay < MOST_CALLS;
  }

  /** Calls a function that is deployed, while there is room. */
  async call(name: string, body: Uint8Array): Promise<HttpAnswer> {
    this.underWay++;
    this.metrics.began(name);
    const startMs = performance.now();
    try {
      const outcome = await this.provider.invoke(name, body);
      const answer = httpAnswerOf(outcome);
      this.metrics.ended(name, answer.status, (performance.now() - startMs) / MS_PER_S, outcome.latencyPs);
      const took = outcome.latencyPs === undefined ? '' : ` in ${formatDurationPs(outcome.latencyPs)}`;
      const sizes = `${body.length} octets in, ${outcome.body.length} out`;
      this.log.append(name, outcome.worker ?? '', `${answer.status}${took}, ${sizes}`);
      return answer;
    } finally {
      this.underWay--;
    }
  }
}
