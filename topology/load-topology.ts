import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../base/errors.ts';
import type { FaultPlan } from '../faults/fault.ts';
import type { NicProfile } from '../npu/profile.ts';
import { faultsFileSchema } from './fault-schema.ts';
import { nearestName } from './nearest-name.ts';
import { parseTopology } from './parse-topology.ts';
import { type ProfileKind, ProfileLibrary, type ProfileTexts } from './profiles.ts';
import { resolveFaults } from './resolve-faults.ts';
import type { Topology } from './types.ts';
import { readYaml, type SourceText } from './yaml-document.ts';

/**
 * Reads a topology and every profile it names from the disk.
 * @param nameOrPath a name in the project's `topology/`, such as `four-workers`, or the path of a YAML file
 * @throws InputError when there is no such topology or it is wrong; the folders of its lambdas are absolute in the result
 */
export function loadTopology(nameOrPath: string): Topology {
  const file = locateTopology(nameOrPath);
  const folder = path.dirname(path.resolve(file));
  const readBeside = (name: string) => readSource(messagePath(path.resolve(folder, name)));
  const topology = parseTopology(readSource(file), readProfiles(path.dirname(file)), readBeside);
  return {
    ...topology,
    lambdas: topology.lambdas.map((lambda) => ({ ...lambda, sourceFolder: path.resolve(folder, lambda.sourceFolder) })),
  };
}

/**
 * Reads a file of faults, which take the place of those in the topology file.
 * @throws InputError when there is no such file or it is wrong
 */
export function loadFaults(file: string, topology: Topology): FaultPlan {
  const folder = path.dirname(path.resolve(file));
  const { value, positionOf } = readYaml(readSource(file), faultsFileSchema);
  const readBeside = (name: string) => readSource(messagePath(path.resolve(folder, name)));
  return resolveFaults(value.faults, { positionOf, readBeside }, topology);
}

/**
 * Reads a NIC profile from the disk, with those that it extends.
 * @param nameOrPath a profile of the project, such as `agilio-cx-2x40`, or the path of a YAML file; profiles beside that
 *   file can be extended, too
 * @throws InputError
 */
export function loadNicProfile(nameOrPath: string): NicProfile {
  if (!isFile(nameOrPath)) {
    return new ProfileLibrary(readProfiles(projectTopologyFolder())).nic(nameOrPath, undefined);
  }
  const { nics, ...others } = readProfiles(projectTopologyFolder());
  const beside = new Map(nics);
  const folder = path.dirname(nameOrPath);
  for (const file of yamlFiles(folder)) beside.set(path.basename(file, '.yaml'), readSource(messagePath(file)));
  const library = new ProfileLibrary({ ...others, nics: beside });
  return library.nicFrom(readSource(nameOrPath));
}

/** Names of the NIC profiles that come with the project, sorted. */
export function knownNicProfiles(): string[] {
  return yamlFiles(path.join(projectTopologyFolder(), 'profiles', 'nics')).map((file) => path.basename(file, '.yaml'));
}

/** Names of the topologies that come with the project, sorted. */
export function knownTopologies(): string[] {
  return yamlFiles(projectTopologyFolder()).map((file) => path.basename(file, '.yaml'));
}

/** The folder with package.json: above this module, be it source or build output. */
export function projectFolder(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder)
      throw new InputError('no-project', 'no package.json above the testbed: the installation is broken');
    folder = parent;
  }
  return folder;
}

function projectTopologyFolder(): string {
  return path.join(projectFolder(), 'topology');
}

function locateTopology(nameOrPath: string): string {
  const named = path.join(projectTopologyFolder(), `${nameOrPath}.yaml`);
  if (/^[a-z0-9-]+$/.test(nameOrPath) && isFile(named)) return messagePath(named);
  if (isFile(nameOrPath)) return nameOrPath;
  if (statSync(nameOrPath, { throwIfNoEntry: false })?.isDirectory()) {
    throw new InputError('unknown-topology', `topology '${nameOrPath}' is a folder: expected a YAML file or a name`);
  }
  const known = knownTopologies();
  const nearest = nearestName(nameOrPath, known);
  const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`;
  throw new InputError(
    'unknown-topology',
    `no topology '${nameOrPath}': expected a path or one of ${known.join(', ')}${hint}`,
  );
}

/** Profiles beside the topology file come before those of the project, so that a user can bring or change one. */
export function readProfiles(topologyFolder: string): ProfileTexts {
  const folders = [path.join(projectTopologyFolder(), 'profiles'), path.join(topologyFolder, 'profiles')];
  const read = (kind: ProfileKind): Map<string, SourceText> => {
    const texts = new Map<string, SourceText>();
    for (const folder of folders) {
      for (const file of yamlFiles(path.join(folder, kind)))
        texts.set(path.basename(file, '.yaml'), readSource(messagePath(file)));
    }
    return texts;
  };
  return { hosts: read('hosts'), switches: read('switches'), nics: read('nics'), media: read('media') };
}

/** @throws InputError when there is no such file */
export function readSource(file: string): SourceText {
  try {
    return { path: file, text: readFileSync(file, 'utf8') };
  } catch (error) {
    throw new InputError('unreadable-file', `${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function yamlFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  return names.sort().map((name) => path.join(folder, name));
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** A file or folder as a person in the working directory would type it: relative when it is within, else as given. */
export function messagePath(file: string): string {
  const relative = path.relative('', file) || '.';
  return relative.startsWith('..') ? file : relative;
}
