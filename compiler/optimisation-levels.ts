import { PASS_NAMES } from './pass-names.ts';

/** `-O0`, `-O1`, `-O2`. */
export type OptimisationLevel = 0 | 1 | 2;

export const OPTIMISATION_LEVELS: readonly OptimisationLevel[] = [0, 1, 2];

/** What level 1 runs: what makes code smaller and quicker to compile, without moving or copying any. */
const LEVEL_1: readonly string[] = [
  'simplify-control-flow',
  'promote-locals',
  'fold-constants',
  'combine-operations',
  'dead-code',
  'strength-reduce-division',
  'fuse-shifts',
  'forward-transfers',
];

/** Passes that a level leaves out: 0 all, 2 none. */
export function passesLeftOut(level: OptimisationLevel): string[] {
  return PASS_NAMES.filter((name) => level === 0 || (level === 1 && !LEVEL_1.includes(name)));
}
