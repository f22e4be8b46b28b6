import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { PS_PER_S } from '../base/units.ts';
import type { FunctionOutcome, FunctionProvider } from './function-provider.ts';

/** From a microsecond to ten seconds, three a decade: emulated latencies, of NICs and of hosts. */
const LATENCY_BUCKETS_SECONDS = Array.from({ length: 22 }, (_, i) => [1, 2, 5][i % 3]! * 10 ** (Math.floor(i / 3) - 6));

/**
 * What OpenFaaS's gateway counts, by its names and labels (gateway/metrics of openfaas/faas), with the wall clock as
 * there; and the emulated latency beside it.
 */
export class GatewayMetrics {
  private readonly registry = new Registry();
  /** Of the answer that holds `text()`. */
  readonly contentType: string = this.registry.contentType;
  private readonly started: Counter;
  private readonly invocations: Counter;
  private readonly seconds: Histogram;
  private readonly emulatedSeconds: Histogram;
  private readonly requests: Counter;
  private readonly requestSeconds: Histogram;

  constructor(provider: FunctionProvider) {
    const registers = [this.registry];
    const labelNames = ['function_name'];
    this.started = new Counter({
      name: 'gateway_function_invocation_started',
      help: 'Calls of functions that have begun.',
      labelNames,
      registers,
    });
    this.invocations = new Counter({
      name: 'gateway_function_invocation_total',
      help: 'Calls of functions that have ended, by HTTP status.',
      labelNames: ['function_name', 'code'],
      registers,
    });
    this.seconds = new Histogram({
      name: 'gateway_functions_seconds',
      help: 'Wall time of a call.',
      labelNames,
      registers,
    });
    this.emulatedSeconds = new Histogram({
      name: 'lnic_function_latency_seconds',
      help: 'Emulated time from a request to its complete answer, at the client.',
      labelNames,
      buckets: LATENCY_BUCKETS_SECONDS,
      registers,
    });
    this.requests = new Counter({
      name: 'http_requests_total',
      help: 'HTTP requests.',
      labelNames: ['method', 'path', 'status'],
      registers,
    });
    this.requestSeconds = new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Wall time of HTTP requests.',
      labelNames: ['method', 'path', 'status'],
      registers,
    });
    const replicas: Gauge = new Gauge({
      name: 'gateway_service_count',
      help: 'Workers that carry a function.',
      labelNames,
      registers,
      collect: () => {
        replicas.reset();
        for (const { name, workers } of provider.functions()) replicas.set({ function_name: name }, workers.length);
      },
    });
  }

  /**
   * Everything in Prometheus's text format. Two of OpenFaaS's names break rules of Prometheus's that hold for counters
   * and gauges; they are given without a type, which changes no query.
   */
  async text(): Promise<string> {
    const text = await this.registry.metrics();
    return text.replace(
      /^# TYPE (gateway_function_invocation_started|gateway_service_count) \w+$/gm,
      '# TYPE $1 untyped',
    );
  }

  began(functionName: string): void {
    this.started.inc({ function_name: functionName });
  }

  ended(functionName: string, code: number, wallSeconds: number, latencyPs: FunctionOutcome['latencyPs']): void {
    const labels = { function_name: functionName };
    this.invocations.inc({ ...labels, code });
    this.seconds.observe(labels, wallSeconds);
    if (latencyPs !== undefined) this.emulatedSeconds.observe(labels, latencyPs / PS_PER_S);
  }

  /** @param path of the route, so that nobody can make series by asking for things that are not there */
  served(method: string, path: string, status: number, wallSeconds: number): void {
    const labels = { method, path, status };
    this.requests.inc(labels);
    this.requestSeconds.observe(labels, wallSeconds);
  }
}
