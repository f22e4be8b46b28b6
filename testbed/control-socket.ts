import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { CONTROL_SOCKET } from './run-fate.ts';

/** Longest path that the kernel takes for a Unix socket. */
const LONGEST_SOCKET_PATH = 107;

export interface ControlActions {
  /** What `{"command":"status"}` is answered with. */
  status(): Record<string, unknown>;
  /** What `{"command":"stop"}` does. */
  stop(): void;
}

/**
 * `control.sock` in the results folder of a running testbed: one JSON command a line, one JSON answer a line. Later
 * commands (faults, stepping) come in through the same door.
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
      lines.on('line', (line) => connection.write(`${JSON.stringify(answer(line, actions))}\n`));
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

function answer(line: string, actions: ControlActions): Record<string, unknown> {
  let command: unknown;
  try {
    command = (JSON.parse(line) as { command?: unknown } | null)?.command;
  } catch {
    return { error: `not JSON: expected a line such as {"command":"status"}` };
  }
  if (command === 'status') return actions.status();
  if (command === 'stop') {
    actions.stop();
    return { stopping: true };
  }
  return { error: `unknown command ${JSON.stringify(command)}: expected "status" or "stop"` };
}
