import { writeFileSync } from 'node:fs';
import { EXIT_BAD_INPUT, EXIT_DONE, InputError } from '../../base/errors.ts';
import { type Diagnostic, programError } from '../../compiler/diagnostics.ts';
import { imageListing, imageMap } from '../../compiler/image-listing.ts';
import { matchStageText } from '../../compiler/match-lambda/match-lambda.ts';
import { type OptimisationLevel, passesLeftOut } from '../../compiler/optimisation-levels.ts';
import { p4Graph } from '../../compiler/p4-graph.ts';
import { PASS_NAMES } from '../../compiler/pass-names.ts';
import { formatOptimiserReport, formatRefusedAccesses, refusedAccesses } from '../../compiler/report.ts';
import { writeFirmwareElf } from '../../npu/image/elf-write.ts';
import type { FirmwareImage } from '../../npu/image/firmware-image.ts';
import { loadNicProfile, loadTopology } from '../../topology/load-topology.ts';
import { nearestName } from '../../topology/nearest-name.ts';
import type { EMITS } from '../commands/compile-command.ts';
import { valuesOf } from '../commands/option-values.ts';
import { surfaceOf } from '../terminal.ts';
import { memcachedDefines, nicOf } from './compile-lambdas.ts';
import { type CompiledProgram, compileProgram } from './compile-program.ts';
import { reportOfFigure9, reportOfProgram } from './compile-report.ts';
import { formatStats, statsOf } from './compile-stats.ts';
import { measureProgram } from './measure-program.ts';
import { diagnosticsText } from './print-diagnostics.ts';
import { type ProgramFolder, readProgramFolder, withMemory } from './program-folder.ts';

type Emit = (typeof EMITS)[number];

/** What `testbed compile` does with its options. @returns the exit status */
export function compile(argv: Readonly<Record<string, unknown>>): number {
  const p4 = optional(argv, 'p4');
  const microC = valuesOf(argv.c);
  const isReport = argv.report === true;
  const folder = folderOf(argv);
  const hasProgram = p4 !== undefined || microC.length > 0 || folder !== undefined;
  if (!hasProgram && !isReport) {
    throw new InputError(
      'command-line',
      'expected a program: --p4 prog.p4, --c plugin.c, or both, or --program folder',
    );
  }
  const disabled = valuesOf(argv.disable);
  checkPasses(disabled);
  if (argv.divide === 'routine') disabled.push('strength-reduce-division');
  const level = Number(single(argv, 'O')) as OptimisationLevel;
  const emit = single(argv, 'emit') as Emit;
  const isJson = argv.json === true;
  const out = optional(argv, 'out');
  if (emit === 'image' && out === undefined && !isJson && !isReport) {
    throw new InputError('command-line', '--out: expected a file for the image (-o prog.elf), or another --emit');
  }
  const topology = loadTopology(single(argv, 'topology'));
  const profile = optional(argv, 'profile');
  const given = {
    ...(folder?.sources ?? { p4, microC, rules: optional(argv, 'rules') }),
    includePaths: valuesOf(argv.I),
    defines: valuesOf(argv.D),
  };
  const settings = {
    profile: profile === undefined ? nicOf(topology) : loadNicProfile(profile),
    link: { disabledPasses: [...passesLeftOut(level), ...disabled] },
    lower: argv.lower === true,
    surroundings: memcachedDefines(topology),
  };
  if (!hasProgram) {
    return printReport(reportOfFigure9(settings.profile, settings.link.disabledPasses), { isJson, isFigure9: true });
  }
  const program = compileProgram(given, settings);
  if (isReport && program.build.ok) {
    process.stderr.write(diagnosticsText(program.diagnostics, program.files, surfaceOf(process.stderr, process.env)));
    const measured = folder && { profile: settings.profile, topology, lambdaIds: program.lambdaIds };
    const measure =
      measured &&
      ((image: FirmwareImage) =>
        measureProgram(withMemory(image, folder), { ...measured, workloads: folder.workloads.workloads }));
    if (measure === undefined && !isJson) process.stderr.write(NOT_MEASURED);
    return printReport(reportOfProgram(given, settings, measure), { isJson, isFigure9: false });
  }
  if (isJson) process.stdout.write(`${JSON.stringify(jsonOf(program), undefined, 2)}\n`);
  else
    process.stderr.write(diagnosticsText(program.diagnostics, program.files, surfaceOf(process.stderr, process.env)));
  if (!program.build.ok) {
    if (isReport && !isJson) process.stdout.write(formatRefusedAccesses(program.diagnostics));
    return EXIT_BAD_INPUT;
  }
  if (!isJson || out !== undefined) write(out, contentOf(emit, program));
  return EXIT_DONE;
}

const NOT_MEASURED =
  'note: nothing is measured, since nothing says what to ask the program: --program takes a folder with a workload.yaml\n';

/** @throws InputError when files are named beside it */
function folderOf(argv: Readonly<Record<string, unknown>>): ProgramFolder | undefined {
  const path = optional(argv, 'program');
  if (path === undefined) return undefined;
  const beside = ['p4', 'c', 'rules'].filter((name) => argv[name] !== undefined);
  if (beside.length === 0) return readProgramFolder(path);
  throw new InputError(
    'command-line',
    `--${beside.join(', --')}: expected none beside --program, whose files are taken`,
  );
}

function printReport(
  made: ReturnType<typeof reportOfProgram>,
  { isJson, isFigure9 }: { readonly isJson: boolean; readonly isFigure9: boolean },
): number {
  if (!made.ok) throw programError('without some of its passes the program', made.diagnostics, new Map());
  const { report } = made;
  process.stdout.write(
    isJson ? `${JSON.stringify(report, undefined, 2)}\n` : `${formatOptimiserReport(report, isFigure9)}\n`,
  );
  return EXIT_DONE;
}

function contentOf(emit: Emit, program: CompiledProgram): string | Uint8Array {
  const { build, files, matchLambda } = program;
  if (!build.ok) throw new Error('a program that does not compile has no content');
  switch (emit) {
    case 'image':
      return writeFirmwareElf(build.image);
    case 'asm':
      return imageListing(build.image, files);
    case 'map':
      return imageMap(build.image);
    case 'stats':
      return formatStats(statsOf(build.report, build.image), surfaceOf(process.stdout, process.env));
    case 'graph': {
      const model = program.readModel();
      if (model === undefined) throw new InputError('command-line', '--emit graph: expected a P4 program');
      return p4Graph(model);
    }
    case 'match':
      if (matchLambda === undefined) {
        throw new InputError(
          'command-line',
          '--emit match: expected lambdas alone; a whole P4 program is its own match stage',
        );
      }
      return matchStageText(matchLambda);
  }
}

function jsonOf({ build, diagnostics, lambdaIds, matchLambda }: CompiledProgram): object {
  return {
    ok: build.ok,
    diagnostics: diagnostics.map(jsonDiagnostic),
    ...(build.ok
      ? { statistics: statsOf(build.report, build.image) }
      : { refusedAccesses: refusedAccesses(diagnostics) }),
    lambdas: lambdaIds,
    ...(matchLambda === undefined ? {} : { headers: matchLambda.headers }),
  };
}

function jsonDiagnostic({ severity, code, position, message, hint }: Diagnostic): object {
  return { severity, code, ...position, message, ...(hint === undefined ? {} : { hint }) };
}

function checkPasses(names: readonly string[]): void {
  for (const name of names) {
    if (PASS_NAMES.includes(name)) continue;
    const nearest = nearestName(name, PASS_NAMES);
    const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`;
    throw new InputError(
      'command-line',
      `--disable: no pass '${name}': expected one of ${PASS_NAMES.join(', ')}${hint}`,
    );
  }
}

function write(out: string | undefined, content: string | Uint8Array): void {
  if (out === undefined) {
    process.stdout.write(content);
    return;
  }
  try {
    writeFileSync(out, content);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new InputError('unwritable-file', `--out: '${out}' cannot be written (${reason})`);
  }
}

function optional(argv: Readonly<Record<string, unknown>>, name: string): string | undefined {
  return argv[name] === undefined ? undefined : single(argv, name);
}

function single(argv: Readonly<Record<string, unknown>>, name: string): string {
  const value = argv[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new InputError('command-line', `--${name}: expected one value, got ${JSON.stringify(value)}`);
}
