import type { Host, Link, LinkEnd, Switch } from './types.ts';

/** An interface with an address in a broadcast domain: a host's, or a router's. */
export interface DomainMember {
  readonly node: string;
  /** `m1.eth0`, `leaf1.servers`. */
  readonly name: string;
  /** Into the interfaces of the host, or of the switch's routing. */
  readonly interfaceIndex: number;
  readonly isRouter: boolean;
  /** Dotted quad. */
  readonly address: string;
  readonly prefixLength: number;
  /** Of a host's interface. */
  readonly network?: 'data' | 'management';
}

/** Interfaces that reach one another without a router, in the order of the file: switches, then hosts. */
export interface BroadcastDomain {
  readonly members: readonly DomainMember[];
}

type Wired = Readonly<{ hosts: readonly Host[]; switches: readonly Switch[]; links: readonly Link[] }>;

/**
 * The broadcast domains of a topology: what its bridges join, VLAN by VLAN; a switch that routes separates its interfaces
 * from one another. Domains come in the order of their first members.
 */
export function broadcastDomains({ hosts, switches, links }: Wired): BroadcastDomain[] {
  const partition = new Partition();
  const routedPorts = new Map<string, string>();
  for (const node of switches) {
    for (const router of node.routing?.interfaces ?? []) {
      for (const port of router.ports) routedPorts.set(node.ports[port]!, `${node.name}/${router.name}`);
    }
  }
  const bridges = new Map(switches.filter((node) => node.routing === undefined).map((node) => [node.name, node]));
  // The part of the network that frames with a tag, or without one (0), belong to at a link's end; undefined: none.
  const part = (end: LinkEnd, tag: number): string | undefined => {
    const bridge = bridges.get(end.node);
    if (bridge !== undefined) return partOfBridge(bridge, end.port, tag);
    return tag === 0 ? (routedPorts.get(end.name) ?? end.name) : undefined;
  };
  for (const tag of [0, ...vlansOf(switches)]) {
    for (const { ends } of links) {
      const [near, far] = [part(ends[0], tag), part(ends[1], tag)];
      if (near !== undefined && far !== undefined) partition.join(near, far);
    }
  }

  const members: [part: string, member: DomainMember][] = [
    ...switches.flatMap((node) =>
      (node.routing?.interfaces ?? []).map(({ name, address, prefixLength }, interfaceIndex) => {
        const full = `${node.name}.${name}`;
        const member = { node: node.name, name: full, interfaceIndex, isRouter: true, address, prefixLength };
        return [`${node.name}/${name}`, member] as [string, DomainMember];
      }),
    ),
    ...hosts.flatMap((host) =>
      host.interfaces.map(({ name, address, prefixLength, network }, interfaceIndex) => {
        const full = `${host.name}.${name}`;
        const member = { node: host.name, name: full, interfaceIndex, isRouter: false, address, prefixLength, network };
        return [full, member] as [string, DomainMember];
      }),
    ),
  ];
  const domains = new Map<string, DomainMember[]>();
  for (const [name, member] of members) {
    const root = partition.find(name);
    const domain = domains.get(root);
    if (domain === undefined) domains.set(root, [member]);
    else domain.push(member);
  }
  return [...domains.values()].map((joined) => ({ members: joined }));
}

/** A bridge keeps its VLANs apart; one that knows none keeps frames as they are, so that a tag stays what it is. */
function partOfBridge({ name, options }: Switch, port: number, tag: number): string | undefined {
  const spec = options.vlanPorts?.[port];
  if (spec === undefined) return tag === 0 ? `${name}/` : `${name}/tag ${tag}`;
  const untagged = spec.mode === 'access' ? spec.vlan : spec.native;
  if (tag === 0) return untagged === undefined ? undefined : `${name}/${untagged}`;
  return spec.mode === 'trunk' && spec.tagged.includes(tag) ? `${name}/${tag}` : undefined;
}

/** Every VLAN that some trunk carries with a tag. */
function vlansOf(switches: readonly Switch[]): Set<number> {
  const ports = switches.flatMap(({ options }) => options.vlanPorts ?? []);
  return new Set(ports.flatMap((port) => (port.mode === 'trunk' ? port.tagged : [])));
}

/** Sets that only ever merge. */
class Partition {
  private readonly parents = new Map<string, string>();

  find(member: string): string {
    let root = member;
    for (let parent = this.parents.get(root); parent !== undefined; parent = this.parents.get(root)) root = parent;
    return root;
  }

  join(a: string, b: string): void {
    const rootA = this.find(a);
    const rootB = this.find(b);
    if (rootA !== rootB) this.parents.set(rootB, rootA);
  }
}
