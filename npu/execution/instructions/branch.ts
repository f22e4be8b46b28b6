import { clsRingState, ctmRingState } from '../commands/island-ring.ts';
import type { Core } from '../core.ts';
import { NEVER, SIGNALS } from '../core.ts';
import type { ExecutionWorld } from '../engine.ts';
import { type Handler, readB, takeBranch } from '../handler.ts';
import { NN_GET, NN_PUT } from '../index-registers.ts';
import { NEIGHBOUR_REGISTERS } from '../registers.ts';
import { retry } from './retry.ts';

/** A branch on the condition codes: dearer when the instruction just before has set them. */
function onCondition(holds: (core: Core) => boolean): Handler {
  return (world, core, i) => {
    if (holds(core)) {
      const { branchTakenCycles, branchTakenEarlyCycles } = world.profile.costs;
      const late = core.conditionsAt === core.issue;
      takeBranch(world, core, i, world.program.x[i]!, late ? branchTakenCycles : branchTakenEarlyCycles);
    }
  };
}

/** Whether each condition holds, by the last four bits of its code in an instruction word (GNU nfp-dis.c). */
export const CONDITIONS: readonly ((core: Core) => boolean)[] = [
  (core) => core.conditionResult === 0,
  (core) => core.conditionResult !== 0,
  (core) => core.conditionResult < 0,
  (core) => core.conditionResult >= 0,
  (core) => core.carry !== 0,
  (core) => core.carry === 0,
  (core) => core.overflow !== 0,
  (core) => core.overflow === 0,
  (core) => core.conditionResult >>> 31 === core.overflow,
  (core) => core.conditionResult >>> 31 !== core.overflow,
  (core) => core.conditionResult === 0 || core.conditionResult >>> 31 !== core.overflow,
  (core) => core.conditionResult !== 0 && core.conditionResult >>> 31 === core.overflow,
];

export const branchIfEqual = onCondition((core) => core.conditionResult === 0);
export const branchIfNotEqual = onCondition((core) => core.conditionResult !== 0);
export const branchIfMinus = onCondition((core) => core.conditionResult < 0);
export const branchIfPlus = onCondition((core) => core.conditionResult >= 0);
export const branchIfCarry = onCondition((core) => core.carry !== 0);
export const branchIfNoCarry = onCondition((core) => core.carry === 0);
export const branchIfOverflow = onCondition((core) => core.overflow !== 0);
export const branchIfNoOverflow = onCondition((core) => core.overflow === 0);
export const branchIfGreaterOrEqual = onCondition((core) => core.conditionResult >>> 31 === core.overflow);
export const branchIfLess = onCondition((core) => core.conditionResult >>> 31 !== core.overflow);
export const branchIfLessOrEqual = onCondition(
  (core) => core.conditionResult === 0 || core.conditionResult >>> 31 !== core.overflow,
);
export const branchIfGreater = onCondition(
  (core) => core.conditionResult !== 0 && core.conditionResult >>> 31 === core.overflow,
);

/** `br`. */
export const branch: Handler = (world, core, i) => takeEarly(world, core, i);

export const branchIfContext: Handler = (world, core, i) => {
  if (world.program.y[i] === core.current) takeEarly(world, core, i);
};

export const branchIfOtherContext: Handler = (world, core, i) => {
  if (world.program.y[i] !== core.current) takeEarly(world, core, i);
};

export const branchIfSignal: Handler = (world, core, i) => {
  if (takeSignal(core, world.program.y[i]!)) takeEarly(world, core, i);
};

export const branchIfNoSignal: Handler = (world, core, i) => {
  if (!takeSignal(core, world.program.y[i]!)) takeEarly(world, core, i);
};

export const branchIfInputState: Handler = (world, core, i) => {
  if (isTooEarly(world, core, i)) return;
  if (inputState(world, core, world.program.y[i]!)) takeEarly(world, core, i);
};

export const branchIfNotInputState: Handler = (world, core, i) => {
  if (isTooEarly(world, core, i)) return;
  if (!inputState(world, core, world.program.y[i]!)) takeEarly(world, core, i);
};

export const branchIfBit: Handler = (world, core, i) => {
  if (((readB(world, core, i) >>> world.program.y[i]!) & 1) !== 0) takeLate(world, core, i);
};

export const branchIfNoBit: Handler = (world, core, i) => {
  if (((readB(world, core, i) >>> world.program.y[i]!) & 1) === 0) takeLate(world, core, i);
};

export const branchIfOctet: Handler = (world, core, i) => {
  const what = world.program.y[i]!;
  if (((readB(world, core, i) >>> ((what >>> 8) * 8)) & 0xff) === (what & 0xff)) takeLate(world, core, i);
};

export const branchIfOtherOctet: Handler = (world, core, i) => {
  const what = world.program.y[i]!;
  if (((readB(world, core, i) >>> ((what >>> 8) * 8)) & 0xff) !== (what & 0xff)) takeLate(world, core, i);
};

/** `jump`, `rtn`: to base + register. */
export const jump: Handler = (world, core, i) => {
  const target = (readB(world, core, i) + world.program.x[i]!) >>> 0;
  if (target < world.program.length) {
    takeBranch(world, core, i, target, world.profile.costs.branchTakenCycles);
    return;
  }
  core.fault ??= { kind: 'bad-jump', instruction: i, memory: 'code', address: target };
  core.running = false;
};

/** The place behind the last instruction, and whatever else no program may reach. */
export const endOfCode: Handler = (_world, core, i) => {
  core.fault ??= { kind: 'bad-jump', instruction: i, memory: 'code', address: i };
  core.running = false;
};

function takeEarly(world: ExecutionWorld, core: Core, i: number): void {
  takeBranch(world, core, i, world.program.x[i]!, world.profile.costs.branchTakenEarlyCycles);
}

function takeLate(world: ExecutionWorld, core: Core, i: number): void {
  takeBranch(world, core, i, world.program.x[i]!, world.profile.costs.branchTakenCycles);
}

/** Whether a signal has come; testing it consumes it. */
function takeSignal(core: Core, signal: number): boolean {
  const at = core.current * SIGNALS + signal;
  if (core.signals[at]! > core.now) return false;
  core.signals[at] = NEVER;
  return true;
}

/** The state of a ring is what commands of all cores make it: a branch on it waits for its turn, as they do. */
function isTooEarly(world: ExecutionWorld, core: Core, i: number): boolean {
  if (world.program.y[i]! < CTM_RING_STATE || core.issue <= core.sharedCycles) return false;
  retry(core, i, core.issue);
  return true;
}

/** State `y`: 0 nn_empty, 1 nn_full; then the rings of CTM, from 0x100 on those of CLS. */
const CTM_RING_STATE = 2;
export const CLS_RING_STATE = 0x100;

/** *Inferred*: the next-neighbour ring is full when one more word would make it look empty. */
function inputState(world: ExecutionWorld, core: Core, state: number): boolean {
  if (state >= CLS_RING_STATE) return clsRingState(world.rings.cls[core.island]!, state - CLS_RING_STATE);
  if (state >= CTM_RING_STATE) return ctmRingState(world.rings.ctm[core.island]!, state - CTM_RING_STATE);
  const put = core.indexes[NN_PUT]! + state;
  return (put & (NEIGHBOUR_REGISTERS - 1)) === core.indexes[NN_GET];
}
