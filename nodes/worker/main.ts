import { assert } from '../../base/assert.ts';
import { runNodeProcess } from '../../link/node-process.ts';
import type { RunInputs } from '../../topology/run-inputs.ts';
import { createWorker } from './worker.ts';

runNodeProcess((node, context, model) => {
  const { topology } = model as RunInputs;
  const host = topology.hosts.find((candidate) => candidate.name === node);
  assert(host?.role === 'worker', `${node} is not a worker of ${topology.name}`);
  return createWorker(context, host);
});
