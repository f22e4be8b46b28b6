import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { ProgramRun } from '../../nic/run-program.ts';
import { parseNicProfile } from '../../profile.ts';
import { runText as runTextOn } from './run-text.ts';

const profile = parseNicProfile(
  parse(readFileSync(new URL('../../../topology/profiles/nics/agilio-cx-2x10.yaml', import.meta.url), 'utf8')),
);
const runText = (text: string, options: Partial<ProgramRun> = {}) => runTextOn(profile, text, options);

/** Word of EMEM after a command on it that found 0x11223344, with 0xaabbccdd in transfer register 0. */
function word(text: string): number {
  const state = runText(
    `immed[gprA_1, 0xccdd]\nimmed_w1[gprA_1, 0xaabb]\nalu[$xfer_0, --, B, gprA_1]\nalu[$xfer_1, --, B, gprA_1]\n${text}`,
    { data: [{ memory: 'emem', address: 0, octets: Uint8Array.of(0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88) }] },
  );
  expect(state.faults).toEqual([]);
  return state.emem.readWord(0) >>> 0;
}

/** An override whose data is an octet mask, with a length where one is given. */
const masked = (mask: number, length?: number) => {
  const low = 6 * 8 + (length === undefined ? 0 : 0x80 + 256 * length);
  return `immed[gprA_2, ${low}]\nimmed_w1[gprA_2, ${mask}]\nalu[--, --, B, gprA_2]\n`;
};

describe('octet masks', () => {
  test.each([
    ['write32', 0b1000, 0xaa223344],
    ['write32', 0b0001, 0x112233dd],
    ['write32', 0b0110, 0x11bbcc44],
    ['write32_swap', 0b1000, 0xdd223344],
    ['write32_le', 0b1000, 0xdd223344],
    ['write', 0b1000_0000, 0xaa223344],
    ['write', 0b0000_1111, 0x11223344],
    ['set', 0b0001, 0x112233dd | 0x44],
    ['clr', 0b1100, 0x11223344 & ~0xaabb0000],
  ])('%s with mask %i', (command, mask, expected) => {
    const result = word(`${masked(mask)}mem[${command}, $xfer_0, gprA_0, <<8, 0, 1], indirect_ref, ctx_swap[sig1]`);
    expect(result).toBe(expected >>> 0);
  });

  test('the same mask counts for every word, and the low octets of 64 bits for the second', () => {
    const state = runText(
      `immed[gprA_1, 0xffff]\nalu[$xfer_0, --, B, gprA_1]\nalu[$xfer_1, --, B, gprA_1]
       ${masked(1)}mem[write32, $xfer_0, gprA_0, <<8, 0, 2], indirect_ref, ctx_swap[sig1]
       ${masked(0x02)}mem[write, $xfer_0, gprA_0, <<8, 8, 1], indirect_ref, ctx_swap[sig1]`,
    );
    expect([0, 4, 8, 12].map((at) => state.emem.readWord(at))).toEqual([0xff, 0xff, 0, 0xff00]);
  });

  test('write8 leaves out octets where they stand in the transfer register', () => {
    expect(word(`${masked(0b0101)}mem[write8, $xfer_0, gprA_0, <<8, 0, 4], indirect_ref, ctx_swap[sig1]`)).toBe(
      0x11bb33dd,
    );
  });

  test('the mask of CSR CmdIndirectRef0 counts with bit 6', () => {
    const mask = 'immed[gprA_3, 0x8]\nlocal_csr_wr[CmdIndirectRef0, gprA_3]\nalu[--, --, B, 0x40]\n';
    expect(word(`${mask}mem[write32, $xfer_0, gprA_0, <<8, 0, 1], indirect_ref, ctx_swap[sig1]`)).toBe(0xaa223344);
  });

  test('mask_compare_write writes where the masked octets are equal', () => {
    const compare = (memory: number, mask: number) => {
      const octets = Uint8Array.of(memory >>> 24, memory >>> 16, memory >>> 8, memory);
      const state = runText(
        `immed[gprA_1, 0xccdd]\nimmed_w1[gprA_1, 0xaabb]\nalu[$xfer_0, --, B, gprA_1]
         ${masked(mask, 8)}mem[test_mask_compare_write, $xfer_0, gprA_0, <<8, 0, 1], indirect_ref, ctx_swap[sig2]`,
        { data: [{ memory: 'emem', address: 0, octets }] },
      );
      return [state.emem.readWord(0) >>> 0, state.register('xfer_0')];
    };
    expect(compare(0x112233dd, 1)).toEqual([0xaabbccdd, 0x112233dd]);
    expect(compare(0x112233dd, 2)).toEqual([0x112233dd, 0x112233dd]);
    expect(compare(0xaa2233dd, 0b1001)).toEqual([0xaabbccdd, 0xaa2233dd]);
  });

  test('compare without a mask, which is another command of the chip, stops the request', () => {
    const state = runText(
      'alu[--, --, B, 0]\nmem[mask_compare_write, $xfer_0, gprA_0, <<8, 0, 1], indirect_ref, ctx_swap[sig1]',
    );
    expect(state.faults.map(({ kind }) => kind)).toEqual(['bad-override']);
  });
});

describe('operands in the command', () => {
  test.each([
    ['add_imm, $xfer_0, gprA_0, <<8, 0, 1', 0x11223345],
    ['add_imm, $xfer_0, gprA_0, <<8, 0, 3', 0x11223347],
    ['sub_imm, $xfer_0, gprA_0, <<8, 0, 1', 0x11223343],
    ['incr, --, gprA_0, <<8, 0', 0x11223345],
    ['decr, --, gprA_0, <<8, 0, 1', 0x11223343],
  ])('mem[%s]', (text, expected) => {
    expect(word(`mem[${text}]`)).toBe(expected);
  });

  test('64 bits carry from word to word', () => {
    const octets = Uint8Array.of(0, 0, 0, 1, 255, 255, 255, 255);
    const state = runText('mem[incr64, --, gprA_0, <<8, 0]', { data: [{ memory: 'emem', address: 0, octets }] });
    expect([state.emem.readWord(0), state.emem.readWord(4)]).toEqual([2, 0]);
  });

  test('cls counts by the length, too', () => {
    const state = runText('cls[add_imm, --, gprA_15, 8, 1]\ncls[add_imm, --, gprA_15, 8, 5]');
    expect(state.islandMemory('cls', 0).readWord(8)).toBe(6);
  });
});

test('_le is _swap, and both undo each other', () => {
  const read = (command: string) =>
    runText(`mem[${command}, $xfer_0, gprA_0, <<8, 0, 1], ctx_swap[sig1]`, {
      data: [{ memory: 'emem', address: 0, octets: Uint8Array.of(1, 2, 3, 4) }],
    }).register('xfer_0');
  expect([read('read32'), read('read32_swap'), read('read32_le'), read('read32_swap_le')]).toEqual([
    0x01020304, 0x04030201, 0x04030201, 0x01020304,
  ]);
});

test('a data reference names transfer registers over all contexts', () => {
  // Register 5 of context 2: octet address 4 * (2 * 32 + 5) in the upper half, OveData 1.
  const state = runText(
    `immed[gprA_1, 0x8]\nimmed_w1[gprA_1, ${4 * (2 * 32 + 5)}]\nalu[--, --, B, gprA_1]
     mem[read32, $xfer_0, gprA_0, <<8, 0, 2], indirect_ref, ctx_swap[sig1]`,
    { data: [{ memory: 'emem', address: 0, octets: Uint8Array.of(0, 0, 0, 7, 0, 0, 0, 8) }] },
  );
  expect([5, 6].map((n) => state.register(`xfer_${n}`, 2))).toEqual([7, 8]);
});

test('an override with the longest length of set covers eight words', () => {
  const state = runText(
    `${Array.from({ length: 8 }, (_, i) => `immed[$xfer_${i}, ${i + 1}]`).join('\n')}
     immed[gprA_1, 0x780]\nalu[--, --, B, gprA_1]
     mem[set, $xfer_0, gprA_0, <<8, 0, 1], indirect_ref, ctx_swap[sig1]`,
  );
  expect(Array.from({ length: 8 }, (_, i) => state.emem.readWord(4 * i))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});
