/** Every pass that can be switched off; apart from what they do, so that a command that lists them loads no compiler. */
const NAMES = [
  // Phase 5, in the order in which they run (`5-optimise/passes.ts`).
  'inline-functions',
  'simplify-control-flow',
  'promote-locals',
  'rotate-loops',
  'fold-constants',
  'combine-operations',
  'common-subexpressions',
  'dead-code',
  'strength-reduce-division',
  'lambda-coalescing',
  // Of the analysed P4 program (`4-lower/p4/match-reduction.ts`).
  'match-reduction',
  // Placement of objects whose memory the program leaves open; without it they lie in EMEM.
  'memory-stratification',
  // Phase 6.
  'fuse-shifts',
  'forward-transfers',
  'fill-defer',
] as const;

export type PassName = (typeof NAMES)[number];
export const PASS_NAMES: readonly string[] = NAMES;
