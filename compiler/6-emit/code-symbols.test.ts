import { expect, test } from 'vitest';
import { codeSymbols } from './code-symbols.ts';

const FUNCTIONS = [
  { name: 'main', owner: 'runtime', memory: 'code', address: 0, size: 20 },
  { name: '__divide', owner: 'runtime', memory: 'code', address: 20, size: 5 },
] as const;

test('a lambda gets back its stretches of the entry function, headers within them included', () => {
  const lines = [
    { instruction: 2, file: 'main.c', line: 1 },
    { instruction: 5, file: 'web.c', line: 1 },
    { instruction: 8, file: 'lnic.h', line: 1 },
    { instruction: 10, file: 'main.c', line: 2 },
    { instruction: 15, file: 'web.c', line: 9 },
    { instruction: 20, file: 'web.c', line: 9 },
    { instruction: 21, file: 'main.c', line: 9 },
  ];
  const owners = new Map([
    ['main.c', 'runtime'],
    ['web.c', 'web'],
  ]);
  const symbols = codeSymbols({ symbols: FUNCTIONS, lines }, owners);
  expect(symbols.map(({ name, owner, address, size }) => [name, owner, address, size])).toEqual([
    ['main', 'runtime', 0, 5],
    ['web', 'web', 5, 5],
    ['main.2', 'runtime', 10, 5],
    ['web.2', 'web', 15, 5],
    ['web.3', 'web', 20, 1],
    ['__divide', 'runtime', 21, 4],
  ]);
});

test('without owners of files the functions stay whole', () => {
  expect(codeSymbols({ symbols: FUNCTIONS, lines: [{ instruction: 3, file: 'x.c', line: 1 }] }, new Map())).toEqual(
    FUNCTIONS,
  );
});
