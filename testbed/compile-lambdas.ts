import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { InputError } from '../base/errors.ts';
import { buildFirmware } from '../compiler/build-firmware.ts';
import { type Diagnostic, formatDiagnostic } from '../compiler/diagnostics.ts';
import { assignLambdaIds } from '../nodes/master/workload-manager/lambda-ids.ts';
import { writeFirmwareElf } from '../npu/elf-write.ts';
import { parseIpv4Address, parseMac } from '../packet/addresses.ts';
import { projectFolder } from '../topology/load-topology.ts';
import type { LambdaPlacement, MasterHost, Topology, WorkerHost } from '../topology/types.ts';

const RUNTIME = 'lambdas/runtime';
const MATCH_STAGE = `${RUNTIME}/match.p4`;

export interface CompiledLambdas {
  /** The firmware image as an ELF file. */
  readonly octets: Uint8Array;
  readonly lambdaIds: Readonly<Record<string, number>>;
}

/**
 * Compiles the lambdas of a topology, with the runtime and the match stage, to the one firmware that all workers run.
 * Ids are the workload manager's.
 * @throws InputError with every error of the programs, each with `file:line:column`
 */
export function compileLambdas(topology: Topology): CompiledLambdas {
  const sources = new SourceTree();
  sources.add(RUNTIME, join(projectFolder(), RUNTIME));
  for (const lambda of topology.lambdas) sources.add(folderOf(lambda), lambda.sourceFolder);
  const lambdaIds = assignLambdaIds(topology);
  const lambdas = topology.lambdas.map((lambda) => {
    checkMatchStage(lambda, sources);
    return { name: lambda.name, id: lambdaIds[lambda.name]!, microC: sources.microC(folderOf(lambda)) };
  });
  const build = buildFirmware({
    files: sources.files,
    p4: MATCH_STAGE,
    runtime: sources.microC(RUNTIME),
    lambdas,
    includePaths: [RUNTIME],
    defines: memcachedDefines(topology),
    profile: nicOf(topology),
  });
  if (!build.ok) throw programErrors(build.diagnostics, sources);
  return {
    octets: writeFirmwareElf(build.image),
    lambdaIds,
  };
}

/** Where a lambda's files stand in the compiler's eyes: the same on every machine, so that the image is too. */
function folderOf(lambda: LambdaPlacement): string {
  return `lambdas/${lambda.name}`;
}

/** The sources under the paths that the compiler sees, and where each was read. */
class SourceTree {
  readonly files = new Map<string, string>();
  private readonly realPaths = new Map<string, string>();

  add(folder: string, realFolder: string): void {
    let names: string[];
    try {
      names = readdirSync(realFolder).filter((name) => /\.(c|h|p4)$/.test(name));
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? String(error);
      throw new InputError('unreadable-lambda', `lambda folder '${realFolder}' cannot be read (${reason})`);
    }
    if (!names.some((name) => name.endsWith('.c'))) {
      throw new InputError(
        'unreadable-lambda',
        `lambda folder '${realFolder}' holds no Micro-C file: expected ${basename(folder)}.c`,
      );
    }
    for (const name of names.sort()) {
      const realPath = join(realFolder, name);
      this.files.set(`${folder}/${name}`, readFileSync(realPath, 'utf8'));
      this.realPaths.set(`${folder}/${name}`, realPath);
    }
  }

  microC(folder: string): string[] {
    return [...this.files.keys()].filter((path) => path.startsWith(`${folder}/`) && path.endsWith('.c'));
  }

  /** As the user would name the file from where the command runs. */
  nameForPeople(path: string): string {
    const realPath = this.realPaths.get(path);
    if (realPath === undefined) return path;
    const fromHere = relative(process.cwd(), realPath);
    return fromHere.startsWith('..') ? realPath : fromHere;
  }
}

function programErrors(diagnostics: readonly Diagnostic[], sources: SourceTree): InputError {
  const files = new Map([...sources.files].map(([path, text]) => [sources.nameForPeople(path), text]));
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const texts = errors.map((error) => {
    const position = { ...error.position, file: sources.nameForPeople(error.position.file) };
    return formatDiagnostic({ ...error, position }, files);
  });
  return new InputError(errors[0]!.code, texts.join('\n'));
}

/** A lambda whose id the match stage does not ask for would never run. */
function checkMatchStage(lambda: LambdaPlacement, sources: SourceTree): void {
  const id = `${lambda.name.replaceAll('-', '_').toUpperCase()}_ID`;
  if (sources.files.get(MATCH_STAGE)!.includes(id)) return;
  const matchStage = sources.nameForPeople(MATCH_STAGE);
  throw new InputError(
    'lambda-not-matched',
    `lambda '${lambda.name}': the match stage ${matchStage} does not ask for ${id}, so its requests would go to the host`,
  );
}

/** Where the key-value lambda finds memcached: on the data interface of M1. */
function memcachedDefines(topology: Topology): Record<string, number> {
  const master = topology.hosts.find((host): host is MasterHost => host.role === 'master')!;
  const { mac, address } = master.interfaces[0]!;
  const macNumber = parseMac(mac)!;
  return {
    MEMCACHED_ADDRESS: parseIpv4Address(address)!,
    MEMCACHED_MAC_HI: Math.floor(macNumber / 2 ** 32),
    MEMCACHED_MAC_LO: macNumber % 2 ** 32,
  };
}

/** All workers run one image, so their NICs must be of one kind. */
function nicOf(topology: Topology): WorkerHost['nic'] {
  const workers = topology.hosts.filter((host): host is WorkerHost => host.role === 'worker');
  const odd = workers.find((worker) => worker.nic.name !== workers[0]!.nic.name);
  if (odd !== undefined) {
    throw new InputError(
      'mixed-nics',
      `${topology.file}: ${workers[0]!.name} has NIC ${workers[0]!.nic.name}, ${odd.name} has ${odd.nic.name}: expected one kind of NIC in a topology`,
    );
  }
  return workers[0]!.nic;
}
