import { InputError } from '../base/errors.ts';

/** What a leaf-spine network is to have. */
export interface LeafSpineOptions {
  readonly name: string;
  readonly workers: number;
  readonly leaves: number;
  readonly spines: number;
  /** Of hosts, and between leaves and spines: names of `LINE_RATES`. */
  readonly rate: string;
  readonly uplink: string;
  /** The command line that asked, for the file's first lines. */
  readonly command: string;
  /** The testbed's folder as seen from the file's, for lambdas and schema: `..` in its folder `topology`. */
  readonly testbedFolder: string;
}

interface LineRate {
  readonly medium: string;
  /** Card with such ports, if one is public. */
  readonly nic: string | undefined;
}

export const LINE_RATES: Readonly<Record<string, LineRate>> = {
  '1G': { medium: '1000base-t', nic: 'agilio-cx-2x10' },
  '10G': { medium: '10gbase-cr', nic: 'agilio-cx-2x10' },
  '25G': { medium: '25gbase-cr', nic: 'agilio-cx-2x25' },
  '40G': { medium: '40gbase-cr4', nic: 'agilio-cx-2x40' },
  '100G': { medium: '100gbase-cr4', nic: undefined },
};

interface Device {
  readonly profile: string;
  readonly ports: number;
  /** Fastest port, Gb/s. */
  readonly gigabits: number;
}

/** Smallest first; the figures are those of the profiles. */
const LEAVES: readonly Device[] = [
  { profile: 'arista-7124s', ports: 24, gigabits: 10 },
  { profile: 'arista-7050sx3-48yc8', ports: 56, gigabits: 100 },
];
const SPINES: readonly Device[] = [
  { profile: 'arista-7124s', ports: 24, gigabits: 10 },
  { profile: 'arista-7050cx3-32s', ports: 32, gigabits: 100 },
  { profile: 'arista-7050sx3-48yc8', ports: 56, gigabits: 100 },
];
const MANAGEMENT_PORTS = 48;

/** What addresses and ports have room for. */
export const MOST = { workers: 512, leaves: 56, spines: 16 } as const;

/** Last octets on a rack's subnet. */
const ROUTER_NUMBER = 1;
const MASTER_NUMBER = 2;
const CLIENT_NUMBER = 3;
const FIRST_WORKER_NUMBER = 10;
/** Kinds of MAC: its third octet. */
const MAC_DATA = 1;
const MAC_MANAGEMENT = 2;
const MAC_ROUTER = 3;
const SPINE_NUMBER = 0x80;

/**
 * Writes a topology file: racks of workers under a leaf each, leaves under spines, all of them routers. M1 is in the
 * first rack and the client in the last. The same options give the same text.
 * @throws InputError `command-line` for numbers that no such network has
 */
export function generateLeafSpine(options: LeafSpineOptions): string {
  const { workers, leaves, spines, rate, uplink } = options;
  checkRange('workers', workers, 1, MOST.workers);
  checkRange('leaves', leaves, 1, Math.min(MOST.leaves, workers));
  checkRange('spines', spines, leaves > 1 ? 1 : 0, MOST.spines);
  const nic = lineRate('rate', rate).nic;
  lineRate('uplink', uplink);
  if (nic === undefined) {
    throw refused(`--rate: expected 1G, 10G, 25G or 40G, since no SmartNIC of the testbed has such ports, got ${rate}`);
  }
  const racks = racksOf(workers, leaves);
  const fabric = leaves > 1 ? spines : 0;
  const leafPorts = Math.max(...racks.map((rack) => rack.hosts.length)) + fabric;
  const leaf = deviceFor('leaf', LEAVES, leafPorts, [rate, ...(fabric > 0 ? [uplink] : [])]);
  const spine = fabric > 0 ? deviceFor('spine', SPINES, leaves, [uplink]) : undefined;
  return new LeafSpineWriter({ ...options, spines: fabric }, racks, nic, leaf.profile, spine?.profile ?? '').text();
}

function checkRange(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw refused(`--${name}: expected a whole number from ${least} to ${most}, got ${value}`);
}

function lineRate(name: string, value: string): LineRate {
  const found = LINE_RATES[value];
  if (found !== undefined) return found;
  throw refused(`--${name}: expected one of ${Object.keys(LINE_RATES).join(', ')}, got '${value}'`);
}

function deviceFor(what: string, devices: readonly Device[], ports: number, rates: readonly string[]): Device {
  const gigabits = Math.max(...rates.map((rate) => Number.parseInt(rate, 10)));
  const fast = devices.filter((device) => device.gigabits >= gigabits);
  const found = fast.find((device) => device.ports >= ports);
  if (found !== undefined) return found;
  const largest = fast.at(-1)!;
  const remedy = what === 'leaf' ? 'take more leaves' : 'take fewer leaves';
  throw refused(`a ${what} needs ${ports} ports, expected at most ${largest.ports} (${largest.profile}): ${remedy}`);
}

function refused(message: string): InputError {
  return new InputError('command-line', message);
}

interface RackHost {
  readonly name: string;
  readonly role: 'master' | 'worker' | 'client';
  /** Last octet of its address on the rack's subnet. */
  readonly number: number;
}

interface Rack {
  /** From 1. */
  readonly number: number;
  readonly leaf: string;
  readonly hosts: readonly RackHost[];
}

/** Workers spread evenly; the first racks take what is left over. */
function racksOf(workers: number, leaves: number): Rack[] {
  let next = 2;
  return Array.from({ length: leaves }, (_, index) => {
    const share = Math.floor(workers / leaves) + (index < workers % leaves ? 1 : 0);
    const hosts: RackHost[] = Array.from({ length: share }, (_, place) => {
      return { name: `m${next++}`, role: 'worker', number: FIRST_WORKER_NUMBER + place };
    });
    if (index === 0) hosts.unshift({ name: 'm1', role: 'master', number: MASTER_NUMBER });
    if (index === leaves - 1) hosts.push({ name: 'client', role: 'client', number: CLIENT_NUMBER });
    return { number: index + 1, leaf: `leaf${index + 1}`, hosts };
  });
}

class LeafSpineWriter {
  private readonly options: LeafSpineOptions;
  private readonly racks: readonly Rack[];
  private readonly nic: string;
  private readonly leafProfile: string;
  private readonly spineProfile: string;
  private readonly workers: readonly string[];
  private readonly managementSwitches: readonly string[];

  constructor(options: LeafSpineOptions, racks: readonly Rack[], nic: string, leaf: string, spine: string) {
    this.options = options;
    this.racks = racks;
    this.nic = nic;
    this.leafProfile = leaf;
    this.spineProfile = spine;
    this.workers = racks.flatMap(({ hosts }) => hosts.filter(({ role }) => role === 'worker').map(({ name }) => name));
    // M1 is on the first one, which takes the others' cables, too.
    const more = this.workers.length < MANAGEMENT_PORTS ? 0 : Math.ceil(this.workers.length / (MANAGEMENT_PORTS - 1));
    this.managementSwitches = ['mgmt', ...Array.from({ length: more }, (_, index) => `mgmt${index + 1}`)];
  }

  text(): string {
    const sections = [this.head(), this.switches(), this.hosts(), this.links(), this.lambdas(), WORKLOADS];
    return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
  }

  private head(): string[] {
    const { name, leaves, spines, rate, uplink, command, testbedFolder } = this.options;
    const schema = testbedFolder === '..' ? '.' : `${testbedFolder}/topology`;
    const fabric =
      spines === 0
        ? 'one leaf that routes'
        : `${leaves} leaves and ${spines} ${spines === 1 ? 'spine' : 'spines'} that route`;
    const paths = spines > 1 ? `, each pair of racks over ${spines} paths of equal cost` : '';
    return [
      `# yaml-language-server: $schema=${schema}/topology.schema.json`,
      `# Written by: ${command}`,
      '#',
      '# Addresses: rack r is 10.r.0.0/24 with its leaf as .1, M1 as .2, the client as .3 and workers from .10 on; the cable',
      '# of leaf l to spine s is the pair 10.254.0.0/31 + 2((l - 1) spines + s - 1), the spine first. Management is',
      '# 192.168.48.0/20, M1 as 192.168.48.1 and worker n as 192.168.48.0 + n. MACs are local ones (02:00): 01 and 02 for',
      "# data and management with rack and host, 03 for routers with leaf (or 80 + spine) and the other end's number.",
      `name: ${name}`,
      'description: >-',
      `  ${this.workers.length} ${this.workers.length === 1 ? 'worker' : 'workers'} under ${fabric}${paths}; hosts at ${rate}${spines === 0 ? '' : `, uplinks at ${uplink}`}.`,
    ];
  }

  private switches(): string[] {
    const { spines } = this.options;
    const lines = ['switches:'];
    for (let s = 1; s <= spines; s++) {
      lines.push(`  - name: spine${s}`, `    profile: ${this.spineProfile}`, '    routing:', '      interfaces:');
      for (const { number, leaf } of this.racks) {
        const [address] = this.cable(number, s);
        lines.push(router(`to-${leaf}`, [number], mac(MAC_ROUTER, SPINE_NUMBER + s, number), address));
      }
    }
    for (const { number, leaf, hosts } of this.racks) {
      lines.push(`  - name: ${leaf}`, `    profile: ${this.leafProfile}`, '    routing:', '      interfaces:');
      const ports = hosts.map((_, index) => index + 1);
      const address = `10.${number}.0.${ROUTER_NUMBER}/24`;
      lines.push(router('rack', ports, mac(MAC_ROUTER, number, 0), address));
      for (let s = 1; s <= spines; s++) {
        const [, own] = this.cable(number, s);
        lines.push(router(`to-spine${s}`, [hosts.length + s], mac(MAC_ROUTER, number, SPINE_NUMBER + s), own));
      }
    }
    for (const name of this.managementSwitches) lines.push(`  - { name: ${name}, profile: gigabit-management }`);
    return lines;
  }

  /** Addresses of the ends of a leaf's cable to a spine: the spine's, the leaf's. */
  private cable(leafNumber: number, spineNumber: number): [spine: string, leaf: string] {
    const offset = 2 * ((leafNumber - 1) * this.options.spines + spineNumber - 1);
    const quad = (number: number) => `10.254.${number >> 8}.${number & 255}/31`;
    return [quad(offset), quad(offset + 1)];
  }

  private hosts(): string[] {
    const lines = ['# The order of interfaces is the order of port numbers: data first, then management.', 'hosts:'];
    let worker = 0;
    for (const { number: rack, hosts } of this.racks) {
      for (const { name, role, number } of hosts) {
        lines.push(`  - name: ${name}`, `    role: ${role}`, '    profile: xeon-gold-5117');
        if (role === 'worker') lines.push(`    nic: ${this.nic}`, '    backend: npu');
        const data = `mac: "${mac(MAC_DATA, rack, number)}", address: 10.${rack}.0.${number}/24`;
        lines.push('    interfaces:', `      - { name: eth0, network: data, ${data} }`);
        if (role === 'client') continue;
        const place = role === 'master' ? 1 : ++worker + 1;
        const address = `192.168.${48 + (place >> 8)}.${place & 255}/20`;
        const management = `mac: "${mac(MAC_MANAGEMENT, rack, number)}", address: ${address}`;
        lines.push(`      - { name: eth1, network: management, ${management} }`);
        if (role === 'master') lines.push('    gateway: { requestTimeout: 20ms, retries: 6, placement: round-robin }');
      }
    }
    return lines;
  }

  private links(): string[] {
    const { spines, rate, uplink } = this.options;
    const lines = ['links:'];
    const { medium } = LINE_RATES[rate]!;
    for (const { leaf, hosts } of this.racks) {
      for (const [index, { name }] of hosts.entries())
        lines.push(cable(`${name}.eth0`, `${leaf}.${index + 1}`, medium, '3m', '512KiB'));
    }
    for (const { number, leaf, hosts } of this.racks) {
      for (let s = 1; s <= spines; s++) {
        lines.push(
          cable(`${leaf}.${hosts.length + s}`, `spine${s}.${number}`, LINE_RATES[uplink]!.medium, '20m', '1MiB'),
        );
      }
    }
    const [root, ...others] = this.managementSwitches;
    // M1 sends the firmware to all workers at once.
    const queue = `${Math.max(512, 32 * this.workers.length)}KiB`;
    lines.push(cable('m1.eth1', `${root}.1`, '1000base-t', '3m', queue));
    for (const [index, name] of others.entries())
      lines.push(cable(`${root}.${index + 2}`, `${name}.1`, '1000base-t', '20m', queue));
    for (const [index, name] of this.workers.entries()) {
      const perSwitch = MANAGEMENT_PORTS - 1;
      const at = others.length === 0 ? root! : others[Math.floor(index / perSwitch)]!;
      lines.push(cable(`${name}.eth1`, `${at}.${(index % perSwitch) + 2}`, '1000base-t', '3m', '512KiB'));
    }
    return lines;
  }

  private lambdas(): string[] {
    const lines = ['# Every worker runs the same firmware with all lambdas, as in the paper (section 5).', 'lambdas:'];
    const names = ['web-server', 'key-value-client', 'image-transformer', 'image-mean'];
    for (const [index, name] of names.entries()) {
      lines.push(`  - name: ${name}`, `    source: ${this.options.testbedFolder}/lambdas/${name}`);
      if (index > 0) lines.push('    workers: *all');
      else lines.push('    workers: &all', ...wrappedList(this.workers, '      '));
    }
    return lines;
  }
}

function mac(kind: number, ...place: readonly [number, number]): string {
  return [0x02, 0x00, kind, ...place, 0].map((octet) => octet.toString(16).padStart(2, '0')).join(':');
}

function router(name: string, ports: readonly number[], macAddress: string, address: string): string {
  return `        - { name: ${name}, ports: [${ports.join(', ')}], mac: "${macAddress}", address: ${address} }`;
}

function cable(one: string, other: string, medium: string, length: string, queue: string): string {
  return `  - { ends: [${one}, ${other}], medium: ${medium}, length: ${length}, queue: ${queue} }`;
}

/** A flow list over lines of at most 110 characters. */
function wrappedList(items: readonly string[], indent: string): string[] {
  const lines: string[] = [];
  let line = `${indent}[`;
  for (const [index, item] of items.entries()) {
    const text = index < items.length - 1 ? `${item},` : `${item}]`;
    if (line.length + text.length > 110) {
      lines.push(line.trimEnd());
      line = `${indent} `;
    }
    line += `${text} `;
  }
  return [...lines, line.trimEnd()];
}

function workload(name: string, requests: number, requestTimeout: string, more: string): string {
  return `  - { name: ${name}, requests: ${requests}, concurrency: 8, plainLimit: 1KiB, fragmentLimit: 32KiB, requestTimeout: ${requestTimeout}, retries: 6${more} }`;
}

const WORKLOADS: string[] = [
  '# Phases, in this order. A body of at most plainLimit travels in one frame, up to fragmentLimit as fragments, above by RDMA.',
  'workloads:',
  workload('web', 3000, '200ms', ''),
  workload('key-value', 2000, '200ms', ''),
  workload('image', 24, '2s', ', width: 256, height: 256'),
];
