import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { shippedProfile } from '../../../test/shipped-files.ts';
import { buildFirmware } from '../../build-firmware.ts';
import { formatDiagnostic } from '../../diagnostics.ts';
import { Bench } from '../../lambda-bench.ts';

/** A program with 25 headers, two stacks and tunnels: more than fits at constant offsets. */

let bench: Bench;

beforeAll(() => {
  const profile = shippedProfile();
  const files = new Map([
    ['prog.p4', readFileSync(new URL('cases/data-center.p4', import.meta.url), 'utf8')],
    [
      'rules.p4cfg',
      JSON.stringify({
        tables: {
          routes4: {
            rules: [
              {
                name: 'ten',
                match: { 'ipv4.dstAddr': { value: '0x0a000000', mask: '0xff000000' } },
                action: { type: 'forward', data: { nexthop: { value: 3 }, dmac: { value: '0x0a0b0c0d0e0f' } } },
              },
            ],
          },
          routes6: {
            rules: [
              {
                name: 'documentation',
                match: {
                  'ipv6.dstAddr': {
                    value: '0x20010db8000000000000000000000000',
                    mask: '0xffffffffffffffff0000000000000000',
                  },
                },
                action: { type: 'forward', data: { nexthop: { value: 4 }, dmac: { value: '0x010203040506' } } },
              },
            ],
          },
        },
      }),
    ],
  ]);
  const build = buildFirmware({
    files,
    profile,
    lambdas: [],
    runtime: [],
    p4: 'prog.p4',
    rules: 'rules.p4cfg',
    wholeProgram: true,
  });
  if (!build.ok) throw new Error(build.diagnostics.map((each) => formatDiagnostic(each, files)).join('\n'));
  bench = new Bench(profile, build.image);
});

function through(hex: string): string {
  const octets = hex.replace(/\s/g, '').match(/../g) ?? [];
  const sent = bench.exchange([Uint8Array.from(octets, (pair) => Number.parseInt(pair, 16))]);
  expect(bench.faults).toEqual([]);
  const frame = sent[0]?.frame;
  return frame === undefined ? 'dropped' : [...frame].map((octet) => octet.toString(16).padStart(2, '0')).join('');
}

/** An IPv4 header with its checksum. */
function ipv4(ttl: number, protocol: number, to: string, octets: number): string {
  const words = [0x4500, octets, 0, 0, (ttl << 8) | protocol, 0, 0x0102, 0x0304];
  words.push(Number.parseInt(to.slice(0, 4), 16), Number.parseInt(to.slice(4), 16));
  let sum = words.reduce((all, word) => all + word, 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  words[5] = ~sum & 0xffff;
  return words.map((word) => word.toString(16).padStart(4, '0')).join('');
}

const PAYLOAD = Array.from({ length: 64 }, (_, i) => (0x40 + i).toString(16).padStart(2, '0')).join('');
const MACS = '0011223344550066778899aa';
const TCP = '0050c0010000000100000002501000ff00000000';
const UDP = '1234567800480000';

describe('a data centre’s switch', () => {
  it('routes IPv4 behind two VLAN tags', () => {
    const tags = '8100 2001 8100 4002';
    const sent = through(`${MACS} ${tags} 0800 ${ipv4(64, 6, '0a010203', 104)} ${TCP} ${PAYLOAD}`);
    const head = `0a0b0c0d0e0f001122334455${tags.replace(/ /g, '')}0800`;
    expect(sent).toBe(`${head}${ipv4(63, 6, '0a010203', 104)}${TCP}${PAYLOAD}`);
  });

  it('takes MPLS labels off', () => {
    const labels = '00001040 00002040 00003140';
    const sent = through(`${MACS} 8847 ${labels} ${ipv4(9, 17, '0affffff', 92)} ${UDP} ${PAYLOAD}`);
    expect(sent).toBe(`0a0b0c0d0e0f0011223344550800${ipv4(8, 17, '0affffff', 92)}${UDP}${PAYLOAD}`);
  });

  it('drops what is damaged: checksum, one label too many, a cut header', () => {
    const damaged = ipv4(9, 17, '0affffff', 92).replace(/^4500/, '4501');
    expect(through(`${MACS} 0800 ${damaged} ${UDP} ${PAYLOAD}`)).toBe('dropped');
    expect(through(`${MACS} 8847 ${'00001040'.repeat(4)} ${PAYLOAD}`)).toBe('dropped');
    expect(through(`${MACS} 86dd 6000000000140640${'00'.repeat(24)}`)).toBe('dropped');
  });

  it('routes IPv6 by a prefix of 64 bits', () => {
    const header = (hops: string, to: string): string => `600000000054${'06'}${hops}${'fe80'.padEnd(32, '1')}${to}`;
    const inside = '20010db800000000aaaaaaaaaaaaaaaa';
    expect(through(`${MACS} 86dd ${header('40', inside)} ${TCP} ${PAYLOAD}`)).toBe(
      `01020304050600112233445586dd${header('3f', inside)}${TCP}${PAYLOAD}`,
    );
    const outside = '20010db800000001aaaaaaaaaaaaaaaa';
    expect(through(`${MACS} 86dd ${header('40', outside)} ${TCP} ${PAYLOAD}`)).toContain(PAYLOAD);
  });

  it('opens a VXLAN tunnel', () => {
    const inner = `${'bb'.repeat(6)}${'cc'.repeat(6)}0800${ipv4(7, 6, '0a000001', 104)}`;
    const vxlan = '0800000000002a00';
    const sent = through(
      `${MACS} 0800 ${ipv4(64, 17, '0a010203', 154)} c00012b500860000 ${vxlan} ${inner} ${TCP} ${PAYLOAD}`,
    );
    expect(sent).toBe(`${inner}${TCP}${PAYLOAD}`);
  });

  it('lets pass what it does not know', () => {
    const arp = `${MACS}080600010800060400010011223344550a0000010000000000000a000002${PAYLOAD}`;
    expect(through(arp)).toBe(arp);
    const llc = `${MACS}0040 aaaa03 000000 1234 ${PAYLOAD}`;
    expect(through(llc)).toBe(llc.replace(/\s/g, ''));
  });
});
