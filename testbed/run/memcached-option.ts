import { InputError } from '../../base/errors.ts';
import { ExternalConnection, type ExternalServer } from '../../link/external-connection.ts';
import type { ExternalSpec } from '../../link/supervision.ts';
import { AnswerReader, END_MARK } from '../../nodes/master/memcached/answer-reader.ts';
import type { Topology } from '../../topology/types.ts';
import type { RunOptions } from './run-options.ts';

/** In the results folder: what was asked outside the emulation, and the answers. */
export const EXTERNAL_JOURNAL = 'external.jsonl';

const SERVICE = 'memcached';
const CHECK_MS = 5_000;

/**
 * Who answers what M1 asks outside: the memcached that the options name, or in its place the journal of an earlier run.
 * @returns undefined for a run that asks nothing outside
 * @throws InputError when no memcached answers, or M1 is not a process of this machine
 */
export async function answersFor(
  { memcached, transport }: RunOptions,
  { hosts, placement }: Pick<Topology, 'hosts' | 'placement'>,
  answersFile: string | undefined,
): Promise<Omit<ExternalSpec, 'journalFile'> | undefined> {
  if (memcached === undefined) return undefined;
  const node = hosts.find(({ role }) => role === 'master')!.name;
  const machine = placement.processes.find(({ nodes }) => nodes.includes(node))?.host;
  if (transport === 'udp' && machine !== undefined) {
    throw new InputError(
      'memcached-elsewhere',
      `--memcached: ${node} runs on machine ${machine}: expected it on this one`,
    );
  }
  if (answersFile !== undefined) return { node, source: { answersFile } };
  const server = { service: SERVICE, ...memcached };
  const items = await checkMemcached(server);
  if (items > 0) {
    process.stderr.write(
      `note: memcached at ${server.host}:${server.port} holds ${items} items already, and a workload may expect not to find them\n`,
    );
  }
  return { node, source: server };
}

/**
 * Asks the server for its version, so that a run does not begin without one.
 * @returns how many items it holds
 * @throws InputError when no memcached answers there
 */
async function checkMemcached(server: ExternalServer): Promise<number> {
  let version: string;
  let statistics: string;
  try {
    [version, statistics] = (await answersOf(server, ['version', 'stats'])) as [string, string];
  } catch (error) {
    throw unreachable((error as Error).message);
  }
  if (!version.startsWith('VERSION ')) {
    throw unreachable(`${server.host}:${server.port} answers ${JSON.stringify(version.slice(0, 40))}`);
  }
  return Number(/^STAT curr_items ([0-9]+)\r$/m.exec(statistics)?.[1] ?? 0);
}

async function answersOf(server: ExternalServer, verbs: readonly string[]): Promise<string[]> {
  let fail: (error: Error) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // It is awaited only once the connection is there.
  failed.catch(() => {});
  const connection = await ExternalConnection.open(server, fail);
  const limit = setTimeout(() => fail(new Error(`no memcached's answer in ${CHECK_MS / 1000} s`)), CHECK_MS);
  const answers = verbs.map(
    (verb) =>
      new Promise<string>((resolve) => {
        const question = { request: Buffer.from(`${verb}\r\n`), endMark: END_MARK, reader: new AnswerReader(verb) };
        connection.ask(question, (answer) => resolve(Buffer.from(answer).toString('latin1')));
      }),
  );
  try {
    return await Promise.race([Promise.all(answers), failed]);
  } finally {
    clearTimeout(limit);
    connection.close();
  }
}

function unreachable(reason: string): InputError {
  return new InputError(
    'memcached-unreachable',
    `--memcached: ${reason}: expected a memcached with the ASCII protocol (memcached -l 127.0.0.1 -p PORT)`,
  );
}
