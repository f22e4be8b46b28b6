import { describe, expect, it } from 'vitest';
import { Diagnostics } from '../../diagnostics.ts';
import { compileToIr } from '../../front-end.ts';

/** What a program is told, as `severity code line:column`. */
function told(body: string, lower = false): string[] {
  const source = body.includes('main(') ? body : `${body}int main(void) { return 0; }\n`;
  const diagnostics = new Diagnostics();
  compileToIr(
    {
      files: new Map([['a.c', source]]),
      p4: undefined,
      rules: undefined,
      microC: [{ path: 'a.c', owner: 'runtime' }],
      includePaths: [],
      defines: {},
      entry: 'main',
      lower,
    },
    diagnostics,
  );
  return diagnostics.list.map(
    ({ severity, code, position }) => `${severity} ${code} ${position.line}:${position.column}`,
  );
}

const f = (statements: string): string => `int f(int c) {\n${statements}\n}\n`;

describe('warnings that follow control', () => {
  it.each<[string, string, string[]]>([
    ['no value on any way', 'int x;\nreturn x;', ['warning uninitialised 3:8']],
    ['no value on one way', 'int x;\nif (c) x = 1;\nreturn x;', ['warning maybe-uninitialised 4:8']],
    ['a value on all ways', 'int x;\nif (c) x = 1; else x = 2;\nreturn x;', []],
    [
      'a value from a loop that may not turn',
      'int x;\nwhile (c--) x = c;\nreturn x;',
      ['warning maybe-uninitialised 4:8'],
    ],
    ['a value from a loop that turns', 'int x;\ndo x = c; while (c--);\nreturn x;', []],
    ['a value by way of its address', 'int x;\nint *p = &x;\n*p = 1;\nreturn x;', []],
    ['a value from the case before', 'int x;\nswitch (c) { case 1: x = 1; break; default: x = 2; }\nreturn x;', []],
    [
      'no value when no case fits',
      'int x;\nswitch (c) { case 1: x = 1; }\nreturn x;',
      ['warning maybe-uninitialised 4:8'],
    ],
    ['what goto jumps over is trusted', 'int x;\nif (c) goto end;\nx = 1;\nend:\nreturn x;', []],
    ['&& that assigns', 'int x;\nif (c && (x = c) > 1) return x;\nreturn 0;', []],
    ['after a return', 'return 1;\nc++;\nc--;\nreturn c;', ['warning unreachable 3:1']],
    ['after a loop without an end', 'for (;;) c++;\nreturn c;', ['warning unreachable 3:1']],
    ['after break', 'while (c) { break; c = 1; }\nreturn c;', ['warning unreachable 2:20']],
    ['a label is reached', 'goto end;\nend: return 1;', []],
    ['break after return in a switch is a habit', 'switch (c) { case 1: return 1; break; default: return 2; }', []],
    ['an end without a return', 'if (c) return 1;', ['warning missing-return 1:5']],
    ['an end that cannot be reached', 'if (c) return 1; else return 2;', []],
    ['an endless loop needs no return', 'while (1) c++;', []],
  ])('%s', (_, statements, expected) => {
    expect(told(f(statements))).toEqual(expected);
  });
});

const CONVERSIONS = '#pragma GCC diagnostic warning "-Wconversion"\n';

describe('other warnings', () => {
  it.each<[string, string, string[]]>([
    ['a constant that loses bits', 'unsigned char a = 300;\n', ['warning constant-truncated 1:19']],
    [
      'a variable that may lose bits',
      `${CONVERSIONS}char c; int a; void f(void) {\nc = a;\n}\n`,
      ['warning conversion 3:5'],
    ],
    [
      'a variable that is masked, shifted or cast',
      `${CONVERSIONS}char c; int a; void f(void) { c = a & 127; c = (unsigned)a >> 24; c = (char)a; c = c + 1; c += a > 3; }\n`,
      [],
    ],
    ['a variable without the pragma', 'char c; int a; void f(void) { c = a; }\n', []],
    ['-1 as the largest number', 'unsigned char a = -1;\nsigned char b = 200;\n', []],
    ['a cast says that it is meant', 'unsigned char a = (unsigned char)300;\n', []],
    ['a static function that nobody calls', 'static int g(void) { return 1; }\n', ['warning unused-function 1:12']],
    ['a static inline function', 'static inline int g(void) { return 1; }\n', []],
    ['a function whose address is taken', 'static int g(void) { return 1; }\nint (*p)(void) = g;\n', []],
    ['a pointer that differs in sign', 'unsigned int a;\nint *p = &a;\n', ['warning pointer-sign 2:10']],
    ['a pointer that forgets const', 'const int a = 1;\nint *p = &a;\n', ['warning pointer-loses-const 2:10']],
    ['an attribute that nobody knows', 'int a __attribute__((strange));\n', ['warning attribute-ignored 1:22']],
    ['an unused variable that may be', 'int main(void) {\n__attribute__((unused)) int a;\nreturn 0;\n}\n', []],
    ['a pragma of ours that is misspelt', '#pragma lambda recursoin(f, 3)\n', ['warning unknown-pragma 1:1']],
  ])('%s', (_, source, expected) => {
    expect(told(source)).toEqual(expected);
  });
});

describe('a lowered program', () => {
  it.each<[string, string, string[]]>([
    [
      'needs a bound for its recursion',
      'int f(int n) {\nreturn n ? f(n - 1) : 0;\n}\nint main(void) { return f(3); }\n',
      ['error recursion 2:12'],
    ],
    [
      'has no structures of more than eight words as arguments of a recursion',
      'struct s { int a[9]; };\n__attribute__((recursion(4))) int f(struct s s) {\nreturn s.a[0] ? f(s) : 0;\n}\nint main(void) { struct s s = {{0}}; return f(s); }\n',
      ['error lower-recursion 2:46'],
    ],
    [
      'has a depth that can be',
      '#pragma lambda recursion(f, 0)\nint f(int n) {\nreturn n ? f(n - 1) : 0;\n}\nint main(void) { return f(3); }\n',
      ['error type-bad-depth 1:1'],
    ],
    ['has one pool', '#pragma lambda pool(4, 8)\n#pragma lambda pool(4, 8)\n', ['error pool-twice 2:1']],
    ['has a pool that fits', '#pragma lambda pool(4000000, 64)\n', ['error pool-size 1:1']],
    [
      'is told what its constants are wrong by, most of all',
      'float a = 0.5f, b = 0.1f;\ndouble c = 2;\n',
      ['warning fixed-point 1:21'],
    ],
    [
      'is told of numbers compared for equality',
      'float a;\nint b;\nint g(void) {\nreturn a == 2;\n}\n',
      ['warning fixed-point-equality 4:10', 'warning fixed-point 4:13'],
    ],
    ['has no number beyond the range', 'float a = 40000.0f;\n', ['error lower-fixed-range 1:11']],
    ['has no remainder of fractions', 'double g(double a) {\nreturn a % 2;\n}\n', ['error type-not-integer 2:10', '*']],
  ])('%s', (_, source, expected) => {
    const found = told(source, true);
    expect(expected.at(-1) === '*' ? [...found.slice(0, expected.length - 1), '*'] : found).toEqual(expected);
  });
});
