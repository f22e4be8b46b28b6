import { describe, expect, it } from 'vitest';
import { Diagnostics } from '../diagnostics.ts';
import { preprocess } from './preprocess.ts';

function text(source: string, files: Record<string, string> = {}, defines: Record<string, string> = {}): string {
  const diagnostics = new Diagnostics();
  const all = new Map(Object.entries({ ...files, 'src/main.c': source }));
  const tokens = preprocess({ files: all, main: 'src/main.c', includePaths: ['inc'], defines }, diagnostics);
  expect(diagnostics.list.filter((each) => each.severity === 'error')).toEqual([]);
  return tokens
    .slice(0, -1)
    .map((token) => (token.kind === 'pragma' ? `#pragma ${token.text}` : token.text))
    .join(' ');
}

describe('macros', () => {
  const cases: [name: string, source: string, expected: string][] = [
    ['object-like', '#define N 4\nN N+N', '4 4 + 4'],
    ['with arguments', '#define ADD(a, b) a + b\nADD(1, (2, 3)) ADD', '1 + ( 2 , 3 ) ADD'],
    ['over lines', '#define ADD(a, b) a + b\nADD(1,\n 2)', '1 + 2'],
    ['the rest of a line after a call over lines', '#define F(a) [a]\nF(1\n) x F(2)', '[ 1 ] x [ 2 ]'],
    ['without arguments', '#define F() 7\nF() F', '7 F'],
    ['an empty argument', '#define F(a) [a]\nF()', '[ ]'],
    ['continued with a backslash', '#define N 1 + \\\n 2\nN', '1 + 2'],
    ['undefined again', '#define N 4\n#undef N\nN', 'N'],
    ['variadic', '#define F(a, ...) a(__VA_ARGS__)\nF(x, 1, 2) F(y)', 'x ( 1 , 2 ) y ( )'],
    ['# makes a string', '#define S(a) #a\nS(a  + "b\\n") S( )', '"a + \\"b\\\\n\\"" ""'],
    ['## joins', '#define J(a, b) a##b\nJ(x, 1) J(, y) J(z, ) J(1, 2)', 'x1 y z 12'],
    ['arguments of ## are not expanded', '#define A 1\n#define J(a) x##a\n#define K(a) J(a)\nJ(A) K(A)', 'xA x1'],
    ['what a macro gives is looked at again', '#define A B\n#define B 3\nA', '3'],
    ['a macro is not expanded in itself', '#define A A + B\n#define B A\nA', 'A + A'],
    // C99 6.10.3.5 example 3.
    [
      'the example of the standard',
      '#define x 3\n#define f(a) f(x * (a))\n#undef x\n#define x 2\n#define g f\n#define z z[0]\n#define h g(~\n#define m(a) a(w)\n#define w 0,1\n#define t(a) a\n' +
        'f(y+1) + f(f(z)) % t(t(g)(0) + t)(1);\ng(x+(3,4)-w) | h 5) & m\n(f)^m(m);',
      'f ( 2 * ( y + 1 ) ) + f ( 2 * ( f ( 2 * ( z [ 0 ] ) ) ) ) % f ( 2 * ( 0 ) ) + t ( 1 ) ; f ( 2 * ( 2 + ( 3 , 4 ) - 0 , 1 ) ) | f ( 2 * ( ~ 5 ) ) & f ( 2 * ( 0 , 1 ) ) ^ m ( 0 , 1 ) ;',
    ],
    ['__LINE__ and __FILE__', '\n__LINE__ __FILE__', '2 "src/main.c"'],
  ];
  it.each(cases)('%s', (_, source, expected) => {
    expect(text(source)).toBe(expected);
  });
});

describe('conditions', () => {
  it.each([
    ['1', 'yes'],
    ['0', 'no'],
    ['UNKNOWN', 'no'],
    ['defined N && N == 4', 'yes'],
    ['defined(M) || !defined(N)', 'no'],
    ['(1 + 2) * 3 == 9 && 7 / 2 == 3', 'yes'],
    ['1 ? 0 : 1', 'no'],
    ['-1 < 0', 'yes'],
    ['0 && 1 / 0', 'no'],
    ['1 || (0 && 1 % 0)', 'yes'],
    ['1 ? 2 : 1 / 0', 'yes'],
    ["'a' == 97", 'yes'],
    ['0x10 >> 2 == 4 || 5 % 3', 'yes'],
    ['~0 == -1', 'yes'],
  ])('#if %s', (condition, expected) => {
    expect(text(`#define N 4\n#if ${condition}\nyes\n#else\nno\n#endif`)).toBe(expected);
  });

  it('takes the first part that holds, and nothing in parts that do not', () => {
    const source =
      '#if 0\n#error a\n#elif N == 2\ntwo\n#elif N == 2\nagain\n#else\nother\n#endif\n#ifdef N\nn\n#endif\n#ifndef N\n#if 1\nm\n#endif\n#endif';
    expect(text(source, {}, { N: '2' })).toBe('two n');
  });
});

describe('#include', () => {
  it('looks beside the file, then in the paths', () => {
    const files = { 'src/a.h': 'beside', 'inc/a.h': 'path', 'inc/sub/b.h': '#include "../a.h"' };
    expect(text('#include "a.h"\n#include <a.h>\n#include "sub/b.h"', files)).toBe('beside path path');
  });
  it('takes a name from a macro', () => {
    expect(text('#define NAME <a.h>\n#include NAME', { 'inc/a.h': 'path' })).toBe('path');
  });
  it('obeys #pragma once, and passes other pragmas on', () => {
    expect(text('#include <a.h>\n#include <a.h>\n#pragma keep  it', { 'inc/a.h': '#pragma once\nx' })).toBe(
      'x #pragma keep it',
    );
  });
  it('ends a file that includes itself', () => {
    const diagnostics = new Diagnostics();
    const files = new Map([['a.c', '#include "a.c"']]);
    preprocess({ files, main: 'a.c', includePaths: [], defines: {} }, diagnostics);
    expect(diagnostics.list.map((each) => each.code)).toEqual(['pp-include-depth']);
  });
});

describe('positions', () => {
  it('are those of the file, through comments and continued lines', () => {
    const files = new Map([['a.c', 'a /* x\n y */ b\n\\\n  c // d\n\te']]);
    const tokens = preprocess({ files, main: 'a.c', includePaths: [], defines: {} }, new Diagnostics());
    expect(tokens.map(({ text: each, position }) => `${each} ${position.line}:${position.column}`)).toEqual([
      'a 1:1',
      'b 2:7',
      'c 4:3',
      'e 5:2',
      ' 5:3',
    ]);
  });
  it('of what a macro gives are those of its use', () => {
    const files = new Map([['a.c', '#define N 1 + 2\n  N']]);
    const tokens = preprocess({ files, main: 'a.c', includePaths: [], defines: {} }, new Diagnostics());
    expect(tokens.slice(0, 3).map(({ position }) => `${position.line}:${position.column}`)).toEqual([
      '2:3',
      '2:3',
      '2:3',
    ]);
  });
  it('stops at macros that grow without bound', () => {
    const lines = ['#define A0 x x'];
    for (let i = 1; i < 40; i++) lines.push(`#define A${i} A${i - 1} A${i - 1}`);
    const diagnostics = new Diagnostics();
    preprocess(
      { files: new Map([['a.c', `${lines.join('\n')}\nA39`]]), main: 'a.c', includePaths: [], defines: {} },
      diagnostics,
    );
    expect(diagnostics.list.map((each) => each.code)).toEqual(['pp-expansion-too-large']);
  });
});
