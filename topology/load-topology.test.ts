import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { topologyJsonSchema } from './json-schema.ts';
import { knownTopologies, loadTopology, projectFolder } from './load-topology.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'topology-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('an unknown name lists the known ones and the nearest', () => {
  expect(knownTopologies()).toEqual([
    'chain',
    'dumbbell',
    'four-workers',
    'incast',
    'leaf-spine',
    'one-worker',
    'sixteen-workers',
    'sixty-four-workers',
    'two-planes',
    'two-racks',
  ]);
  expect(() => loadTopology('four-wokers')).toThrow(
    "no topology 'four-wokers': expected a path or one of chain, dumbbell, four-workers, incast, leaf-spine, one-worker, sixteen-workers, sixty-four-workers, two-planes, two-racks; did you mean 'four-workers'?",
  );
});

test('a folder is no topology', () => {
  expect(() => loadTopology(folder)).toThrow(`topology '${folder}' is a folder: expected a YAML file or a name`);
});

test('a path outside the project uses its own profiles before the project ones', () => {
  const file = path.join(folder, 'mine.yaml');
  cpSync(path.join(projectFolder(), 'topology', 'one-worker.yaml'), file);
  expect(loadTopology(file).switches[0]!.profile.latencyPs).toBe(500_000);
  const profile = path.join('profiles', 'switches', 'arista-7124s.yaml');
  cpSync(path.join(projectFolder(), 'topology', profile), path.join(folder, profile), { recursive: true });
  const text = readFileSync(path.join(folder, profile), 'utf8');
  writeFileSync(path.join(folder, profile), text.replace('500ns', '300ns'));
  const topology = loadTopology(file);
  expect(topology.switches[0]!.profile.latencyPs).toBe(300_000);
  expect(topology.lambdas[0]!.sourceFolder).toBe(path.resolve(folder, '../lambdas/web-server'));
});

test('the JSON schema for editors is the one of the code', () => {
  const written = readFileSync(path.join(projectFolder(), 'topology', 'topology.schema.json'), 'utf8');
  expect(written, 'run npx tsx scripts/generate-topology-schema.ts').toBe(topologyJsonSchema());
});
