import type { Core } from '../execution/core.ts';
import type { CoreEngine, ExecutionWorld } from '../execution/engine.ts';
import { chargeBudget } from '../execution/handler.ts';
import { executeNext, runCore } from '../execution/interpreter.ts';
import * as word from './pipeline-words.ts';
import { type Region, Translation } from './translation.ts';

/** Executions of an instruction by the interpreter that its translation costs, about. */
const WORTHWHILE_VISITS = 32;

/**
 * An engine that translates what it runs to WebAssembly, a region at a time, when it has been reached a few times. What has no
 * translation (`translatable.ts`) the interpreter executes, instruction by instruction, in between. One engine serves
 * one NPU: regions work on its memory.
 * @param worthwhileVisits of an instruction before a region is made that begins there, 1 to 255
 */
export function createTranslatingEngine(worthwhileVisits = WORTHWHILE_VISITS): CoreEngine {
  let world: ExecutionWorld | undefined;
  let run = (_world: ExecutionWorld, _core: Core): void => undefined;
  return (current, core, until, sharedUntil) => {
    if (current !== world) {
      world = current;
      const translation = new Translation(
        world.program,
        world.profile.costs,
        world.coreMemory.memory,
        worthwhileVisits,
      );
      const runner = new RegionRunner(world, translation);
      run = (_world, onCore) => runner.run(onCore);
    }
    runCore(current, core, until, sharedUntil, run);
  };
}

/** Lets regions and the interpreter take turns at a core's pipeline. */
class RegionRunner {
  private readonly world: ExecutionWorld;
  private readonly translation: Translation;
  private readonly scratch: Int32Array;
  /** Octet addresses of the cores' registers and local memories. */
  private readonly fileAddress: number;
  private readonly localAddress: number;

  constructor(world: ExecutionWorld, translation: Translation) {
    this.world = world;
    this.translation = translation;
    this.scratch = world.coreMemory.scratch;
    this.fileAddress = world.file.byteOffset;
    this.localAddress = world.local.byteOffset;
  }

  /** Executes the current context of a core until its stay ends or pauses. */
  run(core: Core): void {
    const { world, translation } = this;
    while (core.running) {
      const { place } = core;
      // Deferred instructions of what the interpreter executes are its own, too.
      const region = core.slots === 0 ? translation.regionAt(place) : undefined;
      if (region === undefined) executeNext(world, core);
      else this.enter(region, translation.blocks[place]!, core);
    }
  }

  /** Hands the pipeline to a region and takes it back: the words of `pipeline-words.ts`. */
  private enter(region: Region, block: number, core: Core): void {
    const { scratch } = this;
    scratch[word.CYCLE] = core.elapsed;
    // A pending fault stops the request at the next taken branch.
    scratch[word.LIMIT] = core.fault === undefined ? core.stretchCycles : -1;
    scratch[word.RESULT] = core.conditionResult;
    scratch[word.CARRY] = core.carry;
    scratch[word.OVERFLOW] = core.overflow;
    scratch[word.FRESH] = core.conditionsAt === core.elapsed ? 1 : 0;
    scratch[word.PREVIOUS] = core.previous;
    scratch[word.PREVIOUS_A] = core.previousA;
    scratch[word.CONTEXT] = core.current;
    if (region.usesRareState) this.lendRareState(region, core);

    region.run(this.fileAddress + 4 * core.block, this.localAddress + 4 * core.localBase, block);

    const elapsed = scratch[word.CYCLE]!;
    core.elapsed = elapsed;
    core.place = scratch[word.PLACE]!;
    core.slots = scratch[word.SLOTS]!;
    core.slotTarget = scratch[word.SLOT_TARGET]!;
    core.conditionResult = scratch[word.RESULT]!;
    core.carry = scratch[word.CARRY]!;
    core.overflow = scratch[word.OVERFLOW]!;
    core.conditionsAt = scratch[word.FRESH] === 1 ? elapsed : -1;
    core.previous = scratch[word.PREVIOUS]!;
    core.previousA = scratch[word.PREVIOUS_A]!;
    if (region.usesRareState) this.takeRareStateBack(region, core);
    const held = scratch[word.HELD]!;
    if (held !== 0) core.heldCommand = held - 1;
    const ending = scratch[word.ENDING];
    if (ending === word.ENDED_FOR_INTERPRETER) executeNext(this.world, core);
    else if (ending === word.ENDED_AT_LIMIT) {
      core.running = false;
      chargeBudget(this.world, core);
    }
  }

  private lendRareState(region: Region, core: Core): void {
    const { world, scratch } = this;
    scratch[word.PRODUCT_LOW] = core.productLow;
    scratch[word.PRODUCT_HIGH] = core.productHigh;
    scratch[word.CSR_VALUE] = core.csrValue;
    for (const pointer of region.pointers) {
      const at = core.current * 4 + pointer;
      scratch[word.POINTER + pointer] = core.localPointer[at]!;
      scratch[word.POINTER_OLD + pointer] = core.localPointerOld[at]!;
      scratch[word.POINTER_SETTLED + pointer] = settledCycle(world, core, at);
    }
  }

  private takeRareStateBack(region: Region, core: Core): void {
    const { world, scratch } = this;
    core.productLow = scratch[word.PRODUCT_LOW]!;
    core.productHigh = scratch[word.PRODUCT_HIGH]!;
    core.csrValue = scratch[word.CSR_VALUE]!;
    for (const pointer of region.pointers) {
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
}

/** Last cycle, counted as `core.elapsed` is, in which the value before the last written one counts; -1: long ago. */
function settledCycle(world: ExecutionWorld, core: Core, at: number): number {
  return Math.max(-1, core.localPointerWritten[at]! + world.profile.costs.localMemoryPointerCycles - core.next);
}
