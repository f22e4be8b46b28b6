import type { NodeContext } from '../../../time/node.ts';
import type { FunctionTable } from '../gateway/function-table.ts';
import type { WorkerPool } from '../gateway/worker-pool.ts';
import { type FirmwareFile, FirmwareTransfer, RETURN_ATTEMPTS, type TransferEnd } from './firmware-transfer.ts';
import type { ManagementPort } from './management-port.ts';

/** What became of one worker's deployment, for the report. */
export interface Deployment {
  readonly worker: string;
  state: 'transferring' | 'loaded' | 'failed' | 'lost';
  /** Why it failed; empty otherwise. */
  reason: string;
  /** From the announcement to the worker's answer that the firmware runs, ps. */
  durationPs: number;
  chunksSent: number;
  timeouts: number;
  /** How often the worker had lost its firmware and got it again. */
  returns: number;
}

/**
 * The workload manager (paper sections 2.2 and 4.2): it brings the compiled Match+Lambda firmware to every worker and
 * then shares the lambdas' ids with the gateway. Nothing is served before every worker is loaded or known to have
 * failed; the instant of publishing is zero of the emulated workload.
 */
export class WorkloadManager {
  /** When the ids were published, ps; undefined before. */
  publishedPs: number | undefined;
  /** Called when they are. */
  onPublished: () => void = () => {};
  readonly deployments: readonly Deployment[];
  private readonly context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel' | 'record'>;
  private readonly port: ManagementPort;
  private readonly pool: WorkerPool;
  private readonly functions: FunctionTable;
  private readonly file: FirmwareFile;
  private readonly resolveAddress: (address: number) => void;
  private readonly transfers: FirmwareTransfer[] = [];
  private readonly suspects = new Set<number>();
  private remaining: number;

  /** @param resolveAddress asks for the MAC of a NIC on the data network, so that no request has to wait for ARP */
  constructor(
    context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel' | 'record'>,
    port: ManagementPort,
    pool: WorkerPool,
    functions: FunctionTable,
    file: FirmwareFile,
    resolveAddress: (address: number) => void,
  ) {
    this.context = context;
    this.port = port;
    this.pool = pool;
    this.functions = functions;
    this.file = file;
    this.resolveAddress = resolveAddress;
    this.remaining = pool.workers.length;
    this.deployments = pool.workers.map((worker) => ({
      worker: worker.name,
      state: 'transferring',
      reason: '',
      durationPs: 0,
      chunksSent: 0,
      timeouts: 0,
      returns: 0,
    }));
  }

  /** Starts all transfers. */
  start(): void {
    const startPs = this.context.nowPs();
    this.pool.workers.forEach((_, worker) => {
      const deployment = this.deployments[worker] as Deployment;
      const transfer = this.transfer(worker, undefined, (end) => {
        deployment.durationPs = this.context.nowPs() - startPs;
        deployment.chunksSent = transfer.chunksSent;
        deployment.timeouts = transfer.timeouts;
        this.finish(worker, deployment, end);
      });
      transfer.start();
    });
    if (this.remaining === 0) this.publish();
  }

  /**
   * A worker has left a request unanswered: its frames were lost, or it was. Asks it whether its firmware still runs;
   * who does not answer is given no more requests until it has loaded the firmware again.
   */
  suspect(worker: number): void {
    if (!this.pool.isLoaded(worker) || this.suspects.has(worker)) return;
    this.suspects.add(worker);
    this.transfers[worker]!.check((isLoaded) => {
      this.suspects.delete(worker);
      if (!isLoaded) this.deployAgain(worker);
    });
  }

  /** One line that names the workers without firmware, once publishing has come; undefined when all are loaded. */
  failure(): string | undefined {
    const failed = this.deployments.filter((deployment) => deployment.state === 'failed');
    if (failed.length === 0) return undefined;
    const names = failed.map((deployment) => `${deployment.worker} (${deployment.reason})`).join(', ');
    return `the firmware could not be loaded on ${names}`;
  }

  private deployAgain(worker: number): void {
    const deployment = this.deployments[worker] as Deployment;
    const startPs = this.context.nowPs();
    this.pool.markLost(worker);
    deployment.state = 'lost';
    this.context.record({ kind: 'worker-lost', worker: deployment.worker });
    this.transfers[worker]!.forget();
    const transfer = this.transfer(worker, RETURN_ATTEMPTS, (end) => {
      if (!end.loaded) return;
      deployment.state = 'loaded';
      deployment.returns++;
      this.pool.markLoaded(worker);
      this.resolveAddress(this.pool.worker(worker).address);
      const durationPs = this.context.nowPs() - startPs;
      this.context.record({ kind: 'firmware-loaded', worker: deployment.worker, durationPs });
    });
    transfer.start();
  }

  private transfer(
    worker: number,
    patienceAttempts: number | undefined,
    onEnd: (end: TransferEnd) => void,
  ): FirmwareTransfer {
    const transfer = new FirmwareTransfer(this.context, this.port, worker, this.file, onEnd, patienceAttempts);
    this.transfers[worker] = transfer;
    return transfer;
  }

  private finish(worker: number, deployment: Deployment, end: TransferEnd): void {
    if (end.loaded) {
      deployment.state = 'loaded';
      this.pool.markLoaded(worker);
      this.context.record({ kind: 'firmware-loaded', worker: deployment.worker, durationPs: deployment.durationPs });
    } else {
      deployment.state = 'failed';
      deployment.reason = end.reason;
      this.context.record({ kind: 'firmware-failed', worker: deployment.worker, reason: end.reason });
    }
    this.remaining--;
    if (this.remaining === 0) this.publish();
  }

  private publish(): void {
    this.publishedPs = this.context.nowPs();
    this.functions.publish();
    this.pool.workers.forEach((worker, index) => {
      if (this.pool.isLoaded(index)) this.resolveAddress(worker.address);
    });
    for (const entry of this.functions.functions) {
      this.context.record({
        kind: 'lambda-published',
        lambda: entry.name,
        id: entry.id,
        workers: entry.workers.length,
      });
    }
    this.onPublished();
  }
}
