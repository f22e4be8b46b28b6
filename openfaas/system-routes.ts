import type { FastifyInstance } from 'fastify';
import { isAdministrator } from './basic-auth.ts';
import type { FunctionCalls } from './function-calls.ts';
import type { DeployedFunction } from './function-provider.ts';
import { logRoute } from './log-route.ts';
import type { ServerOptions } from './server.ts';

/** `/system/...`: for the administrator alone. */
export function systemRoutes(
  server: FastifyInstance,
  { provider, password, version }: ServerOptions,
  calls: FunctionCalls,
): void {
  const schemaOf = (summary: string) => ({ tags: ['system'], summary, security: [{ basicAuth: [] }] });
  server.register(async (system) => {
    system.addHook('onRequest', async (request, reply) => {
      if (isAdministrator(request.headers.authorization, password)) return;
      reply.header('WWW-Authenticate', 'Basic realm="Restricted"');
      await reply.code(401).type('text/plain').send('invalid credentials\n');
    });
    system.get('/system/info', { schema: schemaOf('What serves the functions, and its version') }, () => ({
      arch: 'nfp-6xxx',
      provider: { provider: 'lambda-nic-testbed', orchestration: 'smartnic', version: { sha: '', release: version } },
      version: { sha: '', release: version },
    }));
    system.get('/system/functions', { schema: schemaOf('Deployed functions') }, () =>
      provider.functions().map(statusOf),
    );
    const params = { type: 'object', properties: { name: { type: 'string' } } };
    system.get('/system/function/:name', { schema: { ...schemaOf('One function'), params } }, (request, reply) => {
      const { name } = request.params as { readonly name: string };
      const found = provider.functions().find((candidate) => candidate.name === name);
      if (found !== undefined) return statusOf(found);
      return reply.code(404).type('text/plain').send(`no function '${name}' is deployed\n`);
    });
    logRoute(system, calls.log, (name) => calls.isDeployed(name));
  });
}

/** `FunctionStatus` of OpenFaaS's API; a replica is a worker that carries the function. */
function statusOf({ name, source, workers, invocations, createdAt }: DeployedFunction): Record<string, unknown> {
  return {
    name,
    image: source,
    namespace: '',
    labels: {},
    annotations: {},
    invocationCount: invocations,
    replicas: workers.length,
    availableReplicas: workers.length,
    createdAt: createdAt.toISOString(),
  };
}
