import { randomBytes } from 'node:crypto';
import { isIPv4 } from 'node:net';
import type { CommandModule } from 'yargs';
import { EXIT_DONE, EXIT_RUN_FAILED, InputError } from '../../base/errors.ts';
import { printable } from '../terminal.ts';

/** Where the token comes from that is not given on the command line, which others of the machine can read. */
export const TOKEN_VARIABLE = 'LAMBDA_NIC_TOKEN';

/** `testbed node`: node processes of a run whose launcher is on another machine. */
export function nodeCommand(finish: (status: number) => void): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'node',
    describe: 'Wait on this machine for a launcher elsewhere, and run the processes that it places here',
    builder: (parser) =>
      parser
        .option('listen', {
          requiresArg: true,
          type: 'string',
          demandOption: true,
          describe: 'ADDRESS:PORT of this machine, as placement.hosts of the topology names it; port 0 takes any',
        })
        .option('token', {
          requiresArg: true,
          type: 'string',
          describe: `What the launcher must know (default: ${TOKEN_VARIABLE}, or a new one, which is printed)`,
        })
        .option('stay', { type: 'boolean', nargs: 0, default: false, describe: 'Wait for another run after each' })
        .epilogue(EXAMPLES),
    handler: async (argv) => {
      const [address, port] = addressOf(argv.listen);
      const given = tokenOf(argv.token);
      const token = given ?? randomBytes(16).toString('hex');
      const say = (line: string) => process.stderr.write(`${printable(line)}\n`);
      if (given === undefined) say(`token: ${token}`);
      const { NodeAgent } = await import('../processes/node-agent.ts');
      const agent = new NodeAgent({ address, port, token, stays: argv.stay === true, say });
      let wasStopped = false;
      const stop = () => {
        wasStopped = true;
        agent.stop();
      };
      process.on('SIGINT', stop);
      process.on('SIGTERM', stop);
      await agent.serve();
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
      finish(wasStopped ? EXIT_RUN_FAILED : EXIT_DONE);
    },
  };
}

const EXAMPLES = `Examples:
  On the other machine, then the run here:
    testbed node --listen 192.0.2.7:7001 --token shared
    testbed run --topology two-racks.yaml --token shared
  Started by the run itself, in the topology:
    placement:
      hosts:
        - name: rack1
          address: 192.0.2.7
          port: 7001
          start: ssh 192.0.2.7 testbed node --listen {address}:{port} --token {token}`;

/** What was given for `--token`, or in the environment. */
export function tokenOf(value: unknown): string | undefined {
  const token = value ?? process.env[TOKEN_VARIABLE];
  if (token === undefined) return undefined;
  if (typeof token === 'string' && token !== '') return token;
  throw new InputError('command-line', `--token: expected one word, got ${JSON.stringify(token)}`);
}

function addressOf(value: unknown): [address: string, port: number] {
  if (typeof value === 'string') {
    const colon = value.lastIndexOf(':');
    const address = value.slice(0, colon);
    const port = Number(value.slice(colon + 1));
    if (isIPv4(address) && /^\d{1,5}$/.test(value.slice(colon + 1)) && port <= 65_535) return [address, port];
  }
  throw new InputError(
    'command-line',
    `--listen: expected an IPv4 address and a port such as 192.0.2.7:7001, got ${JSON.stringify(value)}`,
  );
}
