import { InputError } from '../base/errors.ts';
import type { FirmwareImage, SourceLine } from '../npu/image/firmware-image.ts';
import type { NicProfile } from '../npu/profile.ts';
import { GENERATED_FOLDER } from './1-preprocess/preprocess.ts';
import { contextSlotsOf } from './context-slots.ts';
import { type Diagnostic, Diagnostics, type SourceFiles } from './diagnostics.ts';
import { compileToIr } from './front-end.ts';
import { type FirmwareReport, type LinkOptions, linkFirmware } from './link-firmware.ts';
import type { StfProgress } from './stf/statements.ts';

/** One lambda of a firmware: its name, the `wId` of its requests, its Micro-C files in order. */
export interface LambdaSources {
  readonly name: string;
  readonly id: number;
  readonly microC: readonly string[];
  /** File that is read before each of them, as `#include "..."` would name it. */
  readonly include?: string;
}

/** Everything that a firmware is made from. Sources are data: the compiler opens no file. */
export interface FirmwareSources {
  /** Every file by the path that diagnostics name, included ones too. */
  readonly files: SourceFiles;
  /**
   * Path that the image (line table, `__FILE__`) has for a file, where it is not that of `files`: an image must not
   * depend on the folder from which its sources were read.
   */
  readonly imagePaths?: ReadonlyMap<string, string>;
  readonly lambdas: readonly LambdaSources[];
  /** Micro-C files of the runtime, in order. */
  readonly runtime: readonly string[];
  /** Path of the P4-14 match stage; absent: the runtime's Micro-C does all. */
  readonly p4?: string;
  /** The P4 program is whole: it brings its own pipeline from frame to frame, and `runtime` holds its plugin alone. */
  readonly wholeProgram?: boolean;
  /** Statements of a packet test that add rules, so far as the test has come. */
  readonly stf?: StfProgress;
  /** Path of the rules (`.p4cfg`). */
  readonly rules?: string;
  readonly includePaths?: readonly string[];
  /** As `-D name=value`; a number becomes its decimal text. `<LAMBDA>_ID` and the NIC's memory plan are added. */
  readonly defines?: Readonly<Record<string, string | number>>;
  /** Function that every context starts in; `main` unless given. */
  readonly entry?: string;
  readonly profile: NicProfile;
  /** As of `ProgramSources`. */
  readonly lower?: boolean;
  readonly options?: LinkOptions;
}

export type FirmwareBuild =
  | {
      readonly ok: true;
      readonly image: FirmwareImage;
      readonly report: FirmwareReport;
      readonly warnings: readonly Diagnostic[];
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

const LAMBDA_ID_MAX = 0xffffffff;

/**
 * Compiles a match stage and its lambdas to the image that every core of a NIC runs. Pure and deterministic: the same
 * sources, profile and options give the same octets.
 *
 * Errors of programs and of limits (code store, memories, registers) are diagnostics with positions.
 * @throws InputError `firmware-...` when the list of lambdas itself makes no sense (no name, same name or id twice)
 */
export function buildFirmware(sources: FirmwareSources): FirmwareBuild {
  checkLambdas(sources);
  const diagnostics = new Diagnostics();
  const { profile } = sources;
  const module = compileToIr(
    {
      files: sources.files,
      p4: sources.p4,
      rules: sources.rules,
      microC: [
        ...sources.runtime.map((path) => ({ path, owner: 'runtime' })),
        ...sources.lambdas.flatMap(({ name, microC, include }) =>
          microC.map((path) => ({ path, owner: name, include })),
        ),
      ],
      includePaths: sources.includePaths ?? [],
      defines: { ...planDefines(profile), ...lambdaDefines(sources.lambdas), ...textDefines(sources.defines ?? {}) },
      entry: sources.entry ?? 'main',
      lower: sources.lower ?? false,
      contextSlots: contextSlotsOf(profile),
      reduceMatch: !(sources.options?.disabledPasses ?? []).includes('match-reduction'),
      wholeProgram: sources.wholeProgram ?? false,
      ...(sources.stf === undefined ? {} : { stf: sources.stf }),
      maximumFrameOctets: profile.packet.maximumFrameOctets,
      // A tick every 16 cycles; a cycle is so many picoseconds.
      ticksPerSecond: (1e12 * profile.clock.cycles) / profile.clock.picoseconds / 16,
      imagePaths: sources.imagePaths,
    },
    diagnostics,
  );
  if (module === undefined || diagnostics.hasErrors) return { ok: false, diagnostics: diagnostics.list };
  const { rdmaSlotBase, rdmaSlots, rdmaSlotOctets } = profile.memoryPlan;
  module.reserved.push({
    name: 'rdma-slots',
    owner: 'runtime',
    memory: 'emem',
    address: rdmaSlotBase,
    octets: rdmaSlots * rdmaSlotOctets,
    read: true,
    write: true,
    // Messages lie in them, for whichever lambda they are.
    exported: true,
  });
  const lambdas = sources.lambdas.map(({ name, id }) => ({ name, id }));
  const fileOwners = new Map(sources.runtime.map((path) => [path, 'runtime']));
  for (const { name, microC } of sources.lambdas) for (const path of microC) fileOwners.set(path, name);
  // The match stage is the runtime's, whatever lambda's code it stands between.
  for (const path of sources.files.keys()) if (path.endsWith('.p4')) fileOwners.set(path, 'runtime');
  const linked = linkFirmware(module, lambdas, profile, diagnostics, { ...sources.options, fileOwners });
  if (linked === undefined) return { ok: false, diagnostics: diagnostics.list };
  const warnings = diagnostics.list.filter(
    (diagnostic) => diagnostic.severity === 'warning' && !isOfCompiler(diagnostic),
  );
  const image = sources.imagePaths === undefined ? linked.image : renameFiles(linked.image, sources.imagePaths);
  return { ok: true, image, report: linked.report, warnings };
}

/** About what the compiler made itself, which nobody can mend: its own files, and functions, of which P4 has none. */
function isOfCompiler({ code, position: { file } }: Diagnostic): boolean {
  return file.startsWith(GENERATED_FOLDER) || (code.startsWith('unused-') && file.endsWith('.p4'));
}

function renameFiles(image: FirmwareImage, paths: ReadonlyMap<string, string>): FirmwareImage {
  const renamed = <Line extends SourceLine>(line: Line): Line => ({ ...line, file: paths.get(line.file) ?? line.file });
  const lines = image.lines.map((line) => {
    return line.also === undefined ? renamed(line) : { ...renamed(line), also: line.also.map(renamed) };
  });
  return { ...image, lines };
}

/** `web-server` -> `WEB_SERVER_ID`. */
export function lambdaIdDefine(name: string): string {
  return `${name.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}_ID`;
}

function checkLambdas({ lambdas, files, runtime }: FirmwareSources): void {
  const names = new Set<string>();
  const ids = new Set<number>();
  for (const { name, id, microC } of lambdas) {
    if (name === '' || name === 'runtime')
      throw new InputError('firmware-bad-name', `a lambda cannot be called '${name}'`);
    if (names.has(name)) throw new InputError('firmware-duplicate-lambda', `lambda ${name} is given twice`);
    if (!Number.isInteger(id) || id < 1 || id > LAMBDA_ID_MAX) {
      throw new InputError('firmware-bad-id', `lambda ${name} has id ${id}; 1 to ${LAMBDA_ID_MAX} are possible`);
    }
    if (ids.has(id)) throw new InputError('firmware-duplicate-id', `lambda ${name} has the id ${id} of another`);
    names.add(name);
    ids.add(id);
    for (const path of microC) checkFile(path, files);
  }
  for (const path of runtime) checkFile(path, files);
}

function checkFile(path: string, files: SourceFiles): void {
  if (!files.has(path)) throw new InputError('firmware-no-file', `there is no source file ${path}`);
}

function lambdaDefines(lambdas: readonly LambdaSources[]): Record<string, string> {
  return Object.fromEntries(lambdas.map(({ name, id }) => [lambdaIdDefine(name), String(id)]));
}

/** What programs need to know of the NIC's memory plan. */
function planDefines(profile: NicProfile): Record<string, string> {
  const { rdmaSlotBase, rdmaSlots, rdmaSlotOctets, rdmaOutputOffset } = profile.memoryPlan;
  return {
    SLOT_BASE: `0x${rdmaSlotBase.toString(16)}`,
    SLOT_COUNT: String(rdmaSlots),
    SLOT_OCTETS: `0x${rdmaSlotOctets.toString(16)}`,
    SLOT_OUTPUT_OFFSET: `0x${rdmaOutputOffset.toString(16)}`,
  };
}

function textDefines(defines: Readonly<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(defines).map(([name, value]) => [name, typeof value === 'number' ? numberText(value) : value]),
  );
}

/** Unsigned where C's int would not hold it. */
function numberText(value: number): string {
  return value > 0x7fffffff ? `${value}u` : String(value);
}
