import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { sourceStack } from './source-stack.ts';

const folder = mkdtempSync(join(tmpdir(), 'source-stack-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a stack trace', () => {
  const built = join(folder, 'dist', 'thrower.js');
  mkdirSync(join(folder, 'dist'));
  // Its third line is the fourth of the source.
  const map = { version: 3, file: 'thrower.js', sources: ['../thrower.ts'], names: [], mappings: ';;AAGA' };
  writeFileSync(`${built}.map`, JSON.stringify(map));

  it.each([pathToFileURL(built).href, built])('has places of the source: %s', (place) => {
    const stack = `Error: no\n    at thrower (${place}:3:1)\n    at ${place}:3:7`;
    const source = join(folder, 'thrower.ts');
    expect(sourceStack(stack)).toBe(`Error: no\n    at thrower (${source}:4:1)\n    at ${source}:4:1`);
  });

  it('keeps places for which there is no map', () => {
    const stack = 'Error: no\n    at file:///nowhere/other.js:1:2\n    at node:internal/process:1:1';
    expect(sourceStack(stack)).toBe(stack);
  });
});
