import { join } from 'node:path';
import { Memcache } from 'memcache';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NetworkSpec, StampedInput } from '../../link/network.ts';
import { nodeOrder, planProcesses } from '../../testbed/processes/process-plan.ts';
import { runProcesses } from '../../testbed/processes/supervisor.ts';
import { runDigest } from '../../testbed/results/digest.ts';
import { orderOutcome, type RunPart } from '../../testbed/results/outcome.ts';
import { runInMemory } from '../../testbed/run/memory-run.ts';
import { prepareInputs } from '../../testbed/run/run-inputs.ts';
import type { RunObserver } from '../../testbed/run/run-observer.ts';
import { MemcachedListener } from '../../testbed/serve/memcached-listener.ts';
import { OutsideDoor } from '../../testbed/serve/outside-door.ts';
import { loadTopology, projectFolder } from '../../topology/load-topology.ts';
import { ensureBuilt } from '../run-testbed.ts';
import { NamedNumbers, readConformanceTable } from './conformance-table.ts';
import { realOverTcp } from './conversations.ts';
import { connected } from './real-server.ts';

const SILENT: RunObserver = { stopRequested: false, progress: () => {}, emulatedTime: () => {} };
const inputs = prepareInputs({ ...loadTopology('one-worker'), workloads: [] }, undefined);
const nodes = nodeOrder(inputs.topology);
const { links, faults } = inputs.topology;
const network: NetworkSpec = { nodes, links, seed: 1, faults };

/** M1's memcached on TCP, and a journal of what its clients did. */
class Service {
  readonly door = new OutsideDoor(['m1']);
  readonly journal: StampedInput[] = [];
  listener!: MemcachedListener;
  private inputs = 0;

  static async open(): Promise<Service> {
    const service = new Service();
    service.listener = await MemcachedListener.open({
      port: 0,
      give: (input) => service.door.give('m1', input),
      nextInputId: () => ++service.inputs,
    });
    service.door.onStamped = (stamped) => service.journal.push(stamped);
    service.door.onOutput = (_, output) => void service.listener.onOutput(output);
    return service;
  }

  async close(): Promise<void> {
    await this.listener.close();
    this.door.close();
  }
}

function digestOf(parts: readonly RunPart[]): string {
  return runDigest(orderOutcome(parts, nodes));
}

/** Repeats a run from its journal. */
async function replayed(journal: readonly StampedInput[]): Promise<{ digest: string; counters: unknown }> {
  const part = await runInMemory({ ...network, inputs: journal }, inputs, undefined, SILENT);
  return { digest: digestOf([part]), counters: part.reports.m1!.counters };
}

/** Processes take their time to start, and the first command waits for them. */
const PATIENCE_MS = 50_000;

/** Everyday use of a client library. */
async function use(port: number, prefix: string): Promise<void> {
  const client = new Memcache({ nodes: [`127.0.0.1:${port}`], timeout: PATIENCE_MS });
  expect(await client.set(`${prefix}-greeting`, 'hello')).toBe(true);
  expect(await client.get(`${prefix}-greeting`)).toBe('hello');
  expect(await client.add(`${prefix}-greeting`, 'again')).toBe(false);
  expect(await client.append(`${prefix}-greeting`, ', world')).toBe(true);
  expect(await client.get(`${prefix}-greeting`)).toBe('hello, world');
  await client.set(`${prefix}-count`, '5');
  expect(await client.incr(`${prefix}-count`, 3)).toBe(8);
  expect(await client.touch(`${prefix}-count`, 100)).toBe(true);
  expect(await client.gets([`${prefix}-greeting`, `${prefix}-count`, `${prefix}-nothing`])).toEqual(
    new Map([
      [`${prefix}-greeting`, 'hello, world'],
      [`${prefix}-count`, '8'],
    ]),
  );
  await client.set(`${prefix}-large`, 'v'.repeat(500_000));
  expect(await client.get(`${prefix}-large`)).toBe('v'.repeat(500_000));
  expect(await client.delete(`${prefix}-greeting`)).toBe(true);
  expect(await client.get(`${prefix}-greeting`)).toBeUndefined();
  await client.disconnect();
}

describe('memcached on TCP', () => {
  it('serves a client library; the journal gives the same run', async () => {
    const service = await Service.open();
    const run = runInMemory(network, inputs, undefined, SILENT, service.door);
    await Promise.all([use(service.listener.port, 'a'), use(service.listener.port, 'b')]);
    await service.close();
    const part = await run;
    expect(service.journal.length).toBeGreaterThan(20);
    expect(await replayed(service.journal)).toEqual({ digest: digestOf([part]), counters: part.reports.m1!.counters });
  });
});

describe('memcached on TCP, in processes', () => {
  beforeAll(ensureBuilt);

  it('serves a client library; the journal gives the same run in one process', async () => {
    const service = await Service.open();
    const run = runProcesses({
      processes: planProcesses(inputs.topology, service.door.nodes),
      network,
      model: inputs,
      capture: undefined,
      dropDatagrams: 0,
      datagrams: 'dgram',
      pinnedCore: undefined,
      moduleFolder: join(projectFolder(), 'dist'),
      observer: SILENT,
      door: service.door,
    });
    await use(service.listener.port, 'a');
    await service.close();
    const parts = await run;
    const counters = parts.find(({ reports }) => reports.m1 !== undefined)!.reports.m1!.counters;
    expect(await replayed(service.journal)).toEqual({ digest: digestOf(parts), counters });
  });
});

describe('memcached on TCP, as the table says', () => {
  // Emulated time zero is Unix time zero, so that a Unix time of 1970 is still to come.
  const ROWS = readConformanceTable(join(projectFolder(), 'test', 'memcached', 'conformance.txt')).filter(
    ({ name, transports, steps }) =>
      transports.includes('tcp') && !steps.some(({ kind }) => kind === 'wait') && !name.includes('Unix time'),
  );
  let service: Service;
  let run: Promise<RunPart>;

  beforeAll(async () => {
    service = await Service.open();
    run = runInMemory(network, inputs, undefined, SILENT, service.door);
  });
  afterAll(async () => {
    await service.close();
    await run;
  });

  it.each(ROWS)('$name', async ({ steps, line }) => {
    const { port } = service.listener;
    const cleaner = await realOverTcp(port);
    cleaner.send('flush_all\r\nstats reset\r\nstats detail off\r\nstats sizes_disable\r\n');
    await cleaner.answers(false);
    cleaner.close();
    const conversation = await realOverTcp(port);
    const numbers = new NamedNumbers();
    for (const step of steps) {
      if (step.kind === 'send') conversation.send(numbers.fill(step.octets));
      else if (step.kind === 'expect') {
        const [text = ''] = await conversation.answers(step.octets.endsWith('(closed)'));
        if (!numbers.match(step.octets, text)) expect(text, `conformance.txt:${line}`).toBe(numbers.fill(step.octets));
      }
    }
    conversation.close();
  });

  it('answers a client that half-closes, and survives one that leaves in the middle of a command', async () => {
    const leaver = await connected(service.listener.port);
    leaver.write('set a 0 0 100\r\nhalf');
    leaver.destroy();
    const asker = await connected(service.listener.port);
    let text = '';
    asker.on('data', (octets) => {
      text += octets.toString('latin1');
    });
    const closed = new Promise((resolve) => asker.once('close', resolve));
    asker.end('version\r\nget a\r\n');
    await closed;
    expect(text).toBe('VERSION 1.6.18\r\nEND\r\n');
  });
});
