import type { CommandModule } from 'yargs';
import { EXIT_DONE, EXIT_RUN_FAILED } from '../../base/errors.ts';
import type { RunOptions } from '../run/run-options.ts';
import { single } from './option-values.ts';

/** `testbed replay FOLDER`: the same run once more, with the digests compared. */
export function replayCommand(finish: (status: number) => void): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'replay <folder>',
    describe: 'Repeat a run from its results folder and compare the digests',
    builder: (parser) =>
      parser
        .positional('folder', { type: 'string', demandOption: true, describe: 'Results folder of the run' })
        .option('transport', {
          requiresArg: true,
          choices: ['memory', 'udp'],
          default: 'memory',
          describe: 'All nodes in one process, or a process for each; the run is the same',
        })
        .option('out', {
          requiresArg: true,
          type: 'string',
          describe: 'Results folder of the repetition (default: results/<topology>-<time>)',
        })
        .option('json', { type: 'boolean', nargs: 0, default: false, describe: 'Print the comparison as JSON' })
        .epilogue(`Example:\n  testbed replay results/RUN`),
    handler: async (argv) => {
      const { replay } = await import('../run/replay.ts');
      const replayed = await replay({
        folder: single(argv, 'folder'),
        transport: single(argv, 'transport') as RunOptions['transport'],
        out: argv.out === undefined ? undefined : single(argv, 'out'),
      });
      const { isSame, digest, expected, results } = replayed;
      process.stdout.write(
        argv.json === true
          ? `${JSON.stringify(replayed)}\n`
          : `${isSame ? 'the same run' : 'ANOTHER RUN'}\n` +
              `digest     ${digest}\n${isSame ? '' : `expected   ${expected}\n`}results    ${results}\n`,
      );
      finish(isSame ? EXIT_DONE : EXIT_RUN_FAILED);
    },
  };
}
