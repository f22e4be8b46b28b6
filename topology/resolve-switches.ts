import { InputError } from '../base/errors.ts';
import type { ProfileLibrary } from './profiles.ts';
import type { RoutingDocument } from './routing-schema.ts';
import type { TopologyDocument } from './schema.ts';
import type { BareSwitch, RouterInterface, SwitchRouting } from './types.ts';
import type { DocumentPath, PositionOf } from './yaml-document.ts';

/**
 * The switches of a file, routes left empty and without what depends on their links. Port numbers count the linked ports only, in the order of the numbers
 * on the device: unlinked ones carry nothing.
 * @throws InputError
 */
export function resolveSwitches(file: TopologyDocument, library: ProfileLibrary, positionOf: PositionOf): BareSwitch[] {
  return file.switches.map((node, index): BareSwitch => {
    const { profile, portCount } = library.switch(node.profile, positionOf(['switches', index, 'profile']));
    const numbers = new Set<number>();
    for (const [linkIndex, link] of file.links.entries()) {
      for (const [side, end] of link.ends.entries()) {
        const [name, port] = splitEnd(end);
        if (name !== node.name) continue;
        const number = Number(port);
        if (!/^[1-9]\d{0,3}$/.test(port) || number > portCount) {
          const message = `link end: expected ${node.name}.1 to ${node.name}.${portCount} (profile ${profile.name}), got '${end}'`;
          throw new InputError('unknown-link-end', message, positionOf(['links', linkIndex, 'ends', side]));
        }
        numbers.add(number);
      }
    }
    const linked = [...numbers].sort((a, b) => a - b);
    const common = {
      name: node.name,
      profile: { ...profile, forwarding: node.forwarding ?? profile.forwarding },
      ports: linked.map((number) => `${node.name}.${number}`),
      flooding: node.flooding ?? true,
    };
    if (node.routing === undefined) return common;
    const path = ['switches', index, 'routing'];
    return { ...common, routing: resolveRouting(node.name, node.routing, linked, path, positionOf) };
  });
}

function resolveRouting(
  name: string,
  routing: RoutingDocument,
  linked: readonly number[],
  path: DocumentPath,
  positionOf: PositionOf,
): SwitchRouting {
  const owners = new Map<number, string>();
  const names = new Set<string>();
  const interfaces = routing.interfaces.map((entry, index): RouterInterface => {
    const entryPath = [...path, 'interfaces', index];
    if (names.has(entry.name)) {
      const message = `duplicate interface name: expected a name of its own, got '${name}.${entry.name}' again`;
      throw new InputError('duplicate-interface', message, positionOf([...entryPath, 'name']));
    }
    names.add(entry.name);
    const ports = entry.ports.map((number, place) => {
      const owner = owners.get(number);
      const port = linked.indexOf(number);
      if (owner !== undefined || port < 0) {
        const got = owner === undefined ? 'which has no link' : `which is in ${name}.${owner}`;
        const message = `interface ${name}.${entry.name}: expected ports with a link, each in one interface, got ${number}, ${got}`;
        throw new InputError('bad-router-port', message, positionOf([...entryPath, 'ports', place]));
      }
      owners.set(number, entry.name);
      return port;
    });
    return { name: entry.name, mac: entry.mac, ...splitAddress(entry.address), ports };
  });
  const without = linked.find((number) => !owners.has(number));
  if (without !== undefined) {
    const message = `routing of ${name}: expected each of its linked ports in an interface, got none for ${name}.${without}`;
    throw new InputError('bad-router-port', message, positionOf([...path, 'interfaces']));
  }
  return { interfaces, routes: [], ecmpSeed: routing.ecmpSeed ?? seedFromName(name) };
}

/** FNV-1a, 32 bits: another seed for every switch, the same one in every run. */
function seedFromName(name: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x0100_0193);
  return hash >>> 0;
}

/** Node and port of a link end. */
export function splitEnd(end: string): [node: string, port: string] {
  const dot = end.indexOf('.');
  return [end.slice(0, dot), end.slice(dot + 1)];
}

export function splitAddress(text: string): { readonly address: string; readonly prefixLength: number } {
  const [address, prefixLength] = text.split('/');
  return { address: address ?? '', prefixLength: Number(prefixLength) };
}
