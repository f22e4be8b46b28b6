import { expect, test } from 'vitest';
import { atObject, createModule, FunctionBuilder } from './ir-builder.ts';
import { validateModule } from './ir-validate.ts';

function entryOf(fill: (builder: FunctionBuilder) => void) {
  const module = createModule('main');
  const builder = new FunctionBuilder(module, { name: 'main', owner: 'runtime' });
  fill(builder);
  if (builder.isOpen()) builder.halt();
  return module;
}

test('a sound module has no faults', () => {
  expect(validateModule(entryOf((builder) => builder.add(1, 2)))).toEqual([]);
});

test('each fault is named with its place', () => {
  const faults = (fill: (builder: FunctionBuilder) => void) => validateModule(entryOf(fill)).join('\n');
  expect(validateModule(createModule('main'))).toEqual(['entry function main is missing']);
  expect(faults((b) => b.jump('nowhere'))).toMatch(/main\/entry: jump nowhere: no block nowhere/);
  expect(faults((b) => b.add({ kind: 'register', id: 99 }, 1))).toMatch(/no register r99/);
  expect(faults((b) => b.extract(1, 8, 25))).toMatch(/bit field/);
  expect(faults((b) => b.localLoad(b.local('x', 2), 2))).toMatch(/index out of range/);
  expect(faults((b) => b.memory('read32', atObject('x'), { group: b.group(1) }))).toMatch(/no object x/);
  expect(faults((b) => b.receive(b.group(3)))).toMatch(/needs a group of 4 words/);
  expect(faults((b) => b.call('f', []))).toMatch(/no such function/);
  expect(faults((b) => b.return())).toMatch(/return from the entry function/);
  const register = { kind: 'register', id: 0 } as const;
  expect(faults((b) => b.wide('add', [1, 2], [3, 4], [b.register(), register]))).toMatch(/one register for both/);
});

test('recursion is found', () => {
  const module = entryOf((builder) => builder.call('f', []));
  for (const [name, callee] of [
    ['f', 'g'],
    ['g', 'f'],
  ] as const) {
    const builder = new FunctionBuilder(module, { name, owner: 'runtime' });
    builder.call(callee, []);
    builder.return();
  }
  expect(validateModule(module)).toEqual(['recursion: f -> g -> f']);
});
