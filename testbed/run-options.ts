import { InputError } from '../base/errors.ts';
import type { DatagramSystem } from '../link/supervision.ts';
import type { Topology, WorkloadSpec } from '../topology/types.ts';

export const WORKLOAD_NAMES = ['web', 'key-value', 'image'] as const;
export type WorkloadName = (typeof WORKLOAD_NAMES)[number];

/** What `testbed run` was asked for, after the command line was checked. */
export interface RunOptions {
  readonly topology: string;
  /** Folder of a program that takes the place of the topology's lambdas and workloads. */
  readonly program: string | undefined;
  readonly workload: WorkloadName | 'all';
  /** For each workload; undefined: as the topology says. */
  readonly requests: number | undefined;
  readonly concurrency: number | undefined;
  readonly seed: number;
  readonly transport: 'udp' | 'memory';
  readonly pin: 'auto' | 'on' | 'off';
  readonly dropDatagrams: number;
  readonly datagrams: 'auto' | DatagramSystem;
  readonly capture: boolean;
  readonly pcapPrecision: 'ns' | 'us';
  readonly out: string | undefined;
  readonly overwrite: boolean;
  readonly image: string | undefined;
  readonly json: boolean;
}

/** The workloads that a run carries: the topology's, narrowed and resized by the command line. */
export function chooseWorkloads(topology: Topology, options: RunOptions): WorkloadSpec[] {
  const chosen = topology.workloads.filter(({ name }) => options.workload === 'all' || options.workload === name);
  if (chosen.length === 0) {
    const known = topology.workloads.map(({ name }) => name).join(', ');
    throw new InputError(
      'workload-not-in-topology',
      `${topology.file} has no workload '${options.workload}': expected one of ${known === '' ? 'none' : known}`,
    );
  }
  return chosen.map((workload) => ({
    ...workload,
    requests: options.requests ?? workload.requests,
    concurrency: options.concurrency ?? workload.concurrency,
  }));
}

/**
 * Pinning all processes to one core wins while little is outstanding, because then a run is a chain of wake-ups and a
 * wake-up on another core costs more than the work; with much outstanding the processes have work in parallel.
 */
export function choosePinning(
  options: RunOptions,
  workloads: readonly { readonly concurrency: number }[],
  possible: boolean,
): boolean {
  if (options.pin === 'off') return false;
  if (options.pin === 'on') {
    if (!possible) throw new InputError('cannot-pin', '--pin on needs the taskset command of util-linux');
    return true;
  }
  const outstanding = Math.max(...workloads.map((workload) => workload.concurrency));
  return possible && outstanding <= PINNED_OUTSTANDING_LIMIT;
}

/** System calls of our own where they work: they carry several times what Node's sockets do. */
export function chooseDatagrams(options: RunOptions, possible: boolean): DatagramSystem {
  if (options.datagrams === 'dgram') return 'dgram';
  if (possible) return 'native';
  if (options.datagrams === 'auto') return 'dgram';
  throw new InputError(
    'no-native-datagrams',
    '--datagrams native needs 64-bit Linux with glibc and the optional package koffi: npm install koffi',
  );
}

const PINNED_OUTSTANDING_LIMIT = 16;
