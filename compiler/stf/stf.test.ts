import { describe, expect, it } from 'vitest';
import { shippedProfile } from '../../test/shipped-files.ts';
import { Diagnostics } from '../diagnostics.ts';
import { compareFrame } from './compare-packet.ts';
import { parseStf } from './parse-stf.ts';
import { runStf } from './run-stf.ts';

const PROGRAM = `
  header_type h_t { fields { a : 8; b : 16; } }
  header h_t h;
  parser start { extract(h); return ingress; }
  counter c { type : bytes; instance_count : 2; }
  action set(value) { modify_field(h.b, value); }
  table t { reads { h.a : exact; h.b : ternary; } actions { set; } }
  table l { reads { h.b : lpm; } actions { set; } }
  table r { reads { h.b : range; } actions { set; } }
  control ingress { apply(t); apply(l); apply(r); }
`;

function complaints(text: string): string[] {
  const diagnostics = new Diagnostics();
  parseStf('t.stf', text, diagnostics);
  return diagnostics.list.map(({ code, position }) => `${position.line}:${position.column} ${code}`);
}

function run(stf: string, program = PROGRAM) {
  return runStf({
    files: new Map([
      ['p.p4', program],
      ['t.stf', stf],
    ]),
    p4: 'p.p4',
    stf: 't.stf',
    microC: [],
    includePaths: [],
    defines: {},
    profile: shippedProfile(),
  });
}

describe('the text of a test', () => {
  it('is read with every form of number', () => {
    const [add] = parseStf(
      't.stf',
      'ADD t 7 a:0b1* b:0x1*3* x.y:10/8 z:3->0x10 w:5&&&0xf act(1, n:0o17) = $h # end',
      new Diagnostics(),
    );
    expect(add).toMatchObject({ kind: 'add', priority: 7, handle: '$h', target: { kind: 'action' } });
    expect(add?.kind === 'add' && add.keys.map(({ value }) => value)).toMatchObject([
      { value: 2n, unknown: 1n },
      { value: 0x1030n, unknown: 0x0f0fn },
      { value: 10n, prefixBits: 8 },
      { value: 3n, high: 16n },
      { value: 5n, mask: 15n },
    ]);
    expect(
      add?.kind === 'add' && add.target.kind === 'action' && add.target.arguments.map(({ value }) => value),
    ).toEqual([1n, 15n]);
  });

  it.each([
    ['frobnicate 1', '1:1 stf-unknown-statement'],
    ['packet 0 123', '1:10 stf-syntax'],
    ['packet 0', '1:9 stf-syntax'],
    ['packet 70000 00', '1:8 stf-syntax'],
    ['packet 0 0g', '1:11 stf-syntax'],
    ['expect x', '1:8 stf-syntax'],
    ['expect 0 00 $ 11', '1:15 stf-syntax'],
    ['add t a:0x1', '1:12 stf-syntax'],
    ['add t a:0b12 act()', '1:12 stf-syntax'],
    ['check_counter c 1', '1:17 stf-syntax'],
    ['check_counter c(1) =', '1:20 stf-syntax'],
    ['wait long', '1:6 stf-syntax'],
  ])('is refused with its place: %s', (text, complaint) => {
    expect(complaints(text)).toEqual([complaint]);
  });

  it('is read on behind a line that makes no sense', () => {
    expect(complaints('foo\npacket 0 00\nbar\n# foo')).toEqual([
      '1:1 stf-unknown-statement',
      '3:1 stf-unknown-statement',
    ]);
  });
});

describe('names and values of a test', () => {
  it.each([
    ['add x h.a:1 set(1)', '1:5 stf-unknown-name'],
    ['add t h.z:1 set(1)', '1:7 stf-unknown-name'],
    ['add t h.a:1 put(1)', '1:13 stf-unknown-name'],
    ['add t h.a:1 set()', '1:13 stf-bad-value'],
    ['add t h.a:1 set(other:1)', '1:23 stf-bad-value'],
    ['add t h.b:1 set(1)', '1:1 stf-bad-value'],
    ['add t h.a:0x100 set(1)', '1:11 stf-bad-value'],
    ['add t h.a:1->2 set(1)', '1:11 stf-bad-value'],
    ['add l h.b:0x**00 set(1)', '1:11 stf-bad-value'],
    ['add l h.b:1/17 set(1)', '1:11 stf-bad-value'],
    ['add r h.b:7->3 set(1)', '1:11 stf-bad-value'],
    ['check_counter d(0) == 1', '1:15 stf-unknown-name'],
    ['check_counter c(0) packets == 1', '1:1 stf-bad-value'],
    ['check_register c(0) == 1', '1:16 stf-unknown-name'],
    ['remove nothing', '1:8 stf-unknown-name'],
    ['mc_node_associate 1 0', '1:1 stf-unknown-name'],
    ['packet 0 00\nadd x h.a:1 set(1)', '2:5 stf-unknown-name'],
  ])('are refused with their place: %s', (text, complaint) => {
    const result = run(text);
    expect(
      result.ok ? [] : result.diagnostics.map(({ code, position: at }) => `${at.line}:${at.column} ${code}`),
    ).toEqual([complaint]);
  });
});

describe('what is wrong', () => {
  it('is said of lines that make no sense and of names at once', () => {
    const result = run('packet 0 0g\nadd x h.a:1 set(1)\nadd t h.z:1 set(1)');
    expect(result.ok ? [] : result.diagnostics.map(({ code, position }) => `${position.line} ${code}`)).toEqual([
      '1 stf-syntax',
      '2 stf-unknown-name',
      '3 stf-unknown-name',
    ]);
  });

  it('is to change a constant default action', () => {
    const program = PROGRAM.replace('table l {', 'table l { const default_action : set(1);');
    const result = run('setdefault t set(2)\nsetdefault l set(3)', program);
    expect(result.ok ? [] : result.diagnostics.map(({ position, message }) => [position.line, message])).toEqual([
      [2, 'the default_action of l is constant'],
    ]);
  });
});

describe('replicas that find no place', () => {
  it('are counted', () => {
    const program = `
      header_type m_t { fields { mcast_grp : 16; egress_rid : 16; } }
      metadata m_t intrinsic_metadata;
      parser start { return ingress; }
      action all() { modify_field(intrinsic_metadata.mcast_grp, 1); }
      table t { actions { all; } default_action : all(); }
      control ingress { apply(t); }
    `;
    const ports = [1, 2, 3, 4, 5, 6, 7, 8];
    const group = 'mc_mgrp_create 1\nmc_node_associate 1 0\n';
    const packets = 'packet 0 00\npacket 0 00\n';
    const expected = [...ports, ...ports].map((port) => `expect ${port} 00\n`).join('');
    const fits = run(`mc_node_create 0 ${ports.join(' ')}\n${group}${packets}${expected}`, program);
    expect(fits.ok && [fits.lostPackets, fits.outcomes.every(({ passed }) => passed)]).toEqual([0, true]);
    const lost = run(`mc_node_create 0 ${ports.join(' ')} 9 10 11\n${group}${packets}${expected}`, program);
    expect(lost.ok && [lost.lostPackets, lost.outcomes.every(({ passed }) => passed)]).toEqual([6, true]);
  });
});

describe('what fails', () => {
  it('is said of each packet, whether it differs, does not come or was not expected', () => {
    const result = run(
      'expect 0 01\npacket 0 020000\nexpect 1\nno_packet\npacket 0 030000\ncheck_counter c(0) bytes > 0',
    );
    expect(
      result.ok && result.outcomes.map(({ kind, passed, position }) => `${position.line} ${kind} ${passed}`),
    ).toEqual(['1 expect false', '3 expect false', '4 no-packet true', '5 unexpected false', '6 check false']);
  });
});

describe('compared frames', () => {
  const frame = (head: string, octets = 60): Uint8Array =>
    Uint8Array.from({ length: octets }, (_, i) => Number.parseInt(head.slice(i * 2, i * 2 + 2), 16) || 0);

  it.each([
    ['a1*2', false, frame('a1b2c3'), undefined],
    ['a1b2c3', true, frame('a1b2c3'), undefined],
    ['a1b2c3', true, frame('a1b2c300', 61), 'octets more'],
    ['a1b2', true, frame('a1b2c3'), 'octets more'],
    ['a2b2', false, frame('a1b2'), 'octet 0 differs'],
    ['00'.repeat(61), false, frame('00'), '60 octets, 61 expected'],
  ])('%s exact %s', (pattern, exact, octets, reason) => {
    const difference = compareFrame(pattern, exact, octets);
    if (reason === undefined) expect(difference).toBeUndefined();
    else expect(difference?.reason).toContain(reason);
  });
});
