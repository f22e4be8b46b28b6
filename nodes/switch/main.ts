import { assert } from '../../base/assert.ts';
import { runNodeProcess } from '../../link/node-process.ts';
import type { RunInputs } from '../../topology/run-inputs.ts';
import { createSwitch } from './switch.ts';

runNodeProcess((node, context, model) => {
  const { topology } = model as RunInputs;
  const spec = topology.switches.find((candidate) => candidate.name === node);
  assert(spec !== undefined, `${node} is not a switch of ${topology.name}`);
  return createSwitch(context, spec);
});
