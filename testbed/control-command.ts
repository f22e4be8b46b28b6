import { createConnection } from 'node:net';
import { join, relative } from 'node:path';
import type { CommandModule } from 'yargs';
import { InputError } from '../base/errors.ts';
import { CONTROL_SOCKET, describeFate, fateOf } from './run-fate.ts';

/** `testbed control FOLDER status|stop`: talks to a run through the socket in its results folder. */
export function controlCommand(): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'control <folder> <action>',
    describe: 'Ask a running testbed for its status, or stop it',
    builder: (parser) =>
      parser
        .positional('folder', { type: 'string', demandOption: true, describe: 'Results folder of the run' })
        .positional('action', {
          choices: ['status', 'stop'],
          demandOption: true,
          describe: 'stop ends the run; what was recorded stays',
        })
        .epilogue(`Example:\n  testbed control results/RUN status`),
    handler: async (argv) => {
      process.stdout.write(`${await ask(argv.folder as string, argv.action as string)}\n`);
    },
  };
}

async function ask(folder: string, command: string): Promise<string> {
  const fate = fateOf(folder);
  if (fate.kind === 'none') throw new InputError('no-run', `'${folder}' holds no run: expected its results folder`);
  if (fate.kind !== 'running')
    throw new InputError('no-running-testbed', `the run in '${folder}' ${describeFate(fate)}`);
  const absolute = join(folder, CONTROL_SOCKET);
  const path = relative(process.cwd(), absolute);
  return await new Promise((resolve, reject) => {
    const connection = createConnection(path, () => connection.write(`${JSON.stringify({ command })}\n`));
    let answer = '';
    connection.setEncoding('utf8');
    connection.on('data', (text: string) => {
      answer += text;
      if (answer.includes('\n')) {
        connection.end();
        resolve(answer.trim());
      }
    });
    connection.on('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code ?? error.message;
      const text = `the run in '${folder}' ${describeFate(fate)}, but its control socket does not answer (${reason})`;
      reject(new InputError('no-running-testbed', text));
    });
  });
}
