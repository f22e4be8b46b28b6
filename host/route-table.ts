import { assert } from '../base/assert.ts';
import { parseIpv4Address } from '../packet/addresses.ts';

/** Where a packet goes next. */
export interface Hop {
  /** 0: the destination itself, which is on the interface's subnet. */
  readonly address: number;
  readonly interfaceIndex: number;
}

/** Ways to a network; of equal cost when there are several. Addresses as in packet/addresses.ts. */
export interface RouteEntry {
  readonly network: number;
  readonly prefixLength: number;
  readonly hops: readonly Hop[];
}

interface Connected {
  readonly address: number;
  readonly prefixLength: number;
}

/** A route as topologies have it. */
interface WrittenRoute {
  readonly network: string;
  readonly prefixLength: number;
  readonly nextHops: readonly { readonly address: string; readonly interfaceIndex: number }[];
}

/** Entries for the routes of a topology. */
export function routeEntries(routes: readonly WrittenRoute[]): RouteEntry[] {
  return routes.map(({ network, prefixLength, nextHops }) => ({
    network: numberOf(network),
    prefixLength,
    hops: nextHops.map(({ address, interfaceIndex }) => ({ address: numberOf(address), interfaceIndex })),
  }));
}

/**
 * Routes by longest prefix. The subnets of interfaces are in it without being asked for, and come before routes of the
 * same length. One map a prefix length, longest first: tables have few lengths.
 */
export class RouteTable {
  private readonly levels: readonly {
    readonly mask: number;
    readonly byNetwork: ReadonlyMap<number, readonly Hop[]>;
  }[];

  constructor(interfaces: readonly Connected[], routes: readonly RouteEntry[]) {
    const byLength = new Map<number, Map<number, readonly Hop[]>>();
    const add = (network: number, prefixLength: number, hops: readonly Hop[]): void => {
      const level = byLength.get(prefixLength) ?? new Map<number, readonly Hop[]>();
      byLength.set(prefixLength, level);
      const masked = (network & maskOf(prefixLength)) >>> 0;
      if (!level.has(masked)) level.set(masked, hops);
    };
    for (const [interfaceIndex, { address, prefixLength }] of interfaces.entries()) {
      add(address, prefixLength, [{ address: 0, interfaceIndex }]);
    }
    for (const { network, prefixLength, hops } of routes) {
      assert(hops.length > 0, 'a route without a next hop');
      add(network, prefixLength, hops);
    }
    this.levels = [...byLength]
      .sort(([a], [b]) => b - a)
      .map(([prefixLength, byNetwork]) => ({ mask: maskOf(prefixLength), byNetwork }));
  }

  /** The hops of the longest prefix that has the address; undefined: there is no way. */
  lookUp(address: number): readonly Hop[] | undefined {
    const { levels } = this;
    for (let i = 0; i < levels.length; i++) {
      const { mask, byNetwork } = levels[i]!;
      const hops = byNetwork.get((address & mask) >>> 0);
      if (hops !== undefined) return hops;
    }
    return undefined;
  }
}

function maskOf(prefixLength: number): number {
  return prefixLength === 0 ? 0 : -1 << (32 - prefixLength);
}

function numberOf(text: string): number {
  const address = parseIpv4Address(text);
  assert(address !== undefined, `${text} is no IPv4 address`);
  return address;
}
