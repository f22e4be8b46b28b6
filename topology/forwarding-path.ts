import { formatIpv4Address } from '../packet/addresses.ts';
import type { BroadcastDomain } from './broadcast-domains.ts';
import { addressOf, contains, networkOf } from './prefix.ts';
import type { Host, NextHop, Route, Switch } from './types.ts';

interface Node {
  readonly name: string;
  readonly interfaces: readonly { readonly address: string; readonly prefixLength: number }[];
  readonly routes: readonly Route[];
}

/** Which way packets go, by the routes of every node. */
export class ForwardingPaths {
  private readonly nodes = new Map<string, Node>();
  private readonly nodeOfAddress = new Map<string, string>();
  /** By node and address: what is wrong with its ways there. */
  private readonly faults = new Map<string, string | undefined>();

  constructor(hosts: readonly Host[], switches: readonly Switch[], domains: readonly BroadcastDomain[]) {
    for (const { name, interfaces, routes } of hosts) this.nodes.set(name, { name, interfaces, routes });
    for (const { name, routing } of switches) {
      if (routing !== undefined) this.nodes.set(name, { name, interfaces: routing.interfaces, routes: routing.routes });
    }
    for (const { members } of domains) for (const { address, node } of members) this.nodeOfAddress.set(address, node);
  }

  /**
   * What keeps packets of a node from an address, on any of its ways of equal cost: no route, or a loop of routes.
   * @param to dotted quad; @returns undefined when they arrive
   */
  faultTo(node: string, to: string): string | undefined {
    return this.walk(node, to, []);
  }

  /** The routers that a packet may pass, one way of equal cost: the first next hop everywhere. */
  firstPath(node: string, to: string): string[] {
    const path: string[] = [];
    for (let at = node; path.length < 64; ) {
      const hop = nextHops(this.nodes.get(at)!, addressOf(to))?.[0];
      if (hop === undefined) return path;
      at = this.nodeOfAddress.get(hop.address)!;
      path.push(at);
    }
    return path;
  }

  private walk(name: string, to: string, before: readonly string[]): string | undefined {
    if (before.includes(name)) {
      const loop = [...before.slice(before.indexOf(name)), name];
      return `routes to ${to} lead in a circle: ${loop.join(' -> ')}`;
    }
    const key = `${name} ${to}`;
    if (this.faults.has(key)) return this.faults.get(key);
    const fault = this.step(this.nodes.get(name)!, to, [...before, name]);
    this.faults.set(key, fault);
    return fault;
  }

  private step(node: Node, to: string, way: readonly string[]): string | undefined {
    const hops = nextHops(node, addressOf(to));
    if (hops === undefined) return `${node.name} has no route to ${to}`;
    for (const hop of hops) {
      const fault = this.walk(this.nodeOfAddress.get(hop.address)!, to, way);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
}

const ARRIVED: readonly NextHop[] = [];

/** Empty: the address is on a subnet of the node; undefined: there is no route. */
function nextHops(node: Node, address: number): readonly NextHop[] | undefined {
  let longest = -1;
  let found: readonly NextHop[] | undefined;
  for (const entry of node.interfaces) {
    const prefix = {
      network: networkOf(addressOf(entry.address), entry.prefixLength),
      prefixLength: entry.prefixLength,
    };
    if (entry.prefixLength > longest && contains(prefix, address)) {
      longest = entry.prefixLength;
      found = ARRIVED;
    }
  }
  for (const { network, prefixLength, nextHops } of node.routes) {
    if (prefixLength > longest && contains({ network: addressOf(network), prefixLength }, address)) {
      longest = prefixLength;
      found = nextHops;
    }
  }
  return found;
}

/** Index of the interface over which a host sends to an address, and the address of the next hop; or undefined. */
export function egressOf(
  host: Pick<Host, 'interfaces' | 'routes'>,
  address: string,
): { readonly interfaceIndex: number; readonly nextHop: string } | undefined {
  const number = addressOf(address);
  const hops = nextHops({ name: '', ...host }, number);
  if (hops === undefined) return undefined;
  if (hops.length > 0) return { interfaceIndex: hops[0]!.interfaceIndex, nextHop: hops[0]!.address };
  let best = -1;
  for (const [index, entry] of host.interfaces.entries()) {
    const prefix = {
      network: networkOf(addressOf(entry.address), entry.prefixLength),
      prefixLength: entry.prefixLength,
    };
    if (!contains(prefix, number)) continue;
    if (best < 0 || entry.prefixLength > host.interfaces[best]!.prefixLength) best = index;
  }
  return { interfaceIndex: best, nextHop: formatIpv4Address(number) };
}
