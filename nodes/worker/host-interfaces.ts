import { assert } from '../../base/assert.ts';
import type { HostInterface } from '../../host/host-interface.ts';
import { parseIpv4Address, parseMac } from '../../packet/addresses.ts';
import type { WorkerHost } from '../../topology/types.ts';

/** A worker's interfaces: its NICs on the data network, and the host's own on the management network. */
export interface WorkerInterfaces {
  readonly all: readonly HostInterface[];
  /** Port number. */
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
  const management = host.interfaces.findIndex((entry) => entry.network === 'management');
  assert(management >= 0, `${host.name} has no management interface`);
  return { all, management };
}
