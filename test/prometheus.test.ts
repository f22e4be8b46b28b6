import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt, scratchFolder } from './run-testbed.ts';
import { type ServedTestbed, serveTestbed } from './served-testbed.ts';

/** With CI set nothing is skipped, so a missing Prometheus fails there. */
const isMissing = spawnSync('prometheus', ['--version']).error !== undefined && !process.env.CI;

describe.skipIf(isMissing)('Prometheus', () => {
  const scratch = scratchFolder();
  let service: ServedTestbed;
  let prometheus: ChildProcess | undefined;

  beforeAll(async () => {
    await ensureBuilt();
    service = await serveTestbed(join(scratch.path, 'run'), '--transport', 'memory');
    for (let page = 0; page < 3; page++) {
      await fetch(`${service.url}/function/web-server`, { method: 'POST', body: Uint8Array.of(0, 0, 0, page) });
    }
    await fetch(`${service.url}/function/nobody`);
  });
  afterAll(async () => {
    const ended = new Promise((resolve) => prometheus?.once('close', resolve));
    if (prometheus?.kill() === true) await ended;
    await service.end();
    scratch.dispose();
  });

  it('finds nothing to say about the metrics (promtool check metrics)', async () => {
    const text = await (await fetch(`${service.url}/metrics`)).text();
    expect(text).toContain('gateway_function_invocation_total{function_name="web-server",code="200"} 3');
    expect(text).toMatch(/lnic_switch_port_if_in_octets_total\{node="switch",port="switch\.6"\} [1-9]/);
    expect(text).toMatch(/lnic_nic_requests_total\{node="m\d",function_name="web-server"\} [1-9]/);
    expect(text).not.toContain('nobody');
    const checked = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect(checked.stderr + checked.stdout).toBe('');
    expect(checked.status).toBe(0);
  });

  it('scrapes them and answers a query', async () => {
    const folder = join(scratch.path, 'prometheus');
    mkdirSync(folder);
    const target = new URL(service.url).host;
    const config = join(folder, 'prometheus.yml');
    writeFileSync(
      config,
      `scrape_configs: [{ job_name: gateway, scrape_interval: 200ms, scrape_timeout: 200ms, static_configs: [{ targets: ["${target}"] }] }]\n`,
    );
    const port = await freePort();
    prometheus = spawn(
      'prometheus',
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: 'ignore' },
    );
    const query = 'sum by (function_name) (gateway_function_invocation_total{code="200"})';
    const answer = await until(async () => {
      const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`;
      const { data } = (await (await fetch(url)).json()) as { readonly data: { readonly result: readonly Series[] } };
      return data.result.length === 0 ? undefined : data.result;
    });
    expect(answer.map(({ metric, value }) => [metric.function_name, value[1]])).toEqual([['web-server', '3']]);
  });
});

interface Series {
  readonly metric: { readonly function_name: string };
  readonly value: readonly [time: number, value: string];
}

/** Free a moment ago; Prometheus takes no port 0. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Asks until there is an answer; a server that is not up yet has none. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
