import { expect, it } from 'vitest';
import { expression, fixed, statement, textOf } from './node.ts';
import { shrink } from './shrink.ts';

const inner = expression('(', expression('a'), ' * ', expression('b'), ')');
const program = fixed(
  'main {\n',
  statement('x = ', expression('(', expression('f'), ' + ', inner, ')'), ';\n'),
  statement(
    'if (',
    expression('y'),
    ') {\n',
    statement('bad(', expression('(', expression('p'), ' - 7)'), ');\n'),
    '}\n',
  ),
  statement('z++;\n'),
  '}\n',
);

it('keeps what makes a program fail, and nothing else', () => {
  const fails = (text: string) => text.includes('bad(');
  expect(shrink(program, fails, 100).replace(/;(?!\n)/g, '')).toBe('main {\nif (y) {\nbad(0);\n}\n}\n');
});

it('puts parts in the place of expressions', () => {
  const fails = (text: string) => /x = .*b/.test(text);
  expect(shrink(program, fails, 100).replace(/;(?!\n)/g, '')).toBe('main {\nx = b;\n}\n');
});

it('gives the program back when nothing smaller fails, or when it may not ask', () => {
  expect(shrink(program, () => false, 100)).toBe(textOf(program));
  expect(shrink(program, () => true, 0)).toBe(textOf(program));
});
