import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { assemble } from '../assembler/assembler.ts';
import { runProgram } from '../nic/run-program.ts';
import { parseNicProfile } from '../profile.ts';

const profile = parseNicProfile(
  parse(readFileSync(new URL('../../topology/profiles/nics/agilio-cx-2x10.yaml', import.meta.url), 'utf8')),
);

/** Runs one core on text; the program ends itself. */
function run(text: string, registers: Record<string, number> = {}) {
  const { instructions, errors } = assemble(`${text}\nctx_arb[kill]`);
  expect(errors).toEqual([]);
  return runProgram({ profile, instructions, registers, limitCycles: 1_000_000 });
}

const word = fc.oneof(
  fc.integer({ min: 0, max: 0xffff_ffff }),
  fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff),
);
const MASK = 0xffff_ffffn;

/** Result, carry and overflow of each operator, by the book: 33-bit sums. */
const ARITHMETIC: Record<string, (a: bigint, b: bigint, carry: bigint) => [a: bigint, b: bigint, carry: bigint]> = {
  '+': (a, b) => [a, b, 0n],
  '+8': (a, b) => [a, b & 0xffn, 0n],
  '+16': (a, b) => [a, b & 0xffffn, 0n],
  '+carry': (a, b, carry) => [a, b, carry],
  '-': (a, b) => [a, ~b & MASK, 1n],
  '-carry': (a, b, carry) => [a, ~b & MASK, carry],
  'B-A': (a, b) => [b, ~a & MASK, 1n],
};

/** Sets gprA_10..13 to N Z V C of the instruction before. */
const CODES = ['bmi', 'beq', 'bvs', 'bcs']
  .map(
    (branch, i) =>
      `${branch}[is${i}]\nimmed[gprA_${10 + i}, 0]\nbr[after${i}]\nis${i}:\nimmed[gprA_${10 + i}, 1]\nafter${i}:`,
  )
  .join('\n');

describe('alu', () => {
  test.each(Object.keys(ARITHMETIC))('%s: result and N Z V C, with carry in', (operator) => {
    fc.assert(
      fc.property(word, word, fc.boolean(), (a, b, carryIn) => {
        const [x, y, carry] = ARITHMETIC[operator]!(BigInt(a), BigInt(b), carryIn ? 1n : 0n);
        const sum = x + y + carry;
        const result = sum & MASK;
        const sign = (value: bigint) => value >> 31n;
        // 0 - 0 leaves carry set, 0 - 1 clears it.
        const state = run(
          `immed[gprB_3, ${carryIn ? 0 : 1}]\nalu[--, 0, -, gprB_3]\nalu[gprA_2, gprA_0, ${operator}, gprB_1]\n${CODES}`,
          { gprA_0: a, gprB_1: b },
        );
        expect(BigInt(state.register('gprA_2'))).toBe(result);
        expect([10, 11, 12, 13].map((i) => state.register(`gprA_${i}`))).toEqual([
          Number(sign(result)),
          result === 0n ? 1 : 0,
          sign(x) === sign(y) && sign(x) !== sign(result) ? 1 : 0,
          sum > MASK ? 1 : 0,
        ]);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['AND', (a: number, b: number) => a & b],
    ['~AND', (a: number, b: number) => ~a & b],
    ['AND~', (a: number, b: number) => a & ~b],
    ['OR', (a: number, b: number) => a | b],
    ['XOR', (a: number, b: number) => a ^ b],
  ])('%s clears V and C', (operator, oracle) => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        const state = run(`alu[--, gprA_15, -, 0]\nalu[gprA_2, gprA_0, ${operator}, gprB_1]\n${CODES}`, {
          gprA_0: a,
          gprB_1: b,
        });
        const result = oracle(a, b) >>> 0;
        expect(state.register('gprA_2')).toBe(result);
        expect([10, 11, 12, 13].map((i) => state.register(`gprA_${i}`))).toEqual([
          result >>> 31,
          result === 0 ? 1 : 0,
          0,
          0,
        ]);
      }),
      { numRuns: 30 },
    );
  });

  test('no_cc keeps the codes; immed does not touch them', () => {
    const state = run(`alu[--, gprA_15, -, 0]\nalu[gprA_0, --, B, 7], no_cc\nimmed[gprA_1, 9]\n${CODES}`);
    expect([10, 11, 12, 13].map((i) => state.register(`gprA_${i}`))).toEqual([0, 1, 0, 1]);
    expect(state.register('gprA_0')).toBe(7);
  });

  test('both banks: gpr_wrboth; transfer registers are two: read in, write out', () => {
    const state = run('alu[gprA_3, --, B, 0x21], gpr_wrboth\nalu[$xfer_1, --, B, 0x33]\nalu[gprA_4, --, B, $xfer_1]', {
      xfer_1: 0x44,
    });
    expect(['gprA_3', 'gprB_3', 'out_1', 'gprA_4'].map((name) => state.register(name))).toEqual([
      0x21, 0x21, 0x33, 0x44,
    ]);
  });
});

describe('shifts', () => {
  test('fixed and indirect amounts agree with the plain meaning', () => {
    fc.assert(
      fc.property(word, word, fc.integer({ min: 1, max: 31 }), (a, b, n) => {
        const state = run(
          `alu_shf[gprA_2, --, B, gprB_1, <<${n}]
           alu_shf[gprA_3, --, B, gprB_1, >>${n}]
           alu_shf[gprA_4, --, B, gprB_1, >>rot${n}]
           dbl_shf[gprA_5, gprA_0, gprB_1, >>${n}]
           alu[--, gprA_9, OR, 0]
           alu_shf[gprA_6, --, B, gprB_1, <<indirect]
           alu[--, gprA_9, OR, 0]
           alu_shf[gprA_7, --, B, gprB_1, >>indirect]
           alu[--, gprA_9, OR, 0]
           dbl_shf[gprA_8, gprA_0, gprB_1, >>indirect]
           alu_shf[gprB_10, gprA_0, AND~, gprB_1, <<${n}]`,
          { gprA_0: a, gprB_1: b, gprA_9: n | 0x40 },
        );
        const double = Number((((BigInt(a) << 32n) | BigInt(b)) >> BigInt(n)) & MASK);
        const left = (b << n) >>> 0;
        const right = b >>> n;
        const rotated = ((b >>> n) | (b << (32 - n))) >>> 0;
        expect([2, 3, 4, 5, 6, 7, 8].map((i) => state.register(`gprA_${i}`))).toEqual([
          left,
          right,
          rotated,
          double,
          left,
          right,
          double,
        ]);
        expect(state.register('gprB_10')).toBe((a & ~(b << n)) >>> 0);
      }),
      { numRuns: 60 },
    );
  });

  test('a result that an indirect shift by 0 leaves as it is has its sign', () => {
    const state = run(
      `alu[--, gprA_15, OR, 0]\nalu_shf[gprA_0, --, B, gprB_1, >>indirect]\nasr[gprA_1, gprB_1, >>4]\nalu[--, gprA_15, OR, 0]\nalu_shf[gprA_0, --, B, gprB_1, >>indirect]\n${CODES}`,
      { gprB_1: 0x8000_0010 },
    );
    expect([state.register('gprA_1'), state.register('gprA_10')]).toEqual([0xf800_0001, 1]);
  });

  test('asr takes its sign from the result before it, as the chip does', () => {
    const set = 'alu[--, gprA_0, OR, 0]';
    expect(run(`${set}\nasr[gprA_2, gprA_0, >>4]`, { gprA_0: 0x8000_0010 }).register('gprA_2')).toBe(0xf800_0001);
    expect(run(`${set}\nasr[gprA_2, gprA_0, >>4]`, { gprA_0: 0x7000_0010 }).register('gprA_2')).toBe(0x0700_0001);
    expect(run('alu[--, gprA_15, OR, 1]\nasr[gprA_2, gprA_0, >>4]', { gprA_0: 0x8000_0010 }).register('gprA_2')).toBe(
      0x0800_0001,
    );
    const indirect = run('alu[--, gprB_1, OR, gprA_0]\nasr[gprA_2, gprA_0, >>indirect]', {
      gprA_0: 0x8000_0010,
      gprB_1: 4,
    });
    expect(indirect.register('gprA_2')).toBe(0xf800_0001);
  });

  test('ld_field merges the octets of its mask after the rotation', () => {
    const registers = { gprA_0: 0x1122_3344, gprB_1: 0xaabb_ccdd };
    expect(run('ld_field[gprA_0, 0110, gprB_1]', registers).register('gprA_0')).toBe(0x11bb_cc44);
    expect(run('ld_field[gprA_0, 1000, gprB_1, >>rot8]', registers).register('gprA_0')).toBe(0xdd22_3344);
    expect(run('ld_field[gprA_0, 0011, gprB_1, >>16]', registers).register('gprA_0')).toBe(0x1122_aabb);
    expect(run('ld_field_w_clr[gprA_0, 0011, gprB_1, <<8]', registers).register('gprA_0')).toBe(0xdd00);
  });

  test('immed in all its widths and places', () => {
    const state = run(
      `immed[gprA_0, 0x1234, <<8]
       immed[gprA_1, 0xffff1234]
       immed_w1[gprA_2, 0x5678]
       immed_w0[gprA_3, 0x5678]
       immed_b2[gprA_4, 0x9a]
       immed[gprA_5, 0xffff1234, <<8]
       immed[gprA_6, 0xffffffff, <<16]`,
      { gprA_2: 0x1111_2222, gprA_3: 0x1111_2222, gprA_4: 0x1111_2222 },
    );
    expect([0, 1, 2, 3, 4, 5, 6].map((i) => state.register(`gprA_${i}`))).toEqual([
      0x0012_3400, 0xffff_1234, 0x5678_2222, 0x1111_5678, 0x119a_2222, 0xff12_34ff, 0xffff_ffff,
    ]);
  });
});

describe('multiplication', () => {
  const steps = (size: string, count: number) =>
    ['mul_step[gprA_0, gprB_1], start']
      .concat(Array.from({ length: count }, (_, i) => `mul_step[gprA_0, gprB_1], ${size}_step${i + 1}`))
      .join('\n');

  test('32x32: both words', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        const state = run(`${steps('32x32', 4)}\nmul_step[gprA_2, --], 32x32_last\nmul_step[gprA_3, --], 32x32_last2`, {
          gprA_0: a,
          gprB_1: b,
        });
        const product = BigInt(a) * BigInt(b);
        expect([state.register('gprA_2'), state.register('gprA_3')]).toEqual([
          Number(product & MASK),
          Number(product >> 32n),
        ]);
      }),
      { numRuns: 100 },
    );
  });

  test('16x16 and 24x8', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.nat(0xffff), (a, b) => {
        const state = run(`${steps('16x16', 2)}\nmul_step[gprA_2, --], 16x16_last`, { gprA_0: a, gprB_1: b });
        expect(state.register('gprA_2')).toBe(a * b);
        const small = run(`${steps('24x8', 1)}\nmul_step[gprA_2, --], 24x8_last`, {
          gprA_0: a * 100,
          gprB_1: b & 0xff,
        });
        expect(small.register('gprA_2')).toBe(a * 100 * (b & 0xff));
      }),
      { numRuns: 50 },
    );
  });

  test('ffs and pop_count', () => {
    const state = run('ffs[gprA_1, gprA_0]\npop_count1[gprA_0]\npop_count2[gprA_0]\npop_count3[gprA_2, gprA_0]', {
      gprA_0: 0xf050_0000,
    });
    expect([state.register('gprA_1'), state.register('gprA_2')]).toEqual([20, 6]);
  });
});

describe('local memory and CSRs', () => {
  test('offsets, post-increment, and the delay of a new pointer', () => {
    const state = run(
      `immed[gprA_0, 64]
       local_csr_wr[ActLMAddr0, gprA_0]
       nop
       nop
       nop
       alu[*l$index0++, --, B, 1]
       alu[*l$index0++, --, B, 2]
       alu[*l$index0[2], --, B, 3]
       immed[gprA_1, 0]
       local_csr_wr[ActLMAddr0, gprA_1]
       alu[*l$index0[3], --, B, 4]
       nop
       nop
       alu[*l$index0, --, B, 5]
       alu[gprA_2, --, B, *l$index0]
       local_csr_rd[ActLMAddr0]
       immed[gprA_3, 0]`,
    );
    // Words 16, 17 by the increments; 18 + 2; the write just after the new pointer still goes by the old one: 18 + 3.
    expect([16, 17, 20, 21, 0].map((i) => state.local(i))).toEqual([1, 2, 3, 4, 5]);
    expect([state.register('gprA_2'), state.register('gprA_3')]).toEqual([5, 0]);
  });

  test.each([
    [2, 16],
    [3, 0],
  ])('with %i instructions in between a write goes by word %i', (between, word) => {
    const state = run(
      `immed[gprA_0, 64]\nlocal_csr_wr[ActLMAddr0, gprA_0]\nnop\nnop\nnop\nnop
       local_csr_wr[ActLMAddr0, gprA_15]\n${'nop\n'.repeat(between)}alu[*l$index0, --, B, 9]`,
    );
    expect([state.local(16), state.local(0)]).toEqual(word === 16 ? [9, 0] : [0, 9]);
  });

  test('two new pointers in a row: the one that was settled counts until the last is', () => {
    const state = run(
      `immed[gprA_0, 64]\nimmed[gprA_1, 128]\nlocal_csr_wr[ActLMAddr0, gprA_0]\nlocal_csr_wr[ActLMAddr0, gprA_1]
       alu[*l$index0, --, B, 9]\nnop\nnop\nnop\nalu[*l$index0, --, B, 8]`,
    );
    expect([0, 16, 32].map((word) => state.local(word))).toEqual([9, 0, 8]);
  });

  test('a context cannot touch the slice of another', () => {
    const state = run(
      'immed[gprA_0, 512]\nlocal_csr_wr[ActLMAddr1, gprA_0]\nnop\nnop\nnop\nalu[*l$index1, --, B, 1]\nbr[next]\nnext:\nnop',
    );
    expect(state.faults.map((fault) => [fault.kind, fault.instruction, fault.address])).toEqual([
      ['local-memory', 5, 512],
    ]);
    expect(state.local(128)).toBe(0);
  });

  test('the timestamp ticks every 16 cycles; the context status names the context', () => {
    const state = run(
      `local_csr_rd[TimestampLow]\nimmed[gprA_0, 0]\n${'nop\n'.repeat(30)}local_csr_rd[TimestampLow]\nimmed[gprA_1, 0]
       local_csr_rd[ActCtxStatus]\nimmed[gprA_2, 0]`,
    );
    expect([state.register('gprA_0'), state.register('gprA_1'), state.register('gprA_2') & 7]).toEqual([0, 2, 0]);
  });
});
