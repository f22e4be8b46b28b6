import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomStream } from '../../base/random.ts';
import { assemble } from '../assembler/assembler.ts';
import { disassemblyLines, instructionText } from '../assembler/disassembler.ts';
import { decodeInstruction, decodeProgram } from '../image/decode.ts';
import { encodeInstruction, encodeProgram } from '../image/encode.ts';
import { eccOf, withEcc } from '../image/encode-ecc.ts';
import { COMMANDS, findCommand } from './commands.ts';
import type { Instruction } from './instruction.ts';
import { randomInstruction, randomInstructions } from './random-program.ts';
import { verifyInstruction } from './verify.ts';

describe.each([8, 4] as const)('random valid instructions with %i contexts', (contexts) => {
  test('encode, decode: the same instruction', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = randomStream(seed, 'npu/isa');
        for (let i = 0; i < 200; i++) {
          const instruction = randomInstruction(random, contexts);
          const word = encodeInstruction(instruction, contexts);
          expect(word).toBeLessThan(2 ** 45);
          expect(decodeInstruction(word, contexts), instructionText(instruction)).toStrictEqual(instruction);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('disassemble, assemble: the same instructions, plain and as a listing', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const instructions = randomInstructions(randomStream(seed, 'npu/isa'), 200, contexts);
        for (const text of [instructions.map(instructionText).join('\n'), disassemblyLines(instructions).join('\n')]) {
          const assembly = assemble(text, { contexts, fragment: true });
          expect(assembly.errors).toEqual([]);
          expect(assembly.instructions).toStrictEqual(instructions);
        }
      }),
      { numRuns: 30 },
    );
  });
});

test('the random instructions reach every kind, operator and command', () => {
  const random = randomStream(1, 'npu/isa');
  const seen = new Set<string>();
  const commands = new Set<string>();
  for (let i = 0; i < 60_000; i++) {
    const instruction = randomInstruction(random);
    seen.add(instructionText(instruction).replace(/[[,].*/, ''));
    if (instruction.kind === 'command') commands.add(`${instruction.target} ${instruction.command}`);
  }
  expect(commands.size).toBe(COMMANDS.length);
  const expected =
    'alu alu_shf arm asr bcc bcs beq bge bgt ble blt bmi bne bpl br br!=byte br!=ctx br=byte br=ctx br_!cls_state ' +
    'br_!inp_state br_!signal br_bclr br_bset br_cls_state br_inp_state br_signal bvc bvs byte_align_be byte_align_le ' +
    'cam_clear cam_lookup cam_read_state cam_read_tag cam_write cam_write_state cls crc_be crc_le crypto ct ctx_arb ' +
    'dbl_shf ffs ila immed immed_b0 immed_b1 immed_b2 immed_b3 immed_w0 immed_w1 jump ld_field ld_field_w_clr ' +
    'local_csr_rd local_csr_wr mem mul_step nbi nop pcie pop_count1 pop_count2 pop_count3 rtn';
  expect([...seen].sort().join(' ')).toBe(expected);
});

test('any word decodes to nothing or to an instruction that keeps its text through the encoder', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0x1fff }), fc.integer({ min: 0, max: 0xffffffff }), (high, low) => {
      const instruction = decodeInstruction(high * 2 ** 32 + low);
      if (instruction === undefined || verifyInstruction(instruction).length > 0) return;
      expect(decodeInstruction(encodeInstruction(instruction))).toStrictEqual(instruction);
    }),
    { numRuns: 20_000 },
  );
});

describe('words of the Linux driver', () => {
  // Built by hand from the field definitions of `nfp_asm.h`, as its code generator fills them.
  const cases: readonly (readonly [string, number])[] = [
    ['nop', 0x0f0000c0300],
    ['br[.3]', 0x0d800008038 + 3 * 2 ** 22],
    ['beq[.8193], defer[2]', 0x0d800008120 + 1 * 2 ** 22 + 2 * 2 ** 20 + 2 ** 40],
    ['alu[gprA_1, gprA_2, +, gprB_3]', 0x0a000000000 + 2 + 3 * 2 ** 10 + 1 * 2 ** 20 + 1 * 2 ** 31],
    ['alu[gprB_1, gprB_2, AND, 0xff]', 0x0a000000000 + 0x3ff + 2 * 2 ** 10 + 2 ** 20 + 2 ** 30 + 8 * 2 ** 31 + 2 ** 36],
    ['alu_shf[gprA_1, --, B, gprB_2, <<8]', 0x08000000000 + 0x200 + 2 * 2 ** 10 + 2 ** 20 + 24 * 2 ** 28],
    ['immed[gprA_5, 0x1234]', 0x0f000000000 + 5 + 0x334 * 2 ** 10 + 0x12 * 2 ** 20],
    ['br_bset[gprA_3, 7, .4]', 0x0d000000000 + 3 + 0x28 * 2 ** 10 + 2 ** 18 + 4 * 2 ** 22],
    ['local_csr_wr[ActLMAddr0, gprB_4]', 0x0fc00000000 + 0x300 + 4 * 2 ** 10 + 2 ** 21 + 0x19 * 2 ** 22],
    [
      'mem[read32_swap, $xfer_2, gprA_1, 0xc, 7], ctx_swap[sig1]',
      1 + 0x2c * 2 ** 10 + 2 * 2 ** 18 + 2 * 2 ** 20 + 6 * 2 ** 25 + 1 * 2 ** 28 + 0x5c * 2 ** 32 + 4 * 2 ** 42,
    ],
    ['rtn[gprA_1]', 0x0e800000000 + 1 + 0x300 * 2 ** 10],
    ['ctx_arb[kill]', 0x0e000000000],
  ];

  test.each(cases)('%s', (text, word) => {
    const { instructions, errors } = assemble(text, { fragment: true });
    expect(errors).toEqual([]);
    expect(encodeInstruction(instructions[0]!).toString(16)).toBe(word.toString(16));
  });
});

describe('error-correcting code', () => {
  test('a word with its code is read, one with a wrong bit is refused', () => {
    const words = encodeProgram(randomInstructions(randomStream(5, 'npu/ecc'), 100));
    const coded = words.map((word) => withEcc(Number(word)));
    expect(decodeProgram(coded)).toStrictEqual(decodeProgram(words));
    coded[40] = coded[40]! ^ (1n << 47n);
    expect(decodeProgram(coded)).toMatchObject({ ok: false, error: { code: 'npu-word-ecc', offset: 320 } });
  });

  test('each bit of a word changes at least two parity bits', () => {
    // So a single wrong bit of the instruction cannot be taken for a wrong bit of the code.
    for (let bit = 0; bit < 45; bit++) {
      const changed = eccOf(2 ** bit);
      expect(changed & (changed - 1), `bit ${bit}`).not.toBe(0);
    }
  });
});

test('a word that means nothing is a coded error with its offset', () => {
  expect(decodeProgram(BigUint64Array.of(0xf0000c0300n, 0x1fffffffffffn))).toMatchObject({
    ok: false,
    error: { code: 'npu-word-invalid', offset: 8 },
  });
});

test('spellings of commands are unique within their target', () => {
  for (const command of COMMANDS) expect(findCommand(command.target, command.name)).toBe(command);
});

describe('verifier', () => {
  const gprA = { kind: 'gpr', bank: 'A', index: 0 } as const;
  const gprB = { kind: 'gpr', bank: 'B', index: 1 } as const;
  const flags = { writeBoth: false, keepConditionCodes: false, predicate: false } as const;
  const alu = { kind: 'alu', operator: '+', destination: gprA, a: gprA, b: gprB, ...flags } as const;
  const read = {
    kind: 'command',
    target: 'mem',
    command: 'read32',
    xfer: 0,
    address: { kind: 'sum', a: gprA, b: gprB },
    count: 8,
    indirect: false,
    completion: 'swap',
    signal: 1,
    defer: 0,
  } as const;
  const lm = { kind: 'local_memory', pointer: 0, offset: 9, step: 0 } as const;
  const cases: readonly (readonly [string, Instruction])[] = [
    ['npu-same-bank', { ...alu, b: gprA }],
    ['npu-same-bank', { ...alu, b: { kind: 'absolute_gpr', bank: 'A', index: 100 } }],
    ['npu-same-kind', { ...alu, a: { kind: 'immediate', value: 1 }, b: { kind: 'immediate', value: 2 } }],
    ['npu-same-kind', { ...alu, a: { kind: 'xfer', index: 1 }, b: { kind: 'indexed_xfer', step: 0 } }],
    ['npu-immediate-range', { ...alu, b: { kind: 'immediate', value: 256 } }],
    ['npu-register-range', { ...alu, a: { ...gprA, index: 16 } }],
    ['npu-register-range', { ...alu, a: { kind: 'xfer', index: 32 } }],
    ['npu-form', { ...alu, a: { kind: 'none' } }],
    ['npu-form', { ...alu, operator: 'B' }],
    ['npu-write-both', { ...alu, destination: { kind: 'none' }, writeBoth: true }],
    ['npu-register-range', { kind: 'asr', destination: gprA, source: lm, amount: 4, ...flags }],
    ['npu-shift-range', { kind: 'asr', destination: gprA, source: gprB, amount: 32, ...flags }],
    ['npu-branch-range', { kind: 'branch', condition: 'br', target: 16384, defer: 0 }],
    ['npu-csr-range', { kind: 'local_csr_rd', csr: 4 }],
    ['npu-csr-range', { kind: 'local_csr_rd', csr: 0x66 }],
    ['npu-count-range', { ...read, count: 9 }],
    ['npu-count-range', { ...read, command: 'add64', count: 1 }],
    ['npu-transfer-range', { ...read, xfer: 25 }],
    ['npu-unknown-command', { ...read, command: 'read33' }],
    ['npu-signal-range', { ...read, signal: 16 }],
    ['npu-immediate-range', { ...read, address: { kind: 'sum', a: gprA, b: { kind: 'immediate', value: 128 } } }],
    ['npu-operand-kind', { ...read, address: { kind: 'sum', a: gprB, b: gprA } }],
    ['npu-operand-kind', { ...read, address: { kind: 'sum', a: gprA, b: { ...lm, offset: 1, pointer: 2 } } }],
  ];

  test.each(cases)('%s', (code, instruction) => {
    expect(verifyInstruction(instruction).map((problem) => problem.code)).toContain(code);
  });

  test('what the cases start from is accepted', () => {
    expect(verifyInstruction(alu)).toEqual([]);
    expect(verifyInstruction(read)).toEqual([]);
  });
});
