import type { NodeContext, NodeModel } from '../../time/node.ts';
import type { WorkerHost } from '../../topology/types.ts';
import { NullWorker } from './null-worker.ts';
import { SmartNicWorker } from './smart-nic-worker.ts';

/** The model of a worker: host and SmartNIC (paper section 6.1.2), or one that answers at once. */
export function createWorker(context: NodeContext, host: WorkerHost): NodeModel {
  return host.backend === 'null' ? new NullWorker(context, host) : new SmartNicWorker(context, host);
}
