import { describe, expect, it } from 'vitest';
import { shippedProfile } from '../../../test/shipped-files.ts';
import { CRCS } from '../../3-analyze/p4/algorithms.ts';
import { buildFirmware } from '../../build-firmware.ts';
import { formatDiagnostic } from '../../diagnostics.ts';
import { Bench } from '../../lambda-bench.ts';

/** What each CRC gives for the octets "123456789" (the "check" of the public catalogue of CRC algorithms). */
const CHECKS: Readonly<Record<string, string>> = {
  crc_8: 'f4',
  crc_8_darc: '15',
  crc_8_i_code: '7e',
  crc_8_itu: 'a1',
  crc_8_maxim: 'a1',
  crc_8_rohc: 'd0',
  crc_8_wcdma: '25',
  crc16: 'bb3d',
  crc_16: 'bb3d',
  crc_16_buypass: 'fee8',
  crc_16_dds_110: '9ecf',
  crc_16_dect: '007e',
  crc_16_dnp: 'ea82',
  crc_16_en_13757: 'c2b7',
  crc_16_genibus: 'd64e',
  crc_16_maxim: '44c2',
  crc_16_mcrf4xx: '6f91',
  crc_16_riello: '63d0',
  crc_16_t10_dif: 'd0db',
  crc_16_teledisk: '0fb3',
  crc_16_usb: 'b4c8',
  x_25: '906e',
  xmodem: '31c3',
  modbus: '4b37',
  kermit: '2189',
  crcCCITT: '29b1',
  crc_ccitt_false: '29b1',
  crc_aug_ccitt: 'e5cc',
  crc_24: '21cf02',
  crc_24_flexray_a: '7979bd',
  crc_24_flexray_b: '1f23b8',
  crc32: 'cbf43926',
  crc_32: 'cbf43926',
  crc_32_bzip2: 'fc891918',
  crc32c: 'e3069283',
  crc_32c: 'e3069283',
  crc_32d: '87315576',
  crc_32_mpeg: '0376e6e7',
  posix: '765e7680',
  crc_32q: '3010bf7f',
  jamcrc: '340bc6d9',
  xfer: 'bd0be338',
  crc_64: '46a5a9388a5beffe',
  crc_64_we: '62ec59e3f1a4f00a',
  crc_64_jones: 'caa717168609f281',
};

const DIGITS = '313233343536373839';

function benchOf(program: string): Bench {
  const profile = shippedProfile();
  const files = new Map([['prog.p4', program]]);
  const build = buildFirmware({ files, profile, lambdas: [], runtime: [], p4: 'prog.p4', wholeProgram: true });
  if (!build.ok) throw new Error(build.diagnostics.map((each) => formatDiagnostic(each, files)).join('\n'));
  return new Bench(profile, build.image);
}

function through(bench: Bench, hex: string): string {
  const octets = hex.match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? [];
  const sent = bench.exchange([Uint8Array.from(octets)]);
  expect(bench.faults).toEqual([]);
  return [...(sent[0]?.frame ?? [])].map((octet) => octet.toString(16).padStart(2, '0')).join('');
}

const CONTROL = `
  action send() { modify_field(standard_metadata.egress_spec, 0); }
  table t { actions { send; } default_action : send(); }
  control ingress { apply(t); }
`;

/** Results of several calculations over the same list, each in a field of its own. */
function program(header: string, list: string, algorithms: readonly (readonly [string, number])[]): string {
  return `
    ${header}
    header_type results_t { fields { ${algorithms.map(([, bits], i) => `r${i} : ${bits};`).join(' ')} } }
    header results_t results;
    parser start { extract(data); extract(results); return ingress; }
    field_list l { ${list} }
    ${algorithms
      .map(
        ([name, bits], i) => `
        field_list_calculation c${i} { input { l; } algorithm : ${name}; output_width : ${bits}; }
        calculated_field results.r${i} { update c${i}; }`,
      )
      .join('\n')}
    ${CONTROL}`;
}

describe('calculations', () => {
  it('are tested, all CRCs', () => {
    expect(Object.keys(CHECKS).sort()).toEqual([...CRCS.keys()].sort());
  });

  const all = [...CRCS].map(([name, { bits }]): [string, number] => [name, bits]);
  it.each([0, 1, 2])('give the catalogued CRCs, part %i', (part) => {
    const algorithms = all.filter((_, i) => i % 3 === part);
    const header = 'header_type data_t { fields { x : 72; } } header data_t data;';
    const bench = benchOf(program(header, 'data;', algorithms));
    const room = '00'.repeat(algorithms.reduce((sum, [, bits]) => sum + bits / 8, 0));
    const expected = algorithms.map(([name]) => CHECKS[name] ?? '').join('');
    expect(through(bench, `${DIGITS}${room}${'ee'.repeat(40)}`).slice(18, 18 + expected.length)).toBe(expected);
  });

  it('take fields of any width, numbers, and the payload', () => {
    // 4 + 12 + 8 + 48 bits, then the number 0x39 and nothing of the results.
    const header = 'header_type data_t { fields { a : 4; b : 12; c : 8; d : 40; } } header data_t data;';
    const bench = benchOf(
      program(header, 'data.a; data.b; data.c; data.d; 8w0x39;', [
        ['crc32', 32],
        ['identity', 32],
        ['xor16', 16],
        ['csum16', 16],
      ]),
    );
    const sent = through(bench, `3132333435363738${'00'.repeat(12)}${'ee'.repeat(44)}`);
    const words = [0x3132, 0x3334, 0x3536, 0x3738, 0x3900];
    const xor = words.reduce((all16, word) => all16 ^ word, 0);
    const sum = words.reduce((all16, word) => all16 + word, 0);
    const csum = ~((sum & 0xffff) + (sum >> 16)) & 0xffff;
    const hex = (value: number): string => value.toString(16).padStart(4, '0');
    expect(sent.slice(16, 40)).toBe(`cbf43926${'36373839'}${hex(xor)}${hex(csum)}`);
  });

  it.each([0, 1, 2, 3, 30, 33, 61])('sum a payload of %i octets, wherever it starts', (octets) => {
    const header = 'header_type data_t { fields { a : 16; } } header data_t data;';
    const bench = benchOf(`
      ${header} header_type sum_t { fields { sum : 16; crc : 32; } } header sum_t sum;
      parser start { extract(data); extract(sum); return ingress; }
      field_list l { data.a; } field_list p { data.a; sum.crc; payload; } field_list q { data; payload; }
      field_list_calculation c { input { p; } algorithm : csum16; output_width : 16; }
      field_list_calculation d { input { l; } algorithm : crc32; output_width : 32; }
      calculated_field sum.crc { update d; }
      calculated_field sum.sum { update c; }
      ${CONTROL}`);
    const payload = Array.from({ length: octets }, (_, i) => (i * 7 + 200) & 0xff);
    const tail = payload.map((octet) => octet.toString(16).padStart(2, '0')).join('');
    const sent = through(bench, `12340000${'00000000'}${tail}${octets < 20 ? '00'.repeat(20) : ''}`);
    const all = [
      0x12,
      0x34,
      ...(sent.slice(8, 16).match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)),
      ...payload,
    ];
    if (all.length % 2 === 1) all.push(0);
    let sum = 0;
    for (let i = 0; i < all.length; i += 2) sum += ((all[i] ?? 0) << 8) | (all[i + 1] ?? 0);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    expect(sent.slice(4, 8)).toBe((~sum & 0xffff).toString(16).padStart(4, '0'));
  });

  it('leave out the fields of headers that are not there, and choose by condition', () => {
    const bench = benchOf(`
      header_type data_t { fields { a : 8; b : 8; sum : 16; } } header data_t data;
      header_type more_t { fields { x : 32; } } header more_t more;
      parser start { extract(data); return select(latest.a) { 1 : get_more; default : ingress; } }
      parser get_more { extract(more); return ingress; }
      field_list l { data.a; data.b; more; } field_list m { data.a; 24'7; }
      field_list_calculation c { input { l; } algorithm : csum16; output_width : 16; }
      field_list_calculation d { input { m; } algorithm : xor16; output_width : 16; }
      calculated_field data.sum { verify c if (data.b == 9); update d if (data.b == 3); update c; }
      ${CONTROL}`);
    const tail = 'ee'.repeat(56);
    expect(through(bench, `01020000aaaabbbb${tail}`).slice(0, 8)).toBe('01029897');
    expect(through(bench, `02020000aaaabbbb${tail}`).slice(0, 8)).toBe('0202fdfd');
    expect(through(bench, `02030000aaaabbbb${tail}`).slice(0, 8)).toBe('02030207');
    expect(through(bench, `02090000aaaabbbb${tail}`)).toBe('');
    expect(through(bench, `0209fdf6aaaabbbb${tail}`).slice(0, 8)).toBe('0209fdf6');
  });
});
