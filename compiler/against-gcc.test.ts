import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { shippedProfile } from '../test/shipped-files.ts';
import { buildCProgram, runCProgram } from './c-program.ts';
import { OPTIMISATION_LEVELS, type OptimisationLevel, passesLeftOut } from './optimisation-levels.ts';
import { textOf } from './random-c/node.ts';
import { randomC } from './random-c/random-c.ts';
import { shrink } from './random-c/shrink.ts';

/** gcc is the other opinion on what a program means; CI has it, so there the test is never left out. */
const hasGcc = spawnSync('gcc', ['--version']).status === 0 || process.env.CI !== undefined;
/** `MICRO_C_RANDOM_PROGRAMS=2000` for a night. */
const PROGRAMS = Number(process.env.MICRO_C_RANDOM_PROGRAMS ?? 12);
const FIRST_SEED = 1;
/** How often a program that fails is compiled to find a smaller one. */
const SHRINK_ATTEMPTS = 250;
const LIMIT_CYCLES = 300_000_000;
const MINUTE = 60_000;
/** Limits of the chip that a program may exceed without being wrong. */
/** So many of them, of all builds. */
const LIMITED_SHARE = 0.02;
const CHIP_LIMITS: readonly string[] = ['link-local-memory-exceeded', 'link-code-store-exceeded'];

describe.skipIf(!hasGcc)('random C programs give what gcc gives', () => {
  const folder = mkdtempSync(join(tmpdir(), 'random-c-'));
  const profile = shippedProfile();
  let limited = 0;
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Output and exit status; undefined when gcc does not take it, or it does not end. */
  function byGcc(source: string): string | undefined {
    const file = join(folder, 'program.c');
    writeFileSync(file, source);
    const program = join(folder, 'program');
    const flags = ['-w', '-fwrapv', '-fno-strict-aliasing', '-O1'];
    if (spawnSync('gcc', [...flags, '-o', program, file]).status !== 0) return undefined;
    const { status, stdout } = spawnSync(program, { encoding: 'utf8', timeout: 10_000 });
    return status === null ? undefined : `${stdout}exit status ${status}`;
  }

  /** The same of ours; what else came of it begins with `!`. */
  function byUs(source: string, level: OptimisationLevel): string {
    const sources = { files: new Map([['program.c', source]]), mains: ['program.c'] };
    const build = buildCProgram(sources, profile, { disabledPasses: passesLeftOut(level) });
    if (!build.ok) return `! ${build.diagnostics.find(({ severity }) => severity === 'error')?.code}`;
    let output = '';
    const { exitStatus, result } = runCProgram(build.image, profile, {
      limitCycles: LIMIT_CYCLES,
      write: (_, octet) => {
        output += String.fromCharCode(octet);
      },
    });
    return exitStatus === undefined
      ? `! ${result.faults[0]?.kind ?? result.end}`
      : `${output}exit status ${exitStatus}`;
  }

  const seeds = Array.from({ length: PROGRAMS }, (_, i) => FIRST_SEED + i);
  it.each(seeds)('seed %i', { timeout: 5 * MINUTE }, (seed) => {
    const program = randomC(seed);
    const source = textOf(program);
    const expected = byGcc(source);
    expect(expected).toBeDefined();
    for (const level of OPTIMISATION_LEVELS) {
      const found = byUs(source, level);
      if (found === expected) continue;
      if (CHIP_LIMITS.some((code) => found === `! ${code}`)) {
        limited++;
        continue;
      }
      const isRefused = found.startsWith('!');
      const small = shrink(
        program,
        (text) => {
          const right = byGcc(text);
          if (right === undefined) return false;
          const ours = byUs(text, level);
          return isRefused ? ours === found : ours !== right && !ours.startsWith('!');
        },
        SHRINK_ATTEMPTS,
      );
      expect.fail(`-O${level} of this gives ${byUs(small, level)}, and gcc's ${byGcc(small)}:\n${small}`);
    }
  });

  it('and nearly all of them fit the chip', () => {
    expect(limited).toBeLessThanOrEqual(LIMITED_SHARE * PROGRAMS * OPTIMISATION_LEVELS.length);
  });
});
