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

function words(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (const [i, value] of values.entries()) view.setUint32(4 * i, value);
  return new Uint8Array(view.buffer);
}

describe('tables of values in memory', () => {
  /** Both result registers of a lookup of a value in a table at EMEM 0x40. */
  function lookup(command: string, value: number, table: Uint8Array, override = '') {
    const state = runText(
      `immed[gprA_1, ${value & 0xffff}]\nimmed_w1[gprA_1, ${value >>> 16}]\nalu[$xfer_0, --, B, gprA_1]
       immed[gprB_2, 0x40]\n${override}
       mem[${command}, $xfer_0, gprA_0, <<8, gprB_2, ${count(command)}]${override === '' ? '' : ', indirect_ref'}, ctx_swap[sig2]`,
      { data: [{ memory: 'emem', address: 0x40, octets: table }] },
    );
    expect(state.faults).toEqual([]);
    return {
      result: [state.register('xfer_0'), state.register('xfer_1')],
      word: (i: number) => state.emem.readWord(0x40 + 4 * i) >>> 0,
    };
  }
  /** The count that objdump prints for a size and a width. */
  const count = (command: string) =>
    (command.startsWith('cam256') ? 4 : 0) + Number(/lookup(\d+)/.exec(command)?.[1]) / 8;

  test('24 bits: the first match, all matches, and the octet beside the match', () => {
    const table = words([0x01000005, 0x22abcdef, 0x03000005, 0x44abcdef, 0, 0, 0, 0xffffffff]);
    expect(lookup('cam256_lookup24', 0x99abcdef, table).result[0]).toBe(((0b1010 << 16) | 0x2201) >>> 0);
    expect(lookup('cam128_lookup24', 0x00abcdef, table).result[0]).toBe(((0b1010 << 16) | 0x2201) >>> 0);
    expect(lookup('cam256_lookup24', 0x7, table).result[0]).toBe(0xff);
    expect(lookup('cam128_lookup32', 0x44abcdef, table).result[0]).toBe(((0b1000 << 16) | 3) >>> 0);
  });

  test('16 and 8 bits have more entries', () => {
    const table = words([0x00010002, 0x00030002, 0, 0, 0, 0, 0, 0x00020009]);
    expect(lookup('cam128_lookup16', 0x12340002, table).result).toEqual([1, 0b1010]);
    expect(lookup('cam256_lookup16', 2, table).result).toEqual([1, 0b0100_0000_0000_1010]);
    expect(lookup('cam256_lookup16', 5, table).result[0]).toBe(0xff);
    expect(lookup('cam256_lookup8', 2, table).result).toEqual([0x2000_0088, 0]);
  });

  test('an override makes the table 384 or 512 bits long', () => {
    const table = words([...Array.from({ length: 15 }, (_, i) => i + 1), 77]);
    const long = 'immed[gprA_3, 0xf80]\nalu[--, --, B, gprA_3]';
    expect(lookup('cam128_lookup32', 77, table, long).result[0]).toBe(((1 << 31) | 15) >>> 0);
  });

  test('lookup and add: added, found, full', () => {
    const some = words([5, 6, 0, 0]);
    const added = lookup('cam128_lookup24_add', 0x33000007, some);
    expect([added.result[0], added.word(2)]).toEqual([0x82, 0x33000007]);
    const found = lookup('cam128_lookup24_add', 6, some);
    expect([found.result[0], found.word(2)]).toEqual([((0b10 << 16) | 1) >>> 0, 0]);
    expect(lookup('cam128_lookup24_add', 9, words([5, 6, 7, 8])).result[0]).toBe(0xff);
  });
});

describe('the lookup engine', () => {
  /** Address operand: hash lookup, table at 0x10000, 1,024 buckets, operation. */
  const address = (operation: number, start = 0) => ((1 << 29) | (1 << 12) | (operation << 2) | start) >>> 0;
  function find(operation: number, data: readonly number[], table: { at: number; octets: Uint8Array }, start = 0) {
    const low = address(operation, start);
    const state = runText(
      `${data.map((word, i) => `immed[gprA_1, ${word & 0xffff}]\nimmed_w1[gprA_1, ${word >>> 16}]\nalu[$xfer_${i}, --, B, gprA_1]`).join('\n')}
       immed[gprB_2, ${low & 0xffff}]\nimmed_w1[gprB_2, ${low >>> 16}]
       mem[lookup, $xfer_0, gprA_0, <<8, gprB_2, ${data.length / 2}], ctx_swap[sig2]`,
      { data: [{ memory: 'emem', address: table.at, octets: table.octets }] },
    );
    expect(state.faults).toEqual([]);
    return state.register('xfer_0');
  }

  test('a key of 32 bits behind the 10 bits that choose a bucket of 16 octets', () => {
    // Data 0x...: bucket 5, key 0xabcd1234 in bits 41..10.
    const key = 0xabcd1234;
    const data = [((key << 10) | 5) >>> 0, key >>> 22];
    const at = 0x10000 + 5 * 16;
    expect(find(0x10, data, { at, octets: words([1, 2, key, 4]) })).toBe(at + 8);
    expect(find(0x10, data, { at, octets: words([1, 2, 3, 4]) })).toBe(0);
    expect(find(0x10, [7, 8, ...data], { at, octets: words([key, 2, 3, 4]) }, 2)).toBe(at);
  });

  test('a key of 128 bits in a bucket of 64 octets, as the header of flowenv computes it', () => {
    const data = [0x00112233, 0x44556677, 0x8899aabb, 0xccddeeff];
    const key = data.map((word, i) => ((word >>> 10) | ((data[i + 1] ?? 0) << 22)) >>> 0);
    const at = 0x10000 + (0x233 & 1023) * 64;
    expect(find(0x1d, data, { at, octets: words([0, 0, 0, 0, ...key]) })).toBe(at + 16);
    expect(find(0x1d, data, { at, octets: words([0, 0, 0, 0, key[0]!, key[1]!, key[2]!, 1]) })).toBe(0);
  });

  test('other operations, which no public text describes, stop the request', () => {
    const state = runText('mem[lookup, $xfer_0, gprA_0, <<8, 0, 1], ctx_swap[sig2]');
    expect(state.faults.map(({ kind }) => kind)).toEqual(['bad-override']);
  });
});
