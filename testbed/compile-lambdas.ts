import { basename } from 'node:path';
import { InputError } from '../base/errors.ts';
import { buildFirmware, lambdaIdDefine } from '../compiler/build-firmware.ts';
import { programError } from '../compiler/diagnostics.ts';
import { assignLambdaIds } from '../nodes/master/workload-manager/lambda-ids.ts';
import { writeFirmwareElf } from '../npu/image/elf-write.ts';
import { parseIpv4Address, parseMac } from '../packet/addresses.ts';
import type { LambdaPlacement, MasterHost, Topology, WorkerHost } from '../topology/types.ts';
import { type LambdaSources, readLambdaSources, type SourceFolder } from './lambda-sources.ts';
import { warn } from './print-diagnostics.ts';

export interface CompiledLambdas {
  /** The firmware image as an ELF file. */
  readonly octets: Uint8Array;
  readonly lambdaIds: Readonly<Record<string, number>>;
  /** Folder by the name that the image has for it (`lambdas/web-server`), as people name it. */
  readonly sourceFolders: Readonly<Record<string, string>>;
}

/**
 * Compiles the lambdas of a topology, with the runtime and the match stage, to the one firmware that all workers run.
 * Ids are the workload manager's. Diagnostics name files as the user does; the image has names that do not depend on
 * where the folders lie.
 * @throws InputError with every error of the programs, each with `file:line:column`
 */
export function compileLambdas(topology: Topology): CompiledLambdas {
  const sources = readLambdaSources(topology);
  const { runtime, matchStage } = sources;
  const folders = [runtime, ...sources.lambdas];
  const files = new Map(folders.flatMap((folder) => [...folder.files]));
  const lambdaIds = assignLambdaIds(topology);
  const lambdas = topology.lambdas.map((lambda, index) => {
    checkMatchStage(lambda, sources);
    return { name: lambda.name, id: lambdaIds[lambda.name]!, microC: sources.lambdas[index]!.microC };
  });
  const build = buildFirmware({
    files,
    imagePaths: new Map(
      folders.flatMap((folder) => [...folder.files.keys()].map((file) => [file, imagePathOf(file, folder)])),
    ),
    p4: matchStage,
    runtime: runtime.microC,
    lambdas,
    includePaths: [runtime.path],
    defines: memcachedDefines(topology),
    profile: nicOf(topology),
  });
  if (!build.ok) throw programError('the lambdas', build.diagnostics, files);
  warn(build.warnings, files);
  return {
    octets: writeFirmwareElf(build.image),
    lambdaIds,
    sourceFolders: Object.fromEntries(folders.map(({ imagePath, path }) => [imagePath, path])),
  };
}

function imagePathOf(file: string, folder: SourceFolder): string {
  return `${folder.imagePath}/${basename(file)}`;
}

/** A lambda whose id the match stage does not ask for would never run. */
function checkMatchStage(lambda: LambdaPlacement, { matchStage, runtime }: LambdaSources): void {
  const id = lambdaIdDefine(lambda.name);
  if (runtime.files.get(matchStage)!.includes(id)) return;
  throw new InputError(
    'lambda-not-matched',
    `lambda ${lambda.name}: expected the match stage ${matchStage} to ask for ${id}, got no mention of it, so its requests would go to the host; see docs/lambdas.md`,
    lambda.sourceAt,
  );
}

/** Where the key-value lambda finds memcached: on the data interface of M1. */
export function memcachedDefines(topology: Topology): Record<string, number> {
  const master = topology.hosts.find((host): host is MasterHost => host.role === 'master')!;
  const { mac, address } = master.interfaces[0]!;
  const macNumber = parseMac(mac)!;
  return {
    MEMCACHED_ADDRESS: parseIpv4Address(address)!,
    MEMCACHED_MAC_HI: Math.floor(macNumber / 2 ** 32),
    MEMCACHED_MAC_LO: macNumber % 2 ** 32,
  };
}

/** All workers run one image; the topology's checks saw to it that their NICs are of one kind. */
export function nicOf(topology: Topology): WorkerHost['nic'] {
  return topology.hosts.find((host): host is WorkerHost => host.role === 'worker')!.nic;
}
