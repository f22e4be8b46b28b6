import type { NicProfile } from '../npu/profile.ts';

const CORES_AN_ISLAND = 16;
const CONTEXTS_A_CORE = 8;
const FIRST_ISLAND = 32;

/**
 * For how many contexts there are copies of an object of which each has its own in EMEM. Contexts are numbered by island,
 * core and context, as the status register has them, so that numbers of cores that are not there stay unused.
 */
export function contextSlotsOf({ islands }: Pick<NicProfile, 'islands'>): number {
  const last = Math.max(FIRST_ISLAND, ...islands.map(({ number }) => number));
  return (last - FIRST_ISLAND + 1) * CORES_AN_ISLAND * CONTEXTS_A_CORE;
}

/** Without a profile: eight islands, more than any of these cards has. */
export const CONTEXT_SLOTS = 8 * CORES_AN_ISLAND * CONTEXTS_A_CORE;
