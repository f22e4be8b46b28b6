import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { shippedProfile } from '../../test/shipped-files.ts';
import { formatDiagnostic } from '../diagnostics.ts';
import { hexOf } from '../stf/compare-packet.ts';
import type { StfOutcome } from '../stf/outcomes.ts';
import { runStf } from '../stf/run-stf.ts';

/** One P4 program a construct, and packets with what it makes of them, through the compiled image on the NPU. */

const folder = new URL('./', import.meta.url);
const names = readdirSync(folder);
const files = new Map(
  names
    .filter((name) => !name.endsWith('.ts'))
    .map((name): [string, string] => [name, readFileSync(new URL(name, folder), 'utf8')]),
);

const profile = shippedProfile();

describe('P4 programs', () => {
  it.each(names.filter((name) => name.endsWith('.stf')).map((name) => name.replace('.stf', '')))('%s', (name) => {
    const run = runStf({
      files,
      p4: `${name}.p4`,
      stf: `${name}.stf`,
      microC: files.has(`${name}.c`) ? [`${name}.c`] : [],
      ...(files.has(`${name}.p4cfg`) ? { rules: `${name}.p4cfg` } : {}),
      includePaths: [],
      defines: {},
      profile,
    });
    if (!run.ok) throw new Error(run.diagnostics.map((each) => formatDiagnostic(each, files)).join('\n'));
    expect(run.outcomes.filter(({ passed }) => !passed).map(told)).toEqual([]);
    expect(run.outcomes.length).toBeGreaterThan(0);
  });
});

function told(outcome: StfOutcome): string {
  const { kind, position } = outcome;
  const what = `${position.file}:${position.line}: ${kind}`;
  switch (outcome.kind) {
    case 'expect':
      return `${what} ${outcome.expect.nibbles}, got ${outcome.received && hexOf(outcome.received)}`;
    case 'check':
      return `${what} ${outcome.check.name.text}: ${outcome.actual}`;
    case 'unexpected':
      return `${what} on port ${outcome.port}: ${hexOf(outcome.received)}`;
    case 'fault':
      return `${what} ${outcome.fault.kind} at ${outcome.fault.file}:${outcome.fault.line}`;
    default:
      return `${what}: ${outcome.received.length}`;
  }
}
