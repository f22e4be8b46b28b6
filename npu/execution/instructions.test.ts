import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { assemble } from '../assembler/assembler.ts';
import { type ProgramRun, runProgram } from '../nic/run-program.ts';
import { parseNicProfile } from '../profile.ts';

const profile = parseNicProfile(
  parse(readFileSync(new URL('../../topology/profiles/nics/agilio-cx-2x10.yaml', import.meta.url), 'utf8')),
);

/** Runs one core on text; the program ends itself. */
function run(text: string, registers: Record<string, number> = {}, options: Partial<ProgramRun> = {}) {
  const { instructions, errors } = assemble(`${text}\nctx_arb[kill]`);
  expect(errors).toEqual([]);
  const result = runProgram({ profile, instructions, registers, limitCycles: 1_000_000, ...options });
  expect(result.faults).toEqual([]);
  return result;
}

function values(state: ReturnType<typeof run>, ...names: string[]): number[] {
  return names.map((name) => state.register(name));
}

const word = fc.integer({ min: 0, max: 0xffff_ffff });
const SETTLE = 'nop\nnop\nnop';

describe('byte_align', () => {
  test('takes four octets of two words, from ByteIndex on; other instructions may stand between', () => {
    fc.assert(
      fc.property(word, word, fc.nat(3), (first, second, index) => {
        const state = run(
          `local_csr_wr[ByteIndex, ${index}]\n${SETTLE}
           byte_align_be[--, gprB_0]\nalu[gprA_9, gprA_9, +, 1]\nbyte_align_be[gprA_2, gprB_1]
           byte_align_le[--, gprA_0]\nalu[gprA_9, gprA_9, +, 1]\nbyte_align_le[gprA_3, gprA_1]`,
          { gprA_0: first, gprB_0: first, gprA_1: second, gprB_1: second },
        );
        const octets = (low: number, high: number) => (BigInt(high) << 32n) | BigInt(low);
        const shift = BigInt(8 * index);
        expect(BigInt(state.register('gprA_2'))).toBe(((octets(second, first) << shift) >> 32n) & 0xffff_ffffn);
        expect(BigInt(state.register('gprA_3'))).toBe((octets(first, second) >> shift) & 0xffff_ffffn);
      }),
      { numRuns: 40 },
    );
  });
});

describe('CAM', () => {
  test('write, lookup, state, tag and clear; a hit and a miss set N and Z by the result', () => {
    const state = run(
      `cam_write[gprB_0, gprA_1, 9]
       cam_lookup[gprA_2, gprA_1]
       cam_lookup[gprA_3, gprA_4]
       cam_write_state[gprB_0, 3]
       cam_read_tag[gprA_5, gprB_0]
       cam_read_state[gprA_6, gprB_0]
       cam_clear
       cam_lookup[gprA_7, gprA_1]
       beq[zero]
       immed[gprA_8, 1]
     zero:`,
      { gprB_0: 5, gprA_1: 0x1234_5678, gprA_4: 77, gprA_8: 0 },
    );
    // The miss names entry 0, the least recently used.
    expect(values(state, 'gprA_2', 'gprA_3', 'gprA_5', 'gprA_6', 'gprA_7', 'gprA_8')).toEqual([
      0x9a8, 0, 0x1234_5678, 0x300, 0, 0,
    ]);
  });

  test('a lookup can set a local-memory pointer, which counts four instructions later', () => {
    const region = { name: 'all', owner: 'runtime', address: 0, octets: 4096, read: true, write: true } as const;
    const state = run(
      `cam_write[gprB_0, gprA_1, 0]
       cam_lookup[--, gprA_1], lm_addr1[2]
       ${SETTLE}
       alu[*l$index1[1], --, B, 7]`,
      { gprB_0: 5, gprA_1: 0x1234_5678 },
      { regions: [{ ...region, memory: 'local' }] },
    );
    expect(state.local((2048 + 5 * 64) / 4 + 1)).toBe(7);
  });
});

describe('crc', () => {
  test('copies its source and keeps the codes; the remainder can be read 5 cycles later, the old one until then', () => {
    const read = (nops: number) =>
      run(
        `local_csr_wr[CRCRemainder, gprA_1]
         alu[--, gprA_1, -, gprA_15]
         crc_be[crc_32, gprA_2, gprB_0], byte_3, bit_swap
         ${'nop\n'.repeat(nops)}local_csr_rd[CRCRemainder]
         immed[gprA_3, 0]
         bmi[minus]
         immed[gprA_4, 1]
       minus:`.replace('gprA_1, -, gprA_15', 'gprA_1, -, 0'),
        { gprA_1: 0xffff_ffff, gprB_0: 0x31 },
      );
    expect(values(read(3), 'gprA_2', 'gprA_3', 'gprA_4')).toEqual([0x31, 0xffff_ffff, 0]);
    expect(values(read(4), 'gprA_2', 'gprA_3', 'gprA_4')).toEqual([0x31, 0x1208_c43e, 0]);
  });
});

describe('indexed registers', () => {
  test('*$index reads transfer-in and writes transfer-out of any context, with steps', () => {
    const state = run(
      `immed[gprA_0, 0x88]
       local_csr_wr[XferIndex, gprA_0]
       ${SETTLE}
       alu[*$index++, --, B, 5]
       alu[*$index--, --, B, 6]
       alu[*$index, --, B, 7]
       immed[gprA_0, 0]
       local_csr_wr[XferIndex, gprA_0]
       ${SETTLE}
       alu[gprA_1, --, B, *$index++]
       alu[gprA_2, --, B, *$index]
       local_csr_rd[XferIndex]
       immed[gprA_3, 0]`,
      { xfer_0: 11, xfer_1: 12 },
    );
    // 0x88 >> 2 = 34: register 2 of context 1.
    expect([state.register('out_2', 1), state.register('out_3', 1)]).toEqual([7, 6]);
    expect(values(state, 'gprA_1', 'gprA_2', 'gprA_3')).toEqual([11, 12, 4]);
  });

  test('a new T_INDEX counts four instructions later', () => {
    const state = run(
      'immed[gprA_0, 8]\nlocal_csr_wr[XferIndex, gprA_0]\nnop\nnop\nalu[*$index, --, B, 1]\nalu[*$index, --, B, 2]',
    );
    expect(values(state, 'out_0', 'out_2')).toEqual([1, 2]);
  });

  test('*n$index is a ring over the next-neighbour registers; br_inp_state tells empty and full', () => {
    const state = run(
      `br_inp_state[nn_empty, empty]
       immed[gprA_9, 1]
     empty:
       alu[*n$index++, --, B, 41]
       alu[*n$index++, --, B, 42]
       br_inp_state[nn_empty, other]
       immed[gprA_5, 1]
     other:
       alu[gprA_1, --, B, *n$index++]
       alu[gprA_2, --, B, n$reg_1]
       immed[gprA_3, 1]
       local_csr_wr[NNPut, gprA_3]
       br_inp_state[nn_empty, done]
       immed[gprA_6, 1]
     done:
       alu[--, gprA_15, OR, 0]
       local_csr_wr[NNPut, gprA_15]
       br_!inp_state[nn_full, end]
       immed[gprA_7, 1]
     end:`,
    );
    expect(values(state, 'gprA_9', 'gprA_5', 'gprA_1', 'gprA_2', 'gprA_6', 'gprA_7')).toEqual([0, 1, 41, 42, 0, 1]);
  });
});

describe('predicate_cc', () => {
  test.each([
    ['PEQ', 0, [7, 0]],
    ['PNE', 1, [0, 8]],
    ['PMI', 2, [0, 8]],
    ['PPL', 3, [7, 0]],
  ])('%s', (_, select, [whenZero, whenMinus]) => {
    const text = (first: number) =>
      `local_csr_wr[IndPredCC, ${select}]\n${SETTLE}\nalu[--, gprA_0, -, ${first}]\nalu[gprA_1, --, B, ${7 + first}], predicate_cc`;
    expect([run(text(0)).register('gprA_1'), run(text(1)).register('gprA_1')]).toEqual([whenZero, whenMinus]);
    expect(run(text(0)).cycles).toBe(run(text(1)).cycles);
  });
});

describe('ld_field with a double shift', () => {
  test('takes the octets of (destination:source) >> n', () => {
    const registers = { gprA_0: 0x1122_3344, gprB_1: 0xaabb_ccdd };
    expect(run('ld_field[gprA_0, 1001, gprB_1, >>dbl8]', registers).register('gprA_0')).toBe(0x4422_33cc);
  });
});

describe('CSRs and signals', () => {
  test('the status tells island, instruction, core and context', () => {
    const state = run('nop\nlocal_csr_rd[ActCtxStatus]\nimmed[gprA_0, 0]');
    expect(state.register('gprA_0')).toBe((0x8000_0000 + 32 * 2 ** 25 + (1 << 8) + (4 << 3)) >>> 0);
  });

  test('sleep: the alarm rings when the timestamp is the count, in ticks of 16 cycles', () => {
    const state = run(
      `local_csr_rd[TimestampLow]
       immed[gprA_0, 0]
       alu[gprA_0, gprA_0, +, 10]
       local_csr_wr[ActCtxFtrCnt, gprA_0]
       local_csr_wr[ActFtrCntSgl, 3]
       ctx_arb[sig3]`,
    );
    expect(state.cycles).toBe(160 + 1);
  });

  test('a context signals another, and the next one', () => {
    const state = run(
      `br=ctx[1, second]
       br=ctx[2, third]
       immed[gprA_0, 0x21]
       local_csr_wr[SameMESignal, gprA_0]
       ctx_arb[kill]
     second:
       ctx_arb[sig4]
       immed[gprA_1, 1]
       immed[gprA_0, 0xa8]
       local_csr_wr[SameMESignal, gprA_0]
       ctx_arb[kill]
     third:
       ctx_arb[sig5]
       immed[gprA_1, 2]`,
      {},
      { starts: [0, 1, 2] },
    );
    expect([state.register('gprA_1', 1), state.register('gprA_1', 2)]).toEqual([1, 2]);
    expect(state.ended).toBe(true);
  });

  test('ctx_arb[--] waits for the events of the CSR, which a deferred write may name; signals can be set by hand', () => {
    const state = run(
      `immed[gprA_0, 0x60]
       immed[gprA_1, 0x40]
       immed[gprA_2, 0x20]
       local_csr_wr[ActCtxSglEvt, gprA_1]
       local_csr_rd[ActCtxSglEvt]
       immed[gprA_3, 0]
       mem[read32, $xfer_0, gprA_4, 0, 1], sig_done[sig5]
       ctx_arb[--], defer[1]
       local_csr_wr[ActCtxWkpEvt, gprA_0]
       local_csr_rd[ActCtxSglEvt]
       immed[gprA_5, 0]`,
    );
    expect(values(state, 'gprA_3', 'gprA_5')).toEqual([0x40, 0]);
    expect(state.cycles).toBeGreaterThan(profile.memories.ctm.latency.readCycles);
  });

  test('indirect registers are those of the context that CSRCtxPtr names', () => {
    const state = run(
      `local_csr_wr[CSRCtxPtr, 3]
       local_csr_wr[IndLMAddr1, gprA_0]
       local_csr_rd[IndLMAddr1]
       immed[gprA_1, 0]
       local_csr_rd[ActLMAddr1]
       immed[gprA_2, 0]
       local_csr_wr[ActLMAddr0BytIdx, gprA_3]
       local_csr_rd[ByteIndex]
       immed[gprA_4, 0]
       local_csr_rd[ActLMAddr0]
       immed[gprA_5, 0]`,
      { gprA_0: 0x648, gprA_3: 0x107 },
    );
    expect(values(state, 'gprA_1', 'gprA_2', 'gprA_4', 'gprA_5')).toEqual([0x648, 0, 3, 0x104]);
  });
});
