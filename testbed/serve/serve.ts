import { once } from 'node:events';
import { createWriteStream, type WriteStream, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { InputError } from '../../base/errors.ts';
import { ADMINISTRATOR, newPassword } from '../../openfaas/basic-auth.ts';
import { createServer } from '../../openfaas/server.ts';
import { loadTopology } from '../../topology/load-topology.ts';
import type { RunInputs } from '../../topology/run-inputs.ts';
import type { Host } from '../../topology/types.ts';
import { kindOf } from '../processes/process-plan.ts';
import type { RunBundle } from '../results/bundle.ts';
import type { RunSummary } from '../results/report.ts';
import { carry, type Service } from '../run/run.ts';
import { prepareInputs } from '../run/run-inputs.ts';
import type { RunOptions } from '../run/run-options.ts';
import { emulatorMetrics } from './emulator-metrics.ts';
import { journalLine } from './input-journal.ts';
import { MemcachedListener } from './memcached-listener.ts';
import { OutsideDoor } from './outside-door.ts';
import { projectVersion } from './project-version.ts';
import { ServedFunctions } from './served-functions.ts';

export interface ServeOptions {
  readonly run: RunOptions;
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
  /** Of M1's memcached, for clients outside; 0: any free one, undefined: none. */
  readonly memcachedPort: number | undefined;
  /** Told once requests are taken. */
  readonly onListening: (service: Listening) => void;
}

/** Where a service is to be reached. */
export interface Listening {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  readonly functions: readonly string[];
  readonly administrator: string;
  readonly passwordFile: string;
  readonly results: string;
  /** `127.0.0.1:11211`, where M1's memcached takes clients. */
  readonly memcached: string | undefined;
}

/** In the results folder. */
const PASSWORD_FILE = 'basic-auth-password';
export const JOURNAL = 'inputs.jsonl';

/**
 * Keeps a topology up and serves its lambdas over the OpenFaaS API until it is stopped.
 * @throws InputError before anything starts when something given is wrong, such as a port that is taken; RunError as `run`
 */
export async function serve(serveOptions: ServeOptions): Promise<RunSummary> {
  const { run: options, address, port, memcachedPort, onListening } = serveOptions;
  const inputs = servedInputs(options);
  const { topology } = inputs;
  const nameOf = (wanted: Host['role']) => topology.hosts.find(({ role }) => role === wanted)!.name;
  const door = new OutsideDoor(memcachedPort === undefined ? [nameOf('client')] : [nameOf('client'), nameOf('master')]);
  const functions = new ServedFunctions(topology, door, new Date());
  const password = newPassword();
  const server = await createServer({
    provider: functions,
    password,
    version: projectVersion(),
    metrics: async () => emulatorMetrics(await door.look(), (node) => kindOf(topology, node)),
  });
  // Before the run begins, so that a port that is taken costs nothing.
  const url = await listen(server, address, port);
  try {
    const listener = await listenForMemcached(door, nameOf('master'), memcachedPort);
    door.onOutput = (_, output) => {
      if (listener?.onOutput(output) !== true) functions.onOutput(output);
    };
    const service = new HttpService(door, functions, { server, listener }, (bundle) => {
      const passwordFile = join(bundle.folder, PASSWORD_FILE);
      writeFileSync(passwordFile, password, { mode: 0o600 });
      onListening({
        url,
        functions: functions.functions().map(({ name }) => name),
        administrator: ADMINISTRATOR,
        passwordFile,
        results: bundle.folder,
        memcached: listener === undefined ? undefined : `127.0.0.1:${listener.port}`,
      });
    });
    return await carry(options, inputs, { service });
  } finally {
    await server.close();
  }
}

/** What a service's models are built from: requests come from outside, so the topology's own workloads stay away. */
export function servedInputs({ topology }: RunOptions): RunInputs {
  return { ...prepareInputs({ ...loadTopology(topology), workloads: [] }, undefined), isServing: true };
}

interface Listeners {
  readonly server: FastifyInstance;
  readonly listener: MemcachedListener | undefined;
}

class HttpService implements Service {
  readonly door: OutsideDoor;
  private readonly functions: ServedFunctions;
  private readonly listeners: Listeners;
  private readonly onOpen: (bundle: RunBundle) => void;
  private journal: WriteStream | undefined;

  constructor(
    door: OutsideDoor,
    functions: ServedFunctions,
    listeners: Listeners,
    onOpen: (bundle: RunBundle) => void,
  ) {
    this.door = door;
    this.functions = functions;
    this.listeners = listeners;
    this.onOpen = onOpen;
  }

  async open(bundle: RunBundle): Promise<void> {
    const journal = createWriteStream(join(bundle.folder, JOURNAL));
    await once(journal, 'open');
    this.journal = journal;
    this.door.onStamped = (stamped) => void journal.write(journalLine(stamped));
    this.onOpen(bundle);
  }

  stop(): void {
    this.functions.stop();
  }

  async close(): Promise<void> {
    this.functions.end();
    await Promise.all([this.listeners.server.close(), this.listeners.listener?.close()]);
    if (this.journal === undefined) return;
    this.journal.end();
    await once(this.journal, 'close');
  }
}

async function listenForMemcached(
  door: OutsideDoor,
  master: string,
  port: number | undefined,
): Promise<MemcachedListener | undefined> {
  if (port === undefined) return undefined;
  try {
    return await MemcachedListener.open({
      port,
      give: (input) => door.give(master, input),
      nextInputId: () => door.nextInputId(),
    });
  } catch (error) {
    throw cannotListen('127.0.0.1', port, error, '--memcached-port');
  }
}

async function listen(server: FastifyInstance, address: string, port: number): Promise<string> {
  try {
    await server.listen({ host: address, port });
  } catch (error) {
    throw cannotListen(address, port, error, '--port and --address');
  }
  const bound = server.server.address() as AddressInfo;
  return `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`;
}

function cannotListen(address: string, port: number, error: unknown, flags: string): InputError {
  const { code, message } = error as NodeJS.ErrnoException;
  const why = code === 'EADDRINUSE' ? 'somebody listens there already' : (code ?? message);
  return new InputError(
    'cannot-listen',
    `cannot listen on ${address} port ${port} (${why}): expected a free one, see ${flags}`,
  );
}
