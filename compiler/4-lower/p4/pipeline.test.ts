import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { shippedProfile } from '../../../test/shipped-files.ts';
import { buildFirmware } from '../../build-firmware.ts';
import { Diagnostics, formatDiagnostic } from '../../diagnostics.ts';
import { compileToIr } from '../../front-end.ts';
import { Bench } from '../../lambda-bench.ts';

/** P4 programs through the whole compiler and over the NPU: a frame in, the frame out. */

const RUNTIME = `
#include "pif_plugin.h"
void main(void) {
  for (;;) {
    __xread unsigned int arrival[4];
    __xwrite unsigned int departure[2];
    packet_receive(arrival);
    pif_pkt_info_global.pkt_len = arrival[0] >> 16;
    pif_pkt_info_global.pkt_buf = (__ctm unsigned char *)arrival[1];
    pif_headers.standard_metadata.ingress_port = arrival[0] & 0xffff;
    pif_headers.standard_metadata.egress_spec = 0;
    if (pif_receive() == 0 && pif_headers.standard_metadata.egress_spec != 0xffff && pif_deparse() == 0) {
      departure[0] = (pif_pkt_info_global.pkt_len << 16) | pif_headers.standard_metadata.egress_spec;
      departure[1] = (unsigned int)pif_pkt_info_global.pkt_buf;
      packet_send(departure);
    }
  }
}
`;

function benchOf(p4: string, rules?: unknown, plugin = ''): Bench {
  const profile = shippedProfile();
  const files = new Map([
    ['prog.p4', p4],
    ['main.c', RUNTIME],
    ['plugin.c', plugin],
    ['rules.p4cfg', JSON.stringify(rules ?? {})],
  ]);
  const build = buildFirmware({
    files,
    profile,
    lambdas: [],
    runtime: ['main.c', 'plugin.c'],
    p4: 'prog.p4',
    ...(rules === undefined ? {} : { rules: 'rules.p4cfg' }),
  });
  if (!build.ok) throw new Error(build.diagnostics.map((each) => formatDiagnostic(each, files)).join('\n'));
  return new Bench(profile, build.image);
}

const REST = Uint8Array.from({ length: 60 }, (_, i) => 0xa0 + i);

/** A frame that begins with these octets. */
function frame(...head: number[]): Uint8Array {
  return Uint8Array.from([...head, ...REST.slice(head.length)]);
}

function hexHead(octets: Uint8Array | undefined, count: number): string | undefined {
  return octets && [...octets.slice(0, count)].map((octet) => octet.toString(16).padStart(2, '0')).join('');
}

/** The first octets of what comes out; the rest has to be as it was. */
function through(bench: Bench, count: number, ...head: number[]): string | undefined {
  const sent = bench.exchange([frame(...head)]);
  expect(bench.faults).toEqual([]);
  if (sent[0] !== undefined) expect(sent[0].frame.slice(count)).toEqual(REST.slice(count));
  return hexHead(sent[0]?.frame, count);
}

describe('tables', () => {
  let bench: Bench;
  const match = (value: number | string, mask?: string) => ({ value, ...(mask === undefined ? {} : { mask }) });
  beforeAll(() => {
    bench = benchOf(readFileSync(new URL('cases/tables.p4', import.meta.url), 'utf8'), {
      tables: {
        exact_match: {
          rules: [
            { name: 'one', match: { 'key.a': match(1) }, action: { type: 'set_c', data: { value: match('0x1234') } } },
            { name: 'two', match: { 'key.a': match(2) }, action: { type: 'add_c', data: { value: match(2) } } },
            {
              name: 'late',
              priority: 9,
              match: { 'key.a': match(4) },
              action: { type: 'set_c', data: { value: match(1) } },
            },
            {
              name: 'early',
              priority: 8,
              match: { 'key.a': match(4) },
              action: { type: 'set_c', data: { value: match(2) } },
            },
            { name: 'three', match: { 'key.a': match(0x83) }, action: { type: 'add_c', data: { value: match(0) } } },
          ],
        },
        ternary_match: {
          rules: [{ name: 'high', match: { 'key.a': match('0x80', '0x80') }, action: { type: 'mark' } }],
        },
      },
    });
  });

  it.each([
    // hit: set; the ternary table misses, so `always` marks.
    ['01050000', '01851234'],
    // hit: add with carry out of the field, then a miss marks.
    ['0205ffff', '02850001'],
    ['02050003', '02850005'],
    // two rules match: the smaller priority wins.
    ['04050000', '04850002'],
    // both hit.
    ['83050000', '83850000'],
    // miss: only `modify` may mark.
    ['09050001', '09050001'],
    ['09058000', '09858000'],
    ['09038000', '09038000'],
  ])('%s becomes %s', (before, after) => {
    const head = before.match(/../g)?.map((octet) => Number.parseInt(octet, 16)) ?? [];
    expect(through(bench, 4, ...head)).toBe(after);
  });
});

describe('parser and deparser', () => {
  const types = `
    header_type base_t { fields { kind : 4; flags : 4; wide : 48; count : 8; } }
    header_type odd_t { fields { x : 24; } }
    header_type long_t { fields { y : 64; } }
    header_type scratch_t { fields { seen : 32; sum : 48; } }
    header base_t base; header odd_t odd; header long_t long_; header odd_t other;
    metadata scratch_t scratch { seen : 7; };
  `;
  const parser = `
    parser start { extract(base); set_metadata(scratch.sum, latest.wide); return select(latest.kind, base.flags) {
      1, 0 : parse_odd; 2, 0x4 mask 0x6 : parse_long; 3, 0 mask 0 : oops; default : ingress; } }
    parser parse_odd { extract(odd); return parse_long; }
    parser parse_long { extract(long_); return ingress; }
    parser oops { parse_error p4_pe_unhandled_select; }
  `;

  it('writes back what was parsed, at every length', () => {
    const bench = benchOf(`${types}${parser} control ingress { }`);
    for (const kind of [0x10, 0x24, 0x2d, 0x00, 0x11]) {
      const head = [kind, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19];
      expect(through(bench, 20, ...head)).toBe(hexHead(Uint8Array.from(head), 20));
    }
    expect(bench.exchange([frame(0x30)])).toEqual([]);
  });

  it('removes, adds and copies headers', () => {
    const program = `${types}${parser}
      action cut() { remove_header(odd); }
      table t { actions { cut; } default_action : cut(); }
      control ingress { if (valid(odd)) { apply(t); } }`;
    const bench = benchOf(program);
    // base, odd, long become base, long: the octets behind are those of the frame.
    const sent = bench.exchange([frame(0x10, 1, 2, 3, 4, 5, 6, 7, 0xaa, 0xbb, 0xcc, 21, 22, 23, 24, 25, 26, 27, 28)]);
    expect(hexHead(sent[0]?.frame, 16)).toBe('100102030405060715161718191a1b1c');
  });

  it('computes with fields of 1 to 64 bits', () => {
    const program = `${types}${parser}
      action compute() {
        add_to_field(base.wide, 0x0100000001);
        subtract_from_field(base.count, 1);
        modify_field(base.flags, 0xff, 0x3);
        add(scratch.seen, scratch.seen, 1);
        shift_left(long_.y, long_.y, 4);
        bit_xor(long_.y, long_.y, scratch.seen);
      }
      table t { actions { compute; } default_action : compute(); }
      control ingress { if (valid(long_)) { apply(t); } }`;
    const bench = benchOf(program);
    for (let again = 0; again < 2; again++) {
      expect(through(bench, 16, 0x24, 0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0, 1, 2, 3, 4, 5, 6, 7, 8)).toBe(
        // flags 4 -> 7; wide 00feffffffff + 0100000001; count 0 - 1; y << 4 ^ 8 (metadata starts at 7 for every packet).
        '270100000000' + '00ff' + '1020304050607088',
      );
    }
  });

  it('drops, and lets a plugin decide', () => {
    const program = `${types}${parser}
      primitive_action judge();
      action ask() { judge(); modify_field(base.count, 9); }
      action lose() { drop(); }
      table t { actions { ask; } default_action : ask(); }
      table l { actions { lose; } default_action : lose(); }
      control ingress { apply(t); if (base.flags == 1) { apply(l); } }`;
    const plugin = `
      #include "pif_plugin.h"
      int pif_plugin_judge(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {
        PIF_PLUGIN_base_T *base = pif_plugin_hdr_get_base(headers);
        if (base->__wide_1 == 5) return PIF_PLUGIN_RETURN_DROP;
        if (!pif_plugin_hdr_base_present(headers)) return PIF_PLUGIN_RETURN_EXIT;
        base->__wide_0 = PIF_HEADER_GET_base___count___0(base);
        pif_plugin_meta_set__standard_metadata__egress_spec(headers, pif_plugin_meta_get__scratch__seen(headers));
        return PIF_PLUGIN_RETURN_FORWARD;
      }`;
    const bench = benchOf(program, undefined, plugin);
    const sent = bench.exchange([frame(0, 1, 2, 3, 4, 5, 6, 0x77)]);
    expect(sent.map(({ port }) => port)).toEqual([7]);
    expect(hexHead(sent[0]?.frame, 8)).toBe('0000007704050609');
    expect(bench.exchange([frame(1, 1, 2, 3, 4, 5, 6, 7)])).toEqual([]);
    expect(bench.exchange([frame(0, 1, 2, 3, 0, 0, 5, 7)])).toEqual([]);
  });
});

describe('rules', () => {
  const p4 = readFileSync(new URL('cases/tables.p4', import.meta.url), 'utf8');
  it.each([
    ['not JSON', '{', 'p4cfg-bad-json'],
    ['an unknown meter', '{"meters":{"none":[]}}', 'p4cfg-unknown-table'],
    ['an action of another table', '{"tables":{"always":{"rules":[{"action":{"type":"set_c"}}]}}}', 'p4cfg-bad-action'],
    ['a missing value', '{"tables":{"exact_match":{"rules":[{"action":{"type":"set_c"}}]}}}', 'p4cfg-bad-value'],
    [
      'an unknown key',
      '{"tables":{"always":{"rules":[{"match":{"key.z":{"value":1}},"action":{"type":"mark"}}]}}}',
      'p4cfg-bad-value',
    ],
  ])('that are wrong are refused: %s', (_, text, code) => {
    const diagnostics = new Diagnostics();
    const files = new Map([
      ['p.p4', p4],
      ['r', text],
      ['main.c', RUNTIME],
    ]);
    const sources = {
      files,
      p4: 'p.p4',
      rules: 'r',
      microC: [{ path: 'main.c', owner: 'runtime' }],
      includePaths: [],
      defines: {},
      entry: 'main',
    };
    expect(compileToIr(sources, diagnostics)).toBeUndefined();
    expect(diagnostics.list.map((each) => each.code)).toEqual([code]);
  });
});
