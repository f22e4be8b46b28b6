import { assert } from '../../../base/assert.ts';

export type PlacementPolicy = 'round-robin' | 'least-outstanding';

/** Something that runs lambdas, as M1 knows it: a worker, or one NIC of a worker with several. */
export interface PoolWorker {
  /** Of the worker; with several NICs `m2.nic1`. */
  readonly name: string;
  /** Number of the NIC within the worker. */
  readonly nic: number;
  /** Of its NIC on the data network. */
  readonly address: number;
  readonly mac: number;
  /** Of its host on the management network. */
  readonly managementAddress: number;
  /** RDMA slots of the NIC, and the room for head and input, and for output, in each. */
  readonly slots: number;
  readonly slotInputOctets: number;
  readonly slotOutputOctets: number;
}

/** The workers, which of them are loaded, and how much each has to do. */
export class WorkerPool {
  readonly workers: readonly PoolWorker[];
  /** 1 for a worker whose firmware runs. */
  private readonly loaded: Uint8Array;
  private readonly outstanding: Int32Array;
  private readonly indexByAddress = new Map<number, number>();
  private readonly indicesByManagementAddress = new Map<number, number[]>();

  constructor(workers: readonly PoolWorker[]) {
    this.workers = workers;
    this.loaded = new Uint8Array(workers.length);
    this.outstanding = new Int32Array(workers.length);
    workers.forEach((worker, index) => {
      this.indexByAddress.set(worker.address, index);
      const nics = this.indicesByManagementAddress.get(worker.managementAddress) ?? [];
      nics[worker.nic] = index;
      this.indicesByManagementAddress.set(worker.managementAddress, nics);
    });
  }

  /** Index of the worker with this address on the data network, or -1. */
  indexOf(address: number): number {
    return this.indexByAddress.get(address) ?? -1;
  }

  /** Index of a NIC of the host with this address on the management network, or -1. */
  indexOfManagement(address: number, nic: number): number {
    return this.indicesByManagementAddress.get(address)?.[nic] ?? -1;
  }

  worker(index: number): PoolWorker {
    const worker = this.workers[index];
    assert(worker !== undefined, 'a worker index out of range');
    return worker;
  }

  markLoaded(index: number): void {
    this.loaded[index] = 1;
  }

  /** The worker's firmware does not run any more. */
  markLost(index: number): void {
    this.loaded[index] = 0;
  }

  isLoaded(index: number): boolean {
    return this.loaded[index] === 1;
  }

  begin(index: number): void {
    this.outstanding[index] = (this.outstanding[index] as number) + 1;
  }

  end(index: number): void {
    this.outstanding[index] = (this.outstanding[index] as number) - 1;
    assert((this.outstanding[index] as number) >= 0, 'a worker finished more requests than it was given');
  }

  outstandingOf(index: number): number {
    return this.outstanding[index] as number;
  }

  /**
   * Chooses among candidates.
   * @param candidates worker indices
   * @param turn where a round starts: position in `candidates`
   * @param accepts further condition, such as a free slot
   * @returns position in `candidates`, or -1 when none is loaded and accepted
   */
  choose(
    candidates: readonly number[],
    policy: PlacementPolicy,
    turn: number,
    accepts: ((worker: number) => boolean) | undefined,
  ): number {
    let chosen = -1;
    for (let i = 0; i < candidates.length; i++) {
      let position = turn + i;
      if (position >= candidates.length) position -= candidates.length;
      const worker = candidates[position] as number;
      if (this.loaded[worker] !== 1 || accepts?.(worker) === false) continue;
      if (policy === 'round-robin') return position;
      if (
        chosen < 0 ||
        (this.outstanding[worker] as number) < (this.outstanding[candidates[chosen] as number] as number)
      ) {
        chosen = position;
      }
    }
    return chosen;
  }
}
