import type { HostInterface } from '../../host/host-interface.ts';
import { type RouteEntry, RouteTable } from '../../host/route-table.ts';
import { writeMac } from '../../packet/addresses.ts';
import { readUint16, readUint32 } from '../../packet/big-endian.ts';
import { ETHER_TYPE_IPV4, ETHERNET_DESTINATION, ETHERNET_HEADER_OCTETS, ETHERNET_TYPE } from '../../packet/ethernet.ts';
import { IPV4_DESTINATION, IPV4_HEADER_OCTETS } from '../../packet/ipv4.ts';

/**
 * Where a NIC sends what leaves its subnet. Lambdas and the RDMA block know the MAC of whoever asked, or that of the
 * subnet they were compiled for, and no routes; the host's driver gives the NIC the host's routes and the MACs of its
 * routers, and frames get the next hop's MAC on their way out.
 */
export class NicNextHops {
  /** Addresses of the routers whose MACs the driver has to find. */
  readonly routers: readonly number[];
  /** Frames that left with the MAC that they had, since that of their router was not known. */
  unresolved = 0;
  private readonly table: RouteTable;
  private readonly macs = new Map<number, number>();

  /** @param routes those of the NIC's interface alone */
  constructor(own: HostInterface, routes: readonly RouteEntry[]) {
    this.table = new RouteTable([own], routes);
    this.routers = [...new Set(routes.map(({ hops }) => hops[0]!.address))];
  }

  /** The driver found a router. */
  install(router: number, mac: number): void {
    this.macs.set(router, mac);
  }

  /** Writes the next hop's MAC into a frame of ours that is about to leave. */
  apply(frame: Uint8Array): void {
    if (this.routers.length === 0 || frame.length < ETHERNET_HEADER_OCTETS + IPV4_HEADER_OCTETS) return;
    if (readUint16(frame, ETHERNET_TYPE) !== ETHER_TYPE_IPV4) return;
    const hop = this.table.lookUp(readUint32(frame, ETHERNET_HEADER_OCTETS + IPV4_DESTINATION))?.[0];
    if (hop === undefined || hop.address === 0) return;
    const mac = this.macs.get(hop.address);
    if (mac === undefined) this.unresolved++;
    else writeMac(frame, ETHERNET_DESTINATION, mac);
  }
}
