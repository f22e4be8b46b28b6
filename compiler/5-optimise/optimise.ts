import { assert } from '../../base/assert.ts';
import type { IrModule } from '../ir.ts';
import { validateModule } from '../ir-validate.ts';
import type { PassName } from '../pass-names.ts';
import { lowerDivision } from './lower-division.ts';
import { type OptimiserPass, PASSES, SHARING_PASS } from './passes.ts';
import { SettledBlocks } from './settled-blocks.ts';

/** Rounds of all passes after which an improvement that is still possible is left alone. */
const ROUNDS_MAX = 6;

export interface OptimiseReport {
  /** Passes that changed something, with how often. */
  readonly changes: Readonly<Record<string, number>>;
}

/**
 * Phase 5: improves a module in place. Every pass has a name and can be switched off; the result computes the same
 * with any set of passes. Lowering of division always runs, since the chip has no divide; its strength reduction is a
 * pass like the others (`strength-reduce-division`). `validate`: check the module after every pass, for tests.
 */
export function optimiseModule(
  module: IrModule,
  disabled: ReadonlySet<string>,
  options: { readonly validate?: boolean } = {},
): OptimiseReport {
  const changes: Record<string, number> = {};
  const enabled = PASSES.filter((pass) => !disabled.has(pass.name));
  /** What has changed the module, one after another. A pass is left out until one comes that gives it work. */
  const history: PassName[] = [];
  /** Length of the history when the pass last looked at the module. */
  const looked = new Map<OptimiserPass, number>();
  const blocks = new Map(enabled.map((pass) => [pass, new SettledBlocks()]));
  const hasWork = (pass: OptimiserPass): boolean => {
    const since = looked.get(pass);
    return since === undefined || history.slice(since).some((by) => pass.idleAfter?.includes(by) !== true);
  };
  const rounds = (): void => {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const before = history.length;
      for (const pass of enabled) {
        if (!hasWork(pass)) continue;
        looked.set(pass, history.length);
        if (!runPass(pass, module, options.validate ?? false, blocks.get(pass))) continue;
        changes[pass.name] = (changes[pass.name] ?? 0) + 1;
        history.push(pass.name);
      }
      if (history.length === before) return;
    }
  };
  rounds();
  lowerDivision(module, !disabled.has('strength-reduce-division'));
  history.push('strength-reduce-division');
  rounds();
  if (!disabled.has(SHARING_PASS.name) && runPass(SHARING_PASS, module, options.validate ?? false)) {
    changes[SHARING_PASS.name] = 1;
    history.push(SHARING_PASS.name);
    rounds();
  }
  return { changes };
}

function runPass(pass: OptimiserPass, module: IrModule, validate: boolean, settled?: SettledBlocks): boolean {
  const changed = pass.run(module, settled);
  if (changed && validate) {
    const fault = validateModule(module)[0];
    assert(fault === undefined, `after ${pass.name}: ${fault}`);
  }
  return changed;
}
