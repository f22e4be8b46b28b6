import { PASSES, SHARING_PASS } from './5-optimise/passes.ts';
import { MACHINE_PASSES } from './6-emit/machine-passes.ts';

/** Every pass that can be switched off. */
export const PASS_NAMES: readonly string[] = [
  ...PASSES.map((pass) => pass.name),
  'strength-reduce-division',
  SHARING_PASS.name,
  ...MACHINE_PASSES,
];
