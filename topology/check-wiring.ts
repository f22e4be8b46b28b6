import { InputError } from '../base/errors.ts';
import { checkLoops } from './check-loops.ts';
import type { Topology } from './types.ts';
import type { PositionOf } from './yaml-document.ts';

/**
 * Cables: every interface on exactly one, every switch port on one at most, and no loop of bridges that flood.
 * @throws InputError
 */
export function checkWiring(topology: Topology, positionOf: PositionOf): void {
  checkCables(topology, positionOf);
  checkLoops(topology, positionOf);
  checkEnds(topology, positionOf);
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

/** A host forwards nothing, so a cable between two of them leads nowhere else. */
function checkCables(topology: Topology, positionOf: PositionOf): void {
  const hosts = new Set(topology.hosts.map((host) => host.name));
  for (const [index, link] of topology.links.entries()) {
    const [a, b] = link.ends;
    if (a.node === b.node) {
      const message = `link ${link.name}: expected two nodes, got ${a.node} at both ends`;
      throw new InputError('link-loop', message, positionOf(['links', index]));
    }
    if (hosts.has(a.node) && hosts.has(b.node)) {
      const message = `link ${link.name}: expected a switch at one end, got two hosts`;
      throw new InputError('link-without-switch', message, positionOf(['links', index]));
    }
  }
}
