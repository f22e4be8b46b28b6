import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt, scratchFolder, summaryOf, testbed } from './run-testbed.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = scratchFolder();
const published = join(root, 'examples', 'published-shape');
const ONE_WORKER = ['--topology', 'one-worker', '--no-captures'];

beforeAll(ensureBuilt);
afterAll(() => scratch.dispose());

/** A copy of an example with another workload file. */
function copyWith(name: string, example: string, workload: string): string {
  const folder = join(scratch.path, name);
  cpSync(join(root, 'examples', example), folder, { recursive: true });
  writeFileSync(join(folder, 'workload.yaml'), workload);
  return folder;
}

const out = (name: string): string[] => ['--out', join(scratch.path, name)];

describe('a program in the published shape', () => {
  it('answers as its workload expects, alike in one process and over UDP', async () => {
    const flags = ['--program', published, ...ONE_WORKER];
    const memory = await summaryOf(...flags, '--transport', 'memory', ...out('memory'));
    expect(memory.failures).toEqual([]);
    expect(memory.workloads.map(({ workload, requests, completed }) => [workload, requests, completed])).toEqual([
      ['web', 400, 400],
      ['web-at-a-rate', 100, 100],
      ['set', 10, 10],
      ['get', 100, 100],
      ['picture', 4, 4],
    ]);
    const udp = await summaryOf(...flags, '--transport', 'udp', ...out('udp'));
    expect(udp.digest).toBe(memory.digest);
  });

  it('gives every request a row, with the worker that served it', async () => {
    const folder = copyWith(
      'rows',
      'published-shape',
      'requests: [{ name: web, jobId: 0, payload: [zeros: 16], count: 6 }]',
    );
    await summaryOf('--program', folder, '--topology', 'four-workers', '--transport', 'memory', ...out('rows-out'));
    const rows = (node: string) =>
      readFileSync(join(scratch.path, 'rows-out', 'requests', `${node}.csv`), 'utf8')
        .trim()
        .split('\n')
        .slice(1);
    expect(rows('client').map((row) => row.split(',')[10])).toEqual(['m2', 'm3', 'm4', 'm5', 'm2', 'm3']);
    expect(rows('m1').map((row) => row.split(',').at(-1))).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('counts requests that nobody answers, and wrong answers, and ends with status 1', async () => {
    const folder = copyWith(
      'faults',
      'published-shape',
      `requests:
  - { name: silent, jobId: 9, payload: [zeros: 16], count: 3, timeout: 1ms, retries: 1 }
  - { name: wrong, jobId: 0, payload: [zeros: 16], count: 2, expect: [u32: 0, text: "ho: ", zeros: 12] }
  - { name: left-alone, jobId: 9, payload: [zeros: 16], timeout: 1ms, expect: nothing }
`,
    );
    const run = await testbed('run', '--program', folder, ...ONE_WORKER, '--transport', 'memory', ...out('faults-out'));
    expect(run.status).toBe(1);
    expect(run.stdout).toMatch(/client: wrong request 4 \(udp-4369\): octet 5: expected 0x6f, got 0x69/);
    expect(run.stdout).toMatch(/workload silent: 3 of 3 requests failed: 3 no-answer/);
    expect(run.stdout).toMatch(/workload wrong: 2 of 2 requests failed: 2 wrong-answer/);
    const { counters } = JSON.parse(readFileSync(join(scratch.path, 'faults-out', 'nodes', 'client.json'), 'utf8')) as {
      counters: Record<string, number>;
    };
    expect(counters).toMatchObject({ 'datagrams.unanswered': 3, 'datagrams.wrongAnswers': 2 });
    const rows = readFileSync(join(scratch.path, 'faults-out', 'requests', 'client.csv'), 'utf8');
    expect(rows.match(/,no-answer,/g)).toHaveLength(3);
  });

  it('sends what it does not know to the host', async () => {
    const folder = copyWith(
      'unknown',
      'published-shape',
      'requests: [{ name: other, port: 9999, payload: "0102", timeout: 1ms, expect: nothing }]',
    );
    await summaryOf('--program', folder, ...ONE_WORKER, '--transport', 'memory', ...out('unknown-out'));
    const { counters } = JSON.parse(readFileSync(join(scratch.path, 'unknown-out', 'nodes', 'm2.json'), 'utf8')) as {
      counters: Record<string, number>;
    };
    expect(counters.host_portUnreachable).toBe(1);
  });
});

describe('lambdas alone', () => {
  it('are matched, parsed for and answered without any P4', async () => {
    const folder = join(root, 'examples', 'lambdas-alone');
    const summary = await summaryOf('--program', folder, ...ONE_WORKER, '--transport', 'memory', ...out('alone'));
    expect(summary.failures).toEqual([]);
    expect(summary.workloads.map(({ completed }) => completed)).toEqual([200, 50, 100]);
  });
});

describe('what is refused', () => {
  it.each([
    ['a folder that is none', () => join(scratch.path, 'none'), /--program: expected a folder with a program/],
    ['a folder without a program', () => join(root, 'docs'), /--program: expected a P4 program or Micro-C lambdas in/],
    [
      'an object that the program does not have',
      () => copyWith('object', 'published-shape', 'memory: { pictures: "00" }\nrequests: [{ name: web }]'),
      /memory: the program has no object 'pictures': did you mean 'picture'\?/,
    ],
    [
      'an object that is smaller',
      () => copyWith('small', 'published-shape', 'memory: { picture_ready: "0000" }\nrequests: [{ name: web }]'),
      /memory: expected at most the 1 octets of picture_ready, got 2/,
    ],
    [
      'a lambda that is not there',
      () => copyWith('lambda', 'lambdas-alone', 'requests: [{ name: web, lambda: nxt }]'),
      /requests web: no lambda 'nxt': expected one of next, tally; did you mean 'next'\?/,
    ],
    [
      'a payload that is no octets',
      () => copyWith('payload', 'published-shape', 'requests:\n  - { name: web, payload: xyz }'),
      /workload\.yaml:2:\d+: .*payload.*hexadecimal octets/,
    ],
    [
      'a key that is not known',
      () => copyWith('key', 'published-shape', 'requests:\n  - { name: web, jobid: 1 }'),
      /workload\.yaml:2:\d+: .*jobid.*jobId/,
    ],
  ])('%s', async (_, folder, message) => {
    const { status, stderr } = await testbed('run', '--program', folder(), ...ONE_WORKER, '--transport', 'memory');
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });
});
