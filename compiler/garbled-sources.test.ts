import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shippedProfile, shippedSources } from '../test/shipped-files.ts';
import { buildFirmware } from './build-firmware.ts';
import { Diagnostics, formatDiagnostic } from './diagnostics.ts';
import { compileToIr } from './front-end.ts';
import { LAMBDA_IDS } from './lambda-bench.ts';

/** Whatever a file holds, the compiler answers with diagnostics that have a place, and does not throw. */
const sources = shippedSources();
const profile = shippedProfile();
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
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const runs = { numRuns: 25 };

/** Programs that compile, small enough to go through the whole compiler many times. */
const CASES = fileURLToPath(new URL('4-lower/micro-c/cases', import.meta.url));
const programs = readdirSync(CASES)
  .filter((file) => file.endsWith('.c'))
  .map((file) => readFileSync(`${CASES}/${file}`, 'utf8'));

/** One match of the pattern replaced: the one at the share `which` of all of them. */
function replaceOne(text: string, pattern: RegExp, which: number, by: string): string {
  const places = [...text.matchAll(pattern)];
  const chosen = places[Math.floor(places.length * which)];
  if (chosen === undefined) return text;
  return text.slice(0, chosen.index) + by + text.slice(chosen.index + chosen[0].length);
}

/** An image, or diagnostics with an error among them; the IR stays valid after every pass. */
function build(program: string): boolean {
  const files = new Map([['case.c', program]]);
  const built = buildFirmware({ files, lambdas: [], runtime: ['case.c'], profile, options: { validatePasses: true } });
  if (!built.ok) expect(built.diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
  return built.ok;
}

describe('programs whose meaning was changed', () => {
  it.each([
    ['an index', 'row[i] = 7;'],
    ['a count', 'mem_read32(in, out, 4 * i);'],
    ['an index of transfer registers', 'mem_read32(in, out, 16); out[0] = in[i];'],
  ])('to have %s that proves to be too large compile', (_, statement) => {
    const text = `__emem unsigned int out[64];
      int main(void) {
        __lmem int row[5];
        __xread unsigned int in[4];
        int i = ctx() * 0 + 63;
        row[0] = 1;
        ${statement}
        out[1] = row[0];
      }`;
    expect(build(text)).toBe(true);
  });

  it('in one number', () => {
    const number = fc.constantFrom(
      '0',
      '1',
      '31',
      '32',
      '63',
      '64',
      '128',
      '1000000',
      '0x80000000',
      '~0',
      '1ull << 40',
    );
    fc.assert(
      fc.property(fc.constantFrom(...programs), place, number, (program, which, by) => {
        build(replaceOne(program, /(?<!\w)(0x[0-9a-f]+|\d+)(?!\w)/g, which, by));
      }),
      runs,
    );
  });

  it('in one operator', () => {
    const operator = fc.constantFrom('+', '-', '*', '/', '%', '<<', '>>', '&', '|', '<', '==', '&&', ',', '=', '/=');
    fc.assert(
      fc.property(fc.constantFrom(...programs), place, operator, (program, which, by) => {
        build(replaceOne(program, /(?<= )(\+|-|\*|\/|%|<<|>>|&|\||<|==|&&|=)(?= )/g, which, by));
      }),
      runs,
    );
  });
});

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
