import { describe, expect, test } from 'vitest';
import { shippedSources } from '../../../test/shipped-files.ts';
import { Diagnostics } from '../../diagnostics.ts';
import { analyzeProgram } from '../../front-end.ts';
import { NAIVE_FOUR_FOLDER, NAIVE_FOUR_IDS } from '../../naive-four.ts';
import { reduceMatch } from './match-reduction.ts';
import { readRules } from './rules.ts';

const P4 = `${NAIVE_FOUR_FOLDER}/match.p4`;
const RULES = `${NAIVE_FOUR_FOLDER}/routes.p4cfg`;
const ROUTES = ['profile_reader_routes', 'profile_writer_routes', 'web_server_routes', 'image_transformer_routes'];

/** The naive program's match stage after the pass, with one of its files changed and what plugins say. */
function reduced(path = '', change: (text: string) => string = (text) => text, microC = '', wholeProgram = false) {
  const files = shippedSources();
  if (path !== '') {
    const before = files.get(`${NAIVE_FOUR_FOLDER}/${path}`)!;
    expect(change(before), 'the text to change is there').not.toBe(before);
    files.set(`${NAIVE_FOUR_FOLDER}/${path}`, change(before));
  }
  const diagnostics = new Diagnostics();
  const ids = Object.entries(NAIVE_FOUR_IDS).map(([name, id]) => [
    `${name.toUpperCase().replace('-', '_')}_ID`,
    String(id),
  ]);
  const sources = { files, includePaths: [NAIVE_FOUR_FOLDER], defines: Object.fromEntries(ids) };
  const model = analyzeProgram(sources, P4, diagnostics)!;
  const rules = readRules(model, RULES, files.get(RULES)!, diagnostics);
  expect(diagnostics.list).toEqual([]);
  const { model: after } = reduceMatch(model, rules, microC, wholeProgram);
  return {
    routes: ROUTES.filter((name) => after.tables.has(name)),
    control: JSON.stringify(after.controls.get('ingress')?.body, (_, value) => (typeof value === 'bigint' ? 0 : value)),
    states: [...after.states.keys()].filter((name) => !model.controls.has(name)),
    cases: (state: string) => {
      const { end } = after.states.get(state)!;
      return end.kind === 'select' ? end.cases.length : 0;
    },
  };
}

describe('match-reduction merges tables', () => {
  test('with the same keys, entries, and actions that do the same', () => {
    const { routes, control } = reduced();
    expect(routes).toEqual(['profile_reader_routes', 'web_server_routes']);
    expect(control).not.toContain('profile_writer_routes');
    expect(control.split('"profile_reader_routes"').length - 1).toBe(4);
  });

  test.each([
    [
      'an action differs',
      'profile-writer.p4',
      'modify_field(ethernet.dstAddr, mac)',
      'modify_field(ethernet.srcAddr, mac)',
    ],
    [
      'a parameter goes elsewhere',
      'profile-writer.p4',
      'profile_writer_route(mac, port)',
      'profile_writer_route(port, mac)',
    ],
    ['a key differs', 'profile-writer.p4', 'ipv4.dstAddr : exact', 'ipv4.dstAddr : ternary'],
    ['an entry differs', 'routes.p4cfg', '0x020000000104', '0x020000000105'],
  ])('but not when %s', (_, path, from, to) => {
    const only = (text: string) => {
      const at = path === 'routes.p4cfg' ? text.indexOf('profile_writer_routes') : 0;
      return text.slice(0, at) + text.slice(at).replace(from, to);
    };
    expect(reduced(path, only).routes).toContain('profile_writer_routes');
  });
});

describe('match-reduction leaves out headers', () => {
  const all = ['parse_vlan', 'parse_arp', 'parse_icmp', 'parse_tcp'];
  const left = (states: readonly string[]) => all.filter((each) => states.includes(each));

  test('that nothing names, and the cases that led to them', () => {
    const { states, cases } = reduced();
    expect(left(states)).toEqual([]);
    expect(cases('parse_ethernet')).toBe(2);
    expect(cases('parse_ipv4')).toBe(2);
  });

  test.each([
    ['a plugin reads it', '', 'pif_plugin_hdr_get_tcp(headers)->window', ['parse_tcp']],
    ['a plugin could see where the payload begins', '', 'pif_pkt_info_global.pkt_pl_off', all],
    ['a plugin takes away what lies before it', '', 'pif_plugin_hdr_ipv4_remove(headers)', all],
    ['a control asks for it', 'valid(lambda_hdr)) {\n    if', '', ['parse_arp']],
  ])('but not when %s', (_, from, microC, kept) => {
    const change = (text: string) =>
      text.replace(from, 'valid(arp)) {\n    apply(send_pkt_to_host);\n  } else if (valid(lambda_hdr)) {\n    if');
    expect(left(reduced(from === '' ? '' : 'match.p4', from === '' ? undefined : change, microC).states)).toEqual(kept);
  });

  test('but not in a program that may get frames of any length', () => {
    expect(left(reduced('', undefined, '', true).states)).toEqual(all);
  });
});
