import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const TASKSET = '/usr/bin/taskset';

/** True when processes can be kept on one core here (taskset of util-linux). */
export function canPin(): boolean {
  return existsSync(TASKSET);
}

/**
 * Keeps the thread that runs a process's JavaScript on one core. The threads that compile and collect garbage for it
 * stay free: on the same core they would take the time that pinning saves.
 */
export function pinMainThread(pid: number, core: number): void {
  spawnSync(TASKSET, ['-p', '-c', `${core}`, `${pid}`], { stdio: 'ignore' });
}
