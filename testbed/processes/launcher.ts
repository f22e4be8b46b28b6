import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Who carries a run, so that others can find out whether it goes on: process ids are given out again, so the instant of
 * the process's start goes with it, and the boot that it is counted from.
 */
export interface Launcher {
  readonly host: string;
  readonly pid: number;
  /** Of /proc/sys/kernel/random/boot_id. */
  readonly bootId: string;
  /** Field 22 of /proc/PID/stat: clock ticks after boot, see proc(5). */
  readonly startTicks: number;
}

/** This process. */
export function thisLauncher(): Launcher {
  return { host: hostname(), pid: process.pid, bootId: bootId(), startTicks: startTicksOf(process.pid) ?? 0 };
}

/** @returns `elsewhere` for a process of another machine, of which nothing can be known here */
export function lifeOf(launcher: Launcher): 'alive' | 'gone' | 'elsewhere' {
  if (launcher.host !== hostname()) return 'elsewhere';
  if (launcher.bootId !== bootId()) return 'gone';
  return startTicksOf(launcher.pid) === launcher.startTicks ? 'alive' : 'gone';
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** Undefined when there is no such process, or only what is left of one until its parent has asked for its status. */
function startTicksOf(pid: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The second field is the name in parentheses and may hold anything; the third is the state.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? undefined : Number(fields[18]);
}
