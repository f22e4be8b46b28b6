import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { shippedProfile } from '../test/shipped-files.ts';
import { buildCProgram, runCProgram } from './c-program.ts';
import { formatDiagnostic } from './diagnostics.ts';
import { OPTIMISATION_LEVELS, passesLeftOut } from './optimisation-levels.ts';

/**
 * A program a construct of C; `<name>.expected` is what it prints and, in the last line, its exit status, as gcc has it
 * (`gcc -fwrapv -w`), not this compiler. Names with `lower-` are those of programs that need the option `lower`.
 * Those in `card-programs` use what only the card has: they are expected to print what docs/micro-c.md says.
 */
const programs = ['c-programs', 'card-programs'].flatMap((folder) => {
  const path = fileURLToPath(new URL(folder, import.meta.url));
  const files = readdirSync(path).filter((file) => file.endsWith('.c'));
  return files.map((file) => ({ path, name: file.slice(0, -2) }));
});

describe.each(programs)('$name', ({ path, name }) => {
  const file = `${name}.c`;
  const files = new Map([[file, readFileSync(`${path}/${file}`, 'utf8')]]);
  const expected = readFileSync(`${path}/${name}.expected`, 'utf8');

  it.each(OPTIMISATION_LEVELS)('at -O%i', (level) => {
    const profile = shippedProfile();
    const options = { disabledPasses: passesLeftOut(level) };
    const build = buildCProgram({ files, mains: [file], lower: name.startsWith('lower-') }, profile, options);
    if (!build.ok) throw new Error(build.diagnostics.map((each) => formatDiagnostic(each, files)).join('\n'));
    const octets: number[] = [];
    const run = runCProgram(build.image, profile, { write: (_, octet) => octets.push(octet) });
    expect(`${String.fromCharCode(...octets)}exit ${run.exitStatus}\n`).toBe(expected);
  });
});
