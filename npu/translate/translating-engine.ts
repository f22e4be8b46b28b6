import type { Core } from '../execution/core.ts';
import type { CoreEngine, ExecutionWorld } from '../execution/engine.ts';
import { chargeBudget } from '../execution/handler.ts';
import { executeNext, runCore } from '../execution/interpreter.ts';
import { BLOCK_WORDS } from '../execution/registers.ts';
import * as word from './pipeline-words.ts';
import { type Region, Translation } from './translation.ts';

/** Executions of an instruction by the interpreter that its translation costs, about. */
const WORTHWHILE_VISITS = 32;
/** Index of the cycle that a region counts from, among the floats. */
const NEXT_FLOAT = word.NEXT / 2;

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
  private readonly floats: Float64Array;
  /** Octet addresses of the cores' registers and local memories. */
  private readonly fileAddress: number;
  private readonly localAddress: number;

  constructor(world: ExecutionWorld, translation: Translation) {
    const { scratch } = world.coreMemory;
    this.world = world;
    this.translation = translation;
    this.scratch = scratch;
    this.floats = new Float64Array(scratch.buffer, scratch.byteOffset, scratch.length / 2);
    this.fileAddress = world.file.byteOffset;
    this.localAddress = world.local.byteOffset;
  }

  /** Executes what a core has to until a stay ends or pauses; others may have ended within a region before. */
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
    const { scratch, world } = this;
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
    this.floats[NEXT_FLOAT] = core.next;
    if (region.swaps) scratch[word.TURNS_UNTIL] = world.control.paused ? -1 : core.untilCycles;
    if (region.usesRareState) this.lendRareState(core);

    region.run(
      this.fileAddress + 4 * core.fileBase,
      this.localAddress + 4 * core.localBase,
      core.ready.byteOffset,
      block,
    );

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
    if (region.usesRareState) this.takeRareStateBack(core);
    if (region.swaps) this.takeSwaps(core);
    switch (scratch[word.ENDING]) {
      case word.ENDED_FOR_INTERPRETER:
        executeNext(world, core);
        break;
      case word.ENDED_WITH_SWAP:
        core.swapCycles = scratch[word.SWAP_CYCLES]!;
        core.swaps++;
        core.running = false;
        chargeBudget(world, core);
        break;
      case word.ENDED_AT_LIMIT:
        core.running = false;
        chargeBudget(world, core);
    }
  }

  /** What `leave` and `enter` of the interpreter do, for the stays that ended and began within the region. */
  private takeSwaps(core: Core): void {
    const { scratch } = this;
    const held = scratch[word.HELD]!;
    if (held !== 0) core.heldCommand = held - 1;
    const swaps = scratch[word.SWAPS]!;
    if (swaps === 0) return;
    const context = scratch[word.CONTEXT]!;
    const stay = scratch[word.STAY]!;
    core.swaps += swaps;
    core.busyCycles += scratch[word.BUSY]!;
    core.current = context;
    core.last = context;
    core.block = core.fileBase + context * BLOCK_WORDS;
    core.pipelineFree = core.next + scratch[word.FREE]!;
    core.next += stay;
    core.elapsed -= stay;
    if (core.conditionsAt >= 0) core.conditionsAt = core.elapsed;
    core.untilCycles -= stay;
    core.sharedCycles -= stay;
    core.budgetCycles = core.budget[context]! - core.used[context]!;
    core.stretchCycles = Math.min(core.untilCycles, core.budgetCycles) | 0;
  }

  private lendRareState(core: Core): void {
    const { scratch } = this;
    scratch[word.PRODUCT_LOW] = core.productLow;
    scratch[word.PRODUCT_HIGH] = core.productHigh;
    scratch[word.CSR_VALUE] = core.csrValue;
  }

  private takeRareStateBack(core: Core): void {
    const { scratch } = this;
    core.productLow = scratch[word.PRODUCT_LOW]!;
    core.productHigh = scratch[word.PRODUCT_HIGH]!;
    core.csrValue = scratch[word.CSR_VALUE]!;
  }
}
