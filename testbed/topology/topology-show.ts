import Table from 'cli-table3';
import type { Host, Link, Route, Switch, Topology } from '../../topology/types.ts';
import { wrapped } from '../terminal.ts';
import { formatRate } from './topology-graph.ts';

/** Width that tables keep to, for as long as names and addresses let them. */
const COLUMNS = 80;

/** Tables of a topology's nodes, links and routes. */
export function showText(topology: Topology): string {
  const parts = [
    wrapped(`${topology.name}: ${topology.description}`, COLUMNS, 2),
    `Hosts\n${hostTable(topology.hosts)}`,
    `Switches\n${switchTable(topology.switches)}`,
    `Links\n${linkTable(topology.links)}`,
  ];
  const routes = routeTable(topology);
  if (routes !== undefined) parts.push(`Routes beyond a node's own subnets\n${routes}`);
  return `${parts.join('\n\n')}\n`;
}

function hostTable(hosts: readonly Host[]): string {
  const rows = hosts.flatMap(({ name, role, interfaces }) => {
    return interfaces.map((entry, index) => {
      const first = index === 0 ? [name, role] : ['', ''];
      return [
        ...first,
        entry.name,
        entry.network === 'data' ? 'data' : 'mgmt',
        `${entry.address}/${entry.prefixLength}`,
        entry.mac,
      ];
    });
  });
  return table(['host', 'role', 'port', 'net', 'address', 'MAC'], rows);
}

function switchTable(switches: readonly Switch[]): string {
  const rows = switches.flatMap((node): string[][] => {
    const { name, profile, ports, routing } = node;
    const numbers = (indices: readonly number[]) =>
      rangesOf(indices.map((index) => Number(ports[index]!.split('.')[1])));
    const all = rangesOf(ports.map((port) => Number(port.split('.')[1])));
    if (routing === undefined) return [[name, profile.name, '-', all, 'bridge']];
    return routing.interfaces.map((entry, index) => {
      const first = index === 0 ? [name, profile.name] : ['', ''];
      return [...first, entry.name, numbers(entry.ports), `${entry.address}/${entry.prefixLength}`];
    });
  });
  return table(['switch', 'profile', 'interface', 'ports', 'address'], rows);
}

/** `1-3, 5`. */
function rangesOf(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && number === last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}

function linkTable(links: readonly Link[]): string {
  const rows = links.map(({ name, ends, rateBitsPerSecond, delayPs, queueOctets }) => {
    const given = name === `${ends[0].name}--${ends[1].name}` ? '' : name;
    const queue = `${Math.round(queueOctets / 1024)} KiB`;
    return [ends[0].name, ends[1].name, formatRate(rateBitsPerSecond), `${delayPs / 1000} ns`, queue, given];
  });
  return table(['end', 'other end', 'rate', 'delay', 'queue', 'name'], rows);
}

/** Undefined: nobody has a route. */
function routeTable({ hosts, switches }: Topology): string | undefined {
  const nodes = [
    ...switches.map(({ name, routing }) => ({ name, routes: routing?.routes ?? [] })),
    ...hosts.map(({ name, routes }) => ({ name, routes })),
  ];
  const rows = nodes.flatMap(({ name, routes }) => {
    return routes.map((route, index) => [index === 0 ? name : '', destination(route), via(route), route.origin]);
  });
  return rows.length === 0 ? undefined : table(['node', 'to', 'via', 'origin'], rows);
}

function destination({ network, prefixLength }: Route): string {
  return prefixLength === 0 ? 'default' : `${network}/${prefixLength}`;
}

/** Two next hops a line: a router may have many. */
function via({ nextHops }: Route): string {
  const lines: string[] = [];
  for (let first = 0; first < nextHops.length; first += 2) {
    lines.push(
      nextHops
        .slice(first, first + 2)
        .map(({ address }) => address)
        .join(', '),
    );
  }
  return lines.join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const drawn = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  for (const row of rows) drawn.push([...row]);
  return drawn.toString();
}
