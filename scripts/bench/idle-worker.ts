import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { NEVER_PS } from '../../base/units.ts';
import { NO_FAULTS } from '../../faults/fault.ts';
import { Network } from '../../link/network.ts';
import { nodeOrder } from '../../testbed/processes/process-plan.ts';
import { createModel } from '../../testbed/run/node-registry.ts';
import { Scheduler } from '../../time/scheduler.ts';
import type { RunInputs } from '../../topology/run-inputs.ts';

/**
 * Memory of a testbed in this process whose workers have their firmware and wait for requests, by worker: what its
 * other nodes take is in it, and little beside so many NICs.
 */
export function idleWorkerOctets(inputs: RunInputs, workers: number): number {
  const before = octetsInUse();
  const nodes = nodeOrder(inputs.topology);
  const scheduler = new Scheduler();
  const network = new Network({ nodes, links: inputs.topology.links, seed: 1, faults: NO_FAULTS }, scheduler, {
    localNodes: new Set(nodes),
    remoteSink: () => {
      throw new Error('all nodes are in this process');
    },
    openCapture: () => undefined,
    observer: { event: () => {}, progress: () => {} },
  });
  for (const node of nodes) {
    // The client would have work for them.
    if (inputs.topology.hosts.some(({ name, role }) => name === node && role === 'client')) continue;
    network.attach(node, (context) => createModel(node, context, inputs));
  }
  for (const { name } of inputs.topology.hosts.filter(({ role }) => role === 'client')) {
    network.attach(name, () => ({
      receiveAt: 'last-bit',
      start() {},
      onFrame() {},
      report: () => ({ counters: {} }),
    }));
  }
  network.start();
  scheduler.run(NEVER_PS);
  const octets = octetsInUse() - before;
  // Still reachable here, or the collector would have taken it all.
  return network.runtimes.size === 0 ? Number.NaN : octets / workers;
}

function octetsInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
