import { InputError } from '../base/errors.ts';
import { parseIpv4Address } from '../packet/addresses.ts';
import type { BroadcastDomain, DomainMember } from './broadcast-domains.ts';
import { addressOf, formatPrefix, isInterfaceAddress, networkOf, overlap, type Prefix } from './prefix.ts';
import type { Host, Switch, Topology } from './types.ts';
import type { DocumentPath, PositionOf } from './yaml-document.ts';

interface Addressed {
  readonly name: string;
  readonly mac: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly path: DocumentPath;
}

/**
 * Addresses of hosts and routers: usable, each once, and one subnet a broadcast domain.
 * @throws InputError
 */
export function checkAddresses(
  topology: Pick<Topology, 'hosts' | 'switches'>,
  domains: readonly BroadcastDomain[],
  positionOf: PositionOf,
): void {
  const { hosts, switches } = topology;
  checkNetworks(topology, domains, positionOf);
  checkEach([...hosts.flatMap(hostInterfaces), ...switches.flatMap(routerInterfaces)], positionOf);
  const pathOf = (member: DomainMember): DocumentPath => [...memberPath(member, hosts, switches), 'address'];
  checkSubnets(domains, pathOf, positionOf);
}

/** Where the file has an interface. */
export function memberPath(
  member: Pick<DomainMember, 'node' | 'isRouter' | 'interfaceIndex'>,
  hosts: readonly Host[],
  switches: readonly Switch[],
): DocumentPath {
  const { node, isRouter, interfaceIndex } = member;
  if (!isRouter) return ['hosts', hosts.findIndex(({ name }) => name === node), 'interfaces', interfaceIndex];
  return ['switches', switches.findIndex(({ name }) => name === node), 'routing', 'interfaces', interfaceIndex];
}

/** Without a router between them, data and management would be one network. */
function checkNetworks(
  { hosts, switches }: Pick<Topology, 'hosts' | 'switches'>,
  domains: readonly BroadcastDomain[],
  positionOf: PositionOf,
): void {
  for (const { members } of domains) {
    const first = members.find((member) => member.network !== undefined);
    const other = members.find((member) => member.network !== undefined && member.network !== first?.network);
    if (first === undefined || other === undefined) continue;
    const message = `${other.name}: expected the network '${first.network}', as for ${first.name} on the same switches, got '${other.network}'`;
    throw new InputError('mixed-network', message, positionOf(memberPath(other, hosts, switches)));
  }
}

function hostInterfaces(host: Host, index: number): Addressed[] {
  return host.interfaces.map((entry, interfaceIndex) => {
    return { ...entry, name: `${host.name}.${entry.name}`, path: ['hosts', index, 'interfaces', interfaceIndex] };
  });
}

function routerInterfaces(node: Switch, index: number): Addressed[] {
  return (node.routing?.interfaces ?? []).map((entry, interfaceIndex) => {
    const path = ['switches', index, 'routing', 'interfaces', interfaceIndex];
    return { ...entry, name: `${node.name}.${entry.name}`, path };
  });
}

function checkEach(interfaces: readonly Addressed[], positionOf: PositionOf): void {
  const owners = new Map<string, string>();
  for (const entry of interfaces) {
    const { name, mac, address, prefixLength, path } = entry;
    for (const key of ['mac', 'address'] as const) {
      const value = entry[key];
      const owner = owners.get(value);
      if (owner !== undefined) {
        const message = `duplicate ${key}: expected one of its own for ${name}, got ${value} of ${owner}`;
        throw new InputError(`duplicate-${key}`, message, positionOf([...path, key]));
      }
      owners.set(value, name);
    }
    if (Number.parseInt(mac.slice(0, 2), 16) % 2 === 1 || mac === '00:00:00:00:00:00') {
      const message = `mac of ${name}: expected a unicast address, got ${mac}`;
      throw new InputError('bad-mac', message, positionOf([...path, 'mac']));
    }
    const number = parseIpv4Address(address);
    if (number === undefined || !isInterfaceAddress(number, prefixLength)) {
      const message = `address of ${name}: expected a host address and a prefix of 1 to 31, got ${address}/${prefixLength}`;
      throw new InputError('bad-address', message, positionOf([...path, 'address']));
    }
  }
}

/** All interfaces of a domain are on one subnet, and no two domains share addresses. */
function checkSubnets(
  domains: readonly BroadcastDomain[],
  pathOf: (member: DomainMember) => DocumentPath,
  positionOf: PositionOf,
): void {
  const subnets: { readonly prefix: Prefix; readonly first: DomainMember }[] = [];
  for (const { members } of domains) {
    const first = members[0]!;
    const prefix = prefixOf(first);
    for (const member of members) {
      const { network, prefixLength } = prefixOf(member);
      if (network !== prefix.network || prefixLength !== prefix.prefixLength) {
        const message =
          `address of ${member.name}: expected one in ${formatPrefix(prefix)}, the subnet of ${first.name}, which no ` +
          `router separates from it, got ${member.address}/${member.prefixLength}`;
        throw new InputError('bad-address', message, positionOf(pathOf(member)));
      }
    }
    const other = subnets.find((candidate) => overlap(candidate.prefix, prefix));
    if (other !== undefined) {
      const message =
        `address of ${first.name}: expected a subnet that overlaps no other, got ${formatPrefix(prefix)}, and ` +
        `${other.first.name} is in ${formatPrefix(other.prefix)} without a bridge between them`;
      throw new InputError('subnet-overlap', message, positionOf(pathOf(first)));
    }
    subnets.push({ prefix, first });
  }
}

function prefixOf({ address, prefixLength }: DomainMember): Prefix {
  return { network: networkOf(addressOf(address), prefixLength), prefixLength };
}
