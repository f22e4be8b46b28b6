import { InputError } from '../base/errors.ts';
import { formatIpv4Address, parseIpv4Address } from '../packet/addresses.ts';
import type { BroadcastDomain, DomainMember } from './broadcast-domains.ts';
import type { ComputedRoutes } from './compute-routes.ts';
import { addressOf, contains, formatPrefix, networkOf, parsePrefix } from './prefix.ts';
import type { HostDocument, SwitchDocument } from './schema.ts';
import type { Host, NextHop, Route } from './types.ts';
import type { DocumentPath, PositionOf } from './yaml-document.ts';

/** A node's route as it is written. */
interface WrittenRoute {
  readonly to: string;
  readonly toPath: DocumentPath;
  readonly via: readonly { readonly address: string; readonly path: DocumentPath }[];
}

/** Routes of hosts and switches: those of the file, and computed ones for everything that it leaves open. */
export class RouteResolver {
  private readonly domains: readonly BroadcastDomain[];
  private readonly computed: ComputedRoutes;
  private readonly positionOf: PositionOf;

  constructor(domains: readonly BroadcastDomain[], computed: ComputedRoutes, positionOf: PositionOf) {
    this.domains = domains;
    this.computed = computed;
    this.positionOf = positionOf;
  }

  /**
   * A host with routes or gateways of its own has those alone.
   * @throws InputError
   */
  host(document: HostDocument, path: DocumentPath): Pick<Host, 'routes' | 'interfaceRoutes'> {
    const written = this.writtenOfHost(document, path);
    const { name, interfaces } = document;
    return {
      routes: written.length > 0 ? firstOfEach(written) : this.computed.hostsOf(name),
      interfaceRoutes: interfaces.map((_, index) => {
        if (written.length === 0) return this.computed.interfacesOf(name, index);
        return written.filter(({ nextHops }) => nextHops[0]!.interfaceIndex === index);
      }),
    };
  }

  /** Each interface may have a gateway of its own. */
  private writtenOfHost(document: HostDocument, path: DocumentPath): Route[] {
    const written: WrittenRoute[] = (document.routes ?? []).map(({ to, via }, index) => {
      const routePath = [...path, 'routes', index];
      return { to, toPath: [...routePath, 'to'], via: [{ address: via, path: [...routePath, 'via'] }] };
    });
    const gateways: WrittenRoute[] = [];
    for (const [index, { gateway }] of document.interfaces.entries()) {
      if (gateway === undefined) continue;
      const gatewayPath = [...path, 'interfaces', index, 'gateway'];
      gateways.push({ to: 'default', toPath: gatewayPath, via: [{ address: gateway, path: gatewayPath }] });
    }
    const defaults = gateways.flatMap((route) => this.written(document.name, [route]));
    return [...this.written(document.name, written), ...defaults];
  }

  /**
   * A route of the file replaces the computed one to the same network.
   * @throws InputError
   */
  router(document: SwitchDocument, path: DocumentPath): Route[] {
    const { routes = [], computed = true } = document.routing!;
    const written = this.written(
      document.name,
      routes.map(({ to, via }, index) => {
        const routePath = [...path, 'routing', 'routes', index];
        const viaPath = [...routePath, 'via'];
        const list = typeof via === 'string' ? [via] : via;
        return {
          to,
          toPath: [...routePath, 'to'],
          via: list.map((address, place) => {
            return { address, path: typeof via === 'string' ? viaPath : [...viaPath, place] };
          }),
        };
      }),
    );
    const replaced = new Set(written.map(keyOf));
    const others = computed
      ? this.computed.routersOf(document.name).filter((route) => !replaced.has(keyOf(route)))
      : [];
    return [...written, ...others];
  }

  private written(node: string, routes: readonly WrittenRoute[]): Route[] {
    const seen = new Set<string>();
    return routes.map(({ to, toPath, via }): Route => {
      const parsed = parsePrefix(to);
      const network = parsed === undefined ? 0 : networkOf(parsed.address, parsed.prefixLength);
      if (parsed === undefined || network !== parsed.address) {
        const expected =
          parsed === undefined ? 'a network' : formatPrefix({ network, prefixLength: parsed.prefixLength });
        throw this.fault('bad-route', `route of ${node}: expected ${expected}, got ${to}`, toPath);
      }
      const { prefixLength } = parsed;
      const route: Route = {
        network: formatIpv4Address(network),
        prefixLength,
        nextHops: via.map((hop) => this.nextHop(node, hop.address, hop.path)).sort(byInterface),
        origin: 'static',
      };
      if (seen.has(keyOf(route))) {
        throw this.fault('duplicate-route', `route of ${node}: expected each network once, got ${to} again`, toPath);
      }
      seen.add(keyOf(route));
      const addresses = new Set(via.map((hop) => hop.address));
      if (addresses.size < via.length) {
        throw this.fault('duplicate-route', `route of ${node} to ${to}: expected each next hop once`, toPath);
      }
      return route;
    });
  }

  /** It has to be a router's address on a subnet of the node. */
  private nextHop(node: string, address: string, path: DocumentPath): NextHop {
    const number = parseIpv4Address(address);
    if (number === undefined) {
      throw this.fault('bad-address', `gateway of ${node}: expected an IPv4 address, got ${address}`, path);
    }
    const subnets: string[] = [];
    for (const { members } of this.domains) {
      for (const own of members) {
        if (own.node !== node) continue;
        const prefix = { network: networkOf(addressOf(own.address), own.prefixLength), prefixLength: own.prefixLength };
        subnets.push(formatPrefix(prefix));
        if (!contains(prefix, number)) continue;
        const owner = members.find((member) => member.address === address);
        if (owner?.isRouter === true && owner.node !== node) return { address, interfaceIndex: own.interfaceIndex };
        const got = owner === undefined ? 'which nobody has' : whose(owner, node);
        const routers = members.filter((member) => member.isRouter && member.node !== node);
        const expected =
          routers.length === 0 ? 'a router (there is none there)' : routers.map(({ address }) => address).join(' or ');
        const message = `gateway of ${node}: expected ${expected} on ${formatPrefix(prefix)}, got ${address}, ${got}`;
        throw this.fault('bad-gateway', message, path);
      }
    }
    const message = `gateway of ${node}: expected an address in a subnet of it (${subnets.join(', ')}), got ${address}`;
    throw this.fault('bad-gateway', message, path);
  }

  private fault(code: string, message: string, path: DocumentPath): InputError {
    return new InputError(code, message, this.positionOf(path));
  }
}

function whose(owner: DomainMember, node: string): string {
  return owner.node === node ? 'its own' : `the host interface ${owner.name}`;
}

/** Of several gateways the first interface's is the host's. */
function firstOfEach(routes: readonly Route[]): Route[] {
  return routes.filter((route, index) => routes.findIndex((other) => keyOf(other) === keyOf(route)) === index);
}

function keyOf({ network, prefixLength }: Route): string {
  return `${network}/${prefixLength}`;
}

function byInterface(a: NextHop, b: NextHop): number {
  return a.interfaceIndex - b.interfaceIndex || addressOf(a.address) - addressOf(b.address);
}
