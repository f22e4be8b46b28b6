import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Memcache } from 'memcache';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunSummary } from '../testbed/results/report.ts';
import type { Replayed } from '../testbed/run/replay.ts';
import { ensureBuilt, scratchFolder, testbed } from './run-testbed.ts';
import { type ServedTestbed, serveTestbed } from './served-testbed.ts';

const scratch = scratchFolder();
const page = Uint8Array.of(0, 0, 0, 0);

beforeAll(ensureBuilt);
afterAll(() => scratch.dispose());

function administratorOf({ passwordFile }: ServedTestbed): string {
  return `Basic ${Buffer.from(`admin:${readFileSync(passwordFile, 'utf8')}`).toString('base64')}`;
}

for (const transport of ['memory', 'udp'] as const) {
  describe(`a testbed that serves, ${transport}`, () => {
    let service: ServedTestbed;
    beforeAll(async () => {
      service = await serveTestbed(join(scratch.path, transport), '--transport', transport, '--memcached-port', '0');
    });

    it('gives the lambda its request and the caller its answer, with the emulated latency and the worker', async () => {
      const answer = await fetch(`${service.url}/function/web-server`, { method: 'POST', body: page });
      expect(answer.status).toBe(200);
      expect(await answer.text()).toBe('home');
      const { headers } = answer;
      expect(Number(headers.get('x-emulated-latency-ns'))).toBeGreaterThan(1_000);
      expect(headers.get('x-served-by')).toMatch(/^m[2-5]$/);
      expect(headers.get('x-lambda-status')).toBe('ok');
      expect(headers.get('x-call-id')).toMatch(/^[0-9a-f-]{36}$/);
    });

    it('answers many at once, each its own', async () => {
      const numbers = Array.from({ length: 40 }, (_, index) => index);
      const answers = await Promise.all(
        numbers.map(async (index) => {
          const body = Uint8Array.of(0, 0, 0, index % 2);
          return await (await fetch(`${service.url}/function/web-server`, { method: 'PUT', body })).text();
        }),
      );
      const even = answers.filter((_, index) => index % 2 === 0);
      const odd = answers.filter((_, index) => index % 2 === 1);
      expect(new Set(even)).toEqual(new Set(['home']));
      expect(new Set(odd).size).toBe(1);
      expect(odd[0]).not.toBe('home');
    });

    it("takes clients of M1's memcached, and its lambda finds what they stored", async () => {
      const client = new Memcache({ nodes: [service.memcached!], timeout: 50_000 });
      expect(await client.set('greeting', 'hello')).toBe(true);
      await client.disconnect();
      // The key-value lambda's request: get, length of the key, no value, the key.
      const body = Buffer.concat([Buffer.of(0, 8, 0, 0), Buffer.from('greeting')]);
      const answer = await fetch(`${service.url}/function/key-value-client`, { method: 'POST', body });
      expect(await answer.text()).toBe('HELLO');
    });

    it('carries a long body by RDMA', async () => {
      const body = new Uint8Array(4 + 100 * 90 * 4).fill(60);
      new DataView(body.buffer).setUint16(0, 100);
      new DataView(body.buffer).setUint16(2, 90);
      const answer = await fetch(`${service.url}/function/image-transformer`, { method: 'POST', body });
      expect(new Uint8Array(await answer.arrayBuffer())).toEqual(new Uint8Array(9_000).fill(60));
      expect(answer.headers.get('x-served-by')).toMatch(/^m[2-5]$/);
    });

    it('has the statuses of OpenFaaS for what it does not do', async () => {
      const statusOf = async (path: string, body?: Uint8Array) =>
        (await fetch(`${service.url}${path}`, { method: 'POST', ...(body && { body }) })).status;
      expect(await statusOf('/function/nobody')).toBe(404);
      expect(await statusOf('/function/web-server', new Uint8Array(1_000_000))).toBe(413);
      expect(await statusOf('/elsewhere')).toBe(404);
    });

    it('shows the system to the administrator alone', async () => {
      const path = `${service.url}/system/functions`;
      const refused = await fetch(path);
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toMatch(/^Basic /);
      const wrong = Buffer.from('admin:guess').toString('base64');
      expect((await fetch(path, { headers: { authorization: `Basic ${wrong}` } })).status).toBe(401);
      expect(statSync(service.passwordFile).mode & 0o777).toBe(0o600);
      const answer = await fetch(path, { headers: { authorization: administratorOf(service) } });
      const functions = (await answer.json()) as { readonly name: string; readonly replicas: number }[];
      expect(functions.map(({ name, replicas }) => [name, replicas])).toContainEqual(['web-server', 4]);
    });

    it('calls without waiting, and brings the answer to whoever wants to be called back', async () => {
      const listener = createHttpServer();
      const called = new Promise<{ readonly headers: IncomingHttpHeaders; readonly body: string }>((resolve) => {
        listener.on('request', async (request, response) => {
          let body = '';
          for await (const chunk of request) body += chunk;
          response.end();
          resolve({ headers: request.headers, body });
        });
      });
      await new Promise<void>((resolve) => void listener.listen(0, '127.0.0.1', resolve));
      const { port } = listener.address() as { readonly port: number };
      const accepted = await fetch(`${service.url}/async-function/web-server`, {
        method: 'POST',
        body: page,
        headers: { 'X-Callback-Url': `http://127.0.0.1:${port}/done` },
      });
      expect(accepted.status).toBe(202);
      const { headers, body } = await called;
      expect(body).toBe('home');
      expect(headers['x-call-id']).toBe(accepted.headers.get('x-call-id'));
      expect(headers).toMatchObject({ 'x-function-name': 'web-server', 'x-function-status': '200' });
      listener.close();
      const wrong = { method: 'POST', headers: { 'X-Callback-Url': 'file:///etc/passwd' } };
      expect((await fetch(`${service.url}/async-function/web-server`, wrong)).status).toBe(400);
    });

    it('tells the administrator what became of the calls, as lines of JSON', async () => {
      const headers = { authorization: administratorOf(service) };
      const path = `${service.url}/system/logs?name=web-server`;
      expect((await fetch(path)).status).toBe(401);
      const all = (await (await fetch(path, { headers })).text()).trim().split('\n');
      expect(all).toHaveLength(42);
      const last = (await (await fetch(`${path}&tail=1`, { headers })).text()).trim();
      expect(last).toBe(all.at(-1));
      expect(JSON.parse(last)).toMatchObject({
        name: 'web-server',
        instance: expect.stringMatching(/^m[2-5]$/),
        text: expect.stringMatching(/^200 in [\d.]+ us, 4 octets in, 4 out$/),
      });
      expect((await fetch(`${service.url}/system/logs?name=nobody`, { headers })).status).toBe(404);
    });

    it('describes itself as OpenAPI has it', async () => {
      const document = (await (await fetch(`${service.url}/openapi.json`)).json()) as Record<string, unknown>;
      expect(await new Validator().validate(document)).toMatchObject({ valid: true });
      expect(Object.keys(document.paths as object)).toContain('/function/{name}');
    });

    it('ends when asked, with a complete results folder that repeats as the same run', async () => {
      const { status, stdout, stderr } = await service.end();
      expect(stderr).toBe('');
      expect(status).toBe(0);
      const summary = JSON.parse(stdout.trim().split('\n').at(-1)!) as RunSummary;
      expect(summary.workloads).toMatchObject([{ workload: 'outside', completed: 44, failed: 0 }]);
      const again = await testbed(
        'replay',
        service.results,
        '--json',
        '--out',
        join(scratch.path, `${transport}-again`),
      );
      const replayed = JSON.parse(again.stdout) as Replayed;
      expect(replayed).toMatchObject({ isSame: true, digest: summary.digest });
      expect(again.status).toBe(0);
    });
  });
}

it('says in one line that its port is taken, and leaves nothing behind', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as { readonly port: number };
  const out = join(scratch.path, 'taken');
  const { status, stderr } = await testbed('serve', '--port', `${port}`, '--out', out);
  other.close();
  expect(status).toBe(2);
  expect(stderr.trim().split('\n').at(-1)).toBe(
    `error: cannot listen on 127.0.0.1 port ${port} (somebody listens there already): expected a free one, see --port and --address`,
  );
  expect(() => statSync(out)).toThrow();
});

it('says which line of a journal is none', async () => {
  const service = await serveTestbed(join(scratch.path, 'journal'), '--transport', 'memory');
  await fetch(`${service.url}/function/web-server`, { method: 'POST', body: page });
  await service.end();
  const path = join(service.results, 'inputs.jsonl');
  writeFileSync(path, `${readFileSync(path, 'utf8')}{"timePs": -1}\n`);
  const { status, stderr } = await testbed('replay', service.results);
  expect(status).toBe(2);
  expect(stderr).toContain(`${path}:2:1: expected {"timePs"`);
});
