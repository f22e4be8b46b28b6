import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { assemble } from '../../assembler/assembler.ts';
import { Npu } from '../../nic/npu.ts';
import type { ProgramRun } from '../../nic/run-program.ts';
import { parseNicProfile } from '../../profile.ts';
import { runText as runTextOn } from './run-text.ts';

const profile = parseNicProfile(
  parse(readFileSync(new URL('../../../topology/profiles/nics/agilio-cx-2x10.yaml', import.meta.url), 'utf8')),
);
const runText = (text: string, options: Partial<ProgramRun> = {}) => runTextOn(profile, text, options);

/** Goes to `first` in core 0 of island 32 and to `other` in all others; cores are counted over the islands. */
const SORT = `
  local_csr_rd[ActCtxStatus]\nimmed[gprA_9, 0]
  alu_shf[gprB_9, --, B, gprA_9, >>25]\nalu[gprB_9, gprB_9, AND, 0x3f]
  alu[--, gprB_9, -, 32]\nbne[other]\nalu[gprA_8, gprA_9, AND, 0x78]\nalu[--, gprA_8, -, 0x20]\nbne[other]\nfirst:`;
const load = (register: string, value: number) =>
  `immed[${register}, ${value & 0xffff}]\nimmed_w1[${register}, ${value >>> 16}]`;
/** Master 4 of island 33, which is core 1 of the NIC, as a reflect command names it. */
const REFLECT = (33 << 24) | (4 << 10);

describe('signals to other cores', () => {
  test('interthread_signal reaches the context that it names', () => {
    const state = runText(
      `${SORT}
       ${load('gprA_1', (33 << 24) | (4 << 9) | (2 << 6) | (5 << 2))}
       ct[interthread_signal, --, gprA_1, 0, 1]\nctx_arb[kill]
     other:
       ctx_arb[sig5]\nimmed[gprA_3, 1]`,
      { cores: 2, starts: [0, 2] },
    );
    expect(state.faults).toEqual([]);
    expect([0, 2].map((context) => state.register('gprA_3', context, 1))).toEqual([0, 1]);
  });

  test.each([
    ['NxtNghbrSgl', 5, 0x80, 1],
    ['PrvNghbrSgl', 0, 0x80, 0],
  ])('%s signals the core beside', (csr, neighbour, bits, raised) => {
    // Core 5 of the NIC is core 1 of island 32; core 0 has none before it.
    const state = runText(
      `${SORT}\nimmed[gprA_1, ${bits | (6 << 3)}]\nlocal_csr_wr[${csr}, gprA_1]\nctx_arb[kill]
     other:
       ctx_arb[sig6]\nimmed[gprA_3, 1]`,
      { cores: 6 },
    );
    expect(state.register('gprA_3', 0, neighbour)).toBe(raised);
  });
});

describe('registers of other cores', () => {
  test('reflect_write goes to transfer-in registers and signals the receiver, the sender or both', () => {
    const text = (command: string, then: string) => `${SORT}
       immed[$xfer_3, 0x77]\nimmed[$xfer_4, 0x88]\n${load('gprA_1', REFLECT | (10 << 2))}
       ${command}\n${then}\nctx_arb[kill]
     other:
       ctx_arb[sig7]\nalu[gprA_4, --, B, $xfer_10]\nalu[gprA_5, --, B, $xfer_11]`;
    // Signal 7 in CSR CmdIndirectRef0, bit 13 of the override.
    const remote = `immed[gprA_2, ${7 << 9}]\nlocal_csr_wr[CmdIndirectRef0, gprA_2]\nimmed[gprB_3, 0x2000]\nalu[--, --, B, gprB_3]
       ct[reflect_write_sig_remote, $xfer_3, gprA_1, 0, 2], indirect_ref`;
    const state = runText(text(remote, ''), { cores: 2 });
    expect(state.faults).toEqual([]);
    expect([4, 5].map((n) => state.register(`gprA_${n}`, 0, 1))).toEqual([0x77, 0x88]);

    const both = runText(
      text('ct[reflect_write_sig_both, $xfer_3, gprA_1, 0, 2], sig_done[sig7]', 'ctx_arb[sig7]\nimmed[gprA_6, 1]'),
      { cores: 2 },
    );
    expect([both.register('gprA_6', 0, 0), both.register('gprA_5', 0, 1)]).toEqual([1, 0x88]);

    const init = runText(
      text('ct[reflect_write_sig_init, $xfer_3, gprA_1, 0, 2], ctx_swap[sig7]', 'immed[gprA_6, 1]'),
      { cores: 2 },
    );
    expect([init.register('gprA_6', 0, 0), init.end]).toEqual([1, 'waiting']);
  });

  test('reflect_read brings what another core has written', () => {
    const state = runText(
      `${SORT}\n${'nop\n'.repeat(50)}${load('gprA_1', REFLECT | (6 << 2))}
       ct[reflect_read_sig_init, $xfer_8, gprA_1, 0, 2], ctx_swap[sig3]\nctx_arb[kill]
     other:
       immed[$xfer_6, 0x123]\nimmed[$xfer_7, 0x456]`,
      { cores: 2 },
    );
    expect(state.faults).toEqual([]);
    expect([8, 9].map((n) => state.register(`xfer_${n}`, 0, 0))).toEqual([0x123, 0x456]);
  });

  test('ctnn_write: registers by number, and a ring that the receiver takes from', () => {
    const neighbours = (33 << 24) | (4 << 17) | (9 << 10);
    const state = runText(
      `${SORT}
       immed[$xfer_0, 0x21]\nimmed[$xfer_1, 0x22]
       ${load('gprA_1', neighbours | 0x200 | (3 << 2))}\nct[ctnn_write, $xfer_0, gprA_1, 0, 2], ctx_swap[sig1]
       ${load('gprA_1', neighbours)}\nct[ctnn_write, $xfer_0, gprA_1, 0, 2], ctx_swap[sig1]\nctx_arb[kill]
     other:
       br_!inp_state[nn_empty, bad]\nctx_arb[sig9]\nalu[gprA_3, --, B, n$reg_4]
       ctx_arb[sig9]\nbr_inp_state[nn_empty, bad]\nalu[gprA_4, --, B, *n$index++]\nalu[gprA_5, --, B, *n$index++]
       br_inp_state[nn_empty, done]
     bad:
       immed[gprB_10, 1]
     done:
       nop`,
      { cores: 2 },
    );
    expect([state.faults, state.register('gprB_10', 0, 1)]).toEqual([[], 0]);
    expect([3, 4, 5].map((n) => state.register(`gprA_${n}`, 0, 1))).toEqual([0x22, 0x21, 0x22]);
  });

  test('a core whose CtxEnables says so writes registers of the next one', () => {
    const state = runText(
      `${SORT}\nimmed[gprA_1, 0]\nlocal_csr_wr[CtxEnables, gprA_1]\nimmed[n$reg_2, 0x31]
       immed[gprA_1, 0]\nimmed_w1[gprA_1, 0x10]\nlocal_csr_wr[CtxEnables, gprA_1]\nimmed[n$reg_2, 0x32]
       alu[gprA_3, --, B, n$reg_2]\nctx_arb[kill]
     other:
       ${'nop\n'.repeat(60)}alu[gprA_3, --, B, n$reg_2]`,
      { cores: 6 },
    );
    expect([0, 5, 1].map((core) => state.register('gprA_3', 0, core))).toEqual([0x32, 0x31, 0]);
  });

  test('only code of the runtime may', () => {
    const state = runText(`${load('gprA_1', REFLECT)}\nct[reflect_write_none, $xfer_0, gprA_1, 0, 1]`, {
      cores: 2,
      symbols: [{ name: 'f', owner: 'web', memory: 'code', address: 0, size: 8 }],
    });
    expect(state.faults.map(({ kind, memory }) => `${kind} ${memory}`)).toEqual([
      'unmapped-write core',
      'unmapped-write core',
    ]);
  });
});

test('a race for a register comes out the same however the run is cut, and traced', () => {
  // The receiver samples its register in every round of three instructions, while the sender counts it up.
  const { instructions, errors } = assemble(
    `${SORT}\n${load('gprA_1', REFLECT | (10 << 2))}\nimmed[gprA_4, 30]
   more:
     alu[$xfer_3, --, B, gprA_4]\nct[reflect_write_none, $xfer_3, gprA_1, 0, 1]\nalu[gprA_4, gprA_4, -, 1]\nbne[more]
     ctx_arb[kill]
   other:
     immed[gprA_5, 80]
   again:
     alu[gprB_6, gprB_6, +, $xfer_10]\nalu[gprA_5, gprA_5, -, 1]\nbne[again]\nctx_arb[kill]`,
  );
  expect(errors).toEqual([]);
  const sum = (cuts: number) => {
    const npu = new Npu(profile, { onSend: () => undefined, onFault: () => undefined });
    const program = { contexts: 8 as const, instructions, data: [], regions: [], entry: 0, symbols: [], lines: [] };
    npu.loadProgram(program, 0, (core, context) => core.index < 2 && context === 0);
    for (let cycle = cuts; cycle <= 2000; cycle += cuts) npu.run(cycle);
    return npu.inspect(1).file[32 + 6];
  };
  const whole = sum(2000);
  expect(whole).toBeGreaterThan(0);
  expect([1, 7, 64, 333].map(sum)).toEqual([whole, whole, whole, whole]);
  const traced = runTextOn(profile, 'nop', { instructions, cores: 2, trace: () => undefined });
  expect(traced.register('gprB_6', 0, 1)).toBe(whole);
});
