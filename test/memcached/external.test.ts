import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NetworkSpec } from '../../link/network.ts';
import type { ExternalSpec } from '../../link/supervision.ts';
import { nodeOrder } from '../../testbed/processes/process-plan.ts';
import { runDigest } from '../../testbed/results/digest.ts';
import { orderOutcome } from '../../testbed/results/outcome.ts';
import { answersFor } from '../../testbed/run/memcached-option.ts';
import { runInMemory } from '../../testbed/run/memory-run.ts';
import { prepareInputs } from '../../testbed/run/run-inputs.ts';
import type { RunOptions } from '../../testbed/run/run-options.ts';
import { loadTopology } from '../../topology/load-topology.ts';
import { hasMemcached, RealServer } from './real-server.ts';

const SILENT = { stopRequested: false, progress: () => {}, emulatedTime: () => {} };
const topology = loadTopology('one-worker');
const workloads = topology.workloads.filter(({ name }) => name === 'key-value');
const inputs = prepareInputs(
  { ...topology, workloads: workloads.map((workload) => ({ ...workload, requests: 60, concurrency: 8 })) },
  undefined,
);
const nodes = nodeOrder(topology);
const network: NetworkSpec = { nodes, links: topology.links, seed: 1, faults: topology.faults };

async function digestWith(external: ExternalSpec | undefined): Promise<string> {
  const given = external === undefined ? inputs : { ...inputs, memcached: 'real' as const };
  const part = await runInMemory(network, given, undefined, SILENT, undefined, undefined, external);
  return runDigest(orderOutcome([part], nodes));
}

describe.skipIf(!hasMemcached())('a real memcached behind M1', () => {
  let server: RealServer;
  let folder: string;

  beforeEach(async () => {
    server = await RealServer.start();
    folder = mkdtempSync(join(tmpdir(), 'external-'));
  });
  afterEach(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  function live(journal: string): ExternalSpec {
    const source = { service: 'memcached', host: '127.0.0.1', port: server.port };
    return { node: 'm1', source, journalFile: join(folder, journal) };
  }

  it("gives the run that M1's own gives, and the same without a server from the journal", async () => {
    const expected = await digestWith(undefined);
    expect(await digestWith(live('first.jsonl'))).toBe(expected);
    await server.stop();
    const source = { answersFile: join(folder, 'first.jsonl') };
    expect(await digestWith({ node: 'm1', source, journalFile: join(folder, 'second.jsonl') })).toBe(expected);
    const journal = readFileSync(source.answersFile, 'utf8');
    expect(journal.split('\n').length).toBeGreaterThan(60);
    expect(readFileSync(join(folder, 'second.jsonl'), 'utf8')).toBe(journal);
  });

  it('ends the run when the server is lost', async () => {
    const run = digestWith(live('lost.jsonl'));
    const lost = expect(run).rejects.toThrow(`memcached at 127.0.0.1:${server.port} closed the connection`);
    await server.stop();
    await lost;
  });

  it('is refused before the run where nobody answers', async () => {
    const options = { memcached: { host: '127.0.0.1', port: server.port }, transport: 'memory' } as RunOptions;
    expect(await answersFor(options, topology, undefined)).toMatchObject({ node: 'm1' });
    await server.stop();
    await expect(answersFor(options, topology, undefined)).rejects.toMatchObject({ code: 'memcached-unreachable' });
  });
});
