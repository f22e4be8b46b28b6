import { MATCH_REDUCTION_PASS } from './4-lower/p4/match-reduction.ts';
import { PASSES, SHARING_PASS } from './5-optimise/passes.ts';
import { MACHINE_PASSES } from './6-emit/machine-passes.ts';

/** Placement of objects whose memory the program leaves open; without it they lie in EMEM. */
export const STRATIFICATION_PASS = 'memory-stratification';

/** Every pass that can be switched off. */
export const PASS_NAMES: readonly string[] = [
  ...PASSES.map((pass) => pass.name),
  'strength-reduce-division',
  SHARING_PASS.name,
  MATCH_REDUCTION_PASS,
  STRATIFICATION_PASS,
  ...MACHINE_PASSES,
];
