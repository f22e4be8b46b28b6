import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { InputError } from '../base/errors.ts';
import { loadTopology, projectFolder } from '../topology/load-topology.ts';
import { scratchFolder } from './run-testbed.ts';

interface BadTopology {
  readonly what: string;
  readonly replace: string;
  readonly by: string;
  readonly says: string;
}

const table = fileURLToPath(new URL('bad-topologies.yaml', import.meta.url));
const cases = parse(readFileSync(table, 'utf8')) as BadTopology[];
const good = readFileSync(join(projectFolder(), 'topology', 'four-workers.yaml'), 'utf8');

describe('a topology file with', () => {
  const scratch = scratchFolder();
  const file = join(scratch.path, 't.yaml');
  afterAll(() => scratch.dispose());

  /** The line that a person reads. */
  function said(text: string): string {
    writeFileSync(file, text);
    try {
      loadTopology(file);
    } catch (error) {
      if (error instanceof InputError) return error.message.replace(file, 't.yaml');
      throw error;
    }
    return 'nothing';
  }

  test.each(cases.map((each) => [each.what, each] as const))('%s', (_, { replace, by, says }) => {
    expect(good.split(replace), 'the place is in the file once').toHaveLength(2);
    expect(said(good.replace(replace, by))).toBe(says);
    expect(says).toMatch(/^t\.yaml:\d+:\d+: [^\n]+$/);
  });

  test('nothing wrong is read', () => {
    expect(cases.length).toBeGreaterThanOrEqual(40);
    expect(said(good)).toBe('nothing');
  });
});
