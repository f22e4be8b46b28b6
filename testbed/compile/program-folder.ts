import { readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { InputError } from '../../base/errors.ts';
import type { FirmwareImage } from '../../npu/image/firmware-image.ts';
import {
  defaultProgramWorkloads,
  type ProgramWorkloads,
  parseProgramWorkloads,
} from '../../topology/program-workload.ts';
import { fillMemory } from '../npu/fill-memory.ts';
import type { ProgramFiles } from './compile-program.ts';
import { isFile, isFolder, sourcePath } from './source-files.ts';

/** A folder with a whole program: sources, rules, and what it is to be asked. */
export interface ProgramFolder {
  /** The folder's name, as results show it. */
  readonly name: string;
  readonly path: string;
  readonly sources: ProgramFiles;
  readonly workloads: ProgramWorkloads;
}

const WORKLOAD_FILE = 'workload.yaml';

/**
 * Reads what `--program` names: one `.p4` (or `prog.p4` among several) or none, all `.c` beside it, one `.p4cfg` or none,
 * `workload.yaml` or none. What these include may lie in folders below.
 * @throws InputError when the folder holds no program, or more than one
 */
export function readProgramFolder(folder: string): ProgramFolder {
  if (!isFolder(folder)) {
    throw new InputError('unreadable-program', `--program: expected a folder with a program, got '${folder}'`);
  }
  const path = sourcePath(folder);
  const names = readdirSync(folder).sort();
  const withExtension = (extension: string): string[] =>
    names.filter((name) => extname(name) === extension).map((name) => join(path, name));
  const microC = withExtension('.c');
  const p4 = theOne(path, '.p4', withExtension('.p4'), join(path, 'prog.p4'));
  if (p4 === undefined && microC.length === 0) {
    throw new InputError(
      'unreadable-program',
      `--program: expected a P4 program or Micro-C lambdas in '${folder}', got none`,
    );
  }
  const rules = theOne(path, '.p4cfg', withExtension('.p4cfg'), join(path, 'prog.p4cfg'));
  const workloadFile = join(path, WORKLOAD_FILE);
  return {
    name: basename(resolve(folder)).toLowerCase(),
    path,
    sources: { p4, microC, rules, includePaths: [], defines: [] },
    workloads: isFile(workloadFile)
      ? parseProgramWorkloads({ path: workloadFile, text: readFileSync(workloadFile, 'utf8') })
      : defaultProgramWorkloads(),
  };
}

/** Its image with what the workload file says of memory, as a host would have written it before the first request. */
export function withMemory(image: FirmwareImage, { workloads, path }: ProgramFolder): FirmwareImage {
  return Object.entries(workloads.memory).reduce(
    (filled, [name, octets]) => fillMemory(filled, name, octets, `${path}/${WORKLOAD_FILE}`),
    image,
  );
}

/** The file of a kind: the only one, or the one with the usual name. */
function theOne(folder: string, kind: string, found: readonly string[], usual: string): string | undefined {
  if (found.length < 2) return found[0];
  if (found.includes(usual)) return usual;
  const names = found.map((path) => basename(path)).join(', ');
  throw new InputError(
    'two-programs',
    `--program: expected one ${kind} file in '${folder}', or ${basename(usual)} among them, got ${names}`,
  );
}
