import { EXIT_DONE, EXIT_RUN_FAILED, InputError } from '../../base/errors.ts';
import { type ProgramRun, runProgram, type TracedStep } from '../../npu/nic/run-program.ts';
import type { NicProfile } from '../../npu/profile.ts';
import { createTranslatingEngine } from '../../npu/translate/translating-engine.ts';
import { loadNicProfile } from '../../topology/load-topology.ts';
import { printable, surfaceOf } from '../terminal.ts';
import { failuresOf } from './npu-faults.ts';
import { type ReadProgram, readProgram } from './npu-files.ts';
import { jsonProgramReport } from './npu-json.ts';
import { parseRegisters, readMemories, readPackets, repeated } from './npu-options.ts';
import { formatProgramReport, type ProgramReport } from './npu-report.ts';
import type { NpuRunOptions } from './npu-run-options.ts';
import { TRACE_HEAD, type TraceEntry, traceEntry, traceLine } from './npu-trace.ts';

/** Frames that a report keeps; all are counted. */
const MOST_FRAMES = 1000;
const MOST_FAILURES = 8;

/**
 * Runs a program and prints what came of it; what went wrong in the run is a line each on standard error.
 * @returns the exit status
 * @throws InputError for what was wrong before it ran
 */
export function runNpuProgram(options: NpuRunOptions): number {
  const profile = withPatience(loadNicProfile(options.profile), options.limitCycles);
  const program = readProgram(options.file, options.contextMode);
  const run = runOf(options, program, profile);
  if (options.trace && options.engine === 'translator') {
    throw new InputError(
      'command-line',
      '--trace: expected --engine interpreter, which alone looks at each instruction',
    );
  }
  process.stdout.on('error', endWithReader);
  const surface = surfaceOf(process.stdout, process.env);
  const trace: TraceEntry[] = [];
  const columns = surface.columns ?? 80;
  if (options.trace && !options.json) process.stdout.write(`${TRACE_HEAD}\n`);
  const tell = (step: TracedStep) => {
    const entry = traceEntry(step, program.instructions);
    if (options.json) trace.push(entry);
    else process.stdout.write(traceLine(entry, columns));
  };
  const result = runProgram(options.trace ? { ...run, trace: tell } : run);
  const report: ProgramReport = {
    file: options.file,
    profile,
    engine: options.engine,
    cores: options.cores,
    contexts: options.contexts,
    result,
    changes: result.changes(),
    failures: failuresOf(program, result, options.limitCycles),
  };
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify(jsonProgramReport(report, options.trace ? trace : undefined), undefined, 2)}\n`,
    );
  } else process.stdout.write(`${options.trace ? '\n' : ''}${formatProgramReport(report, surface)}`);
  for (const failure of report.failures.slice(0, MOST_FAILURES))
    process.stderr.write(`run failed: ${printable(failure)}\n`);
  const more = report.failures.length - MOST_FAILURES;
  if (more > 0) process.stderr.write(`run failed: and ${more} times more\n`);
  return report.failures.length === 0 ? EXIT_DONE : EXIT_RUN_FAILED;
}

function runOf(options: NpuRunOptions, program: ReadProgram, profile: NicProfile): ProgramRun {
  const packets = readPackets(options.packets, profile);
  const { file: _, text: __, regions, lambdas: ___, ...loadable } = program;
  return {
    ...loadable,
    ...(regions.length > 0 ? { regions } : {}),
    profile,
    cores: options.cores,
    starts: Array.from({ length: options.contexts }, (_, context) => context),
    registers: parseRegisters(options.registers),
    data: [...program.data, ...readMemories(options.memories, profile)],
    ...(packets.length > 0 ? { packets: repeated(packets, options.repeat) } : { repeat: options.repeat }),
    limitCycles: options.limitCycles,
    ...(options.engine === 'translator' ? { engine: createTranslatingEngine() } : { account: true }),
    keepFrames: MOST_FRAMES,
  };
}

/** The limit of the command line is the one that stops a program that does not end. */
function withPatience(profile: NicProfile, limitCycles: number): NicProfile {
  const { packet } = profile;
  return { ...profile, packet: { ...packet, watchdogCycles: Math.max(packet.watchdogCycles, limitCycles) } };
}

/** Whoever reads the output may have seen enough of it: `... --trace | head`. */
export function endWithReader(error: Error & { readonly code?: string }): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT_DONE);
}
