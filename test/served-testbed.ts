import { createInterface } from 'node:readline';
import type { Listening } from '../testbed/serve/serve.ts';
import { type Finished, startTestbed } from './run-testbed.ts';

/** For tests: a testbed that serves, as users start it. */
export interface ServedTestbed extends Listening {
  /** Ctrl-C, and what the command left. */
  end(): Promise<Finished>;
}

/** @param out results folder */
export async function serveTestbed(out: string, ...options: string[]): Promise<ServedTestbed> {
  const { child, finished } = startTestbed(['serve', '--port', '0', '--json', '--out', out, ...options]);
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', resolve);
    void finished.then(({ stderr }) => reject(new Error(stderr)));
  });
  const end = async (): Promise<Finished> => {
    child.kill('SIGINT');
    return await finished;
  };
  return { ...(JSON.parse(line) as Listening), end };
}
