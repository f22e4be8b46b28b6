import { assert } from '../../base/assert.ts';
import type { HostInterface } from '../../host/host-interface.ts';
import { parseIpv4Address, parseMac } from '../../packet/addresses.ts';
import type { WorkerHost } from '../../topology/types.ts';

/** A worker's interfaces: the NIC on the data network, and the host's own on the management network. */
export interface WorkerInterfaces {
  readonly all: readonly HostInterface[];
  /** Port numbers. */
  readonly data: number;
  readonly management: number;
}

/** The topology has been checked: addresses parse, and both networks are there. */
export function workerInterfaces(host: WorkerHost): WorkerInterfaces {
  const all = host.interfaces.map((entry) => {
    const mac = parseMac(entry.mac);
    const address = parseIpv4Address(entry.address);
    assert(mac !== undefined && address !== undefined, `${host.name}.${entry.name} has no usable addresses`);
    return { mac, address, prefixLength: entry.prefixLength };
  });
  const indexOf = (network: 'data' | 'management') => {
    const index = host.interfaces.findIndex((entry) => entry.network === network);
    assert(index >= 0, `${host.name} has no ${network} interface`);
    return index;
  };
  return { all, data: indexOf('data'), management: indexOf('management') };
}
