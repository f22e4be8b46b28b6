import type { Core } from './core.ts';
import type { ExecutionWorld } from './engine.ts';
import { readSpecial, writeSpecial } from './operands.ts';
import { SPECIAL } from './registers.ts';

/**
 * Executes one instruction of the running context. `core.place`, `core.issue` and `core.elapsed` are already those of
 * the instruction behind it, as if it neither branched nor took longer than one instruction does; a handler changes what
 * is different. Nothing is checked that `prepareProgram` has checked.
 * @param i index of the instruction in the program's arrays
 */
export type Handler = (world: ExecutionWorld, core: Core, i: number) => void;

/** Operand A of an instruction; for local memory and the indexed registers also the step of their pointer. */
export function readA(world: ExecutionWorld, core: Core, i: number): number {
  const code = world.program.a[i]!;
  return code < SPECIAL ? world.file[core.block + code]! : readSpecial(world, core, code, i);
}

export function readB(world: ExecutionWorld, core: Core, i: number): number {
  const code = world.program.b[i]!;
  return code < SPECIAL ? world.file[core.block + code]! : readSpecial(world, core, code, i);
}

/** Puts a result into the destination; the condition codes stay. */
export function writeResult(world: ExecutionWorld, core: Core, i: number, result: number): void {
  core.previous = result;
  const code = world.program.destination[i]!;
  if (code < SPECIAL) world.file[core.block + code] = result;
  else writeSpecial(world, core, code, result, i);
}

/** As `writeResult`; N and Z come from the result, unless the instruction keeps the codes. */
export function writeResultAndCodes(
  world: ExecutionWorld,
  core: Core,
  i: number,
  result: number,
  carry: number,
  overflow: number,
): void {
  if (world.program.keepConditionCodes[i] === 0) {
    core.conditionResult = result;
    core.carry = carry;
    core.overflow = overflow;
    core.conditionsAt = core.elapsed;
  }
  writeResult(world, core, i, result);
}

/** What comes before a branch is done; the instructions behind it in its defer slots execute first. */
export function continueAt(core: Core, target: number, slots: number): void {
  if (slots === 0) core.place = target;
  else {
    core.slots = slots;
    core.slotTarget = target;
  }
}

/**
 * Takes a branch: cycles that no deferred instruction fills are lost. Here a request can be stopped, and here a run of
 * one core ends when it has lasted long enough.
 * @param takenCycles of the branch with nothing in its slots
 */
export function takeBranch(world: ExecutionWorld, core: Core, i: number, target: number, takenCycles: number): void {
  const slots = world.program.defer[i]!;
  const lost = takenCycles - 1 - slots;
  if (lost > 0) core.elapsed += lost;
  continueAt(core, target, slots);
  if (core.elapsed <= core.stretchCycles && core.fault === undefined) return;
  core.running = false;
  chargeBudget(world, core);
}

/** Faults a request that has used more core cycles than it may. */
export function chargeBudget(world: ExecutionWorld, core: Core): void {
  if (core.elapsed <= core.budgetCycles || core.fault !== undefined) return;
  const kind = core.budget[core.current] === world.profile.packet.watchdogCycles ? 'watchdog' : 'cycle-budget';
  core.fault = { kind, instruction: core.place, memory: 'code', address: core.place };
}
