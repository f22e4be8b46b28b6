import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type RandomStream, randomStream } from '../../../base/random.ts';
import type { ProgramResult } from '../../nic/run-program.ts';
import { parseNicProfile } from '../../profile.ts';
import { createTranslatingEngine } from '../../translate/translating-engine.ts';
import type { CoreEngine } from '../engine.ts';
import { interpretCore } from '../interpreter.ts';
import { runText } from './run-text.ts';

const profile = parseNicProfile(
  parse(readFileSync(new URL('../../../topology/profiles/nics/agilio-cx-2x10.yaml', import.meta.url), 'utf8')),
);

const RING_BASE = 0x1_0000;
const PROGRAMS = 15;

/** Rings 5 in EMEM, 3 in CLS and 2 in CTM; gprB_0, gprA_3 and gprA_4 name them, gprB_2 a table at EMEM 0x40. */
const SETUP = `
  immed[gprA_1, 1]\nimmed[gprB_1, 0x8]\nimmed_w1[gprB_1, 5]\nalu_shf[gprB_2, --, B, gprA_1, <<16]
  br!=ctx[0, ready]
  alu[--, --, B, gprB_1]\nmem[rd_qdesc, --, gprA_0, <<8, gprB_2], indirect_ref
  immed[$xfer_0, 8]\nimmed[gprA_2, 0x18]\nimmed_w1[gprA_2, 1]\ncls[write, $xfer_0, gprA_2, 0, 1], ctx_swap[sig1]
  immed[$xfer_0, 0x8000]\nimmed[gprA_2, 0x120]\nimmed_w1[gprA_2, 8]\nct[xpb_write, $xfer_0, gprA_2, 0, 1], ctx_swap[sig1]
ready:
  immed[gprB_0, 5]\nimmed[gprA_3, 12]\nimmed[gprA_4, 8]\nimmed[gprB_2, 0x40]\nimmed[gprA_5, 400]
wait:
  ctx_arb[voluntary]
  alu[gprA_5, gprA_5, -, 1]\nbne[wait]`;

/** One statement that uses what was set up, and a wait for its signal. */
function statement(random: RandomStream): string {
  const one = <T>(choices: readonly T[]): T => choices[random.below(choices.length)]!;
  const xfer = random.below(8);
  const count = 1 + random.below(4);
  const swap = `ctx_swap[sig${one([2, 4, 6])}]`;
  const override = (low: number, high: number) =>
    `immed[gprB_7, ${low}]\nimmed_w1[gprB_7, ${high}]\nalu[--, --, B, gprB_7]\n`;
  switch (random.below(8)) {
    case 0:
      return `mem[${one(['put', 'get', 'pop', 'get_freely', 'journal'])}, $xfer_${xfer}, gprA_0, <<8, gprB_0, ${count}], ${swap}`;
    case 1:
      return `cls[${one(['put', 'journal', 'get_safe', 'pop'])}, $xfer_${xfer}, gprA_3, 0, ${count}], ${swap}`;
    case 2:
      return `ct[${one(['ring_put', 'ring_get'])}, $xfer_${xfer}, gprA_4, 0, ${count}], ${swap}`;
    case 3:
      return `mem[cam256_lookup24${one(['', '_add'])}, $xfer_${xfer}, gprA_0, <<8, gprB_2, 7], ${swap}`;
    case 4:
      return `${override(6 * 8, random.below(256))}mem[${one(['write32', 'write32_swap', 'write', 'set', 'clr'])}, $xfer_${xfer}, gprA_0, <<8, gprB_2, ${count}], indirect_ref, ${swap}`;
    case 5:
      return `${override(6 * 8 + 0x80 + 0x800, random.below(16))}mem[test_mask_compare_write, $xfer_${xfer}, gprA_0, <<8, gprB_2, 1], indirect_ref, ${swap}`;
    case 6:
      return `mem[${one(['incr', 'decr', 'incr64'])}, --, gprA_0, <<8, gprB_2]`;
    default:
      return `alu[$xfer_${xfer}, gprA_6, +, ${random.below(9)}]\nalu[gprA_6, gprA_6, XOR, $xfer_${random.below(8)}]`;
  }
}

function resultOf(text: string, engine: CoreEngine): readonly unknown[] {
  const descriptor = new DataView(new ArrayBuffer(16));
  descriptor.setUint32(0, RING_BASE);
  descriptor.setUint32(4, RING_BASE | 2);
  const state: ProgramResult = runText(profile, text, {
    engine,
    cores: 3,
    starts: [0, 1, 5],
    data: [{ memory: 'emem', address: RING_BASE, octets: new Uint8Array(descriptor.buffer) }],
  });
  return [state.cycles, state.end, state.faults, state.changes()];
}

test('the engines agree on programs of these commands, on three cores that share rings and tables', () => {
  for (let seed = 0; seed < PROGRAMS; seed++) {
    const random = randomStream(seed, 'npu/commands');
    const body = Array.from({ length: 30 }, () => statement(random)).join('\n');
    const text = `${SETUP}\nimmed[gprB_5, 3]\nagain:\n${body}\nalu[gprB_5, gprB_5, -, 1]\nbne[again]`;
    const [cycles, end, faults, changes] = resultOf(text, interpretCore);
    expect(end, `seed ${seed}`).toBe('ended');
    expect(faults, `seed ${seed}`).toEqual([]);
    expect(resultOf(text, createTranslatingEngine(1)), `seed ${seed}`).toEqual([cycles, end, faults, changes]);
  }
});
