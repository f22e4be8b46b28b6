import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shippedSources } from '../test/shipped-files.ts';
import { Diagnostics, formatDiagnostic } from './diagnostics.ts';
import { compileToIr } from './front-end.ts';
import { LAMBDA_IDS } from './lambda-bench.ts';

/** Whatever a file holds, the compiler answers with diagnostics that have a place, and does not throw. */
const sources = shippedSources();
const paths = [...sources.keys()].filter((path) => /\.(c|h|p4)$/.test(path));

function compile(files: ReadonlyMap<string, string>): Diagnostics {
  const diagnostics = new Diagnostics();
  const defines: Record<string, string> = { MEMCACHED_ADDRESS: '1', MEMCACHED_MAC_HI: '2', MEMCACHED_MAC_LO: '3' };
  for (const [name, id] of Object.entries(LAMBDA_IDS))
    defines[`${name.toUpperCase().replace(/-/g, '_')}_ID`] = String(id);
  const lambdas = Object.keys(LAMBDA_IDS).map((name) => ({ path: `lambdas/${name}/${name}.c`, owner: name }));
  const runtime = ['main.c', 'message.c'].map((file) => ({ path: `lambdas/runtime/${file}`, owner: 'runtime' }));
  const module = compileToIr(
    {
      files,
      p4: 'lambdas/runtime/match.p4',
      rules: undefined,
      microC: [...runtime, ...lambdas],
      includePaths: ['lambdas/runtime'],
      defines,
      entry: 'main',
    },
    diagnostics,
  );
  expect(module === undefined).toBe(diagnostics.hasErrors);
  for (const each of diagnostics.list) {
    expect(each.position.line).toBeGreaterThan(0);
    expect(formatDiagnostic(each, files)).toContain(each.code);
  }
  return diagnostics;
}

function changed(path: string, change: (text: string) => string): Map<string, string> {
  return new Map(sources).set(path, change(sources.get(path) ?? ''));
}

const path = fc.constantFrom(...paths);
const place = fc.double({ min: 0, max: 1, noNaN: true });
const runs = { numRuns: 25 };

describe('sources that were', () => {
  it('left whole compile', () => {
    expect(compile(sources).hasErrors).toBe(false);
  });

  it('cut off', () => {
    fc.assert(
      fc.property(path, place, (file, at) => {
        compile(changed(file, (text) => text.slice(0, Math.floor(text.length * at))));
      }),
      runs,
    );
  });

  it('changed in one place', () => {
    fc.assert(
      fc.property(
        path,
        place,
        fc.string({ unit: 'binary', maxLength: 3 }),
        fc.nat(4),
        (file, at, inserted, removed) => {
          const start = (text: string): number => Math.floor(text.length * at);
          compile(changed(file, (text) => text.slice(0, start(text)) + inserted + text.slice(start(text) + removed)));
        },
      ),
      runs,
    );
  });

  it('shuffled by tokens', () => {
    fc.assert(
      fc.property(path, place, place, (file, from, to) => {
        compile(
          changed(file, (text) => {
            const tokens = text.split(/(\s+|\b)/);
            const a = Math.floor((tokens.length - 1) * from);
            const b = Math.floor((tokens.length - 1) * to);
            [tokens[a], tokens[b]] = [tokens[b] ?? '', tokens[a] ?? ''];
            return tokens.join('');
          }),
        );
      }),
      runs,
    );
  });

  it('noise from the start', () => {
    const piece = fc.constantFrom(
      ...'( ) { } [ ] * & = , ; : ? # "x" int struct x 1 . -> ++ if else while for return header parser table'.split(
        ' ',
      ),
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 60 }),
        fc.constantFrom('lambdas/runtime/main.c', 'lambdas/runtime/match.p4'),
        (pieces, file) => {
          compile(changed(file, () => pieces.join(' ')));
        },
      ),
      runs,
    );
  });

  it('nested without end', () => {
    for (const open of [
      '(',
      '[',
      '{',
      '-',
      '!',
      '*',
      '&x=',
      'x?',
      '~(',
      'if(x)',
      'do ',
      'int (*',
      'sizeof ',
      '(int)',
    ]) {
      const text = `int main(void) { return ${open.repeat(5000)}`;
      expect(compile(new Map(sources).set('lambdas/runtime/main.c', text)).hasErrors).toBe(true);
    }
    expect(compile(new Map(sources).set('lambdas/runtime/main.c', `#if ${'('.repeat(5000)}\n#endif`)).hasErrors).toBe(
      true,
    );
    expect(
      compile(new Map(sources).set('lambdas/runtime/match.p4', `control ingress { ${'if (not '.repeat(5000)}`))
        .hasErrors,
    ).toBe(true);
  });
});
