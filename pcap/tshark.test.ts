import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { between, CLIENT, exampleFrames, ROCE_PACKETS, WORKER } from '../packet/example-frames.ts';
import { buildRoceFrame } from '../packet/roce.ts';
import { PORT_ROCE } from '../packet/udp.ts';
import { PcapFile } from './pcap-file.ts';
import { skipWithoutTshark, tsharkComplaints, tsharkLines, tsharkRows } from './run-tshark.ts';

const FRAMES = exampleFrames();
const FORMATS = [
  ['ns.pcap', { precision: 'ns' }],
  ['us.pcap', { precision: 'us' }],
  ['ng.pcapng', { format: 'pcapng', interfaceName: 'm1.eth0--switch.1' }],
] as const;

/** Everything that `fieldsOf` is asked for: one run of tshark decodes it all. */
const FIELDS: readonly string[] = [
  '_ws.col.Protocol',
  'arp.dst.proto_ipv4',
  'arp.opcode',
  'arp.src.proto_ipv4',
  'icmp.checksum.status',
  'icmp.seq',
  'icmp.type',
  'infiniband.aeth.msn',
  'infiniband.aeth.syndrome',
  'infiniband.bth.a',
  'infiniband.bth.destqp',
  'infiniband.bth.opcode',
  'infiniband.bth.padcnt',
  'infiniband.bth.psn',
  'infiniband.bth.se',
  'infiniband.immdt',
  'infiniband.reth.dmalen',
  'infiniband.reth.r_key',
  'infiniband.reth.va',
  'lnic.body',
  'lnic.flags',
  'lnic.flags.rdma',
  'lnic.flags.response',
  'lnic.fragment',
  'lnic.fragments',
  'lnic.lease.address',
  'lnic.lease.id',
  'lnic.lease.input_octets',
  'lnic.lease.mac',
  'lnic.lease.slot',
  'lnic.lease.va',
  'lnic.length',
  'lnic.name',
  'lnic.request',
  'lnic.status',
  'lnic.wid',
  'lnic_mgmt.client',
  'lnic_mgmt.length',
  'lnic_mgmt.offset',
  'lnic_mgmt.psn',
  'lnic_mgmt.qpn',
  'lnic_mgmt.status',
  'lnic_mgmt.type',
  'lnic_mgmt.va',
  'memcache.command',
  'memcache.key',
  'memcache.response',
  'memcache.value',
  'memcached_udp.request',
  'memcached_udp.sequence',
  'memcached_udp.total',
];

describe.skipIf(skipWithoutTshark)('Wireshark', () => {
  let folder: string;
  let examples: string;
  let decoded: string[][];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tshark-'));
    for (const [name, options] of FORMATS) {
      const file = PcapFile.create(join(folder, name), options);
      for (const [i, { frame, name: comment }] of FRAMES.entries())
        file.write(1_234_000_000 + i * 1_999_000, frame, comment);
      file.close();
    }
    examples = join(folder, 'ns.pcap');
    decoded = tsharkRows(examples, FIELDS);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Fields of one example, as Wireshark decodes them. */
  function fieldsOf(name: string, fields: readonly string[]): string[] {
    const row = decoded[FRAMES.findIndex((example) => example.name === name)]!;
    return fields.map((field) => row[FIELDS.indexOf(field)]!);
  }

  it.each(FORMATS)('finds nothing malformed and no wrong checksum in %s', (name) => {
    const path = join(folder, name);
    expect(tsharkLines(path).length).toBe(FRAMES.length);
    expect(tsharkComplaints(path)).toEqual([]);
    expect(tsharkComplaints(path, { dissector: false })).toEqual([]);
  });

  it('really does verify the checksums', () => {
    const path = join(folder, 'broken.pcap');
    const file = PcapFile.create(path);
    const frame = FRAMES.find(({ name }) => name === 'udp')!.frame.slice();
    frame[42]! ^= 1;
    file.write(0, frame);
    const header = FRAMES.find(({ name }) => name === 'udp')!.frame.slice();
    header[22]! ^= 1;
    file.write(1_000, header);
    file.close();
    expect(tsharkComplaints(path).length).toBe(2);
    const rows = tsharkRows(examples, ['ip.checksum.status', 'udp.checksum.status'], {
      filter: 'udp && !(udp.port == 4791)',
    });
    expect(rows.length).toBe(8 + 10 + 5 + 3);
    for (const row of rows) expect(row).toEqual(['1', '1']);
  });

  it('shows nanoseconds', () => {
    const times = tsharkRows(examples, ['frame.time_epoch']).map(([time]) => time);
    expect(times.slice(0, 3)).toEqual(['0.001234000', '0.001235999', '0.001237998']);
  });

  it('shows the comments and the interface of a pcapng', () => {
    const rows = tsharkRows(join(folder, 'ng.pcapng'), ['frame.comment', 'frame.interface_name']);
    expect(rows).toEqual(FRAMES.map(({ name }) => [name, 'm1.eth0--switch.1']));
  });

  it('decodes RoCEv2 with opcode, queue pair, PSN, RETH, AETH and immediate', () => {
    const rows = tsharkRows(
      examples,
      [
        'infiniband.bth.opcode',
        'infiniband.bth.destqp',
        'infiniband.bth.psn',
        'infiniband.bth.a',
        'infiniband.reth.va',
        'infiniband.reth.r_key',
        'infiniband.reth.dmalen',
        'infiniband.aeth.syndrome',
        'infiniband.aeth.msn',
        'infiniband.immdt',
      ],
      { filter: 'infiniband' },
    );
    // Wireshark lists an immediate twice: the header and its value.
    const [va, key] = ['0x0000009810000000', '0xdeadbeef'];
    expect(rows).toEqual([
      ['6', '0x000021', '16777214', '0', va, key, '2100', '', '', ''],
      ['7', '0x000021', '16777215', '0', '', '', '', '', '', ''],
      ['9', '0x000021', '0', '1', '', '', '', '', '', '00000005,00000005'],
      ['11', '0x000021', '1', '1', va, key, '33', '', '', '0000004d,0000004d'],
      ['17', '0x000021', '1', '0', '', '', '', '31', '2', ''],
      ['17', '0x000021', '16777214', '0', '', '', '', '96', '0', ''],
      ['12', '0x000021', '2', '1', va, key, '30', '', '', ''],
      ['16', '0x000021', '2', '0', '', '', '', '0', '3', ''],
      ['4', '0x000021', '3', '0', '', '', '', '', '', ''],
    ]);
    expect(fieldsOf('roce-11', ['infiniband.bth.se', 'infiniband.bth.padcnt'])).toEqual(['1', '3']);
  });

  it('decodes VLAN tags, marks of congestion, priority pauses and link layer discovery', () => {
    const [tagged] = tsharkRows(examples, ['vlan.id', 'vlan.priority', 'ip.dsfield.ecn'], { filter: 'vlan' });
    expect(tagged).toEqual(['10', '3', '2']);
    expect(tsharkRows(examples, ['ip.checksum.status'], { filter: 'ip.dsfield.ecn == 3' })).toEqual([['1']]);
    const pause = ['macc.opcode', 'macc.cbfc.enbv', 'macc.cbfc.pause_time.c3', 'macc.cbfc.pause_time.c4'];
    expect(tsharkRows(examples, pause, { filter: 'macc' })).toEqual([['0x0101', '0x0018', '65535', '0']]);
    const neighbour = ['lldp.chassis.id.mac', 'lldp.port.id', 'lldp.time_to_live', 'lldp.tlv.system.name'];
    expect(tsharkRows(examples, neighbour, { filter: 'lldp' })).toEqual([
      ['02:4c:4e:00:00:00', 'switch.1', '5', 'switch'],
    ]);
  });

  it('decodes ARP and ICMP', () => {
    expect(fieldsOf('arp-request', ['arp.opcode', 'arp.src.proto_ipv4', 'arp.dst.proto_ipv4'])).toEqual([
      '1',
      '10.10.30.1',
      '10.10.20.105',
    ]);
    expect(fieldsOf('icmp-reply', ['icmp.type', 'icmp.seq', 'icmp.checksum.status'])).toEqual(['0', '1', '1']);
  });

  it('shows lambda headers through the dissector', () => {
    const fields = [
      'lnic.wid',
      'lnic.request',
      'lnic.fragment',
      'lnic.fragments',
      'lnic.flags',
      'lnic.status',
      'lnic.length',
      'lnic.name',
    ];
    expect(fieldsOf('lambda-request', fields)).toEqual(['0', '7', '0', '1', '0x0000', '0', '4', 'web-server']);
    expect(fieldsOf('lambda-fragment', fields)).toEqual([
      '0',
      '7',
      '1',
      '2',
      '0x0000',
      '0',
      '1027',
      'image-transformer',
    ]);
    expect(fieldsOf('lambda-miss', fields)).toEqual(['1', '7', '0', '1', '0x0001', '1', '0', '']);
    expect(fieldsOf('lambda-no-capacity', fields)).toEqual(['1', '7', '0', '1', '0x0011', '6', '0', '']);
    expect(fieldsOf('lambda-response', ['lnic.flags.response', 'lnic.body', '_ws.col.Protocol'])).toEqual([
      '1',
      '68656c6c6f',
      'LNIC',
    ]);
    expect(fieldsOf('lease-request', ['lnic.lease.input_octets', 'lnic.lease.va', 'lnic.lease.mac'])).toEqual([
      '262148',
      '0x00007f0000001000',
      '00:15:4d:00:30:01',
    ]);
    expect(fieldsOf('lease-answer', ['lnic.lease.address', 'lnic.lease.slot', 'lnic.lease.id'])).toEqual([
      '10.10.101.101',
      '5',
      '77',
    ]);
    expect(fieldsOf('lease-release', ['lnic.lease.id'])).toEqual(['77']);
  });

  it('shows management messages through the dissector', () => {
    expect(
      fieldsOf('management-lease-install', ['lnic_mgmt.type', 'lnic_mgmt.client', 'lnic_mgmt.va', 'lnic_mgmt.psn']),
    ).toEqual(['6', '10.10.30.1', '0x00007f0000001000', '16777214']);
    expect(fieldsOf('management-lease-installed', ['lnic_mgmt.status', 'lnic_mgmt.qpn', 'lnic_mgmt.va'])).toEqual([
      '0',
      '0x00000021',
      '0x0000009810000000',
    ]);
    expect(fieldsOf('management-firmware-chunk', ['lnic_mgmt.offset', 'lnic_mgmt.length'])).toEqual(['1024', '1028']);
    const lines = tsharkLines(examples, { filter: 'lnic_mgmt' });
    expect(lines.length).toBe(10);
    expect(lines[0]).toContain('FIRMWARE_BEGIN transaction 1');
  });

  it('hands memcached to its own dissector once the frame header is stripped', () => {
    expect(fieldsOf('memcached-get', ['memcached_udp.request', 'memcache.command', 'memcache.key'])).toEqual([
      '3',
      'get',
      'key-1',
    ]);
    expect(fieldsOf('memcached-value', ['memcached_udp.total', 'memcache.value'])).toEqual(['1', 'hello']);
    expect(fieldsOf('memcached-set', ['memcache.command', 'memcache.key'])).toEqual(['set', 'key-1']);
    expect(fieldsOf('memcached-stored', ['memcache.response'])).toEqual(['STORED']);
    expect(fieldsOf('memcached-continuation', ['memcached_udp.sequence'])).toEqual(['1']);
  });

  it('shows the head of a message in memory, and does not take pixels for packets', () => {
    expect(fieldsOf('roce-6', ['lnic.wid', 'lnic.request', 'lnic.flags.rdma', 'lnic.length'])).toEqual([
      '3',
      '77',
      '1',
      '2068',
    ]);
    const path = join(folder, 'pixels.pcap');
    const file = PcapFile.create(path);
    // IPv6, VLAN, IPv4 as the first two octets of a payload and two zeros: dark pixels of a grey image.
    for (const first of [
      [0x86, 0xdd],
      [0x81, 0x00],
      [0x08, 0x00],
    ]) {
      const payload = new Uint8Array(64).fill(3);
      payload.set([...first, 0, 0]);
      file.write(0, buildRoceFrame(between(CLIENT, WORKER, 50_003, PORT_ROCE), { ...ROCE_PACKETS[1]!, payload }));
    }
    file.close();
    expect(tsharkComplaints(path)).toEqual([]);
    expect(tsharkRows(path, ['frame.protocols'])).toEqual(
      new Array(3).fill(['eth:ethertype:ip:udp:infiniband:lnic_rdma']),
    );
  });
});
