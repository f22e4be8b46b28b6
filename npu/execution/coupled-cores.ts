import type { Core } from './core.ts';
import type { CoreEngine, ExecutionWorld } from './engine.ts';
import { executeNext, runCore } from './interpreter.ts';

/**
 * Cores whose programs reach into one another. Nothing comes from another core sooner than `couplingCycles` after its
 * command (`commands/cluster.ts`), so a core may run that far ahead of the slowest, and no instruction further. What
 * others sent is there when the cycle of its arrival has come.
 */
export class Coupling {
  /** Cores whose last instruction set the condition codes, which a pause must not make older. */
  private readonly codesJustSet = new Set<Core>();

  /** A stay in the pipeline begins or goes on. */
  begin(core: Core): void {
    if (this.codesJustSet.delete(core)) core.conditionsAt = core.elapsed;
  }

  /** Whether the next instruction may be executed yet; what has arrived by then is there. */
  goesOn(world: ExecutionWorld, core: Core, until: number): boolean {
    const cycle = core.next + core.elapsed;
    // A command that swaps is carried out in the cycle of its issue, or at its place among those of other cores.
    if (cycle > until && core.place !== world.program.swapPlace) return false;
    world.mail.deliver(core, cycle);
    return true;
  }

  /** The stay has ended, or pauses. */
  end(core: Core): void {
    const pauses = core.swapCycles < 0 && core.fault === undefined;
    if (pauses && core.conditionsAt === core.elapsed) this.codesJustSet.add(core);
  }
}

/** The interpreter for such cores. */
export function coupledEngine(): CoreEngine {
  const coupling = new Coupling();
  return (world, core, until, sharedUntil) => {
    runCore(world, core, until, sharedUntil, () => {
      coupling.begin(core);
      while (core.running && coupling.goesOn(world, core, until)) executeNext(world, core);
      coupling.end(core);
    });
  };
}
