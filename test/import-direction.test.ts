import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise, type IReporterOutput } from 'dependency-cruiser';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Folder {
  readonly path: string;
  readonly mayImport: readonly string[];
}

/** The table of docs/ARCHITECTURE.md: folder and what it may import. */
function foldersOfTheTable(): Folder[] {
  const text = readFileSync(join(root, 'docs', 'ARCHITECTURE.md'), 'utf8');
  const folders: Folder[] = [];
  for (const line of text.split('\n')) {
    const cells = line.split('|').map((cell) => cell.trim());
    const path = /^`([a-z/-]+)\/`$/.exec(cells[1] ?? '')?.[1];
    if (path === undefined || cells.length !== 6) continue;
    const mayImport = cells[4]!.split(',').map((name) => name.trim());
    folders.push({ path, mayImport: mayImport.filter((name) => name !== '-' && name !== '') });
  }
  return folders;
}

describe('import direction', () => {
  const folders = foldersOfTheTable();

  it('finds the table of the architecture', () => {
    expect(folders.map((folder) => folder.path)).toContain('nodes/switch');
    expect(folders.length).toBeGreaterThan(15);
  });

  it('is as docs/ARCHITECTURE.md says, and has no cycle', async () => {
    const forbidden = folders.map(({ path, mayImport }) => ({
      name: `${path} may import ${mayImport.join(', ')}`,
      severity: 'error' as const,
      // Tests may also use what they compare with; their own folder's rules bind the rest.
      from: { path: `^${path}/`, pathNot: '\\.test\\.ts$' },
      to: {
        path: '^(base|packet|time|faults|pcap|link|npu|compiler|rdma|host|lambdas|topology|nodes|traffic-gen|openfaas|testbed|scripts|test|web)/',
        pathNot: `^(${[path, ...mayImport].join('|')})/`,
      },
    }));
    const result = await cruise(
      [...new Set(folders.map(({ path }) => path.split('/')[0]!))].filter((folder) => folder !== 'lambdas'),
      {
        baseDir: root,
        validate: true,
        tsPreCompilationDeps: true,
        exclude: { path: '(^|/)node_modules/|^dist/' },
        ruleSet: {
          forbidden: [
            ...forbidden,
            {
              name: 'no cycles',
              severity: 'error',
              from: {},
              to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
            },
          ],
        },
      },
    );
    const output = result.output as Exclude<IReporterOutput['output'], string>;
    expect(output.summary.totalCruised).toBeGreaterThan(60);
    const violations = output.summary.violations.map(({ from, to, rule }) => `${from} -> ${to} (${rule.name})`);
    expect(violations).toEqual([]);
  });
});
