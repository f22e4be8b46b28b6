import { assert } from '../../base/assert.ts';
import { runNodeProcess } from '../../link/node-process.ts';
import type { RunInputs } from '../../topology/run-inputs.ts';
import { createMaster } from './master.ts';

runNodeProcess((node, context, model) => {
  const { topology, firmware, program, isServing } = model as RunInputs;
  const host = topology.hosts.find((candidate) => candidate.name === node);
  assert(host?.role === 'master', `${node} is not the master of ${topology.name}`);
  return createMaster(context, { host, topology, firmware, program, isServing });
});
