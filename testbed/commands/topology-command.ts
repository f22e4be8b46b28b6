import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CommandModule } from 'yargs';
import { EXIT_BAD_INPUT, InputError } from '../../base/errors.ts';
import { generateLeafSpine, LINE_RATES, MOST } from '../../topology/generate-topology.ts';
import { wrapped } from '../terminal.ts';
import type { GraphNetwork } from '../topology/topology-graph.ts';
import { integerFrom, single } from './option-values.ts';

export const TOPOLOGY_ACTIONS: readonly string[] = ['list', 'show', 'validate', 'graph', 'new'];

type Command = CommandModule<object, Record<string, unknown>>;

const TOPOLOGY = { type: 'string', demandOption: true, describe: 'Name in topology/, or path of a YAML file' } as const;
const OUT = { alias: 'o', requiresArg: true, type: 'string', describe: 'File to write (default: print)' } as const;
const JSON_OPTION = { type: 'boolean', nargs: 0, default: false, describe: 'Print JSON, and nothing else' } as const;

/** `testbed topology`: networks by themselves, without a run. */
export function topologyCommand(finish: (status: number) => void): Command {
  return {
    command: 'topology <action>',
    describe: 'List, show, check, draw and write topologies',
    builder: (parser) =>
      parser
        .command(listAction())
        .command(showAction())
        .command(validateAction(finish))
        .command(graphAction())
        .command(newAction())
        .demandCommand(1, `expected one of ${TOPOLOGY_ACTIONS.join(', ')}`),
    handler: () => undefined,
  };
}

function listAction(): Command {
  return {
    command: 'list',
    describe: 'Name the topologies that come with the testbed, and what they are',
    builder: (parser) => parser.option('json', JSON_OPTION),
    handler: async (argv) => {
      const { knownTopologies, loadTopology } = await import('../../topology/load-topology.ts');
      const topologies = knownTopologies().map((name) => loadTopology(name));
      if (argv.json === true) {
        print(json(topologies.map(({ name, description, file }) => ({ name, description, file }))));
        return;
      }
      const width = Math.max(...topologies.map(({ name }) => name.length)) + 2;
      for (const { name, description } of topologies) {
        print(`${name.padEnd(width)}${wrapped(description, 80, width)}\n`);
      }
    },
  };
}

function showAction(): Command {
  return {
    command: 'show <topology>',
    describe: 'Tables of hosts, switches, links and routes, with addresses, rates and delays',
    builder: (parser) =>
      parser
        .positional('topology', TOPOLOGY)
        .option('json', JSON_OPTION)
        .example('The routes that the testbed computed:\n  testbed topology show leaf-spine', ''),
    handler: async (argv) => {
      const [{ loadTopology }, { showText }] = await Promise.all([
        import('../../topology/load-topology.ts'),
        import('../topology/topology-show.ts'),
      ]);
      const topology = loadTopology(String(argv.topology));
      const { name, description, hosts, switches, links } = topology;
      print(argv.json === true ? json({ name, description, hosts, switches, links }) : showText(topology));
    },
  };
}

function validateAction(finish: (status: number) => void): Command {
  return {
    command: 'validate <topology>',
    describe: 'Check a topology file and say what was checked',
    builder: (parser) =>
      parser
        .positional('topology', TOPOLOGY)
        .option('json', JSON_OPTION)
        .epilogue('Exit status: 0 valid, 2 not; the fault is one line with file, line and column.'),
    handler: async (argv) => {
      const [{ loadTopology }, { validated, validatedText }] = await Promise.all([
        import('../../topology/load-topology.ts'),
        import('../topology/topology-validate.ts'),
      ]);
      try {
        const result = validated(loadTopology(String(argv.topology)));
        print(argv.json === true ? json({ valid: true, ...result }) : validatedText(result));
      } catch (error) {
        if (argv.json !== true || !(error instanceof InputError)) throw error;
        const { code, message, position } = error;
        print(json({ valid: false, code, message, position: position ?? null }));
        finish(EXIT_BAD_INPUT);
      }
    },
  };
}

const FORMATS = ['svg', 'mermaid', 'dot'] as const;
const NETWORKS = ['data', 'management', 'all'] as const;

function graphAction(): Command {
  return {
    command: 'graph <topology>',
    describe: 'Draw the network: SVG in tiers, Mermaid, or DOT for Graphviz',
    builder: (parser) =>
      parser
        .positional('topology', TOPOLOGY)
        .option('format', { requiresArg: true, choices: FORMATS, default: 'svg' as const, describe: 'Of the picture' })
        .option('network', { requiresArg: true, choices: NETWORKS, default: 'data' as const, describe: 'What to draw' })
        .option('out', OUT)
        .example('A picture for a page:\n  testbed topology graph leaf-spine -o leaf-spine.svg', '')
        .example('With Graphviz:\n  testbed topology graph chain --format dot | dot -Tpdf -o chain.pdf', ''),
    handler: async (argv) => {
      const [{ loadTopology }, { networkGraph }, { svgText }, { dotText, mermaidText }] = await Promise.all([
        import('../../topology/load-topology.ts'),
        import('../topology/topology-graph.ts'),
        import('../topology/topology-graph-svg.ts'),
        import('../topology/topology-graph-text.ts'),
      ]);
      const graph = networkGraph(loadTopology(String(argv.topology)), argv.network as GraphNetwork);
      const write = { svg: svgText, mermaid: mermaidText, dot: dotText }[argv.format as (typeof FORMATS)[number]];
      give(write(graph), argv);
    },
  };
}

function newAction(): Command {
  const number = { requiresArg: true, type: 'number' } as const;
  const rates = Object.keys(LINE_RATES).join(', ');
  return {
    command: 'new',
    describe: 'Write a topology of racks: leaves with workers, spines above them, routed',
    builder: (parser) =>
      parser
        .option('workers', { ...number, demandOption: true, describe: 'Spread evenly over the leaves' })
        .option('leaves', { ...number, default: 1, describe: 'Routers with hosts: racks' })
        .option('spines', { ...number, default: 0, describe: 'Routers that join the leaves, each to each' })
        .option('rate', { requiresArg: true, type: 'string', default: '10G', describe: `Of hosts: ${rates}` })
        .option('uplink', { requiresArg: true, type: 'string', describe: 'From leaf to spine (default: as --rate)' })
        .option('name', { requiresArg: true, type: 'string', describe: 'Of the topology (default: from the numbers)' })
        .option('out', OUT)
        .example('A rack of eight:\n  testbed topology new --workers 8 -o rack.yaml', '')
        .example(
          'Sixty-four at 25 Gb/s under 100 Gb/s uplinks, then a run:\n' +
            '  testbed topology new --workers 64 --leaves 8 --spines 4 --rate 25G --uplink 100G -o big.yaml\n' +
            '  testbed run --topology big.yaml --transport memory --requests 100',
          '',
        ),
    handler: async (argv) => {
      const { projectFolder } = await import('../../topology/load-topology.ts');
      const workers = integerFrom(argv, 'workers', 1, MOST.workers);
      const leaves = integerFrom(argv, 'leaves', 1, MOST.leaves);
      const spines = integerFrom(argv, 'spines', 0, MOST.spines);
      const rate = single(argv, 'rate');
      const uplink = argv.uplink === undefined ? rate : single(argv, 'uplink');
      const name = argv.name === undefined ? `w${workers}-l${leaves}-s${spines}` : single(argv, 'name');
      if (!/^[a-z][a-z0-9-]{0,31}$/.test(name)) {
        throw new InputError(
          'command-line',
          `--name: expected lower-case letters, digits and hyphens, at most 32, letter first, got '${name}'`,
        );
      }
      const options = { name, workers, leaves, spines, rate, uplink };
      const flags = Object.entries(options).map(([flag, value]) => `--${flag} ${value}`);
      const folder = argv.out === undefined ? '.' : path.dirname(single(argv, 'out'));
      const testbedFolder = path.relative(folder, projectFolder()).replaceAll(path.sep, '/') || '.';
      const command = `testbed topology new ${flags.join(' ')}`;
      give(generateLeafSpine({ ...options, command, testbedFolder }), argv);
    },
  };
}

/** To the file that was asked for, or to standard output. */
function give(text: string, argv: Readonly<Record<string, unknown>>): void {
  if (argv.out === undefined) {
    print(text);
    return;
  }
  const file = single(argv, 'out');
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new InputError('unwritable-file', `${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function print(text: string): void {
  process.stdout.write(text);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
