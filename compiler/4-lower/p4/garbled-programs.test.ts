import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { preprocess } from '../../1-preprocess/preprocess.ts';
import { parseP4 } from '../../2-parse/p4/parse.ts';
import { analyzeP4 } from '../../3-analyze/p4/analyze.ts';
import { Diagnostics } from '../../diagnostics.ts';
import { pluginHeader } from './header-file.ts';
import { lowerP4 } from './lower.ts';
import { NO_RULES } from './program-rules.ts';

/** Programs with one token replaced or left out give C, or errors; nothing is thrown. */

const PROGRAM = readFileSync(new URL('cases/data-center.p4', import.meta.url), 'utf8');
const TOKENS = PROGRAM.split(/(\s+|\b)/);

function compile(source: string): Diagnostics {
  const diagnostics = new Diagnostics();
  const tokens = preprocess({ files: new Map([['p', source]]), main: 'p', includePaths: [], defines: {} }, diagnostics);
  const program = parseP4(tokens, diagnostics);
  if (diagnostics.hasErrors) return diagnostics;
  const model = analyzeP4(program, diagnostics);
  if (diagnostics.hasErrors) return diagnostics;
  const text = lowerP4(model, NO_RULES, { ticksPerSecond: 1, wholeProgram: true, plugins: '' }, diagnostics);
  expect(text === undefined).toBe(diagnostics.hasErrors);
  expect(pluginHeader(model, '')).not.toContain('undefined');
  if (text !== undefined) expect(text.text).not.toMatch(/undefined|NaN/);
  return diagnostics;
}

describe('a garbled P4 program', () => {
  it('is fine as it was', () => {
    expect(compile(PROGRAM).list).toEqual([]);
  });

  it('is refused or compiled', () => {
    const words = [
      ...[
        '',
        'ipv4',
        'vlan_tag',
        'vlan_tag[9]',
        'mpls[last]',
        'mpls[next]',
        'latest',
        'current(0, 8)',
        'start',
        'ingress',
      ],
      ...[
        '0',
        '-1',
        '4096',
        '0xffffffffffffffffffff',
        '*',
        'valid(arp)',
        'parse_mpls',
        'meta',
        'forward',
        'payload',
        ';',
      ],
    ];
    fc.assert(
      fc.property(fc.nat(TOKENS.length - 1), fc.constantFrom(...words), (at, word) => {
        compile([...TOKENS.slice(0, at), word, ...TOKENS.slice(at + 1)].join(''));
      }),
      { numRuns: 150 },
    );
  });
});
