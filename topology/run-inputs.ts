import type { ProgramWorkload } from './program-workload.ts';
import type { Topology, WorkloadSpec } from './types.ts';

/** What every model of a run is built from; plain data, so that it crosses to another process as it is. */
export interface RunInputs {
  /** With the workloads that this run carries, as the command line narrowed and resized them. */
  readonly topology: Topology;
  readonly firmware: RunFirmware;
  readonly content: RunContent;
  /** A program of the user's, in place of the topology's lambdas and workloads. */
  readonly program?: RunProgram;
  /** People outside call functions while the run goes on, and want to know who served them. */
  readonly isServing?: boolean;
  /** M1 has a real memcached behind it; absent: the one of this project. */
  readonly memcached?: 'real';
  /** Benchmarks only. */
  readonly load?: RunLoad;
}

/** A user's program, beside its firmware. */
export interface RunProgram {
  readonly name: string;
  /** Phases, in this order. */
  readonly workloads: readonly ProgramWorkload[];
}

/** UDP ports that the program's requests go to; none for one that is asked by lambda alone. */
export function programPorts(program: RunProgram | undefined): number[] {
  const ports = (program?.workloads ?? []).flatMap(({ target }) => (target.kind === 'port' ? [target.port] : []));
  return [...new Set(ports)];
}

/** The firmware that the workload manager deploys. */
export interface RunFirmware {
  /** The ELF file, as it crosses the management network. */
  readonly octets: Uint8Array;
  /** SHA-256 of `octets`, 32 octets. */
  readonly sha256: Uint8Array;
  /** Lambda name to the id that the gateway inserts. */
  readonly lambdaIds: Readonly<Record<string, number>>;
  /**
   * Where the folders of sources lie, by the name that the image has for them (`lambdas/web-server`): relative to the
   * working directory or absolute. Absent: made without sources (benchmarks of the emulator).
   */
  readonly sourceFolders?: Readonly<Record<string, string>>;
}

/** What the client compares answers with, and sends. */
export interface RunContent {
  /** Texts of the web lambda, by page number. */
  readonly pages: readonly string[];
  /** The user's picture, RGBA; absent: pictures are drawn from the seed. */
  readonly image?: { readonly width: number; readonly height: number; readonly pixels: Uint8Array };
}

/** Messages of one size to null workers, in place of the topology's workloads: what the emulator itself can carry. */
export interface RunLoad extends Omit<WorkloadSpec, 'name' | 'imageWidth' | 'imageHeight'> {
  readonly bodyOctets: number;
  /** Ask the workers straight with this lambda id; absent: through the gateway. */
  readonly directWorkloadId?: number;
}
