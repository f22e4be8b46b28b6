import { runNodeProcess } from '../../link/node-process.ts';
import type { RunInputs } from '../../topology/run-inputs.ts';
import { createModel } from '../run/node-registry.ts';

/* A node process, of whatever nodes the launcher gives it. */
runNodeProcess((node, context, model) => createModel(node, context, model as RunInputs));
