import { basename } from 'node:path';
import { InputError } from '../../base/errors.ts';
import {
  buildFirmware,
  type LambdaSources as FirmwareLambdaSources,
  lambdaIdDefine,
} from '../../compiler/build-firmware.ts';
import { Diagnostics, programError, type SourceFiles } from '../../compiler/diagnostics.ts';
import { matchLambda } from '../../compiler/match-lambda/match-lambda.ts';
import { assignLambdaIds } from '../../nodes/master/workload-manager/lambda-ids.ts';
import { writeFirmwareElf } from '../../npu/image/elf-write.ts';
import { parseIpv4Address, parseMac } from '../../packet/addresses.ts';
import type { MasterHost, Topology, WorkerHost } from '../../topology/types.ts';
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
  const { runtime } = sources;
  const folders = [runtime, ...sources.lambdas];
  const files = new Map(folders.flatMap((folder) => [...folder.files]));
  const lambdaIds = assignLambdaIds(topology);
  const stage = chooseMatchStage(topology, sources, files);
  const build = buildFirmware({
    files: stage.files,
    imagePaths: new Map(
      folders.flatMap((folder) => [...folder.files.keys()].map((file) => [file, imagePathOf(file, folder)])),
    ),
    p4: stage.p4,
    runtime: runtime.microC,
    lambdas: stage.lambdas.map((lambda) => ({ ...lambda, id: lambdaIds[lambda.name]! })),
    includePaths: [runtime.path],
    defines: { ...memcachedDefines(topology), ...stage.defines },
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

/** A match stage, and the lambdas that it asks for in the order of the topology's. */
interface ChosenStage {
  readonly files: SourceFiles;
  readonly p4: string;
  readonly lambdas: readonly Omit<FirmwareLambdaSources, 'id'>[];
  readonly defines: Readonly<Record<string, string>>;
}

/**
 * The runtime's match stage where it asks for every lambda, or one that is made from the lambdas. A runtime that the user
 * brought comes with the match stage that he wants: a lambda that it does not ask for would never run.
 */
function chooseMatchStage(topology: Topology, sources: LambdaSources, files: SourceFiles): ChosenStage {
  const { runtime, matchStage, hasOwnRuntime } = sources;
  const text = runtime.files.get(matchStage)!;
  const forgotten = topology.lambdas.find(({ name }) => !text.includes(lambdaIdDefine(name)));
  if (forgotten === undefined) {
    const lambdas = topology.lambdas.map(({ name }, index) => ({ name, microC: sources.lambdas[index]!.microC }));
    return { files, p4: matchStage, lambdas, defines: {} };
  }
  if (hasOwnRuntime) {
    throw new InputError(
      'lambda-not-matched',
      `lambda ${forgotten.name}: expected the match stage ${matchStage} to ask for ${lambdaIdDefine(forgotten.name)}, got no mention of it, so its requests would go to the host; see docs/lambdas.md`,
      forgotten.sourceAt,
    );
  }
  const found = new Diagnostics();
  const groups = topology.lambdas.map(({ name }, index) => ({ lambda: name, microC: sources.lambdas[index]!.microC }));
  const defines = Object.entries(memcachedDefines(topology)).map(([name, value]) => [name, String(value)]);
  const made = matchLambda(
    { files, groups, includePaths: [runtime.path], defines: Object.fromEntries(defines) },
    found,
  );
  if (made === undefined || found.hasErrors) throw programError('the lambdas', found.list, files);
  const lambdas = made.lambdas.map(({ name, microC }) => ({ name, microC, include: made.include }));
  return { files: made.files, p4: made.p4, lambdas, defines: made.defines };
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
