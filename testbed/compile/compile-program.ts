import { join } from 'node:path';
import { InputError } from '../../base/errors.ts';
import type { P4Model } from '../../compiler/3-analyze/p4/model.ts';
import { buildFirmware, type FirmwareBuild, lambdaIdDefine } from '../../compiler/build-firmware.ts';
import { type Diagnostic, Diagnostics, type SourceFiles } from '../../compiler/diagnostics.ts';
import { analyzeProgram } from '../../compiler/front-end.ts';
import type { LinkOptions } from '../../compiler/link-firmware.ts';
import {
  isMatchStage,
  type LambdaGroup,
  type MatchLambdaProgram,
  matchLambda,
} from '../../compiler/match-lambda/match-lambda.ts';
import { assignLambdaIds } from '../../nodes/master/workload-manager/lambda-ids.ts';
import type { NicProfile } from '../../npu/profile.ts';
import { projectFolder } from '../../topology/load-topology.ts';
import { microCFiles, readSources, sourcePath } from './source-files.ts';

/** A program as a user has it: files on the disk. */
export interface ProgramFiles {
  /** A whole P4 program, a match stage alone (paper Listing 3), or undefined: lambdas alone. */
  readonly p4: string | undefined;
  /** Micro-C files and folders of them. */
  readonly microC: readonly string[];
  readonly rules: string | undefined;
  readonly includePaths: readonly string[];
  /** `name` or `name=value`. */
  readonly defines: readonly string[];
}

/** What came of compiling a program. */
export interface CompiledProgram {
  readonly files: SourceFiles;
  readonly build: FirmwareBuild;
  /** Errors, or the warnings of a program that compiles. */
  readonly diagnostics: readonly Diagnostic[];
  /** Absent for a whole P4 program. */
  readonly matchLambda: MatchLambdaProgram | undefined;
  /** Reads the P4 program for views of it, the one that was made included; undefined when there is none or it has errors. */
  readonly readModel: () => P4Model | undefined;
  readonly lambdaIds: Readonly<Record<string, number>>;
}

/** What is beside the sources. */
export interface CompileSettings {
  readonly profile: NicProfile;
  readonly link: LinkOptions;
  /** Transform what the cores cannot do, where it is bounded (paper section 3.1 b). */
  readonly lower?: boolean;
  /** Defines that `-D` may replace, such as the address of memcached. */
  readonly surroundings: Readonly<Record<string, number>>;
  /** What the image calls a file, where it must not depend on where the file lies; absent: its path. */
  readonly imagePathOf?: (path: string) => string;
}

/** A program that was read. */
interface ReadProgram {
  readonly files: SourceFiles;
  readonly p4: string | undefined;
  readonly rules: string | undefined;
  readonly groups: readonly LambdaGroup[];
  readonly includePaths: readonly string[];
  readonly defines: Readonly<Record<string, string>>;
  readonly imagePaths: ReadonlyMap<string, string> | undefined;
}

/**
 * Compiles a program: a whole P4 program with its plugin, or lambdas, for which the workload manager assigns ids and makes
 * the match stage.
 * @throws InputError when a file that was named cannot be read
 */
export function compileProgram(given: ProgramFiles, settings: CompileSettings): CompiledProgram {
  const groups = given.microC.map((path) => ({ microC: microCFiles('--c', path) }));
  const runtime = runtimeFiles();
  const mains = [
    ...(given.p4 === undefined ? [] : [{ flag: '--p4', path: given.p4 }]),
    ...groups.flatMap(({ microC }) => microC.map((path) => ({ flag: '--c', path }))),
    ...(given.rules === undefined ? [] : [{ flag: '--rules', path: given.rules }]),
    ...runtime.microC.map((path) => ({ flag: 'runtime', path })),
  ];
  const { files, includePaths } = readSources(mains, [...given.includePaths, runtime.folder]);
  const { imagePathOf } = settings;
  const program: ReadProgram = {
    files,
    p4: given.p4 === undefined ? undefined : sourcePath(given.p4),
    rules: given.rules === undefined ? undefined : sourcePath(given.rules),
    groups,
    includePaths,
    defines: { ...textOf(settings.surroundings), ...parseDefines(given.defines) },
    imagePaths: imagePathOf && new Map([...files.keys()].map((path) => [path, imagePathOf(path)])),
  };
  const { p4, rules } = program;
  if (p4 !== undefined && !isMatchStage(program, p4)) return compileWhole(program, p4, settings);
  if (rules !== undefined) {
    throw new InputError('command-line', '--rules: expected a whole P4 program (--p4) whose tables they are for');
  }
  return compileLambdasAlone(program, runtime.microC, settings);
}

function compileWhole(
  program: ReadProgram,
  p4: string,
  { profile, link, lower = false }: CompileSettings,
): CompiledProgram {
  const { files, rules, groups, defines, imagePaths } = program;
  // The last path is that of the lambdas' runtime, which such a program has nothing to do with.
  const includePaths = program.includePaths.slice(0, -1);
  const build = buildFirmware({
    files,
    ...(imagePaths === undefined ? {} : { imagePaths }),
    profile,
    p4,
    ...(rules === undefined ? {} : { rules }),
    wholeProgram: true,
    runtime: groups.flatMap(({ microC }) => microC),
    lambdas: [],
    includePaths,
    defines,
    lower,
    options: link,
  });
  const readModel = () => analyzeProgram({ files, includePaths, defines }, p4, new Diagnostics());
  return { files, build, diagnostics: diagnosticsOf(build), matchLambda: undefined, readModel, lambdaIds: {} };
}

function compileLambdasAlone(
  program: ReadProgram,
  runtime: readonly string[],
  { profile, link, lower = false }: CompileSettings,
): CompiledProgram {
  const { files, includePaths, imagePaths } = program;
  const found = new Diagnostics();
  const made = matchLambda({ ...program, matchStage: program.p4 }, found);
  if (made === undefined || found.hasErrors) {
    const build: FirmwareBuild = { ok: false, diagnostics: found.list };
    return { files, build, diagnostics: found.list, matchLambda: made, readModel: () => undefined, lambdaIds: {} };
  }
  const lambdaIds = assignLambdaIds({ lambdas: made.lambdas });
  const defines = { ...program.defines, ...made.defines };
  const build = buildFirmware({
    files: made.files,
    ...(imagePaths === undefined ? {} : { imagePaths }),
    profile,
    p4: made.p4,
    runtime,
    lambdas: made.lambdas.map(({ name, microC }) => ({ name, id: lambdaIds[name]!, microC, include: made.include })),
    includePaths,
    defines,
    lower,
    options: link,
  });
  const ids = Object.entries(lambdaIds).map(([name, id]) => [lambdaIdDefine(name), String(id)]);
  const readModel = () =>
    analyzeProgram(
      { files: made.files, includePaths, defines: { ...defines, ...Object.fromEntries(ids) } },
      made.p4,
      new Diagnostics(),
    );
  return {
    files: made.files,
    build,
    diagnostics: [...found.list, ...diagnosticsOf(build)],
    matchLambda: made,
    readModel,
    lambdaIds,
  };
}

function diagnosticsOf(build: FirmwareBuild): readonly Diagnostic[] {
  return build.ok ? build.warnings : build.diagnostics;
}

/** What every firmware of lambdas begins with; a whole P4 program brings its own pipeline. */
function runtimeFiles(): { readonly folder: string; readonly microC: string[] } {
  const folder = join(projectFolder(), 'lambdas', 'runtime');
  return { folder, microC: microCFiles('runtime', folder) };
}

/** `name` is 1, as for every C compiler. @throws InputError `command-line` */
export function parseDefines(defines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    defines.map((text) => {
      const match = /^([A-Za-z_]\w*(?:\([^()]*\))?)(?:=(.*))?$/s.exec(text);
      if (match === null) throw new InputError('command-line', `-D: expected NAME or NAME=VALUE, got '${text}'`);
      return [match[1]!, match[2] ?? '1'];
    }),
  );
}

function textOf(defines: Readonly<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(defines).map(([name, value]) => [name, String(value)]));
}
