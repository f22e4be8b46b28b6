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
import { kindOf } from '../processes/process-plan.ts';
import type { RunBundle } from '../results/bundle.ts';
import type { RunSummary } from '../results/report.ts';
import { carry, type Service } from '../run/run.ts';
import { prepareInputs } from '../run/run-inputs.ts';
import type { RunOptions } from '../run/run-options.ts';
import { emulatorMetrics } from './emulator-metrics.ts';
import { journalLine } from './input-journal.ts';
import { OutsideDoor } from './outside-door.ts';
import { projectVersion } from './project-version.ts';
import { ServedFunctions } from './served-functions.ts';

export interface ServeOptions {
  readonly run: RunOptions;
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
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
}

/** In the results folder. */
const PASSWORD_FILE = 'basic-auth-password';
export const JOURNAL = 'inputs.jsonl';

/**
 * Keeps a topology up and serves its lambdas over the OpenFaaS API until it is stopped.
 * @throws InputError before anything starts when something given is wrong, such as a port that is taken; RunError as `run`
 */
export async function serve({ run: options, address, port, onListening }: ServeOptions): Promise<RunSummary> {
  const inputs = servedInputs(options);
  const { topology } = inputs;
  const client = topology.hosts.find(({ role }) => role === 'client')!.name;
  const door = new OutsideDoor([client]);
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
  const service = new HttpService(door, functions, server, (bundle) => {
    const passwordFile = join(bundle.folder, PASSWORD_FILE);
    writeFileSync(passwordFile, password, { mode: 0o600 });
    const names = functions.functions().map(({ name }) => name);
    onListening({ url, functions: names, administrator: ADMINISTRATOR, passwordFile, results: bundle.folder });
  });
  try {
    return await carry(options, inputs, { service });
  } finally {
    await server.close();
  }
}

/** What a service's models are built from: requests come from outside, so the topology's own workloads stay away. */
export function servedInputs({ topology }: RunOptions): RunInputs {
  return { ...prepareInputs({ ...loadTopology(topology), workloads: [] }, undefined), isServing: true };
}

class HttpService implements Service {
  readonly door: OutsideDoor;
  private readonly functions: ServedFunctions;
  private readonly server: FastifyInstance;
  private readonly onOpen: (bundle: RunBundle) => void;
  private journal: WriteStream | undefined;

  constructor(
    door: OutsideDoor,
    functions: ServedFunctions,
    server: FastifyInstance,
    onOpen: (bundle: RunBundle) => void,
  ) {
    this.door = door;
    this.functions = functions;
    this.server = server;
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
    await this.server.close();
    if (this.journal === undefined) return;
    this.journal.end();
    await once(this.journal, 'close');
  }
}

async function listen(server: FastifyInstance, address: string, port: number): Promise<string> {
  try {
    await server.listen({ host: address, port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'somebody listens there already' : (code ?? message);
    throw new InputError(
      'cannot-listen',
      `cannot listen on ${address} port ${port} (${why}): expected a free one, see --port and --address`,
    );
  }
  const bound = server.server.address() as AddressInfo;
  return `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`;
}
