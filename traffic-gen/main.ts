import { runNodeProcess } from '../link/node-process.ts';
import type { RunInputs } from '../topology/run-inputs.ts';
import { clientSpecOf, createClient } from './client.ts';

runNodeProcess((_node, context, model) => createClient(context, clientSpecOf(model as RunInputs)));
