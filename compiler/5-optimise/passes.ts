import type { IrModule } from '../ir.ts';
import type { PassName } from '../pass-names.ts';
import { combineOperations } from './combine-operations.ts';
import { eliminateCommonSubexpressions } from './common-subexpressions.ts';
import { eliminateDeadCode } from './dead-code.ts';
import { foldConstants } from './fold-constants.ts';
import { inlineFunctions } from './inline-functions.ts';
import { coalesceLambdas } from './lambda-coalescing.ts';
import { promoteLocals } from './promote-locals.ts';
import { rotateLoops } from './rotate-loops.ts';
import type { SettledBlocks } from './settled-blocks.ts';
import { simplifyControlFlow } from './simplify-control-flow.ts';

/**
 * One improvement of a module, in place; whether it changed anything. Running it again must end in `false`.
 * `settled`: the same one for all runs of a pass over a module lets it leave out what it has done with.
 */
export interface OptimiserPass {
  readonly name: PassName;
  /** Passes after whose changes it has nothing more to do than before. */
  readonly idleAfter?: readonly PassName[];
  run(module: IrModule, settled?: SettledBlocks): boolean;
}

/** In the order in which they run. */
export const PASSES: readonly OptimiserPass[] = [
  { name: 'inline-functions', run: inlineFunctions },
  { name: 'simplify-control-flow', run: simplifyControlFlow },
  { name: 'promote-locals', run: promoteLocals },
  { name: 'rotate-loops', run: rotateLoops },
  { name: 'fold-constants', run: foldConstants },
  { name: 'combine-operations', run: combineOperations },
  { name: 'common-subexpressions', idleAfter: ['dead-code'], run: eliminateCommonSubexpressions },
  { name: 'dead-code', idleAfter: ['dead-code'], run: eliminateDeadCode },
];

/** Once the others are done: what is the same in several lambdas is kept once. The others then clean up behind it. */
export const SHARING_PASS: OptimiserPass = { name: 'lambda-coalescing', run: coalesceLambdas };
