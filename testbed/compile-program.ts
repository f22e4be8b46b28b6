import { join } from 'node:path';
import { InputError } from '../base/errors.ts';
import { buildFirmware, type FirmwareBuild } from '../compiler/build-firmware.ts';
import { type Diagnostic, Diagnostics, type SourceFiles } from '../compiler/diagnostics.ts';
import type { LinkOptions } from '../compiler/link-firmware.ts';
import { isMatchStage, type MatchLambdaProgram, matchLambda } from '../compiler/match-lambda/match-lambda.ts';
import { assignLambdaIds } from '../nodes/master/workload-manager/lambda-ids.ts';
import type { NicProfile } from '../npu/profile.ts';
import { projectFolder } from '../topology/load-topology.ts';
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
  /** Path of the P4 program, the one that was made included. */
  readonly p4: string | undefined;
  readonly lambdaIds: Readonly<Record<string, number>>;
}

/** What is beside the sources. */
export interface CompileSettings {
  readonly profile: NicProfile;
  readonly link: LinkOptions;
  /** Defines that `-D` may replace, such as the address of memcached. */
  readonly surroundings: Readonly<Record<string, number>>;
  /** What the image calls a file, where it must not depend on where the file lies; absent: its path. */
  readonly imagePathOf?: (path: string) => string;
}

/**
 * Compiles a program: a whole P4 program with its plugin, or lambdas, for which the workload manager assigns ids and makes
 * the match stage.
 * @throws InputError when a file that was named cannot be read
 */
export function compileProgram(given: ProgramFiles, settings: CompileSettings): CompiledProgram {
  const groups = given.microC.map((path) => ({ microC: microCFiles('--c', path) }));
  const mains = [
    ...(given.p4 === undefined ? [] : [{ flag: '--p4', path: given.p4 }]),
    ...groups.flatMap(({ microC }) => microC.map((path) => ({ flag: '--c', path }))),
    ...(given.rules === undefined ? [] : [{ flag: '--rules', path: given.rules }]),
  ];
  const p4 = given.p4 === undefined ? undefined : sourcePath(given.p4);
  const rules = given.rules === undefined ? undefined : sourcePath(given.rules);
  const defines = { ...settings.surroundings, ...parseDefines(given.defines) };
  const runtime = runtimeFiles();
  const { files, includePaths } = readSources(
    [...mains, ...runtime.microC.map((path) => ({ flag: 'runtime', path }))],
    [...given.includePaths, runtime.folder],
  );
  const { imagePathOf } = settings;
  const imagePaths = imagePathOf && new Map([...files.keys()].map((path) => [path, imagePathOf(path)]));
  const named = imagePaths === undefined ? {} : { imagePaths };
  const isStage = p4 !== undefined && isMatchStage({ files, includePaths, defines: textOf(defines) }, p4);
  if (p4 !== undefined && !isStage) {
    const build = buildFirmware({
      files,
      ...named,
      profile: settings.profile,
      p4,
      ...(rules === undefined ? {} : { rules }),
      wholeProgram: true,
      runtime: groups.flatMap(({ microC }) => microC),
      lambdas: [],
      includePaths: includePaths.slice(0, -1),
      defines,
      options: settings.link,
    });
    return { files, build, diagnostics: diagnosticsOf(build), matchLambda: undefined, p4, lambdaIds: {} };
  }
  if (rules !== undefined) {
    throw new InputError('command-line', '--rules: expected a whole P4 program (--p4) whose tables they are for');
  }
  const found = new Diagnostics();
  const made = matchLambda({ files, groups, includePaths, defines: textOf(defines), matchStage: p4 }, found);
  if (made === undefined || found.hasErrors) {
    const build: FirmwareBuild = { ok: false, diagnostics: found.list };
    return { files, build, diagnostics: found.list, matchLambda: made, p4, lambdaIds: {} };
  }
  const lambdaIds = assignLambdaIds({ lambdas: made.lambdas });
  const build = buildFirmware({
    files: made.files,
    ...named,
    profile: settings.profile,
    p4: made.p4,
    runtime: runtime.microC,
    lambdas: made.lambdas.map(({ name, microC }) => ({ name, id: lambdaIds[name]!, microC, include: made.include })),
    includePaths,
    defines: { ...defines, ...made.defines },
    options: settings.link,
  });
  return {
    files: made.files,
    build,
    diagnostics: [...found.list, ...diagnosticsOf(build)],
    matchLambda: made,
    p4: made.p4,
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
