import yargs, { type Argv } from 'yargs';
import { EXIT_BAD_INPUT, EXIT_DONE, EXIT_RUN_FAILED, InputError, RunError } from '../base/errors.ts';
import { captureCommand } from './capture-command.ts';
import { controlCommand } from './control-command.ts';
import { runCommand } from './run-command.ts';

/** The `testbed` command. Sets the exit status; bad input is one line on standard error. */
export async function main(argv: readonly string[]): Promise<void> {
  process.exitCode = await statusOf(argv);
}

async function statusOf(argv: readonly string[]): Promise<number> {
  let status = EXIT_DONE;
  const finish = (exitStatus: number) => {
    status = exitStatus;
  };
  const parser: Argv = yargs()
    .scriptName('testbed')
    .usage('$0 <command>\n\nA packet-level testbed of the lambda-NIC paper: serverless lambdas on emulated SmartNICs.')
    .command(runCommand(finish))
    .command(captureCommand())
    .command(controlCommand())
    .demandCommand(1, 'which command?')
    .strict()
    .recommendCommands()
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .epilogue('Exit status: 0 done, 1 the run failed, 2 bad input.')
    .exitProcess(false)
    .fail((message, error) => {
      // yargs throws what it finds wrong with the words of the command, and hands on what a command threw.
      if (error !== undefined && error.name !== 'YError') throw error;
      const text = (error?.message ?? message).split('\n').join(' ');
      throw new InputError('command-line', `${text} (testbed --help lists what there is)`);
    });
  try {
    await parser.parseAsync([...argv]);
  } catch (error) {
    return explain(error);
  }
  return status;
}

function explain(error: unknown): number {
  if (error instanceof InputError) {
    process.stderr.write(`error: ${error.message}\n`);
    return EXIT_BAD_INPUT;
  }
  if (error instanceof RunError) {
    process.stderr.write(`run failed: ${error.message}\n`);
    return EXIT_RUN_FAILED;
  }
  process.stderr.write(`internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT_RUN_FAILED;
}
