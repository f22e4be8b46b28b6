import { assert } from '../../base/assert.ts';
import { createMaster } from '../../nodes/master/master.ts';
import { createSwitch } from '../../nodes/switch/switch.ts';
import { createWorker } from '../../nodes/worker/worker.ts';
import type { NodeContext, NodeModel } from '../../time/node.ts';
import type { RunInputs } from '../../topology/run-inputs.ts';
import { clientSpecOf, createClient } from '../../traffic-gen/client.ts';

/**
 * Builds any node's model, for runs in one process and for the processes of others. The only place that knows them all.
 */
export function createModel(node: string, context: NodeContext, inputs: RunInputs): NodeModel {
  const { topology, firmware, program, isServing, memcached } = inputs;
  const switchSpec = topology.switches.find((candidate) => candidate.name === node);
  if (switchSpec !== undefined) return createSwitch(context, switchSpec);
  const host = topology.hosts.find((candidate) => candidate.name === node);
  assert(host !== undefined, `${node} is not a node of ${topology.name}`);
  switch (host.role) {
    case 'master':
      return createMaster(context, { host, topology, firmware, program, isServing, memcached });
    case 'worker':
      return createWorker(context, host);
    case 'client':
      return createClient(context, clientSpecOf(inputs));
  }
}
