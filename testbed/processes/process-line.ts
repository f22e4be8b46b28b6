import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { FromProcess, ToProcess } from '../../link/supervision.ts';
import type { PlannedProcess } from './process-plan.ts';

/** The launcher's line to a node process, here or on another machine. */
export interface ProcessLine {
  /** Of a process of this machine. */
  readonly pid: number | undefined;
  /** Orders to one that has ended are dropped: its end is reported on its own. */
  order(order: ToProcess): void;
  kill(): void;
}

export interface ProcessLineEvents {
  message(message: FromProcess): void;
  /** The process is gone, and what it left behind has arrived; once. `how`: `exited with status 3`. */
  ended(how: string): void;
  /** It never began; in place of `ended`. */
  notStarted(reason: string): void;
}

const NODE_MAIN = 'testbed/processes/node-main.js';
/** Node's arguments before a node process's module. */
const NODE_FLAGS = ['--enable-source-maps', '--max-semi-space-size=32'];

/** Starts a node process of this machine; orders go through the channel that Node gives a forked child. */
export function startProcess(
  { module = NODE_MAIN, moduleArguments = [] }: Pick<PlannedProcess, 'module' | 'moduleArguments'>,
  moduleFolder: string,
  events: ProcessLineEvents,
): ProcessLine {
  const child = spawn(process.execPath, [...NODE_FLAGS, join(moduleFolder, module), ...moduleArguments], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  let isAlive = true;
  child.on('message', (message: FromProcess) => events.message(message));
  child.on('error', (error) => {
    // Sending to a process that has just died fails too; its exit is reported below.
    if (child.pid !== undefined) return;
    isAlive = false;
    events.notStarted(error.message);
  });
  child.once('exit', (code, signal) => {
    isAlive = false;
    events.ended(signal === null ? `exited with status ${code}` : `was ended by ${signal}`);
  });
  return {
    pid: child.pid,
    order: (order) => {
      if (isAlive && child.connected) child.send(order, () => {});
    },
    kill: () => {
      if (isAlive) child.kill('SIGKILL');
    },
  };
}
