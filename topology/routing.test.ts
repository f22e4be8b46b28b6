import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { InputError } from '../base/errors.ts';
import { egressOf } from './forwarding-path.ts';
import { generateLeafSpine, type LeafSpineOptions } from './generate-topology.ts';
import { loadTopology, projectFolder, readProfiles } from './load-topology.ts';
import { parseTopology } from './parse-topology.ts';
import type { Switch, Topology } from './types.ts';

const folder = path.join(projectFolder(), 'topology');
const profiles = readProfiles(folder);

function parse(text: string): Topology {
  return parseTopology({ path: 't.yaml', text }, profiles);
}

/** A shipped file with places changed, as a person would get them wrong. */
function edited(name: string, ...changes: readonly (readonly [from: string, to: string])[]): string {
  let text = readFileSync(path.join(folder, `${name}.yaml`), 'utf8');
  for (const [from, to] of changes) {
    expect(text.split(from).length - 1, `'${from}' must be in ${name} once`).toBe(1);
    text = text.replace(from, to);
  }
  return text;
}

function faultOf(text: string): string {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof InputError) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('the topology was accepted');
}

function routesOf(topology: Topology, name: string): string[] {
  const node = [...topology.hosts, ...topology.switches].find((candidate) => candidate.name === name)!;
  const routes = 'routes' in node ? node.routes : ((node as Switch).routing?.routes ?? []);
  return routes.map(({ network, prefixLength, nextHops, origin }) => {
    return `${network}/${prefixLength} ${nextHops.map(({ address }) => address).join(' ')} ${origin}`;
  });
}

describe('computed routes', () => {
  test('a leaf reaches other racks over every spine, a spine each rack over its leaf', () => {
    const topology = loadTopology('leaf-spine');
    expect(routesOf(topology, 'leaf1')).toContain('10.3.0.0/24 10.254.0.0 10.254.0.2 computed');
    // The far side of a cable to spine1 is one hop over that spine, and only over it.
    expect(routesOf(topology, 'leaf1')).toContain('10.254.0.8/31 10.254.0.0 computed');
    expect(routesOf(topology, 'spine2')).toContain('10.3.0.0/24 10.254.0.11 computed');
  });

  test('hosts have a default route to their router, and none where there is no router', () => {
    expect(routesOf(loadTopology('leaf-spine'), 'm1')).toEqual(['0.0.0.0/0 10.1.0.1 computed']);
    expect(routesOf(loadTopology('four-workers'), 'm1')).toEqual([]);
  });

  test('the shorter way in a ring, both where they are equally long', () => {
    const links = (['a', 'b', 'c', 'd'] as const).map((name, index) => [name, 'abcd'[(index + 1) % 4]!] as const);
    const topology = parse(ringOf(links));
    expect(routesOf(topology, 'a').filter((route) => route.startsWith('10.'))).toEqual([
      '10.2.0.0/24 10.254.0.1 computed',
      '10.254.0.2/31 10.254.0.1 computed',
      '10.3.0.0/24 10.254.0.1 10.254.0.6 computed',
      '10.254.0.4/31 10.254.0.6 computed',
      '10.4.0.0/24 10.254.0.6 computed',
    ]);
  });

  test('what is bound to an interface has routes over it alone', () => {
    const worker = loadTopology('two-planes').hosts.find(({ name }) => name === 'm2')!;
    expect(egressOf(worker, '10.1.0.3')).toEqual({ interfaceIndex: 0, nextHop: '10.1.0.3' });
    expect(worker.interfaceRoutes[1]).toMatchObject([{ nextHops: [{ address: '10.2.0.1', interfaceIndex: 1 }] }]);
  });
});

describe('routes of the file', () => {
  const rack = 'address: 10.254.0.0/31 }\n';

  test('replace computed ones to the same network, beside the others', () => {
    const text = edited('two-racks', [
      rack,
      `${rack}      routes: [{ to: 10.2.0.0/24, via: 10.254.0.1 }, { to: default, via: 10.254.0.1 }]\n`,
    ]);
    expect(routesOf(parse(text), 'tor1')).toEqual(['10.2.0.0/24 10.254.0.1 static', '0.0.0.0/0 10.254.0.1 static']);
  });

  test('a gateway of an interface is the default route', () => {
    const text = edited('two-racks', ['address: 10.1.0.2/24 }', 'address: 10.1.0.2/24, gateway: 10.1.0.1 }']);
    expect(routesOf(parse(text), 'm1')).toEqual(['0.0.0.0/0 10.1.0.1 static']);
  });

  const route = (text: string) => edited('two-racks', [rack, `${rack}      routes: [${text}]\n`]);
  const gateway = (address: string) =>
    edited('two-racks', ['address: 10.1.0.2/24 }', `address: 10.1.0.2/24, gateway: ${address} }`]);

  test.each<[string, string, RegExp]>([
    [
      'host bits in a network',
      route('{ to: 10.2.0.1/24, via: 10.254.0.1 }'),
      /bad-route: t.yaml:\d+:\d+: route of tor1: expected 10.2.0.0\/24, got 10.2.0.1\/24/,
    ],
    [
      'a network twice',
      route('{ to: default, via: 10.254.0.1 }, { to: 0.0.0.0/0, via: 10.254.0.1 }'),
      /duplicate-route: .*expected each network once/,
    ],
    [
      'a next hop twice',
      route('{ to: default, via: [10.254.0.1, 10.254.0.1] }'),
      /duplicate-route: .*each next hop once/,
    ],
    [
      'a gateway outside the subnet',
      gateway('10.9.0.1'),
      /bad-gateway: t.yaml:\d+:\d+: gateway of m1: expected an address in a subnet of it \(10.1.0.0\/24, 192.168.50.0\/24\), got 10.9.0.1/,
    ],
    [
      'a gateway that nobody has',
      gateway('10.1.0.77'),
      /bad-gateway: .*expected 10.1.0.1 on 10.1.0.0\/24, got 10.1.0.77, which nobody has/,
    ],
    ['a gateway that is a host', gateway('10.1.0.10'), /bad-gateway: .*got 10.1.0.10, the host interface m2.eth0/],
    ['its own address', gateway('10.1.0.2'), /bad-gateway: .*got 10.1.0.2, its own/],
  ])('refuses %s', (_, text, message) => {
    expect(faultOf(text)).toMatch(message);
  });

  test('refuses routes that lead in a circle', () => {
    const text = edited('chain', [
      'mac: "02:00:00:00:02:02", address: 10.254.0.2/31 }\n',
      'mac: "02:00:00:00:02:02", address: 10.254.0.2/31 }\n      routes: [{ to: 10.5.0.0/24, via: 10.254.0.0 }]\n',
    ]);
    expect(faultOf(text)).toMatch(
      /unreachable-host: t.yaml:\d+:\d+: client.eth0: expected a way from m1 .* lead in a circle: r1 -> r2 -> r1/,
    );
  });

  test('refuses a host that nobody has a route to', () => {
    const text = edited('two-racks', [rack, `${rack}      computed: false\n`]);
    expect(faultOf(text)).toMatch(/unreachable-host: .*tor1 has no route to 10.2.0.3/);
  });
});

describe('networks that cannot be', () => {
  test('an interface of a router in the subnet of another', () => {
    const text = edited('two-racks', [
      'mac: "02:00:00:00:02:00", address: 10.2.0.1/24',
      'mac: "02:00:00:00:02:00", address: 10.2.0.1/16',
    ]);
    expect(faultOf(text)).toMatch(/bad-address: .*m4.eth0: expected one in 10.2.0.0\/16, the subnet of tor2.rack/);
  });

  test('two subnets that overlap', () => {
    const text = edited('two-racks')
      .replaceAll(/10\.2\.0\.(\d+)\/24/g, '10.1.0.2$1/24')
      .replaceAll('10.1.0.23/24', '10.1.0.233/24');
    expect(faultOf(text)).toMatch(
      /subnet-overlap: .*expected a subnet that overlaps no other, got 10.1.0.0\/24, and tor1.rack is in 10.1.0.0\/24/,
    );
  });

  test('an address of a router that a host has', () => {
    const text = edited('two-racks', [
      'mac: "02:00:00:00:01:00", address: 10.1.0.1/24',
      'mac: "02:00:00:00:01:00", address: 10.1.0.10/24',
    ]);
    expect(faultOf(text)).toMatch(/duplicate-address: .*10.1.0.10 of m2.eth0/);
  });

  test('a port without an interface, a port in two, and one without a link', () => {
    const ports = 'name: rack, ports: [1, 2, 3], mac: "02:00:00:00:01:00"';
    const withPorts = (list: string) => faultOf(edited('two-racks', [ports, ports.replace('1, 2, 3', list)]));
    expect(withPorts('1, 2')).toMatch(/bad-router-port: .*got none for tor1.3/);
    expect(withPorts('1, 2, 3, 24')).toMatch(/bad-router-port: .*got 24, which is in tor1.rack/);
    expect(withPorts('1, 2, 3, 4')).toMatch(/bad-router-port: .*got 4, which has no link/);
  });

  const loop = [
    '  - { name: bottleneck,',
    '  - { ends: [left.23, right.23], medium: 10gbase-cr, length: 3m, queue: 512KiB }\n  - { name: bottleneck,',
  ] as const;

  test('a loop of bridges, by its switches and links', () => {
    expect(faultOf(edited('dumbbell', loop))).toMatch(
      /switch-loop: t.yaml:\d+:\d+: link bottleneck: .* got left \(left.23--right.23\) -> right \(bottleneck\) -> left$/,
    );
  });

  test('a loop that does not flood is none', () => {
    const text = edited('dumbbell', loop, [
      '{ name: left, profile: arista-7124s }',
      '{ name: left, profile: arista-7124s, flooding: false }',
    ]);
    expect(parse(text).switches[0]!.flooding).toBe(false);
  });
});

describe('several NICs', () => {
  test('one a data interface, by name', () => {
    expect(loadTopology('two-planes').hosts.find(({ name }) => name === 'm2')).toMatchObject({
      nic: { name: 'agilio-cx-2x10' },
      nics: [
        { name: 'left', interfaceIndex: 0 },
        { name: 'right', interfaceIndex: 1 },
      ],
    });
  });

  const nics = (text: string) => edited('two-planes').replace(/ {4}nics:\n( {6}- .*\n)+/, `    nics:\n${text}`);
  const nic = (name: string, interfaceName: string, profile = 'agilio-cx-2x10') =>
    `      - { name: ${name}, profile: ${profile}, interface: ${interfaceName} }\n`;

  test.each<[string, string, RegExp]>([
    ['an interface without one', nics(nic('left', 'eth0')), /missing-nic: .*got none for eth1/],
    [
      'an interface with two',
      nics(nic('left', 'eth0') + nic('right', 'eth0')),
      /interface-used-twice: .*got eth0, which is on left/,
    ],
    ['a name twice', nics(nic('left', 'eth0') + nic('left', 'eth1')), /duplicate-nic/],
    [
      'the management interface',
      nics(nic('left', 'eth0') + nic('right', 'eth2')),
      /unknown-interface: .*no data interface 'eth2'/,
    ],
    [
      'two kinds',
      nics(nic('left', 'eth0') + nic('right', 'eth1', 'agilio-cx-2x40')),
      /mixed-nics: .*expected agilio-cx-2x10, as in left/,
    ],
    [
      'none',
      edited('two-planes').replace(/ {4}nics:\n( {6}- .*\n)+/, ''),
      /missing-key: .*expected 'nic' or 'nics', got neither/,
    ],
  ])('refuses %s', (_, text, message) => {
    expect(faultOf(text)).toMatch(message);
  });
});

describe('the generator', () => {
  const options: LeafSpineOptions = {
    name: 'made',
    workers: 8,
    leaves: 4,
    spines: 2,
    rate: '10G',
    uplink: '40G',
    command: 'made by a test',
    testbedFolder: '..',
  };

  test.each<[string, Partial<LeafSpineOptions>]>([
    ['one rack', { workers: 1, leaves: 1, spines: 0 }],
    ['uneven racks', { workers: 11, leaves: 3, spines: 1 }],
    [
      'more workers than a management switch has ports',
      { workers: 100, leaves: 4, spines: 4, rate: '25G', uplink: '100G' },
    ],
    ['the most of all', { workers: 512, leaves: 16, spines: 16, rate: '25G', uplink: '100G' }],
  ])('writes what loads: %s', (_, changes) => {
    const wanted = { ...options, ...changes };
    const topology = parse(generateLeafSpine(wanted));
    expect(topology.hosts.filter(({ role }) => role === 'worker')).toHaveLength(wanted.workers);
    const routers = topology.switches.filter(({ routing }) => routing !== undefined);
    expect(routers).toHaveLength(wanted.leaves + (wanted.leaves > 1 ? wanted.spines : 0));
  });

  test('writes the same text for the same options, and that of the shipped file', () => {
    const shipped = readFileSync(path.join(folder, 'leaf-spine.yaml'), 'utf8');
    const command = /# Written by: (.*)/.exec(shipped)![1]!;
    expect(generateLeafSpine({ ...options, name: 'leaf-spine', command })).toBe(shipped);
  });

  test.each<[string, Partial<LeafSpineOptions>, RegExp]>([
    ['no workers', { workers: 0 }, /--workers: expected a whole number from 1 to 512, got 0/],
    ['leaves without a spine', { spines: 0 }, /--spines: expected a whole number from 1 to 16, got 0/],
    ['more leaves than workers', { leaves: 9 }, /--leaves: expected a whole number from 1 to 8, got 9/],
    [
      'racks too large for a leaf',
      { workers: 200, leaves: 2 },
      /a leaf needs 103 ports, expected at most 56 .*: take more leaves/,
    ],
    ['an unknown rate', { rate: '7G' }, /--rate: expected one of 1G, 10G, 25G, 40G, 100G, got '7G'/],
    ['a rate that no card has', { rate: '100G' }, /--rate: expected 1G, 10G, 25G or 40G/],
  ])('refuses %s', (_, changes, message) => {
    expect(() => generateLeafSpine({ ...options, ...changes })).toThrow(message);
  });
});

/** Routers a to d in a ring, a host's subnet at each; M1 at a, workers at b and c, the client at d. */
function ringOf(links: readonly (readonly [string, string])[]): string {
  const number = (name: string) => 'abcd'.indexOf(name) + 1;
  const cable = (end: string) =>
    links.flatMap(([from, to], index) => {
      const side = [from, to].indexOf(end);
      if (side < 0) return [];
      const address = `10.254.0.${2 * index + side}/31`;
      return `{ name: ring${index}, ports: [${10 + index}], mac: "02:00:00:00:0${number(end)}:1${index}", address: ${address} }`;
    });
  const router = (name: string) =>
    `  - name: ${name}\n    profile: arista-7124s\n    routing:\n      interfaces:\n` +
    [
      `{ name: lan, ports: [1], mac: "02:00:00:00:0${number(name)}:00", address: 10.${number(name)}.0.1/24 }`,
      ...cable(name),
    ]
      .map((line) => `        - ${line}\n`)
      .join('');
  const host = (name: string, role: string, at: string, more = '') => {
    const data = `{ name: eth0, network: data, mac: "02:00:01:00:0${number(at)}:00", address: 10.${number(at)}.0.9/24 }`;
    const management = `, { name: eth1, network: management, mac: "02:00:02:00:0${number(at)}:00", address: 192.168.50.${number(at)}/24 }`;
    return `  - { name: ${name}, role: ${role}, profile: xeon-gold-5117${more}, interfaces: [${data}${role === 'client' ? '' : management}] }\n`;
  };
  const link = (one: string, other: string) =>
    `  - { ends: [${one}, ${other}], medium: 10gbase-cr, length: 1m, queue: 512KiB }\n`;
  const nic = ', nic: agilio-cx-2x10, backend: npu';
  return [
    'name: ring\ndescription: four routers\nswitches:\n',
    ...['a', 'b', 'c', 'd'].map(router),
    '  - { name: mgmt, profile: gigabit-management }\nhosts:\n',
    host('m1', 'master', 'a', ', gateway: { requestTimeout: 20ms, retries: 6, placement: round-robin }'),
    host('m2', 'worker', 'b', nic),
    host('m3', 'worker', 'c', nic),
    host('client', 'client', 'd'),
    'links:\n',
    ...[
      ['m1', 'a'],
      ['m2', 'b'],
      ['m3', 'c'],
      ['client', 'd'],
    ].map(([name, at]) => link(`${name}.eth0`, `${at}.1`)),
    ...links.map(([from, to], index) => link(`${from}.${10 + index}`, `${to}.${10 + index}`)),
    ...['m1', 'm2', 'm3'].map((name, index) => link(`${name}.eth1`, `mgmt.${index + 1}`)),
    'lambdas: []\nworkloads: []\n',
  ].join('');
}
