import type { IrModule } from '../ir.ts';

/** One improvement of a module, in place; whether it changed anything. Running it again must end in `false`. */
export interface OptimiserPass {
  readonly name: string;
  run(module: IrModule): boolean;
}

/** In the order in which they run. */
export const PASSES: readonly OptimiserPass[] = [];
