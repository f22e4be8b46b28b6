import { describe, expect, test } from 'vitest';
import type { IrModule, Register } from '../ir.ts';
import { createModule, FunctionBuilder, inMemory } from '../ir-builder.ts';
import { printFunction } from '../ir-print.ts';
import { validateModule } from '../ir-validate.ts';
import { coalesceLambdas } from './lambda-coalescing.ts';

const FIRST = { file: 'one.c', line: 3, column: 1 };
const SECOND = { file: 'two.c', line: 7, column: 1 };

/** Two lambdas behind a branch, each from its own file, that go on together; then what they left is used. */
function twoLambdas(fill: (builder: FunctionBuilder, which: 0 | 1, header: Register) => void): IrModule {
  const module = createModule('main');
  const b = new FunctionBuilder(module, { name: 'main', owner: 'runtime' });
  const header = b.csrRead('Mailbox0');
  b.branch('eq', header, 0, 'one', 'two');
  b.startBlock('one');
  fill(b.at(FIRST), 0, header);
  b.jump('done');
  b.startBlock('two');
  fill(b.at(SECOND), 1, header);
  b.jump('done');
  b.at(undefined).startBlock('done');
  b.csrWrite('Mailbox1', header);
  b.halt();
  return module;
}

function coalesced(module: IrModule) {
  const changed = coalesceLambdas(module);
  expect(validateModule(module)).toEqual([]);
  return { changed, text: printFunction(module.functions.get('main')!) };
}

const count = (text: string, part: string): number => text.split(part).length - 1;

describe('lambda-coalescing', () => {
  test('keeps the equal ends of two lambdas once, though they use other registers and another order', () => {
    const module = twoLambdas((b, which, header) => {
      b.csrWrite('Mailbox2', which);
      const mixed = which === 0 ? b.binary('xor', header, 0x55) : b.binary('xor', header, 0x55, b.copy(9));
      const turned = b.binary('rotr', mixed, 3);
      b.binary('and', b.add(turned, 0x11), 0xff, header);
    });
    const { changed, text } = coalesced(module);
    expect(changed).toBe(true);
    for (const part of ['xor', 'rotr', 'and']) expect(count(text, part), part).toBe(1);
    expect(count(text, 'Mailbox2')).toBe(2);
  });

  test('hands over what lies in different registers, and leaves alone what is needed behind the end', () => {
    const module = twoLambdas((b, which, header) => {
      const own = which === 0 ? b.csrRead('Mailbox2') : b.csrRead('Mailbox3');
      const turned = b.binary('rotr', b.binary('xor', own, 0x55), 3);
      const more = b.binary('and', b.add(turned, 0x11), 0xff);
      b.binary('or', b.binary('sub', more, 5), 0x70, header);
    });
    const { text } = coalesced(module);
    expect(count(text, 'rotr')).toBe(1);
    expect(count(text, 'copy')).toBe(1);
    const different = twoLambdas((b, which, header) => {
      // Each writes its own of two registers that are both read afterwards: no renaming makes these equal.
      b.copy(which === 0 ? 1 : 2, header);
    });
    expect(coalesced(different).changed).toBe(false);
  });

  test('says of merged code where it came from, both places', () => {
    const module = twoLambdas((b, _which, header) => {
      b.binary('and', b.binary('rotr', b.binary('xor', header, 0x55), 3), 0xff, header);
    });
    coalesced(module);
    const shared = module.functions.get('main')!.blocks.flatMap(({ operations }) => operations);
    const position = shared.find((each) => each.op === 'binary')?.position;
    expect(position).toEqual({ ...FIRST, also: [SECOND] });
  });

  test('does not share commands of two files, which have different rights (decision 5)', () => {
    const commands = (position: typeof FIRST | undefined) =>
      twoLambdas((b, _which, header) => {
        if (position !== undefined) b.at(position);
        for (let i = 0; i < 6; i++) b.memory('incr', inMemory('emem', header, i * 8));
      });
    expect(coalesced(commands(undefined)).changed).toBe(false);
    expect(coalesced(commands(FIRST)).changed).toBe(true);
  });

  test('leaves the bodies of inner loops as they are', () => {
    const module = createModule('main');
    const b = new FunctionBuilder(module, { name: 'main', owner: 'runtime' });
    const value = b.csrRead('Mailbox0');
    b.startBlock('packets');
    b.startBlock('words');
    b.branch('eq', value, 1, 'one', 'two');
    for (const name of ['one', 'two']) {
      b.startBlock(name);
      for (let i = 1; i < 8; i++) b.binary('xor', b.add(value, i), 5, value);
      b.jump('next');
    }
    b.startBlock('next');
    b.branch('ne', value, 0, 'words', 'packets');
    expect(coalesced(module).changed).toBe(false);
  });

  test('makes one of functions that are the same', () => {
    const module = createModule('main');
    for (const name of ['twice', 'double', 'half']) {
      const f = new FunctionBuilder(module, { name, owner: name, parameterNames: ['x'], resultCount: 1 });
      f.at(name === 'twice' ? FIRST : SECOND);
      f.return([f.binary(name === 'half' ? 'shr' : 'shl', f.parameter(0), 1)]);
    }
    const b = new FunctionBuilder(module, { name: 'main', owner: 'runtime' });
    for (const name of ['twice', 'double', 'half']) {
      const result = b.copy(0);
      b.call(name, [b.csrRead('Mailbox0')], [result]);
      b.csrWrite('Mailbox1', result);
    }
    b.halt();
    const { text } = coalesced(module);
    expect([...module.functions.keys()].sort()).toEqual(['half', 'main', 'twice']);
    expect(count(text, 'twice')).toBe(2);
    const [shift] = module.functions.get('twice')!.blocks[0]!.operations;
    expect(shift?.position).toEqual({ ...FIRST, also: [SECOND] });
  });
});
