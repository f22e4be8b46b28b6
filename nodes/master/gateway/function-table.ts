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
  private readonly byNameHash = new Map<number, GatewayFunction[]>();
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
    for (const entry of this.functions) {
      const octets = Uint8Array.from(entry.name, (character) => character.charCodeAt(0));
      const hash = hashOctets(octets, 0, octets.length);
      this.byNameHash.set(hash, [...(this.byNameHash.get(hash) ?? []), entry]);
    }
  }

  /** Until the ids are published every request is refused. */
  get published(): boolean {
    return this.open;
  }

  publish(): void {
    this.open = true;
  }

  /** The function whose name is `octets[start, end)`; found without making a string of it. */
  find(octets: Uint8Array, start: number, end: number): GatewayFunction | undefined {
    const entries = this.byNameHash.get(hashOctets(octets, start, end));
    if (entries === undefined) return undefined;
    for (const entry of entries) if (sameName(entry.name, octets, start, end)) return entry;
    return undefined;
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

/** FNV-1a. */
function hashOctets(octets: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (octets[i] as number), 0x01000193);
  return hash;
}

function sameName(name: string, octets: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) !== octets[start + i]) return false;
  return true;
}
