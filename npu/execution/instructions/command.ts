import { COMMAND_SEND } from '../commands/action.ts';
import { executeCommand } from '../commands/execute.ts';
import { overriddenContext, overriddenSignal } from '../commands/override.ts';
import type { CommandPlan } from '../commands/plan.ts';
import type { Core } from '../core.ts';
import { NEVER } from '../core.ts';
import type { ExecutionWorld } from '../engine.ts';
import { chargeBudget, continueAt, type Handler, readA, readB } from '../handler.ts';
import * as op from '../opcodes.ts';
import { waitForEvents } from './arbitration.ts';
import { retry } from './retry.ts';

/**
 * `mem`, `cls`: what cores share is touched here, so a command that comes after what the core may do alone waits for its
 * turn. One that swaps is only noted; the swap place carries it out.
 */
export const command: Handler = (world, core, i) => {
  const { profile, program } = world;
  const { costs } = profile;
  const plan = program.commands[program.x[i]!]!;
  if (plan.action === COMMAND_SEND && !core.sendPrepared) {
    core.sendPrepared = true;
    core.elapsed += profile.packet.sendCoreCycles;
  }
  // Two blocking commands of one core keep a distance; the pipeline stands still meanwhile.
  if (plan.swap && core.blockingFree > core.next + core.elapsed - costs.instructionCycles) {
    core.elapsed = core.blockingFree - core.next + costs.instructionCycles;
  }
  if (core.fault !== undefined) {
    core.running = false;
    return;
  }
  const issue = core.elapsed - costs.instructionCycles;
  if (issue > core.sharedCycles) {
    retry(core, i, issue);
    return;
  }
  core.issue = issue;
  const a = readA(world, core, i);
  const b = readB(world, core, i);
  if (!plan.swap) {
    issueCommand(world, core, plan, i, a, b, core.previous, core.next + issue);
    return;
  }
  core.blockingFree =
    core.next + issue + (plan.shifted ? costs.blockingSpacing40Cycles : costs.blockingSpacing32Cycles);
  core.heldCommand = i;
  core.heldA = a;
  core.heldB = b;
  core.heldPrevious = core.previous;
  continueAt(core, program.swapPlace, plan.defer);
};

/** The swap place: the deferred instructions are done. It is no instruction of the program and takes no cycle. */
export const swapContext: Handler = (world, core, i) => {
  const { program, profile } = world;
  core.elapsed = core.issue;
  const held = core.heldCommand;
  let slots: number;
  if (program.op[held] === op.OP_COMMAND) {
    const plan = program.commands[program.x[held]!]!;
    // The data of a write is fetched after the deferred instructions, which may still fill it in.
    if (plan.defer !== 0 && core.issue > core.sharedCycles) {
      retry(core, i, core.issue);
      return;
    }
    if (!swapOnCommand(world, core, plan, held)) return;
    slots = plan.defer;
  } else {
    waitForEvents(world, core, held, core.now);
    slots = program.defer[held]!;
  }
  core.swapCycles = Math.max(0, profile.costs.contextSwapCycles - slots);
  core.swaps++;
  core.running = false;
  chargeBudget(world, core);
};

/** @returns false on a fault */
function swapOnCommand(world: ExecutionWorld, core: Core, plan: CommandPlan, held: number): boolean {
  const { instructionCycles } = world.profile.costs;
  const { current, now } = core;
  const cycle = now - (plan.defer === 0 ? instructionCycles : 0);
  const done = executeCommand(world, core, current, plan, held, core.heldA, core.heldB, core.heldPrevious, cycle);
  core.sendPrepared = false;
  if (done < 0) {
    core.running = false;
    return false;
  }
  core.pc[current] = held + 1 + plan.defer;
  if (plan.signal === 0) {
    core.ready[current] = now;
    return true;
  }
  // The command was on its way while the deferred instructions ran.
  const seen = Math.max(done - plan.defer * instructionCycles, now);
  raiseSignals(core, plan, core.heldPrevious, seen);
  const events = (1 << plan.signal) | (plan.pair ? 1 << (plan.signal ^ 1) : 0);
  core.wakeEvents[current] = events & ~1;
  core.waitForAll(current, events & ~1);
  if (seen !== NEVER) core.waitCycles += seen - cycle;
  return true;
}

function issueCommand(
  world: ExecutionWorld,
  core: Core,
  plan: CommandPlan,
  i: number,
  a: number,
  b: number,
  previous: number,
  cycle: number,
): void {
  const done = executeCommand(world, core, core.current, plan, i, a, b, previous, cycle);
  if (done < 0) core.running = false;
  else raiseSignals(core, plan, previous, done);
}

/** *Inferred*: both signals of a pair come when the command is done. */
function raiseSignals(core: Core, plan: CommandPlan, override: number, cycle: number): void {
  const { current } = core;
  const signal = plan.indirect ? overriddenSignal(core, override, plan.signal) : plan.signal;
  const context = plan.indirect ? overriddenContext(core, override, current) : current;
  core.raise(context, signal, cycle);
  if (plan.pair && signal !== 0) core.raise(context, signal ^ 1, cycle);
}
