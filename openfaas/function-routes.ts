import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PS_PER_NS } from '../base/units.ts';
import type { FunctionOutcome, FunctionProvider } from './function-provider.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';

/** What each outcome is in HTTP, as OpenFaaS's gateway has it. */
const HTTP_STATUS: Readonly<Record<FunctionOutcome['kind'], number>> = {
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

/** `/function/NAME`: any method; the body is the lambda's request, the answer's body the lambda's own. */
export function functionRoutes(
  server: FastifyInstance,
  provider: FunctionProvider,
  metrics: GatewayMetrics,
  mostInFlight: number,
): void {
  let inFlight = 0;
  const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { name } = request.params as { readonly name: string };
    reply.header('X-Call-Id', request.id);
    if (!provider.functions().some((candidate) => candidate.name === name)) {
      return refuse(reply, 404, `no function '${name}' is deployed`);
    }
    if (inFlight >= mostInFlight) return refuse(reply, 429, `${mostInFlight} calls are under way already; try again`);
    inFlight++;
    metrics.began(name);
    try {
      const outcome = await provider.invoke(name, (request.body as Uint8Array | undefined) ?? new Uint8Array(0));
      metrics.ended(name, httpStatusOf(outcome), reply.elapsedTime / 1_000, outcome.latencyPs);
      return answer(reply, outcome);
    } finally {
      inFlight--;
    }
  };
  server.all('/function/:name', handler);
  server.all('/function/:name/*', handler);
}

function answer(reply: FastifyReply, outcome: FunctionOutcome): FastifyReply {
  const { kind, status, body, latencyPs, worker } = outcome;
  if (latencyPs !== undefined) reply.header('X-Emulated-Latency-Ns', (latencyPs / PS_PER_NS).toFixed(3));
  if (worker !== undefined) reply.header('X-Served-By', worker);
  if (kind !== 'answered') return refuse(reply, httpStatusOf(outcome), EXPLANATION[kind]);
  reply.header('X-Lambda-Status', status);
  return reply
    .code(httpStatusOf(outcome))
    .type('application/octet-stream')
    .send(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
}

/** A request that the lambda found wrong is the caller's to mend; what it did not find is an answer like any other. */
function httpStatusOf({ kind, status }: FunctionOutcome): number {
  return kind === 'answered' && status === 'bad-request' ? 400 : HTTP_STATUS[kind];
}

function refuse(reply: FastifyReply, status: number, why: string): FastifyReply {
  return reply.code(status).type('text/plain').send(`${why}\n`);
}
