import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { assemble } from '../assembler/assembler.ts';
import { type ProgramRun, runProgram } from '../nic/run-program.ts';
import { parseNicProfile } from '../profile.ts';

const profile = parseNicProfile(
  parse(readFileSync(new URL('../../topology/profiles/nics/agilio-cx-2x10.yaml', import.meta.url), 'utf8')),
);
const { costs, memories, ememCache } = profile;

function run(text: string, options: Partial<ProgramRun> = {}) {
  const { instructions, errors } = assemble(text);
  expect(errors).toEqual([]);
  return runProgram({ profile, instructions, limitCycles: 1_000_000, ...options });
}

/** Cycles of a text beside the `ctx_arb[kill]` that ends it. */
function cycles(text: string, options: Partial<ProgramRun> = {}): number {
  const result = run(`${text}\nctx_arb[kill]`, options);
  expect(result.ended).toBe(true);
  expect(result.faults).toEqual([]);
  return result.cycles - 1;
}

/** Address of EMEM and IMEM in registers: gprA_0 << 8 and gprA_1 << 8. */
const BASES = 'immed[gprA_0, 0x9800, <<16]\nimmed[gprA_1, 0x9c00, <<16]\n';
const BASES_CYCLES = 2;
/** A command with swap takes its cycle, then the latency runs; the swap's own cycles hide in the latency. */

describe('branches', () => {
  const set = 'alu[--, gprA_15, -, 1]\n';
  test.each([
    ['not taken', `${set}beq[there]\nthere:`, 2],
    ['taken right after the codes were set', `${set}bne[there]\nthere:`, 1 + 4],
    ['taken with older codes', `${set}nop\nbne[there]\nthere:`, 2 + 3],
    ['without condition', 'br[there]\nthere:', 3],
    ['one deferred instruction', `${set}bne[there], defer[1]\nnop\nthere:`, 1 + 4],
    ['three deferred instructions fill the branch', `${set}bne[there], defer[3]\nnop\nnop\nnop\nthere:`, 1 + 4],
    ['deferred and not taken', `${set}beq[there], defer[2]\nnop\nnop\nthere:`, 1 + 1 + 2],
    ['two deferred after an unconditional one', 'br[there], defer[2]\nnop\nnop\nnop\nthere:', 3],
    ['bit test', 'br_bclr[gprA_0, 3, there]\nthere:', 4],
    ['bit test not taken', 'br_bset[gprA_0, 3, there]\nthere:', 1],
    ['byte test', 'br=byte[gprA_0, 1, 0, there]\nthere:', 4],
    ['context test', 'br=ctx[0, there]\nthere:', 3],
    ['jump', 'immed[gprA_0, 2]\nrtn[gprA_0]', 1 + 4],
  ])('%s', (_, text, expected) => {
    expect(cycles(text)).toBe(expected);
  });

  test('deferred instructions run whether the branch is taken or not; those behind it only if not', () => {
    for (const [branch, skipped] of [
      ['bne', 0],
      ['beq', 1],
    ] as const) {
      const state = run(
        `${set}${branch}[there], defer[2]\nimmed[gprA_1, 1]\nimmed[gprA_2, 1]\nimmed[gprA_3, 1]\nthere:\nctx_arb[kill]`,
      );
      expect([1, 2, 3].map((i) => state.register(`gprA_${i}`))).toEqual([1, 1, skipped]);
    }
  });

  test('conditions after a comparison, signed and unsigned', () => {
    const pairs = [
      [1, 2],
      [2, 1],
      [7, 7],
      [0x8000_0000, 1],
      [1, 0x8000_0000],
      [0xffff_ffff, 0xffff_fffe],
    ] as const;
    const meanings: Record<string, (a: number, b: number) => boolean> = {
      beq: (a, b) => a === b,
      bne: (a, b) => a !== b,
      bcs: (a, b) => a >>> 0 >= b >>> 0,
      bcc: (a, b) => a >>> 0 < b >>> 0,
      bge: (a, b) => (a | 0) >= (b | 0),
      blt: (a, b) => (a | 0) < (b | 0),
      ble: (a, b) => (a | 0) <= (b | 0),
      bgt: (a, b) => (a | 0) > (b | 0),
    };
    for (const [a, b] of pairs) {
      for (const [branch, meaning] of Object.entries(meanings)) {
        const state = run(
          `alu[--, gprA_0, -, gprB_0]\n${branch}[yes]\nimmed[gprA_1, 0]\nctx_arb[kill]\nyes:\nimmed[gprA_1, 1]\nctx_arb[kill]`,
          { registers: { gprA_0: a, gprB_0: b } },
        );
        expect([branch, a, b, state.register('gprA_1')]).toEqual([branch, a, b, meaning(a, b) ? 1 : 0]);
      }
    }
  });
});

describe('memory', () => {
  test.each([
    ['CTM read', 'mem[read32, $xfer_0, gprA_2, 0, 1], ctx_swap[sig1]', memories.ctm.latency.readCycles],
    ['CTM write', 'mem[write32, $xfer_0, gprA_2, 0, 1], ctx_swap[sig1]', memories.ctm.latency.writeCycles],
    ['CLS read', 'cls[read, $xfer_0, gprA_2, 0, 1], ctx_swap[sig1]', memories.cls.latency.readCycles],
    ['CLS write', 'cls[write, $xfer_0, gprA_2, 0, 1], ctx_swap[sig1]', memories.cls.latency.writeCycles],
    ['IMEM read', 'mem[read32, $xfer_0, gprA_1, <<8, 0, 1], ctx_swap[sig1]', memories.imem.latency.readCycles],
    [
      'EMEM read, cold',
      'mem[read32, $xfer_0, gprA_0, <<8, 0, 1], ctx_swap[sig1]',
      memories.emem.latency.readCycles + ememCache.readMissCycles,
    ],
    [
      'EMEM atomic that returns, cold',
      'mem[test_add, $xfer_0, gprA_0, <<8, 0, 1], ctx_swap[sig1]',
      memories.emem.latency.atomicReadCycles + ememCache.atomicMissCycles,
    ],
    [
      '32 octets take three more beats',
      'mem[read32, $xfer_0, gprA_2, 0, 8], ctx_swap[sig1]',
      memories.ctm.latency.readCycles + 3,
    ],
  ])('%s: latency from issue to signal', (_, text, latency) => {
    expect(cycles(BASES + text)).toBe(BASES_CYCLES + latency);
  });

  test('a second read of a line is a hit; another line misses again', () => {
    const read = (offset: number) => `mem[read32, $xfer_0, gprA_0, <<8, ${offset}, 1], ctx_swap[sig1]\n`;
    const { readCycles } = memories.emem.latency;
    expect(cycles(BASES + read(0) + read(60))).toBe(BASES_CYCLES + 2 * readCycles + ememCache.readMissCycles);
    expect(cycles(BASES + read(0) + read(64))).toBe(BASES_CYCLES + 2 * (readCycles + ememCache.readMissCycles));
  });

  test('without swap the core goes on; the wait is for the signal', () => {
    const text = `mem[read32, $xfer_0, gprA_2, 0, 1], sig_done[sig2]\n${'nop\n'.repeat(20)}ctx_arb[sig2]`;
    // The wait ends with the signal: issue + latency.
    expect(cycles(text)).toBe(memories.ctm.latency.readCycles);
    // A signal that is there already: only the swap.
    expect(cycles(`mem[read32, $xfer_0, gprA_2, 0, 1], sig_done[sig2]\n${'nop\n'.repeat(80)}ctx_arb[sig2]`)).toBe(
      81 + 1 + costs.contextSwapCycles,
    );
  });

  test('commands to one bank queue behind one another, those to others do not', () => {
    const two = (second: number) =>
      `immed[gprB_3, ${second}]\nmem[read32, $xfer_0, gprA_2, 0, 1], sig_done[sig1]
       mem[read32, $xfer_1, gprA_2, gprB_3, 1], sig_done[sig2]\nctx_arb[sig1, sig2]`;
    const { latency, engine } = memories.ctm;
    // 4.05 cycles of occupancy less the one between the issues: 3.05, seen as 4.
    const wait = Math.ceil((engine.readCentiCycles - 100) / 100);
    expect(cycles(two(4))).toBe(1 + 1 + latency.readCycles + wait);
    expect(cycles(two(64))).toBe(1 + 1 + latency.readCycles);
  });

  test('two blocking commands of a core keep their distance', () => {
    const text = (command: string) => `br=ctx[1, other]\n${command}\nctx_arb[kill]\nother:\n${command}\nctx_arb[kill]`;
    const read = 'mem[read32, $xfer_0, gprA_2, 0, 1], ctx_swap[sig1]';
    const result = run(text(read), { starts: [0, 1] });
    // Context 0: test 1, issue at 1. Context 1 starts after the swap, tests (4), may issue 16 after the first.
    const second = 1 + costs.blockingSpacing32Cycles;
    expect(result.cycles).toBe(second + memories.ctm.latency.readCycles + 1);
  });

  test('after a command the next context has the pipeline two cycles later', () => {
    const result = run(
      `br=ctx[1, other]\nmem[read32, $xfer_0, gprA_2, 0, 1], ctx_swap[sig1]\nctx_arb[kill]\nother:\n${'nop\n'.repeat(60)}ctx_arb[kill]`,
      { starts: [0, 1] },
    );
    // 0: test and command. 1: branch, nops, kill, swap. 0: kill.
    expect(result.cycles).toBe(2 + costs.contextSwapCycles + 3 + 60 + 1 + costs.contextSwapCycles + 1);
  });

  test('a write with deferred instructions takes the data that they fill in', () => {
    const state = run(
      `immed[gprA_0, 0x9800, <<16]
       mem[write32, $xfer_0, gprA_0, <<8, 16, 2], ctx_swap[sig1], defer[2]
       alu[$xfer_0, --, B, 0x77]
       alu[$xfer_1, --, B, 0x88]
       alu[gprA_5, --, B, 1]
       ctx_arb[kill]`,
    );
    expect([state.emem.readWord(16), state.emem.readWord(20), state.register('gprA_5')]).toEqual([0x77, 0x88, 1]);
  });

  test('octets, words, swapped words and 64 bits; indirect_ref gives 128 octets at once', () => {
    const image = { memory: 'emem', address: 0, octets: Uint8Array.from({ length: 128 }, (_, i) => i + 1) } as const;
    const state = run(
      `immed[gprA_0, 0x9800, <<16]
       mem[read8, $xfer_0, gprA_0, <<8, 3, 6], ctx_swap[sig1]
       mem[read32_swap, $xfer_2, gprA_0, <<8, 4, 1], ctx_swap[sig1]
       mem[read, $xfer_4, gprA_0, <<8, 8, 1], ctx_swap[sig1]
       alu[$xfer_8, --, B, $xfer_0]
       alu[$xfer_9, --, B, $xfer_1]
       immed[gprB_1, 1024]
       mem[write8, $xfer_8, gprA_0, <<8, gprB_1, 5], ctx_swap[sig1]
       ctx_arb[kill]`,
      { data: [image] },
    );
    expect([0, 1, 2, 4, 5].map((i) => state.register(`xfer_${i}`))).toEqual([
      0x04050607, 0x08090000, 0x08070605, 0x090a0b0c, 0x0d0e0f10,
    ]);
    expect([...state.emem.read(1023, 7)]).toEqual([0, 4, 5, 6, 7, 8, 0]);
    const burst = run(
      `immed[gprA_0, 0x9800, <<16]
       immed[gprB_1, 0x1f80]
       alu[--, gprA_15, OR, gprB_1]
       mem[read32, $xfer_0, gprA_0, <<8, 0, 8], indirect_ref, ctx_swap[sig1]
       ctx_arb[kill]`,
      { data: [image] },
    );
    expect(burst.register('xfer_31')).toBe(0x7d7e7f80);
  });

  test('atomics: what they leave, what they return', () => {
    const { emem, register } = run(
      `immed[gprA_0, 0x9800, <<16]
       immed[$xfer_0, 5]
       mem[add, $xfer_0, gprA_0, <<8, 0, 1], ctx_swap[sig1]
       mem[test_add, $xfer_0, gprA_0, <<8, 0, 1], ctx_swap[sig1]
       alu[gprA_1, --, B, $xfer_0]
       immed[$xfer_0, 0xf0]
       mem[set, $xfer_0, gprA_0, <<8, 4, 1], ctx_swap[sig1]
       immed[$xfer_0, 0x3c]
       mem[test_set, $xfer_0, gprA_0, <<8, 4, 1], ctx_swap[sig1]
       alu[gprA_2, --, B, $xfer_0]
       mem[clr, $xfer_0, gprA_0, <<8, 4, 1], ctx_swap[sig1]
       mem[sub, $xfer_0, gprA_0, <<8, 8, 1], ctx_swap[sig1]
       mem[swap, $xfer_0, gprA_0, <<8, 8, 1], ctx_swap[sig1]
       alu[gprA_3, --, B, $xfer_0]
       immed[gprB_9, 0x0310]
       alu_shf[gprB_9, --, B, gprB_9, <<16]
       immed[gprA_9, 0x890]
       alu[--, gprA_9, OR, gprB_9]
       mem[add_imm, $xfer_0, gprA_0, <<8, 12, 1], indirect_ref, ctx_swap[sig1]
       ctx_arb[kill]`,
    );
    expect([0, 4, 8, 12].map((at) => emem.readWord(at) >>> 0)).toEqual([10, 0xc0, 0x3c, 0x310]);
    expect([1, 2, 3].map((i) => register(`gprA_${i}`))).toEqual([5, 0xf0, 0xffff_ffc4]);
  });

  test.each([
    [
      'no memory there',
      'immed[gprA_0, 0x9000, <<16]\nmem[read32, $xfer_0, gprA_0, <<8, 0, 1], ctx_swap[sig1]',
      'unmapped-read',
    ],
    ['not aligned', 'mem[read32, $xfer_0, gprA_0, 2, 1], ctx_swap[sig1]', 'misaligned'],
    ['behind the end', 'immed[gprA_0, 4, <<16]\nmem[write32, $xfer_0, gprA_0, 0, 1], ctx_swap[sig1]', 'unmapped-write'],
    [
      'beyond the transfer registers',
      'immed[gprB_1, 0x1f80]\nalu[--, gprA_15, OR, gprB_1]\nmem[read32, $xfer_8, gprA_0, 0, 1], indirect_ref, ctx_swap[sig1]',
      'bad-length',
    ],
    ['to nowhere', 'immed[gprA_0, 0x3fff]\nrtn[gprA_0]', 'bad-jump'],
  ])('a fault stops the context: %s', (_, text, kind) => {
    const state = run(`${text}\nimmed[gprA_7, 1]\nctx_arb[kill]`);
    expect(state.faults.map((fault) => fault.kind)).toEqual([kind]);
    expect(state.register('gprA_7')).toBe(0);
    expect(state.ended).toBe(true);
  });
});

describe('contexts', () => {
  test('a swap lets the next ready context run, in turn', () => {
    // Each context notes its number in the next word of local memory, through one pointer a context.
    const state = run(
      `immed[gprA_0, 0x9800, <<16]
       local_csr_rd[ActCtxStatus]
       immed[gprA_1, 0]
       alu[gprA_1, gprA_1, AND, 7]
       alu_shf[$xfer_0, --, B, gprA_1, <<2]
       ctx_arb[voluntary]
       alu[$xfer_0, --, B, 1]
       mem[test_add, $xfer_0, gprA_0, <<8, 0, 1], ctx_swap[sig1]
       alu[gprA_2, --, B, $xfer_0]
       ctx_arb[kill]`,
      { starts: [0, 1, 2, 3, 4, 5, 6, 7] },
    );
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((context) => state.register('gprA_2', context))).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7,
    ]);
  });

  test('the pipeline is shared: eight contexts that only compute take eight times as long', () => {
    const text = `${'nop\n'.repeat(100)}ctx_arb[kill]`;
    const one = run(text).cycles;
    const eight = run(text, { starts: [0, 1, 2, 3, 4, 5, 6, 7] }).cycles;
    expect(eight).toBe(8 * one + 7 * costs.contextSwapCycles);
  });

  test('latency hides behind other contexts', () => {
    const text = `${BASES}${'mem[read32, $xfer_0, gprA_0, <<8, 0, 1], ctx_swap[sig1]\n'.repeat(10)}ctx_arb[kill]`;
    const one = run(text).cycles;
    const four = run(text, { starts: [0, 1, 2, 3] }).cycles;
    expect(four).toBeLessThan(1.3 * one);
  });

  test('what a run gives does not depend on where it is interrupted', () => {
    const text = `
      immed[gprA_0, 0x9800, <<16]
      immed[gprB_5, 12]
    loop:
      mem[test_add, $xfer_0, gprA_0, <<8, 0, 1], ctx_swap[sig1], defer[1]
      immed[$xfer_0, 3]
      alu[gprA_2, gprA_2, +, $xfer_0]
      mem[write32, $xfer_0, gprA_0, <<8, 8, 1], sig_done[sig2]
      alu[gprB_5, gprB_5, -, 1]
      ctx_arb[sig2]
      alu[--, gprB_5, -, 0]
      bne[loop], defer[1]
      alu[gprB_3, gprA_2, +, gprB_3]
      ctx_arb[kill]`;
    const starts = [0, 1, 2, 3, 4];
    const whole = run(text, { starts });
    const { instructions } = assemble(text);
    for (const step of [1, 3, 7, 50]) {
      const pieces = runProgram({ profile, instructions, starts, limitCycles: 0 });
      for (let cycle = 0; pieces.npu.nextEventCycle() !== Number.POSITIVE_INFINITY; cycle += step)
        pieces.npu.run(cycle);
      for (const context of starts) {
        for (const register of ['gprA_2', 'gprB_3', 'gprB_5', 'xfer_0']) {
          expect(pieces.register(register, context)).toBe(whole.register(register, context));
        }
      }
      expect(pieces.npu.busyCycles).toEqual(whole.npu.busyCycles);
      expect(pieces.npu.counters).toEqual(whole.npu.counters);
    }
  });

  test('an endless loop is stopped by the watchdog', () => {
    const { packet } = profile;
    const impatient = { ...profile, packet: { ...packet, watchdogCycles: 10_000 } };
    const state = run('loop:\nbr[loop]', { profile: impatient, limitCycles: 100_000_000 });
    expect(state.faults.map((fault) => fault.kind)).toEqual(['watchdog']);
    expect(state.faults[0]!.cycle).toBeLessThan(10_010);
  });
});
