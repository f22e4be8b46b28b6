import { describe, expect, it } from 'vitest';
import { preprocess } from '../../1-preprocess/preprocess.ts';
import { Diagnostics } from '../../diagnostics.ts';
import { parseP4 } from './parse.ts';
import type { P4Declaration } from './tree.ts';

function parsed(text: string): { declarations: readonly P4Declaration[]; codes: string[] } {
  const diagnostics = new Diagnostics();
  const files = new Map([
    ['main.p4', text],
    ['inc/widths.p4', '#define WIDTH 12\n'],
  ]);
  const tokens = preprocess({ files, main: 'main.p4', includePaths: ['inc'], defines: {} }, diagnostics);
  const { declarations } = parseP4(tokens, diagnostics);
  return { declarations, codes: diagnostics.list.map(({ code }) => code) };
}

function only(text: string): P4Declaration {
  const { declarations, codes } = parsed(text);
  expect(codes).toEqual([]);
  expect(declarations).toHaveLength(1);
  return declarations[0]!;
}

describe('P4-14 declarations', () => {
  it('come with includes, defines and pragmas of other targets', () => {
    expect(
      only('#include "widths.p4"\n@pragma header_ordering a b\nheader_type t {\n@pragma x\nfields { a : WIDTH; } }'),
    ).toMatchObject({ kind: 'header-type', name: 't', fields: [{ name: 'a', bits: 12 }] });
  });

  it('have fields with attributes, and one of variable width', () => {
    const type = only(
      'header_type t { fields { a : 8 (signed, saturating); b : *; } length : a * 4; max_length : 60; }',
    );
    expect(type).toMatchObject({
      fields: [
        { name: 'a', signed: true, saturating: true },
        { name: 'b', bits: 0, signed: false },
      ],
      length: { kind: 'binary', operator: '*' },
      maxLengthOctets: { value: 60n },
    });
  });

  it.each([
    ['16', 16n, undefined],
    ['0x10', 16n, undefined],
    ['0b101', 5n, undefined],
    ["8'0x1f", 31n, 8],
    ['8w31', 31n, 8],
    ["4'0b1111", 15n, 4],
    ['-1', -1n, undefined],
    ['+7', 7n, undefined],
  ])('have numbers like %s', (text, value, bits) => {
    const list = only(`action a() { modify_field(h.f, ${text}); }`);
    expect(list).toMatchObject({ calls: [{ arguments: [{ kind: 'field' }, { kind: 'number', value, bits }] }] });
  });

  it('bind counters, meters and registers to tables, or give them cells', () => {
    expect(only('counter c { type : packets_and_bytes; direct : t; min_width : 32; saturating; }')).toMatchObject({
      kind: 'counter',
      type: 'packets_and_bytes',
      binding: { kind: 'direct', table: 't' },
      instanceCount: undefined,
      minWidthBits: 32,
      saturating: true,
    });
    expect(only('meter m { type : bytes; result : meta.color; static : t; instance_count : 9; }')).toMatchObject({
      result: { instance: 'meta', field: 'color' },
      binding: { kind: 'static' },
      instanceCount: 9,
    });
    expect(only('register r { width : 48; instance_count : 4; attributes : signed, saturating; }')).toMatchObject({
      bits: 48,
      signed: true,
      saturating: true,
    });
  });

  it('name profiles and selectors, sizes and defaults', () => {
    const profile = only('action_profile p { actions { a; b; } size : 8; dynamic_action_selection : s; }');
    expect(profile).toMatchObject({ actions: [{ name: 'a' }, { name: 'b' }], size: 8, selector: { name: 's' } });
    const selector = only(
      'action_selector s { selection_key : k; selection_mode : resilient; selection_type : http; }',
    );
    expect(selector).toMatchObject({ key: { name: 'k' }, mode: 'resilient', type: 'http' });
    const table = only(
      'table t { reads { h.f mask 0xff : lpm; g[1] : valid; } action_profile : p; min_size : 1; max_size : 9; support_timeout : true; }',
    );
    expect(table).toMatchObject({
      reads: [
        { match: 'lpm', mask: 255n },
        { match: 'valid', field: { kind: 'name', name: 'g[1]' } },
      ],
      actionProfile: { name: 'p' },
      minSize: 1,
      maxSize: 9,
      size: undefined,
      supportTimeout: true,
    });
  });

  it('select by sets, masks, single numbers for several keys, and end in exceptions', () => {
    const state = only(`parser s { extract(h[next]); set_metadata(m.x, current(4, 8) + 1);
      return select(latest.a, current(0, 8)) { v : t; 0x0102 mask 0xff00 : t; 1, 2 : parse_error e; default : ingress; } }`);
    expect(state).toMatchObject({
      statements: [
        { kind: 'extract', instance: 'h[next]' },
        { kind: 'set-metadata', value: { left: { kind: 'current', offsetBits: 4, bits: 8 } } },
      ],
      end: {
        fields: [{ kind: 'field' }, { kind: 'current' }],
        cases: [
          { values: [{ kind: 'value-set', name: 'v' }] },
          { values: [{ kind: 'value', value: 0x102n, mask: 0xff00n }] },
          { values: [{ value: 1n }, { value: 2n }], next: { kind: 'error', name: 'e' } },
          { values: undefined, next: { kind: 'state', name: 'ingress' } },
        ],
      },
    });
    expect(only('parser s { return parse_error e; }')).toMatchObject({ end: { kind: 'error', name: 'e' } });
    expect(only('parser_exception e { set_metadata(m.x, 1); return c; }')).toMatchObject({ control: { name: 'c' } });
    expect(only('parser_exception e { parser_drop; }')).toMatchObject({ control: undefined });
  });

  it('that are wrong are left out, and the rest is read', () => {
    const { declarations, codes } = parsed(
      'counter c { colour : red; }\nregister r { instance_count : 1; }\nheader t h;',
    );
    expect(codes).toEqual(['parse-expected-token', 'parse-missing-attribute']);
    expect(declarations.map(({ kind }) => kind)).toEqual(['register', 'instance']);
  });
});
