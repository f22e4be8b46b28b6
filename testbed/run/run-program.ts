import { createHash } from 'node:crypto';
import { dirname, relative } from 'node:path';
import { InputError } from '../../base/errors.ts';
import { programError } from '../../compiler/diagnostics.ts';
import { writeFirmwareElf } from '../../npu/image/elf-write.ts';
import { PORT_LAMBDA } from '../../packet/udp.ts';
import { nearestName } from '../../topology/nearest-name.ts';
import type { ProgramWorkload } from '../../topology/program-workload.ts';
import { programPorts, type RunInputs } from '../../topology/run-inputs.ts';
import type { Topology } from '../../topology/types.ts';
import { memcachedDefines, nicOf } from '../compile/compile-lambdas.ts';
import { type CompiledProgram, compileProgram } from '../compile/compile-program.ts';
import { warn } from '../compile/print-diagnostics.ts';
import { type ProgramFolder, readProgramFolder, withMemory } from '../compile/program-folder.ts';

/** What the command line may change of a program's workloads. */
export interface ProgramSizes {
  readonly requests: number | undefined;
  readonly concurrency: number | undefined;
}

/**
 * What a run of a user's program is built from: the program compiled for the topology's workers in place of the lambdas
 * that the topology names, and the requests of its workload file.
 * @throws InputError with every error of the program, or when its workload does not fit it
 */
export function prepareProgram(topology: Topology, folder: string, sizes: ProgramSizes): RunInputs {
  const program = readProgramFolder(folder);
  const compiled = compileProgram(program.sources, {
    profile: nicOf(topology),
    link: {},
    surroundings: memcachedDefines(topology),
    imagePathOf: (path) => imagePathOf(path, program),
  });
  const { build, files, lambdaIds } = compiled;
  if (!build.ok) throw programError(`the sources in ${program.path}`, build.diagnostics, files);
  warn(compiled.diagnostics, files);
  const workloads = program.workloads.workloads.map((workload) => resized(workload, sizes));
  checkTargets(workloads, compiled, program);
  const octets = writeFirmwareElf(withMemory(build.image, program));
  const workers = topology.hosts.filter(({ role }) => role === 'worker').map(({ name }) => name);
  const sourceAt = { file: program.path, line: 1, column: 1 };
  const lambdas = Object.keys(lambdaIds).map((name) => ({ name, sourceFolder: program.path, sourceAt, workers }));
  return {
    topology: { ...topology, lambdas, workloads: [] },
    firmware: {
      octets,
      sha256: createHash('sha256').update(octets).digest(),
      lambdaIds,
      sourceFolders: sourceFoldersOf([...files.keys()], program),
    },
    content: { pages: [] },
    program: { name: program.name, workloads },
  };
}

/** Requests go to ports of the workers, or to lambdas that the gateway knows: the port of the lambdas cannot be both. */
function checkTargets(
  workloads: readonly ProgramWorkload[],
  { lambdaIds }: CompiledProgram,
  { name, path }: ProgramFolder,
): void {
  const known = Object.keys(lambdaIds);
  for (const { name: of, target } of workloads) {
    if (target.kind === 'port') continue;
    if (known.includes(target.lambda)) continue;
    const nearest = nearestName(target.lambda, known);
    const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`;
    const expected =
      known.length === 0 ? 'a port, since a whole P4 program has no lambdas by name' : `one of ${known.join(', ')}`;
    throw new InputError(
      'unknown-lambda',
      `${path}/workload.yaml: requests ${of}: no lambda '${target.lambda}': expected ${expected}${hint}`,
    );
  }
  const asksLambdas = workloads.some(({ target }) => target.kind === 'lambda');
  if (asksLambdas && programPorts({ name, workloads }).includes(PORT_LAMBDA)) {
    throw new InputError(
      'two-targets',
      `${path}/workload.yaml: expected requests to lambdas or to port ${PORT_LAMBDA}, where the gateway takes them, got both`,
    );
  }
}

function resized(workload: ProgramWorkload, { requests, concurrency }: ProgramSizes): ProgramWorkload {
  return {
    ...workload,
    requests: requests ?? workload.requests,
    ...(concurrency === undefined ? {} : { concurrency, intervalPs: undefined }),
  };
}

/** The same wherever the program lies, so that the same program gives the same image. */
function imagePathOf(path: string, program: ProgramFolder): string {
  if (path.startsWith('<')) return path;
  const within = relative(program.path, path);
  if (!within.startsWith('..')) return `program/${within}`;
  return `lambdas/runtime/${path.slice(path.lastIndexOf('/') + 1)}`;
}

function sourceFoldersOf(paths: readonly string[], program: ProgramFolder): Record<string, string> {
  const onDisk = paths.filter((path) => !path.startsWith('<'));
  return Object.fromEntries(onDisk.map((path) => [dirname(imagePathOf(path, program)), dirname(path)]));
}
