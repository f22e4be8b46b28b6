import { describe, expect, test } from 'vitest';
import { printable, surfaceOf, wrapped } from './terminal.ts';

const terminal = { isTTY: true, columns: 60 };
const file = { isTTY: false, columns: 0 };
const bold = (stream: Parameters<typeof surfaceOf>[0], environment: Record<string, string>) =>
  surfaceOf(stream, environment).colors.bold('x') !== 'x';

describe('a surface', () => {
  test('has colours on a terminal, unless NO_COLOR or a dumb one says otherwise', () => {
    expect(bold(terminal, { TERM: 'xterm' })).toBe(true);
    expect(bold(terminal, { TERM: 'xterm', NO_COLOR: '1' })).toBe(false);
    expect(bold(terminal, { TERM: 'dumb' })).toBe(false);
  });

  test('has none in a file, in CI neither, unless FORCE_COLOR asks for them', () => {
    expect(bold(file, { CI: 'true', TERM: 'xterm' })).toBe(false);
    expect(bold(file, { FORCE_COLOR: '1' })).toBe(true);
    expect(bold(file, { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
  });

  test('knows a width only where there is one', () => {
    expect(surfaceOf(terminal, {}).columns).toBe(60);
    expect(surfaceOf(file, {}).columns).toBeUndefined();
    expect(surfaceOf({ isTTY: true, columns: 0 }, {}).columns).toBeUndefined();
  });
});

test('what a terminal would obey is shown, in as many characters', () => {
  const text = 'a\0b\x1b[31mc\rd\x7f\x9be\u202ef\u2028';
  expect(printable(text)).toBe('a␀b␛[31mc␍d␡\ufffde\ufffdf\ufffd');
  expect(printable(text)).toHaveLength(text.length);
  expect(printable('line\n\tüber 語 😀')).toBe('line\n\tüber 語 😀');
});

test('a text is broken between words, and a long word stays whole', () => {
  expect(wrapped('one two three', 9)).toBe('one two\nthree');
  expect(wrapped('one two three', 11, 4)).toBe('one two\n    three');
  expect(wrapped('one twothreefour', 6)).toBe('one\ntwothreefour');
  expect(wrapped('one two three', undefined)).toBe('one two three');
});
