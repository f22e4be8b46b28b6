import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { Diagnostics } from '../diagnostics.ts';
import { lex } from './lex.ts';
import { preprocess } from './preprocess.ts';
import { randomMacros } from './random-macros.ts';

/** gcc is the other opinion on what a program means; CI has it, so there the test is never left out. */
const hasGcc = spawnSync('gcc', ['--version']).status === 0 || process.env.CI !== undefined;
const PROGRAMS = Number(process.env.MICRO_C_RANDOM_PROGRAMS ?? 60);

/** Tokens as they are read, so that only white space between them does not count. */
function words(text: string): string[] {
  return lex('output', text)
    .slice(0, -1)
    .map((token) => token.text);
}

describe.skipIf(!hasGcc)('random macros give what gcc gives', () => {
  it.each(Array.from({ length: PROGRAMS }, (_, i) => i + 1))('seed %i', (seed) => {
    const source = randomMacros(seed);
    const { stdout, stderr, status } = spawnSync('gcc', ['-E', '-P', '-w', '-std=gnu17', '-undef', '-'], {
      input: source,
      encoding: 'utf8',
    });
    expect(`${status} ${stderr}`).toBe('0 ');
    const diagnostics = new Diagnostics();
    const tokens = preprocess(
      { files: new Map([['a.c', source]]), main: 'a.c', includePaths: [], defines: {} },
      diagnostics,
    );
    expect(diagnostics.list.filter(({ severity }) => severity === 'error')).toEqual([]);
    const ours = tokens
      .map((token) => (token.kind === 'pragma' ? `#pragma ${token.text}\n` : `${token.text}\n`))
      .join('');
    expect(words(ours)).toEqual(words(stdout));
  });
});
