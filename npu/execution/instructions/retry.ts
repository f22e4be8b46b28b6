import type { Core } from '../core.ts';

/** Not yet: the instruction is executed again when the core's turn has come, in the cycle in which it would be issued. */
export function retry(core: Core, i: number, issue: number): void {
  core.elapsed = issue;
  core.place = i;
  core.slots = core.slotsBefore;
  core.running = false;
}
