import { formatIpv4Address } from '../packet/addresses.ts';
import type { BroadcastDomain, DomainMember } from './broadcast-domains.ts';
import { addressOf, networkOf, type Prefix } from './prefix.ts';
import type { NextHop, Route } from './types.ts';

/** A domain's subnet and the routers on it. */
interface Subnet extends Prefix {
  readonly members: readonly DomainMember[];
  readonly routers: readonly DomainMember[];
}

/** A node's interface, and the router on its subnet to hand packets to. */
interface Adjacency {
  readonly own: DomainMember;
  readonly neighbour: DomainMember;
}

/** Computed routes by node, to every subnet that the node is not on and can reach. */
export interface ComputedRoutes {
  /** All next hops of equal cost. */
  routersOf(node: string): readonly Route[];
  /** One next hop a network; where most agree they are one default route. */
  hostsOf(node: string): readonly Route[];
  /** The same by one interface alone. */
  interfacesOf(node: string, interfaceIndex: number): readonly Route[];
}

/**
 * Shortest paths, counted in routers, between all subnets. Ties of a host go to its first interface and the lowest
 * address; a router keeps them all.
 */
export function computeRoutes(domains: readonly BroadcastDomain[]): ComputedRoutes {
  const subnets = domains.map(subnetOf);
  const adjacencies = adjacenciesOf(subnets);
  const toSubnets = subnets.map((subnet) => ({ subnet, distances: distancesTo(subnet, adjacencies) }));
  /** Routes to what the node is not on, as seen from some of its interfaces. */
  const routesOf = (node: string, isOurs: (own: DomainMember) => boolean): Route[] => {
    const around = (adjacencies.get(node) ?? []).filter(({ own }) => isOurs(own));
    return toSubnets.flatMap(({ subnet, distances }): Route[] => {
      const { network, prefixLength, members } = subnet;
      if (members.some((member) => member.node === node && isOurs(member))) return [];
      const nextHops = nearest(around, distances);
      if (nextHops.length === 0) return [];
      return [{ network: formatIpv4Address(network), prefixLength, nextHops, origin: 'computed' }];
    });
  };
  return {
    routersOf: (node) => routesOf(node, () => true),
    hostsOf: (node) => withDefault(routesOf(node, () => true).map(withFirstHop)),
    interfacesOf: (node, index) => {
      return withDefault(routesOf(node, (own) => own.interfaceIndex === index).map(withFirstHop));
    },
  };
}

function subnetOf({ members }: BroadcastDomain): Subnet {
  const { address, prefixLength } = members[0]!;
  const routers = members.filter((member) => member.isRouter);
  return { network: networkOf(addressOf(address), prefixLength), prefixLength, members, routers };
}

/** By node: every router that it shares a subnet with. */
function adjacenciesOf(subnets: readonly Subnet[]): Map<string, Adjacency[]> {
  const adjacencies = new Map<string, Adjacency[]>();
  for (const { members, routers } of subnets) {
    for (const own of members) {
      const around = adjacencies.get(own.node) ?? [];
      adjacencies.set(own.node, around);
      for (const neighbour of routers) if (neighbour.node !== own.node) around.push({ own, neighbour });
    }
  }
  return adjacencies;
}

/** Routers between each router and the subnet: 0 for those on it. Breadth first; hosts forward nothing. */
function distancesTo(subnet: Subnet, adjacencies: ReadonlyMap<string, readonly Adjacency[]>): Map<string, number> {
  const distances = new Map(subnet.routers.map((router) => [router.node, 0]));
  for (const [node, distance] of distances) {
    for (const { neighbour } of adjacencies.get(node)!) {
      // A map is walked in the order of insertion, what is added meanwhile included.
      if (!distances.has(neighbour.node)) distances.set(neighbour.node, distance + 1);
    }
  }
  return distances;
}

function nearest(around: readonly Adjacency[], distances: ReadonlyMap<string, number>): NextHop[] {
  const distanceOf = ({ neighbour }: Adjacency): number => distances.get(neighbour.node) ?? Number.POSITIVE_INFINITY;
  const least = around.reduce((best, candidate) => Math.min(best, distanceOf(candidate)), Number.POSITIVE_INFINITY);
  if (least === Number.POSITIVE_INFINITY) return [];
  return around
    .filter((candidate) => distanceOf(candidate) === least)
    .map(({ own, neighbour }) => ({ address: neighbour.address, interfaceIndex: own.interfaceIndex }))
    .sort((a, b) => a.interfaceIndex - b.interfaceIndex || addressOf(a.address) - addressOf(b.address));
}

function withFirstHop(route: Route): Route {
  return { ...route, nextHops: route.nextHops.slice(0, 1) };
}

/** The next hop of most routes becomes the default; the first one among equals. */
function withDefault(routes: readonly Route[]): Route[] {
  const counts = new Map<string, number>();
  const keyOf = ({ nextHops }: Route): string => nextHops[0]!.address;
  for (const route of routes) counts.set(keyOf(route), (counts.get(keyOf(route)) ?? 0) + 1);
  const most = Math.max(...counts.values());
  const model = routes.find((route) => counts.get(keyOf(route)) === most);
  if (model === undefined) return [];
  const others = routes.filter((route) => keyOf(route) !== keyOf(model));
  return [...others, { ...model, network: '0.0.0.0', prefixLength: 0 }];
}
