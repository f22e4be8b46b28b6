import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt, scratchFolder, summaryOf } from './run-testbed.ts';

/** All three workloads through all seven nodes, small enough to run many times. */
const LOAD = ['--topology', 'four-workers', '--requests', '20', '--concurrency', '8'];

describe('a run', () => {
  const scratch = scratchFolder();
  const outFor = (name: string) => ['--out', join(scratch.path, name)];
  let reference: string;

  beforeAll(async () => {
    await ensureBuilt();
    const summary = await summaryOf(...LOAD, '--transport', 'memory', ...outFor('memory'));
    expect(summary.failures).toEqual([]);
    expect(summary.workloads.map(({ workload, completed }) => [workload, completed])).toEqual([
      ['web', 20],
      ['key-value', 20],
      ['image', 20],
    ]);
    reference = summary.digest;
  });
  afterAll(() => scratch.dispose());

  const variants: [string, string[]][] = [
    ['again in one process', ['--transport', 'memory']],
    ['in seven processes over UDP on one core', ['--transport', 'udp', '--pin', 'on']],
    ['in seven processes spread by the kernel', ['--transport', 'udp', '--pin', 'off']],
    ["in seven processes over Node's own sockets", ['--transport', 'udp', '--datagrams', 'dgram']],
    ['with one datagram in twenty dropped', ['--transport', 'udp', '--drop-datagrams', '0.05']],
    ['without captures', ['--transport', 'memory', '--no-captures']],
  ];
  for (const [name, options] of variants) {
    it(`has the same digest ${name}`, async () => {
      const summary = await summaryOf(...LOAD, ...options, ...outFor(name.replaceAll(' ', '-')));
      expect(summary.digest).toBe(reference);
    });
  }

  it('leaves the same captures, octet for octet, whatever the transport', () => {
    const captures = join(scratch.path, 'memory', 'captures');
    const other = join(scratch.path, 'in-seven-processes-over-UDP-on-one-core', 'captures');
    const names = readdirSync(captures).sort();
    expect(names).toHaveLength(11);
    for (const name of names) {
      expect(readFileSync(join(other, name)).equals(readFileSync(join(captures, name))), name).toBe(true);
    }
  });

  it('has another digest with another seed', async () => {
    const summary = await summaryOf(...LOAD, '--transport', 'memory', '--seed', '2', ...outFor('seed-2'));
    expect(summary.digest).not.toBe(reference);
  });
});
