import type { Argv, CommandModule } from 'yargs';
import type { ContextMode } from '../../npu/isa/instruction.ts';
import { NPU_ENGINES, type NpuRunOptions } from '../npu/npu-run-options.ts';
import { runCAction } from './npu-run-c-command.ts';
import { integerFrom, single, valuesOf } from './option-values.ts';

export const NPU_ACTIONS: readonly string[] = ['run', 'run-c', 'asm', 'disasm'];

type Command = CommandModule<object, Record<string, unknown>>;

/** `testbed npu`: programs for one core, without a network around them. */
export function npuCommand(finish: (status: number) => void): Command {
  return {
    command: 'npu <action>',
    describe: 'Run a program or a C file on the cores of a SmartNIC; assemble, disassemble',
    builder: (parser) =>
      parser
        .command(runAction(finish))
        .command(runCAction(finish))
        .command(assembleAction())
        .command(disassembleAction())
        .demandCommand(1, `expected one of ${NPU_ACTIONS.join(', ')}`)
        .epilogue(EXAMPLES),
    handler: () => undefined,
  };
}

function runAction(finish: (status: number) => void): Command {
  return {
    command: 'run <file>',
    describe: 'Run a program on one core: registers, memory, frames and where the cycles went',
    builder: (parser) =>
      contextMode(parser)
        .positional('file', { type: 'string', demandOption: true, describe: 'Assembler text, or an ELF image for NFP' })
        .option('profile', {
          requiresArg: true,
          type: 'string',
          default: 'agilio-cx-2x40',
          describe: 'NIC profile: name in topology/profiles/nics, or path of a YAML file',
        })
        .option('contexts', {
          requiresArg: true,
          type: 'number',
          default: 1,
          describe: 'Contexts of a core that start',
        })
        .option('cores', { requiresArg: true, type: 'number', default: 1, describe: 'Cores that run the program' })
        .option('registers', {
          requiresArg: true,
          type: 'string',
          describe: 'Values before the start, in each context: gprA_0=5,gprB_1=0x10',
        })
        .option('memory', {
          requiresArg: true,
          type: 'string',
          describe: 'Octets before the start: emem:0x100=FILE (emem, imem, ctm, cls, local; several times)',
        })
        .option('packet', {
          requiresArg: true,
          type: 'string',
          describe: 'File with the octets of a frame to receive (several times: a stream)',
        })
        .option('repeat', {
          requiresArg: true,
          type: 'number',
          default: 1,
          describe: 'Times that the program runs; with packets, that all of them come',
        })
        .option('limit-cycles', {
          requiresArg: true,
          type: 'number',
          default: 20_000_000,
          describe: 'Stop there if the program does not end',
        })
        .option('engine', {
          requiresArg: true,
          choices: NPU_ENGINES,
          default: NPU_ENGINES[0],
          describe: 'What executes it: one by one with an account of all cycles, or translated, for speed',
        })
        .option('trace', { type: 'boolean', nargs: 0, default: false, describe: 'Print each instruction as it runs' })
        .option('json', { type: 'boolean', nargs: 0, default: false, describe: 'Print JSON, and nothing else' })
        .epilogue(RUN_EXAMPLES),
    handler: async (argv) => {
      const options = checkRunOptions(argv);
      const { runNpuProgram } = await import('../npu/npu-run.ts');
      finish(runNpuProgram(options));
    },
  };
}

function assembleAction(): Command {
  return {
    command: 'asm <file>',
    describe: 'Assemble a program into an ELF image that nfp-elf-objdump reads',
    builder: (parser) =>
      contextMode(parser)
        .positional('file', { type: 'string', demandOption: true, describe: 'Assembler text' })
        .option('out', {
          alias: 'o',
          requiresArg: true,
          type: 'string',
          describe: 'Image to write',
        }),
    handler: async (argv) => {
      const out = single(argv, 'out');
      const { assembleFile } = await import('../npu/npu-assembly.ts');
      assembleFile(single(argv, 'file'), modeOf(argv), out);
    },
  };
}

function disassembleAction(): Command {
  return {
    command: 'disasm <file>',
    describe: "Print a program as GNU objdump's disassembler does",
    builder: (parser) =>
      contextMode(parser).positional('file', { type: 'string', demandOption: true, describe: 'An ELF image for NFP' }),
    handler: async (argv) => {
      const { printDisassembly } = await import('../npu/npu-assembly.ts');
      printDisassembly(single(argv, 'file'), modeOf(argv));
    },
  };
}

function contextMode(parser: Argv): Argv {
  return parser.option('context-mode', {
    requiresArg: true,
    choices: [8, 4],
    default: 8,
    describe: 'Contexts that share the registers of a core (an image says so itself)',
  });
}

function checkRunOptions(argv: Readonly<Record<string, unknown>>): NpuRunOptions {
  return {
    file: single(argv, 'file'),
    profile: single(argv, 'profile'),
    contextMode: modeOf(argv),
    contexts: integerFrom(argv, 'contexts', 1, 8),
    cores: integerFrom(argv, 'cores', 1, 1000),
    registers: valuesOf(argv.registers),
    memories: valuesOf(argv.memory),
    packets: valuesOf(argv.packet),
    repeat: integerFrom(argv, 'repeat', 1, 100_000_000),
    limitCycles: integerFrom(argv, 'limit-cycles', 1, 1e12),
    engine: single(argv, 'engine') as NpuRunOptions['engine'],
    trace: argv.trace as boolean,
    json: argv.json as boolean,
  };
}

function modeOf(argv: Readonly<Record<string, unknown>>): ContextMode {
  return argv.contextMode === 4 ? 4 : 8;
}

const EXAMPLES = `Examples:
  testbed npu run count.asm --registers gprA_0=5
  testbed npu run-c sieve.c -O2
  testbed npu asm count.asm -o count.elf
  testbed npu disasm count.elf`;

const RUN_EXAMPLES = `Examples:
  Eight contexts, a table in EMEM:
    testbed npu run lookup.asm --contexts 8 --memory emem:0x1000=table.bin
  A thousand times the same frame, on two cores:
    testbed npu run echo.asm --packet frame.bin --repeat 1000 --cores 2
  Every instruction:
    testbed npu run count.asm --trace`;
