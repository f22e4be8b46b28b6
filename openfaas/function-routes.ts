import { performance } from 'node:perf_hooks';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type FunctionCalls, MOST_CALLS } from './function-calls.ts';
import type { HttpAnswer } from './http-answer.ts';

/** Longest that whoever asked to be called back is waited for, ms. */
const SLOWEST_CALLBACK_MS = 10_000;
const MS_PER_S = 1_000;
/**
 * `/function/NAME` with any method: the body is the lambda's request, the answer's body the lambda's own.
 * `/async-function/NAME`: accepted at once; the answer goes to the `X-Callback-Url`, if there is one.
 */
export function functionRoutes(server: FastifyInstance, calls: FunctionCalls): void {
  for (const path of ['/function/:name', '/function/:name/*']) {
    server.route({
      method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
      url: path,
      schema: schemaOf('Call a function and wait for its answer', path),
      handler: async (request, reply) => {
        const name = callableName(calls, request, reply);
        if (name === undefined) return reply;
        const { status, headers, body } = await calls.call(name, bodyOf(request));
        return reply.code(status).headers(headers).send(body);
      },
    });
  }
  for (const path of ['/async-function/:name', '/async-function/:name/*']) {
    server.post(path, { schema: schemaOf('Call a function without waiting', path) }, async (request, reply) => {
      const name = callableName(calls, request, reply);
      if (name === undefined) return reply;
      const callback = callbackOf(request);
      if (callback === null) return refuse(reply, 400, 'X-Callback-Url: expected an http or https URL');
      const startMs = performance.now();
      void calls.call(name, bodyOf(request)).then(async (answer) => {
        if (callback === undefined) return;
        const seconds = (performance.now() - startMs) / MS_PER_S;
        const reason = await callBack(callback, name, request.id, answer, seconds);
        if (reason !== undefined) calls.log.append(name, '', `callback to ${callback.origin} failed: ${reason}`);
      });
      return reply.code(202).send();
    });
  }
}

/** What lies behind the name in a path is the function's own business, and not part of the description. */
function schemaOf(summary: string, path: string) {
  return {
    tags: ['function'],
    summary,
    hide: path.endsWith('*'),
    params: { type: 'object', properties: { name: { type: 'string', description: 'Name of the function' } } },
  };
}

/** The function that a request names; undefined once it has been refused. */
function callableName(calls: FunctionCalls, request: FastifyRequest, reply: FastifyReply): string | undefined {
  const { name } = request.params as { readonly name: string };
  reply.header('X-Call-Id', request.id);
  if (!calls.isDeployed(name)) {
    refuse(reply, 404, `no function '${name}' is deployed`);
    return undefined;
  }
  if (!calls.hasRoom) {
    refuse(reply, 429, `${MOST_CALLS} calls are under way already; try again`);
    return undefined;
  }
  return name;
}

function bodyOf(request: FastifyRequest): Uint8Array {
  return (request.body as Uint8Array | undefined) ?? new Uint8Array(0);
}

/** Undefined where none is wanted, null where it is no URL to call. */
function callbackOf(request: FastifyRequest): URL | undefined | null {
  const header = request.headers['x-callback-url'];
  if (header === undefined) return undefined;
  const text = String(header);
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : null;
}

/** @returns why it failed; undefined when it was taken */
async function callBack(
  url: URL,
  name: string,
  callId: string,
  { status, headers, body }: HttpAnswer,
  seconds: number,
): Promise<string | undefined> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        ...headers,
        'X-Call-Id': callId,
        'X-Function-Name': name,
        'X-Function-Status': `${status}`,
        'X-Duration-Seconds': seconds.toFixed(6),
      },
      body: new Uint8Array(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(SLOWEST_CALLBACK_MS),
    });
    await answer.body?.cancel();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function refuse(reply: FastifyReply, status: number, why: string): FastifyReply {
  return reply.code(status).type('text/plain').send(`${why}\n`);
}
