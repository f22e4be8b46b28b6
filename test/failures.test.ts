import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { summariseCapture } from '../pcap/capture-summary.ts';
import { ensureBuilt, type Finished, type Running, scratchFolder, startTestbed, testbed } from './run-testbed.ts';

const scratch = scratchFolder();
/** Far more than can be done before the test ends it. */
const LONG = ['--workload', 'web', '--requests', '2000000'];

beforeAll(ensureBuilt);
afterAll(() => scratch.dispose());

/** Process ids of a command's node processes, by name, as `ps` shows them. */
function nodeProcesses(parent: number): Map<string, number> {
  const found = new Map<string, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const status = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const afterName = status.slice(status.lastIndexOf(')') + 2).split(' ');
      if (Number(afterName[1]) !== parent) continue;
      const title = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const name = /^lnic-(\S+)/.exec(title)?.[1];
      if (name !== undefined) found.set(name, Number(entry));
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}

async function until<T>(what: () => T | undefined): Promise<T> {
  for (;;) {
    const value = what();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A run that is under way: all seven processes, and requests in the captures; probes alone make some 20,000 octets. */
async function underWay(
  name: string,
): Promise<Running & { readonly out: string; readonly processes: Map<string, number> }> {
  const out = join(scratch.path, name);
  const running = startTestbed(['run', ...LONG, '--out', out]);
  const processes = await until(() => {
    const found = nodeProcesses(running.child.pid!);
    return found.size === 7 ? found : undefined;
  });
  await until(() => {
    try {
      return readFileSync(join(out, 'captures', 'client.eth0--switch.6.pcap')).length > 60_000 ? true : undefined;
    } catch {
      return undefined;
    }
  });
  return { ...running, out, processes };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** What must hold however a run was ended: status 1, every capture opens, no process left. */
async function expectOrderlyEnd(run: Awaited<ReturnType<typeof underWay>>, finished: Finished): Promise<void> {
  expect(finished.status).toBe(1);
  for (const [name, pid] of run.processes) expect(isAlive(pid), `${name} is left behind`).toBe(false);
  const captures = readdirSync(join(run.out, 'captures'));
  expect(captures).toHaveLength(11);
  for (const capture of captures) {
    const summary = await summariseCapture(join(run.out, 'captures', capture));
    expect(summary, capture).toMatchObject({ isTruncated: false, damage: null, malformedPackets: 0 });
  }
  expect(stateOf(run.out)).toBe('failed');
}

function stateOf(out: string): string {
  return (JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as { state: string }).state;
}

/** What the nodes had recorded is in the results, but for those named. */
function expectRecorded(out: string, ...lost: readonly string[]): void {
  const nodes = ['client', 'm1', 'm2', 'm3', 'm4', 'm5', 'mgmt', 'switch'].filter((node) => !lost.includes(node));
  expect(readdirSync(join(out, 'nodes')).sort()).toEqual(nodes.map((node) => `${node}.json`));
  const rows = readFileSync(join(out, 'requests', 'client.csv'), 'utf8')
    .trim()
    .split('\n');
  expect(rows.length).toBeGreaterThan(1);
  expect(rows.at(-1)).toContain('pending');
  expect(readdirSync(out)).toEqual(expect.arrayContaining(['events.jsonl', 'ports.json']));
}

describe('a run that cannot go on', () => {
  it('has seven processes whose titles say what they are', async () => {
    const run = await underWay('titles');
    expect([...run.processes.keys()].sort()).toEqual(['client', 'm1', 'm2', 'm3', 'm4', 'm5', 'switch']);
    run.child.kill('SIGINT');
    await expectOrderlyEnd(run, await run.finished);
  });

  it('names a process that was killed', async () => {
    const run = await underWay('killed');
    process.kill(run.processes.get('m3')!, 'SIGKILL');
    const finished = await run.finished;
    expect(finished.stderr).toContain('run failed: process m3 was ended by SIGKILL');
    await expectOrderlyEnd(run, finished);
    expectRecorded(run.out, 'm3');
  });

  it('names a process that hangs', async () => {
    const run = await underWay('hung');
    process.kill(run.processes.get('m4')!, 'SIGSTOP');
    const finished = await run.finished;
    expect(finished.stderr).toMatch(/run failed: process m4 has not responded for \d+ s/);
    await expectOrderlyEnd(run, finished);
    expectRecorded(run.out, 'm4');
  });

  it('stops when its control socket says so', async () => {
    const run = await underWay('stopped');
    const status = await testbed('control', run.out, 'status');
    expect(JSON.parse(status.stdout)).toMatchObject({
      topology: 'four-workers',
      requests: { web: { total: 2_000_000 } },
    });
    await testbed('control', run.out, 'stop');
    const finished = await run.finished;
    expect(finished.stderr).toContain('the run was stopped before its end');
    await expectOrderlyEnd(run, finished);
    expectRecorded(run.out);
    const after = await testbed('control', run.out, 'status');
    expect(after).toMatchObject({ status: 2, stderr: expect.stringContaining('is over (failed)') });
  });

  it('leaves nothing behind when its launcher is killed, and the next run says so', async () => {
    const run = await underWay('orphans');
    run.child.kill('SIGKILL');
    await run.finished;
    await until(() => ([...run.processes.values()].some(isAlive) ? undefined : true));
    for (const capture of readdirSync(join(run.out, 'captures'))) {
      expect((await summariseCapture(join(run.out, 'captures', capture))).isTruncated).toBe(false);
    }
    const asked = await testbed('control', run.out, 'status');
    expect(asked).toMatchObject({ status: 2, stderr: expect.stringMatching(/died before its end: .* is gone/) });
    const short = ['--topology', 'one-worker', '--workload', 'web', '--requests', '1', '--transport', 'memory'];
    const next = await testbed('run', ...short, '--out', join(scratch.path, 'next'));
    expect(next).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(`the run in ${run.out} died before its end`),
    });
    expect(stateOf(run.out)).toBe('died');
  });
});
