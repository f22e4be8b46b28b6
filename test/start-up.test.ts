import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
/** What is loaded before the module runs; `import type` is gone by then, and `import()` comes later. */
const IMPORT = /^(?:import|export) (?!type )[^;]*?from '([^']+)';|^import '([^']+)';/gm;

/** Modules and packages that are loaded together with a module. */
function loadedWith(module: string): Set<string> {
  const loaded = new Set([module]);
  for (const path of loaded) {
    if (!path.endsWith('.ts')) continue;
    const text = readFileSync(join(root, path), 'utf8');
    for (const [, from, alone] of text.matchAll(IMPORT)) {
      const name = from ?? alone!;
      loaded.add(name.startsWith('.') ? relative(root, join(root, dirname(path), name)) : name);
    }
  }
  return loaded;
}

describe('the command', () => {
  it('loads what a command does when that is asked for, so that it starts at once', () => {
    const loaded = [...loadedWith('testbed/main.ts')];
    expect(loaded).toContain('testbed/commands/compile-command.ts');
    const packages = loaded.filter((name) => !name.endsWith('.ts') && !name.startsWith('node:'));
    expect(packages.sort()).toEqual(['picocolors', 'yargs']);
    const others = loaded.filter((name) => /^(compiler|link|nodes|npu|pcap)\//.test(name));
    expect(others.sort()).toEqual(['compiler/optimisation-levels.ts', 'compiler/pass-names.ts']);
  });
});
