import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ensureBuilt,
  PATIENCE_MS,
  type Running,
  scratchFolder,
  startTestbed,
  summaryOf,
  testbed,
} from './run-testbed.ts';

/* Processes on several machines, which are loopback addresses here: 127.0.0.0/8 is all this machine's. */

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = scratchFolder();
const LOAD = ['--workload', 'web', '--requests', '20'];
const START = `${process.execPath} ${join(root, 'bin', 'testbed.js')} node --listen {address}:{port}`;
const TOKEN = 'a shared word';

beforeAll(ensureBuilt, PATIENCE_MS);
afterAll(() => scratch.dispose());

/** The paper's topology with a placement. */
function topologyWith(name: string, placement: string): string {
  const file = join(scratch.path, `${name}.yaml`);
  const text = readFileSync(join(root, 'topology', 'four-workers.yaml'), 'utf8');
  writeFileSync(file, `${text.replaceAll('source: ../', `source: ${root}/`)}\nplacement:\n${placement}`);
  return file;
}

const onH1 = (port: number, start = '') => `  processes:
    - { name: rack1, nodes: [m2, m3, mgmt], host: h1 }
  hosts:
    - { name: h1, address: 127.0.0.2, port: ${port}${start} }
`;

/** A port of an address that nobody listens on. */
async function freePort(address: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** `testbed node` by hand, once it waits. */
async function waitingNode(address: string, token: string): Promise<Running & { readonly port: number }> {
  const running = startTestbed(['node', '--listen', `${address}:0`, '--token', token]);
  let said = '';
  const port = await new Promise<number>((resolve, reject) => {
    running.child.stderr!.on('data', (text: string) => {
      said += text;
      const found = /waiting for a launcher at [\d.]+:(\d+)\n/.exec(said);
      if (found !== null) resolve(Number(found[1]));
    });
    void running.finished.then(({ stderr }) => reject(new Error(stderr)));
  });
  return { ...running, port };
}

function out(name: string): string[] {
  return ['--out', join(scratch.path, name)];
}

describe('nodes on several machines', { timeout: PATIENCE_MS }, () => {
  it('are the same run, with its captures here, however they were started', async () => {
    const memory = await summaryOf(...LOAD, '--transport', 'memory', ...out('memory'));
    const byHand = await waitingNode('127.0.0.2', TOKEN);
    const file = topologyWith(
      'three-machines',
      `  processes:
    - { name: rack1, nodes: [m2, m3, mgmt], host: h1 }
    - { name: rack2, nodes: [client, m4], host: h2 }
  hosts:
    - { name: h1, address: 127.0.0.2, port: ${byHand.port} }
    - { name: h2, address: 127.0.0.3, port: ${await freePort('127.0.0.3')}, start: "${START}" }
`,
    );
    const spread = await summaryOf(...LOAD, '--topology', file, '--token', TOKEN, ...out('spread'));
    expect(spread.failures).toEqual([]);
    expect(spread.processes).toBe(5);
    expect(spread.digest).toBe(memory.digest);
    const captures = (name: string) => join(scratch.path, name, 'captures');
    for (const name of readdirSync(captures('memory'))) {
      const ours = readFileSync(join(captures('spread'), name));
      expect(ours.equals(readFileSync(join(captures('memory'), name))), name).toBe(true);
    }
    const { status, stderr } = await byHand.finished;
    expect(status).toBe(0);
    expect(stderr).toContain('rack1: exited with status 0');
    expect(readFileSync(join(scratch.path, 'spread', 'manifest.json'), 'utf8')).not.toContain(TOKEN);
  });

  it('of few processes of several kinds have the same digest', async () => {
    const digests = await Promise.all(
      ['1', '3'].map((count) => summaryOf(...LOAD, '--processes', count, ...out(`few-${count}`))),
    );
    const memory = await summaryOf(...LOAD, '--transport', 'memory', ...out('memory-again'));
    for (const { digest } of digests) expect(digest).toBe(memory.digest);
  });

  it('end the run by name when one of their processes dies, and leave nothing behind', async () => {
    const node = await waitingNode('127.0.0.2', TOKEN);
    const file = topologyWith('dying', onH1(node.port));
    const run = startTestbed([
      'run',
      ...['--topology', file, '--workload', 'web', '--requests', '2000000', '--token', TOKEN],
      ...out('dying'),
    ]);
    const rack = await childOf(node.child.pid!);
    process.kill(rack, 'SIGKILL');
    const { status, stderr } = await run.finished;
    expect(stderr).toContain('process rack1 was ended by SIGKILL before the run was over');
    expect(status).toBe(1);
    expect((await node.finished).stderr).toContain('rack1: was ended by SIGKILL');
  });
});

describe('a machine that cannot take part', { timeout: PATIENCE_MS }, () => {
  it('is named when nobody listens there, with what to do', async () => {
    const port = await freePort('127.0.0.2');
    const file = topologyWith('nobody', onH1(port));
    const { status, stderr } = await testbed('run', ...LOAD, '--topology', file, '--token', TOKEN, ...out('nobody'));
    expect(stderr).toContain(
      `process rack1 could not be started: h1 cannot be reached at 127.0.0.2:${port} (ECONNREFUSED)`,
    );
    expect(stderr).toContain(`testbed node --listen 127.0.0.2:${port}`);
    expect(status).toBe(1);
  });

  it('is named when its token is another one; it goes on waiting', async () => {
    const node = await waitingNode('127.0.0.2', 'another word');
    const file = topologyWith('token', onH1(node.port));
    const { status, stderr } = await testbed('run', ...LOAD, '--topology', file, '--token', TOKEN, ...out('token'));
    expect(stderr).toContain(`h1 (127.0.0.2:${node.port}) refused: the token is not the one that it was started with`);
    expect(status).toBe(1);
    expect(node.child.exitCode).toBe(null);
    node.child.kill('SIGTERM');
    expect((await node.finished).status).toBe(1);
  });

  it('is named when something else answers there', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end('220 mail.example ESMTP\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve));
    const { port } = server.address() as { port: number };
    const file = topologyWith('stranger', onH1(port));
    const { status, stderr } = await testbed('run', ...LOAD, '--topology', file, '--token', TOKEN, ...out('stranger'));
    server.close();
    expect(stderr).toContain(`h1 (127.0.0.2:${port}) refused: it does not speak as testbed node does`);
    expect(status).toBe(1);
  });

  it('is named when its command fails, with what the command said', async () => {
    const start = ', start: "echo no route to host >&2; exit 255"';
    const file = topologyWith('command', onH1(await freePort('127.0.0.2'), start));
    const { status, stderr } = await testbed('run', ...LOAD, '--topology', file, ...out('command'));
    expect(stderr).toContain('placement host h1: ');
    expect(stderr).toContain('ended with status 255: no route to host');
    expect(status).toBe(1);
  });

  it('needs a token where it is started by hand', async () => {
    const file = topologyWith('no-token', onH1(7001));
    const { status, stderr } = await testbed('run', ...LOAD, '--topology', file, ...out('no-token'));
    expect(stderr).toContain('placement host h1 is started by hand: expected --token or LAMBDA_NIC_TOKEN');
    expect(status).toBe(2);
  });

  it('cannot listen at a port that is in use, or at an address that is not its own', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve));
    const { port } = server.address() as { port: number };
    const inUse = await testbed('node', '--listen', `127.0.0.2:${port}`, '--token', TOKEN);
    server.close();
    expect(inUse.stderr).toContain(`127.0.0.2:${port}: the port is in use`);
    expect(inUse.status).toBe(2);
    // TEST-NET-1, RFC 5737.
    const elsewhere = await testbed('node', '--listen', '192.0.2.1:7001', '--token', TOKEN);
    expect(elsewhere.stderr).toContain('192.0.2.1:7001: this machine has no such address');
    expect(elsewhere.status).toBe(2);
  });
});

/** The process that a process has started, once it has. */
async function childOf(parent: number): Promise<number> {
  for (;;) {
    for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const status = readFileSync(`/proc/${entry}/stat`, 'utf8');
        const isChild = Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]) === parent;
        if (isChild && readFileSync(`/proc/${entry}/cmdline`, 'utf8').startsWith('lnic-rack1')) return Number(entry);
      } catch {
        // It ended while we looked.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
