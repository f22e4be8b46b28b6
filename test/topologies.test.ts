import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { skipWithoutTshark, tsharkComplaints, tsharkRows } from '../pcap/run-tshark.ts';
import { ensureBuilt, PATIENCE_MS, scratchFolder, summaryOf, testbed } from './run-testbed.ts';

/** Topologies with routers or several NICs; the others are in every other test. */
const ROUTED = ['chain', 'two-planes', 'leaf-spine'];

const scratch = scratchFolder();
beforeAll(ensureBuilt, PATIENCE_MS);
afterAll(() => scratch.dispose());

describe.each(ROUTED)('%s', (name) => {
  const out = join(scratch.path, name);
  const words = ['--topology', name, '--requests', '4', '--transport', 'memory'];

  it('answers every request of every workload, RDMA through the routers among them', {
    timeout: PATIENCE_MS,
  }, async () => {
    const summary = await summaryOf(...words, '--out', out);
    expect(summary.workloads.map(({ workload, completed, failed }) => [workload, completed, failed])).toEqual([
      ['web', 4, 0],
      ['key-value', 4, 0],
      ['image', 4, 0],
    ]);
  });

  it.skipIf(skipWithoutTshark)('leaves captures that tshark has nothing against', () => {
    const folder = join(out, 'captures');
    for (const capture of readdirSync(folder)) expect(tsharkComplaints(join(folder, capture)), capture).toEqual([]);
  });
});

it.skipIf(skipWithoutTshark)('a router takes one from the TTL', () => {
  const capture = join(scratch.path, 'chain', 'captures', 'm1.eth0--r1.1.pcap');
  const ttls = tsharkRows(capture, ['ip.ttl'], { filter: 'udp && ip.src == 10.5.0.3 && ip.dst == 10.1.0.2' });
  expect(new Set(ttls.map(([ttl]) => ttl))).toEqual(new Set([String(64 - 5)]));
});

it('requests are placed on every NIC of every worker', () => {
  const report = JSON.parse(readFileSync(join(scratch.path, 'two-planes', 'nodes', 'm2.json'), 'utf8')) as {
    counters: Record<string, number>;
  };
  for (const nic of ['left', 'right']) expect(report.counters[`${nic}_requests_web-server`]).toBeGreaterThan(0);
});

describe('the command', () => {
  it('says what is wrong, as JSON on request', { timeout: PATIENCE_MS }, async () => {
    const missing = await testbed('topology', 'validate', 'nowhere', '--json');
    expect(missing.status).toBe(2);
    expect(JSON.parse(missing.stdout)).toMatchObject({ valid: false, code: 'unknown-topology' });
    const word = await testbed('topology', 'sho', 'chain');
    expect([word.status, word.stderr]).toEqual([2, expect.stringMatching(/no command 'sho'.*did you mean 'show'/)]);
  });

  it('writes a network that it then checks and draws', { timeout: PATIENCE_MS }, async () => {
    const file = join(scratch.path, 'made.yaml');
    expect(
      (await testbed('topology', 'new', '--workers', '6', '--leaves', '3', '--spines', '2', '-o', file)).status,
    ).toBe(0);
    expect((await testbed('topology', 'validate', file)).stdout).toMatch(/made.yaml: valid\n.*\n {2}hosts +6 workers/);
    const shown = await testbed('topology', 'show', file);
    expect(Math.max(...shown.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect((await testbed('topology', 'graph', file)).stdout).toMatch(/^<svg [\s\S]*>spine2<[\s\S]*<\/svg>\n$/);
    expect((await testbed('topology', 'graph', file, '--format', 'mermaid')).stdout).toMatch(
      /n_leaf3 ---\|10G\| n_spine2/,
    );
    expect((await testbed('topology', 'graph', file, '--format', 'dot')).stdout).toMatch(
      /"leaf3" -- "spine2" \[label="10G"/,
    );
  });
});
