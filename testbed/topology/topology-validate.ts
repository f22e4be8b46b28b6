import type { Topology } from '../../topology/types.ts';
import { formatRate } from './topology-graph.ts';

/** What a topology has that was checked; all of it counts, nothing else. */
export interface ValidatedTopology {
  readonly file: string;
  readonly name: string;
  readonly hosts: { readonly master: number; readonly worker: number; readonly client: number };
  readonly nics: number;
  readonly switches: number;
  readonly routers: number;
  /** By rate. */
  readonly links: Readonly<Record<string, number>>;
  readonly leastDelayPs: number;
  readonly addresses: number;
  readonly routes: { readonly computed: number; readonly static: number; readonly mostNextHops: number };
  readonly processes: number;
  readonly lambdas: number;
  readonly workloads: readonly string[];
}

export function validated(topology: Topology): ValidatedTopology {
  const { hosts, switches, links } = topology;
  const ofRole = (role: string) => hosts.filter((host) => host.role === role).length;
  const routing = switches.flatMap((node) => (node.routing === undefined ? [] : [node.routing]));
  const routes = [...hosts, ...routing].flatMap((node) => node.routes);
  const byRate: Record<string, number> = {};
  for (const { rateBitsPerSecond } of links) {
    const rate = formatRate(rateBitsPerSecond);
    byRate[rate] = (byRate[rate] ?? 0) + 1;
  }
  return {
    file: topology.file,
    name: topology.name,
    hosts: { master: ofRole('master'), worker: ofRole('worker'), client: ofRole('client') },
    nics: hosts.reduce((sum, host) => sum + (host.role === 'worker' ? host.nics.length : 0), 0),
    switches: switches.length,
    routers: routing.length,
    links: byRate,
    leastDelayPs: Math.min(...links.map((link) => link.delayPs)),
    addresses: [...hosts, ...routing].reduce((sum, node) => sum + node.interfaces.length, 0),
    routes: {
      computed: routes.filter(({ origin }) => origin === 'computed').length,
      static: routes.filter(({ origin }) => origin === 'static').length,
      mostNextHops: Math.max(0, ...routes.map(({ nextHops }) => nextHops.length)),
    },
    processes: topology.placement.processes.length,
    lambdas: topology.lambdas.length,
    workloads: topology.workloads.map(({ name }) => name),
  };
}

/** One line for each kind of thing, and what holds of it. */
export function validatedText(of: ValidatedTopology): string {
  const rates = Object.entries(of.links).map(([rate, count]) => `${count} of ${rate}`);
  const { computed, static: written, mostNextHops } = of.routes;
  const rows: [string, string][] = [
    ['keys', 'all known, every quantity with its unit, every profile found'],
    ['hosts', `${count(of.hosts.worker, 'worker')} with ${count(of.nics, 'SmartNIC')}, one master, one client`],
    ['switches', `${of.switches}, ${of.routers} of which route; no loop of those that flood`],
    ['links', `${rates.join(', ')}; each end once, no delay below ${of.leastDelayPs / 1000} ns`],
    ['addresses', `${of.addresses} with MACs, each once; one subnet a broadcast domain, none overlaps`],
    ['routes', routesText(computed, written, mostNextHops)],
    ['processes', `${of.processes}, every node in one`],
    ['lambdas', `${of.lambdas}, on workers that exist`],
    ['workloads', of.workloads.length === 0 ? 'none' : `${of.workloads.join(', ')}, each with its lambda`],
  ];
  return `${of.file}: valid\n${rows.map(([what, text]) => `  ${what.padEnd(10)} ${text}\n`).join('')}`;
}

function routesText(computed: number, written: number, mostNextHops: number): string {
  const ways = 'master, client and workers reach one another';
  if (computed + written === 0) return `none needed; ${ways}`;
  const several = mostNextHops > 1 ? `, up to ${mostNextHops} next hops` : '';
  return `${computed} computed, ${written} static${several}; ${ways}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
