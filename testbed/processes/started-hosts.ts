import { type ChildProcess, spawn } from 'node:child_process';
import type { PlacementHost } from '../../topology/types.ts';

const LEAVE_MS = 2_000;
/** Of what a command prints, for messages. */
const KEPT_CHARACTERS = 4_000;

/** The commands that start `testbed node` on other machines, for those that have one. */
export class StartedHosts {
  private readonly commands = new Map<string, { readonly child: ChildProcess; readonly exited: Promise<void> }>();

  /**
   * @param token put in for `{token}`, and in the command's environment as LAMBDA_NIC_TOKEN
   * @param failed a command ended by itself with another status than 0
   */
  constructor(hosts: readonly PlacementHost[], token: string, failed: (host: string, reason: string) => void) {
    for (const host of hosts) {
      if (host.start === undefined) continue;
      const words: Readonly<Record<string, string>> = {
        host: host.name,
        address: host.address,
        port: String(host.port),
        token,
      };
      const command = host.start.replaceAll(/\{(\w+)\}/g, (_, name: string) => words[name]!);
      // A process group of its own, so that all of it can be ended.
      const child = spawn('/bin/sh', ['-c', command], {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, LAMBDA_NIC_TOKEN: token },
        detached: true,
      });
      let printed = '';
      child.stderr!.setEncoding('utf8').on('data', (text: string) => {
        printed = (printed + text).slice(-KEPT_CHARACTERS);
      });
      const exited = new Promise<void>((resolve) => {
        child.once('error', (error) => {
          this.commands.delete(host.name);
          failed(host.name, error.message);
          resolve();
        });
        child.once('close', (status) => {
          this.commands.delete(host.name);
          const last = printed.trim().split('\n').at(-1) ?? '';
          if (status !== 0)
            failed(host.name, `'${host.start}' ended with status ${status}${last === '' ? '' : `: ${last}`}`);
          resolve();
        });
      });
      this.commands.set(host.name, { child, exited });
    }
  }

  /** Whether the command of a host goes on: only then may somebody begin to listen there. */
  isStarting(host: string): boolean {
    return this.commands.has(host);
  }

  /** Lets the commands end, and ends the ones that do not. */
  async leaveNothing(): Promise<void> {
    const left = [...this.commands.values()];
    const all = Promise.all(left.map(({ exited }) => exited));
    for (const [signal, patienceMs] of [
      [undefined, LEAVE_MS],
      ['SIGTERM', LEAVE_MS],
      ['SIGKILL', LEAVE_MS],
    ] as const) {
      if (this.commands.size === 0) return;
      if (signal !== undefined) for (const { child } of this.commands.values()) end(child, signal);
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, patienceMs);
      });
      await Promise.race([all, patience]);
      clearTimeout(timer);
    }
  }
}

function end(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-child.pid!, signal);
  } catch {
    // It ended while we looked.
  }
}
