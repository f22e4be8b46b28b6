import { existsSync } from 'node:fs';

const TASKSET = '/usr/bin/taskset';

/** True when processes can be kept on one core here (taskset of util-linux). */
export function canPin(): boolean {
  return existsSync(TASKSET);
}

/** The command that starts Node with these arguments, on one core or wherever the kernel likes. */
export function pinnedCommand(core: number | undefined, nodeArguments: readonly string[]): [string, string[]] {
  if (core === undefined) return [process.execPath, [...nodeArguments]];
  return [TASKSET, ['-c', `${core}`, process.execPath, ...nodeArguments]];
}
