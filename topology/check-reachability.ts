import { InputError } from '../base/errors.ts';
import type { BroadcastDomain } from './broadcast-domains.ts';
import { ForwardingPaths } from './forwarding-path.ts';
import type { Host, Topology } from './types.ts';
import type { PositionOf } from './yaml-document.ts';

type Network = 'data' | 'management';

/**
 * Everybody reaches whom they have to talk to, there and back: M1 its workers on both networks, the client M1 and, for
 * RDMA, the workers.
 * @throws InputError
 */
export function checkReachability(
  topology: Topology,
  domains: readonly BroadcastDomain[],
  positionOf: PositionOf,
): void {
  const paths = new ForwardingPaths(topology.hosts, topology.switches, domains);
  const check = (from: Host, to: Host, network: Network): void => {
    for (const [index, entry] of to.interfaces.entries()) {
      if (entry.network !== network) continue;
      const fault = paths.faultTo(from.name, entry.address);
      if (fault === undefined) continue;
      const path = ['hosts', topology.hosts.indexOf(to), 'interfaces', index];
      const message = `${to.name}.${entry.name}: expected a way from ${from.name} on the network '${network}', got none: ${fault}`;
      throw new InputError('unreachable-host', message, positionOf(path));
    }
  };
  const [master] = topology.hosts.filter((host) => host.role === 'master');
  const [client] = topology.hosts.filter((host) => host.role === 'client');
  const both = (a: Host, b: Host, network: Network): void => {
    check(a, b, network);
    check(b, a, network);
  };
  both(master!, client!, 'data');
  for (const worker of topology.hosts) {
    if (worker.role !== 'worker') continue;
    both(master!, worker, 'data');
    both(client!, worker, 'data');
    both(master!, worker, 'management');
  }
}
