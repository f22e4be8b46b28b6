import type { CommandModule } from 'yargs';
import { PASS_NAMES } from '../../compiler/pass-names.ts';
import { valuesOf } from './option-values.ts';

export const P4_ACTIONS: readonly string[] = ['test'];

type Command = CommandModule<object, Record<string, unknown>>;

/** `testbed p4`: P4 programs by themselves. */
export function p4Command(finish: (status: number) => void): Command {
  return {
    command: 'p4 <action>',
    describe: 'Put a P4 program to packet tests, through its image on a core of a SmartNIC',
    builder: (parser) =>
      parser.command(testAction(finish)).demandCommand(1, `expected one of ${P4_ACTIONS.join(', ')}`),
    handler: () => undefined,
  };
}

function testAction(finish: (status: number) => void): Command {
  return {
    command: 'test <program> <test>',
    describe: 'Compile a P4-14 program and send the packets of an STF test through it',
    builder: (parser) =>
      parser
        .positional('program', { type: 'string', demandOption: true, describe: 'P4-14 program' })
        .positional('test', { type: 'string', demandOption: true, describe: 'Packets and what is expected: .stf' })
        .option('c', { requiresArg: true, type: 'string', describe: 'Micro-C plugin, file or folder (several times)' })
        .option('rules', { requiresArg: true, type: 'string', describe: 'Entries before those of the test: a .p4cfg' })
        .option('I', { requiresArg: true, type: 'string', describe: 'Folder of included files (several times)' })
        .option('D', { requiresArg: true, type: 'string', describe: 'NAME or NAME=VALUE, for both languages' })
        .option('profile', {
          requiresArg: true,
          type: 'string',
          default: 'agilio-cx-2x40',
          describe: 'NIC profile: name in topology/profiles/nics, or path of a YAML file',
        })
        .option('disable', {
          requiresArg: true,
          type: 'string',
          describe: `Leave a pass of the optimiser out (several times): ${PASS_NAMES.join(', ')}`,
        })
        .option('verbose', {
          alias: 'v',
          type: 'boolean',
          nargs: 0,
          default: false,
          describe: 'Print what passed as well, with its packets',
        })
        .option('json', { type: 'boolean', nargs: 0, default: false, describe: 'Print JSON, and nothing else' })
        .epilogue('Exit status: 0 all as expected, 1 something was not, 2 bad program or test.'),
    handler: async (argv) => {
      const { testP4 } = await import('../compile/p4-test.ts');
      finish(
        testP4({
          program: String(argv.program),
          test: String(argv.test),
          microC: valuesOf(argv.c),
          rules: argv.rules === undefined ? undefined : String(argv.rules),
          includePaths: valuesOf(argv.I),
          defines: valuesOf(argv.D),
          profile: String(argv.profile),
          disabledPasses: valuesOf(argv.disable),
          verbose: argv.verbose === true,
          json: argv.json === true,
        }),
      );
    },
  };
}
