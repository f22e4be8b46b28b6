import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assemble } from './assembler.ts';
import { disassemblyLines, instructionText } from './disassembler.ts';

function textOf(source: string): string[] {
  const { instructions, errors } = assemble(source, { fragment: true });
  expect(errors).toEqual([]);
  return instructions.map(instructionText);
}

describe('assembler', () => {
  test('labels, comments, targets by name and by number', () => {
    const source = `
      ; counts down
      start:                       // entry
              immed[gprA_0, 10]
      loop: alu[gprA_0, gprA_0, -, 0x1]
              bne[loop], defer[1]
              nop ; in the slot
      done: also_done#: br[.0]
    `;
    const { instructions, lines, labels, errors } = assemble(source);
    expect(errors).toEqual([]);
    expect(instructions.map(instructionText)).toEqual([
      'immed[gprA_0, 0xa]',
      'alu[gprA_0, gprA_0, -, 0x1]',
      'bne[.1], defer[1]',
      'nop',
      'br[.0]',
    ]);
    expect(lines).toEqual([4, 5, 6, 7, 8]);
    expect([...labels]).toEqual([
      ['start', 0],
      ['loop', 1],
      ['done', 4],
      ['also_done#', 4],
    ]);
  });

  test('the listings of the kernel and of this project read the same', () => {
    expect(
      assemble('   0:\t  .0  immed[gprB_22, 0x3fff]\n   8:\t  .1  br[.0]', { contexts: 4 }).instructions.map(
        instructionText,
      ),
    ).toEqual(['immed[gprB_22, 0x3fff]', 'br[.0]']);
    const listing = [
      '',
      '/tmp/x.elf:     file format elf64-nfp',
      '',
      'Disassembly of section .text:',
      '',
      '0000000000000000 <main>:',
      '   0:\t000000f0000c0300 \t.0  nop',
      '   8:\t.1  br[main]\r',
    ].join('\n');
    const { instructions, errors } = assemble(listing);
    expect(errors).toEqual([]);
    expect(disassemblyLines(instructions)).toEqual(['   0:\t.0  nop', '   8:\t.1  br[.0]']);
  });

  test('other spellings', () => {
    expect(
      textOf(`
        here: load_addr[gprB_1, here]
        bhs[here]
        blo[here]
        alu_shf[gprA_1, --, B, gprB_1, <<rot8]
        mem[ctm.packet_complete_unicast, $xfer_0, gprA_1, 0, 2], ctx_swap[sig2], defer[1]
        ctx_arb[sig3, sig1]
      `),
    ).toEqual([
      'immed[gprB_1, 0x0]',
      'bcs[.0]',
      'bcc[.0]',
      'alu_shf[gprA_1, --, B, gprB_1, >>rot24]',
      'mem[ctm.packet_complete_unicast/emem.qadd_thread/imem.lb_read_idtable, $xfer_0, gprA_1, 0x0, 2], ctx_swap[sig2], defer[1]',
      'ctx_arb[sig1, sig3]',
    ]);
  });

  test('every address form of a command', () => {
    const forms = [
      'mem[read32, $xfer_0, gprA_1, gprB_2, 8], ctx_swap[sig1]',
      'mem[read32, $xfer_0, gprB_1, <<8, gprA_2, 8], ctx_swap[--], defer[2]',
      'cls[write, $xfer_31, 0x1234, 1], sig_done[sig15]',
      'mem[read, 0x7f, gprA_0, <<8, 0x7f, 1]',
      'ct[interthread_signal, 0x3fffff, --, 1]',
      'cls[add_imm, 0xffff, 0x3fff], indirect_ref',
    ];
    expect(textOf(forms.join('\n'))).toEqual(forms);
  });
});

describe('errors of a program', () => {
  function errorsOf(source: string, fragment = true): string[] {
    return assemble(source, { file: 'x.asm', fragment }).errors.map((error) => {
      const { line, column } = error.position!;
      return `${error.code} ${line}:${column}`;
    });
  }

  test('all lines that cannot be read are reported, with positions', () => {
    expect(
      errorsOf(
        [
          'frobnicate[gprA_1]',
          'alu[gprA_1, gprA_2, +]',
          'alu[gprA_1, gprA_2, %, gprB_2]',
          'alu[gprA_1, foo, +, gprB_2]',
          '  br[nowhere]',
          'nop, gpr_wrboth',
          'x: x: nop',
          'alu[gprA_1, gprA_2, +, gprB_3',
          'mem[read99, $xfer_0, gprA_0, 0x0, 1]',
          '.7  nop',
          'alu[gprA_1, , +, gprB_3]',
          'ctx_arb[signal1]',
          'mem[read32, $xfer_0, gprA_0, 0x0, 1], ctx_swap[sig1], ctx_swap[sig2]',
          'ld_field[gprA_1, 0210, gprB_1]',
          'local_csr_rd[Nothing]',
          ']',
        ].join('\n'),
      ),
    ).toEqual([
      'asm-mnemonic 1:1',
      'asm-operand-count 2:1',
      'asm-operand 3:21',
      'asm-operand 4:13',
      'asm-unknown-label 5:6',
      'asm-modifier 6:6',
      'asm-duplicate-label 7:4',
      'asm-syntax 8:4',
      'asm-command 9:5',
      'asm-number 10:1',
      'asm-syntax 11:12',
      'asm-operand 12:9',
      'asm-modifier 13:55',
      'asm-operand 14:18',
      'asm-operand 15:14',
      'asm-syntax 16:1',
    ]);
  });

  test('rules of the instruction set, when all could be read', () => {
    expect(
      errorsOf('alu[gprA_1, gprA_2, +, gprA_3]\n  alu[gprA_99, --, B, 0x100]\nmem[read32, $xfer_0, gprA_0, 0x0, 9]'),
    ).toEqual(['npu-same-bank 1:1', 'npu-register-range 2:3', 'npu-immediate-range 2:3', 'npu-count-range 3:1']);
  });

  test('rules of a whole program', () => {
    expect(errorsOf('br[.3]\nnop', false)).toEqual(['npu-branch-range 1:1', 'npu-falls-off-end 2:1']);
    expect(errorsOf('br[.0], defer[2]\nbr[.0]\nnop', false)).toEqual(['npu-defer 2:1']);
    expect(errorsOf('br[.0], defer[2]\nnop', false)).toEqual(['npu-defer 1:1', 'npu-falls-off-end 2:1']);
    expect(errorsOf('beq[.0]', false)).toEqual(['npu-falls-off-end 1:1']);
    expect(errorsOf('ctx_arb[kill]', false)).toEqual([]);
    expect(errorsOf('', false)).toEqual(['npu-falls-off-end 1:1']);
  });

  test('random text never throws', () => {
    const fragments = fc.constantFrom(
      ...'alu[ mem[ gprA_1 gprB_2 , ] [ + -- 0x1f <<8 >>rot3 *l$index0[2] $xfer_3 read32 ctx_swap[sig1] br[.0] x: ; //'.split(
        ' ',
      ),
      '\n',
      ' ',
      '.1  ',
    );
    const soup = fc.array(fc.oneof(fragments, fc.string({ maxLength: 4 })), { maxLength: 40 });
    fc.assert(
      fc.property(soup, (parts) => {
        const { instructions, lines, errors } = assemble(parts.join(''), { fragment: true });
        expect(lines.length).toBe(instructions.length);
        for (const error of errors) expect(error.code).toMatch(/^(asm|npu)-[a-z-]+$/);
      }),
      { numRuns: 3000 },
    );
  });
});
