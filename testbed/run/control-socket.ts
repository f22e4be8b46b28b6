import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { CONTROL_SOCKET } from '../results/run-fate.ts';
import type { FaultAnswer } from './live-faults.ts';

/** Longest path that the kernel takes for a Unix socket. */
const LONGEST_SOCKET_PATH = 107;

export interface ControlActions {
  /** What `{"command":"status"}` is answered with. */
  status(): Record<string, unknown>;
  /** What `{"command":"stop"}` does. */
  stop(): void;
  /** What `{"command":"fault","fault":{...}}` is answered with. */
  fault(text: string, folder: string): Promise<FaultAnswer>;
  /** What `{"command":"end-fault","name":"..."}` is answered with. */
  endFault(name: string): Promise<FaultAnswer>;
}

/**
 * `control.sock` in the results folder of a running testbed: one JSON command a line, one JSON answer a line, in any
 * order: a fault is answered when it is in force.
 */
export class ControlSocket {
  private readonly server: Server | undefined;
  private readonly path: string;

  constructor(folder: string, actions: ControlActions) {
    const absolute = join(folder, CONTROL_SOCKET);
    const fromHere = relative(process.cwd(), absolute);
    this.path = fromHere.length < absolute.length ? fromHere : absolute;
    if (this.path.length > LONGEST_SOCKET_PATH) return;
    this.server = createServer((connection) => {
      connection.on('error', () => connection.destroy());
      const lines = createInterface({ input: connection });
      lines.on('line', async (line) => {
        const answered = await answer(line, actions);
        if (connection.writable) connection.write(`${JSON.stringify(answered)}\n`);
      });
      lines.on('error', () => connection.destroy());
    });
    this.server.on('error', () => {});
    this.server.listen(this.path);
    this.server.unref();
  }

  close(): void {
    this.server?.close();
    rmSync(this.path, { force: true });
  }
}

const COMMANDS = '"status", "stop", "fault" or "end-fault"';

interface Command {
  readonly command?: unknown;
  readonly fault?: unknown;
  readonly folder?: unknown;
  readonly name?: unknown;
}

async function answer(line: string, actions: ControlActions): Promise<object> {
  let given: Command;
  try {
    given = (JSON.parse(line) as Command | null) ?? {};
  } catch {
    return { error: `not JSON: expected a line such as {"command":"status"}` };
  }
  const { command, fault, folder, name } = given;
  switch (command) {
    case 'status':
      return actions.status();
    case 'stop':
      actions.stop();
      return { stopping: true };
    case 'fault': {
      const text = typeof fault === 'object' && fault !== null ? JSON.stringify(fault) : fault;
      if (typeof text !== 'string') return { error: 'fault: expected an entry of the list of a topology, or its text' };
      return await actions.fault(text, typeof folder === 'string' ? folder : process.cwd());
    }
    case 'end-fault':
      if (typeof name !== 'string') return { error: 'name: expected that of a fault' };
      return await actions.endFault(name);
    default:
      return { error: `unknown command ${JSON.stringify(command)}: expected ${COMMANDS}` };
  }
}
