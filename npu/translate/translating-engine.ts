import type { Core } from '../execution/core.ts';
import type { CoreEngine, ExecutionWorld } from '../execution/engine.ts';
import { chargeBudget } from '../execution/handler.ts';
import { executeNext, runCore } from '../execution/interpreter.ts';
import * as word from './pipeline-words.ts';
import { type Region, Translation } from './translation.ts';

/**
 * An engine that translates what it runs to WebAssembly, a region at a time, when it is first reached. What has no
 * translation (`translatable.ts`) the interpreter executes, instruction by instruction, in between. One engine serves
 * one NPU: regions work on its memory.
 */
export function createTranslatingEngine(): CoreEngine {
  let world: ExecutionWorld | undefined;
  let run = (_world: ExecutionWorld, _core: Core): void => undefined;
  return (current, core, until, sharedUntil) => {
    if (current !== world) {
      world = current;
      const translation = new Translation(world.program, world.profile.costs, world.coreMemory.memory);
      run = (inWorld, onCore) => runTranslated(translation, inWorld, onCore);
    }
    runCore(current, core, until, sharedUntil, run);
  };
}

function runTranslated(translation: Translation, world: ExecutionWorld, core: Core): void {
  const { regions, untranslated } = translation;
  while (core.running) {
    const { place } = core;
    // Deferred instructions of what the interpreter executes are its own, too.
    if (core.slots !== 0 || untranslated[place] === 1) {
      executeNext(world, core);
      continue;
    }
    const region = regions[place] ?? translation.translate(place);
    enterRegion(region, translation.blocks[place]!, world, core);
  }
}

/** Hands the pipeline to a region and takes it back: the words of `pipeline-words.ts`. */
function enterRegion(region: Region, block: number, world: ExecutionWorld, core: Core): void {
  const { coreMemory, file, local } = world;
  const { scratch } = coreMemory;
  scratch[word.CYCLE] = core.elapsed;
  // A pending fault stops the request at the next taken branch.
  scratch[word.LIMIT] = core.fault === undefined ? core.stretchCycles : -1;
  scratch[word.RESULT] = core.conditionResult;
  scratch[word.CARRY] = core.carry;
  scratch[word.OVERFLOW] = core.overflow;
  scratch[word.FRESH] = core.conditionsAt === core.elapsed ? 1 : 0;
  scratch[word.PREVIOUS] = core.previous;
  scratch[word.PREVIOUS_A] = core.previousA;
  scratch[word.PRODUCT_LOW] = core.productLow;
  scratch[word.PRODUCT_HIGH] = core.productHigh;
  scratch[word.CSR_VALUE] = core.csrValue;
  scratch[word.CONTEXT] = core.current;
  if (region.pointers.length > 0) lendPointers(region.pointers, world, core);

  region.run(file.byteOffset + 4 * core.block, local.byteOffset + 4 * core.localBase, block);

  core.elapsed = scratch[word.CYCLE]!;
  core.place = scratch[word.PLACE]!;
  core.slots = scratch[word.SLOTS]!;
  core.slotTarget = scratch[word.SLOT_TARGET]!;
  core.conditionResult = scratch[word.RESULT]!;
  core.carry = scratch[word.CARRY]!;
  core.overflow = scratch[word.OVERFLOW]!;
  core.conditionsAt = scratch[word.FRESH] === 1 ? core.elapsed : -1;
  core.previous = scratch[word.PREVIOUS]!;
  core.previousA = scratch[word.PREVIOUS_A]!;
  core.productLow = scratch[word.PRODUCT_LOW]!;
  core.productHigh = scratch[word.PRODUCT_HIGH]!;
  core.csrValue = scratch[word.CSR_VALUE]!;
  if (region.pointers.length > 0) takePointersBack(region.pointers, world, core);
  const ending = scratch[word.ENDING];
  if (ending === word.ENDED_FOR_INTERPRETER) executeNext(world, core);
  else if (ending === word.ENDED_AT_LIMIT) {
    core.running = false;
    chargeBudget(world, core);
  }
}

function lendPointers(pointers: readonly number[], world: ExecutionWorld, core: Core): void {
  const { scratch } = world.coreMemory;
  for (const pointer of pointers) {
    const at = core.current * 4 + pointer;
    scratch[word.POINTER + pointer] = core.localPointer[at]!;
    scratch[word.POINTER_OLD + pointer] = core.localPointerOld[at]!;
    scratch[word.POINTER_SETTLED + pointer] = settledCycle(world, core, at);
  }
}

function takePointersBack(pointers: readonly number[], world: ExecutionWorld, core: Core): void {
  const { scratch } = world.coreMemory;
  for (const pointer of pointers) {
    const at = core.current * 4 + pointer;
    core.localPointer[at] = scratch[word.POINTER + pointer]!;
    core.localPointerOld[at] = scratch[word.POINTER_OLD + pointer]!;
    const settled = scratch[word.POINTER_SETTLED + pointer]!;
    // A cycle that has not been written anew may lie too far back for a small integer.
    if (settled !== settledCycle(world, core, at)) {
      core.localPointerWritten[at] = core.next + settled - world.profile.costs.localMemoryPointerCycles;
    }
  }
}

/** Last cycle, counted as `core.elapsed` is, in which the value before the last written one counts; -1: long ago. */
function settledCycle(world: ExecutionWorld, core: Core, at: number): number {
  return Math.max(-1, core.localPointerWritten[at]! + world.profile.costs.localMemoryPointerCycles - core.next);
}
