import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { loadTopology, projectFolder } from '../../topology/load-topology.ts';
import type { Topology } from '../../topology/types.ts';

const PROFILES = join('profiles', 'switches');
const PORTS = 256;

interface Description {
  readonly switches: readonly { readonly name: string; readonly profile: string }[];
  readonly hosts: readonly { readonly name: string; readonly role: string; readonly interfaces: readonly object[] }[];
  readonly links: readonly { readonly ends: readonly string[] }[];
  readonly lambdas: readonly { readonly source: string }[];
}

/**
 * The paper's testbed with so many workers in place of its four, 1 to 250, on two switches of the same speed and latency
 * with as many ports as that takes: what grows is the star alone.
 */
export function topologyWith(workers: number): Topology {
  const folder = join(projectFolder(), 'topology');
  const paper = parse(readFileSync(join(folder, 'four-workers.yaml'), 'utf8')) as Description;
  const scratch = mkdtempSync(join(tmpdir(), 'lambda-nic-topology-'));
  try {
    for (const { profile } of paper.switches) addPorts(join(folder, PROFILES), join(scratch, PROFILES), profile);
    const file = join(scratch, `star-of-${workers}.yaml`);
    writeFileSync(file, stringify(widened(paper, workers, folder)));
    return loadTopology(file);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function widened(paper: Description, workers: number, folder: string): object {
  const model = paper.hosts.find(({ role }) => role === 'worker') as Description['hosts'][number];
  const names = Array.from({ length: workers }, (_, index) => `m${index + 2}`);
  const added = names.map((name, index) => {
    const octet = (index + 1).toString(16).padStart(2, '0');
    const [data, management] = model.interfaces;
    return {
      ...model,
      name,
      interfaces: [
        { ...data, mac: `00:15:4d:00:${octet}:01`, address: `10.10.101.${index + 1}/16` },
        { ...management, mac: `00:15:4d:00:${octet}:02`, address: `192.168.50.${index + 2}/24` },
      ],
    };
  });
  const isWorkers = ({ ends }: { readonly ends: readonly string[] }) => /^m([2-9]|\d\d)/.test(ends[0] as string);
  const cable = (from: string, to: string) => {
    const like = paper.links.find(({ ends }) => ends[1]?.split('.')[0] === to.split('.')[0]) as object;
    return { ...like, ends: [from, to] };
  };
  // Ports of the switches 1 to 6 are cabled already: those of the paper's workers stay empty.
  const first = paper.hosts.length + 1;
  return {
    ...paper,
    name: `star-of-${workers}`,
    switches: paper.switches.map((one) => ({ ...one, profile: widerProfile(one.profile) })),
    hosts: [...paper.hosts.filter(({ role }) => role !== 'worker'), ...added],
    links: [
      ...paper.links.filter((link) => !isWorkers(link)),
      ...names.map((name, index) => cable(`${name}.eth0`, `switch.${first + index}`)),
      ...names.map((name, index) => cable(`${name}.eth1`, `mgmt.${first + index}`)),
    ],
    lambdas: paper.lambdas.map((lambda) => ({ ...lambda, source: resolve(folder, lambda.source), workers: names })),
  };
}

function widerProfile(profile: string): string {
  return `${profile}-${PORTS}`;
}

function addPorts(from: string, to: string, profile: string): void {
  const { ports, ...rest } = parse(readFileSync(join(from, `${profile}.yaml`), 'utf8')) as { readonly ports: object };
  const wider = { ...rest, name: widerProfile(profile), ports: { ...ports, value: PORTS } };
  mkdirSync(to, { recursive: true });
  writeFileSync(join(to, `${wider.name}.yaml`), stringify(wider));
}
