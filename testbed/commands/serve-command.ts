import type { CommandModule } from 'yargs';
import { EXIT_DONE, EXIT_RUN_FAILED } from '../../base/errors.ts';
import type { RunOptions } from '../run/run-options.ts';
import type { Listening } from '../serve/serve.ts';
import { surfaceOf } from '../terminal.ts';
import { tokenOf } from './node-command.ts';
import { integerFrom, single } from './option-values.ts';

const DEFAULT_PORT = 8080;

/** `testbed serve`: keeps a testbed up, its lambdas behind the OpenFaaS API. */
export function serveCommand(finish: (status: number) => void): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'serve',
    describe: 'Keep a testbed up and call its lambdas over HTTP, as with OpenFaaS',
    builder: (parser) =>
      parser
        .option('topology', {
          requiresArg: true,
          type: 'string',
          default: 'four-workers',
          describe: 'Name in topology/, or path of a YAML file',
        })
        .option('port', {
          requiresArg: true,
          type: 'number',
          default: DEFAULT_PORT,
          describe: 'TCP port of the gateway; 0: any free one',
        })
        .option('address', {
          requiresArg: true,
          type: 'string',
          default: '127.0.0.1',
          describe: 'Address to listen on; others than loopback let other machines in',
        })
        .option('memcached-port', {
          requiresArg: true,
          type: 'number',
          describe: "TCP port on loopback for clients of M1's memcached; 0: any free one (default: none)",
        })
        .option('seed', { requiresArg: true, type: 'number', default: 1, describe: 'Seed of every random stream' })
        .option('transport', {
          requiresArg: true,
          choices: ['udp', 'memory'],
          default: 'udp',
          describe: 'A process for each node, over UDP, or all nodes in one process',
        })
        .option('captures', {
          type: 'boolean',
          nargs: 0,
          default: true,
          describe: 'Write one pcap a link (--no-captures: none)',
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
          describe: 'Print where the gateway listens, and at the end the summary, as one line of JSON each',
        })
        .epilogue(EXAMPLES),
    handler: async (argv) => {
      const [{ serve }, { formatSummary }] = await Promise.all([
        import('../serve/serve.ts'),
        import('../results/report.ts'),
      ]);
      const json = argv.json as boolean;
      const summary = await serve({
        run: runOptionsOf(argv),
        address: single(argv, 'address'),
        port: integerFrom(argv, 'port', 0, 65_535),
        memcachedPort: argv.memcachedPort === undefined ? undefined : integerFrom(argv, 'memcached-port', 0, 65_535),
        onListening: (listening) => {
          process.stdout.write(json ? `${JSON.stringify(listening)}\n` : formatListening(listening));
        },
      });
      process.stdout.write(
        json ? `${JSON.stringify(summary)}\n` : formatSummary(summary, surfaceOf(process.stdout, process.env)),
      );
      finish(summary.failures.length === 0 ? EXIT_DONE : EXIT_RUN_FAILED);
    },
  };
}

const EXAMPLES = `Examples:
  The lambdas of the paper, each at http://127.0.0.1:8080/function/NAME:
    testbed serve --topology four-workers
  A page of the web server; the emulated latency is among the headers:
    curl -i --data-binary $'\\0\\0\\0\\0' http://127.0.0.1:8080/function/web-server
  What is deployed:
    curl -u admin:$(cat results/RUN/basic-auth-password) http://127.0.0.1:8080/system/functions`;

/** A service is a run whose requests come from outside. */
function runOptionsOf(argv: Readonly<Record<string, unknown>>): RunOptions {
  return {
    topology: single(argv, 'topology'),
    program: undefined,
    faults: undefined,
    workload: 'all',
    requests: undefined,
    concurrency: undefined,
    seed: integerFrom(argv, 'seed', 0, Number.MAX_SAFE_INTEGER),
    transport: single(argv, 'transport') as RunOptions['transport'],
    // Whoever waits for an answer by hand has little outstanding.
    pin: 'off',
    processes: 'auto',
    token: tokenOf(undefined),
    dropDatagrams: 0,
    datagrams: 'auto',
    capture: argv.captures as boolean,
    pcapPrecision: 'ns',
    out: argv.out === undefined ? undefined : single(argv, 'out'),
    overwrite: argv.overwrite as boolean,
    image: undefined,
    json: argv.json as boolean,
  };
}

function formatListening({ url, functions, administrator, passwordFile, results, memcached }: Listening): string {
  return (
    `${functions.map((name, index) => `${index === 0 ? 'functions  ' : '           '}${url}/function/${name}`).join('\n')}\n` +
    `system     ${url}/system/functions, user ${administrator}, password in ${passwordFile}\n` +
    (memcached === undefined ? '' : `memcached  ${memcached}, its text protocol over TCP\n`) +
    `results    ${results}\n` +
    'Ctrl-C ends it.\n'
  );
}
