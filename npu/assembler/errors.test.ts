import { describe, expect, test } from 'vitest';
import { assemble } from './assembler.ts';
import { assemblyFailure } from './assembly-error.ts';

function errorsOf(source: string, fragment = true): string[] {
  return assemble(source, { file: 'x.asm', fragment }).errors.map(({ code, position }) => {
    return `${code} ${position.line}:${position.column}`;
  });
}

describe('what cannot be read', () => {
  const cases: readonly (readonly [text: string, error: string])[] = [
    ['frobnicate[gprA_1]', 'asm-mnemonic 1:1'],
    ['alu[gprA_1, gprA_2, +]', 'asm-operand-count 1:1'],
    ['nop[gprA_1]', 'asm-operand-count 1:1'],
    ['ctx_arb', 'asm-operand-count 1:1'],
    ['mem', 'asm-operand-count 1:1'],
    ['mem[read32, 1, 2, 3, 4, 5, 6]', 'asm-operand-count 1:1'],
    ['mem[read32, gprA_1, gprA_2, gprB_3, 1]', 'asm-operand 1:5'],
    ['alu[gprA_1, gprA_2, %, gprB_2]', 'asm-operand 1:21'],
    ['alu[gprA_1, foo, +, gprB_2]', 'asm-operand 1:13'],
    ['alu[0x1, gprA_1, +, gprB_2]', 'asm-operand 1:5'],
    ['alu[gprA_1, gprA_1, +, --]', 'asm-operand 1:24'],
    ['alu_shf[gprA_1, --, B, gprB_2, >>dbl3]', 'asm-operand 1:32'],
    ['asr[gprA_1, gprB_2, <<3]', 'asm-operand 1:21'],
    ['immed[gprA_1, 1, <<7]', 'asm-operand 1:18'],
    ['mul_step[gprA_1, gprB_2], 32x32_last', 'asm-operand 1:18'],
    ['mul_step[gprA_1, gprB_2], 32x32_step9', 'asm-modifier 1:27'],
    ['mul_step[gprA_1, gprB_2]', 'asm-modifier 1:1'],
    ['ctx_arb[signal1]', 'asm-operand 1:9'],
    ['ld_field[gprA_1, 0210, gprB_1]', 'asm-operand 1:18'],
    ['local_csr_rd[Nothing]', 'asm-operand 1:14'],
    ['br_inp_state[full, .0]', 'asm-operand 1:14'],
    ['  br[nowhere]', 'asm-unknown-label 1:6'],
    ['nop, gpr_wrboth', 'asm-modifier 1:6'],
    ['br[.0], defer[1], defer[2]', 'asm-modifier 1:19'],
    ['mem[read32, $xfer_0, gprA_0, 0x0, 1], ctx_swap[sig1], sig_done[sig2]', 'asm-modifier 1:5'],
    ['x: x: nop', 'asm-duplicate-label 1:4'],
    ['mem[read99, $xfer_0, gprA_0, 0x0, 1]', 'asm-command 1:5'],
    ['.7  nop', 'asm-number 1:1'],
    ['   8:\tnop', 'asm-number 1:4'],
    ['   7:\tnop', 'asm-number 1:4'],
    ['alu[gprA_1, gprA_2, +, gprB_3', 'asm-syntax 1:4'],
    ['alu[gprA_1, , +, gprB_3]', 'asm-syntax 1:12'],
    ['nop nop', 'asm-syntax 1:5'],
    ['nop,', 'asm-syntax 1:5'],
    [']', 'asm-syntax 1:1'],
    ['\t...', 'asm-syntax 1:2'],
    ['nop\nnop /* open', 'asm-syntax 2:5'],
    [`nop${' '.repeat(3000)}`, 'asm-syntax 1:2001'],
  ];

  test.each(cases)('%s', (text, error) => {
    expect(errorsOf(text)).toEqual([error]);
  });

  test('all of it is reported, in the order of the lines', () => {
    const source = cases.map(([text]) => text).filter((text) => !/^\s*[.\d]|x:|open/.test(text));
    const errors = errorsOf(source.join('\n'));
    expect(errors).toEqual(
      source.map((text, i) => {
        const [code, place] = cases.find((other) => other[0] === text)![1].split(' ');
        return `${code} ${i + 1}:${place!.split(':')[1]}`;
      }),
    );
  });

  test('the first 200 errors are enough', () => {
    expect(errorsOf('frobnicate\n'.repeat(5000))).toHaveLength(200);
  });
});

describe('what breaks a rule of the instruction set is reported at the part that does', () => {
  const cases: readonly (readonly [text: string, error: string])[] = [
    ['alu[gprA_1, gprA_2, +, gprA_3]', 'npu-same-bank 1:24'],
    ['alu[gprA_1, 0x1, +, 0x2]', 'npu-same-kind 1:21'],
    ['  alu[gprA_99, --, B, 0x10]', 'npu-register-range 1:7'],
    ['alu[gprA_1, --, B, 0x100]', 'npu-immediate-range 1:20'],
    ['alu[gprA_1, gprA_2, B, 0x1]', 'npu-form 1:13'],
    ['alu[$xfer_32, --, B, 0x1]', 'npu-register-range 1:5'],
    ['alu[n$reg_16, --, B, 0x1]', 'npu-register-range 1:5'],
    ['alu[@gprA_128, --, B, 0x1]', 'npu-register-range 1:5'],
    ['alu[*l$index0[16], --, B, 0x1]', 'npu-register-range 1:5'],
    ['alu_shf[gprA_1, --, B, *l$index0[8], <<1]', 'npu-register-range 1:24'],
    ['alu_shf[gprA_1, --, B, @gprB_1, <<1]', 'npu-operand-kind 1:24'],
    ['alu_shf[gprA_1, --, B, gprB_1, <<32]', 'npu-shift-range 1:32'],
    ['alu[$xfer_0, --, B, gprB_1], gpr_wrboth', 'npu-write-both 1:5'],
    ['immed[gprA_1, 0x10000]', 'npu-immediate-range 1:15'],
    ['immed_b1[gprA_1, 0x100]', 'npu-immediate-range 1:18'],
    ['cam_write[gprA_1, gprB_1, 16]', 'npu-immediate-range 1:27'],
    ['br_bset[gprA_1, 32, .0]', 'npu-immediate-range 1:17'],
    ['br=byte[gprA_1, 4, 0x0, .0]', 'npu-immediate-range 1:17'],
    ['br=byte[gprA_1, 0, 0x100, .0]', 'npu-immediate-range 1:20'],
    ['br=ctx[8, .0]', 'npu-signal-range 1:8'],
    ['br[.16384]', 'npu-branch-range 1:4'],
    ['br[.0], defer[4]', 'npu-defer 1:15'],
    ['ctx_arb[sig1, sig1]', 'npu-form 1:1'],
    ['local_csr_rd[0x6]', 'npu-csr-range 1:14'],
    ['mem[read32, $xfer_0, gprA_0, 0x0, 9]', 'npu-count-range 1:35'],
    ['mem[add64, $xfer_0, gprA_0, 0x0, 1]', 'npu-count-range 1:34'],
    ['mem[read32, $xfer_30, gprA_0, 0x0, 4]', 'npu-transfer-range 1:13'],
    ['mem[read32, $xfer_32, gprA_0, 0x0, 1]', 'npu-register-range 1:13'],
    ['mem[read32, $xfer_0, gprA_0, 0x80, 1]', 'npu-immediate-range 1:30'],
    ['mem[read32, $xfer_0, gprB_0, gprA_0, 1]', 'npu-operand-kind 1:22'],
    ['mem[read32, $xfer_0, gprA_0, gprA_1, 1]', 'npu-same-bank 1:30'],
    ['mem[read32, $xfer_0, gprA_0, 0x0, 1], ctx_swap[sig16]', 'npu-signal-range 1:48'],
    ['mem[read32, $xfer_0, gprA_0, 0x0, 1], ctx_swap[sig1], defer[3]', 'npu-defer 1:61'],
  ];

  test.each(cases)('%s', (text, error) => {
    // One part can break several rules: the first is the one that is meant.
    expect(errorsOf(text)[0]).toBe(error);
  });

  test('rules of a whole program', () => {
    expect(errorsOf('br[.3]\nnop', false)).toEqual(['npu-branch-range 1:4', 'npu-falls-off-end 2:1']);
    expect(errorsOf('br[.0], defer[2]\nbr[.0]\nnop', false)).toEqual(['npu-defer 2:1']);
    expect(errorsOf('br[.0], defer[2]\nnop', false)).toEqual(['npu-defer 1:15', 'npu-falls-off-end 2:1']);
    expect(errorsOf('beq[.0]', false)).toEqual(['npu-falls-off-end 1:1']);
    expect(errorsOf('ctx_arb[kill]', false)).toEqual([]);
    expect(errorsOf('', false)).toEqual(['npu-falls-off-end 1:1']);
    expect(errorsOf(`${'nop\n'.repeat(16_384)}br[.0]`, false)).toEqual(['npu-program-size 16385:1']);
  });
});

describe('what an error says', () => {
  test('place, problem, line and what to do', () => {
    const { errors } = assemble('start:\n\talu_shift[gprA_1, --, B, gprB_2, <<3]\n  br[strat]', { file: 'count.asm' });
    expect(errors.map((error) => error.text())).toEqual([
      'count.asm:2:2: error: unknown instruction "alu_shift" [asm-mnemonic]\n' +
        '    2 | \talu_shift[gprA_1, --, B, gprB_2, <<3]\n' +
        '      | \t^\n' +
        '  hint: did you mean "alu_shf"?',
      'count.asm:3:6: error: no label "strat" [asm-unknown-label]\n' +
        '    3 |   br[strat]\n' +
        '      |      ^\n' +
        '  hint: did you mean "start"?',
    ]);
    const failure = assemblyFailure(errors);
    expect(failure.code).toBe('asm-mnemonic');
    expect(failure.message.split('\n')[0]).toBe('count.asm does not assemble: 2 errors');
  });

  test('a rule of the instruction set comes with a way out', () => {
    const [error] = assemble('alu[gprA_1, gprA_2, +, gprA_3]', { fragment: true }).errors;
    expect(error).toMatchObject({ code: 'npu-same-bank', problem: 'both sources are in bank A' });
    expect(error?.hint).toContain('copy one to the other bank');
    const [range] = assemble('immed[gprA_20, 0x1]', { fragment: true }).errors;
    expect(range?.hint).toContain('4 contexts');
    expect(assemble('immed[gprA_20, 0x1]', { fragment: true, contexts: 4 }).errors).toEqual([]);
  });
});
