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

  test('a listing with any of its parts left out reads the same', () => {
    const instructions = ['alu[gprA_1, gprA_2, +, gprB_3]', ...Array.from({ length: 21 }, () => 'nop'), 'br[.0]'];
    const line = (text: string, i: number, form: string): string =>
      form
        .replace('ADDRESS', (8 * i).toString(16).padStart(4))
        .replace('WORD', '000000f0000c0300')
        .replace('NUMBER', `.${i}`.padStart(3))
        .replace('TEXT', text);
    const forms = [
      'ADDRESS:\tWORD \tNUMBER  TEXT',
      'ADDRESS:\tNUMBER  TEXT',
      'ADDRESS:\tWORD \tTEXT',
      'ADDRESS:\tTEXT',
      'NUMBER  TEXT',
      'TEXT',
    ];
    for (const form of forms) {
      expect(textOf(instructions.map((text, i) => line(text, i, form)).join('\n')), form).toEqual(instructions);
    }
  });

  test('comments of one line and of several keep lines and columns', () => {
    const source = [
      '/* a comment; of // several',
      '   lines */ start: nop /* one */ ; and /* this is in it',
      'br[/* where to */ start], /**/ defer[1] // ; */',
      'nop /*',
      '*/ ctx_arb[kill]',
      '  /* */ frobnicate',
    ].join('\n');
    const { instructions, lines, errors } = assemble(source, { fragment: true });
    expect(instructions.slice(0, 4).map(instructionText)).toEqual(['nop', 'br[.0], defer[1]', 'nop', 'ctx_arb[kill]']);
    expect(lines).toEqual([2, 3, 4, 5, 6]);
    expect(errors.map(({ code, position }) => [code, position.line, position.column])).toEqual([
      ['asm-mnemonic', 6, 9],
    ]);
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

describe('the spellings of open firmware', () => {
  test.each([
    ['mem[incr, --, gprA_0, <<8, gprB_1]', 'mem[add_imm, $xfer_0, gprA_0, <<8, gprB_1, 1]'],
    ['mem[incr64, --, gprA_0, <<8, gprB_1]', 'mem[add64_imm, $xfer_0, gprA_0, <<8, gprB_1, 5]'],
    ['mem[add_imm, --, 0, gprB_1], indirect_ref', 'mem[add_imm, $xfer_0, 0x0, gprB_1, 1], indirect_ref'],
    ['cls[put, $xfer_1, gprA_0, 0, 2]', 'cls[ring_put, $xfer_1, gprA_0, 0x0, 2]'],
    ['cls[read_be, $xfer_1, gprA_0, 0, 2]', 'cls[read, $xfer_1, gprA_0, 0x0, 2]'],
    ['mem[write_atomic, $xfer_1, gprA_0, <<8, 0, 2]', 'mem[atomic_write, $xfer_1, gprA_0, <<8, 0x0, 2]'],
    [
      'mem[get_freely, $xfer_1, gprA_0, <<8, 0, 2]',
      'mem[ctm.pe_dma_to_memory_indirect_free/emem.get_freely, $xfer_1, gprA_0, <<8, 0x0, 2]',
    ],
  ])('%s', (text, printed) => {
    expect(textOf(text)).toEqual([printed]);
  });
});
