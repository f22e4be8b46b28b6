import { InputError } from '../base/errors.ts';
import type { Link, Topology } from './types.ts';
import type { PositionOf } from './yaml-document.ts';

/**
 * Cables: every interface on exactly one, every switch port on one at most, no loops, and each network's interfaces
 * on one piece of it.
 * @throws InputError
 */
export function checkWiring(topology: Topology, positionOf: PositionOf): void {
  checkLoops(topology, positionOf);
  checkEnds(topology, positionOf);
  checkSegments(topology, positionOf);
}

function checkEnds(topology: Topology, positionOf: PositionOf): void {
  const names = new Set<string>();
  const linkOf = new Map<string, string>();
  for (const [index, link] of topology.links.entries()) {
    const path = ['links', index];
    if (names.has(link.name)) {
      const message = `duplicate link name: expected a name of its own, got '${link.name}' again`;
      throw new InputError('duplicate-link', message, positionOf([...path, 'name']));
    }
    names.add(link.name);
    for (const [side, end] of link.ends.entries()) {
      const other = linkOf.get(end.name);
      if (other !== undefined) {
        const message = `link end: expected one that is free, got '${end.name}', which is on link ${other}`;
        throw new InputError('link-end-used-twice', message, positionOf([...path, 'ends', side]));
      }
      linkOf.set(end.name, link.name);
    }
  }
  for (const [index, host] of topology.hosts.entries()) {
    for (const [interfaceIndex, entry] of host.interfaces.entries()) {
      if (linkOf.has(`${host.name}.${entry.name}`)) continue;
      const message = `interface ${host.name}.${entry.name}: expected a link to it, got none`;
      throw new InputError('unlinked-interface', message, positionOf(['hosts', index, 'interfaces', interfaceIndex]));
    }
  }
  for (const [index, node] of topology.switches.entries()) {
    if (node.ports.length > 0) continue;
    const message = `switch ${node.name}: expected at least one link to it, got none`;
    throw new InputError('unlinked-switch', message, positionOf(['switches', index]));
  }
}

/** Flooding needs a network without loops, since there is no spanning tree; emulated time needs a tree of processes. */
function checkLoops(topology: Topology, positionOf: PositionOf): void {
  const hosts = new Set(topology.hosts.map((host) => host.name));
  const segments = new Partition();
  for (const [index, link] of topology.links.entries()) {
    const [a, b] = link.ends;
    const path = ['links', index];
    if (a.node === b.node) {
      const message = `link ${link.name}: expected two nodes, got ${a.node} at both ends`;
      throw new InputError('link-loop', message, positionOf(path));
    }
    if (hosts.has(a.node) && hosts.has(b.node)) {
      const message = `link ${link.name}: expected a switch at one end, got two hosts`;
      throw new InputError('link-without-switch', message, positionOf(path));
    }
    if (!hosts.has(a.node) && !hosts.has(b.node) && !segments.join(a.node, b.node)) {
      const message = `link ${link.name}: expected switches without a loop, since there is no spanning tree, got a second way`;
      throw new InputError('switch-loop', message, positionOf(path));
    }
  }
}

/** All interfaces of one network must reach one another, and those of different networks must not. */
function checkSegments(topology: Topology, positionOf: PositionOf): void {
  const switches = new Set(topology.switches.map((node) => node.name));
  const segments = new Partition();
  for (const link of topology.links) {
    if (switches.has(link.ends[0].node) && switches.has(link.ends[1].node))
      segments.join(link.ends[0].node, link.ends[1].node);
  }
  const segmentOfNetwork = new Map<string, { segment: string; name: string }>();
  const networkOfSegment = new Map<string, { network: string; name: string }>();
  for (const [index, link] of topology.links.entries()) {
    const attached = attachment(link, topology, switches);
    if (attached === undefined) continue;
    const { network, name, switchName } = attached;
    const segment = segments.find(switchName);
    const path = ['links', index];
    const sameNetwork = segmentOfNetwork.get(network);
    if (sameNetwork !== undefined && sameNetwork.segment !== segment) {
      const message = `network '${network}': expected ${name} on the same switches as ${sameNetwork.name}, got ${switchName}`;
      throw new InputError('split-network', message, positionOf(path));
    }
    segmentOfNetwork.set(network, sameNetwork ?? { segment, name });
    const sameSegment = networkOfSegment.get(segment);
    if (sameSegment !== undefined && sameSegment.network !== network) {
      const message = `switch ${switchName}: expected network '${sameSegment.network}' as for ${sameSegment.name}, got '${network}' for ${name}`;
      throw new InputError('mixed-network', message, positionOf(path));
    }
    networkOfSegment.set(segment, sameSegment ?? { network, name });
  }
}

function attachment(
  link: Link,
  topology: Topology,
  switches: ReadonlySet<string>,
): { network: string; name: string; switchName: string } | undefined {
  const [first, second] = link.ends;
  const hostEnd = switches.has(first.node) ? second : first;
  const switchEnd = switches.has(first.node) ? first : second;
  const entry = topology.hosts.find((host) => host.name === hostEnd.node)?.interfaces[hostEnd.port];
  return entry && { network: entry.network, name: hostEnd.name, switchName: switchEnd.node };
}

/** Sets that only ever merge. */
class Partition {
  private readonly parents = new Map<string, string>();

  find(member: string): string {
    let root = member;
    for (let parent = this.parents.get(root); parent !== undefined; parent = this.parents.get(root)) root = parent;
    return root;
  }

  /** @returns false when both were in one set already */
  join(a: string, b: string): boolean {
    const rootA = this.find(a);
    const rootB = this.find(b);
    if (rootA === rootB) return false;
    this.parents.set(rootB, rootA);
    return true;
  }
}
