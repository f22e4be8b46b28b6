import { createConnection } from 'node:net';
import { join, relative } from 'node:path';
import type { CommandModule } from 'yargs';
import { InputError } from '../../base/errors.ts';
import { CONTROL_SOCKET, describeFate, fateOf } from '../results/run-fate.ts';

const ACTIONS = ['status', 'stop', 'fault', 'end-fault'] as const;
type Action = (typeof ACTIONS)[number];

/** `testbed control FOLDER status|stop|fault|end-fault`: talks to a run through the socket in its results folder. */
export function controlCommand(): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'control <folder> <action> [what]',
    describe: 'Ask a running testbed for its status, stop it, or let something go wrong in it',
    builder: (parser) =>
      parser
        .positional('folder', { type: 'string', demandOption: true, describe: 'Results folder of the run' })
        .positional('action', {
          choices: ACTIONS,
          demandOption: true,
          describe: 'stop ends the run, what was recorded stays; fault begins a fault, end-fault ends one of a link',
        })
        .positional('what', {
          type: 'string',
          describe: 'Of fault: an entry as in the faults of a topology; of end-fault: its name',
        })
        .epilogue(EXAMPLES),
    handler: async (argv) => {
      const folder = argv.folder as string;
      const answer = await ask(folder, commandOf(argv.action as Action, argv.what as string | undefined));
      const { error } = JSON.parse(answer) as { readonly error?: string };
      if (error !== undefined) throw new InputError('refused', error);
      process.stdout.write(`${answer}\n`);
    },
  };
}

const EXAMPLES = `Examples:
  testbed control results/RUN status
  testbed control results/RUN fault 'kind: loss, link: m2.eth0--switch.2, probability: 0.1, for: 5ms'
  testbed control results/RUN fault 'kind: down, link: m3.eth0--switch.3, name: cut'
  testbed control results/RUN end-fault cut`;

/** The line that goes to the socket. */
function commandOf(action: Action, what: string | undefined): object {
  if (action === 'status' || action === 'stop') {
    if (what === undefined) return { command: action };
    throw new InputError('command-line', `${action}: expected nothing behind it, got '${what}'`);
  }
  if (what === undefined) {
    const expected = action === 'fault' ? "an entry such as 'kind: loss, link: m2.eth0--switch.2'" : 'a name';
    throw new InputError('command-line', `${action}: expected ${expected} behind it`);
  }
  return action === 'fault' ? { command: action, fault: what, folder: process.cwd() } : { command: action, name: what };
}

async function ask(folder: string, command: object): Promise<string> {
  const fate = fateOf(folder);
  if (fate.kind === 'none') throw new InputError('no-run', `'${folder}' holds no run: expected its results folder`);
  if (fate.kind !== 'running')
    throw new InputError('no-running-testbed', `the run in '${folder}' ${describeFate(fate)}`);
  const absolute = join(folder, CONTROL_SOCKET);
  const path = relative(process.cwd(), absolute);
  return await new Promise((resolve, reject) => {
    const connection = createConnection(path, () => connection.write(`${JSON.stringify(command)}\n`));
    let answer = '';
    connection.setEncoding('utf8');
    connection.on('data', (text: string) => {
      answer += text;
      if (answer.includes('\n')) {
        connection.end();
        resolve(answer.trim());
      }
    });
    connection.on('close', () => {
      reject(new InputError('no-running-testbed', `the run in '${folder}' ended before it answered`));
    });
    connection.on('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code ?? error.message;
      const text = `the run in '${folder}' ${describeFate(fate)}, but its control socket does not answer (${reason})`;
      reject(new InputError('no-running-testbed', text));
    });
  });
}
