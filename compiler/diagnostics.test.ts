import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Diagnostics, formatDiagnostic, programError } from './diagnostics.ts';
import { compileToIr } from './front-end.ts';

/**
 * Bad programs, a file each. Their first line says which errors are expected and where: `// expect: code line:column`;
 * `*` at the end: others may follow from it.
 */
const FOLDER = fileURLToPath(new URL('bad-programs', import.meta.url));
const RUNTIME = 'int pif_receive(void);\nvoid main(void) {\n  pif_receive();\n}\n';

function compile(name: string, source: string): Diagnostics {
  const diagnostics = new Diagnostics();
  const isP4 = name.endsWith('.p4');
  compileToIr(
    {
      files: new Map([
        [name, source],
        ['main.c', RUNTIME],
      ]),
      p4: isP4 ? name : undefined,
      rules: undefined,
      microC: [{ path: isP4 ? 'main.c' : name, owner: 'runtime' }],
      includePaths: [],
      defines: {},
      entry: 'main',
    },
    diagnostics,
  );
  return diagnostics;
}

describe('bad programs', () => {
  const names = readdirSync(FOLDER);
  it('are many', () => {
    expect(names.length).toBeGreaterThan(50);
  });

  it.each(names)('%s', (name) => {
    const source = readFileSync(`${FOLDER}/${name}`, 'utf8');
    const wanted = (source.split('\n')[0] ?? '').replace('// expect: ', '').split(', ');
    const open = wanted.at(-1) === '*';
    const expected = open ? wanted.slice(0, -1) : wanted;
    const { list } = compile(name, source);
    const found = list
      .filter((each) => each.severity === 'error')
      .map(({ code, position }) => `${code} ${position.line}:${position.column}`);
    expect(open ? found.slice(0, expected.length) : [...found].sort()).toEqual(open ? expected : [...expected].sort());
  });
});

describe('a diagnostic', () => {
  const source = 'int main(void) {\n\tint counter = 0;\n\treturn countr;\n}\n';
  const files = new Map([['a.c', source]]);

  it('shows the line, a caret below the column and a hint', () => {
    const { list } = compile('a.c', source);
    expect(formatDiagnostic(list[0]!, files)).toBe(
      [
        'a.c:3:9: error: countr is not declared [name-undeclared]',
        '    3 | \treturn countr;',
        '      | \t       ^',
        '  hint: did you mean counter?',
      ].join('\n'),
    );
  });

  it('becomes one InputError at the outer edge, each in the list with severity, place and excerpt', () => {
    const bad = 'int main(void) {\n  int unused;\n  return a + b;\n}\n';
    const error = programError('the lambdas', compile('a.c', bad).list, new Map([['a.c', bad]]));
    expect(error.code).toBe('name-undeclared');
    expect(error.message.split('\n')).toEqual([
      'the lambdas do not compile: 2 errors, 1 warning',
      'a.c:3:10: error: a is not declared [name-undeclared]',
      '    3 |   return a + b;',
      '      |          ^',
      'a.c:3:14: error: b is not declared [name-undeclared]',
      '    3 |   return a + b;',
      '      |              ^',
      'a.c:2:7: warning: unused is never used [unused-variable]',
      '    2 |   int unused;',
      '      |       ^',
    ]);
  });

  it('that is an error is kept behind any number of warnings', () => {
    const warnings = Array.from({ length: 150 }, (_, i) => `#warning ${i}\n`).join('');
    const { list } = compile('a.c', `${warnings}int main(void) { return nothing; }\n`);
    expect(list.filter((each) => each.severity === 'warning')).toHaveLength(100);
    expect(list.map((each) => each.code)).toContain('name-undeclared');
  });

  it('says that a divisor of zero is in a constant', () => {
    const { list } = compile('a.c', 'int x = 1/0;\nint main(void) {\n  return x;\n}\n');
    expect(list.map((each) => formatDiagnostic(each, new Map()))).toEqual([
      'a.c:1:10: error: division by zero in a constant expression [type-division-by-zero]',
    ]);
  });

  it('is given once for a place, however often the place is compiled', () => {
    const twice =
      'static int f(__xwrite unsigned int *a) {\n  return a[0];\n}\nint main(void) {\n  __xwrite unsigned int a[1];\n  a[0] = 1;\n  return f(a) + f(a);\n}\n';
    expect(compile('a.c', twice).list.filter((each) => each.severity === 'error').length).toBe(1);
  });

  it('can be a warning, which stops nothing', () => {
    const { list, hasErrors } = compile('a.c', 'int main(void) {\n  int unused;\n  1 + ctx();\n  return 1 << 40;\n}\n');
    expect(hasErrors).toBe(false);
    expect(list.map(({ code, position }) => `${code} ${position.line}:${position.column}`)).toEqual([
      'statement-without-effect 3:3',
      'shift-out-of-range 4:12',
      'unused-variable 2:7',
    ]);
  });
});
