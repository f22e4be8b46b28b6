import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError, type SourcePosition } from '../../base/errors.ts';
import { messagePath, projectFolder } from '../../topology/load-topology.ts';
import type { LambdaPlacement, Topology } from '../../topology/types.ts';

const RUNTIME = 'runtime';
const MATCH_STAGE = 'match.p4';

/** One folder of sources, read. */
export interface SourceFolder {
  /** As people name it: relative to the working directory when it is within, absolute otherwise. */
  readonly path: string;
  /** As the firmware names it, the same wherever the folder lies: `lambdas/web-server`. */
  readonly imagePath: string;
  /** Text by path as people name it, of every `.c`, `.h` and `.p4` file. */
  readonly files: ReadonlyMap<string, string>;
  /** Its Micro-C files as people name them, sorted. */
  readonly microC: readonly string[];
}

/** Everything that a topology's firmware is compiled from. */
export interface LambdaSources {
  readonly runtime: SourceFolder;
  /** The user brought it, and with it the match stage; otherwise it is the project's. */
  readonly hasOwnRuntime: boolean;
  /** Path of the match stage as people name it; one of the runtime's files. */
  readonly matchStage: string;
  /** In the order of `topology.lambdas`. */
  readonly lambdas: readonly SourceFolder[];
}

/**
 * Reads the folders of the topology's lambdas and of the runtime: the folder `runtime` beside the lambdas' folders, so
 * that a copy of the project's `lambdas/` is compiled whole, and the project's where there is none.
 * @throws InputError at the lambda in the topology file, when a folder or a file that is needed is not there
 */
export function readLambdaSources(topology: Topology): LambdaSources {
  const lambdas = topology.lambdas.map((lambda, index) => {
    const other = topology.lambdas.findIndex((candidate) => candidate.sourceFolder === lambda.sourceFolder);
    if (other < index) {
      const message = `lambda ${lambda.name}: expected a folder of its own, got that of ${topology.lambdas[other]!.name}`;
      throw new InputError('shared-lambda-folder', message, lambda.sourceAt);
    }
    return readFolder(lambda.sourceFolder, lambda.name, `lambda ${lambda.name}`, lambda.sourceAt);
  });
  const own = ownRuntime(topology.lambdas);
  const runtimeFolder = own?.folder ?? projectRuntime();
  const what = own === undefined ? 'runtime' : `runtime beside lambda ${own.lambda.name}`;
  const runtime = readFolder(runtimeFolder, RUNTIME, what, own?.lambda.sourceAt);
  const matchStage = join(runtime.path, MATCH_STAGE);
  if (!runtime.files.has(matchStage)) {
    const message = `${what}: expected ${matchStage}, got none: copy ${messagePath(projectRuntime())} there and change it, or give the folder another name`;
    throw new InputError('no-match-stage', message, own?.lambda.sourceAt);
  }
  return { runtime, hasOwnRuntime: own !== undefined, matchStage, lambdas };
}

function projectRuntime(): string {
  return join(projectFolder(), 'lambdas', RUNTIME);
}

/** The runtime that the user brought, and a lambda that it lies beside. */
function ownRuntime(
  lambdas: readonly LambdaPlacement[],
): { readonly folder: string; readonly lambda: LambdaPlacement } | undefined {
  let own: { readonly folder: string; readonly lambda: LambdaPlacement } | undefined;
  for (const lambda of lambdas) {
    const beside = join(dirname(lambda.sourceFolder), RUNTIME);
    if (statSync(beside, { throwIfNoEntry: false })?.isDirectory() !== true) continue;
    const folder = realpathSync(beside);
    if (folder === realpathSync(projectRuntime()) || folder === own?.folder) continue;
    if (own !== undefined) {
      const message = `lambda ${lambda.name}: expected one runtime for all lambdas, got ${messagePath(folder)} and, beside lambda ${own.lambda.name}, ${messagePath(own.folder)}`;
      throw new InputError('two-runtimes', message, lambda.sourceAt);
    }
    own = { folder, lambda };
  }
  return own;
}

function readFolder(folder: string, name: string, what: string, usedAt: SourcePosition | undefined): SourceFolder {
  const path = messagePath(folder);
  const files = new Map<string, string>();
  try {
    for (const file of readdirSync(folder).sort()) {
      if (/\.(c|h|p4)$/.test(file)) files.set(join(path, file), readFileSync(join(folder, file), 'utf8'));
    }
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    const message = `${what}: expected a folder with Micro-C files, got '${path}', which cannot be read (${reason})`;
    throw new InputError('unreadable-lambda', message, usedAt);
  }
  const microC = [...files.keys()].filter((file) => file.endsWith('.c'));
  if (microC.length === 0) {
    const message = `${what}: expected a Micro-C file such as ${join(path, `${name}.c`)}, got none`;
    throw new InputError('unreadable-lambda', message, usedAt);
  }
  return { path, imagePath: `lambdas/${name}`, files, microC };
}
