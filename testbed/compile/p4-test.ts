import { EXIT_BAD_INPUT, EXIT_DONE, EXIT_RUN_FAILED } from '../../base/errors.ts';
import type { StfOutcome } from '../../compiler/stf/outcomes.ts';
import { runStf } from '../../compiler/stf/run-stf.ts';
import { loadNicProfile } from '../../topology/load-topology.ts';
import { surfaceOf } from '../terminal.ts';
import { parseDefines } from './compile-program.ts';
import { formatOutcome, formatSummary, jsonOutcome } from './p4-test-report.ts';
import { diagnosticsText } from './print-diagnostics.ts';
import { microCFiles, readSources, sourcePath } from './source-files.ts';

/** What `testbed p4 test` was asked for. */
export interface P4TestOptions {
  readonly program: string;
  readonly test: string;
  /** Files and folders. */
  readonly microC: readonly string[];
  readonly rules: string | undefined;
  readonly includePaths: readonly string[];
  /** `NAME` or `NAME=VALUE`. */
  readonly defines: readonly string[];
  readonly profile: string;
  readonly disabledPasses: readonly string[];
  readonly verbose: boolean;
  readonly json: boolean;
}

/**
 * Compiles the program, sends the packets of the test through its image and prints what came of each expectation.
 * @returns the exit status
 * @throws InputError for files that cannot be read and flags that make no sense
 */
export function testP4(options: P4TestOptions): number {
  const microC = options.microC.flatMap((path) => microCFiles('--c', path));
  const { files, includePaths } = readSources(
    [
      { flag: 'program', path: options.program },
      { flag: 'test', path: options.test },
      ...microC.map((path) => ({ flag: '--c', path })),
      ...(options.rules === undefined ? [] : [{ flag: '--rules', path: options.rules }]),
    ],
    options.includePaths,
  );
  const run = runStf({
    files,
    p4: sourcePath(options.program),
    stf: sourcePath(options.test),
    microC,
    rules: options.rules === undefined ? undefined : sourcePath(options.rules),
    includePaths,
    defines: parseDefines(options.defines),
    profile: loadNicProfile(options.profile),
    link: { disabledPasses: options.disabledPasses },
  });
  const diagnostics = run.ok ? run.warnings : run.diagnostics;
  process.stderr.write(diagnosticsText(diagnostics, files, surfaceOf(process.stderr, process.env)));
  if (!run.ok) return EXIT_BAD_INPUT;
  const failed = run.outcomes.filter(({ passed }) => !passed).length;
  if (options.json) {
    const { packets, lostPackets, builds, instructions } = run;
    const document = {
      passed: failed === 0,
      packets,
      lostPackets,
      builds,
      instructions,
      outcomes: run.outcomes.map(jsonOutcome),
    };
    process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
  } else {
    const surface = surfaceOf(process.stdout, process.env);
    const shown = run.outcomes.filter(({ passed }: StfOutcome) => options.verbose || !passed);
    for (const outcome of shown) process.stdout.write(formatOutcome(outcome, surface));
    process.stdout.write(formatSummary(run, options.verbose, surface));
  }
  return failed === 0 ? EXIT_DONE : EXIT_RUN_FAILED;
}
