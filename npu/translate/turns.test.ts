import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { assemble } from '../assembler/assembler.ts';
import { interpretCore } from '../execution/interpreter.ts';
import { type NicProfile, parseNicProfile } from '../profile.ts';
import type { RandomRun } from './random-run.ts';
import { differences, outcomeOf } from './run-outcome.ts';
import { createTranslatingEngine } from './translating-engine.ts';

/*
 * Contexts that take turns within a region: the program's contexts all run the same instructions, so that no stay but the
 * last has to end a region.
 */

const shipped = parseNicProfile(
  parse(readFileSync(new URL('../../topology/profiles/nics/agilio-cx-2x10.yaml', import.meta.url), 'utf8')),
);
const oneCore: NicProfile = { ...shipped, islands: [{ number: 32, cores: 1 }], coreCount: 1 };

/** Counts in gprA_0, then gives the pipeline away; one pass of each path takes another number of cycles. */
const HANDLER = `
  handler:
  alu[gprA_0, gprA_0, +, 1]
  br_bclr[gprA_0, 0, even]
  alu[gprB_0, gprA_0, XOR, gprB_0]
  alu[gprB_1, gprA_0, +, gprB_1]
  even:
  local_csr_wr[ActLMAddr0, gprB_14]
  ctx_arb[voluntary], br[handler], defer[1]
  alu[gprB_2, gprA_0, +, gprB_2]`;

function runOf(text: string, starts: readonly number[], pieces: readonly number[]): RandomRun {
  const { instructions, errors } = assemble(text);
  expect(errors).toEqual([]);
  return {
    contexts: 8,
    starts,
    instructions,
    opensLocalMemory: false,
    registers: [0],
    pieces: pieces.map((until) => ({ until, frame: undefined })),
  };
}

function disagreement(run: RandomRun, profile = oneCore): string[] {
  return differences(outcomeOf(run, createTranslatingEngine(1), profile), outcomeOf(run, interpretCore, profile));
}

const ALONE = [3];
const ALL = [0, 1, 2, 3, 4, 5, 6, 7];

describe.each([
  ['one context', ALONE],
  ['eight contexts', ALL],
  ['three contexts', [1, 2, 6]],
] as const)('%s in turn', (_, starts) => {
  test('pause wherever a run ends', () => {
    for (let until = 200; until < 300; until++) {
      expect([until, disagreement(runOf(HANDLER, starts, [until, 700]))]).toEqual([until, []]);
    }
  });

  test('go on behind the longest stretch of a region', () => {
    expect(disagreement(runOf(HANDLER, starts, [300_000]))).toEqual([]);
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])('are stopped by a watchdog of %i cycles more', (more) => {
    const profile = { ...oneCore, packet: { ...oneCore.packet, watchdogCycles: 100 + more } };
    expect(disagreement(runOf(HANDLER, starts, [2_000]), profile)).toEqual([]);
  });

  test('go on when signals are there, and wait for those that come later', () => {
    const text = `
      immed[gprB_10, 20]
      loop:
      mem[read32, $xfer_0, gprA_15, 0, 1], sig_done[sig2]
      mem[read32, $xfer_1, gprA_15, 4, 1], sig_done[sig5]
      ctx_arb[sig2], defer[1]
      alu[gprA_1, gprA_1, +, 1]
      ctx_arb[sig5]
      mem[read32, $xfer_2, gprA_15, 8, 1], sig_done[sig3]
      poll:
      ctx_arb[voluntary]
      br_!signal[3, poll], defer[1]
      alu[gprA_2, gprA_2, +, 1]
      alu[gprB_10, gprB_10, -, 1]
      bne[loop]
      ctx_arb[kill]`;
    expect(disagreement(runOf(text, starts, [500, 20_000]))).toEqual([]);
  });
});

test('a subroutine returns to each of its callers within a region', () => {
  const text = `
    start:
    load_addr[gprA_14, first]
    br[increment]
    first:
    br[increment], defer[1]
    load_addr[gprA_14, second]
    second:
    ctx_arb[voluntary], br[start]
    increment:
    alu[gprA_0, gprA_0, +, 1]
    rtn[gprA_14], defer[1]
    alu[gprB_0, gprA_0, +, gprB_0]`;
  for (let until = 150; until < 200; until++) {
    expect([until, disagreement(runOf(text, ALL, [until, 1_000]))]).toEqual([until, []]);
  }
});

test('a jump out of the program moves the pointer of its operand once', () => {
  const text = `
    local_csr_wr[ActLMAddr0, gprB_14]
    alu[gprA_1, --, ~B, 0]
    nop
    nop
    alu[*l$index0, --, B, gprA_1]
    rtn[*l$index0++]`;
  expect(disagreement(runOf(text, ALL, [1_000]))).toEqual([]);
});
