import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { shippedProfile } from '../../../test/shipped-files.ts';
import { PASSES } from '../../5-optimise/passes.ts';
import { runAsIr, runOnNpu } from '../../run-micro-c.ts';

/**
 * One program a construct; `<name>.expected` is what it leaves in `out`, a word a line. The expected words of all
 * programs that are plain C come from gcc (`gcc -fwrapv`, the memories' names defined away), not from this compiler.
 */
const FOLDER = fileURLToPath(new URL('cases', import.meta.url));
const names = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.c'))
  .map((file) => file.slice(0, -2));

describe.each(names)('%s.c', (name) => {
  const source = readFileSync(`${FOLDER}/${name}.c`, 'utf8');
  const expected = readFileSync(`${FOLDER}/${name}.expected`, 'utf8').trim().split('\n');
  const hex = (words: readonly number[]): string[] => words.map((word) => word.toString(16).padStart(8, '0'));

  it('as IR', () => {
    expect(hex(runAsIr(source))).toEqual(expected);
  });
  it('on the NPU', () => {
    expect(hex(runOnNpu(source, shippedProfile()))).toEqual(expected);
  });
  it('on the NPU, not optimised', () => {
    expect(
      hex(
        runOnNpu(
          source,
          shippedProfile(),
          PASSES.map((pass) => pass.name),
        ),
      ),
    ).toEqual(expected);
  });
});
