import yargs, { type Argv } from 'yargs';
import { EXIT_BAD_INPUT, EXIT_DONE, EXIT_RUN_FAILED, InputError, RunError } from '../base/errors.ts';
import { captureCommand } from './commands/capture-command.ts';
import { commandFault, flagsOf, parserFault } from './commands/command-faults.ts';
import { compileCommand } from './commands/compile-command.ts';
import { separateWords } from './commands/compiler-words.ts';
import { controlCommand } from './commands/control-command.ts';
import { nodeCommand } from './commands/node-command.ts';
import { NPU_ACTIONS, npuCommand } from './commands/npu-command.ts';
import { isRunC } from './commands/npu-run-c-command.ts';
import { P4_ACTIONS, p4Command } from './commands/p4-command.ts';
import { replayCommand } from './commands/replay-command.ts';
import { runCommand } from './commands/run-command.ts';
import { serveCommand } from './commands/serve-command.ts';
import { TOPOLOGY_ACTIONS, topologyCommand } from './commands/topology-command.ts';
import { EXIT_NOT_RUN } from './npu/run-c-status.ts';
import { sourceStack } from './source-stack.ts';
import { printable } from './terminal.ts';

const COMMANDS = ['run', 'node', 'serve', 'replay', 'compile', 'topology', 'p4', 'capture', 'control', 'npu'];
/** Commands that have commands of their own. */
const ACTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ['npu', NPU_ACTIONS],
  ['p4', P4_ACTIONS],
  ['topology', TOPOLOGY_ACTIONS],
]);
const WIDEST_HELP = 110;

/** The `testbed` command. Sets the exit status; bad input is one line on standard error. */
export async function main(argv: readonly string[]): Promise<void> {
  process.on('uncaughtException', (error) => process.exit(explain(error)));
  process.exitCode = await statusOf(separateWords(withCommand(argv)));
}

/** Options without a command are a run's: `npm run testbed -- --topology four-workers`. */
function withCommand(argv: readonly string[]): readonly string[] {
  const isBare = argv[0]?.startsWith('-') === true && !['--help', '--version'].includes(argv[0]);
  return isBare ? ['run', ...argv] : argv;
}

async function statusOf(argv: readonly string[]): Promise<number> {
  let status = EXIT_DONE;
  let wrongWords: string | undefined;
  const finish = (exitStatus: number) => {
    status = exitStatus;
  };
  const parser: Argv = yargs()
    .scriptName('testbed')
    .usage('$0 <command>\n\nA packet-level testbed of the lambda-NIC paper: serverless lambdas on emulated SmartNICs.')
    .command(runCommand(finish))
    .command(nodeCommand(finish))
    .command(serveCommand(finish))
    .command(replayCommand(finish))
    .command(compileCommand(finish))
    .command(topologyCommand(finish))
    .command(p4Command(finish))
    .command(captureCommand())
    .command(controlCommand())
    .command(npuCommand(finish))
    .demandCommand(1, 'which command?')
    .strict()
    .locale('en')
    .wrap(Math.min(WIDEST_HELP, process.stdout.columns || WIDEST_HELP))
    .epilogue("Exit status: 0 done, 1 the run failed, 2 bad input; npu run-c ends with the program's.")
    .exitProcess(false)
    .fail((message, error) => {
      // yargs throws what it finds wrong with the words of the command, and hands on what a command threw.
      if (error !== undefined && error.name !== 'YError') throw error;
      wrongWords = error?.message ?? message;
      throw new Error(wrongWords);
    });
  try {
    const actions = ACTIONS.get(argv[0] ?? '');
    const fault =
      commandFault(argv, COMMANDS) ?? (actions === undefined ? undefined : commandFault(argv.slice(1), actions));
    if (fault !== undefined) throw badCommandLine(fault, argv);
    await parser.parseAsync([...argv]);
  } catch (error) {
    const explained = explain(
      wrongWords === undefined
        ? error
        : badCommandLine(parserFault(wrongWords, argv, flagsOf(await parser.getHelp())), argv),
    );
    return isRunC(argv) ? EXIT_NOT_RUN : explained;
  }
  return status;
}

function badCommandLine(fault: string, argv: readonly string[]): InputError {
  const words = COMMANDS.includes(argv[0] ?? '')
    ? argv.slice(0, ACTIONS.get(argv[0] ?? '')?.includes(argv[1] ?? '') === true ? 2 : 1)
    : [];
  const help = ['testbed', ...words, '--help'].join(' ');
  return new InputError('command-line', `${fault} (${help} lists what there is)`);
}

/** The one place where errors are printed: they quote files and arguments, which a terminal must not obey. */
function explain(error: unknown): number {
  const [what, text, status] = describe(error);
  process.stderr.write(`${what}: ${printable(text)}\n`);
  return status;
}

function describe(error: unknown): [what: string, text: string, status: number] {
  if (error instanceof InputError) return ['error', error.message, EXIT_BAD_INPUT];
  if (error instanceof RunError) return ['run failed', error.message, EXIT_RUN_FAILED];
  const text = error instanceof Error ? sourceStack(error.stack ?? error.message) : String(error);
  return ['internal error', text, EXIT_RUN_FAILED];
}
