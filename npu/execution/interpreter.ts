import type { Core } from './core.ts';
import type { CoreEngine, ExecutionWorld } from './engine.ts';
import { HANDLERS } from './instructions/table.ts';
import { BLOCK_WORDS } from './registers.ts';

/**
 * Longest stretch of one call, so that a core that runs alone comes back now and then: a function that never returns is
 * never fully optimised by V8.
 */
const STRETCH_CYCLES = 2 ** 16;

/** The interpreter: one handler an operation, one instruction at a time. The oracle for any faster engine. */
export const interpretCore: CoreEngine = (world, core, until, sharedUntil) => {
  runCore(world, core, until, sharedUntil, runInstructions);
};

/**
 * Lets the contexts of a core have the pipeline in turn. What they do there is up to `run`: from `core.place` on it
 * executes instructions until `core.running` is false.
 */
export function runCore(
  world: ExecutionWorld,
  core: Core,
  until: number,
  sharedUntil: number,
  run: (world: ExecutionWorld, core: Core) => void,
): void {
  if (core.current < 0) core.arbitrate(core.next, until);
  while (core.current >= 0) {
    enter(core, until, sharedUntil);
    run(world, core);
    leave(core);
    if (core.fault !== undefined) stopRequest(world, core);
    else if (core.swapCycles < 0) return;
    core.slots = 0;
    core.arbitrate(core.next + Math.max(0, core.swapCycles), until);
    if (world.control.paused) return;
  }
}

function runInstructions(world: ExecutionWorld, core: Core): void {
  while (core.running) executeNext(world, core);
}

/** Executes the instruction at `core.place`. */
export function executeNext(world: ExecutionWorld, core: Core): void {
  const { program } = world;
  const i = core.place;
  core.place = i + 1;
  core.slotsBefore = core.slots;
  if (core.slots !== 0 && --core.slots === 0) core.place = core.slotTarget;
  core.issue = core.elapsed;
  core.elapsed += world.profile.costs.instructionCycles;
  HANDLERS[program.op[i]!]!(world, core, i);
}

/** The current context has the pipeline from `core.next` on; cycles are counted from there in small integers. */
function enter(core: Core, until: number, sharedUntil: number): void {
  const context = core.current;
  core.block = core.fileBase + context * BLOCK_WORDS;
  core.place = core.pc[context]!;
  core.sharedCycles = stretchOf(sharedUntil - core.next);
  core.budgetCycles = core.budget[context]! - core.used[context]!;
  core.untilCycles = stretchOf(until - core.next);
  core.stretchCycles = stretchOf(Math.min(core.untilCycles, core.budgetCycles));
  core.elapsed = core.wakeCycles[context]!;
  core.wakeCycles[context] = 0;
  core.conditionsAt = -1;
  core.swapCycles = -1;
  core.running = true;
}

/** Puts the cycles to account; a context that only paused goes on where it was. */
function leave(core: Core): void {
  const context = core.current;
  core.busyCycles += core.elapsed;
  core.used[context]! += core.elapsed;
  core.next += core.elapsed;
  if (core.swapCycles < 0) core.pc[context] = core.place;
}

/** The request ends here; the context starts afresh, or never again if it did not even reach its receive command. */
function stopRequest(world: ExecutionWorld, core: Core): void {
  const context = core.current;
  world.onFault(core, context, core.next);
  core.fault = undefined;
  core.sendPrepared = false;
  if (core.received[context] === 1) core.startContext(context, world.entry, core.next);
  else core.killContext(context);
}

/** A distance in cycles as a small integer, so that the loop's arithmetic stays in integers. */
function stretchOf(cycles: number): number {
  return Math.max(-1, Math.min(cycles, STRETCH_CYCLES)) | 0;
}
