import type { PlacementPolicy, WorkerPool } from './worker-pool.ts';

/**
 * Functions that work on what another left in NIC memory: their requests go to the worker that holds the lease named by
 * the first word of the body.
 */
const FUNCTIONS_ON_LEASES: ReadonlySet<string> = new Set(['image-mean']);

/** A lambda that the gateway can call. */
export interface GatewayFunction {
  readonly index: number;
  readonly name: string;
  /** The `wId` that the match stage looks up. */
  readonly id: number;
  /** Indices of the workers that carry it. */
  readonly workers: readonly number[];
  readonly onLease: boolean;
  /** Position in `workers` where the next choice starts. */
  turn: number;
}

/** Which function has which lambda id and which workers: what the workload manager publishes (paper section 4.2). */
export class FunctionTable {
  readonly functions: readonly GatewayFunction[];
  private readonly byName = new Map<string, GatewayFunction>();
  private open = false;

  constructor(lambdas: readonly { readonly name: string; readonly id: number; readonly workers: readonly number[] }[]) {
    this.functions = lambdas.map((lambda, index) => ({
      index,
      name: lambda.name,
      id: lambda.id,
      workers: lambda.workers,
      onLease: FUNCTIONS_ON_LEASES.has(lambda.name),
      turn: 0,
    }));
    for (const entry of this.functions) this.byName.set(entry.name, entry);
  }

  /** Until the ids are published every request is refused. */
  get published(): boolean {
    return this.open;
  }

  publish(): void {
    this.open = true;
  }

  find(name: string): GatewayFunction | undefined {
    return this.byName.get(name);
  }

  /** A loaded worker for the next request, or -1. */
  chooseWorker(
    target: GatewayFunction,
    pool: WorkerPool,
    policy: PlacementPolicy,
    accepts?: (worker: number) => boolean,
  ): number {
    const position = pool.choose(target.workers, policy, target.turn, accepts);
    if (position < 0) return -1;
    target.turn = position + 1 === target.workers.length ? 0 : position + 1;
    return target.workers[position] as number;
  }
}
