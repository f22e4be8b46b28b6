import { buildCProgram, type CRunResult, runCProgram } from '../../compiler/c-program.ts';
import { LIBRARY_HEADERS } from '../../compiler/library/headers.ts';
import type { FirmwareReport } from '../../compiler/link-firmware.ts';
import { type OptimisationLevel, passesLeftOut } from '../../compiler/optimisation-levels.ts';
import { decodeVerifiedProgram } from '../../npu/image/decode.ts';
import type { FirmwareImage } from '../../npu/image/firmware-image.ts';
import type { NicProfile } from '../../npu/profile.ts';
import { loadNicProfile } from '../../topology/load-topology.ts';
import { parseDefines } from '../compile/compile-program.ts';
import { diagnosticsText } from '../compile/print-diagnostics.ts';
import { readSources, sourcePath } from '../compile/source-files.ts';
import { printable, surfaceOf } from '../terminal.ts';
import { failuresOf } from './npu-faults.ts';
import { endWithReader } from './npu-run.ts';
import { EXIT_FAULT, EXIT_LIMIT, EXIT_NOT_RUN } from './run-c-status.ts';

/** What `testbed npu run-c` was asked for, after the command line was checked. */
export interface RunCOptions {
  readonly files: readonly string[];
  readonly level: OptimisationLevel;
  readonly includePaths: readonly string[];
  readonly defines: readonly string[];
  /** As of `ProgramSources`. */
  readonly lower: boolean;
  readonly profile: string;
  readonly limitCycles: number;
  readonly stats: boolean;
  readonly json: boolean;
}

/** Output of the program goes on in pieces of this size, or at the end of a line. */
const PIECE_OCTETS = 4096;

/**
 * Compiles and runs a C program; its output goes to standard output and standard error, diagnostics to the latter.
 * @returns the exit status: the program's, or 124, 125, 139
 * @throws InputError for files, folders and profiles that cannot be read
 */
export function runC(options: RunCOptions): number {
  const profile = loadNicProfile(options.profile);
  const { files, includePaths } = readSources(
    options.files.map((path) => ({ flag: 'run-c', path })),
    options.includePaths,
  );
  const sources = {
    files,
    includePaths,
    mains: options.files.map(sourcePath),
    defines: parseDefines(options.defines),
    lower: options.lower,
  };
  const build = buildCProgram(sources, profile, { disabledPasses: passesLeftOut(options.level) });
  const diagnostics = build.ok ? build.warnings : build.diagnostics;
  const shown = new Map([...LIBRARY_HEADERS, ...files]);
  if (!options.json) process.stderr.write(diagnosticsText(diagnostics, shown, surfaceOf(process.stderr, process.env)));
  if (!build.ok) {
    if (options.json) printJson({ exitStatus: EXIT_NOT_RUN, end: 'not-run', diagnostics });
    return EXIT_NOT_RUN;
  }
  process.stdout.on('error', endWithReader);
  const output = new ProgramOutput(options.json);
  const { limitCycles } = options;
  const run = runCProgram(build.image, profile, { limitCycles, write: (to, octet) => output.write(to, octet) });
  output.flush('output');
  output.flush('errors');
  const failures = failuresOfRun(options.files[0]!, build.image, run, limitCycles);
  const exitStatus = statusOf(run);
  const stats = statsOf(build.report, run, profile);
  if (options.json) {
    printJson({ exitStatus, end: run.result.end, ...output.texts, diagnostics, failures, stats });
    return exitStatus;
  }
  for (const failure of failures) process.stderr.write(`run failed: ${printable(failure)}\n`);
  if (options.stats) process.stderr.write(statsText(stats));
  return exitStatus;
}

function statusOf({ exitStatus, result }: CRunResult): number {
  if (result.faults.length > 0) return EXIT_FAULT;
  if (exitStatus !== undefined) return exitStatus;
  return result.end === 'cycle-limit' ? EXIT_LIMIT : EXIT_FAULT;
}

function failuresOfRun(file: string, image: FirmwareImage, { result }: CRunResult, limitCycles: number): string[] {
  const decoded = decodeVerifiedProgram(image.instructions, image.contexts);
  const instructions = decoded.ok ? decoded.value : [];
  return failuresOf({ ...image, instructions, file, text: undefined }, result, limitCycles);
}

interface RunStats {
  readonly instructions: number;
  readonly cycles: number;
  readonly nanoseconds: number;
  readonly memoryCommands: number;
  readonly ememCacheMisses: number;
  /** Octets of the program's objects. */
  readonly memoryOctets: FirmwareReport['memoryOctets'];
}

function statsOf(report: FirmwareReport, { result }: CRunResult, profile: NicProfile): RunStats {
  const { commands, ememCacheMisses } = result.npu.counters;
  return {
    instructions: report.instructions,
    cycles: result.cycles,
    nanoseconds: (result.cycles * profile.clock.picoseconds) / profile.clock.cycles / 1000,
    memoryCommands: commands,
    ememCacheMisses,
    memoryOctets: report.memoryOctets,
  };
}

function statsText(stats: RunStats): string {
  const { instructions, cycles, nanoseconds, memoryCommands, ememCacheMisses, memoryOctets } = stats;
  const memories = Object.entries(memoryOctets)
    .filter(([, octets]) => octets > 0)
    .map(([memory, octets]) => `${memory} ${octets} octets`);
  return [
    `instructions  ${instructions} in the image`,
    `cycles        ${cycles} (${Math.round(nanoseconds)} ns)`,
    `memory        ${memoryCommands} commands, ${ememCacheMisses} misses in the EMEM cache`,
    `objects       ${memories.length === 0 ? 'none outside the core' : memories.join(', ')}`,
    '',
  ].join('\n');
}

function printJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** Where the program's octets go, as they are: pieces to the streams, or kept for `--json`. */
class ProgramOutput {
  private readonly keeps: boolean;
  private readonly octets: Record<'output' | 'errors', number[]> = { output: [], errors: [] };

  constructor(keeps: boolean) {
    this.keeps = keeps;
  }

  write(to: 'output' | 'errors', octet: number): void {
    const octets = this.octets[to];
    octets.push(octet);
    if (octet === 0x0a || octets.length >= PIECE_OCTETS) this.flush(to);
  }

  flush(to: 'output' | 'errors'): void {
    if (this.keeps) return;
    const octets = this.octets[to].splice(0);
    if (octets.length > 0) process[to === 'output' ? 'stdout' : 'stderr'].write(Uint8Array.from(octets));
  }

  get texts(): { readonly output: string; readonly errors: string } {
    const text = (octets: readonly number[]) => new TextDecoder().decode(Uint8Array.from(octets));
    return { output: text(this.octets.output), errors: text(this.octets.errors) };
  }
}
