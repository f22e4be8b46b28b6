import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { assemble } from '../../assembler/assembler.ts';
import { type ProgramRun, runProgram } from '../../nic/run-program.ts';
import { parseNicProfile } from '../../profile.ts';
import {
  ATOMIC_ADD,
  ATOMIC_ADD_SATURATE,
  ATOMIC_SUB,
  ATOMIC_SUB_SATURATE,
  applyAtomic,
  applyAtomic64,
} from './arithmetic.ts';

const profile = parseNicProfile(
  parse(readFileSync(new URL('../../../topology/profiles/nics/agilio-cx-2x10.yaml', import.meta.url), 'utf8')),
);

function run(text: string, options: Partial<ProgramRun> = {}) {
  const { instructions, errors } = assemble(`immed[gprA_0, 0x9800, <<16]\n${text}\nctx_arb[kill]`);
  expect(errors).toEqual([]);
  return runProgram({ profile, instructions, limitCycles: 1_000_000, ...options });
}

describe('arithmetic of the atomics', () => {
  const MODELS = [
    ['add', ATOMIC_ADD, (a: bigint, b: bigint, limit: bigint) => (a + b) & limit],
    ['sub', ATOMIC_SUB, (a: bigint, b: bigint, limit: bigint) => (a - b) & limit],
    ['addsat', ATOMIC_ADD_SATURATE, (a: bigint, b: bigint, limit: bigint) => (a + b > limit ? limit : a + b)],
    ['subsat', ATOMIC_SUB_SATURATE, (a: bigint, b: bigint) => (a < b ? 0n : a - b)],
  ] as const;

  test.each(MODELS)('%s of 32 and of 64 bits', (_, atomic, model) => {
    const limit32 = 0xffff_ffffn;
    const limit64 = 0xffff_ffff_ffff_ffffn;
    fc.assert(
      fc.property(fc.bigInt(0n, limit32), fc.bigInt(0n, limit32), (a, b) => {
        expect(BigInt(applyAtomic(atomic, Number(a) | 0, Number(b) | 0) >>> 0)).toBe(model(a, b, limit32));
      }),
    );
    fc.assert(
      fc.property(fc.bigInt(0n, limit64), fc.bigInt(0n, limit64), (a, b) => {
        expect(applyAtomic64(atomic, a, b)).toBe(model(a, b, limit64));
      }),
    );
  });
});

describe('signals of commands', () => {
  /** What ActCtxSglEvt shows long after a command. */
  const raised = (command: string, before = '') =>
    run(`${before}\n${command}\n${'nop\n'.repeat(400)}local_csr_rd[ActCtxSglEvt]\nimmed[gprA_9, 0]`).register('gprA_9');

  test.each([
    ['a read raises its own', 'mem[read32, $xfer_0, gprA_0, <<8, 0, 1], sig_done[sig4]', 0x10],
    ['test_add, which sends and receives, a pair', 'mem[test_add, $xfer_0, gprA_0, <<8, 0, 1], sig_done[sig4]', 0x30],
    ['swap too', 'mem[swap, $xfer_0, gprA_0, <<8, 0, 1], sig_done[sig7]', 0xc0],
    ['with ctx_swap both are consumed', 'mem[test_add, $xfer_0, gprA_0, <<8, 0, 1], ctx_swap[sig4]', 0],
    ['signal 1 has no partner', 'mem[test_add, $xfer_0, gprA_0, <<8, 0, 1], sig_done[sig1]', 2],
  ])('%s', (_, command, mask) => {
    expect(raised(command)).toBe(mask);
  });

  test('an override takes signal and context from CmdIndirectRef0', () => {
    // Signal 9 of context 2: bits 12..9 and 15..13; bits 13 and 14 of the override.
    const state = run(
      `br=ctx[2, other]
       immed[gprA_1, 0x5200]
       local_csr_wr[CmdIndirectRef0, gprA_1]
       immed[gprA_2, 0x6000]
       alu[--, gprA_2, OR, 0]
       mem[read32, $xfer_0, gprA_0, <<8, 0, 1], indirect_ref, sig_done[sig4]
       ctx_arb[kill]
     other:
       ctx_arb[sig9]
       immed[gprA_3, 1]`,
      { starts: [0, 2] },
    );
    expect([state.ended, state.register('gprA_3', 2)]).toEqual([true, 1]);
  });

  test.each([
    ['another master', 0x82],
    ['an octet mask', 0xc0],
    ['data for a command that takes it from registers', 0x90],
  ])('an override that asks for %s stops the request', (_, value) => {
    const state = run(
      `alu[--, gprA_15, OR, ${value}]\nmem[read32, $xfer_0, gprA_0, <<8, 0, 1], indirect_ref, ctx_swap[sig1]`,
    );
    expect(state.faults.map(({ kind }) => kind)).toEqual(['bad-override']);
  });
});

describe('what no public text describes is refused at load', () => {
  test.each([
    ['ctx_arb[bpt]', 'npu-unsupported-instruction'],
    ['crc_be[--, gprA_0, gprB_0], byte_0', 'npu-unsupported-instruction'],
    ['local_csr_wr[MiscControl, gprA_0]', 'npu-unsupported-csr'],
    ['mem[lock128, $xfer_0, gprA_0, <<8, 0, 1], ctx_swap[sig1]', 'npu-unsupported-command'],
  ])('%s', (text, code) => {
    expect(() => run(text)).toThrow(expect.objectContaining({ code }));
  });
});
