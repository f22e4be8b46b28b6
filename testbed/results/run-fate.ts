import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Launcher, lifeOf } from '../processes/launcher.ts';

/** What a manifest says of its run. `started` alone says nothing of now: the launcher may have died since. */
export type RunState = 'started' | 'complete' | 'failed' | 'died';

/** What became of the run in a folder, as far as it can be known here. */
export type RunFate =
  | { readonly kind: 'none' }
  | { readonly kind: 'over'; readonly state: Exclude<RunState, 'started'> }
  | { readonly kind: 'running' | 'gone' | 'elsewhere'; readonly launcher: Launcher };

export function fateOf(folder: string): RunFate {
  const manifest = readManifest(folder);
  if (manifest === undefined) return { kind: 'none' };
  const { state, launcher } = manifest;
  if (state !== 'started') return { kind: 'over', state };
  if (launcher === undefined) return { kind: 'none' };
  const life = lifeOf(launcher);
  return { kind: life === 'alive' ? 'running' : life, launcher };
}

/** In words that follow "the run in FOLDER". */
export function describeFate(fate: Exclude<RunFate, { readonly kind: 'none' }>): string {
  switch (fate.kind) {
    case 'over':
      return fate.state === 'died' ? 'died before its end' : `is over (${fate.state})`;
    case 'running':
      return `goes on (process ${fate.launcher.pid})`;
    case 'gone':
      return `died before its end: its launcher, process ${fate.launcher.pid}, is gone`;
    case 'elsewhere':
      return `was started on ${fate.launcher.host}, process ${fate.launcher.pid}; whether it goes on can only be known there`;
  }
}

/**
 * Looks through a folder of results for runs whose launcher died, writes `died` into their manifests and takes their
 * control sockets away. A run leaves no socket when it ends by itself, so only folders with one are looked at.
 * @returns one line for people for each
 */
export function settleDeadRuns(parent: string): string[] {
  const lines: string[] = [];
  for (const entry of entriesOf(parent)) {
    const folder = join(parent, entry);
    const socket = join(folder, CONTROL_SOCKET);
    if (!existsSync(socket)) continue;
    const fate = fateOf(folder);
    if (fate.kind !== 'gone') continue;
    try {
      writeFileSync(
        join(folder, MANIFEST),
        `${JSON.stringify({ ...readManifest(folder), state: 'died' }, undefined, 2)}\n`,
      );
      rmSync(socket);
    } catch {
      // Somebody else's folder: it stays as it is, and is told of all the same.
    }
    lines.push(`the run in ${folder} ${describeFate(fate)}`);
  }
  return lines;
}

/** None where nobody may look: the run itself can do without. */
function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** In the folder of a run. */
export const MANIFEST = 'manifest.json';
export const CONTROL_SOCKET = 'control.sock';

interface Manifest {
  readonly state: RunState;
  readonly launcher: Launcher | undefined;
}

/** Undefined where there is none, or a file that no run has written. */
function readManifest(folder: string): Manifest | undefined {
  let read: Partial<Manifest> | null;
  try {
    read = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')) as Partial<Manifest> | null;
  } catch {
    return undefined;
  }
  return read?.state === undefined ? undefined : (read as Manifest);
}
