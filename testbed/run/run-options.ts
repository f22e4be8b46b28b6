import { InputError } from '../../base/errors.ts';
import type { DatagramSystem } from '../../link/supervision.ts';
import { defaultPlacement, placeOver } from '../../topology/resolve-placement.ts';
import type { Placement, Topology, WorkloadSpec } from '../../topology/types.ts';

export const WORKLOAD_NAMES = ['web', 'key-value', 'image'] as const;
export type WorkloadName = (typeof WORKLOAD_NAMES)[number];

/** What `testbed run` was asked for, after the command line was checked. */
export interface RunOptions {
  readonly topology: string;
  /** Folder of a program that takes the place of the topology's lambdas and workloads. */
  readonly program: string | undefined;
  /** File of faults in place of the topology's. */
  readonly faults: string | undefined;
  readonly workload: WorkloadName | 'all';
  /** For each workload; undefined: as the topology says. */
  readonly requests: number | undefined;
  readonly concurrency: number | undefined;
  readonly seed: number;
  readonly transport: 'udp' | 'memory';
  readonly pin: 'auto' | 'on' | 'off';
  /** How nodes are spread over processes; a number or `per-node` takes the place of the topology's placement. */
  readonly processes: 'auto' | 'per-node' | number;
  /** What other machines' `testbed node` was started with. */
  readonly token: string | undefined;
  readonly dropDatagrams: number;
  readonly datagrams: 'auto' | DatagramSystem;
  readonly capture: boolean;
  readonly pcapPrecision: 'ns' | 'us';
  readonly out: string | undefined;
  readonly overwrite: boolean;
  readonly image: string | undefined;
  readonly json: boolean;
  /** A memcached outside the emulation, behind M1's address; absent: M1's own. */
  readonly memcached?: { readonly host: string; readonly port: number } | undefined;
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

/** More processes than that on one machine spend their time on one another. */
const MOST_PROCESSES_BY_ITSELF = 32;

/**
 * Nodes to processes for a run over UDP: as the topology says, but a topology of very many nodes without a placement of
 * its own is spread over as many processes as there are cores.
 */
export function choosePlacement(topology: Topology, { processes }: RunOptions, cores: number): Placement {
  if (processes === 'auto') {
    const isOwn = topology.placement.hosts.length > 0;
    if (isOwn || topology.placement.processes.length <= MOST_PROCESSES_BY_ITSELF) return topology.placement;
    return placeOver(cores + 1, topology);
  }
  if (topology.placement.hosts.length > 0) {
    throw new InputError(
      'placed-twice',
      `--processes: expected auto with ${topology.file}, whose placement names other machines, got ${processes}`,
    );
  }
  return processes === 'per-node' ? defaultPlacement(topology) : placeOver(processes, topology);
}

/**
 * The secret that launcher and other machines prove themselves by; undefined where everything runs here.
 * @param makeToken for machines that the launcher starts itself
 */
export function chooseToken(placement: Placement, options: RunOptions, makeToken: () => string): string | undefined {
  const used = placement.hosts.filter(({ name }) => placement.processes.some(({ host }) => host === name));
  if (used.length === 0) return undefined;
  if (options.token !== undefined) return options.token;
  const byHand = used.find(({ start }) => start === undefined);
  if (byHand === undefined) return makeToken();
  throw new InputError(
    'no-token',
    `placement host ${byHand.name} is started by hand: expected --token or LAMBDA_NIC_TOKEN with what ` +
      `'testbed node --listen ${byHand.address}:${byHand.port}' was given or printed`,
  );
}
