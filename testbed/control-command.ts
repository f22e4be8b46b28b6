import { createConnection } from 'node:net';
import { join, relative } from 'node:path';
import type { CommandModule } from 'yargs';
import { InputError } from '../base/errors.ts';

/** `testbed control FOLDER status|stop`: talks to a run through the socket in its results folder. */
export function controlCommand(): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'control <folder> <action>',
    describe: 'Ask a running testbed for its status, or stop it',
    builder: (parser) =>
      parser
        .positional('folder', { type: 'string', demandOption: true, describe: 'Results folder of the run' })
        .positional('action', { choices: ['status', 'stop'], demandOption: true })
        .example('$0 control results/my-run stop', 'End a run; what was recorded stays'),
    handler: async (argv) => {
      process.stdout.write(`${await ask(argv.folder as string, argv.action as string)}\n`);
    },
  };
}

async function ask(folder: string, command: string): Promise<string> {
  const absolute = join(folder, 'control.sock');
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
      reject(new InputError('no-running-testbed', `no testbed runs in '${folder}' (${error.code ?? error.message})`));
    });
  });
}
