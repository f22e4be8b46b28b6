import type { Link, Topology } from '../../topology/types.ts';

/** What a picture of a network shows. */
export type GraphNetwork = 'data' | 'management' | 'all';

export interface GraphNode {
  readonly name: string;
  readonly kind: 'master' | 'worker' | 'client' | 'switch' | 'router';
  /** A second line: addresses, or what it does. */
  readonly detail: string;
  /** 0: hosts; 1: switches with hosts; above: those further away. */
  readonly tier: number;
}

export interface GraphEdge {
  readonly ends: readonly [string, string];
  readonly name: string;
  readonly rateBitsPerSecond: number;
}

export interface NetworkGraph {
  readonly title: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** The nodes and cables of a topology's network, in the order of its file; switches first. */
export function networkGraph(topology: Topology, network: GraphNetwork): NetworkGraph {
  const links = topology.links.filter((link) => network === 'all' || networkOfLinks(topology).get(link) === network);
  const shown = new Set(links.flatMap((link) => link.ends.map((end) => end.node)));
  const tiers = tiersOf(topology, links);
  const switches = topology.switches.map(({ name, routing }): GraphNode => {
    const shared = routing?.interfaces.find((entry) => entry.ports.length > 1) ?? routing?.interfaces[0];
    const isRack = shared !== undefined && tiers.get(name) === 1;
    const detail = isRack ? `${shared.address}/${shared.prefixLength}` : routing === undefined ? 'bridge' : 'router';
    return { name, kind: routing === undefined ? 'switch' : 'router', detail, tier: tiers.get(name) ?? 1 };
  });
  const hosts = topology.hosts.map(({ name, role, interfaces }): GraphNode => {
    const entry = interfaces.find((candidate) => network === 'all' || candidate.network === network);
    return { name, kind: role, detail: entry?.address ?? '', tier: 0 };
  });
  return {
    title: topology.name,
    nodes: [...switches, ...hosts].filter(({ name }) => shown.has(name)),
    edges: links.map(({ name, ends, rateBitsPerSecond }) => {
      return { name, ends: [ends[0].node, ends[1].node], rateBitsPerSecond };
    }),
  };
}

/** `10G`, `2.5G`, `100M`. */
export function formatRate(bitsPerSecond: number): string {
  return bitsPerSecond >= 1e9 ? `${bitsPerSecond / 1e9}G` : `${bitsPerSecond / 1e6}M`;
}

/** Which network each link belongs to: that of the hosts which it leads to. */
function networkOfLinks(topology: Topology): Map<Link, 'data' | 'management'> {
  const networks = new Map<Link, 'data' | 'management'>();
  const ofNode = new Map<string, 'data' | 'management'>();
  const remaining = new Set(topology.links);
  for (const link of topology.links) {
    for (const end of link.ends) {
      const host = topology.hosts.find((candidate) => candidate.name === end.node);
      const entry = host?.interfaces[end.port];
      if (entry === undefined) continue;
      networks.set(link, entry.network);
      for (const { node } of link.ends) if (node !== end.node && !ofNode.has(node)) ofNode.set(node, entry.network);
      remaining.delete(link);
    }
  }
  for (let before = -1; before !== remaining.size; ) {
    before = remaining.size;
    for (const link of remaining) {
      const known = link.ends.map((end) => ofNode.get(end.node)).find((network) => network !== undefined);
      if (known === undefined) continue;
      networks.set(link, known);
      for (const { node } of link.ends) if (!ofNode.has(node)) ofNode.set(node, known);
      remaining.delete(link);
    }
  }
  return networks;
}

function tiersOf(topology: Topology, links: readonly Link[]): Map<string, number> {
  const tiers = new Map(topology.hosts.map((host) => [host.name, 0]));
  // A map is walked in the order of insertion, what is added meanwhile included: breadth first from all hosts.
  for (const [node, tier] of tiers) {
    for (const { ends } of links) {
      const at = ends.findIndex((end) => end.node === node);
      if (at >= 0 && !tiers.has(ends[1 - at]!.node)) tiers.set(ends[1 - at]!.node, tier + 1);
    }
  }
  return tiers;
}
