import { describe, expect, test } from 'vitest';
import type { IrModule, Register } from '../ir.ts';
import { createModule, FunctionBuilder, inMemory } from '../ir-builder.ts';
import { printFunction } from '../ir-print.ts';
import { lowerDivision } from './lower-division.ts';
import { PASSES } from './passes.ts';

/** The body of `main` after one pass, ended by a write of what `fill` returns. */
function run(pass: string, fill: (builder: FunctionBuilder, module: IrModule) => void): string[] {
  const module = createModule('main');
  const builder = new FunctionBuilder(module, { name: 'main', owner: 'runtime' });
  fill(builder, module);
  if (builder.isOpen()) builder.halt();
  const found = PASSES.find((each) => each.name === pass);
  if (found === undefined) throw new Error(pass);
  for (let round = 0; found.run(module); round++) expect(round, 'a pass comes to an end').toBeLessThan(20);
  return bodyOf(module);
}

function bodyOf(module: IrModule): string[] {
  const lines = printFunction(module.functions.get('main')!).split('\n');
  return lines
    .filter((line) => !line.startsWith('function') && !/^ {2}(group|local) /.test(line))
    .map((line) => line.trim());
}

/** Makes a value that nothing is known of, and one that is used. */
function input(builder: FunctionBuilder) {
  return builder.csrRead('Mailbox0');
}

describe('fold-constants', () => {
  test('an index or a count that turns out to be beyond its object stays in its register', () => {
    const lines = run('fold-constants', (builder) => {
      const local = builder.local('table', 5);
      const group = builder.group(4);
      const [within, beyond] = [builder.copy(4), builder.copy(40)];
      builder.localStore(local, within, 1);
      builder.localStore(local, beyond, 1);
      builder.csrWrite('Mailbox0', builder.transferGet(group, beyond));
    });
    expect(lines.filter((line) => line.includes('['))).toEqual(['l0[4] = 1', 'l0[r1] = 1', 'r2 = g0[r1]']);
  });

  test('constants meet in operations and branches', () => {
    const lines = run('fold-constants', (builder) => {
      const six = builder.binary('mul', builder.copy(2), 3);
      builder.csrWrite('Mailbox0', six);
      builder.branch('ult', six, 7, 'yes', 'no');
      builder.startBlock('yes');
      builder.halt();
      builder.startBlock('no');
    });
    expect(lines).toEqual([
      'entry:',
      'r0 = copy 2',
      'r1 = copy 6',
      'csr Mailbox0 = 6',
      'jump yes',
      'yes:',
      'halt',
      'no:',
      'halt',
    ]);
  });

  test('copies are seen through until their source changes', () => {
    const lines = run('fold-constants', (builder) => {
      const a = input(builder);
      const b = builder.copy(a);
      builder.csrWrite('Mailbox1', b);
      input(builder);
      builder.csrRead('Mailbox2', a);
      builder.csrWrite('Mailbox1', b);
    });
    expect(lines.filter((line) => line.startsWith('csr'))).toEqual(['csr Mailbox1 = r0', 'csr Mailbox1 = r1']);
  });

  test('identities', () => {
    const lines = run('fold-constants', (builder) => {
      const a = input(builder);
      builder.binary('xor', a, a);
      builder.binary('mul', 8, a);
      builder.sub(a, 1);
      builder.binary('and', a, 0xffffffff);
    });
    expect(lines.slice(2, -1)).toEqual(['r1 = copy 0', 'r2 = shl r0, 3', 'r3 = add r0, 0xffffffff', 'r4 = copy r0']);
  });
});

test('combine-operations joins shift and mask, comparison and branch, mask and bit test', () => {
  const lines = run('combine-operations', (builder) => {
    const a = input(builder);
    builder.binary('and', builder.binary('shr', a, 8), 0xff);
    const less = builder.compare('slt', a, 5);
    builder.branch('ne', less, 0, 'yes', 'no');
    builder.startBlock('yes');
    builder.branch('eq', builder.binary('and', a, 16), 0, 'no', 'yes');
    builder.startBlock('no');
  });
  expect(lines).toContain('r2 = extract r0 [8:8]');
  expect(lines).toContain('branch slt r0, 5, yes, no');
  expect(lines).toContain('branch_bit r0, 4, yes, no');
});

test('common-subexpressions keeps away from what changed in between', () => {
  const lines = run('common-subexpressions', (builder) => {
    const a = input(builder);
    const b = input(builder);
    builder.add(a, b);
    builder.add(a, b);
    builder.csrRead('Mailbox1', a);
    builder.add(a, b);
    const group = builder.group(1);
    builder.memory('read32', inMemory('emem', 0), { group });
    builder.transferGet(group, 0);
    builder.transferGet(group, 0);
    builder.memory('read32', inMemory('emem', 4), { group });
    builder.transferGet(group, 0);
  });
  expect(lines.filter((line) => line.includes('add') || line.includes('copy') || line.includes('g0[0]'))).toEqual([
    'r2 = add r0, r1',
    'r3 = copy r2',
    'r4 = add r0, r1',
    'r5 = g0[0]',
    'r6 = copy r5',
    'r7 = g0[0]',
  ]);
});

describe('common-subexpressions over blocks', () => {
  /** What is added in block `last`, after `before` and with what `between` does on one of two ways there. */
  function addedAgain(between: (builder: FunctionBuilder, a: Register, sum: Register) => void): string | undefined {
    const lines = run('common-subexpressions', (builder) => {
      const a = input(builder);
      const b = input(builder);
      const sum = builder.add(a, b);
      builder.branch('eq', a, 0, 'one', 'other');
      builder.startBlock('one');
      between(builder, a, sum);
      builder.jump('last');
      builder.startBlock('other');
      builder.jump('last');
      builder.startBlock('last');
      builder.csrWrite('Mailbox1', builder.add(a, b));
    });
    return lines[lines.indexOf('last:') + 1];
  }

  test('what every way to a block has computed is not computed again', () => {
    expect(addedAgain((builder, a) => builder.csrWrite('Mailbox2', a))).toBe('r3 = copy r2');
  });

  test('what one of the ways changed is computed again', () => {
    expect(addedAgain((builder, a) => builder.csrRead('Mailbox2', a))).toBe('r3 = add r0, r1');
    expect(addedAgain((builder, _a, sum) => builder.csrRead('Mailbox2', sum))).toBe('r3 = add r0, r1');
  });

  test('a loop keeps what it does not change, and no more', () => {
    const lines = run('common-subexpressions', (builder) => {
      const a = input(builder);
      const i = builder.copy(0);
      builder.csrWrite('Mailbox1', builder.add(a, 5));
      builder.csrWrite('Mailbox1', builder.add(i, 5));
      builder.startBlock('loop');
      builder.csrWrite('Mailbox2', builder.add(a, 5));
      builder.csrWrite('Mailbox2', builder.add(i, 5));
      builder.add(i, 1, i);
      builder.branch('ult', i, 10, 'loop', 'done');
      builder.startBlock('done');
    });
    expect(
      lines.slice(lines.indexOf('loop:') + 1, lines.indexOf('done:')).filter((line) => !line.startsWith('csr')),
    ).toEqual(['r4 = copy r2', 'r5 = add r1, 5', 'r1 = add r1, 1', 'branch ult r1, 0xa, loop, done']);
  });

  test('sees through copies', () => {
    const lines = run('common-subexpressions', (builder) => {
      const a = input(builder);
      const once = builder.add(a, 1);
      builder.add(once, 2);
      const again = builder.add(a, 1);
      builder.add(again, 2);
      builder.csrRead('Mailbox1', once);
      builder.add(again, 2);
    });
    expect(lines.slice(2, -1)).toEqual([
      'r1 = add r0, 1',
      'r2 = add r1, 2',
      'r3 = copy r1',
      'r4 = copy r2',
      'r1 = csr Mailbox1',
      'r5 = add r3, 2',
    ]);
  });
});

test('dead-code keeps effects and drops the rest, unused functions too', () => {
  const lines = run('dead-code', (builder, module) => {
    const unused = new FunctionBuilder(module, { name: 'unused', owner: 'runtime' });
    unused.return();
    builder.add(builder.add(1, 2), 3);
    builder.csrWrite('Mailbox0', builder.copy(4));
  });
  expect(lines).toEqual(['entry:', 'r2 = copy 4', 'csr Mailbox0 = r2', 'halt']);
});

test('simplify-control-flow', () => {
  const lines = run('simplify-control-flow', (builder) => {
    builder.branch('eq', input(builder), 0, 'a', 'b');
    builder.startBlock('a');
    builder.jump('done');
    builder.startBlock('b');
    builder.jump('done');
    builder.startBlock('unreachable');
    builder.startBlock('done');
  });
  expect(lines).toEqual(['entry:', 'r0 = csr Mailbox0', 'halt']);
});

test('inline-functions renames registers and returns to the place of the call', () => {
  const lines = run('inline-functions', (builder, module) => {
    const callee = new FunctionBuilder(module, {
      name: 'double',
      owner: 'runtime',
      parameterNames: ['x'],
      resultCount: 1,
    });
    callee.return([callee.add(callee.parameter(0), callee.parameter(0))]);
    const result = builder.register();
    builder.call('double', [21], [result]);
    builder.csrWrite('Mailbox0', result);
  });
  expect(lines).toEqual([
    'entry:',
    'r4 = copy 0x15',
    'r1 = copy r4',
    'jump double@1.entry',
    'double@1.entry:',
    'r2 = add r1, r1',
    'r3 = copy r2',
    'r0 = copy r3',
    'jump double@1.after',
    'double@1.after:',
    'csr Mailbox0 = r0',
    'halt',
  ]);
});

test('rotate-loops puts the test where the jump back was', () => {
  const lines = run('rotate-loops', (builder) => {
    const i = builder.copy(0);
    builder.startBlock('head');
    builder.branch('ult', i, 10, 'body', 'done');
    builder.startBlock('body');
    builder.add(i, 1, i);
    builder.jump('head');
    builder.startBlock('done');
  });
  expect(lines.slice(lines.indexOf('body:'))).toEqual([
    'body:',
    'r0 = add r0, 1',
    'branch ult r0, 0xa, body, done',
    'done:',
    'halt',
  ]);
});

test('promote-locals leaves what is indexed by a register or pointed to', () => {
  const lines = run('promote-locals', (builder) => {
    const [plain, indexed, pointed] = [builder.local('a', 2), builder.local('b', 2), builder.local('c', 2)];
    builder.localStore(plain, 1, 5);
    builder.localLoad(plain, 1);
    builder.localLoad(indexed, builder.copy(1));
    builder.localAddress(pointed);
  });
  expect(lines).toEqual(['entry:', 'r5 = copy 5', 'r0 = copy r5', 'r1 = copy 1', 'r2 = l1[r1]', 'r3 = &l2[0]', 'halt']);
});

test('lower-division leaves no divide, and calls the routine only for divisors that vary', () => {
  const module = createModule('main');
  const builder = new FunctionBuilder(module, { name: 'main', owner: 'runtime' });
  const a = input(builder);
  builder.divide('div', a, 10);
  builder.divide('rem', a, 16);
  builder.halt();
  lowerDivision(module, true);
  expect(bodyOf(module).join(' ')).not.toMatch(/div|call/);
  const again = createModule('main');
  const other = new FunctionBuilder(again, { name: 'main', owner: 'runtime' });
  other.divide('div', 1, input(other));
  other.halt();
  lowerDivision(again, true);
  expect(bodyOf(again).join(' ')).toMatch(/call __divide/);
  expect([...again.functions.keys()]).toEqual(['main', '__divide']);
});
