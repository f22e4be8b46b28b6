import { PassThrough } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { CallLog, LogEntry } from './call-log.ts';

interface LogQuery {
  readonly name: string;
  readonly instance?: string;
  /** Most lines of the past; 0 or less: all that are kept. */
  readonly tail?: number;
  /** Only later ones, RFC 3339. */
  readonly since?: string;
  readonly follow?: boolean;
}

const QUERY_SCHEMA = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string', description: 'Name of the function' },
    instance: { type: 'string', description: 'Worker' },
    tail: { type: 'integer', description: 'Most lines of the past; 0 or less: all that are kept' },
    since: { type: 'string', format: 'date-time' },
    follow: { type: 'boolean', description: 'Go on with each new line until the client leaves' },
  },
};

/** `/system/logs`: lines of a function as NDJSON. */
export function logRoute(system: FastifyInstance, log: CallLog, isDeployed: (name: string) => boolean): void {
  system.get(
    '/system/logs',
    { schema: { tags: ['system'], summary: 'What became of the calls of a function', querystring: QUERY_SCHEMA } },
    async (request, reply) => {
      const query = request.query as LogQuery;
      if (!isDeployed(query.name)) {
        return reply.code(404).type('text/plain').send(`no function '${query.name}' is deployed\n`);
      }
      const past = log.of(query.name).filter((entry) => isWanted(entry, query));
      const { tail = 0 } = query;
      const lines = tail > 0 ? past.slice(-tail) : past;
      const stream = new PassThrough();
      for (const entry of lines) stream.write(`${JSON.stringify(entry)}\n`);
      if (query.follow === true) {
        const stop = log.follow((entry) => {
          if (isWanted(entry, query)) stream.write(`${JSON.stringify(entry)}\n`);
        });
        request.raw.once('close', () => {
          stop();
          stream.end();
        });
      } else stream.end();
      return reply.type('application/x-ndjson').send(stream);
    },
  );
}

function isWanted(entry: LogEntry, { name, instance, since }: LogQuery): boolean {
  if (entry.name !== name || (instance !== undefined && entry.instance !== instance)) return false;
  return since === undefined || Date.parse(entry.timestamp) > Date.parse(since);
}
