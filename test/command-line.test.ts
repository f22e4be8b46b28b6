import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt, scratchFolder, summaryOf, testbed } from './run-testbed.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = scratchFolder();

beforeAll(ensureBuilt);
afterAll(() => scratch.dispose());

/** The four-workers file in a folder of its own, with one place changed. */
function topologyWith(name: string, from: string, to: string): string {
  const text = readFileSync(join(root, 'topology', 'four-workers.yaml'), 'utf8').replaceAll(
    '../lambdas',
    join(root, 'lambdas'),
  );
  expect(text).toContain(from);
  const path = join(scratch.path, `${name}.yaml`);
  writeFileSync(path, text.replace(from, to));
  return path;
}

/** A lambda folder with a mistake in line 3, and a topology that names it. */
function brokenLambda(): { readonly topology: string; readonly source: string } {
  const folder = join(scratch.path, 'web-server');
  cpSync(join(root, 'lambdas', 'web-server'), folder, { recursive: true });
  const source = join(folder, 'web-server.c');
  const lines = readFileSync(source, 'utf8').split('\n');
  lines.splice(2, 0, 'int broken(void) { return undeclared_name; }');
  // The third line must be code, whatever comment the file starts with.
  writeFileSync(source, ['', '', lines[2]!, ...lines.slice(0, 2), ...lines.slice(3)].join('\n'));
  return { topology: topologyWith('broken-lambda', `${join(root, 'lambdas', 'web-server')}`, folder), source };
}

describe('bad input ends with status 2 and one clear line', () => {
  const cases: [string, () => string[], RegExp][] = [
    [
      'an unknown topology',
      () => ['--topology', 'for-workers'],
      /no topology 'for-workers'.*did you mean 'four-workers'/,
    ],
    [
      'a MAC twice',
      () => ['--topology', topologyWith('mac', '00:15:4d:00:02:01', '00:15:4d:00:01:01')],
      /mac\.yaml:\d+:\d+: .*00:15:4d:00:01:01/,
    ],
    ['a name twice', () => ['--topology', topologyWith('name', 'name: m3', 'name: m2')], /name\.yaml:\d+:\d+: .*m2/],
    [
      'a delay of zero',
      () => ['--topology', topologyWith('delay', 'medium: 10gbase-cr, length: 3m', 'medium: 10gbase-cr, delay: 0ns')],
      /delay\.yaml:\d+:\d+: .*delay.*above zero, got '0ns'/,
    ],
    ['an unknown flag', () => ['--frobnicate'], /frobnicate/],
    ['a flag without its value', () => ['--topology'], /--topology: expected a value/],
    ['a switch with a value', () => ['--json=yes'], /--json: a switch, expected no value/],
    ['a folder as topology', () => ['--topology', scratch.path], /'.*' is a folder: expected a YAML file or a name/],
    [
      'more requests than a topology may ask for',
      () => ['--requests', '10000001'],
      /--requests: .* from 1 to 10000000/,
    ],
    ['a flag that is no number', () => ['--requests', 'many'], /--requests: expected a whole number/],
    ['a share out of range', () => ['--drop-datagrams', '1.5'], /--drop-datagrams: expected a share from 0 to 0\.9/],
    ['an unknown workload', () => ['--workload', 'video'], /--workload: expected one of all, .*got 'video'/],
    [
      'an image that is not there',
      () => ['--image', join(scratch.path, 'none.png')],
      /image '.*none\.png' cannot be read \(ENOENT\)/,
    ],
    [
      'an image that is no image',
      () => {
        writeFileSync(join(scratch.path, 'text.png'), 'not a picture');
        return ['--image', join(scratch.path, 'text.png')];
      },
      /text\.png' is not a PNG/,
    ],
    [
      'an image that does not fit',
      () => {
        const path = join(scratch.path, 'large.png');
        writeFileSync(path, PNG.sync.write(new PNG({ width: 400, height: 400 })));
        return ['--image', path];
      },
      /large\.png': image of 400 x 400: takes 640036 octets in/,
    ],
    [
      'a results folder that cannot be written',
      () => ['--out', '/proc/results'],
      /results folder '\/proc\/results' cannot be written/,
    ],
    [
      'a results folder in use',
      () => {
        mkdirSync(join(scratch.path, 'mine'));
        writeFileSync(join(scratch.path, 'mine', 'thesis.txt'), 'years of work');
        return ['--out', join(scratch.path, 'mine'), '--overwrite'];
      },
      /holds files that are not a run's/,
    ],
  ];
  for (const [name, options, expected] of cases) {
    it(name, async () => {
      const { status, stdout, stderr } = await testbed('run', ...options());
      expect(stderr).toMatch(expected);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(stdout).toBe('');
      expect(status).toBe(2);
    });
  }

  it('a lambda that does not compile, at its own file, line and column', async () => {
    const { topology, source } = brokenLambda();
    const { status, stderr } = await testbed('run', '--topology', topology);
    expect(stderr).toContain(`${source}:3:27: error:`);
    expect(stderr).toContain('undeclared_name');
    expect(status).toBe(2);
  });

  it('a lambda with control characters, of which the terminal sees none', async () => {
    const { topology, source } = brokenLambda();
    writeFileSync(source, readFileSync(source, 'utf8').replace('undeclared_name', 'undeclared_name\0\x1b[2J'));
    const { status, stderr } = await testbed('run', '--topology', topology);
    expect(stderr).toContain(`${source}:3:`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not come
    expect(stderr).not.toMatch(/[\x00-\x08\x0b-\x1f]/);
    expect(stderr).toContain('␀␛[2J');
    expect(status).toBe(2);
  });

  it('names a lambda that never ends, and its line', async () => {
    const folder = join(scratch.path, 'endless', 'web-server');
    cpSync(join(root, 'lambdas', 'web-server'), folder, { recursive: true });
    const source = join(folder, 'web-server.c');
    const lines = readFileSync(source, 'utf8').split('\n');
    const line = lines.findIndex((text) => text.includes('lnic_is_whole'));
    lines.splice(line, 0, '  for (;;) {}');
    writeFileSync(source, lines.join('\n'));
    const topology = topologyWith('endless', join(root, 'lambdas', 'web-server'), folder);
    const out = join(scratch.path, 'endless-run');
    const options = [
      '--topology',
      topology,
      '--workload',
      'web',
      '--requests',
      '3',
      '--transport',
      'memory',
      '--out',
      out,
    ];
    const { status, stderr } = await testbed('run', ...options);
    expect(stderr).toMatch(new RegExp(`m\\d: lambda web-server did not end .*web-server\\.c:${line + 1}`));
    expect(status).toBe(1);
  });

  it('an unknown command, which is named, and none at all', async () => {
    const unknown = await testbed('rn');
    expect(unknown.stderr).toMatch(/^error: no command 'rn': expected one of run, .*npu .*\n$/);
    expect(unknown.status).toBe(2);
    expect((await testbed()).status).toBe(2);
  });
});

/** The tables of client and gateway agree on who served which request. */
function expectJoined(out: string): void {
  const client = readTable(join(out, 'requests', 'client.csv'));
  const gateway = readTable(join(out, 'requests', 'm1.csv'));
  for (const row of client) {
    const served = gateway.filter((candidate) => candidate.forRequestId === row.requestId);
    expect(served.map(({ worker }) => worker)).toContain(row.worker);
    for (const { kind, startPs, endPs } of served) {
      expect(row.transport === 'rdma' ? ['lease', 'follow-up'] : ['request']).toContain(kind);
      expect(Number(startPs)).toBeGreaterThan(Number(row.startPs));
      if (kind === 'request') expect(Number(endPs)).toBeLessThan(Number(row.endPs));
    }
  }
  const probes = gateway.filter(({ kind }) => kind === 'probe');
  expect(probes.length).toBeGreaterThan(0);
  expect(gateway.filter(({ forRequestId }) => forRequestId === '')).toEqual(probes);
}

function readTable(path: string): Record<string, string>[] {
  const [head, ...lines] = readFileSync(path, 'utf8').trim().split('\n');
  const columns = head!.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [columns[i]!, cell])));
}

describe('a run on the command line', () => {
  it('prints the table, the digest and the folder, and keeps raw values', async () => {
    const out = join(scratch.path, 'table');
    const { status, stdout, stderr } = await testbed('run', '--transport', 'memory', '--requests', '10', '--out', out);
    expect(status).toBe(0);
    for (const workload of ['web', 'key-value', 'image']) {
      expect(stdout).toMatch(new RegExp(`${workload} +│ +10 │ +10 │ +0 │ +0 │ +[\\d.]+ [mu]s`));
      expect(stderr).toContain(`${workload}: 10 of 10 requests`);
    }
    expect(stdout).toMatch(/digest {5}[0-9a-f]{64}\n/);
    expect(stdout).toContain(out);
    expect(readdirSync(out).sort()).toEqual(
      ['captures', 'events.jsonl', 'manifest.json', 'nodes', 'ports.json', 'requests', 'summary.json'].sort(),
    );
    const rows = readFileSync(join(out, 'requests', 'client.csv'), 'utf8')
      .trim()
      .split('\n');
    expect(rows).toHaveLength(31);
    expect(rows[0]).toContain('latencyPs');
    expectJoined(out);
    const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as { state: string; digest: string };
    expect(manifest.state).toBe('complete');
    expect(stdout).toContain(manifest.digest);
  });

  it('carries a picture of the user, whatever its size', async () => {
    const picture = new PNG({ width: 61, height: 45 });
    for (let i = 0; i < picture.data.length; i++) picture.data[i] = (i * 31) % 256;
    const path = join(scratch.path, 'picture.png');
    writeFileSync(path, PNG.sync.write(picture));
    const options = ['--workload', 'image', '--image', path, '--requests', '6', '--transport', 'memory'];
    const { workloads } = await summaryOf(...options, '--out', join(scratch.path, 'picture'));
    expect(workloads[0]).toMatchObject({ completed: 6, failed: 0 });
  });

  it('explains itself', async () => {
    const { status, stdout } = await testbed('run', '--help');
    expect(status).toBe(0);
    for (const flag of [
      '--topology',
      '--workload',
      '--requests',
      '--concurrency',
      '--seed',
      '--transport',
      '--clock',
      '--out',
      '--json',
      '--image',
    ]) {
      expect(stdout).toContain(flag);
    }
    expect(stdout).toContain('Examples:');
  });
});
