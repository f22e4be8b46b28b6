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
    // C99 6.10.3.5 examples 3, 4, 5 and 7; C23's of __VA_OPT__.
    [
      'example 3: empty arguments',
      '#define q(x) x\n#define r(x,y) x ## y\n#define str(x) # x\n#define p() int\np() i[q()] = { q(1), r(2,3), r(4,), r(,5), r(,) };\n' +
        'char c[2][6] = { str(hello), str() };',
      'int i [ ] = { 1 , 23 , 4 , 5 , } ; char c [ 2 ] [ 6 ] = { "hello" , "" } ;',
    ],
    [
      'example 4: strings',
      '#define str(s) # s\n#define xstr(s) str(s)\n#define debug(s, t) printf("x" # s "= %d, x" # t "= %s", \\\n x ## s, x ## t)\n' +
        '#define INCFILE(n) vers ## n\n#define glue(a, b) a ## b\n#define xglue(a, b) glue(a, b)\n#define HIGHLOW "hello"\n#define LOW LOW ", world"\n' +
        'debug(1, 2);\nfputs(str(strncmp("abc\\0d", "abc", \'\\4\') // this goes away\n== 0) str(: @\\n), s);\nxstr(INCFILE(2).h)\nglue(HIGH, LOW); xglue(HIGH, LOW)',
      'printf ( "x" "1" "= %d, x" "2" "= %s" , x1 , x2 ) ; fputs ( "strncmp(\\"abc\\\\0d\\", \\"abc\\", \'\\\\4\') == 0" ": @\\n" , s ) ; "vers2.h" "hello" ; "hello" ", world"',
    ],
    [
      'example 5: placemarkers',
      '#define t(x,y,z) x ## y ## z\n{ t(1,2,3), t(,4,5), t(6,,7), t(8,9,), t(10,,), t(,11,), t(,,12), t(,,) };',
      '{ 123 , 45 , 67 , 89 , 10 , 11 , 12 , } ;',
    ],
    [
      'example 7: variable arguments',
      '#define debug(...) fprintf(stderr, __VA_ARGS__)\n#define showlist(...) puts(#__VA_ARGS__)\n#define report(test, ...) ((test)?puts(#test):printf(__VA_ARGS__))\n' +
        'debug("Flag"); showlist(The first, second, and third items.); report(x>y, "x is %d but y is %d", x, y);',
      'fprintf ( stderr , "Flag" ) ; puts ( "The first, second, and third items." ) ; ( ( x > y ) ? puts ( "x>y" ) : printf ( "x is %d but y is %d" , x , y ) ) ;',
    ],
    [
      '6.10.3.4: a name that both replacements contain is replaced once more',
      '#define f(a) a*g\n#define g(a) f(a)\nf(2)(9)',
      '2 * 9 * g',
    ],
    [
      '## makes no operator',
      '#define hash_hash # ## #\n#define mkstr(a) # a\n#define in_between(a) mkstr(a)\n#define join(c, d) in_between(c hash_hash d)\njoin(x, y)',
      '"x ## y"',
    ],
    [
      'GNU: the comma before arguments that are left out',
      '#define F(a, ...) f(a, ## __VA_ARGS__)\nF(1) F(1,) F(1, 2)',
      'f ( 1 ) f ( 1 , ) f ( 1 , 2 )',
    ],
    [
      'GNU: named variable arguments',
      '#define F(a, rest...) f(a, ## rest)\nF(1) F(1, 2, 3)',
      'f ( 1 ) f ( 1 , 2 , 3 )',
    ],
    [
      '__VA_OPT__',
      '#define F(a, ...) f(a __VA_OPT__(,) __VA_ARGS__)\nF(1) F(1,) F(1, 2)',
      'f ( 1 ) f ( 1 ) f ( 1 , 2 )',
    ],
    ['arguments over directives', '#define F(a, b) a-b\nF(1,\n#if 0\n2\n#else\n3\n#endif\n)', '1 - 3'],
    ['__LINE__ and __FILE__', '\n__LINE__ __FILE__', '2 "src/main.c"'],
    ['__COUNTER__', '#define C __COUNTER__\nC __COUNTER__ C', '0 1 2'],
    ['the date is always the same', '__DATE__ __TIME__', '"Jan  1 1970" "00:00:00"'],
    ['#line', '#line 40\n__LINE__\n#define N 7 "x.c"\n#line N\n__LINE__ __FILE__', '40 7 "x.c"'],
    ['lines of another preprocessor', '# 9 "y.c" 1\n__LINE__ __FILE__', '9 "y.c"'],
    ['_Pragma', '#define P(x) _Pragma(#x)\na P(pack "1") b', 'a #pragma pack "1" b'],
    ['quotes that do not end where nothing counts', '#if 0\nit\'s "so\n#endif\n#define E(a)\nx', 'x'],
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
    ['-1 > 0u', 'yes'],
    ['0 ? 1 : -1 > 0u', 'yes'],
    ['18446744073709551615u == -1', 'yes'],
    ['-9223372036854775807 - 1 < 0', 'yes'],
    ['1u << 63 >> 63 == 1', 'yes'],
    ['HAS_N', 'yes'],
    ['__has_include(<a.h>) && __has_include("main.c")', 'yes'],
    ['__has_include(<b.h>)', 'no'],
    ['defined __has_include && defined __FILE__', 'yes'],
    ['__STDC_VERSION__ >= 199901L && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__', 'yes'],
  ])('#if %s', (condition, expected) => {
    const source = `#define N 4\n#define HAS_N defined(N)\n#if ${condition}\nyes\n#else\nno\n#endif`;
    expect(text(source, { 'inc/a.h': '' })).toBe(expected);
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
  it('brings headers of its own, behind those of the program', () => {
    expect(text('#include <stdbool.h>\nbool true')).toBe('_Bool 1');
    expect(text('#include <stdbool.h>\nbool true', { 'inc/stdbool.h': 'mine' })).toBe('mine bool true');
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

describe('the command line', () => {
  it('defines macros with and without parameters', () => {
    expect(text('N F(3)', {}, { N: '4', 'F(x)': 'x+x' })).toBe('4 3 + 3');
  });
});

describe('what is wrong', () => {
  it.each([
    ['#define', 'pp-bad-macro 1:2'],
    ['#define defined 1', 'pp-bad-macro 1:9'],
    ['#undef __LINE__', 'pp-bad-macro 1:8'],
    ['#define F(a, a) 1', 'pp-bad-macro 1:9'],
    ['#define F(a) #b', 'pp-bad-macro 1:14'],
    ['#define F __VA_ARGS__', 'pp-bad-macro 1:11'],
    ['#define F(a) __VA_OPT__(a)', 'pp-bad-macro 1:14'],
    ['#define F(a) a\nF(1, 2)', 'pp-argument-count 2:1'],
    ['#define F(a) a\nF(1', 'pp-unterminated-arguments 2:1'],
    ['#define F(a, b) a ## b\nF(+, 1)', 'pp-invalid-paste 2:1'],
    ['#if 1\n#else\n#else\n#endif', 'pp-unmatched-conditional 3:2'],
    ['#if defined', 'pp-bad-condition 1:5'],
    ['#line x', 'pp-bad-line 1:2'],
    ['_Pragma(once)', 'pp-bad-pragma 1:1'],
    ["#error don't", 'pp-error-directive 1:1'],
    ["int don't", 'lex-unterminated-literal 1:8'],
    ['#endif extra', 'pp-unmatched-conditional 1:2'],
  ])('%s', (source, expected) => {
    const diagnostics = new Diagnostics();
    preprocess({ files: new Map([['a.c', source]]), main: 'a.c', includePaths: [], defines: {} }, diagnostics);
    const [first] = diagnostics.list.filter((each) => each.severity === 'error');
    expect(`${first?.code} ${first?.position.line}:${first?.position.column}`).toBe(expected);
  });

  it('is a warning for words that count for nothing, and for a macro with another text', () => {
    const diagnostics = new Diagnostics();
    const source = '#ifdef A b\n#endif A\n#define F(a) a\n#define F(b) b\n';
    preprocess({ files: new Map([['a.c', source]]), main: 'a.c', includePaths: [], defines: {} }, diagnostics);
    expect(diagnostics.list.map(({ severity, code }) => `${severity} ${code}`)).toEqual([
      'warning pp-extra-tokens',
      'warning pp-extra-tokens',
      'warning pp-macro-redefined',
    ]);
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
