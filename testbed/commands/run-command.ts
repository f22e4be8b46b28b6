import type { CommandModule } from 'yargs';
import { EXIT_DONE, EXIT_RUN_FAILED, InputError } from '../../base/errors.ts';
import { MOST_CONCURRENCY, MOST_REQUESTS } from '../../topology/workload-limits.ts';
import { type RunOptions, WORKLOAD_NAMES } from '../run/run-options.ts';
import { surfaceOf } from '../terminal.ts';
import { tokenOf } from './node-command.ts';

/** `testbed run`: one run of a topology's workloads. */
export function runCommand(finish: (status: number) => void): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'run',
    describe: 'Run the workloads of a topology and report latencies, throughput and the digest of the run',
    builder: (parser) =>
      parser
        .option('topology', {
          requiresArg: true,
          type: 'string',
          default: 'four-workers',
          describe: 'Name in topology/, or path of a YAML file',
        })
        .option('program', {
          requiresArg: true,
          type: 'string',
          describe: "Folder with a program (.p4, .c, .p4cfg, workload.yaml) to run in place of the topology's lambdas",
        })
        .option('faults', {
          requiresArg: true,
          type: 'string',
          describe: "YAML file of faults in place of the topology's, such as the faults.yaml of a run",
        })
        .option('workload', {
          requiresArg: true,
          choices: ['all', ...WORKLOAD_NAMES],
          default: 'all',
          describe: 'Which workload to carry',
        })
        .option('requests', {
          requiresArg: true,
          type: 'number',
          describe: 'Requests of each workload (default: the topology says)',
        })
        .option('concurrency', {
          requiresArg: true,
          type: 'number',
          describe: 'Requests outstanding: 1 is a closed loop, 56 the parallel test of the paper',
        })
        .option('seed', { requiresArg: true, type: 'number', default: 1, describe: 'Seed of every random stream' })
        .option('transport', {
          requiresArg: true,
          choices: ['udp', 'memory'],
          default: 'udp',
          describe: 'A process for each node, over UDP, or all nodes in one process',
        })
        .option('clock', { requiresArg: true, choices: ['virtual'], default: 'virtual', describe: 'Emulated time' })
        .option('pin', {
          requiresArg: true,
          choices: ['auto', 'on', 'off'],
          default: 'auto',
          describe: 'Keep all processes on one core',
        })
        .option('processes', {
          requiresArg: true,
          type: 'string',
          default: 'auto',
          describe:
            'How many with --transport udp: a number, per-node, or auto (as the topology says, few when many nodes)',
        })
        .option('token', {
          requiresArg: true,
          type: 'string',
          describe: 'What `testbed node` on other machines was started with (default: LAMBDA_NIC_TOKEN)',
        })
        .option('drop-datagrams', {
          requiresArg: true,
          type: 'number',
          default: 0,
          describe: 'Share of datagrams between processes dropped on purpose',
        })
        .option('datagrams', {
          requiresArg: true,
          choices: ['auto', 'dgram', 'native'],
          default: 'auto',
          describe: "Send them by Node's dgram, or by system calls through koffi (auto: where it works)",
        })
        .option('captures', {
          type: 'boolean',
          nargs: 0,
          default: true,
          describe: 'Write one pcap a link (--no-captures: none)',
        })
        .option('pcap-precision', {
          requiresArg: true,
          choices: ['ns', 'us'],
          default: 'ns',
          describe: 'Time stamps of the captures',
        })
        .option('image', {
          requiresArg: true,
          type: 'string',
          describe: 'PNG to send in place of the generated pictures',
        })
        .option('memcached', {
          requiresArg: true,
          type: 'string',
          describe: "host:port of a real memcached to put behind M1's address, in place of M1's own",
        })
        .option('out', {
          requiresArg: true,
          type: 'string',
          describe: 'Results folder (default: results/<topology>-<time>)',
        })
        .option('overwrite', {
          type: 'boolean',
          nargs: 0,
          default: false,
          describe: 'Replace a run that --out holds already',
        })
        .option('json', {
          type: 'boolean',
          nargs: 0,
          default: false,
          describe: 'Print the summary as JSON, and nothing else',
        })
        .epilogue(EXAMPLES),
    handler: async (argv) => {
      const options = checkOptions(argv);
      const [{ run }, { formatSummary }] = await Promise.all([import('../run/run.ts'), import('../results/report.ts')]);
      const summary = await run(options);
      process.stdout.write(
        options.json
          ? `${JSON.stringify(summary, undefined, 2)}\n`
          : formatSummary(summary, surfaceOf(process.stdout, process.env)),
      );
      finish(summary.failures.length === 0 ? EXIT_DONE : EXIT_RUN_FAILED);
    },
  };
}

/** Below one another, so that none is broken where a terminal is narrow. */
const EXAMPLES = `Examples:
  The three workloads of the paper:
    testbed run --topology four-workers
  Its parallel test:
    testbed run --workload web --concurrency 56
  The same run in one process has the same digest:
    testbed run --transport memory --json | jq .digest
  Your own picture:
    testbed run --workload image --image picture.png
  A real memcached behind M1:
    testbed run --workload key-value --memcached 127.0.0.1:11211
  A program as it was written for the card, and its own requests:
    testbed run --program examples/published-shape --topology one-worker`;

function checkOptions(argv: Readonly<Record<string, unknown>>): RunOptions {
  return {
    topology: single(argv, 'topology'),
    program: programOf(argv),
    faults: optional(argv, 'faults', (_) => single(argv, 'faults')),
    workload: single(argv, 'workload') as RunOptions['workload'],
    requests: optional(argv, 'requests', (value) => integerFrom('requests', value, 1, MOST_REQUESTS)),
    concurrency: optional(argv, 'concurrency', (value) => integerFrom('concurrency', value, 1, MOST_CONCURRENCY)),
    seed: integerFrom('seed', argv.seed, 0, Number.MAX_SAFE_INTEGER),
    transport: single(argv, 'transport') as RunOptions['transport'],
    pin: single(argv, 'pin') as RunOptions['pin'],
    processes: processesOf(argv.processes),
    token: tokenOf(argv.token),
    dropDatagrams: shareOf('drop-datagrams', argv.dropDatagrams),
    datagrams: single(argv, 'datagrams') as RunOptions['datagrams'],
    capture: argv.captures as boolean,
    pcapPrecision: single(argv, 'pcapPrecision') as RunOptions['pcapPrecision'],
    out: optional(argv, 'out', (_) => single(argv, 'out')),
    overwrite: argv.overwrite as boolean,
    image: optional(argv, 'image', (_) => single(argv, 'image')),
    json: argv.json as boolean,
    memcached: optional(argv, 'memcached', (_) => memcachedAddress(single(argv, 'memcached'))),
  };
}

/** What a program is asked is in its workload file. */
function programOf(argv: Readonly<Record<string, unknown>>): string | undefined {
  const program = optional(argv, 'program', (_) => single(argv, 'program'));
  if (program === undefined) return undefined;
  if (argv.workload !== 'all') {
    throw new InputError('command-line', '--workload: expected none beside --program, whose workload.yaml says it');
  }
  if (argv.image !== undefined) throw new InputError('command-line', '--image: expected none beside --program');
  return program;
}

function processesOf(value: unknown): RunOptions['processes'] {
  if (value === 'auto' || value === 'per-node') return value;
  if (typeof value === 'string' && /^[1-9]\d{0,3}$/.test(value)) return Number(value);
  throw new InputError(
    'command-line',
    `--processes: expected auto, per-node or a number above 0, got ${JSON.stringify(value)}`,
  );
}

function single(argv: Readonly<Record<string, unknown>>, name: string): string {
  const value = argv[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new InputError(
    'command-line',
    `--${name}: expected one value, got ${JSON.stringify(value)}; see testbed run --help`,
  );
}

function optional<T>(
  argv: Readonly<Record<string, unknown>>,
  name: string,
  check: (value: unknown) => T,
): T | undefined {
  return argv[name] === undefined ? undefined : check(argv[name]);
}

function integerFrom(flag: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new InputError(
    'command-line',
    `--${flag}: expected a whole number from ${least} to ${most}, got ${formatGiven(value)}`,
  );
}

function shareOf(flag: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= 0.9) return value;
  throw new InputError('command-line', `--${flag}: expected a share from 0 to 0.9, got ${formatGiven(value)}`);
}

/** yargs has made NaN of what is no number, and a list of a flag that came twice. */
function formatGiven(value: unknown): string {
  if (Array.isArray(value)) return `${value.length} values`;
  return Number.isNaN(value) ? 'something else' : String(value);
}

/** `--memcached host:port`; an IPv6 address stands in brackets. */
function memcachedAddress(text: string): NonNullable<RunOptions['memcached']> {
  const match = /^(\[[0-9a-fA-F:]+\]|[^:[\]]+):([0-9]{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port < 1 || port > 65_535) {
    throw new InputError('command-line', `--memcached: expected host:port, such as 127.0.0.1:11211, got '${text}'`);
  }
  return { host: (match[1] as string).replace(/^\[|\]$/g, ''), port };
}
