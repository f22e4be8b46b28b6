import { settledIndex } from '../csr.ts';
import type { Handler } from '../handler.ts';
import { PREDICATE } from '../index-registers.ts';
import { CONDITIONS } from './branch.ts';

/**
 * An instruction with `predicate_cc`: executes if the condition holds that CSR PredCC selects, else passes a cycle.
 * The selections are those of the open nfp_me.h, in the order of the branches; 12..15 select nothing there.
 * @param execute the handler of an operation
 */
export function predicated(execute: (operation: number) => Handler): Handler {
  return (world, core, i) => {
    const holds = CONDITIONS[settledIndex(world, core, PREDICATE)];
    if (holds === undefined || holds(core)) execute(world.program.predicated[i]!)(world, core, i);
  };
}
