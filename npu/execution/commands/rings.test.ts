import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { ProgramRun } from '../../nic/run-program.ts';
import { parseNicProfile } from '../../profile.ts';
import { runText as runTextOn } from './run-text.ts';

const profile = parseNicProfile(
  parse(readFileSync(new URL('../../../topology/profiles/nics/agilio-cx-2x10.yaml', import.meta.url), 'utf8')),
);
const runText = (text: string, options: Partial<ProgramRun> = {}) => runTextOn(profile, text, options);

const BASE = 0x1_0000;
const RING = 5;

/** Descriptor of an empty ring of 512 words at BASE, as flowenv's mem_ring_setup writes it. */
function descriptor(count = 0): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint32(0, BASE & 0x03ff_fffc);
  view.setUint32(4, ((BASE + 4 * count) & ~3) | 2);
  view.setUint32(8, count);
  return new Uint8Array(view.buffer);
}

const setUp = { data: [{ memory: 'emem' as const, address: BASE, octets: descriptor() }] };
/** Reads the descriptor of ring 5 and keeps its number in gprB_0, then 1, 2, 3 ... in transfer registers. */
const SETUP = `
  immed[gprA_1, 1]\nimmed[gprB_1, 0x8]\nimmed_w1[gprB_1, ${RING}]
  alu_shf[gprA_2, --, B, gprA_1, <<16]\nalu[--, --, B, gprB_1]
  mem[rd_qdesc, --, gprA_0, <<8, gprA_2], indirect_ref
  immed[gprB_0, ${RING}]`;
/** gprA_2 is bank A, and so is gprA_0: an address takes one of each. */
const BEGIN = SETUP.replace('gprA_2, --, B, gprA_1', 'gprB_2, --, B, gprA_1').replace('<<8, gprA_2', '<<8, gprB_2');
const numbers = (count: number, first = 1) =>
  Array.from({ length: count }, (_, i) => `immed[$xfer_${i}, ${first + i}]`).join('\n');
const put = (count: number, first = 1) =>
  `${numbers(count, first)}\nmem[put, $xfer_0, gprA_0, <<8, gprB_0, ${count}], ctx_swap[sig2]\n`;

describe('rings in EMEM', () => {
  test('put tells what was there, get gives the oldest words first', () => {
    const state = runText(
      `${BEGIN}\n${put(3, 10)}alu[gprA_5, --, B, $xfer_0]\n${put(2, 20)}alu[gprA_6, --, B, $xfer_0]
       mem[get, $xfer_4, gprA_0, <<8, gprB_0, 4], ctx_swap[sig4]`,
      setUp,
    );
    expect(state.faults).toEqual([]);
    expect([state.register('gprA_5'), state.register('gprA_6')]).toEqual([0x8000_0000, 0x8000_0003]);
    expect([4, 5, 6, 7].map((n) => state.register(`xfer_${n}`))).toEqual([10, 11, 12, 20]);
    expect(state.emem.readWord(BASE + 16)).toBe(21);
  });

  test('a get of more than is there takes nothing and raises the other signal of its pair', () => {
    const state = runText(
      `${BEGIN}\n${put(2)}
       mem[get, $xfer_4, gprA_0, <<8, gprB_0, 3], sig_done[sig4]\nctx_arb[sig4]\nbr_signal[5, short]
       br[on]
     short:
       immed[gprA_7, 1]
     on:
       mem[get_freely, $xfer_4, gprA_0, <<8, gprB_0, 3], ctx_swap[sig4]
       br_signal[5, bad]
       br[done]
     bad:
       immed[gprA_8, 1]
     done:
       nop`,
      setUp,
    );
    expect(state.register('gprA_7')).toBe(1);
    expect(state.register('gprA_8')).toBe(0);
    expect([4, 5, 6].map((n) => state.register(`xfer_${n}`))).toEqual([1, 2, 0]);
  });

  test('pop takes from the other end', () => {
    const state = runText(`${BEGIN}\n${put(4)}mem[pop, $xfer_8, gprA_0, <<8, gprB_0, 2], ctx_swap[sig4]`, setUp);
    expect([8, 9].map((n) => state.register(`xfer_${n}`))).toEqual([3, 4]);
  });

  test('a ring of n words takes n - 1; journal writes over the oldest', () => {
    const full = { data: [{ memory: 'emem' as const, address: BASE, octets: descriptor(510) }] };
    const state = runText(
      `${BEGIN}\n${put(2, 7)}alu[gprA_5, --, B, $xfer_0]\n${put(1, 8)}alu[gprA_6, --, B, $xfer_0]
       ${numbers(3, 100)}\nmem[journal, $xfer_0, gprA_0, <<8, gprB_0, 3], ctx_swap[sig4]
       mem[push_qdesc, $xfer_8, gprA_0, <<8, gprB_0, 1], ctx_swap[sig4]`,
      full,
    );
    // The second word of the journal fills the last place, the third falls on the descriptor that lay at the base.
    expect([state.register('gprA_5'), state.register('gprA_6')]).toEqual([510, 0x8000_01fe]);
    expect(state.register('xfer_10')).toBe(512);
    expect(state.register('xfer_8')).toBe(BASE + 8);
    expect([BASE + 4 * 510, BASE + 4 * 511, BASE, BASE + 4].map((at) => state.emem.readWord(at))).toEqual([
      8, 100, 101, 102,
    ]);
  });

  test('fast_journal adds the word that stands where the address does', () => {
    const state = runText(
      `${BEGIN}\nimmed[gprB_3, 0x1234]\nalu[--, --, B, gprB_1]\nmem[fast_journal, --, gprA_0, <<8, gprB_3], indirect_ref
       mem[get, $xfer_4, gprA_0, <<8, gprB_0, 1], ctx_swap[sig4]`,
      setUp,
    );
    expect(state.register('xfer_4')).toBe(0x1234);
  });

  test('a ring that is not set up: put returns 0, get fails', () => {
    const text = (command: string) =>
      `immed[gprB_0, 9]\nmem[${command}, $xfer_0, gprA_0, <<8, gprB_0, 1], ctx_swap[sig4]`;
    expect(runText(`immed[$xfer_0, 3]\n${text('put')}`).register('xfer_0')).toBe(0);
    expect(runText(text('get')).faults.map(({ memory, address }) => [memory, address])).toEqual([['ring', 9]]);
  });

  test('rights are those over the octets of the ring', () => {
    const region = (name: string, address: number, octets: number, write: boolean) => ({
      name,
      owner: 'runtime',
      memory: 'emem' as const,
      address,
      octets,
      read: true,
      write,
    });
    const faults = (regions: NonNullable<ProgramRun['regions']>) =>
      runText(`${BEGIN}\n${put(1)}`, { ...setUp, regions }).faults.map(({ kind, memory }) => `${kind} ${memory}`);
    expect(faults([region('all', BASE, 2048, true)])).toEqual([]);
    expect(faults([region('part', BASE, 2044, true)])).toEqual(['unmapped-write emem']);
    expect(faults([region('read', BASE, 2048, false)])).toEqual(['unmapped-write emem']);
  });

  test('agrees with a list', () => {
    const operation = fc.record({
      kind: fc.constantFrom('put', 'get', 'pop', 'get_freely'),
      words: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 12 }), (operations) => {
        const list: number[] = [];
        const seen: number[] = [];
        let text = BEGIN;
        let next = 1;
        for (const { kind, words } of operations) {
          if (kind === 'put') {
            text += `\n${put(words, next)}`;
            for (let i = 0; i < words; i++) list.push(next++);
            continue;
          }
          text += `\nmem[${kind}, $xfer_4, gprA_0, <<8, gprB_0, ${words}], ctx_swap[sig4]`;
          if (kind === 'get_freely') {
            const taken = list.splice(0, words);
            while (taken.length < words) taken.push(0);
            seen.splice(0, words, ...taken);
          } else if (list.length >= words) {
            seen.splice(0, words, ...(kind === 'get' ? list.splice(0, words) : list.splice(list.length - words)));
          }
        }
        text += '\nmem[push_qdesc, $xfer_8, gprA_0, <<8, gprB_0, 1], ctx_swap[sig4]';
        const state = runText(text, setUp);
        expect(state.register('xfer_10')).toBe(list.length);
        expect(seen).toEqual(seen.map((_, i) => state.register(`xfer_${4 + i}`)));
      }),
      { numRuns: 60 },
    );
  });
});

const delay = (rounds: number) =>
  `immed[gprA_7, ${rounds}]\nwait${rounds}:\nalu[gprA_7, gprA_7, -, 1]\nbne[wait${rounds}]`;

describe('work queues', () => {
  test('work goes to contexts in the order in which they asked, also on other cores', () => {
    // Context 0 of core 0 adds work later; all others ask for two words each.
    const text = `
      local_csr_rd[ActCtxStatus]\nimmed[gprA_9, 0]\nalu[gprA_8, gprA_9, AND, 0x7f]
      alu_shf[gprB_9, --, B, gprA_9, >>25]\nalu[gprB_9, gprB_9, AND, 0x3f]\nimmed[gprB_0, ${RING}]
      alu[--, gprB_9, -, 32]\nbne[ask]\nalu[--, gprA_8, -, 0x20]\nbne[ask]
      ${BEGIN}
      ${delay(3000)}
      ${numbers(6, 40)}
      mem[qadd_work, $xfer_0, gprA_0, <<8, gprB_0, 6], ctx_swap[sig4]
      ctx_arb[kill]
    ask:
      ${delay(500)}
      mem[qadd_thread, $xfer_4, gprA_0, <<8, gprB_0, 2], ctx_swap[sig4]`;
    const state = runText(text, { ...setUp, cores: 2, starts: [0, 1] });
    expect([state.faults, state.end]).toEqual([[], 'ended']);
    const got = [
      [1, 0],
      [0, 1],
      [1, 1],
    ].map(([context, core]) => state.register('xfer_4', context, core));
    expect([...got].sort()).toEqual([40, 42, 44]);
  });

  test('work that is there is given at once', () => {
    const state = runText(
      `${BEGIN}\n${numbers(2, 7)}\nmem[qadd_work, $xfer_0, gprA_0, <<8, gprB_0, 2], ctx_swap[sig4]
       mem[qadd_thread, $xfer_4, gprA_0, <<8, gprB_0, 2], ctx_swap[sig4]`,
      setUp,
    );
    expect([4, 5].map((n) => state.register(`xfer_${n}`))).toEqual([7, 8]);
  });
});

/** Sets up ring 3 of CLS: 32 words at 0x400. */
const CLS_BEGIN = `
  immed[gprA_1, 8]\nimmed[$xfer_0, 8]\nimmed[gprA_2, 0x18]\nimmed_w1[gprA_2, 1]
  cls[write, $xfer_0, gprA_2, 0, 1], ctx_swap[sig1]
  immed[gprA_3, 12]`;

describe('rings of an island', () => {
  test('CLS: put, get, and what registers and branches tell', () => {
    const fill = Array.from({ length: 4 }, () => 'cls[put, $xfer_0, gprA_3, 0, 8], ctx_swap[sig1]').join('\n');
    const state = runText(
      `${CLS_BEGIN}\n${numbers(8)}
       br_cls_state[cls_ring3_status, bad]\n${fill}\nbr_!cls_state[cls_ring3_status, bad]
       cls[read, $xfer_8, gprA_2, 0, 1], ctx_swap[sig1]
       cls[put, $xfer_0, gprA_3, 0, 1], ctx_swap[sig1]
       cls[ring_get_freely, $xfer_10, gprA_3, 0, 3], ctx_swap[sig1]
       br_cls_state[cls_ring3_status, bad]
       ctx_arb[kill]
     bad:
       immed[gprB_9, 1]`,
    );
    expect([state.faults, state.register('gprB_9')]).toEqual([[], 0]);
    expect(state.register('xfer_8')).toBe(0xc000_0008);
    expect([10, 11, 12].map((n) => state.register(`xfer_${n}`))).toEqual([1, 2, 3]);
    expect(state.islandMemory('cls', 0).readWord(0x404)).toBe(2);
  });

  test('CTM: set up over the expansion bus, state of an empty ring', () => {
    // Ring 2 of 128 words at 0x8000: base register 0x80120.
    const state = runText(
      `immed[gprA_2, 0x120]\nimmed_w1[gprA_2, 8]\nimmed[$xfer_0, 0x8000]
       ct[xpb_write, $xfer_0, gprA_2, 0, 1], ctx_swap[sig1]
       immed[gprA_3, 8]\n${numbers(3, 5)}
       br_!inp_state[ctm_ring2_status, bad]
       ct[ring_put, $xfer_0, gprA_3, 0, 3], ctx_swap[sig1]
       br_inp_state[ctm_ring2_status, bad]
       ct[ring_get, $xfer_8, gprA_3, 0, 2], ctx_swap[sig1]
       ct[xpb_read, $xfer_12, gprA_2, 8, 1], ctx_swap[sig1]
       ctx_arb[kill]
     bad:
       immed[gprB_9, 1]`,
    );
    expect([state.faults, state.register('gprB_9')]).toEqual([[], 0]);
    expect([8, 9, 12].map((n) => state.register(`xfer_${n}`))).toEqual([5, 6, 12]);
    expect(state.islandMemory('ctm', 0).readWord(0x8008)).toBe(7);
  });

  test('a ring without rights over its octets cannot be set up', () => {
    expect(runText(CLS_BEGIN, { regions: [] }).faults.map(({ kind }) => kind)).toEqual(['unmapped-write']);
  });
});
