import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { InputError } from '../base/errors.ts';
import { loadTopology, projectFolder } from './load-topology.ts';
import { parseTopology } from './parse-topology.ts';
import type { ProfileTexts } from './profiles.ts';
import type { SourceText } from './yaml-document.ts';

const folder = path.join(projectFolder(), 'topology');
const fourWorkers = readFileSync(path.join(folder, 'four-workers.yaml'), 'utf8');

function text(kind: string, name: string): [string, SourceText] {
  const file = `profiles/${kind}/${name}.yaml`;
  return [name, { path: file, text: readFileSync(path.join(folder, file), 'utf8') }];
}

const profiles: ProfileTexts = {
  hosts: new Map([text('hosts', 'xeon-gold-5117')]),
  switches: new Map([text('switches', 'arista-7124s'), text('switches', 'gigabit-management')]),
  nics: new Map([text('nics', 'agilio-cx-2x10')]),
  media: new Map([text('media', '10gbase-cr'), text('media', '1000base-t')]),
};

/** The four-workers file with one place changed, as a person would get it wrong. */
function edited(from: string, to: string): SourceText {
  expect(fourWorkers.split(from).length - 1, `'${from}' must be in the file once`).toBe(1);
  return { path: 't.yaml', text: fourWorkers.replace(from, to) };
}

function faultOf(source: SourceText): InputError {
  try {
    parseTopology(source, profiles);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('the topology was accepted');
}

/** Line and column, from 1, of a text in the edited file. */
function placeOf(source: SourceText, needle: string): string {
  const before = source.text.slice(0, source.text.indexOf(needle)).split('\n');
  return `t.yaml:${before.length}:${before.at(-1)!.length + 1}`;
}

describe('four-workers', () => {
  const topology = parseTopology({ path: 't.yaml', text: fourWorkers }, profiles);

  test('has the hosts, addresses and processes of the paper', () => {
    expect(topology.hosts.map((host) => `${host.name} ${host.role}`)).toEqual([
      'm1 master',
      'm2 worker',
      'm3 worker',
      'm4 worker',
      'm5 worker',
      'client client',
    ]);
    expect(topology.hosts[0]!.interfaces[0]!.address).toBe('10.10.20.105');
    expect(topology.hosts[2]!.interfaces[0]).toEqual({
      name: 'eth0',
      network: 'data',
      mac: '00:15:4d:00:02:01',
      address: '10.10.102.101',
      prefixLength: 16,
    });
    expect(topology.placement.processes).toEqual([
      { name: 'switch', nodes: ['switch', 'mgmt'] },
      ...['m1', 'm2', 'm3', 'm4', 'm5', 'client'].map((name) => ({ name, nodes: [name] })),
    ]);
  });

  test('converts units: 3 m of cable and a MAC and PHY at 10 Gb/s', () => {
    const link = topology.links[0]!;
    expect(link).toEqual({
      name: 'm1.eth0--switch.1',
      ends: [
        { node: 'm1', port: 0, name: 'm1.eth0' },
        { node: 'switch', port: 0, name: 'switch.1' },
      ],
      rateBitsPerSecond: 10_000_000_000,
      delayPs: 3 * 5_000 + 94_410,
      queueOctets: 524_288,
    });
    expect(topology.switches[0]!.profile.latencyPs).toBe(500_000);
    expect(topology.switches[0]!.ports).toEqual([
      'switch.1',
      'switch.2',
      'switch.3',
      'switch.4',
      'switch.5',
      'switch.6',
    ]);
    expect(topology.workloads.map((workload) => [workload.name, workload.requests])).toEqual([
      ['web', 3000],
      ['key-value', 2000],
      ['image', 24],
    ]);
  });

  test('numbers only the linked ports of a switch, in the order of the device', () => {
    const moved = parseTopology(edited('[m1.eth0, switch.1]', '[m1.eth0, switch.10]'), profiles);
    expect(moved.switches[0]!.ports.at(-1)).toBe('switch.10');
    expect(moved.links[0]!.ends[1]).toEqual({ node: 'switch', port: 5, name: 'switch.10' });
    expect(moved.links[1]!.ends[1]).toEqual({ node: 'switch', port: 0, name: 'switch.2' });
  });

  test('takes a delay and a rate in place of length and medium', () => {
    const link = '[m1.eth0, switch.1], medium: 10gbase-cr, length: 3m';
    const changed = parseTopology(
      edited(link, '[m1.eth0, switch.1], medium: 10gbase-cr, delay: 1.5us, rate: 40G'),
      profiles,
    );
    expect(changed.links[0]!.delayPs).toBe(1_500_000);
    expect(changed.links[0]!.rateBitsPerSecond).toBe(40_000_000_000);
  });
});

describe('every shipped topology', () => {
  test.each([
    ['four-workers', 4],
    ['one-worker', 1],
    ['sixteen-workers', 16],
    ['incast', 4],
    ['two-racks', 4],
    ['dumbbell', 4],
    ['chain', 4],
    ['leaf-spine', 8],
    ['sixty-four-workers', 64],
    ['two-planes', 2],
  ])('%s loads', (name, workers) => {
    const topology = loadTopology(name);
    expect(topology.hosts.filter((host) => host.role === 'worker')).toHaveLength(workers);
    for (const lambda of topology.lambdas) expect(path.isAbsolute(lambda.sourceFolder)).toBe(true);
  });
});

describe('faults', () => {
  // What a person writes, the place where it must be shown, and what the message must say.
  test.each<[string, string, string, string, string, RegExp]>([
    ['node name', '- name: m3', '- name: m2', 'duplicate-node', '', /got 'm2', which is a host/],
    ['node name, as a switch', '- name: m3', '- name: mgmt', 'duplicate-node', 'mgmt\n', /which is a switch/],
    [
      'MAC',
      '00:15:4d:00:02:01',
      '00:15:4d:00:01:01',
      'duplicate-mac',
      '',
      /expected one of its own for m3.eth0, got 00:15:4d:00:01:01 of m2.eth0/,
    ],
    ['address', '10.10.102.101/16', '10.10.101.101/16', 'duplicate-address', '', /of m2.eth0/],
    [
      'multicast MAC',
      '00:15:4d:00:02:01',
      '01:15:4d:00:02:01',
      'bad-mac',
      '"01:15:4d',
      /expected a unicast address, got 01:15/,
    ],
    [
      'MAC of another form',
      '00:15:4d:00:02:01',
      '00:15:4d',
      'bad-value',
      '"00:15:4d"',
      /hosts\[2\].interfaces\[0\].mac: expected a MAC address.*got '00:15:4d'/,
    ],
    [
      'address out of its network',
      '10.10.102.101/16',
      '10.11.102.101/16',
      'bad-address',
      '10.11.102',
      /expected one in 10.10.0.0\/16, the subnet of m1.eth0/,
    ],
    ['octet above 255', '10.10.102.101/16', '10.10.300.101/16', 'bad-address', '10.10.300', /got 10.10.300.101\/16/],
    [
      'zero delay',
      '[m1.eth0, switch.1], medium: 10gbase-cr, length: 3m',
      '[m1.eth0, switch.1], medium: 10gbase-cr, delay: 0ns',
      'bad-value',
      '0ns',
      /links\[0\].delay: expected a duration .* above zero, got '0ns'/,
    ],
    [
      'negative delay',
      '[m1.eth0, switch.1], medium: 10gbase-cr, length: 3m',
      '[m1.eth0, switch.1], medium: 10gbase-cr, delay: -5ns',
      'bad-value',
      '-5ns',
      /expected a duration such as 500ns or 1.5ms, got '-5ns'/,
    ],
    [
      'neither length nor delay',
      '[m1.eth0, switch.1], medium: 10gbase-cr, length: 3m',
      '[m1.eth0, switch.1], medium: 10gbase-cr',
      'missing-key',
      '{ ends: [m1.eth0, switch.1]',
      /expected 'length' or 'delay', got neither/,
    ],
    [
      'duration with a wrong unit',
      'requestTimeout: 20ms',
      'requestTimeout: 20min',
      'bad-value',
      '20min',
      /gateway.requestTimeout: expected a duration such as/,
    ],
    [
      'number without a unit',
      'requestTimeout: 20ms',
      'requestTimeout: 20',
      'bad-value',
      '20, retries',
      /expected a duration.*got '20'/,
    ],
    ['half a picosecond', 'requestTimeout: 20ms', 'requestTimeout: 0.5ps', 'bad-value', '0.5ps', /in whole base units/],
    [
      'rate without whole octet times',
      '[m1.eth0, switch.1], medium: 10gbase-cr',
      '[m1.eth0, switch.1], rate: 3G, medium: 10gbase-cr',
      'bad-rate',
      '3G',
      /octet takes whole picoseconds, got 3000000000/,
    ],
    ['unknown link end', '[m2.eth0, switch.2]', '[m7.eth0, switch.2]', 'unknown-link-end', 'm7.eth0', /no node 'm7'/],
    [
      'unknown interface',
      '[m2.eth0, switch.2]',
      '[m2.eth2, switch.2]',
      'unknown-link-end',
      'm2.eth2',
      /no interface 'm2.eth2', did you mean 'm2.eth0'\?/,
    ],
    [
      'port that the switch has not',
      '[m2.eth0, switch.2]',
      '[m2.eth0, switch.25]',
      'unknown-link-end',
      'switch.25',
      /expected switch.1 to switch.24 .*got 'switch.25'/,
    ],
    [
      'link end used twice',
      '[m2.eth0, switch.2]',
      '[m2.eth0, switch.1]',
      'link-end-used-twice',
      '',
      /got 'switch.1', which is on link m1.eth0--switch.1/,
    ],
    [
      'queue that a full frame does not fit into',
      '[m1.eth0, switch.1], medium: 10gbase-cr, length: 3m, queue: 512KiB',
      '[m1.eth0, switch.1], medium: 10gbase-cr, length: 3m, queue: 1513B',
      'bad-value',
      '1513B',
      /links\[0\].queue: expected an amount of memory .*, at least 1514B, a full frame, got '1513B'/,
    ],
    [
      'unlinked interface',
      '  - { ends: [m5.eth1, mgmt.5], medium: 1000base-t, length: 3m, queue: 512KiB }\n',
      '',
      'unlinked-interface',
      '{ name: eth1, network: management, mac: "00:15:4d:00:04:02"',
      /interface m5.eth1: expected a link to it, got none/,
    ],
    [
      'networks mixed',
      '[m5.eth1, mgmt.5]',
      '[m5.eth1, switch.9]',
      'mixed-network',
      '{ name: eth1, network: management, mac: "00:15:4d:00:04:02"',
      /m5.eth1: expected the network 'data', as for m1.eth0 on the same switches, got 'management'/,
    ],
    [
      'two hosts on one cable',
      '[client.eth0, switch.6]',
      '[client.eth0, m5.eth1]',
      'link-without-switch',
      '{ ends: [client.eth0',
      /expected a switch at one end/,
    ],
    [
      'unknown profile',
      'name: m1\n    role: master\n    profile: xeon-gold-5117',
      'name: m1\n    role: master\n    profile: xeon-gold-5118',
      'unknown-profile',
      'xeon-gold-5118',
      /no profile 'xeon-gold-5118' in profiles\/hosts, did you mean 'xeon-gold-5117'\?/,
    ],
    [
      'unknown key',
      'requestTimeout: 20ms',
      'requestTimout: 20ms',
      'unknown-key',
      'requestTimout',
      /unknown key 'requestTimout' in hosts\[0\].gateway, did you mean 'requestTimeout'\?/,
    ],
    [
      'missing key',
      'name: four-workers\n',
      '',
      'missing-key',
      'description',
      /missing key 'name' in the file, expected/,
    ],
    [
      'lambda on an unknown worker',
      '[m2, m3, m4, m5] }\n  - { name: key',
      '[m2, m3, m9, m5] }\n  - { name: key',
      'unknown-worker',
      'm9',
      /lambda web-server: no worker 'm9', expected one of m2, m3, m4, m5/,
    ],
    [
      'lambda on the master',
      '[m2, m3, m4, m5] }\n  - { name: key',
      '[m1] }\n  - { name: key',
      'unknown-worker',
      'm1] }\n  - { name: key',
      /no worker 'm1'/,
    ],
    [
      'duplicate lambda',
      'name: key-value-client',
      'name: web-server',
      'duplicate-lambda',
      '',
      /got 'web-server' again/,
    ],
    [
      'workload without its lambda',
      '- { name: image-mean',
      '- { name: image-min',
      'missing-lambda',
      'image\n',
      /expected a lambda 'image-mean'/,
    ],
    [
      'unknown workload',
      '- name: key-value\n',
      '- name: kv\n',
      'bad-value',
      'kv\n',
      /workloads\[1\].name: expected web or key-value or image, got 'kv'/,
    ],
    [
      'no requests',
      'requests: 3000',
      'requests: 0',
      'bad-value',
      '0\n    concurrency',
      /requests: expected at least 1, got '0'/,
    ],
    [
      'image that fits no slot',
      'width: 256',
      'width: 512',
      'image-too-large',
      '512\n    height',
      /image of 512 x 256: takes 524324 octets in and 131104 out, expected at most/,
    ],
    [
      'gateway on a client',
      'role: master',
      'role: client',
      'unknown-key',
      'gateway: {',
      /unknown key 'gateway' in hosts\[0\]/,
    ],
    [
      'second client',
      'name: m5\n    role: worker\n    profile: xeon-gold-5117\n    nic: agilio-cx-2x10\n    backend: npu\n',
      'name: m5\n    role: client\n    profile: xeon-gold-5117\n',
      'second-client',
      'client\n    profile: xeon-gold-5117\n    interfaces:\n      - { name: eth0, network: data, mac: "00:0a',
      /got 'm5' and 'client'/,
    ],
    [
      'management on port 0',
      '{ name: eth0, network: data, mac: "00:15:4d:00:02:01"',
      '{ name: eth0, network: management, mac: "00:15:4d:00:02:01"',
      'bad-interfaces',
      '- { name: eth0, network: management, mac: "00:15:4d:00:02:01"',
      /expected networks data, one or more, then management, got management, management/,
    ],
    ['key twice', 'description: >-', 'name: again\ndescription: >-', 'yaml-syntax', 'name: again', /duplicate key/],
  ])('%s', (_what, from, to, code, needle, message) => {
    const source = edited(from, to);
    const fault = faultOf(source);
    expect(fault.message).toMatch(message);
    expect(fault.code).toBe(code);
    expect(fault.message).toMatch(/^t\.yaml:\d+:\d+: /);
    expect(fault.message).not.toContain('\n');
    if (needle !== '') expect(fault.message).toContain(`${placeOf(source, needle)}: `);
  });

  test('no master at all', () => {
    const start = fourWorkers.indexOf('  - name: m1');
    const end = fourWorkers.indexOf('  - name: m2');
    const withoutMaster = (fourWorkers.slice(0, start) + fourWorkers.slice(end)).replace(/.*\[m1\.eth.*\n/g, '');
    const fault = faultOf({ path: 't.yaml', text: withoutMaster });
    expect(fault.code).toBe('missing-master');
    expect(fault.message).toMatch(/hosts: expected one master, got none/);
  });

  test('a queue of one full frame is enough', () => {
    const from = '[m1.eth0, switch.1], medium: 10gbase-cr, length: 3m, queue: 512KiB';
    const source = edited(from, from.replace('512KiB', '1514B'));
    expect(parseTopology(source, profiles).links[0]!.queueOctets).toBe(1514);
  });

  test('workers with NICs of two kinds', () => {
    const source = edited(
      'name: m4\n    role: worker\n    profile: xeon-gold-5117\n    nic: agilio-cx-2x10',
      'name: m4\n    role: worker\n    profile: xeon-gold-5117\n    nic: agilio-cx-2x40',
    );
    const nics = new Map([...profiles.nics, text('nics', 'agilio-cx-2x40')]);
    expect(() => parseTopology(source, { ...profiles, nics })).toThrow(
      `${placeOf(source, 'agilio-cx-2x40')}: nic of m4: expected agilio-cx-2x10, as in m2, got agilio-cx-2x40`,
    );
  });

  test('options of a NIC that name no lambda, or need what it does not have', () => {
    const m4 = 'name: m4\n    role: worker\n    profile: xeon-gold-5117\n    nic: agilio-cx-2x10';
    const withOption = (option: string) => edited(m4, `${m4}\n    ${option}`);
    const weights = withOption('dispatch: { kind: wfq, weights: { web-sever: 2 }, defaultWeight: 1 }');
    expect(faultOf(weights).message).toBe(
      `${placeOf(weights, '2 }, defaultWeight')}: dispatch.weights: no lambda 'web-sever', did you mean 'web-server'?`,
    );
    const budget = withOption('cycleBudget: { lambdas: { nobody: 100 } }');
    expect(faultOf(budget).message).toMatch(/cycleBudget\.lambdas: no lambda 'nobody', expected one of web-server, /);
    const heavy = withOption('dispatch: { kind: wfq, weights: { web-server: 0 }, defaultWeight: 1 }');
    expect(faultOf(heavy).message).toBe(
      `${placeOf(heavy, '0 }, defaultWeight')}: hosts[3].dispatch.weights.web-server: expected at least 1, got '0'`,
    );
    const kind = withOption('dispatch: { kind: lifo }');
    expect(faultOf(kind).message).toMatch(/dispatch\.kind: expected fifo or wfq, got 'lifo'/);
    const fair = withOption('dispatch: { kind: wfq, weights: {}, defaultWeight: 1 }');
    const [name, nic] = text('nics', 'agilio-cx-2x10');
    const plain = { ...nic, text: nic.text.replace(/ {2}classifier:\n( {4}.*\n)+/, '') };
    expect(() => parseTopology(fair, { ...profiles, nics: new Map([[name, plain]]) })).toThrow(
      `${placeOf(fair, '{ kind: wfq')}: dispatch of m4: expected a NIC with a classifier before its dispatcher`,
    );
  });

  test('without options a NIC has one FIFO and no budget but the watchdog; with them it has what they say', () => {
    const nics = (source: SourceText) =>
      parseTopology(source, profiles).hosts.flatMap((host) =>
        host.role === 'worker' ? [{ dispatch: host.dispatch, cycleBudget: host.cycleBudget }] : [],
      );
    const plain = { dispatch: { kind: 'fifo' }, cycleBudget: { lambdas: {} } };
    expect(nics({ path: 't.yaml', text: fourWorkers })).toEqual([plain, plain, plain, plain]);
    const m4 = 'name: m4\n    role: worker\n    profile: xeon-gold-5117\n    nic: agilio-cx-2x10';
    const options =
      '    dispatch: { kind: wfq, weights: { web-server: 3 }, defaultWeight: 1 }\n' +
      '    cycleBudget: { default: 50000, lambdas: { web-server: 9000 } }';
    expect(nics(edited(m4, `${m4}\n${options}`))[2]).toEqual({
      dispatch: { kind: 'wfq', weights: { 'web-server': 3 }, defaultWeight: 1 },
      cycleBudget: { default: 50_000, lambdas: { 'web-server': 9_000 } },
    });
  });

  test('a switch whose buffer no full frame fits into', () => {
    const [name, source] = text('switches', 'gigabit-management');
    const broken = { ...source, text: source.text.replace(/(sharedBuffer:\s+value: )\S+/, '$11kB') };
    const switches = new Map([...profiles.switches, [name, broken] as const]);
    expect(() => parseTopology({ path: 't.yaml', text: fourWorkers }, { ...profiles, switches })).toThrow(
      /sharedBuffer.value: expected .*, at least 1514B, a full frame, got '1kB'/,
    );
  });

  test('a fault in a profile is shown in the profile', () => {
    const [name, source] = text('switches', 'arista-7124s');
    const broken = { ...source, text: source.text.replace('500ns', '500') };
    const switches = new Map([...profiles.switches, [name, broken] as const]);
    expect(() => parseTopology({ path: 't.yaml', text: fourWorkers }, { ...profiles, switches })).toThrow(
      /^profiles\/switches\/arista-7124s.yaml:\d+:10: latency.value: expected a duration/,
    );
  });

  test('a switch loop', () => {
    const source = edited(
      'links:\n',
      'links:\n  - { ends: [switch.20, mgmt.20], medium: 1000base-t, length: 1m, queue: 1MiB }\n' +
        '  - { ends: [mgmt.21, switch.21], medium: 1000base-t, length: 1m, queue: 1MiB }\n',
    );
    expect(faultOf(source).code).toBe('switch-loop');
  });

  test('what is no YAML, an empty file and an alias bomb', () => {
    expect(faultOf({ path: 't.yaml', text: 'name: [' }).code).toBe('yaml-syntax');
    expect(faultOf({ path: 't.yaml', text: '' }).message).toMatch(/^t.yaml:1:1: the file: expected a map, got nothing/);
    const bomb = `a: &a [${'x,'.repeat(50)}]\nb: &b [${'*a,'.repeat(50)}]\nc: &c [${'*b,'.repeat(50)}]\nd: [${'*c,'.repeat(50)}]\n`;
    expect(faultOf({ path: 't.yaml', text: bomb }).code).toBe('yaml-syntax');
  });
});
