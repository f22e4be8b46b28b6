import type { CommandModule } from 'yargs';
import { OPTIMISATION_LEVELS, type OptimisationLevel } from '../../compiler/optimisation-levels.ts';
import { integerFrom, single, valuesOf } from './option-values.ts';

/** Cycles after which a program is taken for one that does not end: 12.5 s of an 800 MHz core. */
const DEFAULT_LIMIT_CYCLES = 10_000_000_000;

/** Whether the words are those of `testbed npu run-c`. */
export function isRunC(argv: readonly string[]): boolean {
  return argv[0] === 'npu' && argv[1] === 'run-c';
}

/** `testbed npu run-c`: an ordinary C program on one context. */
export function runCAction(finish: (status: number) => void): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'run-c <files..>',
    describe: 'Compile a C program and run it on one context: its output and its exit status are those of main',
    builder: (parser) =>
      parser
        .positional('files', {
          type: 'string',
          array: true,
          demandOption: true,
          describe: 'C files, with int main(void) in one of them',
        })
        .option('O', {
          requiresArg: true,
          type: 'string',
          choices: OPTIMISATION_LEVELS.map(String),
          default: '2',
          describe: 'Optimise: 0 nothing, 1 without what moves or copies code, 2 all passes',
        })
        .option('I', { requiresArg: true, type: 'string', describe: 'Folder of included files (several times)' })
        .option('D', { requiresArg: true, type: 'string', describe: 'NAME or NAME=VALUE (several times)' })
        .option('lower', {
          type: 'boolean',
          nargs: 0,
          default: false,
          describe: 'Turn floating point into fixed point, bounded recursion into a stack, bounded malloc into a pool',
        })
        .option('profile', {
          requiresArg: true,
          type: 'string',
          default: 'agilio-cx-2x40',
          describe: 'NIC profile: name in topology/profiles/nics, or path of a YAML file',
        })
        .option('limit-cycles', {
          requiresArg: true,
          type: 'number',
          default: DEFAULT_LIMIT_CYCLES,
          describe: 'Stop there if the program does not end',
        })
        .option('stats', {
          type: 'boolean',
          nargs: 0,
          default: false,
          describe: 'Print instructions, cycles and memory commands on standard error',
        })
        .option('json', { type: 'boolean', nargs: 0, default: false, describe: 'Print JSON, and nothing else' })
        .epilogue(EPILOGUE),
    handler: async (argv) => {
      const { runC } = await import('../npu/npu-run-c.ts');
      finish(
        runC({
          files: valuesOf(argv.files),
          level: Number(single(argv, 'O')) as OptimisationLevel,
          includePaths: valuesOf(argv.I),
          defines: valuesOf(argv.D),
          lower: argv.lower as boolean,
          profile: single(argv, 'profile'),
          limitCycles: integerFrom(argv, 'limit-cycles', 1, 1e12),
          stats: argv.stats as boolean,
          json: argv.json as boolean,
        }),
      );
    },
  };
}

const EPILOGUE = `Exit status: that of main, 0 to 255. 124: not at its end after the limit; 125: nothing was run (a bad command
line, errors in the program); 134: abort(), a failed assert; 139: the program was stopped by a fault.

Examples:
  testbed npu run-c sieve.c
  testbed npu run-c sha256.c main.c -O1 -I include -D ROUNDS=64 --stats`;
