import { describe, expect, it } from 'vitest';
import { shippedProfile } from '../../../test/shipped-files.ts';
import { buildFirmware } from '../../build-firmware.ts';
import { formatDiagnostic } from '../../diagnostics.ts';
import { Bench } from '../../lambda-bench.ts';

/** P4-14's declarations, each in a whole program on the NPU: frames in, frames out. */

const ETHERNET = `
  header_type ethernet_t { fields { dst : 48; src : 48; kind : 16; } }
  header ethernet_t ethernet;
  metadata ethernet_t scratch;
`;

function benchOf(program: string, rules?: unknown): Bench {
  const profile = shippedProfile();
  const files = new Map([
    ['prog.p4', program],
    ['rules.p4cfg', JSON.stringify(rules ?? {})],
  ]);
  const build = buildFirmware({
    files,
    profile,
    lambdas: [],
    runtime: [],
    p4: 'prog.p4',
    wholeProgram: true,
    ...(rules === undefined ? {} : { rules: 'rules.p4cfg' }),
  });
  if (!build.ok) throw new Error(build.diagnostics.map((each) => formatDiagnostic(each, files)).join('\n'));
  return new Bench(profile, build.image);
}

/** The frame as hex, padded to 80 octets with 0xa0, 0xa1, ... so that its payload can be told. */
function frameOf(hex: string): Uint8Array {
  const octets =
    hex
      .replace(/\s/g, '')
      .match(/../g)
      ?.map((pair) => Number.parseInt(pair, 16)) ?? [];
  return Uint8Array.from({ length: Math.max(80, octets.length) }, (_, i) => octets[i] ?? 0xa0 + i - octets.length);
}

/** What comes out, as hex; `dropped` when nothing does. */
function through(bench: Bench, hex: string): string {
  const sent = bench.exchange([frameOf(hex)]);
  expect(bench.faults).toEqual([]);
  const frame = sent[0]?.frame;
  return frame === undefined ? 'dropped' : [...frame].map((octet) => octet.toString(16).padStart(2, '0')).join('');
}

/** The first octets of what comes out; behind them stands the payload that went in. */
function head(bench: Bench, hex: string, payload = 'a0a1a2a3a4'): string {
  const all = through(bench, hex);
  const end = all.indexOf(payload);
  return end < 0 ? all : all.slice(0, end);
}

const out = 'modify_field(standard_metadata.egress_spec, 0);';
const apply = (body: string): string =>
  `action act() { ${body} ${out} } table t { actions { act; } default_action : act(); } control ingress { apply(t); }`;

describe('header stacks', () => {
  const tags = `
    header_type tag_t { fields { more : 8; value : 24; } }
    header tag_t tag[3];
    header_type meta_t { fields { value : 24; count : 8; } }
    metadata meta_t meta;
    parser start { extract(ethernet); return select(latest.kind) { 1 : parse_tag; default : ingress; } }
    parser parse_tag {
      extract(tag[next]);
      set_metadata(meta.value, latest.value);
      set_metadata(meta.count, meta.count + 1);
      return select(latest.more) { 1 : parse_tag; default : ingress; }
    }
  `;
  const addresses = '000000000001000000000002';
  const one = `${addresses}0001 00000001`;
  const two = `${addresses}0001 01000001 00000002`;
  const three = `${addresses}0001 01000001 01000002 00000003`;
  const four = `${addresses}0001 01000001 01000002 01000003 00000004`;
  const plain = (hex: string): string => hex.replace(/\s/g, '');

  it('are parsed by a loop and sent as they came; one element too many drops the packet', () => {
    const bench = benchOf(`${ETHERNET}${tags}${apply('')}`);
    for (const hex of [`${addresses}0000`, one, two, three]) expect(head(bench, hex)).toBe(plain(hex));
    expect(through(bench, four)).toBe('dropped');
  });

  it('give the parser latest, and the actions the last element', () => {
    const bench = benchOf(
      `${ETHERNET}${tags}${apply(
        'modify_field(ethernet.dst, meta.value); modify_field(ethernet.src, tag[last].value); modify_field(tag[last].value, 9);',
      )}`,
    );
    expect(head(bench, two)).toBe('000000000002' + '000000000002' + '0001' + '01000001' + '00000009');
    expect(head(bench, one)).toBe('000000000001' + '000000000001' + '0001' + '00000009');
  });

  it('are pushed and popped, and the payload follows', () => {
    const push = benchOf(`${ETHERNET}${tags}${apply('push(tag, 1); modify_field(tag[0].value, 7);')}`);
    expect(head(push, two)).toBe(plain(`${addresses}0001 00000007 01000001 00000002`));
    const pop = benchOf(`${ETHERNET}${tags}${apply('pop(tag, 2);')}`);
    expect(head(pop, three)).toBe(plain(`${addresses}0001 00000003`));
    expect(head(pop, one)).toBe(plain(`${addresses}0001`));
  });

  it('take an element in the middle, and give one', () => {
    const add = benchOf(`${ETHERNET}${tags}${apply('add_header(tag[1]); modify_field(tag[1].value, 7);')}`);
    expect(head(add, two)).toBe(plain(`${addresses}0001 01000001 00000007 00000002`));
    expect(head(add, three)).toBe(plain(`${addresses}0001 01000001 01000007 00000003`));
    const remove = benchOf(`${ETHERNET}${tags}${apply('remove_header(tag[0]);')}`);
    expect(head(remove, two)).toBe(plain(`${addresses}0001 00000002`));
  });
});

describe('the parser', () => {
  const types = `
    header_type pair_t { fields { a : 8; b : 8; c : 16; } }
    header pair_t pair; header pair_t other; metadata pair_t meta;
  `;

  it('selects by value sets, by keys put together, and by bits that are not extracted yet', () => {
    const program = `${types}
      parser_value_set known;
      parser start { extract(pair); return select(latest.a) { known : found; default : ingress; } }
      parser found { return select(pair.b, current(8, 8)) { 0x0102 : deeper; 0x0300 mask 0xff00 : deeper; default : ingress; } }
      parser deeper { set_metadata(meta.c, current(0, 16)); extract(other); return ingress; }
      action act() { modify_field(pair.c, meta.c); remove_header(other); ${out} }
      table t { actions { act; } default_action : act(); } control ingress { apply(t); }`;
    const bench = benchOf(program, {
      parser_value_sets: { known: [{ value: 5 }, { value: '0x80', mask: '0x80' }] },
    });
    expect(head(bench, '05010000 11022222')).toBe('05011102');
    expect(head(bench, '85030000 11332222')).toBe('85031133');
    expect(head(bench, '05010000 11032222')).toBe('0501000011032222');
    expect(head(bench, '06010000 11022222')).toBe('0601000011022222');
  });

  it('gives frames that it cannot parse to a handler, by name or to the default one', () => {
    const program = `${types}
      parser_exception bad_pair { set_metadata(meta.c, 0xbad); return recover; }
      parser_exception p4_pe_out_of_packet { parser_drop; }
      parser_exception p4_pe_default { set_metadata(meta.c, 0xdef); return recover; }
      parser start { extract(pair); return select(latest.a) { 1 : parse_error bad_pair; 2 : second; 3 : ingress; } }
      parser second { return parse_error p4_pe_header_too_long; }
      action act() { modify_field(pair.c, meta.c); modify_field(pair.b, standard_metadata.parser_status);
        modify_field(pair.a, standard_metadata.parser_error_location); ${out} }
      table t { actions { act; } default_action : act(); }
      control recover { apply(t); } control ingress { apply(t); }`;
    const bench = benchOf(program);
    expect(head(bench, '01000000')).toBe('01080bad');
    expect(head(bench, '02000000')).toBe('02040def');
    expect(head(bench, '03000000')).toBe('00000000');
    // No case matches.
    expect(head(bench, '04000000')).toBe('01060def');
    expect(bench.exchange([Uint8Array.of(1, 2, 3)])).toEqual([]);
  });

  it('goes on with the control that a state names', () => {
    const program = `${types}
      parser start { extract(pair); return select(latest.a) { 1 : elsewhere; default : ingress; } }
      action act(n) { modify_field(pair.b, n); ${out} }
      table t { actions { act; } default_action : act(1); } table u { actions { act; } default_action : act(2); }
      control elsewhere { apply(u); } control ingress { apply(t); }`;
    const bench = benchOf(program);
    expect(head(bench, '01000000')).toBe('01020000');
    expect(head(bench, '02000000')).toBe('02010000');
  });

  it('reads a field as long as its header says, and sends it as long', () => {
    const program = `
      header_type list_t { fields { size : 8; kind : 8; rest : *; } length : size * 2 + 2; max_length : 40; }
      header list_t list;
      header_type end_t { fields { mark : 16; } }
      header end_t end;
      parser start { extract(list); extract(end); return ingress; }
      ${apply('modify_field(list.kind, 7); add_to_field(end.mark, 1);')}`;
    const bench = benchOf(program);
    expect(head(bench, '0000 beef')).toBe('0007bef0');
    expect(head(bench, '0100 1122 beef')).toBe('01071122bef0');
    const long = Array.from({ length: 38 }, (_, i) => (i + 16).toString(16)).join('');
    expect(head(bench, `1300 ${long} beef`)).toBe(`1307${long}bef0`);
    // Longer than max_length.
    expect(through(bench, `1400 ${long}0000 beef`)).toBe('dropped');
  });

  it('refuses circles that extract nothing, and ends others with the packet', () => {
    const program = `${types}
      parser start { extract(pair); return select(latest.a) { 0xff : start; default : ingress; } } ${apply('')}`;
    const bench = benchOf(program);
    expect(head(bench, 'ff000000 01020304')).toBe('01020304');
    expect(bench.exchange([new Uint8Array(64).fill(0xff)])).toEqual([]);
  });
});

describe('fields', () => {
  const types = `
    header_type wide_t { fields { a : 128; b : 128; c : 100; d : 28; } }
    header wide_t wide;
    metadata wide_t meta;
    parser start { extract(wide); return ingress; }
  `;
  const a = '20010db8000000000000000000000001';
  const b = '20010db80000000000000000000000ff';
  const c = '123456789abcdef0123456789';
  const d = 'abcdef1';

  it('of more than 64 bits are moved, compared, masked and matched', () => {
    const program = `${types}
      action swap() { modify_field(meta.a, wide.a); modify_field(wide.a, wide.b); modify_field(wide.b, meta.a); }
      action mix() { bit_xor(wide.a, wide.a, wide.b); modify_field(wide.c, wide.b); modify_field(wide.d, wide.c); }
      action put(value) { modify_field(wide.b, value); }
      action send() { ${out} }
      table swap_them { actions { swap; } default_action : swap(); }
      table mix_them { actions { mix; } default_action : mix(); }
      table matched { reads { wide.a : exact; } actions { put; } }
      table prefix { reads { wide.a : lpm; } actions { put; } }
      table sent { actions { send; } default_action : send(); }
      control ingress {
        if (wide.a == wide.b) { apply(mix_them); }
        else { if (wide.a < wide.b) { apply(swap_them); } }
        if (wide.a == 0x${b}) { apply(matched); } else { apply(prefix); }
        apply(sent);
      }`;
    const bench = benchOf(program, {
      tables: {
        matched: {
          rules: [
            {
              name: 'm',
              match: { 'wide.a': { value: `0x${b}` } },
              action: { type: 'put', data: { value: { value: `0x${c}${d}` } } },
            },
          ],
        },
      },
    });
    // Smaller first: exchanged; then the table matches and puts 128 bits.
    expect(head(bench, a + b + c + d)).toBe(b + c + d + c + d);
    expect(head(bench, b + a + c + d)).toBe(b + c + d + c + d);
    // Equal: xor is zero; c gets the lowest 100 bits of b, d those of the new c.
    const zero = '0'.repeat(32);
    expect(head(bench, b + b + c + d)).toBe(`${zero}${b}${b.slice(-25)}${b.slice(-7)}`);
  });

  it('are signed and stop at their ends when they say so', () => {
    const program = `
      header_type n_t { fields { s : 8 (signed); u : 8 (saturating); t : 8 (signed, saturating); w : 16 (signed); flags : 8; } }
      header n_t n;
      parser start { extract(n); return ingress; }
      action compute() {
        add_to_field(n.u, 100); subtract_from_field(n.t, 100); modify_field(n.w, n.s);
      }
      action less() { bit_or(n.flags, n.flags, 1); }
      action below() { bit_or(n.flags, n.flags, 2); }
      action send() { ${out} }
      table first { actions { compute; } default_action : compute(); }
      table l { actions { less; } default_action : less(); }
      table k { actions { below; } default_action : below(); }
      table sent { actions { send; } default_action : send(); }
      control ingress {
        apply(first);
        if (n.s < 0) { apply(l); }
        if (n.s < n.w + 1) { apply(k); }
        apply(sent);
      }`;
    const bench = benchOf(program);
    expect(head(bench, 'fe 10 10 0000 00')).toBe('fe74acfffe03');
    expect(head(bench, '05 f0 90 0000 00')).toBe('05ff80000502');
  });

  it('compute in conditions as they do in C without sign', () => {
    const program = `
      header_type n_t { fields { a : 8; b : 16; c : 48; r : 8; } }
      header n_t n;
      parser start { extract(n); return ingress; }
      ${[1, 2, 4, 8, 16, 32].map((bit) => `action set${bit}() { bit_or(n.r, n.r, ${bit}); } table t${bit} { actions { set${bit}; } default_action : set${bit}(); }`).join('\n')}
      action send() { ${out} } table sent { actions { send; } default_action : send(); }
      control ingress {
        if ((n.a << 8) == n.b) { apply(t1); }
        if (n.c > 0xffffffff and not (n.a == 0)) { apply(t2); }
        if (n.c + 1 == 0x100000000 or n.b >> 12 == 0xf) { apply(t4); }
        if (~n.a == 0xfe) { apply(t8); }
        if (valid(n) and n.a * 2 - 1 >= 0x10 & 0xff) { apply(t16); }
        if (n.a ^ 3 != 2 | 0) { apply(t32); }
        apply(sent);
      }`;
    const bench = benchOf(program);
    expect(head(bench, '01 0100 000000000000 00')).toBe('01010000000000000009');
    expect(head(bench, '20 f000 0000ffffffff 00')).toBe('20f0000000ffffffff34');
    expect(head(bench, '01 f000 000100000000 00')).toBe('01f0000001000000000e');
  });
});

describe('the deparser', () => {
  it('sends any combination of headers, in the order of the parse graph, with the payload behind them', () => {
    const names = ['a', 'b', 'c', 'd'];
    const sizes = [24, 8, 40, 16];
    const program = `
      header_type pick_t { fields { keep : 8; } }
      header pick_t pick;
      ${names.map((name, i) => `header_type ${name}_t { fields { x : ${sizes[i]}; } } header ${name}_t ${name};`).join('\n')}
      parser start { extract(pick); return get_a; }
      ${names.map((name, i) => `parser get_${name} { extract(${name}); return ${i < 3 ? `get_${names[i + 1]}` : 'ingress'}; }`).join('\n')}
      ${names.map((name) => `action cut_${name}() { remove_header(${name}); } table t_${name} { actions { cut_${name}; } default_action : cut_${name}(); }`).join('\n')}
      action send() { ${out} } table sent { actions { send; } default_action : send(); }
      control ingress {
        ${names.map((name, i) => `if ((pick.keep & ${1 << i}) == 0) { apply(t_${name}); }`).join('\n')}
        apply(sent);
      }`;
    const bench = benchOf(program);
    const parts = ['a1a2a3', 'b1', 'c1c2c3c4c5', 'd1d2'];
    for (let keep = 0; keep < 16; keep++) {
      const first = keep.toString(16).padStart(2, '0');
      const kept = parts.filter((_, i) => ((keep >> i) & 1) === 1).join('');
      const payload = Array.from({ length: 68 }, (_, i) => (0xa0 + i).toString(16).padStart(2, '0')).join('');
      expect(through(bench, `${first}${parts.join('')}`)).toBe(`${first}${kept}${payload}`);
    }
  });

  it('makes room for headers that come', () => {
    const program = `${ETHERNET}
      header_type shim_t { fields { x : 24; } } header shim_t shim;
      parser start { extract(ethernet); return select(latest.kind) { 0x9999 : get_shim; default : ingress; } }
      parser get_shim { extract(shim); return ingress; }
      ${apply('add_header(shim); modify_field(shim.x, 0x123456); modify_field(ethernet.kind, 0x9999);')}`;
    const bench = benchOf(program);
    const frame = through(bench, '000000000001000000000002 0800');
    expect(frame.slice(0, 42)).toBe('0000000000010000000000029999123456a0a1a2a3');
    expect(frame.length / 2).toBe(83);
    expect(head(bench, '000000000001000000000002 9999 aaaaaa')).toBe('0000000000010000000000029999123456');
  });
});
