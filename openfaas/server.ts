import { randomUUID } from 'node:crypto';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance } from 'fastify';
import { CallLog } from './call-log.ts';
import { FunctionCalls } from './function-calls.ts';
import type { FunctionProvider } from './function-provider.ts';
import { functionRoutes } from './function-routes.ts';
import { GatewayMetrics } from './gateway-metrics.ts';
import { systemRoutes } from './system-routes.ts';

export interface ServerOptions {
  readonly provider: FunctionProvider;
  /** Of the administrator, for everything under /system. */
  readonly password: string;
  /** Of the testbed. */
  readonly version: string;
  /** Metrics of what is behind the gateway, in Prometheus's text format. */
  readonly metrics: () => Promise<string>;
}

/** A client that takes longer over its request than this is not waited for, ms. */
const SLOWEST_REQUEST_MS = 30_000;

/** The OpenFaaS gateway's HTTP API (api-docs/spec.openapi.yml of openfaas/faas) over a provider; not listening yet. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const server = Fastify({
    bodyLimit: options.provider.largestBodyOctets,
    requestTimeout: SLOWEST_REQUEST_MS,
    genReqId: () => randomUUID(),
    // Ends connections that only wait, so that closing does not wait for their clients.
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
  });
  // A lambda gets the octets as they came, whatever they claim to be.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.setNotFoundHandler((request, reply) => {
    void reply.code(404).type('text/plain').send(`nothing at ${request.method} ${request.url}\n`);
  });
  server.setErrorHandler((error, _request, reply) => {
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    void reply
      .code(status)
      .type('text/plain')
      .send(`${(error as Error).message}\n`);
  });
  await server.register(swagger, {
    openapi: {
      openapi: '3.0.3',
      info: {
        title: 'lambda-NIC testbed',
        description: "The part of OpenFaaS's gateway API that the testbed serves, over emulated SmartNICs",
        version: options.version,
      },
      components: { securitySchemes: { basicAuth: { type: 'http', scheme: 'basic' } } },
    },
  });
  server.get('/healthz', { schema: { tags: ['internal'], summary: 'Whether the gateway is up' } }, (_request, reply) =>
    reply.type('text/plain').send('OK'),
  );
  const metrics = new GatewayMetrics(options.provider);
  server.addHook('onResponse', async (request, reply) => {
    const path = request.routeOptions.url ?? 'none';
    metrics.served(request.method, path, reply.statusCode, reply.elapsedTime / 1_000);
  });
  const metricsSchema = { tags: ['internal'], summary: "Metrics in Prometheus's text format" };
  server.get('/metrics', { schema: metricsSchema }, async (_request, reply) => {
    const [own, behind] = await Promise.all([metrics.text(), options.metrics()]);
    return reply.type(metrics.contentType).send(own + behind);
  });
  const calls = new FunctionCalls(options.provider, metrics, new CallLog());
  functionRoutes(server, calls);
  systemRoutes(server, options, calls);
  server.get('/openapi.json', { schema: { hide: true } }, () => server.swagger());
  return server;
}
