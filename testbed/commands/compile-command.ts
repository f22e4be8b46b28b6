import type { CommandModule } from 'yargs';
import { OPTIMISATION_LEVELS } from '../../compiler/optimisation-levels.ts';
import { PASS_NAMES } from '../../compiler/pass-names.ts';

export const EMITS = ['image', 'asm', 'map', 'stats', 'graph', 'match'] as const;

/** `testbed compile`: sources in, the image of a NIC's cores or a view of it out. */
export function compileCommand(finish: (status: number) => void): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'compile',
    describe: 'Compile a P4 program with its Micro-C plugin, or Micro-C lambdas alone, to a firmware image',
    builder: (parser) =>
      parser
        .option('p4', {
          requiresArg: true,
          type: 'string',
          describe: 'P4-14 program; without a parser: the match stage of the lambdas (default: made from them)',
        })
        .option('c', {
          requiresArg: true,
          type: 'string',
          describe: 'Micro-C file, or folder of a lambda (several times)',
        })
        .option('rules', { requiresArg: true, type: 'string', describe: 'Entries of the tables: a .p4cfg (JSON)' })
        .option('program', {
          requiresArg: true,
          type: 'string',
          describe: 'Folder of a program as testbed run takes it, in place of --p4, --c and --rules',
        })
        .option('I', { requiresArg: true, type: 'string', describe: 'Folder of included files (several times)' })
        .option('D', { requiresArg: true, type: 'string', describe: 'NAME or NAME=VALUE, for both languages' })
        .option('O', {
          requiresArg: true,
          type: 'string',
          choices: OPTIMISATION_LEVELS.map(String),
          default: '2',
          describe: 'Optimise: 0 nothing, 1 without what moves or copies code, 2 all passes',
        })
        .option('divide', {
          requiresArg: true,
          choices: ['reciprocal', 'routine'],
          default: 'reciprocal',
          describe: 'Division by a constant: multiply and shift, or the run-time routine',
        })
        .option('lower', {
          type: 'boolean',
          nargs: 0,
          default: false,
          describe: 'Turn floating point into fixed point, bounded recursion into a stack, bounded malloc into a pool',
        })
        .option('disable', {
          requiresArg: true,
          type: 'string',
          describe: `Leave a pass of the optimiser out (several times): ${PASS_NAMES.join(', ')}`,
        })
        .option('emit', {
          requiresArg: true,
          choices: EMITS,
          default: 'image' as const,
          describe:
            'What to write: image (ELF), asm (with source lines), map, stats, graph (DOT), match (the P4 that was made)',
        })
        .option('out', {
          alias: 'o',
          requiresArg: true,
          type: 'string',
          describe: 'File to write; text goes to the standard output without it',
        })
        .option('report', {
          type: 'boolean',
          nargs: 0,
          default: false,
          describe: "Print what the paper's passes save, and how accesses are bounded; without a program: Figure 9's",
        })
        .option('profile', {
          requiresArg: true,
          type: 'string',
          describe: "NIC profile: name in topology/profiles/nics, or path (default: the topology's)",
        })
        .option('topology', {
          requiresArg: true,
          type: 'string',
          default: 'four-workers',
          describe: 'Where lambdas find memcached, and the NIC',
        })
        .option('json', {
          type: 'boolean',
          nargs: 0,
          default: false,
          describe: 'Print statistics and diagnostics as JSON',
        })
        .epilogue(EXAMPLES),
    handler: async (argv) => {
      const { compile } = await import('../compile/compile.ts');
      finish(compile(argv));
    },
  };
}

const EXAMPLES = `Examples:
  A program as it was written for the card:
    testbed compile --p4 prog.p4 --c plugin.c --rules prog.p4cfg -o prog.elf
  What the passes save of a program in a folder, measured with its workload:
    testbed compile --program examples/published-shape --report
  Lambdas alone; what is made around them:
    testbed compile --c lambdas/web-server --emit match
  How large it is, without two passes:
    testbed compile --c lambdas/web-server --emit stats --disable inline-functions --disable fill-defer
  The table behind the paper's Figure 9:
    testbed compile --report
  The code with its source:
    testbed compile --c lambdas/web-server --emit asm | less`;
