import type { FastifyInstance } from 'fastify';
import { isAdministrator } from './basic-auth.ts';
import type { DeployedFunction } from './function-provider.ts';
import type { ServerOptions } from './server.ts';

/** `/system/...`: for the administrator alone. */
export function systemRoutes(server: FastifyInstance, { provider, password, version }: ServerOptions): void {
  server.register(async (system) => {
    system.addHook('onRequest', async (request, reply) => {
      if (isAdministrator(request.headers.authorization, password)) return;
      reply.header('WWW-Authenticate', 'Basic realm="Restricted"');
      await reply.code(401).type('text/plain').send('invalid credentials\n');
    });
    system.get('/system/info', () => ({
      arch: 'nfp-6xxx',
      provider: { provider: 'lambda-nic-testbed', orchestration: 'smartnic', version: { sha: '', release: version } },
      version: { sha: '', release: version },
    }));
    system.get('/system/functions', () => provider.functions().map(statusOf));
    system.get('/system/function/:name', (request, reply) => {
      const { name } = request.params as { readonly name: string };
      const found = provider.functions().find((candidate) => candidate.name === name);
      if (found !== undefined) return statusOf(found);
      return reply.code(404).type('text/plain').send(`no function '${name}' is deployed\n`);
    });
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
