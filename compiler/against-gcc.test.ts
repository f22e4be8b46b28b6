import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { shippedProfile } from '../test/shipped-files.ts';
import { PASSES } from './5-optimise/passes.ts';
import { randomMicroC } from './random-micro-c.ts';
import { runAsIr, runOnNpu } from './run-micro-c.ts';

/** gcc is the other opinion on what a program means; CI has it, so there the test is never left out. */
const hasGcc = spawnSync('gcc', ['--version']).status === 0 || process.env.CI !== undefined;
const PROGRAMS = 24;
const FIRST_SEED = 1;

const SHIM = [
  '#include <stdio.h>',
  '#include <stdlib.h>',
  '#define __emem',
  '#define halt() do { for (unsigned i = 0; i < 64; i++) printf("%u\\n", out[i]); exit(0); } while (0)',
  '',
].join('\n');

describe.skipIf(!hasGcc)('random integer programs give what gcc gives', () => {
  const folder = mkdtempSync(join(tmpdir(), 'micro-c-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function byGcc(source: string): number[] {
    const file = join(folder, 'program.c');
    writeFileSync(file, SHIM + source);
    execFileSync('gcc', ['-w', '-fwrapv', '-O0', '-o', join(folder, 'program'), file]);
    return execFileSync(join(folder, 'program'), { encoding: 'utf8' }).trim().split('\n').map(Number);
  }

  it.each(Array.from({ length: PROGRAMS }, (_, i) => FIRST_SEED + i))('seed %i', (seed) => {
    const source = randomMicroC(seed);
    const expected = byGcc(source);
    expect(runAsIr(source)).toEqual(expected);
    expect(runOnNpu(source, shippedProfile())).toEqual(expected);
    if (seed % 4 === 0) {
      const names = PASSES.map((pass) => pass.name);
      expect(runOnNpu(source, shippedProfile(), names)).toEqual(expected);
    }
  });
});
